"""The protocol of a verb, and what verbs share: how a resource's provisioning is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from bot.azure.connection import AzureActs
from bot.azure.operations import Operation
from bot.azure.ownership import properties, why_not_to_be_deleted
from bot.azure.refusals import RefusedForGood
from bot.azure.standing import ABSENT, COMING, THERE, LookResult, LookState, foreign
from bot.requests.model import Step

_FAILED = frozenset({"failed", "canceled"})


class Verb(Protocol):
    """One idempotent change of Azure. Both methods raise RefusedForNow or RefusedForGood.

    `step.body` holds `send`, what is sent, and `expect`, how the target is recognised.
    """

    @property
    def name(self) -> str:
        """The name in `Step.verb`."""

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """How far the step has come; changes nothing."""

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Sends exactly one request that changes Azure; returns when Azure has accepted it.

        What it returns is to be asked until it ends; None where Azure names no operation.
        """


def sent(step: Step) -> Mapping[str, Any]:
    """What the step sends."""
    body: Mapping[str, Any] = step.body["send"]
    return body


def expected(step: Step) -> Mapping[str, Any]:
    """How the step's target is recognised."""
    body: Mapping[str, Any] = step.body["expect"]
    return body


def provisioned(resource: Mapping[str, Any], *, again: bool, percent: int | None) -> LookResult:
    """How far Azure has made a resource. `again`: after a failure the same PUT may succeed."""
    state = str(properties(resource).get("provisioningState") or "").lower()
    standing = COMING._replace(
        percent=percent,
        unique_id=str(properties(resource).get("uniqueId") or ""),
        time_created=str(properties(resource).get("timeCreated") or ""),
        resource=resource,
    )
    if state in _FAILED:
        why = f"Azure began it and gave up (provisioningState {state})."
        return standing._replace(state=LookState.FAILED, why=why, can_repeat=again)
    is_there = state == "succeeded" and percent in (None, 100)
    return standing._replace(state=LookState.THERE) if is_there else standing


def deleting(
    step: Step, resource: Mapping[str, Any] | None, unique_id: str, time_created: str
) -> LookResult:
    """How far a deletion has come; FOREIGN where the resource differs from what was noted.

    ABSENT where it must be sent. A resource may show as being deleted for ever after its deletion
    failed: what Azure said of the operation counts, and the same request is sent again.
    """
    if resource is None:
        return THERE
    if why := why_not_to_be_deleted(unique_id, time_created, resource, expected(step)):
        return foreign(why, resource)
    state = str(properties(resource).get("provisioningState") or "").lower()
    is_coming = state == "deleting" and not step.is_due_again
    return (COMING if is_coming else ABSENT)._replace(resource=resource)


async def check_before(verb: Verb, azure: AzureActs, step: Step) -> LookResult:
    """A look right before a change that cannot be undone.

    Raises RefusedForGood where the resource is not this request's own.
    """
    standing = await verb.look(azure, step)
    if standing.state in (LookState.FOREIGN, LookState.FAILED):
        raise RefusedForGood(standing.why)
    return standing


async def unless_reached(
    verb: Verb, azure: AzureActs, step: Step, request: Callable[[], Awaitable[Operation | None]]
) -> Operation | None:
    """Send the request; a refusal does not count where the target is as wanted all the same.

    Azure refuses the second of two equal requests for a restore point or an attachment: another
    worker was first, or the answer of the first was lost.
    """
    try:
        return await request()
    except RefusedForGood:
        if (await verb.look(azure, step)).state not in (LookState.THERE, LookState.COMING):
            raise
    return None
