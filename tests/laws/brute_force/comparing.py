"""Rules 6 and 7 of the design: what plans cost beside each other, where prices are missing too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from advisor.model import ZERO, Consistency, Event, Line, LineKind, Meter, Need, PointTier
from advisor.options import OPTIONS
from advisor.options.case import Case
from advisor.prices.pricing import Pricer
from tests.laws.brute_force.judging import Plan, judge, survives

TIE_USD = Decimal("0.50")
TIE_SHARE, TIE_AT_MOST_USD = Decimal("0.05"), Decimal(2)
SAVING_SHARE, SAVING_USD = Decimal("0.10"), Decimal(5)
DEARER_THAN_KNOWN = Decimal("1.5")
INFINITE = Decimal("Infinity")
KNOWN_NOWHERE = Decimal(10**9)  #: what a meter of which nothing is known counts in an estimate
_ORDER = {option.name: place for place, option in enumerate(OPTIONS)}


class Lacking(NamedTuple):
    """A price that is missing."""

    meter: Meter
    unit: str


def counted(plan: Plan) -> Iterator[Line]:
    for part in plan:
        for line in part.lines:
            if line.usage.kind in (LineKind.RECURRING, LineKind.DRILL):
                yield line


def known_usd(plan: Plan) -> Decimal:
    """The likely amount of the lines that have a price."""
    return sum((line.monthly.likely for line in counted(plan) if line.monthly), ZERO)


def lacking(plan: Plan) -> dict[Lacking, Decimal | None]:
    """What has no price, and how much of it; None: not known how much."""
    found: dict[Lacking, Decimal | None] = {}
    for line in counted(plan):
        if line.monthly is not None or line.usage.optional:
            continue
        which = Lacking(line.usage.meter, line.usage.unit)
        quantity, so_far = line.usage.quantity, found.get(which, ZERO)
        known = quantity is not None and so_far is not None
        found[which] = so_far + quantity.likely if known else None  # type: ignore[operator, union-attr]
    return found


def complete(plan: Plan) -> bool:
    return not lacking(plan)


def likely_usd(plan: Plan) -> Decimal | None:
    return known_usd(plan) if complete(plan) else None


def most_more(one: Plan, other: Plan, usd: Pricer) -> Decimal:
    """How much dearer `one` is than `other` at most; negative: it is surely cheaper.

    What both lack cancels as far as both want it.
    """
    mine, theirs = lacking(one), lacking(other)
    difference = known_usd(one) - known_usd(other)
    for which in {**mine, **theirs}:
        here, there = mine.get(which, ZERO), theirs.get(which, ZERO)
        if here is None or there is None:
            if here is None and there is None:
                continue
            if here is None:
                return INFINITE
            continue
        known = usd.known_anywhere(which.meter, which.unit)
        if here > there:
            if known is None:
                return INFINITE
            difference += (here - there) * known.dearest * DEARER_THAN_KNOWN
        elif known is not None:
            difference -= (there - here) * known.cheapest
    return difference


def saves(before: Plan, after: Plan, usd: Pricer, more_in_a_year: Decimal = ZERO) -> bool:
    """Whether it saves more than the threshold over twelve months; no saving is guessed at."""
    if lacking(before) or lacking(after):
        return False
    saved = -most_more(after, before, usd) * 12 - more_in_a_year
    total = known_usd(before) * 12
    return saved > SAVING_USD * 12 and saved > SAVING_SHARE * total


def cheapest(plans: list[Plan], need: Need, case: Case, usd: Pricer) -> Plan | None:
    """Of all that are proven to cost as good as the cheapest the better one; None: unproven.

    Of one set of options the estimate decides, but nothing that has all its prices is given up
    for what could turn out dearer.
    """
    families: dict[tuple[str, ...], list[Plan]] = {}
    for plan in plans:
        families.setdefault(tuple(part.option for part in plan), []).append(plan)
    enough = {id(plan[0]) for plan in plans if len(plan) == 1}
    proven = []
    for options, members in families.items():
        rest = (each for name, each in families.items() if name != options)
        others = [one for each in rest for one in _bounded(each, usd) if _is_needed(one, enough)]
        for plan in _least(members, need, case, usd):
            if all(_ties(plan, other, usd) for other in others):
                proven.append(plan)
    worth = [one for one in proven if not any(_dominates(two, one) for two in proven)]
    return min(worth, key=_better(need, case, usd), default=None)


def _is_needed(plan: Plan, enough: set[int]) -> bool:
    """Whether no part of it would do alone: two are never cheaper than the one."""
    return len(plan) == 1 or not any(id(part) in enough for part in plan)


def _bounded(members: list[Plan], usd: Pricer) -> list[Plan]:
    """Without what lacks a price that is known nowhere, where there is something else: that bounds
    nothing, and is named beside."""
    bounded = [plan for plan in members if _guess(plan, usd) < KNOWN_NOWHERE]
    return bounded or members


def _least(members: list[Plan], need: Need, case: Case, usd: Pricer) -> list[Plan]:
    """Of the same options those that the estimate calls as good as the cheapest."""
    guesses = [(_guess(plan, usd), plan) for plan in members]
    least = min(guess for guess, _ in guesses)
    alike = [plan for guess, plan in guesses if guess <= least + _tie(least)]
    sure = [plan for plan in members if complete(plan)]
    proven = [
        plan for plan in alike if complete(plan) or all(_ties(plan, other, usd) for other in sure)
    ]
    if least >= KNOWN_NOWHERE:  # nothing tells them apart but how plain they are
        return [min(alike, key=_better(need, case, usd))]
    return proven or _least(sure, need, case, usd)


def _tie(amount: Decimal) -> Decimal:
    return max(TIE_USD, min(TIE_AT_MOST_USD, TIE_SHARE * amount))


def _ties(plan: Plan, other: Plan, usd: Pricer) -> bool:
    """Whether it costs no more than a tie above the other, however its missing prices turn out."""
    return most_more(plan, other, usd) <= _tie(_at_least_usd(other, usd))


def _at_least_usd(plan: Plan, usd: Pricer) -> Decimal:
    """With all that is missing at the cheapest price known."""
    total = known_usd(plan)
    for which, quantity in lacking(plan).items():
        known = usd.known_anywhere(which.meter, which.unit)
        if known is not None and quantity is not None:
            total += quantity * known.cheapest
    return total


def _guess(plan: Plan, usd: Pricer) -> Decimal:
    total = known_usd(plan)
    for which, quantity in lacking(plan).items():
        known = usd.known_anywhere(which.meter, which.unit)
        if known is None or quantity is None:
            total += KNOWN_NOWHERE
        else:
            total += quantity * known.dearest
    return total


def _dominates(one: Plan, other: Plan) -> bool:
    """The same options, at least as good tier by tier, and cheaper at no size dearer."""
    if [part.option for part in one] != [part.option for part in other]:
        return False
    if any(part.found for part in other) or lacking(one) or lacking(other):
        return False
    costs = [_range_usd(plan) for plan in (one, other)]
    if costs[0] == costs[1] or any(a > b for a, b in zip(*costs, strict=True)):
        return False
    return all(
        any(at_least(mine, tier) for mine in ours.tiers)
        for ours, theirs in zip(one, other, strict=True)
        for tier in theirs.tiers
    )


def at_least(one: PointTier, other: PointTier) -> bool:
    return (
        set(one.events) >= set(other.events)
        and one.rpo <= other.rpo
        and one.rto.likely <= other.rto.likely
        and one.retention_days >= other.retention_days
        and one.consistency >= other.consistency
        and one.isolated >= other.isolated
        and one.left_out <= other.left_out
        and set(one.conditions) <= set(other.conditions)
        and one.sure_consistency == other.sure_consistency
    )


def _range_usd(plan: Plan) -> tuple[Decimal, Decimal, Decimal]:
    amounts = [line.monthly for line in counted(plan) if line.monthly]
    return (
        sum((each.low for each in amounts), ZERO),
        sum((each.likely for each in amounts), ZERO),
        sum((each.high for each in amounts), ZERO),
    )


def _better(need: Need, case: Case, usd: Pricer) -> Callable[[Plan], tuple[object, ...]]:
    """Among plans that cost the same: the order of rule 6, the best least."""

    def key(plan: Plan) -> tuple[object, ...]:
        judged = judge(plan, need, case)
        tiers = [tier for part in plan for tier in part.tiers]
        deletion = [tier for tier in tiers if Event.DELETION in tier.events]
        if need.deletion:
            consistency = max((tier.consistency for tier in deletion), default=Consistency.NONE)
        else:  # of a zone or region no more is asked than a pulled plug leaves
            level = max((tier.consistency for tier in tiers), default=Consistency.NONE)
            consistency = min(level, Consistency.CRASH)
        back = tuple(
            min((tier.rto.likely for tier in tiers if event in tier.events), default=None)
            for event in Event
            if need.of(event)
        )
        seconds = tuple(each.total_seconds() if each else float("inf") for each in back)
        events = [e for e in Event if any(survives(tier, e) for tier in tiers)]
        seldom = tuple(-tier.rpo.total_seconds() for tier in deletion)
        return (
            not all(part.found for part in plan),
            any(judged.met.values()),
            -consistency,
            seconds,
            -len(events),
            sum(seldom[:1]),
            len(plan),
            tuple((_ORDER[part.option], part.proposal.order) for part in plan),
            _guess(plan, usd),
        )

    return key


def covers_deletion(plan: Plan) -> bool:
    return any(Event.DELETION in tier.events for part in plan if part.serves for tier in part.tiers)


def in_order(plan: Plan) -> Plan:
    return tuple(sorted(plan, key=lambda part: _ORDER[part.option]))
