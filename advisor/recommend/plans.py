"""Plans: one option, or two that its row says make one, and which plan wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from advisor.model import ZERO, Assessment, Event, Plan, Verdict
from advisor.options import OPTIONS
from advisor.prices.pricing import COUNTED, together
from advisor.recommend.assess import rank

NEAREST_SHOWN = 3


class PlanChoice(NamedTuple):
    """The winner, or the nearest plans; and the rival that could still beat the winner."""

    winner: Plan | None
    nearest: tuple[Plan, ...] = ()
    rival: Plan | None = None


def choose(ranked: Sequence[Assessment], asked: tuple[Event, ...], currency: str) -> PlanChoice:
    """The winning plan, or None and the nearest ones.

    The cheapest complete plan that is allowed and meets the need; without a complete one, the
    one with the lowest floor. What is already in place wins a tie.
    """
    candidates = list(_candidates(ranked))
    meeting = [
        _plan(parts, asked, currency)
        for parts in candidates
        if all(part.proposal.verdict is Verdict.YES for part in parts)
        and len(_met(parts)) == len(asked)
    ]
    if meeting:
        winner = min(meeting, key=_cost)
        return PlanChoice(winner, rival=_rival(meeting, winner))
    plans = (_plan(parts, asked, currency) for parts in candidates)
    return PlanChoice(None, tuple(_distinct(sorted(plans, key=_nearness)))[:NEAREST_SHOWN])


def _rival(meeting: Sequence[Plan], winner: Plan) -> Plan | None:
    """A plan that lacks a price and could still be cheaper than the complete winner."""
    likely = winner.monthly.likely
    if likely is None:
        return None
    open_ones = [plan for plan in meeting if plan.monthly.missing and known_likely(plan) < likely]
    return min(open_ones, key=_cost, default=None)


def known_likely(plan: Plan) -> Decimal:
    """The likely cost of the lines that have a price: what an incomplete plan costs at least."""
    lines = (line for part in plan.parts for line in part.lines if line.usage.kind in COUNTED)
    return sum((line.monthly.likely for line in lines if line.monthly), ZERO)


def _candidates(ranked: Sequence[Assessment]) -> Iterator[tuple[Assessment, ...]]:
    """The best single of every kind, and the best pairs: enough to hold every winner."""
    best = _best_of_each(ranked)
    yield from ((single,) for single in best)
    for option in OPTIONS:
        firsts = [each for each in best if each.option == option.name]
        seconds = [each for each in best if each.option in option.makes_plans_with]
        yield from product(firsts, seconds)


def _best_of_each(ranked: Sequence[Assessment]) -> list[Assessment]:
    """The first of each option, set of events met, completeness and verdict; nothing forbidden.

    With equal option, events and verdict only the cheapest complete one and the lowest floor can
    be part of a winner, and `ranked` has them first.
    """
    best: dict[tuple[object, ...], Assessment] = {}
    for each in ranked:
        if each.proposal.verdict is Verdict.NO:
            continue
        key = (each.proposal.option, each.met, bool(each.monthly.missing), each.proposal.verdict)
        best.setdefault(key, each)
    return list(best.values())


def _met(parts: tuple[Assessment, ...]) -> frozenset[Event]:
    return parts[0].met if len(parts) == 1 else parts[0].met | parts[1].met


def _plan(parts: tuple[Assessment, ...], asked: tuple[Event, ...], currency: str) -> Plan:
    met = _met(parts)
    return Plan(
        parts=parts,
        monthly=parts[0].monthly
        if len(parts) == 1
        else together((part.monthly for part in parts), currency),
        met=met,
        unmet=() if len(met) == len(asked) else tuple(_unmet(parts, met)),
        in_place=all(part.in_place for part in parts),
    )


def _unmet(parts: tuple[Assessment, ...], met: frozenset[Event]) -> Iterator[str]:
    said: set[str] = set()
    for part in parts:
        for sentence in part.unmet:
            event = sentence.partition(":")[0]
            others = [other for other in parts if other is not part]
            better = any(
                s.startswith(f"{event}:") and s != f"{event}: not survived"
                for other in others
                for s in other.unmet
            )
            hollow = sentence == f"{event}: not survived" and better
            if Event(event) not in met and sentence not in said and not hollow:
                said.add(sentence)
                yield sentence


def _allowed(plan: Plan) -> bool:
    return all(part.proposal.verdict is Verdict.YES for part in plan.parts)


def _cost(plan: Plan) -> tuple[object, ...]:
    monthly = plan.monthly
    return (
        bool(monthly.missing),
        monthly.low if monthly.likely is None else monthly.likely,
        not plan.in_place,
        len(plan.parts),
        [rank(part) for part in plan.parts],
    )


def _nearness(plan: Plan) -> tuple[object, ...]:
    return (not _allowed(plan), len(plan.unmet), _lacks(plan), _cost(plan))


def _lacks(plan: Plan) -> int:
    """How many things are lacking, so that a plan missing only the RTO is nearer."""
    return sum(
        sentence.count(",") + 2 * sentence.endswith("not survived") for sentence in plan.unmet
    )


def _distinct(plans: Iterable[Plan]) -> Iterator[Plan]:
    seen: set[tuple[str, ...]] = set()
    for plan in plans:
        if plan.options not in seen:
            seen.add(plan.options)
            yield plan
