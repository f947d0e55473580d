"""Moves away from what is in place: adjusted, added to, replaced, ended; and what each takes away.

A move beats the plan chosen so far by meeting what that one does not, or by saving enough. It may
take away only what a stated figure does not ask for: on figures that nobody stated, what was
configured beyond the need is not advised away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from advisor.model import ZERO, Assessment, Consistency, Course, Event, PointTier, Verdict
from advisor.options import BY_NAME
from advisor.options.case import Case
from advisor.prices.pricing import Pricer
from advisor.recommend.assess import NO_DISKS, Judge
from advisor.recommend.candidates import ENOUGH, UNMET, Candidate, candidate_of
from advisor.recommend.look import EVENTS, served
from advisor.recommend.missing_prices import PriceBounds
from advisor.recommend.months import first_year
from advisor.recommend.plans import Complements, Fresh
from advisor.recommend.standing import Health, Standing, is_locked, last_point_days, without_disks
from advisor.retention import span_days

MONTHS = 12
_STAY = (Course.FIX, Course.WAIT)  #: what else a decision says beside a move


class Place(NamedTuple):
    """One VM with what stands there and what could; everything a move is judged by, in USD."""

    case: Case
    judge: Judge
    pricer: Pricer
    bounds: PriceBounds  #: of what prices are missing
    standings: tuple[Standing, ...]
    fresh: Fresh
    complements: Complements
    nearest: Callable[[], tuple[Candidate, ...]]  #: worked out where nothing meets the need


# --- the moves -------------------------------------------------------------------------------


def adjusted(place: Place, base: Candidate) -> Iterator[Candidate]:
    """What Azure allows to change in place, one change at a time."""
    for standing in place.standings:
        option, mended = standing.option, standing.mended
        if option is None or option.found is None or mended is None:
            continue
        if not _has(base.parts, mended):
            continue
        changes = option.found.adjustments(place.case, standing.found)
        proposals = option.propose(place.case, [change.chosen for change in changes])
        for change, made in zip(changes, proposals, strict=True):
            if made.verdict is Verdict.NO and mended.verdict is not Verdict.NO:
                continue
            proposal = without_disks(made, change.left_out, place.case)
            after = place.judge.assess(proposal, *place.pricer.bill(proposal.usages))
            parts = [after if part is mended else part for part in base.parts]
            courses = (Course.ADJUST, *_staying(base))
            yield candidate_of(parts, place.judge, courses, change)


def added(place: Place, base: Candidate) -> Iterator[Candidate]:
    """Another option beside what is in place, or one for just the disks that it leaves out."""
    also = (Course.ADJUST,) if base.adjusted else ()
    courses = (*also, Course.ADD, *_staying(base))
    uncovered = base.judged.recovery[Event.DELETION] is None
    beside = [
        each
        for each in place.fresh.singles
        if each.option not in base.options
        and (uncovered or all(_go_together(each.option, other) for other in base.options))
    ]
    left_out = left_out_of(base)
    if left_out:
        beside += place.complements(left_out)
    for each in beside:
        yield candidate_of([*base.parts, each], place.judge, courses, base.adjusted)


def replaced(place: Place, base: Candidate) -> Iterator[Candidate]:
    """Something new instead of what is in place, or of one part of it."""
    for fresh in place.fresh.every:
        yield fresh._replace(courses=(Course.REPLACE,), dropped=base.parts)
    if len(base.parts) < 2:
        return
    for part in base.parts:
        others = [other for other in base.parts if other is not part]
        kept = {other.option for other in others}
        for single in place.fresh.singles:
            if all(_go_together(single.option, other) for other in kept):
                parts = [*others, single]
                yield candidate_of(parts, place.judge, (Course.REPLACE,), dropped=(part,))


def ended(place: Place, base: Candidate) -> Iterator[Candidate]:
    """One of several in place less; never one that runs for one that does not. What a change in
    place is about stays."""
    if len(base.parts) < 2:
        return
    also = (Course.ADJUST,) if base.adjusted else ()
    courses = (Course.END, *also, *_staying(base))
    runs = [_runs(part, base, place) for part in base.parts]
    for part, is_running in zip(base.parts, runs, strict=True):
        if _is_changed(part, base) or (is_running and not all(runs)):
            continue
        others = [other for other in base.parts if other is not part]
        yield candidate_of(others, place.judge, courses, base.adjusted, (part,))


def also_adjusted(
    chosen: Candidate, base: Candidate, changes: Iterable[Candidate], judge: Judge
) -> Iterator[Candidate]:
    """What is kept of what is in place, changed as well, one change at a time."""
    courses = (*chosen.courses, Course.ADJUST)
    for change in changes:
        for was, now in zip(base.parts, change.parts, strict=True):
            if was is not now and _has(chosen.parts, was):
                parts = [now if part is was else part for part in chosen.parts]
                yield candidate_of(parts, judge, courses, change.adjusted, chosen.dropped)


def _is_changed(part: Assessment, plan: Candidate) -> bool:
    """Whether it is what the plan changes in place."""
    return plan.adjusted is not None and part.proposal.chosen is plan.adjusted.chosen


def _runs(part: Assessment, plan: Candidate, place: Place) -> bool:
    """Whether it makes points today, as it is or before it is changed."""
    running = [each.mended for each in place.standings if each.health is Health.RUNS]
    if _is_changed(part, plan):
        return any(each is not None and each.option == part.option for each in running)
    return any(each is part for each in running)


def _go_together(one: str, other: str) -> bool:
    """Whether the rows of two options say that they make a plan of two."""
    return other in BY_NAME[one].makes_plans_with or one in BY_NAME[other].makes_plans_with


def _staying(base: Candidate) -> tuple[Course, ...]:
    return tuple(course for course in base.courses if course in _STAY)


def _has(parts: Iterable[Assessment], wanted: Assessment) -> bool:
    return any(part is wanted for part in parts)


def left_out_of(each: Candidate) -> frozenset[str]:
    """The disks that a part leaves out and no other part holds for some event."""
    tiers = [tier for part in each.parts for tier in part.proposal.tiers]
    left_out: frozenset[str] = NO_DISKS
    for event in EVENTS:
        serving = [tier.left_out for tier in tiers if event in served(tier)]
        if serving:
            left_out |= frozenset.intersection(*serving)
    return left_out


# --- what a move takes away ------------------------------------------------------------------


def lessened(before: Candidate, after: Candidate) -> frozenset[str]:
    """The figures (FIGURES) in which the plan afterwards gives less than today's."""
    less: set[str] = set()
    was, becomes = tuple(_tiers(before)), tuple(_tiers(after))
    for event in EVENTS:
        had, has = _times(was, event), _times(becomes, event)
        if had and not has:
            less.add(f"{event.value}.asked")
        elif had and has:
            rpo, rto = had
            if has[0] > rpo:
                less.add(f"{event.value}.rpo")
            if has[1] > rto:
                less.add(f"{event.value}.rto")
    for name, then, now in zip(_OF_POINTS, _points(was), _points(becomes), strict=True):
        if now < then:
            less.add(name)
    return frozenset(less)


_OF_POINTS = ("retention", "isolated", "consistency")


def _tiers(each: Candidate) -> Iterator[PointTier]:
    for part in each.parts:
        yield from part.proposal.tiers


def _times(tiers: Iterable[PointTier], event: Event) -> tuple[timedelta, timedelta] | None:
    """The least lost and the soonest back of all tiers that serve the event."""
    serving = [tier for tier in tiers if event in served(tier)]
    if not serving:
        return None
    return min([tier.rpo for tier in serving]), min([tier.rto.likely for tier in serving])


def _points(tiers: Iterable[PointTier]) -> tuple[int, bool, Consistency]:
    kept = [tier for tier in tiers if Event.DELETION in tier.events]
    if not kept:
        return 0, False, Consistency.NONE
    return (
        max([tier.retention_days for tier in kept]),
        any(tier.isolated for tier in kept),
        max([tier.consistency for tier in kept]),
    )


# --- beating ---------------------------------------------------------------------------------


def gains(each: Candidate, before: Candidate) -> tuple[int, ...]:
    """The places of the events that it meets better; empty where it meets one worse."""
    pairs = list(zip(_enough(each), _enough(before), strict=True))
    if any(after < then for after, then in pairs):
        return ()
    return tuple(place for place, (after, then) in enumerate(pairs) if after > then)


def as_good(each: Candidate, before: Candidate) -> bool:
    return all(after >= then for after, then in zip(_enough(each), _enough(before), strict=True))


def _enough(each: Candidate) -> tuple[int, ...]:
    return tuple([min(level, ENOUGH) for level in each.levels])


def lacking_figures(each: Candidate, judge: Judge) -> dict[Event, frozenset[str]]:
    """For each event that is not met well enough, the figures that it lacks."""
    lacking: dict[Event, frozenset[str]] = {}
    for event, level in zip(judge.asked, each.levels, strict=True):
        if level == UNMET:
            lacking[event] = _lacking(each, event, judge)
        elif level < ENOUGH:
            lacking[event] = each.judged.rests_on.get(event, frozenset())
    return lacking


def _lacking(each: Candidate, event: Event, judge: Judge) -> frozenset[str]:
    need, tiers = judge.need, [tier for tier in _tiers(each) if event in served(tier)]
    asked = need.of(event)
    if not tiers or asked is None or any(event in gap.events for gap in each.judged.gaps):
        return frozenset({f"{event.value}.asked"})
    kept = span_days(need.retention)
    missing = {
        f"{event.value}.rpo": all(tier.rpo > asked.rpo for tier in tiers),
        f"{event.value}.rto": asked.rto is not None
        and all(tier.rto.low > asked.rto for tier in tiers),
    }
    if event is Event.DELETION:
        missing |= {
            "retention": all(tier.retention_days < kept for tier in tiers),
            "isolated": need.isolated and not any(tier.isolated for tier in tiers),
            "consistency": all(tier.consistency < need.consistency for tier in tiers),
        }
    found = frozenset(figure for figure, is_missing in missing.items() if is_missing)
    return found or frozenset({f"{event.value}.rpo"})  # each tier lacks something else


# --- a year ----------------------------------------------------------------------------------


def year_per_month(place: Place, each: Candidate) -> Decimal | None:
    """A month's cost over the first year, in USD: ramp, first copies and old points counted.

    None where a price is missing. Old points of a vault that is left are paid for as long as the
    need keeps points.
    """
    if each.cost.missing:
        return None
    total = ZERO
    for part in each.parts:
        if part.in_place or _is_changed(part, each):
            total += (part.monthly.likely or ZERO) * MONTHS
            continue
        year = first_year(place.case, part, place.pricer)
        if year is None:
            return None
        total += year
    return (total + old_points(place, each.dropped)) / MONTHS


def old_points(place: Place, dropped: Sequence[Assessment]) -> Decimal:
    """What old points out of reach cost in the first year: stopping with them kept goes on."""
    left = [part for part in dropped if leaves_points(part)]
    return sum([(part.monthly.likely or ZERO) * _months_paid(place, part) for part in left], ZERO)


def held_by_lock(place: Place, dropped: Sequence[Assessment]) -> Decimal:
    """A month's cost over the first year of old points that a locked vault keeps: nobody saves it
    by deleting them."""
    locked = [part for part in dropped if is_locked(place.standings, part)]
    return old_points(place, locked) / MONTHS


def _months_paid(place: Place, part: Assessment) -> Decimal:
    """Of the first year: as long as the need keeps points, those of a locked vault to their own
    end, which nobody brings forward."""
    days = span_days(place.judge.need.retention)
    if is_locked(place.standings, part):
        days = max(days, last_point_days(part))
    return min(Decimal(MONTHS), Decimal(days) * MONTHS / 365)


def leaves_points(part: Assessment) -> bool:
    """Whether what is ended leaves points in a vault."""
    return any(tier.isolated for tier in part.proposal.tiers)
