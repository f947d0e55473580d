"""One tier of points held against the need: what it lacks, and on what what it gives rests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from advisor.model import (
    TAKEN_BY_SOMEBODY,
    Consistency,
    Event,
    Need,
    PointTier,
    Reason,
    Recovery,
    Rto,
    Verdict,
)
from advisor.words import about, back_within, duration

EVENTS = tuple(Event)
ASSUMED = "assumed"  #: the source of an RTO that nobody promises

#: An assumed restore time whose low end meets the limit is a condition where its high end is
#: more than this many times the limit; with less it is met. A choice of ours: assumed figures
#: are no better than that.
MOST_OVER_LIMIT = 1.25


class If(NamedTuple):
    """A condition: the clause after "if", and the figure of the need (FIGURES) that rests on it.

    The figure is empty where the condition is a deed of whoever asks, and no doubt.
    """

    figure: str
    clause: str


class Look(NamedTuple):
    """What one tier gives, and what it lacks for each event of the need that it serves.

    `hard`: the events for which it lacks more than the retention, which any tier may give.
    """

    tier: PointTier
    lacks: Mapping[Event, tuple[str, ...]]
    hard: frozenset[Event]
    ifs: Mapping[Event, tuple[If, ...]]
    gives: tuple[tuple[Event, Recovery], ...]
    keeps: bool  #: long enough, as isolated and as consistent as asked
    keeps_if: tuple[If, ...]


def served(tier: PointTier) -> tuple[Event, ...]:
    """The events a tier serves: what survives the region survives its zone, with its figures."""
    if Event.REGION in tier.events and Event.ZONE not in tier.events:
        return (*tier.events, Event.ZONE)
    return tier.events


def asked_events(need: Need) -> tuple[Event, ...]:
    """The events the need asks to survive."""
    return tuple(event for event in EVENTS if need.of(event) is not None)


def looked_at(tier: PointTier, need: Need, span: int) -> Look:
    """The tier held against the need; `span` is how far back its retention reaches in days."""
    events = served(tier)
    asked = [event for event in events if need.of(event) is not None]
    what = Recovery(tier.rpo, tier.rto, tier.name)
    hard = {event: _lacks(tier, event, need) for event in asked}
    kept = tier.retention_days >= span
    lacks = dict(hard)
    if Event.DELETION in lacks and not kept:
        short = f"points kept {tier.retention_days} days instead of {span}"
        lacks[Event.DELETION] = (short, *lacks[Event.DELETION])
    return Look(
        tier=tier,
        lacks=lacks,
        hard=frozenset(event for event in asked if hard[event]),
        ifs={event: tuple(_ifs(tier, event, need)) for event in asked if not hard[event]},
        gives=tuple((event, what) for event in events),
        keeps=Event.DELETION in tier.events and kept and _as_good(tier, need),
        keeps_if=tuple(_of_consistency(tier, need.consistency)),
    )


def _as_good(tier: PointTier, need: Need) -> bool:
    return (tier.isolated or not need.isolated) and tier.consistency >= need.consistency


def wanted_consistency(event: Event, need: Need) -> Consistency:
    """Of deletion what is asked; of zone and region at most that of a pulled plug."""
    if event is Event.DELETION:
        return need.consistency
    return min(Consistency.CRASH, need.consistency)


# --- what it lacks ---------------------------------------------------------------------------


def _lacks(tier: PointTier, event: Event, need: Need) -> tuple[str, ...]:
    wanted = need.of(event)
    if wanted is None:
        return ()
    lacking = []
    if tier.rpo > wanted.rpo:
        lacking.append(f"RPO {duration(tier.rpo)} instead of {duration(wanted.rpo)}")
    if wanted.rto is not None and _soonest(tier.rto) > wanted.rto:
        lacking.append(f"back within {back_within(tier.rto)} instead of {duration(wanted.rto)}")
    if event is Event.DELETION and need.isolated and not tier.isolated:
        lacking.append("points not out of reach of whoever can delete the VM")
    asked = wanted_consistency(event, need)
    if tier.consistency < asked:
        lacking.append(f"{consistent(tier.consistency)} instead of {consistent(asked)}")
    return tuple(lacking)


def _soonest(rto: Rto) -> timedelta:
    return rto.low if rto.source == ASSUMED else rto.likely


@lru_cache
def consistent(level: Consistency) -> str:
    """`application consistent`, or that the disks have no common moment."""
    none = level is Consistency.NONE
    return "no common moment of the disks" if none else f"{level.label} consistent"


# --- on what it rests ------------------------------------------------------------------------


def _ifs(tier: PointTier, event: Event, need: Need) -> Iterator[If]:
    for clause in tier.conditions:
        yield If("" if clause == TAKEN_BY_SOMEBODY else f"{event.value}.rpo", clause)
    yield from _of_consistency(tier, wanted_consistency(event, need))
    wanted = need.of(event)
    if wanted and wanted.rto and tier.rto.source == ASSUMED:
        yield from _of_rto(tier.rto, wanted.rto, event)


def _of_consistency(tier: PointTier, asked: Consistency) -> Iterator[If]:
    if tier.sure_consistency is not None and tier.sure_consistency < asked:
        yield If("consistency", tier.consistency_condition)


def _of_rto(rto: Rto, limit: timedelta, event: Event) -> Iterator[If]:
    if rto.high > limit * MOST_OVER_LIMIT:
        yield If(f"{event.value}.rto", _restored_in_time(rto, limit))


@lru_cache(maxsize=4096)
def _restored_in_time(rto: Rto, limit: timedelta) -> str:
    between = f"{about(rto.low)} to {about(rto.high)}"
    return (
        f"a restore takes at most {duration(limit)} (assumed: about {about(rto.likely)}, {between})"
    )


def of_rules(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The conditions of the rules that decide whether an option may be used."""
    said = (each for each in reasons if each.condition)
    return tuple(each.condition for each in said if each.blocking and each.verdict is Verdict.YES)
