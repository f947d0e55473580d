"""A snapshot from the asking to its end: asked for, approved, taken once, expired."""

from __future__ import annotations

from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.told import Told


async def test_a_snapshot_that_is_approved_is_taken_once_and_said(tale: Told) -> None:
    request_id = await tale.ask()
    assert (await tale.get(request_id)).state is State.WAITING
    await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    await tale.workflow.carry_on(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    assert request.plan is not None
    assert len(tale.snapshots(request_id)) == len(request.plan.disks)
    said = await tale.until_said("It is taken")
    assert all(point.arm_id in said for point in await tale.store.points(request_id=request_id))


async def test_ones_own_approval_is_refused_and_nothing_is_taken(tale: Told) -> None:
    request_id = await tale.ask()
    await tale.press(request_id, ClickKind.APPROVE, ADA.id)
    assert (await tale.get(request_id)).state is State.WAITING
    assert tale.snapshots(request_id) == []
