"""A break-glass request is reviewed and counted, however the request ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE, LINUS
from tests.workflow.test_workflow_running import LOCKED
from tests.workflow.test_workflow_voiding import deactivate
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


async def test_a_later_revision_of_a_break_glass_request_rests_on_its_approver(
    system: System,
) -> None:
    request_id = await asked_again(system)
    await system.workflow.carry_on(request_id)
    await system.approve(request_id, LINUS.id, begin=False)
    deactivate(system, LINUS.id)
    system.age_readings()
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 3)
    assert "deactivated" in request.why


async def test_a_break_glass_request_that_needs_approval_again_counts_as_used(
    system: System,
) -> None:
    await asked_again(system)
    assert (await system.get(await system.ask("dev-04", break_glass=True))).state is State.DONE
    third = await system.get(await system.ask("api-arm-01", break_glass=True))
    assert third.state is State.REFUSED
    assert "this week" in third.why


# --- a request for the same that is live already ---------------------------------------------


async def test_break_glass_takes_the_place_of_what_still_waits_whoever_asked(
    system: System,
) -> None:
    waiting = await system.ask("web-01", user=LINUS.id)
    glass = await system.ask("web-01", break_glass=True)
    assert (await system.get(glass)).state is State.DONE
    former = await system.get(waiting)
    assert former.state is State.CANCELLED
    assert f"{glass} takes the place of this request" in former.why
    said = await system.notes(waiting)
    assert f"{glass} takes the place of this request, which nobody has to decide" in said
    told = await system.rows(
        "SELECT user_id, message ->> 'text' FROM messages WHERE request_id = %s"
        " AND kind = 'whisper'",
        waiting,
    )
    assert [(who, "not decided any more" in text) for who, text in told] == [(LINUS.id, True)]
    late = await system.press(waiting, ClickKind.APPROVE, GRACE.id)
    assert "takes the place" in await system.answer(late)
    assert len(system.snapshots(glass)) == 2
    assert system.snapshots(waiting) == []
    entries = await system.rows(
        "SELECT kind, who FROM audit WHERE request_id = %s ORDER BY seq DESC LIMIT 1", waiting
    )
    assert entries == [("superseded", ADA.id)]


async def test_the_card_of_what_was_superseded_says_so_in_slack(system: System) -> None:
    waiting = await system.ask("dev-04", user=LINUS.id)
    await system.until_said("waiting for approval")
    glass = await system.ask("dev-04", break_glass=True)
    card = await system.until_said("Snapshot of dev-04: cancelled")
    assert f"broke the glass for the same: {glass} takes the place" in card
    assert waiting in card


async def test_the_money_of_what_was_superseded_is_free_again(system: System) -> None:
    await system.ask("web-01", user=LINUS.id)
    once = await system.reserved()
    await system.ask("web-01", break_glass=True, keep=timedelta(hours=24))
    assert 0 < await system.reserved() <= once


async def test_break_glass_follows_what_is_approved_already(system: System) -> None:
    first = await system.ask("web-01", user=LINUS.id)
    await system.approve(first, begin=False)
    glass = await system.ask("web-01", break_glass=True)
    request = await system.get(glass)
    assert (request.state, request.why) == (State.REFUSED, f"{first} is under way for the same.")
    assert "so the glass is not broken" in await system.notes(glass)
    assert f"{ADA.id} needs it in an emergency and follows" in await system.notes(first)
    assert await system.store.break_glass_count(ADA.id, request.asked_at - timedelta(days=7)) == 0
    await system.workflow.carry_on(first)
    assert (await system.get(first)).state is State.DONE


async def test_break_glass_follows_what_runs_already(system: System) -> None:
    number = system.azure.faults.add(
        Fault(Kind.STATUS, "Snapshots_CreateOrUpdate", status=503, times=None)
    )
    first = await system.ask("web-01", user=LINUS.id)
    await system.approve(first)
    assert (await system.get(first)).state is State.RUNNING
    glass = await system.ask("web-01", break_glass=True)
    assert (await system.get(glass)).state is State.REFUSED
    assert "is in progress already" in await system.notes(glass)
    system.azure.faults.remove(number)
    await system.at_once(first)
    assert (await system.get(first)).state is State.DONE


async def test_what_was_used_up_supersedes_nothing(system: System) -> None:
    for vm in ("dev-04", "api-arm-01"):
        await system.ask(vm, break_glass=True)
    waiting = await system.ask("web-01", user=LINUS.id)
    third = await system.get(await system.ask("web-01", break_glass=True))
    assert third.state is State.REFUSED
    assert (await system.get(waiting)).state is State.WAITING


async def test_of_two_at_once_one_supersedes_what_waits(system: System) -> None:
    waiting = await system.ask("web-01", user=LINUS.id)
    both = await asyncio.gather(
        system.ask("web-01", break_glass=True),
        system.ask("web-01", user=GRACE.id, break_glass=True),
    )
    for each in both:
        await system.at_once(each)
    states = {(await system.get(each)).state for each in both}
    assert State.DONE in states
    assert states <= {State.DONE, State.REFUSED}
    ((ends,),) = await system.rows(
        "SELECT count(*) FROM audit WHERE request_id = %s AND kind = 'superseded'", waiting
    )
    assert ends == 1


async def test_what_is_half_done_and_waits_again_is_not_superseded(system: System) -> None:
    first = await asked_again(system)
    glass = await system.ask("web-01", user=GRACE.id, break_glass=True)
    assert (await system.get(glass)).state is State.REFUSED
    assert (await system.get(first)).state is State.WAITING
