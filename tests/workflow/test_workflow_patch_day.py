"""Slack limits how often it says who people are: clicks share readings, or wait for the next."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.model import ClickKind
from bot.requests.states import State
from bot.slack.remembered import FRESH_SECONDS
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.patch_day import READING, approve_in_a_row, waiting
from tests.workflow.workflow_system import System

LIMITED = Fault(Kind.STATUS, READING, status=429, retry_after="20")


async def notes_to(system: System, user_id: str) -> list[str]:
    """What one person is told alone, in order."""
    rows = await system.rows(
        "SELECT message ->> 'text' FROM messages WHERE kind = 'whisper' AND user_id = %s"
        " ORDER BY id",
        user_id,
    )
    return [row[0] for row in rows]


async def test_more_approvals_in_a_row_than_slack_allows_readings_a_minute_are_all_taken(
    system: System,
) -> None:
    """usergroups.users.list may be asked twenty times a minute."""
    day = await approve_in_a_row(system, await waiting(system, 22))
    assert day.done == day.approvals == 22
    assert day.refused_by_slack == 0
    assert day.readings <= day.seconds / FRESH_SECONDS + 1


async def test_a_click_that_meets_slacks_limit_is_stored_and_judged_afterwards(
    system: System,
) -> None:
    request_id = await system.ask("dev-04")
    system.slack.faults.add(LIMITED)
    readings = system.slack.counts[READING]
    click = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    await system.workflow.judge(click)
    (told,) = await notes_to(system, GRACE.id)
    assert "asks it to wait 20 seconds. Your click is stored" in told
    assert await system.store.due_clicks(10) == [click]
    assert (await system.get(request_id)).state is State.WAITING
    assert system.slack.counts[READING] == readings + 1

    system.slack.clock.forward(20)
    await system.workflow.judge(click)
    assert "Approved" in (await notes_to(system, GRACE.id))[-1]
    assert await system.store.due_clicks(10) == []
    assert (await system.get(request_id)).state is State.APPROVED
    assert len(await system.store.approvals(request_id)) == 1


async def test_a_click_that_waited_is_judged_by_who_is_in_the_group_then(system: System) -> None:
    request_id = await system.ask("dev-04")
    system.slack.faults.add(LIMITED)
    click = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    system.slack.set_group("linus")
    system.slack.clock.forward(20)
    await system.workflow.judge(click)
    assert "may not decide" in await system.answer(click)
    assert await system.store.approvals(request_id) == ()


async def test_a_click_that_needs_no_reading_of_slack_does_not_wait_for_it(system: System) -> None:
    request_id = await system.ask("dev-04")
    system.age_readings()
    system.slack.faults.add(Fault(Kind.STATUS, "users.info", status=429, times=None))
    await system.press(request_id, ClickKind.CANCEL, ADA.id)
    assert (await system.get(request_id)).state is State.CANCELLED
    click = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert "decided already" in await system.answer(click)


async def test_a_beginning_that_meets_slacks_limit_is_put_off_until_slack_says_more(
    system: System,
) -> None:
    request_id = await system.ask("dev-04")
    await system.approve(request_id, begin=False)
    system.age_readings()
    system.slack.faults.add(LIMITED)
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.attempts) == (State.APPROVED, 1)
    ((seconds,),) = await system.rows(
        "SELECT extract(epoch FROM not_before - now())::float FROM requests WHERE id = %s",
        request_id,
    )
    assert 10 < seconds <= 20
    system.slack.clock.forward(20)
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE


async def test_an_approval_that_is_too_old_is_void_whatever_slack_limits(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.approve(request_id, begin=False)
    await system.later(request_id, timedelta(minutes=61))
    system.age_readings()
    system.slack.faults.add(Fault(Kind.STATUS, "users.info", status=429, times=None))
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
