"""A broken glass stays broken: it is looked at and counted, whatever becomes of the request."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA, LINUS
from tests.workflow.test_workflow_doing import LOCKED
from tests.workflow.told import Told


async def asked_again(tale: Told) -> str:
    """Taken by half under the glass, and asked for anew when it was gone on with too late."""
    tale.azure.faults.add(LOCKED)
    request_id = await tale.ask("web-01", break_glass=True)
    assert (await tale.get(request_id)).state is State.HALF_DONE
    await tale.later(request_id, timedelta(minutes=61))
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    await tale.workflow.carry_on(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    return request_id


async def test_what_was_made_under_the_glass_is_looked_at_though_it_is_asked_again(
    tale: Told,
) -> None:
    request_id = await asked_again(tale)
    await tale.press(request_id, ClickKind.CANCEL, ADA.id)
    assert (await tale.get(request_id)).state is State.HALF_DONE
    await tale.press(request_id, ClickKind.LOOKED, LINUS.id)
    assert (await tale.get(request_id)).looked_by == LINUS.id


async def test_a_look_that_nobody_took_is_escalated_while_it_waits_anew(tale: Told) -> None:
    request_id = await asked_again(tale)
    await tale.later(request_id, timedelta(hours=5))
    await tale.workflow.look_after()
    assert (await tale.notes(request_id)).count("Nobody looked") == 1


async def test_the_glass_of_one_revision_opens_no_other(tale: Told) -> None:
    request_id = await asked_again(tale)
    await tale.workflow.carry_on(request_id)
    assert (await tale.get(request_id)).state is State.WAITING
    await tale.approve(request_id, LINUS.id, begin=False)
    await tale.later(request_id, timedelta(minutes=61))
    await tale.workflow.carry_on(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 3)
    assert "not begun within" in request.why


async def test_a_glass_that_was_asked_again_counts_as_broken(tale: Told) -> None:
    await asked_again(tale)
    assert (await tale.get(await tale.ask("dev-04", break_glass=True))).state is State.DONE
    third = await tale.get(await tale.ask("api-arm-01", break_glass=True))
    assert third.state is State.REFUSED
    assert "this week" in third.why
