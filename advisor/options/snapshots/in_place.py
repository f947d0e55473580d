"""Snapshots, restore points and Azure Disk Backup that a VM has already."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from advisor.model import Configuration, Consistency, Protection, ProtectionKind, Retention
from advisor.options.case import Case
from advisor.options.snapshots.bill import DAY, DISK_BACKUP, SnapshotConfiguration, place
from advisor.words import counted, duration, listed


def found_configuration(case: Case, found: Protection) -> SnapshotConfiguration | None:
    """What takes points on a schedule that was read or observed; None for anything else.

    Loose snapshots follow no schedule that could be priced as one.
    """
    if found.every is None or not found.every:
        return None
    if found.kind is ProtectionKind.DISK_BACKUP:
        return _disk_backup(case, found, found.every)
    return _series(case, found, found.every) if found.observed else None


def _disk_backup(case: Case, found: Protection, every: timedelta) -> SnapshotConfiguration | None:
    """A policy says how long it keeps points; where that was not read nothing can be billed."""
    plain = SnapshotConfiguration(
        every=every, redundancy=_redundancy(case), only=_only(case, found), by=DISK_BACKUP
    )
    if found.policy and found.policy.retention:
        return replace(plain, keep=found.policy.retention)
    if found.kept is None:
        return None
    if every > DAY:
        return replace(plain, count=_points(found.kept, every))
    return replace(plain, keep=Retention(daily=_days(found.kept)))


def _series(case: Case, found: Protection, every: timedelta) -> SnapshotConfiguration | None:
    """A regular series: so many points of each disk, here or copied to one other region."""
    copied = [region for region in found.regions if region != case.vm.region]
    if len(copied) > 1 or (copied and case.vm.region not in found.regions):
        return None
    points = found.kind is ProtectionKind.RESTORE_POINTS
    held = sum(size.disk.key not in found.left_out for size in case.stored_disks)
    places = (1 if points else max(1, held)) * (1 + len(copied))
    return SnapshotConfiguration(
        every=every,
        count=_points(found.kept, every) if found.kept else max(1, found.count // places),
        redundancy=_redundancy(case),
        to=copied[0] if copied else None,
        consistent=_consistent(found) if points else None,
        only=_only(case, found),
        observed=True,
    )


def _consistent(found: Protection) -> str:
    """Of points that do not say it, no more is known than that all disks have one moment."""
    return "application" if (found.consistency or 0) > Consistency.CRASH else "crash"


def _only(case: Case, found: Protection) -> tuple[str, ...] | None:
    """The disks held, where some are left out."""
    disks = [size.disk for size in case.stored_disks]
    held = tuple(place(disk) for disk in disks if disk.key not in found.left_out)
    return held if len(held) < len(disks) else None


def _redundancy(case: Case) -> str:
    """Incremental snapshots are zone-redundant by themselves where a region has zones
    (disks-incremental-snapshots, 2024-12-09)."""
    return "zrs" if case.has_zones else "lrs"


def _points(kept: timedelta, every: timedelta) -> int:
    return max(1, kept // every)


def _days(kept: timedelta) -> int:
    """Whole days, a started one counted."""
    return max(1, -(-kept // DAY))


# --- words -----------------------------------------------------------------------------------


def found_words(found: Protection) -> str:
    """The subject of the sentence that says its state, with the disks that it does not hold."""
    often = f" every {duration(found.every)}" if found.every else ""
    if found.kind is ProtectionKind.DISK_BACKUP:
        return f"Azure Disk Backup of single disks{often}{_absent(found, 'backup')}"
    point = "restore point" if found.kind is ProtectionKind.RESTORE_POINTS else "snapshot"
    what, absent = counted(found.count, point), _absent(found, point)
    if found.observed:
        return f"a regular series of {what}{often}{absent}"
    return f"{what} that nothing repeats on a schedule{absent}"


def _absent(found: Protection, point: str) -> str:
    """The names of the disks without a point, unless the reading's own sentence has them."""
    if not found.left_out or f"no {point} of" in found.detail:
        return ""
    disks = listed(sorted(key.rpartition("/")[2] for key in found.left_out))
    return f" (there is no {point} of {disks})"


def forbidden(have: Configuration, want: Configuration) -> tuple[str, ...]:
    """Any schedule may follow another: each snapshot stands alone."""
    return ()
