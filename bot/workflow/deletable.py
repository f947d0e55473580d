"""Whether a deletion can come about at all: asked before anybody has to approve it."""

from __future__ import annotations

from bot.azure.arm_ids import name_of
from bot.azure.refusals import RefusedForGood, RefusedForNow
from bot.azure.standing import LookState
from bot.azure.steps import deletion_of, planned_points
from bot.requests.action import Effect
from bot.requests.model import Kind, RequestPlan
from bot.requests.request import Request
from bot.workflow.plan_request import read_points
from bot.workflow.ports import NotNow, Ports
from bot.workflow.refused import Refused


async def require_deletable(ports: Ports, request: Request, plan: RequestPlan) -> None:
    """Of a deletion of disks: that none is attached, or another than was made.

    The look before each deletion finds the same again. Raises Refused, NotNow.
    """
    if request.row.facts.effect is not Effect.DELETES or plan.kind is not Kind.DISK:
        return
    for point in planned_points(plan, await read_points(ports, request)):
        try:
            found = await ports.acts.look(deletion_of(point))
        except RefusedForGood as error:
            raise Refused(error.sentence) from error
        except RefusedForNow as error:
            raise NotNow(error.sentence, error.retry_after) from error
        if found.state in (LookState.FAILED, LookState.FOREIGN):
            raise Refused(f"{name_of(point.arm_id)}: {found.why}")
