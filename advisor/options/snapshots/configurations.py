"""Which configurations of snapshots there are: proposed, and said on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from advisor.errors import UsageError
from advisor.model import EventNeed, Retention
from advisor.options.case import Case, has_direct_drive, is_direct_drive
from advisor.options.snapshots.bill import (
    DAY,
    DEFAULT_KEEP,
    DISK_BACKUP,
    SnapshotConfiguration,
    place,
)
from advisor.options.snapshots.disk_backup_rules import SCHEDULES, SCHEDULES_OF_DIRECT_DRIVE
from advisor.options.snapshots.rules import (
    SHORTEST_APPLICATION_INTERVAL,
    SHORTEST_CRASH_INTERVAL,
    SHORTEST_SNAPSHOT_INTERVAL,
)
from advisor.options.snapshots.tiers import COPY_LAG_INTERVALS
from advisor.quantities import parse_duration, parse_retention

FREQUENCIES = tuple(timedelta(hours=hours) for hours in (24, 12, 8, 6, 4))


class _Wanted(NamedTuple):
    """What configurations are made of; the same few serve thousands of VMs."""

    keep: Retention
    zones: bool
    target: str  #: ARM's name of a region to copy to, or empty
    frequencies: tuple[timedelta, ...]
    direct_drive: bool  #: any Ultra or Premium SSD v2 disk


def configurations(case: Case) -> Sequence[SnapshotConfiguration]:
    """Every configuration worth pricing for this need, the plainest first.

    Full snapshots are none: wherever Azure takes them it takes incremental ones, which store what
    changed instead of everything again.
    """
    return _configurations(_wanted(case))


def complements(case: Case, disks: frozenset[str]) -> Sequence[SnapshotConfiguration]:
    """Azure Disk Backup, or snapshots, of just these disks (by `Disk.key`).

    For disks that another option leaves out. Restore points are of a whole VM and no complement.
    """
    only = tuple(place(size.disk) for size in case.stored_disks if size.disk.key in disks)
    if not only:
        return ()
    held = [size.disk for size in case.stored_disks if size.disk.key in disks]
    wanted = _wanted(case)._replace(direct_drive=any(map(is_direct_drive, held)))
    return tuple(replace(each, only=only) for each in (*_scheduled(wanted), *_separate(wanted)))


def _wanted(case: Case) -> _Wanted:
    return _Wanted(
        keep=case.need.retention if case.need.retention != Retention() else DEFAULT_KEEP,
        zones=case.has_zones,
        target=case.to if case.to and not case.to.startswith("zone:") else case.paired_region,
        frequencies=_frequencies(case.need.deletion, case.need.zone, case.need.region),
        direct_drive=has_direct_drive(case),
    )


@lru_cache(maxsize=256)
def _frequencies(
    deletion: EventNeed | None, zone: EventNeed | None, region: EventNeed | None
) -> tuple[timedelta, ...]:
    """Once a day, and as seldom as each event asked for allows: more often only costs more.

    A copy in another region lags behind, so a need for `region` asks for more.
    """
    wanted = [DAY]
    for event, lag in ((deletion, 1), (zone, 1), (region, COPY_LAG_INTERVALS)):
        if event is not None:
            wanted.append(_seldom_enough(event.rpo / lag))
    return tuple(sorted(set(wanted), reverse=True))


def _seldom_enough(rpo: timedelta) -> timedelta:
    """The longest usual time between snapshots within an RPO; the RPO itself below them all."""
    usual = next((every for every in FREQUENCIES if every <= rpo), None)
    return usual or max(rpo, SHORTEST_SNAPSHOT_INTERVAL)


@lru_cache(maxsize=1024)
def _configurations(wanted: _Wanted) -> tuple[SnapshotConfiguration, ...]:
    best = _best_redundancy(wanted)
    points = (
        SnapshotConfiguration(every=every, keep=wanted.keep, redundancy=best, consistent=level)
        for level, shortest in (
            ("crash", SHORTEST_CRASH_INTERVAL),
            ("application", SHORTEST_APPLICATION_INTERVAL),
        )
        for every in wanted.frequencies
        if every >= shortest
    )
    return (*_scheduled(wanted), *_separate(wanted), *points)


def _redundancies(wanted: _Wanted) -> tuple[str, ...]:
    return ("lrs", "zrs") if wanted.zones else ("lrs",)


def _best_redundancy(wanted: _Wanted) -> str:
    """Of incremental snapshots that nobody says more of: zone-redundant where there are zones
    (disks-incremental-snapshots, 2024-12-09).
    """
    return _redundancies(wanted)[-1]


def _separate(wanted: _Wanted) -> Iterator[SnapshotConfiguration]:
    """Snapshots that somebody takes of each disk, here or copied to the target too."""
    for every in wanted.frequencies:
        for to in (None, wanted.target) if wanted.target else (None,):
            for redundancy in _redundancies(wanted):
                yield SnapshotConfiguration(
                    every=every, keep=wanted.keep, redundancy=redundancy, to=to
                )


def _scheduled(wanted: _Wanted) -> Iterator[SnapshotConfiguration]:
    """What Azure Disk Backup takes: as seldom as it may, and never more seldom than once a day."""
    allowed = SCHEDULES_OF_DIRECT_DRIVE if wanted.direct_drive else SCHEDULES
    often = {
        max((each for each in allowed if each <= every), default=allowed[0])
        for every in wanted.frequencies
    }
    for every in sorted(often, reverse=True):
        yield SnapshotConfiguration(
            every=every, keep=wanted.keep, redundancy=_best_redundancy(wanted), by=DISK_BACKUP
        )


# --- said on the command line ----------------------------------------------------------------


def said_configuration(case: Case, said: Mapping[str, Any]) -> SnapshotConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    _refuse_contradictions(said)
    default = "zrs" if case.has_zones and not said.get("full") else "lrs"
    redundancy = str(said.get("redundancy") or default)
    if redundancy not in ("lrs", "zrs"):
        raise UsageError(f"Snapshots are lrs or zrs, not {redundancy}.")
    keep, every = said.get("keep"), parse_duration(str(said.get("every") or "24h"))
    if every > DAY and not said.get("count"):
        raise UsageError("With less than one snapshot a day, say how many are kept: --count 8.")
    return SnapshotConfiguration(
        every=every,
        keep=parse_retention(str(keep)) if keep else DEFAULT_KEEP,
        count=int(said["count"]) if said.get("count") else None,
        redundancy=redundancy,
        full=bool(said.get("full")),
        to=str(said["to"]) if said.get("to") else None,
        consistent=str(said["consistent"]) if said.get("consistent") else None,
        by=str(said["by"]) if said.get("by") else None,
        only=_only(case, str(said["only"])) if said.get("only") else None,
    )


def _refuse_contradictions(said: Mapping[str, Any]) -> None:
    if said.get("count") and said.get("keep"):
        raise UsageError("Give --count or --keep, not both.")
    if str(said.get("to") or "").startswith("zone:"):
        raise UsageError("Snapshots are copied to a region, not to a zone: --to northeurope.")
    if said.get("full") and said.get("consistent"):
        raise UsageError("Restore points are incremental: leave out --full or --consistent.")
    if said.get("by") and (said.get("full") or said.get("consistent") or said.get("to")):
        raise UsageError(
            "Azure Disk Backup takes incremental snapshots of single disks where they are: leave"
            " out --full, --consistent and --to."
        )
    if said.get("only") and said.get("consistent"):
        raise UsageError("Restore points are of a whole VM: leave out --only or --consistent.")


def _only(case: Case, said: str) -> tuple[str, ...]:
    """The disks named, in the order of the VM's."""
    there = [place(size.disk) for size in case.stored_disks]
    wanted = said.split(",")
    for each in wanted:
        if each not in there:
            raise UsageError(f"There is no disk “{each}”; there are {', '.join(there)}.")
    return tuple(each for each in there if each in wanted)
