"""The disk restore points in a restore point: one for each disk, with an id of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.azure.arm_ids import name_of, same_id
from bot.azure.ownership import properties


def first_disk_point(point: Mapping[str, Any]) -> str:
    """The name of the first disk restore point; empty while Azure does not show the disks yet.

    It serves as the restore point's unique id: a restore point has no uniqueId, and this name
    holds a GUID.
    """
    first = next(_disks(point), {})
    return name_of(str((first.get("diskRestorePoint") or {}).get("id") or ""))


def disk_in(point: Mapping[str, Any], disk_id: str) -> str:
    """The id of one disk's disk restore point; empty where the point does not hold the disk."""
    for disk in _disks(point):
        if same_id((disk.get("managedDisk") or {}).get("id"), disk_id):
            return str(disk["diskRestorePoint"]["id"])
    return ""


def _disks(point: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    metadata = properties(point).get("sourceMetadata") or {}
    storage = metadata.get("storageProfile") or {}
    every = (storage.get("osDisk"), *(storage.get("dataDisks") or ()))
    yield from (disk for disk in every if disk and disk.get("diskRestorePoint"))
