"""What cannot be read for the moment is waited for, and not for ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.told import QUICK, Once, Told

NO_CHANNEL = Fault(Kind.STATUS, "conversations.info", status=500, times=None)


async def state_of(tale: Told, request_id: str) -> State:
    return (await tale.get(request_id)).state


async def waits(tale: Told, request_id: str) -> float:
    """Seconds until it is looked at again."""
    ((seconds,),) = await tale.rows(
        "SELECT extract(epoch FROM next_at - now())::float FROM requests WHERE id = %s", request_id
    )
    return float(seconds)


async def test_planning_waits_for_azure_and_gives_up_after_a_quarter_of_an_hour(
    tale: Told,
) -> None:
    used_up = Once(ports_of(tale.connections, tale.acts, QUICK).plans)
    await tale.ask("web-02", by=tale.told_with(plans=used_up))
    away = tale.told_with(plans=used_up)
    request_id = await tale.ask("web-01", by=away)
    assert await state_of(tale, request_id) is State.PLANNING
    tale.workflow = away
    for _ in range(6):
        await tale.at_once(request_id)
    assert 10 < await waits(tale, request_id) <= 15  # the longest pause of our own
    await tale.later(request_id, timedelta(minutes=16))
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert "could not be planned for 15 minutes" in request.why


async def test_what_can_neither_begin_nor_be_asked_again_ends(tale: Told) -> None:
    used_up = Once(ports_of(tale.connections, tale.acts, QUICK).plans)
    request_id = await tale.ask("dev-04", by=tale.told_with(plans=used_up))
    await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    tale.anew()
    tale.slack.faults.add(NO_CHANNEL)
    await tale.later(request_id, timedelta(hours=2))
    tale.workflow = tale.told_with(plans=used_up)
    await tale.at_once(request_id)
    assert await state_of(tale, request_id) is State.APPROVED
    await tale.execute("UPDATE requests SET attempts = 60 WHERE id = %s", request_id)
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert "could not be begun within 60 minutes" in request.why
    assert await tale.reserved() == 0


async def test_an_approval_that_comes_while_a_reminder_is_sent_is_begun_at_once(
    tale: Told,
) -> None:
    """The worker finds that it moved on, and lets go of it instead of keeping it for a lease."""
    request_id = await tale.ask("dev-04")
    await tale.later(request_id, timedelta(hours=1, seconds=1))

    class Store:
        """The store, in which somebody approves right before the reminder is written."""

        def __getattr__(self, name: str) -> object:
            return getattr(tale.store, name)

        async def move(self, *arguments: object) -> object:
            await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
            return await tale.store.move(*arguments)

    await tale.told_with(store=Store()).carry_on(request_id)
    assert await state_of(tale, request_id) is State.APPROVED
    await tale.workflow.carry_on(request_id)
    assert await state_of(tale, request_id) is State.DONE


async def test_a_chapter_that_takes_longer_than_a_lease_keeps_it(tale: Told) -> None:
    plans = ports_of(tale.connections, tale.acts, QUICK).plans

    class Late:
        """Plans that take longer than the lease lasts."""

        async def plan(self, *arguments: object) -> object:
            await asyncio.sleep(0.6)
            return await plans.plan(*arguments)  # type: ignore[arg-type]

    pace = replace(QUICK, lease_seconds=0.4)
    request_id = await tale.ask("dev-04", by=tale.told_with(plans=Late(), pace=pace))
    assert await state_of(tale, request_id) is State.WAITING


async def test_whoever_asked_hears_of_the_end_where_the_card_cannot_be_posted(tale: Told) -> None:
    """The channel refuses every post: what would be said in the thread is said to the requester."""
    request_id = await tale.ask()
    refused = Fault(
        Kind.STATUS, "chat.postMessage", status=200, code="channel_not_found", times=None
    )
    fault = tale.slack.faults.add(refused)
    await tale.later(request_id, timedelta(hours=9))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.LAPSED
    await tale.execute("UPDATE messages SET attempts = 99 WHERE request_id = %s", request_id)
    assert await tale.sender.step()
    rows = await tale.rows(
        "SELECT user_id FROM messages WHERE request_id = %s AND kind = 'direct'", request_id
    )
    assert rows == [(ADA.id,)]
    tale.slack.faults.remove(fault)
    async with asyncio.timeout(20):
        while not await tale.rows(
            "SELECT ts FROM messages WHERE request_id = %s AND sent_at IS NOT NULL", request_id
        ):
            if not await tale.sender.step():
                await asyncio.sleep(0.1)


async def test_a_wait_that_azure_names_while_it_is_read_is_kept_in_the_database(
    tale: Told,
) -> None:
    """Resource Graph is asked once, and not again before its Retry-After, whoever dies."""
    throttled = Fault(Kind.STATUS, "*", method="POST", status=429, retry_after="300", times=None)
    tale.azure.faults.add(throttled)
    async with asyncio.timeout(10):
        request_id = await tale.ask()
    assert await state_of(tale, request_id) is State.PLANNING
    assert 280 < await waits(tale, request_id) <= 300
