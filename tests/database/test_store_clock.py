"""A database's clock that goes back an hour: what waits goes on as if it had not.

The clock of a server under test cannot be set, so each test moves all stored times an hour ahead
instead: what is stored then is what a clock that went back has left.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from running_postgres import ask
from store_samples import CHANNEL, a_click, a_note, asked, to_waiting

from bot.database import Database
from bot.database.clock import follow_clock
from bot.database.outbox import Outbox
from bot.database.store import Store
from bot.requests.changes import AuditEntry, Change
from tests.databases import Served

HOUR = timedelta(hours=1)
_TIMES = (
    ("messages", "not_before"),
    ("channels", "next_at"),
    ("channels", "lease_until"),
    ("requests", "next_at"),
    ("requests", "not_before"),
    ("requests", "lease_until"),
    ("requests", "decide_by"),
    ("clicks", "pressed_at"),
)


async def went_back(served: Served) -> None:
    await ask(served, "UPDATE clock SET seen = clock_timestamp() + interval '1 hour'")
    for table, column in _TIMES:
        await ask(served, f"UPDATE {table} SET {column} = {column} + interval '1 hour'")


async def until_due(outbox: Outbox) -> str:
    """The channel with a message that is due, once there is one; at most a minute is waited."""
    async with asyncio.timeout(60):
        while (channel := await outbox.take_channel("mine", 10)) is None:
            await asyncio.sleep(0.05)
    return channel


async def test_no_message_waits_for_the_hour_to_come_again(
    served: Served, database: Database, store: Store
) -> None:
    outbox = Outbox(database)
    await store.move(await asked(store), to_waiting())
    assert await outbox.take_channel("dead", 10) == CHANNEL
    await outbox.pause(CHANNEL, 0.01)
    await went_back(served)
    assert await outbox.take_channel("mine", 10) is None
    moved = await follow_clock(database)
    assert moved is not None
    assert HOUR - timedelta(minutes=1) < moved <= HOUR
    assert await until_due(outbox) == CHANNEL


async def test_a_channel_whose_sender_died_is_taken_over_all_the_same(
    served: Served, database: Database, store: Store
) -> None:
    outbox = Outbox(database)
    await store.move(await asked(store), to_waiting())
    assert await outbox.take_channel("dead", 0.01) == CHANNEL
    await went_back(served)
    await follow_clock(database)
    assert await until_due(outbox) == CHANNEL


@pytest.mark.parametrize("seconds", [None, 0.01], ids=["nobody has it", "its worker died"])
async def test_no_request_waits_for_the_hour_to_come_again(
    served: Served, database: Database, store: Store, seconds: float | None
) -> None:
    request = await asked(store)
    if seconds is not None:
        assert await store.take(request.id, "dead", seconds)
    await went_back(served)
    assert await store.due(10) == []
    await follow_clock(database)
    async with asyncio.timeout(60):
        while await store.due(10) != [request.id]:
            await asyncio.sleep(0.05)


async def test_no_click_waits_for_the_hour_to_come_again(
    served: Served, database: Database, store: Store
) -> None:
    await store.press([a_click()])
    await went_back(served)
    assert await store.due_clicks(10) == []
    await follow_clock(database)
    async with asyncio.timeout(60):
        while await store.due_clicks(10) != ["click-1"]:
            await asyncio.sleep(0.05)


async def test_what_waits_for_long_still_waits_for_as_long(
    served: Served, database: Database, store: Store
) -> None:
    request = await store.move(
        await asked(store), replace(to_waiting(), wake_in=timedelta(hours=3))
    )
    await went_back(served)
    await follow_clock(database)
    left = await ask(served, "SELECT next_at - now() FROM requests")
    assert timedelta(hours=2, minutes=58) < left <= timedelta(hours=3)
    assert await store.due(10) == []
    found = await store.get(request.id)
    assert found is not None
    assert request.decide_by is not None
    assert found.decide_by == request.decide_by + HOUR  # what people were told stays


async def test_a_message_that_is_being_sent_is_not_sent_by_another(
    served: Served, database: Database, store: Store
) -> None:
    """It was sent after the clock went back and before that was noticed."""
    outbox = Outbox(database)
    await store.move(await asked(store), to_waiting())
    await ask(served, "UPDATE clock SET seen = clock_timestamp() + interval '1 hour'")
    await outbox.take_channel("mine", 10)
    pending = await outbox.next_message(CHANNEL, "mine")
    assert pending is not None
    assert await outbox.sending(pending.id, "mine")
    await follow_clock(database)
    assert await outbox.take_channel("other", 10) is None
    assert await outbox.sending(pending.id, "mine")


async def test_a_clock_that_goes_on_moves_nothing(database: Database, store: Store) -> None:
    request = await store.move(await asked(store), to_waiting())
    noted = Change(to=None, entry=AuditEntry(kind="noted"), notes=(a_note("one"),))
    await store.move(request, noted)
    assert await follow_clock(database) is None
    assert await follow_clock(database) is None
    assert await Outbox(database).take_channel("mine", 10) == CHANNEL


async def test_of_many_workers_one_moves_the_waits(served: Served, database: Database) -> None:
    await went_back(served)
    moved = await asyncio.gather(*(follow_clock(database) for _ in range(8)))
    assert sum(each is not None for each in moved) == 1
