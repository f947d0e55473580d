"""The triggers of the chaos see who wrote what, whatever the product's statements compare."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.composition.actions import action_rows
from bot.database.outbox import Outbox
from bot.database.pool import Database, pooled
from bot.database.roles import ROLE
from bot.database.store import Store
from bot.requests.model import StepState
from bot.requests.states import State
from tests.chaos.counts import breaches
from tests.chaos.evidence import Begun, Counted, Move, Noted, Rule, Sending
from tests.chaos.history import Found, history, install, moves_of, sendings_of, steps_of
from tests.chaos.watcher import connected
from tests.database.store_samples import (
    WakesNoted,
    a_plan,
    a_step,
    an_ask,
    request_id,
    to,
    to_waiting,
)
from tests.databases import Served

ID = request_id(1)
MINE, OTHER = "bot-0-1", "bot-1-1"


@pytest.fixture
async def bots(served: Served) -> AsyncIterator[dict[str, Database]]:
    """Two processes' connections, each under its own name; the triggers are installed."""
    async with await connected(served.connection_keywords) as connection:
        await install(connection)
    async with AsyncExitStack() as stack:
        found = {}
        for name in (MINE, OTHER):
            keywords = {**served.connection_keywords, "application_name": name}
            found[name] = await stack.enter_async_context(pooled(keywords, role=ROLE))
        yield found


def store_of(bots: dict[str, Database], name: str) -> Store:
    return Store(bots[name], WakesNoted(), action_rows())


async def written(served: Served) -> list[Found]:
    async with await connected(served.connection_keywords) as connection:
        return await history(connection)


async def running(store: Store) -> None:
    """Begun under the lease `mine`, with one step that was noted as sent."""
    await store.ask([an_ask()])
    request = await store.take(ID, "mine", 30)
    assert request is not None
    request = await store.move(request, to(State.APPROVED, fields={"plan": a_plan()}), "mine")
    await store.move(request, to(State.RUNNING, steps=(a_step(),)), "mine")
    assert await store.note_step(ID, "mine", replace(a_step(), state=StepState.SENT, attempts=1))


async def test_what_the_holder_writes_is_by_its_holder(
    served: Served, bots: dict[str, Database]
) -> None:
    mine = store_of(bots, MINE)
    await running(mine)
    assert await mine.renew(ID, "mine", 30)
    await mine.keep_wait(ID, "mine", timedelta(seconds=1))
    await mine.release(ID, "mine", None)
    found = list(moves_of(await written(served)))
    assert {(each.who, each.holder) for each in found} == {(MINE, MINE)}
    assert [each.what for each in found] == [
        "moved from planning to approved",
        "moved from approved to running",
        "step 1 noted",
        "step 1 noted",
        "renewed",
        "made to wait",
        "released",
    ]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE steps SET state = 'there'", "step 1 noted"),
        ("UPDATE requests SET state = 'failed', finished_at = now(), lease_token = NULL,"
         " lease_until = NULL, next_at = NULL", "moved from running to failed"),
        ("UPDATE requests SET lease_until = now() + interval '1 hour'", "renewed"),
        ("UPDATE requests SET lease_token = NULL, lease_until = NULL", "released"),
        ("UPDATE requests SET not_before = now()", "made to wait"),
        ("UPDATE requests SET lease_token = 'x'", "taken from its holder"),
    ],
)  # fmt: skip
async def test_a_statement_that_compares_no_token_is_seen(
    served: Served, bots: dict[str, Database], statement: str, what: str
) -> None:
    await running(store_of(bots, MINE))
    async with bots[OTHER].connection() as connection:
        await connection.execute(statement.encode())
    (move,) = [each for each in moves_of(await written(served)) if each.who == OTHER]
    assert (move.holder, move.what) == (MINE, what)
    assert [each[0] for each in breaches(Counted(moves=(move,)))] == [Rule.UNHELD]


@pytest.mark.parametrize(
    ("why", "moved"),
    [
        ("Whoever asked took it back.", []),
        ("@grace stopped it.", []),
        ("The disk is being resized.", ["moved from approved to half done"]),
    ],
)
def test_only_what_people_take_back_before_it_begins_needs_no_lease(
    why: str, moved: list[str]
) -> None:
    row = {"id": ID, "state": "half done", "why": why}
    written = {
        "at": datetime(2026, 11, 30, 12, 0, tzinfo=UTC),
        "of": "request",
        "who": OTHER,
        "holder": MINE,
        "after": row,
    }
    before = row | {"state": "approved", "why": ""}
    assert [each.what for each in moves_of([written | {"before": before}])] == moved


async def test_who_takes_a_lease_that_ran_out_holds_it(
    served: Served, bots: dict[str, Database]
) -> None:
    mine, other = store_of(bots, MINE), store_of(bots, OTHER)
    await running(mine)
    async with await connected(served.connection_keywords) as connection:
        await connection.execute(b"UPDATE requests SET lease_until = now() - interval '1 s'")
    assert await other.take(ID, "other", 30)
    assert not await mine.renew(ID, "mine", 30)
    await mine.release(ID, "mine", None)
    assert await other.renew(ID, "other", 30)
    found = [each for each in moves_of(await written(served)) if each.who in (MINE, OTHER)]
    assert found[-1] == Move(found[-1].at, ID, OTHER, OTHER, "renewed")
    assert all(each.who == each.holder for each in found)


async def test_a_step_is_begun_and_each_note_that_it_is_sent_is_seen(
    served: Served, bots: dict[str, Database]
) -> None:
    mine = store_of(bots, MINE)
    await running(mine)
    there = replace(a_step(), state=StepState.THERE, attempts=1)
    assert await mine.note_step(ID, "mine", there)
    found = list(steps_of(await written(served)))
    assert [type(each) for each in found] == [Begun, Noted]
    assert {(each.target, each.verb) for each in found} == {
        (a_step().target_id.lower(), a_step().verb)
    }


async def test_a_message_is_noted_as_being_sent_by_one_process(
    served: Served, bots: dict[str, Database]
) -> None:
    mine, outbox = store_of(bots, MINE), Outbox(bots[MINE])
    await mine.ask([an_ask()])
    request = await mine.take(ID, "mine", 30)
    assert request is not None
    await mine.move(request, to_waiting(), "mine")
    channel = await outbox.take_channel("sender", 10)
    assert channel
    message = await outbox.next_message(channel, "sender")
    assert message is not None
    assert await outbox.sending(message.id, "sender")
    await outbox.put_off(message.id, 1, "ratelimited")
    await outbox.sent(message.id, "1.2", message.version)
    found = list(sendings_of(await written(served)))
    assert found == [Sending(found[0].at, message.id, MINE, frozenset({channel}), ID)]
    async with bots[MINE].connection() as connection:
        await connection.execute(b"UPDATE messages SET ts = ''")
    *_, last = sendings_of(await written(served))
    assert last.is_anew
