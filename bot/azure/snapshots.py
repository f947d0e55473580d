"""The verbs for snapshots: take one of a disk, copy it to another region, delete it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.azure.connection import AzureActs
from bot.azure.immutability import why_immutable
from bot.azure.operations import Operation
from bot.azure.ownership import properties, why_not_made_by_us
from bot.azure.sources import check_disk, checked_source
from bot.azure.standing import ABSENT, LookResult, LookState, failed, foreign
from bot.azure.verb import check_before, deleting, expected, provisioned, sent
from bot.requests.model import Step


@dataclass(frozen=True)
class MakeSnapshot:
    """`take-snapshot` of a disk, `copy-snapshot` of a snapshot; `do` checks the source first."""

    name: str
    of_snapshot: bool

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """THERE once the snapshot is usable: of Ultra, Premium SSD v2 and copies, once copied."""
        resource = await azure.get(step.target_id)
        if resource is None:
            return ABSENT
        if why := why_not_made_by_us(resource, expected(step)):
            return foreign(why, resource)
        standing = provisioned(resource, again=True, percent=_percent(resource))
        if why := _copy_failed(resource):
            return standing._replace(state=LookState.FAILED, why=why, can_repeat=False)
        return standing

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Sends one PUT; the same PUT again makes no second snapshot.

        Raises RefusedForGood where the source is another one than was planned.
        """
        if self.of_snapshot:
            await checked_source(azure, expected(step))
        else:
            await check_disk(azure, expected(step))
        return await azure.put(step.target_id, sent(step))


@dataclass(frozen=True)
class DeleteOfDisks:
    """`delete-snapshot` and `delete-disk`: both have tags, a uniqueId and a time of creation."""

    name: str

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """THERE when the resource is gone; FOREIGN where it differs from what was noted; FAILED
        where it is in use or immutable."""
        resource = await azure.get(step.target_id)
        held = properties(resource or {})
        standing = deleting(
            step, resource, str(held.get("uniqueId") or ""), str(held.get("timeCreated") or "")
        )
        if resource and resource.get("managedBy") and standing.state is not LookState.FOREIGN:
            return failed(_ATTACHED, resource)
        if resource and standing.state is LookState.ABSENT and (why := why_immutable(resource)):
            return failed(why, resource)
        return standing

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Looks once more, for a deletion cannot be undone; then sends one DELETE."""
        if (await check_before(self, azure, step)).state is LookState.ABSENT:
            return await azure.delete(step.target_id)
        return None


_ATTACHED = "It is attached to a VM, so it is not deleted. Take it off the VM first."


def _percent(resource: Mapping[str, Any]) -> int | None:
    percent = properties(resource).get("completionPercent")
    return int(percent) if isinstance(percent, int | float) else None


def _copy_failed(resource: Mapping[str, Any]) -> str:
    error = properties(resource).get("copyCompletionError")
    if not isinstance(error, dict):
        return ""
    words = str(error.get("errorMessage") or error.get("errorCode") or "it gives no reason")
    return f"Azure could not copy it to the end: {words[:300]}"
