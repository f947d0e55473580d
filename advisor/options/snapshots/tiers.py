"""The tiers of points of snapshots and restore points: what they survive, and how good they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def consistency(case: Case, consistent: str | None, absent: frozenset[str]) -> Consistency:
    """Separate snapshots of several disks have no common moment; one disk alone is as crashed.

    `absent`: `Disk.key` of the disks that the points do not hold. A VM that is off writes nothing,
    so nothing can be missing of it.
    """
    if at_rest(case):
        return Consistency.APPLICATION
    if consistent == "application" and case.vm.os_type != "Windows":
        return Consistency.FILE_SYSTEM  # on Linux scripts of one's own are wanted for more
    if consistent:
        return Consistency.of(consistent)
    held = sum(size.disk.key not in absent for size in case.stored_disks)
    return Consistency.CRASH if held <= 1 else Consistency.NONE


class SnapshotTiers:
    """The tiers of a VM's configurations, each made once and shared.

    A tier's key holds all that it depends on.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        assumed = restore_time(case.sizing.used_gib.range, FROM_SNAPSHOTS)
        self._rto: Rto = measured_or(case.sizing, RestoredFrom.SNAPSHOT, assumed)
        self._agent = "" if at_rest(case) else agent_condition(case)
        self._levels: dict[str, Consistency] = {}
        self._absent: dict[str, frozenset[str]] = {}
        self._notes: dict[str, tuple[str, ...]] = {}
        self._tiers: dict[tuple[object, ...], PointTier] = {}

    def of(self, chosen: SnapshotConfiguration) -> tuple[PointTier, ...]:
        zonal = chosen.redundancy == "zrs" and self._case.has_zones
        local = self._tier(chosen, "zone" if zonal else "", None)
        return (local, self._tier(chosen, "region", chosen.to)) if chosen.to else (local,)

    def absent(self, chosen: SnapshotConfiguration) -> frozenset[str]:
        """`Disk.key` of each disk with data that its points do not hold."""
        absent = self._absent.get(chosen.disks)
        if absent is None:
            absent = left_out(self._case, chosen.only, chosen.consistent)
            self._absent[chosen.disks] = absent
        return absent

    def _tier(self, chosen: SnapshotConfiguration, reach: str, there: str | None) -> PointTier:
        key = (chosen.given, reach, there)
        tier = self._tiers.get(key)
        if tier is None:
            tier = self._tiers[key] = self._made(chosen, reach, there)
        return tier

    def _made(self, chosen: SnapshotConfiguration, reach: str, there: str | None) -> PointTier:
        absent = self.absent(chosen)
        unsure = self._agent if chosen.consistent == "application" else ""
        return PointTier(
            name=_tier_name(chosen, there),
            events=SURVIVES[reach],
            rpo=chosen.every * COPY_LAG_INTERVALS if there else chosen.every,
            rto=self._rto,
            retention_days=chosen.retention_days,
            consistency=self._level(chosen, absent),
            isolated=False,
            note=f"Copied to {display_name(there)}." if there else LOCAL_NOTE,
            left_out=absent,
            sure_consistency=Consistency.CRASH if unsure else None,
            consistency_condition=unsure,
            conditions=conditions(chosen),
        )

    def _level(self, chosen: SnapshotConfiguration, absent: frozenset[str]) -> Consistency:
        key = f"{chosen.disks} {chosen.consistent}"
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = consistency(self._case, chosen.consistent, absent)
        return level

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
        if absent := self.absent(chosen):
            yield _missing(self._case, absent)


def _missing(case: Case, absent: frozenset[str]) -> str:
    named = listed(size.disk.name for size in case.stored_disks if size.disk.key in absent)
    return f"Its points do not hold {named}."


def _tier_name(chosen: SnapshotConfiguration, there: str | None) -> str:
    if there:
        return "snapshot-copy"
    return "restore-points" if chosen.consistent else "snapshots"
