"""A break-glass request is reviewed and counted, however the request ends."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA, LINUS
from tests.workflow.test_workflow_running import LOCKED
from tests.workflow.workflow_system import System


async def asked_again(system: System) -> str:
    """A break-glass request, half done, that was resumed too late and waits for approval."""
    system.azure.faults.add(LOCKED)
    request_id = await system.ask("web-01", break_glass=True)
    assert (await system.get(request_id)).state is State.HALF_DONE
    await system.later(request_id, timedelta(minutes=61))
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    return request_id


async def test_a_break_glass_request_is_reviewed_though_it_needs_approval_again(
    system: System,
) -> None:
    request_id = await asked_again(system)
    await system.press(request_id, ClickKind.CANCEL, ADA.id)
    assert (await system.get(request_id)).state is State.HALF_DONE
    await system.press(request_id, ClickKind.LOOKED, LINUS.id)
    assert (await system.get(request_id)).looked_by == LINUS.id


async def test_a_missing_review_is_escalated_while_the_request_waits_again(system: System) -> None:
    request_id = await asked_again(system)
    await system.later(request_id, timedelta(hours=5))
    await system.workflow.look_after()
    assert (await system.notes(request_id)).count("Nobody looked") == 1


async def test_break_glass_for_one_revision_approves_no_other(system: System) -> None:
    request_id = await asked_again(system)
    await system.workflow.carry_on(request_id)
    assert (await system.get(request_id)).state is State.WAITING
    await system.approve(request_id, LINUS.id, begin=False)
    await system.later(request_id, timedelta(minutes=61))
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 3)
    assert "not begun within" in request.why


async def test_a_break_glass_request_that_needs_approval_again_counts_as_used(
    system: System,
) -> None:
    await asked_again(system)
    assert (await system.get(await system.ask("dev-04", break_glass=True))).state is State.DONE
    third = await system.get(await system.ask("api-arm-01", break_glass=True))
    assert third.state is State.REFUSED
    assert "this week" in third.why
