"""The disks that a configuration leaves out: read, written, and the case of those that are left."""

from __future__ import annotations

from dataclasses import replace

from advisor.errors import UsageError
from advisor.model import ZERO, Disk, DiskSize, Range
from advisor.options.case import Case

NOTHING_LEFT_OUT: frozenset[str] = frozenset()


def written(case: Case, keys: frozenset[str]) -> str:
    """As the flag `--leave-out` has it: the LUNs in order, or the name of a disk without one."""
    if not keys:
        return ""
    left = [disk for disk in case.vm.disks if disk.key in keys]
    return ",".join(_lun(disk) for disk in sorted(left, key=lambda disk: (disk.lun or 0, disk.key)))


def _lun(disk: Disk) -> str:
    return disk.name if disk.lun is None else str(disk.lun)


def keys_of(case: Case, text: str) -> frozenset[str]:
    """`Disk.key` of each data disk named by LUN or by name. Raises UsageError for any other."""
    known = {_lun(disk): disk.key for disk in case.vm.disks if not disk.is_os}
    wanted = [part for part in text.split(",") if part]
    unknown = [part for part in wanted if part not in known]
    if unknown:
        raise UsageError(f"The VM has no data disk at LUN {', '.join(unknown)}.")
    return frozenset(known[part] for part in wanted)


def not_needed(case: Case) -> frozenset[str]:
    """The data disks that need no protection and can be left out: never the OS disk."""
    if not case.leave_out:
        return NOTHING_LEFT_OUT
    return frozenset(
        disk.key
        for disk in case.vm.disks
        if disk.key in case.leave_out and not disk.is_os and not disk.ephemeral
    )


def holding_data(case: Case, keys: frozenset[str]) -> frozenset[str]:
    """Those of the disks whose data somebody wants back: the gap of whoever leaves them out."""
    if not keys:
        return NOTHING_LEFT_OUT
    stored = {size.disk.key for size in case.stored_disks}
    return frozenset(stored.intersection(keys) - case.leave_out)


def without(case: Case, keys: frozenset[str]) -> Case:
    """The same VM without these disks; what is left changes as much of its data as all of it."""
    if not keys:
        return case
    left = tuple(size for size in case.stored_disks if size.disk.key not in keys)
    return case if len(left) == len(case.stored_disks) else of_sizes(case, left)


def of_sizes(case: Case, sizes: tuple[DiskSize, ...]) -> Case:
    """The same VM with just these disks."""
    used = Range(
        sum((size.used_gib.low for size in sizes), ZERO),
        sum((size.used_gib.likely for size in sizes), ZERO),
        sum((size.used_gib.high for size in sizes), ZERO),
    )
    shares = case.growth.shares_per_day
    changed = sorted(share * gib for share, gib in zip(shares, used, strict=True))
    sizing = replace(
        case.sizing,
        disks=sizes,
        used_gib=case.sizing.used_gib._replace(range=used),
        changed_gib_per_day=case.sizing.changed_gib_per_day._replace(range=Range(*changed)),
    )
    return replace(case, sizing=sizing, stored_disks=sizes)
