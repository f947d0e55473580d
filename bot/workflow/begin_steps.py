"""The steps of an approved request: what the plan needs, less what an earlier try did."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.azure.refusals import RefusedForGood
from bot.requests.changes import AuditEntry, Change
from bot.requests.model import Approval, Point, Step, StepState
from bot.requests.plan_hash import plan_hash
from bot.requests.states import State
from bot.requests.tags import expiry_of, tags_of
from bot.workflow.approved_request import ApprovedRequest
from bot.workflow.disk_expiry import attached_disks
from bot.workflow.plan_request import read_points
from bot.workflow.refused import Refused
from bot.workflow.step_results import MAKES
from bot.workflow.undo_step import followed_anew

_EXTENDED = "It was extended meanwhile."
_RESUMED = "It is gone on with, so nothing of it is deleted now."
_ATTACHED_SINCE = "A VM has or had the disk attached since, so it is not deleted by itself."
#: Where a deletion is refused for one of these, no note says so: people want what stays.
WANTED_AGAIN = frozenset({_EXTENDED, _RESUMED})
_UNDER_WAY = (State.APPROVED, State.RUNNING)


async def begin_steps(approved: ApprovedRequest, approvals: tuple[Approval, ...]) -> Change:
    """The change to `running`, with its steps; what an earlier try did to the VM is kept.

    Raises Refused.
    """
    request, plan = approved.request, approved.plan
    if approved.deletes:
        await _require_still_due(approved)
    dated = replace(request, expires_at=await _expiry(approved))
    before = await approved.ports.store.steps(request.id)
    try:
        points = await read_points(approved.ports, request)
        steps = approved.ports.steps_of(plan, tags_of(dated, plan, approvals), points)
    except RefusedForGood as error:
        raise Refused(error.sentence) from error
    done = {_key(step): step for step in before if _is_not_repeated(step)}
    return Change(
        to=State.RUNNING,
        entry=AuditEntry(kind="begun", detail={"plan": plan_hash(plan), "steps": len(steps)}),
        fields={
            "expires_at": dated.expires_at,
            "why": "",
            "cancel_asked_by": "",
            "reminded_at": None,
        },
        steps=tuple(_carried_over(step, done.get(_key(step))) for step in steps),
    )


async def _expiry(approved: ApprovedRequest) -> datetime | None:
    """Retention counts from now on; a half-done request that was extended keeps that expiry."""
    by_plan = expiry_of(approved.plan, await approved.ports.store.now())
    before = approved.request.expires_at if approved.points else None
    return max(by_plan, before) if by_plan and before else by_plan


def _is_not_repeated(step: Step) -> bool:
    """Whether the step changed the VM; one that made a resource looks again, as it may be gone."""
    return step.state is StepState.THERE and step.verb not in MAKES


def _key(step: Step) -> tuple[str, str, str]:
    """One VM is the target of several steps, of one verb even: a disk each."""
    return step.verb, step.target_id.lower(), step.disk_id.lower()


def _carried_over(step: Step, before: Step | None) -> Step:
    if before is None:
        return step
    return replace(followed_anew(before), number=step.number, after=step.after)


async def _require_still_due(approved: ApprovedRequest) -> None:
    """Raises Refused where the points of an expiry were extended, or their request resumed."""
    ports, request = approved.ports, approved.request
    source = await ports.store.get(request.wish.of_request)
    if source is not None and source.state in _UNDER_WAY:
        raise Refused(_RESUMED)
    ids = {disk.source_id.lower() for disk in approved.plan.disks}
    points = await read_points(ports, request)
    due = [point for point in points if point.arm_id.lower() in ids]
    if not request.requester.user_id and any(_is_retained(one, approved.now) for one in due):
        raise Refused(_EXTENDED)
    if not request.requester.user_id and await attached_disks(ports, due):
        raise Refused(_ATTACHED_SINCE)


def _is_retained(point: Point, now: datetime) -> bool:
    return point.expires_at is None or point.expires_at > now
