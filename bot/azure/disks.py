"""Disks, made from a snapshot or from a disk restore point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.azure.arm_ids import Resource, resource_kind
from bot.azure.connection import AzureActs
from bot.azure.operations import Operation
from bot.azure.ownership import why_not_made_by_us
from bot.azure.point_contents import disk_in
from bot.azure.refusals import RefusedForGood
from bot.azure.sources import checked_source
from bot.azure.standing import ABSENT, LookResult, foreign
from bot.azure.verb import expected, provisioned, sent
from bot.requests.model import Step


class MakeDisk:
    """`make-disk`: a new disk beside the one that the snapshot or restore point was taken of."""

    name = "make-disk"

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """The disk is this request's own if its tags and its source say so."""
        resource = await azure.get(step.target_id)
        if resource is None:
            return ABSENT
        if why := why_not_made_by_us(resource, expected(step)):
            return foreign(why, resource)
        return provisioned(resource, again=True, percent=None)

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Checks the source, then sends one PUT. A restore point has an id for each disk."""
        expect = expected(step)
        source = await checked_source(azure, expect)
        if resource_kind(str(expect["source_id"])) is not Resource.RESTORE_POINT:
            return await azure.put(step.target_id, sent(step))
        held_id = disk_in(source, str(expect["disk_id"]))
        if not held_id:
            raise RefusedForGood("The restore point does not hold this disk.")
        return await azure.put(step.target_id, _from(sent(step), held_id))


def _from(body: Mapping[str, Any], source_id: str) -> Mapping[str, Any]:
    creation = {**body["properties"]["creationData"], "sourceResourceId": source_id}
    return {**body, "properties": {**body["properties"], "creationData": creation}}
