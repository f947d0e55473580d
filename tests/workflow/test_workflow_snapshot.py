"""A snapshot from the request to its end: approved, taken once, expired."""

from __future__ import annotations

from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.workflow_system import System


async def test_a_snapshot_that_is_approved_is_taken_once_and_said(system: System) -> None:
    request_id = await system.ask()
    assert (await system.get(request_id)).state is State.WAITING
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    assert request.plan is not None
    assert len(system.snapshots(request_id)) == len(request.plan.disks)
    said = await system.until_said("It is taken")
    assert all(point.arm_id in said for point in await system.store.points(request_id=request_id))


async def test_ones_own_approval_is_refused_and_nothing_is_taken(system: System) -> None:
    request_id = await system.ask()
    await system.press(request_id, ClickKind.APPROVE, ADA.id)
    assert (await system.get(request_id)).state is State.WAITING
    assert system.snapshots(request_id) == []
