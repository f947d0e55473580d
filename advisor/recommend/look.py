"""One tier of points held against the need: what it lacks, and on what what it gives rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from advisor.model import (
    SERIES_GOES_ON,
    TAKEN_BY_SOMEBODY,
    Consistency,
    Event,
    EventNeed,
    Need,
    PointTier,
    Reason,
    Recovery,
    Retention,
    Rto,
    Verdict,
)
from advisor.retention import span_days
from advisor.words import about, back_within, counted, duration

EVENTS = tuple(Event)
#: Conditions that are deeds of whoever asks.
_DEEDS = frozenset({TAKEN_BY_SOMEBODY, SERIES_GOES_ON})
#: Of points that whoever can delete the VM can delete, too: snapshots, and those in no vault.
NOT_ISOLATED = "points can be deleted with the VM"
#: Of points of several disks that are taken one after the other.
NO_COMMON_MOMENT = "disks captured moments apart"
DOCUMENTED = "documented"  #: the source of an RTO that somebody promises

#: A restore time that nobody promises and whose low end meets the limit is a condition where its
#: high end is more than this many times the limit; with less it is met. A choice of ours: such
#: figures are no better than that.
MOST_OVER_LIMIT = 1.25


class If(NamedTuple):
    """A condition: the clause after "if", and the figure of the need (FIGURES) that rests on it.

    The figure is empty where the condition is a deed of whoever asks, and no doubt.
    """

    figure: str
    clause: str


@dataclass(slots=True, eq=False)
class Look:
    """What one tier gives, and what it lacks for each event of the need that it serves.

    `ifs` has no event for which it lacks more than the retention, which any tier may give.
    Equal only to itself: alike tiers held against alike needs share one (`looked_at`).
    """

    tier: PointTier
    lacks: Mapping[Event, tuple[str, ...]]
    ifs: Mapping[Event, tuple[If, ...]]
    what: Recovery
    order: tuple[timedelta, timedelta]  #: RPO and likely RTO: of two tiers the smaller is better
    plain: frozenset[Event]  #: events that it meets alone, on no condition and for every disk
    events: tuple[Event, ...]  #: that it serves
    keeps: bool  #: long enough, as isolated and as consistent as asked
    keeps_if: tuple[If, ...]


def served(tier: PointTier) -> tuple[Event, ...]:
    """The events a tier serves: what survives the region survives its zone, with its figures."""
    events = tier.events
    if _REGION in events and _ZONE not in events:
        return (*events, _ZONE)
    return events


_REGION, _ZONE = Event.REGION, Event.ZONE  # asked thousands of times, as in `verdict_of`


def asked_events(need: Need) -> tuple[Event, ...]:
    """The events the need asks to survive."""
    return tuple(event for event in EVENTS if need.of(event) is not None)


class WantedOfTier(NamedTuple):
    """One event asked for, with all that is asked of a tier for it."""

    event: Event
    rpo: timedelta
    rto: timedelta | None
    isolated: bool
    consistency: Consistency


@dataclass(frozen=True, slots=True, eq=False)
class AskedOfTiers:
    """What a need asks of the tiers, event by event; one for all VMs that need the same."""

    of_tier: tuple[WantedOfTier, ...]
    isolated: bool
    consistency: Consistency
    span_days: int  #: how far back the retention reaches


def wanted(need: Need) -> AskedOfTiers:
    """Of deletion the isolation and consistency asked for; of zone and region no isolation, and at
    most the consistency of a pulled plug.
    """
    events = (need.deletion, need.zone, need.region)
    return _wanted(events, need.retention, need.isolated, need.consistency)


@lru_cache(maxsize=256)
def _wanted(
    needs: tuple[EventNeed | None, ...],
    retention: Retention,
    isolated: bool,
    consistency: Consistency,
) -> AskedOfTiers:
    """`needs`: one for each of EVENTS."""
    every = []
    for event, asked in zip(EVENTS, needs, strict=True):
        if asked is not None:
            backup = event is Event.DELETION
            level = consistency if backup else min(Consistency.CRASH, consistency)
            every.append(WantedOfTier(event, asked.rpo, asked.rto, isolated and backup, level))
    return AskedOfTiers(tuple(every), isolated, consistency, span_days(retention))


@lru_cache(maxsize=4096)
def looked_at(tier: PointTier, wanted: AskedOfTiers) -> Look:
    """The tier held against the need: once for all VMs with alike tiers and needs."""
    events, span = served(tier), wanted.span_days
    what = Recovery(tier.rpo, tier.rto, tier.name)
    order = (tier.rpo, tier.rto.likely)
    kept = tier.retention_days >= span
    lacks: dict[Event, tuple[str, ...]] = {}
    ifs: dict[Event, tuple[If, ...]] = {}
    plain = []
    for want in wanted.of_tier:
        event = want.event
        if event not in events:
            continue
        lacking = _lacks(tier, want)
        if not lacking:
            ifs[event] = _ifs(tier, want)
        if not kept and event is Event.DELETION:
            lacking = (
                f"points kept {counted(tier.retention_days, 'day')} instead of {span}",
                *lacking,
            )
        lacks[event] = lacking
        if not lacking and not ifs[event] and not tier.left_out:
            plain.append(event)
    return Look(
        tier,
        lacks,
        ifs,
        what,
        order,
        frozenset(plain),
        events,
        kept and Event.DELETION in tier.events and _as_good(tier, wanted),
        (*_of_tier(tier, Event.DELETION), *_of_consistency(tier, wanted.consistency)),
    )


def _as_good(tier: PointTier, wanted: AskedOfTiers) -> bool:
    return (tier.isolated or not wanted.isolated) and tier.consistency >= wanted.consistency


# --- what it lacks ---------------------------------------------------------------------------


def _lacks(tier: PointTier, want: WantedOfTier) -> tuple[str, ...]:
    """What it lacks but for the retention, which another tier may give."""
    lacking: tuple[str, ...] = ()
    if tier.rpo > want.rpo:
        lacking += (f"RPO {duration(tier.rpo)} instead of {duration(want.rpo)}",)
    if want.rto is not None and _soonest(tier.rto) > want.rto:
        lacking += (f"back in {back_within(tier.rto)} instead of {duration(want.rto)}",)
    if want.isolated and not tier.isolated:
        lacking += (NOT_ISOLATED,)
    if tier.consistency < want.consistency:
        lacking += (_less_consistent(tier.consistency, want.consistency),)
    return lacking


def _soonest(rto: Rto) -> timedelta:
    return rto.likely if rto.source == DOCUMENTED else rto.low


@lru_cache
def _less_consistent(level: Consistency, asked: Consistency) -> str:
    if level is Consistency.NONE:
        return NO_COMMON_MOMENT
    return f"{level.label} consistent instead of {asked.label} consistent"


# --- on what it rests ------------------------------------------------------------------------


def _ifs(tier: PointTier, want: WantedOfTier) -> tuple[If, ...]:
    event, rto, limit = want.event, tier.rto, want.rto
    ifs = (*_of_tier(tier, event), *_of_consistency(tier, want.consistency))
    if limit and rto.source != DOCUMENTED and rto.high > limit * MOST_OVER_LIMIT:
        ifs += (If(f"{event.value}.rto", _restored_in_time(rto, limit)),)
    return ifs


def _of_tier(tier: PointTier, event: Event) -> tuple[If, ...]:
    """What the tier's points rest on, whatever they are wanted for."""
    if not tier.conditions:
        return ()
    figure = f"{event.value}.asked"
    return tuple([If("" if each in _DEEDS else figure, each) for each in tier.conditions])


def _of_consistency(tier: PointTier, asked: Consistency) -> tuple[If, ...]:
    if tier.sure_consistency is None or tier.sure_consistency >= asked:
        return ()
    return (If("consistency", tier.consistency_condition),)


@lru_cache(maxsize=4096)
def _restored_in_time(rto: Rto, limit: timedelta) -> str:
    between = f"{about(rto.low)} to {about(rto.high)}"
    return (
        f"a restore takes at most {duration(limit)}"
        f" ({rto.source}: about {about(rto.likely)}, {between})"
    )


def of_rules(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The conditions of the rules that decide whether an option may be used."""
    said = [each for each in reasons if each.condition]
    if not said:
        return ()
    return tuple([each.condition for each in said if each.blocking and each.verdict is Verdict.YES])


def least_lacking(looks: Iterable[Look], event: Event) -> tuple[str, ...]:
    """Of tiers of which none meets the event alone: what the one that lacks least lacks.

    Where some lack nothing and leave disks out, of those that hold what these leave out: empty
    where none does.
    """
    serving = [look for look in looks if event in look.lacks]
    good = [look.tier.left_out for look in serving if not look.lacks[event]]
    lacking = [look for look in serving if look.lacks[event]]
    if good:
        missing = frozenset.intersection(*good)
        lacking = [look for look in lacking if not missing <= look.tier.left_out]
    return min([look.lacks[event] for look in lacking], key=len, default=())
