"""Rule 5 of the design: whether what is there meets a need, event by event and disk by disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from advisor.model import (
    NO_RETENTION,
    SERIES_GOES_ON,
    TAKEN_BY_SOMEBODY,
    Adjustment,
    Consistency,
    Event,
    EventNeed,
    Line,
    Meets,
    Need,
    PointTier,
    Proposal,
    Protection,
    Rto,
    Verdict,
)
from advisor.options.case import Case
from advisor.retention import span_days

#: An assumed figure that misses by no more than this is met.
DEEDS = (TAKEN_BY_SOMEBODY, SERIES_GOES_ON)
A_QUARTER_MORE = Decimal("1.25")
ANY_TIME = timedelta(days=36500)


class Condition(NamedTuple):
    """On what a yes rests, and which figure of the need it would fail."""

    figure: str
    clause: str


@dataclass(frozen=True, eq=False)
class Part:
    """One option in one configuration: proposed anew, or found."""

    option: str
    proposal: Proposal
    lines: tuple[Line, ...]
    found: Protection | None = None
    works: bool = True  #: False: it is broken, or has no point yet
    behind: timedelta = timedelta(0)  #: how old its newest point is, where it is late
    adjustment: Adjustment | None = None

    @property
    def serves(self) -> bool:
        return self.works and (self.found is not None or self.proposal.verdict is Verdict.YES)

    @property
    def tiers(self) -> tuple[PointTier, ...]:
        tiers = self.proposal.tiers
        return tuple(tier._replace(rpo=max(tier.rpo, self.behind)) for tier in tiers)


Plan = tuple[Part, ...]


@dataclass(frozen=True)
class Judged:
    """What a plan gives of a need. An event that is not met is not in `met`."""

    met: dict[Event, tuple[Condition, ...]]
    without_point: frozenset[Event]
    gaps: dict[str, frozenset[Event]]  #: `Disk.key` -> events

    def meets(self, need: Need) -> Meets:
        if any(event not in self.met for event in asked(need)):
            return Meets.NO
        return Meets.IF if any(self.met.values()) else Meets.YES

    def doubts(self, need: Need) -> bool:
        """Whether it rests on a condition about something that somebody stated.

        That somebody must take the points is a deed and no doubt.
        """
        conditions = (each for every in self.met.values() for each in every)
        return any(each.figure in need.stated and each.clause not in DEEDS for each in conditions)


def asked(need: Need) -> tuple[Event, ...]:
    return tuple(event for event in Event if need.of(event) is not None)


def stated_part(need: Need) -> Need:
    """The need with those figures only that somebody stated."""

    def of(event: Event) -> EventNeed | None:
        whole = need.of(event)
        if whole is None or f"{event}.asked" not in need.stated:
            return None
        rpo = whole.rpo if f"{event}.rpo" in need.stated else ANY_TIME
        return EventNeed(rpo=rpo, rto=whole.rto if f"{event}.rto" in need.stated else None)

    return replace(
        need,
        deletion=of(Event.DELETION),
        zone=of(Event.ZONE),
        region=of(Event.REGION),
        retention=need.retention if "retention" in need.stated else NO_RETENTION,
        isolated=need.isolated and "isolated" in need.stated,
        consistency=need.consistency if "consistency" in need.stated else Consistency.NONE,
    )


def survives(tier: PointTier, event: Event) -> bool:
    """What survives the loss of the region survives that of its zone."""
    return event in tier.events or (event is Event.ZONE and Event.REGION in tier.events)


def judge(plan: Plan, need: Need, case: Case) -> Judged:
    """Every event asked for, and every disk that holds data."""
    met: dict[Event, tuple[Condition, ...]] = {}
    without: set[Event] = set()
    gaps: dict[str, set[Event]] = {}
    for event in asked(need):
        serving = [part for part in plan if part.serves and _tiers(part, event)]
        if not serving:
            without.add(event)
            continue
        conditions: list[Condition] | None = []
        for disk in disks_of(case):
            holding = [part for part in serving if _holds(part, event, disk)]
            if not holding:
                gaps.setdefault(disk, set()).add(event)
            ways = [way for part in holding for way in _ways(part, event, need, disk)]
            if not ways:
                conditions = None
            elif conditions is not None:
                conditions += min(ways, key=lambda way: _worth(way, need))
        if conditions is not None:
            met[event] = tuple(dict.fromkeys(conditions))
    return Judged(met, frozenset(without), {disk: frozenset(e) for disk, e in gaps.items()})


def disks_of(case: Case) -> tuple[str, ...]:
    """The disks that hold data; one without a name where none was supplied."""
    return tuple(size.disk.key for size in case.stored_disks) or ("",)


def _worth(way: tuple[Condition, ...], need: Need) -> tuple[int, int]:
    """A condition counts once, and a deed is no doubt."""
    every = set(way)
    doubts = (each for each in every if each.figure in need.stated and each.clause not in DEEDS)
    return sum(1 for _ in doubts), len(every)


def _tiers(part: Part, event: Event) -> list[PointTier]:
    return [tier for tier in part.tiers if survives(tier, event)]


def _holds(part: Part, event: Event, disk: str) -> bool:
    return any(disk not in tier.left_out for tier in _tiers(part, event))


def _ways(part: Part, event: Event, need: Need, disk: str) -> Iterator[tuple[Condition, ...]]:
    """Every way in which one part meets an event for one disk, with what it rests on."""
    rules = part.proposal.reasons
    of_rules = tuple(
        Condition(f"{event}.asked", each.condition)
        for each in rules
        if each.blocking and each.verdict is Verdict.YES and each.condition
    )
    tiers = [tier for tier in _tiers(part, event) if disk not in tier.left_out]
    for tier in tiers:
        own = _one_tier(tier, event, need)
        if own is None:
            continue
        if event is not Event.DELETION or not any(need.retention):
            yield of_rules + own
            continue
        for other in tiers:
            kept = _keeps(other, need)
            if kept is not None:
                yield of_rules + own + kept


def _one_tier(tier: PointTier, event: Event, need: Need) -> tuple[Condition, ...] | None:
    """RPO, RTO, consistency and isolation in this tier."""
    wanted = need.of(event)
    assert wanted is not None
    deletion = event is Event.DELETION
    level = need.consistency if deletion else min(need.consistency, Consistency.CRASH)
    consistent = _consistent(tier, level)
    soon = _soon_enough(tier.rto, wanted.rto, event)
    isolated = tier.isolated or not (deletion and need.isolated)
    if tier.rpo > wanted.rpo or consistent is None or soon is None or not isolated:
        return None
    conditions = tuple(Condition(f"{event}.asked", each) for each in tier.conditions)
    return conditions + consistent + soon


def _keeps(tier: PointTier, need: Need) -> tuple[Condition, ...] | None:
    """Retention, in a tier that is as isolated and as consistent as is asked."""
    if tier.retention_days < span_days(need.retention) or (need.isolated and not tier.isolated):
        return None
    consistent = _consistent(tier, need.consistency)
    if consistent is None:
        return None
    return consistent + tuple(Condition("deletion.asked", each) for each in tier.conditions)


def _consistent(tier: PointTier, level: Consistency) -> tuple[Condition, ...] | None:
    if tier.consistency < level:
        return None
    sure = tier.consistency if tier.sure_consistency is None else tier.sure_consistency
    return () if sure >= level else (Condition("consistency", tier.consistency_condition),)


def _soon_enough(rto: Rto, limit: timedelta | None, event: Event) -> tuple[Condition, ...] | None:
    if limit is None:
        return ()
    if rto.source == "documented":
        return () if rto.high <= limit else None
    if rto.low > limit:
        return None
    if rto.high <= limit * float(A_QUARTER_MORE):
        return ()
    return (Condition(f"{event}.rto", "a rehearsal shows that it is as fast as asked"),)


# --- what is lost on the way -------------------------------------------------------------------


def worse(before: Plan, after: Plan, case: Case) -> Iterator[str]:
    """The figures of a need (by name) in which `after` gives less than `before`."""
    for event in Event:
        old, new = list(_serving(before, event)), list(_serving(after, event))
        if not old:
            continue
        if not new:
            yield f"{event}.asked"
            continue
        if _least(tier.rpo for tier in new) > _least(tier.rpo for tier in old):
            yield f"{event}.rpo"
        if _least(tier.rto.likely for tier in new) > _least(tier.rto.likely for tier in old):
            yield f"{event}.rto"
        if event is Event.DELETION:
            yield from _worse_points(old, new)
    old_gaps = len(_left_out(before))
    if len(_left_out(after)) > old_gaps:
        yield "disks"


def _worse_points(old: list[PointTier], new: list[PointTier]) -> Iterator[str]:
    if max(tier.retention_days for tier in new) < max(tier.retention_days for tier in old):
        yield "retention"
    if any(tier.isolated for tier in old) and not any(tier.isolated for tier in new):
        yield "isolated"
    if max(tier.consistency for tier in new) < max(tier.consistency for tier in old):
        yield "consistency"


def _serving(plan: Plan, event: Event) -> Iterator[PointTier]:
    return (tier for part in plan if part.serves for tier in _tiers(part, event))


def _least(times: Iterable[timedelta]) -> timedelta:
    return min(times)


def _left_out(plan: Plan) -> frozenset[str]:
    every = [tier.left_out for part in plan if part.serves for tier in part.tiers]
    return frozenset.intersection(*every) if every else frozenset()


# --- how near a plan comes ---------------------------------------------------------------------


def nearness(plan: Plan, need: Need, case: Case) -> tuple[float, ...]:
    """Rule 8's order where nothing meets, the nearest least; cost is compared afterwards."""
    judged = judge(plan, need, case)
    sizes = {size.disk.key: size.provisioned_gib or 0 for size in case.stored_disks}
    gaps = sum(sizes.get(disk, 0) for disk in judged.gaps)
    deletion = list(_serving(plan, Event.DELETION))
    unisolated = bool(need.deletion and need.isolated and not any(t.isolated for t in deletion))
    shortfall, lacks = 1.0, 0
    for event in asked(need):
        tiers = list(_serving(plan, event))
        if not tiers or event in judged.met:
            continue
        reached = [_short(tier, event, need) for tier in tiers]
        isolated = [each for each, tier in zip(reached, tiers, strict=True) if tier.isolated]
        if event is Event.DELETION and need.isolated and isolated:
            reached = isolated
        factor, count = min(reached)
        shortfall, lacks = max(shortfall, factor), lacks + count
    unsure = any(part.proposal.verdict is not Verdict.YES for part in plan)
    return (unsure, len(judged.without_point), gaps, unisolated, shortfall, lacks)


def _short(tier: PointTier, event: Event, need: Need) -> tuple[float, int]:
    """By what factor a tier misses its times, and how much else it lacks."""
    wanted = need.of(event)
    assert wanted is not None
    factor = max(1.0, tier.rpo / wanted.rpo)
    if wanted.rto and tier.rto.low > wanted.rto:
        factor = max(factor, tier.rto.likely / wanted.rto)
    if event is not Event.DELETION:
        return factor, int(tier.consistency < min(need.consistency, Consistency.CRASH))
    short = tier.retention_days < span_days(need.retention)
    return factor, int(tier.consistency < need.consistency) + int(short)
