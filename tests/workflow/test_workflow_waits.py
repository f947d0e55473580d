"""A worker waits for what it cannot read for the moment, and not for ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.workflow_system import QUICK, PlansOnce, System

NO_CHANNEL = Fault(Kind.STATUS, "conversations.info", status=500, times=None)


async def state_of(system: System, request_id: str) -> State:
    return (await system.get(request_id)).state


async def waits(system: System, request_id: str) -> float:
    """Seconds until a worker takes the request again."""
    ((seconds,),) = await system.rows(
        "SELECT extract(epoch FROM next_at - now())::float FROM requests WHERE id = %s", request_id
    )
    return float(seconds)


async def test_planning_waits_for_azure_and_gives_up_after_a_quarter_of_an_hour(
    system: System,
) -> None:
    used_up = PlansOnce(ports_of(system.connections, system.acts, QUICK).plans)
    await system.ask("web-02", by=system.workflow_with(plans=used_up))
    away = system.workflow_with(plans=used_up)
    request_id = await system.ask("web-01", by=away)
    assert await state_of(system, request_id) is State.PLANNING
    system.workflow = away
    for _ in range(6):
        await system.at_once(request_id)
    assert 10 < await waits(system, request_id) <= 15  # the longest pause of our own
    await system.later(request_id, timedelta(minutes=16))
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "could not be planned for 15 minutes" in request.why


async def test_a_request_that_can_neither_begin_nor_ask_again_ends(system: System) -> None:
    used_up = PlansOnce(ports_of(system.connections, system.acts, QUICK).plans)
    request_id = await system.ask("dev-04", by=system.workflow_with(plans=used_up))
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    system.start_new_worker()
    system.slack.faults.add(NO_CHANNEL)
    await system.later(request_id, timedelta(hours=2))
    system.workflow = system.workflow_with(plans=used_up)
    await system.at_once(request_id)
    assert await state_of(system, request_id) is State.APPROVED
    await system.execute("UPDATE requests SET attempts = 60 WHERE id = %s", request_id)
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "could not be begun within 60 minutes" in request.why
    assert await system.reserved() == 0


async def test_an_approval_that_comes_while_a_reminder_is_sent_is_begun_at_once(
    system: System,
) -> None:
    """The worker finds that the state changed, and releases the request at once."""
    request_id = await system.ask("dev-04")
    await system.later(request_id, timedelta(hours=1, seconds=1))

    class Store:
        """A store in which an approver approves right before the reminder is stored."""

        def __getattr__(self, name: str) -> object:
            return getattr(system.store, name)

        async def move(self, *arguments: object) -> object:
            await system.press(request_id, ClickKind.APPROVE, GRACE.id)
            return await system.store.move(*arguments)

    await system.workflow_with(store=Store()).carry_on(request_id)
    assert await state_of(system, request_id) is State.APPROVED
    await system.workflow.carry_on(request_id)
    assert await state_of(system, request_id) is State.DONE


async def test_a_handler_that_takes_longer_than_a_lease_keeps_the_lease(system: System) -> None:
    plans = ports_of(system.connections, system.acts, QUICK).plans

    class Late:
        """Plans that take longer than the lease lasts."""

        async def plan(self, *arguments: object) -> object:
            await asyncio.sleep(2.0)
            return await plans.plan(*arguments)  # type: ignore[arg-type]

    pace = replace(QUICK, lease_seconds=1.5)
    request_id = await system.ask("dev-04", by=system.workflow_with(plans=Late(), pace=pace))
    assert await state_of(system, request_id) is State.WAITING


async def test_the_requester_hears_of_the_end_where_the_card_cannot_be_posted(
    system: System,
) -> None:
    """The channel refuses every post: the requester gets the notes of the thread."""
    request_id = await system.ask()
    refused = Fault(
        Kind.STATUS, "chat.postMessage", status=200, code="channel_not_found", times=None
    )
    fault = system.slack.faults.add(refused)
    await system.later(request_id, timedelta(hours=9))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.LAPSED
    await system.execute("UPDATE messages SET attempts = 99 WHERE request_id = %s", request_id)
    assert await system.sender.step()
    rows = await system.rows(
        "SELECT user_id, key FROM messages WHERE request_id = %s AND kind = 'direct' ORDER BY id",
        request_id,
    )
    assert rows == [(ADA.id, "plan-1"), (ADA.id, "end")]
    system.slack.faults.remove(fault)
    async with asyncio.timeout(20):
        while not await system.rows(
            "SELECT FROM messages WHERE request_id = %s AND key = 'end' AND ts <> ''", request_id
        ):
            if not await system.sender.step():
                await asyncio.sleep(0.1)


async def test_a_wait_that_azure_names_while_it_is_read_is_kept_in_the_database(
    system: System,
) -> None:
    """Resource Graph is asked once, and not again before its Retry-After, though workers die."""
    throttled = Fault(Kind.STATUS, "*", method="POST", status=429, retry_after="300", times=None)
    system.azure.faults.add(throttled)
    async with asyncio.timeout(10):
        request_id = await system.ask()
    assert await state_of(system, request_id) is State.PLANNING
    assert 280 < await waits(system, request_id) <= 300
