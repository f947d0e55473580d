"""The verbs for restore points of a VM and for the collections that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.azure.arm_ids import collection_of, same_id
from bot.azure.connection import AzureActs
from bot.azure.operations import Operation
from bot.azure.ownership import properties, tags_of
from bot.azure.point_contents import first_disk_point
from bot.azure.sources import checked_source
from bot.azure.standing import ABSENT, LookResult, LookState, foreign
from bot.azure.verb import check_before, deleting, expected, provisioned, sent, unless_reached
from bot.requests.model import Step
from bot.requests.tags import REQUEST_TAG


class MakeCollection:
    """`make-collection`: the collection holds a VM's restore points, of this and other requests."""

    name = "make-collection"

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """THERE for a collection of this VM with vmbackup's tag, whichever request made it."""
        resource = await azure.get(step.target_id)
        if resource is None:
            return ABSENT
        source = (properties(resource).get("source") or {}).get("id")
        if not same_id(source, expected(step)["source_id"]):
            return foreign("A collection of that name holds another VM's points.", resource)
        if REQUEST_TAG not in tags_of(resource):
            return foreign("A collection of that name was not made by vmbackup.", resource)
        return provisioned(resource, again=True, percent=None)

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Sends one PUT."""
        return await azure.put(step.target_id, sent(step))


class TakeRestorePoint:
    """`take-restore-point`: a restore point of a VM, or a copy of one in another region."""

    name = "take-restore-point"

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """A restore point has no tags; name and source decide whether it is the request's own."""
        resource = await azure.get(step.target_id, expand="instanceView")
        if resource is None:
            return ABSENT
        if why := _why_another(resource, expected(step)):
            return foreign(why, resource)
        # The same PUT again is refused: a restore point cannot be changed.
        standing = provisioned(resource, again=False, percent=_percent(resource))
        return standing._replace(unique_id=first_disk_point(resource))

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Checks the source of a copy, then sends one PUT."""
        if expected(step).get("source_id"):
            await checked_source(azure, expected(step))
        return await unless_reached(
            self, azure, step, lambda: azure.put(step.target_id, sent(step))
        )


class DeleteRestorePoint:
    """`delete-restore-point`: deletes the point alone; its collection stays and costs nothing."""

    name = "delete-restore-point"

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """ABSENT only if the point agrees with what was noted and vmbackup made its collection."""
        resource = await azure.get(step.target_id)
        created = str(properties(resource or {}).get("timeCreated") or "")
        standing = deleting(step, resource, first_disk_point(resource or {}), created)
        if standing.state is not LookState.ABSENT:
            return standing
        collection = await azure.get(collection_of(step.target_id))
        if collection is None or REQUEST_TAG not in tags_of(collection):
            return foreign("The collection it lies in is not vmbackup's; it is left alone.")
        return standing

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Looks once more, for a deletion cannot be undone; then sends one DELETE."""
        if (await check_before(self, azure, step)).state is LookState.ABSENT:
            return await azure.delete(step.target_id)
        return None


def _why_another(point: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    held = properties(point)
    source = (held.get("sourceRestorePoint") or {}).get("id")
    if expect.get("source_id") and not same_id(source, expect["source_id"]):
        return "A restore point of that name is there and is no copy of this one."
    shown = str((held.get("sourceMetadata") or {}).get("vmId") or "")
    if expect.get("vm_uuid") and shown and shown.lower() != str(expect["vm_uuid"]).lower():
        return "A restore point of that name is there and was taken of an earlier VM."
    return ""


def _percent(point: Mapping[str, Any]) -> int | None:
    """The progress of the slowest disk's copy; None where nothing is copied."""
    view = properties(point).get("instanceView") or {}
    found = [
        (disk.get("replicationStatus") or {}).get("completionPercent")
        for disk in view.get("diskRestorePoints") or ()
    ]
    return min((int(one) for one in found if isinstance(one, int | float)), default=None)
