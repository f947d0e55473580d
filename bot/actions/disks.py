"""Disks, made again from a snapshot or from what a restore point holds of a disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.arm_ids import Resource, resource_kind
from bot.actions.connection import AzureActs
from bot.actions.ownership import why_not_made_by_us
from bot.actions.refusals import Never
from bot.actions.restore_points import disk_in
from bot.actions.standing import ABSENT, Standing, foreign
from bot.actions.verb import expected, provisioned, sent
from bot.requests.model import Step


class MakeDisk:
    """`make-disk`: beside the one it was once taken of, never over it."""

    name = "make-disk"

    async def look(self, azure: AzureActs, step: Step) -> Standing:
        """Ours by its tags and by what it was made from."""
        resource = await azure.get(step.target_id)
        if resource is None:
            return ABSENT
        if why := why_not_made_by_us(resource, expected(step)):
            return foreign(why, resource)
        return provisioned(resource, again=True, percent=None)

    async def do(self, azure: AzureActs, step: Step) -> None:
        """One PUT. Of a restore point, its own id of the disk is read first."""
        source_id = str(expected(step)["source_id"])
        if resource_kind(source_id) is Resource.RESTORE_POINT:
            held_id = await _held(azure, source_id, str(expected(step)["disk_id"]))
            await azure.put(step.target_id, _from(sent(step), held_id))
        else:
            await azure.put(step.target_id, sent(step))


async def _held(azure: AzureActs, point_id: str, disk_id: str) -> str:
    point = await azure.get(point_id)
    held_id = disk_in(point, disk_id) if point else ""
    if not held_id:
        raise Never("The restore point is not there any more, or does not hold this disk.")
    return held_id


def _from(body: Mapping[str, Any], source_id: str) -> Mapping[str, Any]:
    creation = {**body["properties"]["creationData"], "sourceResourceId": source_id}
    return {**body, "properties": {**body["properties"], "creationData": creation}}
