"""The tiers of points of snapshots and restore points: what they survive, and how good they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from advisor.model import (
    SERIES_GOES_ON,
    TAKEN_BY_SOMEBODY,
    Consistency,
    Event,
    PointTier,
    RestoredFrom,
    Rto,
)
from advisor.needs import STOPPED
from advisor.options.case import Case
from advisor.options.operating_system import agent_condition
from advisor.options.recovery import FROM_SNAPSHOTS, SLOW_AT_FIRST, measured_or, restore_time
from advisor.options.snapshots.bill import DISK_BACKUP, SnapshotConfiguration, left_out
from advisor.regions import display_name
from advisor.words import listed

#: A copy in another region serves only that; zone-redundant snapshots serve their zone too.
SURVIVES: Mapping[str, tuple[Event, ...]] = {
    "": (Event.DELETION,),
    "zone": (Event.DELETION, Event.ZONE),
    "region": (Event.REGION,),
}

#: What a copy in another region lags behind: the copy is started when the snapshot is there and
#: takes at most as long again as the interval. Assumed; the article on copying gives no figure.
COPY_LAG_INTERVALS = 2

LOCAL_NOTE = "Whoever can delete the VM can delete them too."
AT_REST_NOTE = (
    "The VM is off: nothing writes to its disks, so snapshots taken while it is off have a common"
    " moment and lack nothing, though Azure calls them crash-consistent."
)
#: Clauses after "if", each alone.
_SERIES, _TAKEN = (SERIES_GOES_ON,), (TAKEN_BY_SOMEBODY,)


def at_rest(case: Case) -> bool:
    """Whether the VM is off, so that nothing is in flight that a point could lack."""
    return case.vm.power_state in STOPPED


def conditions(chosen: SnapshotConfiguration) -> tuple[str, ...]:
    """On what all rests, as clauses after "if": that somebody takes the points.

    Azure schedules neither snapshots nor restore points (disk-backup-support-matrix, 2026-02-13,
    names what does; concepts-restore-points, 2022-07-05, knows none).
    """
    if chosen.by == DISK_BACKUP:
        return ()
    return _SERIES if chosen.observed else _TAKEN


class _Facts(NamedTuple):
    """All of a VM on which the tiers of a choice of disks depend."""

    rto: Rto
    agent: str  #: the clause after "if" on which points are consistent for applications
    at_rest: bool
    windows: bool
    zones: bool  #: whether its region has any
    several: bool  #: whether the points hold more than one disk
    absent: frozenset[str]  #: `Disk.key` of the disks that they do not hold


#: For how many facts tiers are kept, and how many of each: a fleet has a few dozen, but one whose
#: points leave disks out has facts of its own, and whoever asks may name any retention.
_FACTS_KEPT, _TIERS_KEPT = 256, 1024


class _Given:
    """The tiers of configurations, each made once for all VMs with the same facts."""

    def __init__(self, facts: _Facts) -> None:
        self._facts = facts
        self._tiers: dict[tuple[str, str | None, bool], tuple[PointTier, ...]] = {}

    def of(self, chosen: SnapshotConfiguration) -> tuple[PointTier, ...]:
        """The key holds all of the configuration that its tiers depend on."""
        zonal = chosen.redundancy == "zrs" and self._facts.zones
        key = (chosen.given, chosen.to, zonal)
        tiers = self._tiers.get(key)
        if tiers is None:
            if len(self._tiers) >= _TIERS_KEPT:
                self._tiers.clear()
            tiers = self._tiers[key] = tuple(self._made(chosen, zonal=zonal))
        return tiers

    def _made(self, chosen: SnapshotConfiguration, *, zonal: bool) -> Iterator[PointTier]:
        yield self._tier(chosen, "zone" if zonal else "", None)
        if chosen.to:
            yield self._tier(chosen, "region", chosen.to)

    def _tier(self, chosen: SnapshotConfiguration, reach: str, there: str | None) -> PointTier:
        facts = self._facts
        unsure = facts.agent if chosen.consistent == "application" else ""
        return PointTier(
            name=_tier_name(chosen, there),
            events=SURVIVES[reach],
            rpo=chosen.every * COPY_LAG_INTERVALS if there else chosen.every,
            rto=facts.rto,
            retention_days=chosen.retention_days,
            consistency=_consistency(facts, chosen.consistent),
            isolated=False,
            note=f"Copied to {display_name(there)}." if there else LOCAL_NOTE,
            left_out=facts.absent,
            sure_consistency=Consistency.CRASH if unsure else None,
            consistency_condition=unsure,
            conditions=conditions(chosen),
        )


_given = lru_cache(maxsize=_FACTS_KEPT)(_Given)


def _consistency(facts: _Facts, consistent: str | None) -> Consistency:
    """Separate snapshots of several disks have no common moment; one disk alone is as crashed.

    A VM that is off writes nothing, so nothing can be missing of it.
    """
    if facts.at_rest:
        return Consistency.APPLICATION
    if consistent == "application" and not facts.windows:
        return Consistency.FILE_SYSTEM  # on Linux scripts of one's own are wanted for more
    if consistent:
        return Consistency.of(consistent)
    return Consistency.NONE if facts.several else Consistency.CRASH


class SnapshotTiers:
    """The tiers of a VM's configurations, and what is worth knowing of them."""

    def __init__(self, case: Case) -> None:
        self._case = case
        assumed = restore_time(case.sizing.used_gib.range, FROM_SNAPSHOTS)
        self._rto: Rto = measured_or(case.sizing, RestoredFrom.SNAPSHOT, assumed)
        self._agent = "" if at_rest(case) else agent_condition(case)
        self._of_disks: dict[str, _Given] = {}
        self._notes: dict[str, tuple[str, ...]] = {}

    def of(self, chosen: SnapshotConfiguration) -> tuple[PointTier, ...]:
        given = self._of_disks.get(chosen.disks)
        if given is None:
            given = self._of_disks[chosen.disks] = _given(self._facts(chosen))
        return given.of(chosen)

    def _facts(self, chosen: SnapshotConfiguration) -> _Facts:
        case, absent = self._case, self._absent(chosen)
        return _Facts(
            rto=self._rto,
            agent=self._agent,
            at_rest=at_rest(case),
            windows=case.vm.os_type == "Windows",
            zones=case.has_zones,
            several=sum([size.disk.key not in absent for size in case.stored_disks]) > 1,
            absent=absent,
        )

    def _absent(self, chosen: SnapshotConfiguration) -> frozenset[str]:
        """`Disk.key` of each disk with data that its points do not hold."""
        return left_out(self._case, chosen.only, chosen.consistent)

    def notes(self, chosen: SnapshotConfiguration) -> tuple[str, ...]:
        """What is worth knowing of a configuration, as sentences."""
        notes = self._notes.get(chosen.disks)
        if notes is None:
            notes = self._notes[chosen.disks] = tuple(self._noted(chosen))
        return notes

    def _noted(self, chosen: SnapshotConfiguration) -> Iterator[str]:
        if at_rest(self._case):
            yield AT_REST_NOTE
        yield SLOW_AT_FIRST
        if absent := self._absent(chosen):
            yield _missing(self._case, absent)


def _missing(case: Case, absent: frozenset[str]) -> str:
    named = listed(size.disk.name for size in case.stored_disks if size.disk.key in absent)
    return f"Its points do not hold {named}."


def _tier_name(chosen: SnapshotConfiguration, there: str | None) -> str:
    if there:
        return "snapshot-copy"
    return "restore-points" if chosen.consistent else "snapshots"
