"""Checks that a source (disk, snapshot, restore point) is still the one in the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.azure.arm_ids import Resource, name_of, resource_kind
from bot.azure.connection import AzureActs
from bot.azure.ownership import properties, same_text
from bot.azure.point_contents import first_disk_point
from bot.azure.refusals import RefusedForGood


async def checked_source(azure: AzureActs, expect: Mapping[str, Any]) -> Mapping[str, Any]:
    """The source as Azure shows it; raises RefusedForGood where it is gone or was replaced.

    `expect`: source_id, and point_unique_id as the ledger has it (empty: not known).
    """
    source_id, wanted = str(expect["source_id"]), expect.get("point_unique_id")
    source = await azure.get(source_id)
    if source is None:
        raise RefusedForGood(f"{name_of(source_id)} is not there any more.")
    if wanted and not same_text(unique_id(source, source_id), wanted):
        raise RefusedForGood(
            f"{name_of(source_id)} is another one than vmbackup made: somebody deleted it and "
            "made one of the same name. Nothing is made from it."
        )
    return source


async def check_disk(azure: AzureActs, expect: Mapping[str, Any]) -> None:
    """Raises RefusedForGood where the disk is gone or another disk has its name.

    `expect`: source_id, and source_unique_id (empty: not known; then nothing is checked).
    """
    source_id, wanted = str(expect["source_id"]), expect.get("source_unique_id")
    disk = await azure.get(source_id) if wanted else None
    if wanted and disk is None:
        raise RefusedForGood(f"{name_of(source_id)} is not there any more.")
    if disk and not same_text(unique_id(disk, source_id), wanted):
        raise RefusedForGood(
            f"{name_of(source_id)} is another disk than was approved: the one of that name was "
            "replaced. No snapshot is taken of it."
        )


def unique_id(resource: Mapping[str, Any], arm_id: str) -> str:
    """The id that no later resource of the same name has; a restore point's is in its disks."""
    if resource_kind(arm_id) is Resource.RESTORE_POINT:
        return first_disk_point(resource)
    return str(properties(resource).get("uniqueId") or "")
