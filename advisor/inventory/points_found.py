"""Snapshots and restore points that were found around a VM, as protections of it.

Pure: the present moment is passed in, and decides only whether a regular series goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from advisor.inventory.compute_points import CollectionRecord, RestorePointRecord, SnapshotRecord
from advisor.inventory.series import Series, series_of
from advisor.model import Consistency, Disk, Protection, ProtectionKind, ProtectionState, Vm
from advisor.words import listed

#: Restore points older than this say nothing of those that were not read.
_RECENT = timedelta(days=8)

#: consistencyMode of a restore point (compute 2026-04-01).
_CONSISTENCY = {
    "crashconsistent": Consistency.CRASH,
    "filesystemconsistent": Consistency.FILE_SYSTEM,
    "applicationconsistent": Consistency.APPLICATION,
}


def snapshots_of(
    disk: Disk,
    by_source: Mapping[str, Sequence[SnapshotRecord]],
    by_unique_id: Mapping[str, Sequence[SnapshotRecord]],
) -> tuple[SnapshotRecord, ...]:
    """The snapshots of a disk, and their copies.

    Where both unique ids are known they decide: a disk deleted and made again under its old
    name is another disk, and one that was moved to another group is the same.
    """
    unique = (disk.unique_id or "").lower()
    found = {one.key: one for one in by_unique_id.get(unique, ()) if unique}
    for one in by_source.get((disk.id or "").lower(), ()):
        if not (unique and one.source_unique_id and one.source_unique_id != unique):
            found[one.key] = one
    return tuple(found[key] for key in sorted(found))


def traced(snapshots: Iterable[SnapshotRecord]) -> tuple[SnapshotRecord, ...]:
    """The snapshots with the disk they come from as their source, through copies of copies."""
    by_id = {one.key: one for one in snapshots}
    roots = ((one, _root(one, by_id)) for one in by_id.values())
    return tuple(
        one._replace(source_id=root.source_id, source_unique_id=root.source_unique_id)
        for one, root in roots
    )


def snapshot_protection(
    by_disk: Sequence[tuple[Disk, Sequence[SnapshotRecord]]], now: datetime
) -> Protection | None:
    """The snapshots of a VM's disks, by every disk that one can be taken of.

    The VM can be brought back only as far as its oldest disk: the last point is the oldest of
    the disks' newest snapshots. Loose snapshots follow no schedule and are never overdue.
    """
    taken = [found for _, found in by_disk if found]
    if not taken:
        return None
    every = [one for found in taken for one in found]
    bare = [disk for disk, found in by_disk if not found]
    newest = [_newest(found) for found in taken]
    times = [one for one in newest if one]
    series = series_of([_made(found) for found in taken], now)
    return Protection(
        kind=ProtectionKind.SNAPSHOTS,
        state=ProtectionState.ACTIVE,
        last_point=min(times) if times else None,
        count=len(every),
        regions=tuple(sorted({one.region for one in every})),
        left_out=frozenset(disk.key for disk in bare),
        detail=_snapshot_detail([disk.name for disk in bare], len(every), series),
        **_observed(series),
    )


def restore_point_protection(
    vm: Vm,
    collections: Sequence[CollectionRecord],
    points: Sequence[RestorePointRecord],
    now: datetime,
) -> Protection | None:
    """The restore points of a VM; a collection whose points were not read is of unknown state.

    The newest point decides which disks are held and how consistently; where it leaves some out,
    the newest that holds them all is named.
    """
    unread = [one for one in collections if not one.points_read]
    if not points and not unread:
        return None
    copies = {
        one.key for one in collections if "/restorepointcollections/" in (one.source_id or "")
    }
    dated = sorted((one.created, one.key, one) for one in points if one.created)
    newest = dated[-1][2] if dated else None
    last = newest.created if newest else None
    series = series_of([[time for time, _, one in dated if one.collection_id not in copies]], now)
    is_open = bool(unread) and (last is None or now - last > _RECENT)
    return Protection(
        kind=ProtectionKind.RESTORE_POINTS,
        state=ProtectionState.UNKNOWN if is_open else ProtectionState.ACTIVE,
        id=collections[0].id if collections else None,
        last_point=last,
        count=len(points),
        regions=tuple(sorted({one.region for one in collections})),
        left_out=frozenset(disk.key for disk in _left_out(vm, newest)),
        consistency=_CONSISTENCY.get((newest.consistency or "").lower()) if newest else None,
        unread=tuple(one.id for one in unread),
        detail=_point_detail(vm, [one for _, _, one in dated], series, is_unread=bool(unread)),
        **_observed(series),
    )


def _observed(series: Series | None) -> dict[str, Any]:
    if series is None:
        return {}
    return {"every": series.every, "kept": series.kept, "observed": True}


def _left_out(vm: Vm, point: RestorePointRecord | None) -> list[Disk]:
    """The disks with data that a point does not hold: excluded, or attached after it."""
    if point is None:
        return []
    held = [disk for disk in vm.disks if disk.id and not disk.ephemeral]
    return [disk for disk in held if point.leaves_out(disk.key)]


def _root(one: SnapshotRecord, by_id: Mapping[str, SnapshotRecord]) -> SnapshotRecord:
    seen = {one.key}
    while (parent := by_id.get(one.source_id or "")) and parent.key not in seen:
        seen.add(parent.key)
        one = parent
    return one


def _newest(snapshots: Iterable[SnapshotRecord]) -> datetime | None:
    times = [one.created for one in snapshots if one.created]
    return max(times) if times else None


def _made(snapshots: Iterable[SnapshotRecord]) -> list[datetime]:
    """When they were taken; a copy was taken when its first was."""
    return [one.created for one in snapshots if one.created and not one.copied]


def _snapshot_detail(bare: Sequence[str], count: int, series: Series | None) -> str:
    if bare:
        them = "it" if count == 1 else "them"
        return f"There is no snapshot of {listed(bare)}: the VM cannot be brought back from {them}."
    return "" if series else _loose(count)


def _point_detail(
    vm: Vm, by_age: Sequence[RestorePointRecord], series: Series | None, *, is_unread: bool
) -> str:
    """`by_age`: the points that say when they were made, oldest first."""
    if is_unread:
        return "The restore points of a collection were not read."
    left_out = _left_out(vm, by_age[-1] if by_age else None)
    if left_out:
        whole = [one.created for one in by_age if one.created and not _left_out(vm, one)]
        rest = f"the newest with every disk is of {whole[-1]:%d %B %Y}" if whole else "none does"
        return f"The newest does not hold {listed(one.name for one in left_out)}; {rest}."
    return "" if series else _loose(len(by_age))


def _loose(count: int) -> str:
    return f"{'It follows' if count == 1 else 'They follow'} no schedule that can be seen."
