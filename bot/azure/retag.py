"""The verb that changes tags: the tags of a snapshot show its new expiry."""

from __future__ import annotations

from bot.azure.connection import AzureActs
from bot.azure.operations import Operation
from bot.azure.ownership import other_tag, properties, why_not_to_be_deleted
from bot.azure.standing import ABSENT, LookResult, LookState, failed, foreign
from bot.azure.verb import check_before, expected, provisioned, sent
from bot.requests.model import Step


class Retag:
    """`retag`: sets the tags of the step; the resource's other tags stay."""

    name = "retag"

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """THERE when the resource has the tags; FOREIGN where it differs from what was noted."""
        resource = await azure.get(step.target_id)
        if resource is None:
            return failed("It is not there any more, so it cannot be kept longer.")
        held = properties(resource)
        unique_id, created = str(held.get("uniqueId") or ""), str(held.get("timeCreated") or "")
        if why := why_not_to_be_deleted(unique_id, created, resource, expected(step)):
            return foreign(why, resource)
        if other_tag(resource, sent(step)["tags"]):
            return ABSENT._replace(resource=resource)
        return provisioned(resource, again=True, percent=None)

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Looks, then sends one PATCH with all tags, old and new: a PATCH replaces the tags."""
        standing = await check_before(self, azure, step)
        if standing.state is LookState.ABSENT:
            held = standing.resource.get("tags") or {}
            changed = {name.lower() for name in sent(step)["tags"]}
            kept = {name: text for name, text in held.items() if name.lower() not in changed}
            return await azure.patch(step.target_id, {"tags": {**kept, **sent(step)["tags"]}})
        return None
