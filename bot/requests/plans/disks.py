"""The disks that a wish names, and the planned disk for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from advisor.model import Disk, Reading, Vm
from advisor.options.case import is_direct_drive
from advisor.words import clean, listed
from bot.requests.model import DiskSettings, PlannedDisk
from bot.requests.refusals import PlanRefused

OS_WORD = "os"
_DATA_WORD = re.compile(r"data(\d{1,3})")
_SHOWN = 80  # characters of a typed word that an answer repeats


def chosen_disks(vm: Vm, wanted: Sequence[str]) -> tuple[Disk, ...]:
    """The disks named by name, full id, `os` or `data0` (by LUN); all where none is named.

    The OS disk comes first, then the others by LUN. Raises PlanRefused that names the VM's disks.
    """
    ordered = tuple(sorted(vm.disks, key=_place))
    if not ordered:
        raise PlanRefused(f"The VM “{vm.name}” has no disks that could be read.")
    if not wanted:
        return ordered
    keys = {_disk_of_word(vm, ordered, word.strip()).key for word in wanted}
    return tuple(disk for disk in ordered if disk.key in keys)


def planned_disk(disk: Disk, target_id: str) -> PlannedDisk:
    """The planned disk for a disk of the VM. Raises PlanRefused where a property is unknown."""
    check_usable(disk)
    if disk.id is None or disk.unique_id is None or disk.size_gib is None or disk.sku is None:
        raise PlanRefused(
            f"The {_missing_property(disk)} of disk {disk.name} is not known, so no plan can be "
            "bound to it. Try again in a minute."
        )
    return PlannedDisk(
        id=disk.id,
        name=disk.name,
        unique_id=disk.unique_id,
        size_gib=disk.size_gib,
        sku=disk.sku,
        is_os=disk.is_os,
        lun=disk.lun,
        encryption_type=disk.encryption_type or "",
        encryption_set_id=disk.disk_encryption_set_id or "",
        zones=disk.zones,
        settings=_settings(disk),
        in_background=is_direct_drive(disk) is True,
        source_id=disk.id,
        target_id=target_id,
    )


def _settings(disk: Disk) -> DiskSettings:
    """IOPS, throughput and sector size follow from the size except of Ultra and Premium SSD v2."""
    own = is_direct_drive(disk) is True
    return DiskSettings(
        iops=disk.iops if own else None,
        mb_per_s=disk.throughput_mb_per_s if own else None,
        sector_size=disk.logical_sector_size if own else None,
        performance_tier=disk.performance_tier or "",
        max_shares=disk.max_shares or 1,
        bursting=disk.bursting,
        performance_plus=disk.performance_plus is True,
        disk_access_id=disk.disk_access_id or "",
    )


def check_usable(disk: Disk) -> None:
    """Raises PlanRefused for a disk that allows no snapshots or could not be read."""
    if disk.unmanaged:
        raise PlanRefused(
            f"Disk {disk.name} lies in a storage account: only managed disks have snapshots. "
            "Name the others with --disks."
        )
    if disk.ephemeral:
        raise PlanRefused(
            f"Disk {disk.name} is ephemeral: it lies on the host and has no snapshots. "
            "Name the others with --disks."
        )
    if disk.reading is not Reading.READ:
        raise PlanRefused(
            f"Disk {disk.name} could not be read, so its size and identity are not known. "
            "It needs Microsoft.Compute/disks/read, as the role Reader has it."
        )


def words_for(disks: Iterable[Disk]) -> str:
    """`web-01_OsDisk (os) and web-01_data (data0)`."""
    return listed(f"{disk.name} ({_word(disk)})" if _word(disk) else disk.name for disk in disks)


def _disk_of_word(vm: Vm, disks: tuple[Disk, ...], word: str) -> Disk:
    """The disk for a typed word; a disk of that name is preferred to `os` and `data0`."""
    for same in (_has_name, _has_word):
        for disk in disks:
            if same(disk, word.lower()):
                return disk
    shown = clean(word)[:_SHOWN]
    there = words_for(disks)
    raise PlanRefused(f"The VM “{vm.name}” has no disk “{shown}”. It has {there}.")


def _has_name(disk: Disk, word: str) -> bool:
    return word in (disk.name.lower(), (disk.id or disk.name).lower())


def _has_word(disk: Disk, word: str) -> bool:
    if disk.is_os:
        return word == OS_WORD
    numbered = _DATA_WORD.fullmatch(word)
    return numbered is not None and disk.lun == int(numbered[1])


def _word(disk: Disk) -> str:
    if disk.is_os:
        return OS_WORD
    return "" if disk.lun is None else f"data{disk.lun}"


def _place(disk: Disk) -> tuple[bool, int, str]:
    return not disk.is_os, -1 if disk.lun is None else disk.lun, disk.key


def _missing_property(disk: Disk) -> str:
    """The first unknown property that a plan must be bound to."""
    known = {"id": disk.id, "uniqueId": disk.unique_id, "size": disk.size_gib, "SKU": disk.sku}
    return next(name for name, value in known.items() if value is None)
