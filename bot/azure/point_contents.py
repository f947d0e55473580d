"""What a restore point holds: a disk restore point for each disk, with an id of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.azure.arm_ids import name_of, same_id
from bot.azure.ownership import properties


def first_disk_point(point: Mapping[str, Any]) -> str:
    """A restore point has no uniqueId; the name of the first disk in it holds one of its own.
    Empty while Azure does not show the disks yet."""
    first = next(_disks(point), {})
    return name_of(str((first.get("diskRestorePoint") or {}).get("id") or ""))


def disk_in(point: Mapping[str, Any], disk_id: str) -> str:
    """The id of what a restore point holds of a disk; empty where it holds nothing of it."""
    for disk in _disks(point):
        if same_id((disk.get("managedDisk") or {}).get("id"), disk_id):
            return str(disk["diskRestorePoint"]["id"])
    return ""


def _disks(point: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    metadata = properties(point).get("sourceMetadata") or {}
    storage = metadata.get("storageProfile") or {}
    every = (storage.get("osDisk"), *(storage.get("dataDisks") or ()))
    yield from (disk for disk in every if disk and disk.get("diskRestorePoint"))
