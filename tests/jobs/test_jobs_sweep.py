"""The sweep: what is due is woken, no mistake keeps another waiting, outages are said once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from advisor.errors import DatabaseUnreachable
from bot.composition.actions import action_rows
from bot.database import Database
from bot.jobs.enqueue import JobWakes
from bot.jobs.sweep import Chore, Sweep, chores, each
from bot.requests.action import Action
from bot.requests.changes import MovedOn
from bot.requests.model import Requester, Wish
from bot.requests.request import Request
from bot.requests.states import State

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
A_REQUEST = Request(
    id="r-1",
    row=action_rows()[Action.SNAPSHOT],
    state=State.DONE,
    revision=1,
    version=1,
    wish=Wish(action=Action.SNAPSHOT),
    requester=Requester(team_id="T1", user_id="U1"),
    plan=None,
    channel_id="C1",
    asked_at=NOW,
)


class Rows:
    """A store in which this is due."""

    def __init__(self) -> None:
        self.keys_forgotten = 0

    async def due(self, limit: int) -> Sequence[str]:
        return ["r-2", "r-1"][:limit]

    async def due_clicks(self, limit: int) -> Sequence[str]:
        return ["c-1"][:limit]

    async def forget_old_keys(self) -> None:
        self.keys_forgotten += 1


class Dealt:
    """What was done with which request; stumbles over one, and finds one gone on."""

    def __init__(self, bad: str, moved_on: str) -> None:
        self.seen: list[str] = []
        self._bad, self._moved_on = bad, moved_on

    async def deal(self, request: Request) -> None:
        self.seen.append(request.id)
        if request.id == self._bad:
            raise LookupError("a mistake")
        if request.id == self._moved_on:
            raise MovedOn(request.id)


async def test_everything_that_is_due_is_nudged_and_looked_after(database: Database) -> None:
    rows, looked = Rows(), list[str]()

    async def look_after() -> None:
        looked.append("looked")

    async def forget_people() -> None:
        looked.append("forgot")

    does = {"look_after": look_after, "forget_people": forget_people}
    sweep = Sweep(chores(rows, database, JobWakes(), **does, stalled_seconds=5), 0.01)
    await sweep.once()
    await sweep.once()
    async with database.connection() as connection:
        found = await connection.execute("SELECT queueing_lock FROM procrastinate_jobs ORDER BY 1")
        assert [lock for (lock,) in await found.fetchall()] == [
            "carry_on:r-1",
            "carry_on:r-2",
            "judge:c-1",
        ]
    assert looked == ["looked", "forgot", "looked"]  # people are forgotten now and then
    assert rows.keys_forgotten == 1  # that is done each minute


async def test_one_request_that_fails_keeps_neither_the_others_nor_the_next_chore_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Another worker's being first is no failure."""
    dealt, later = Dealt(bad="r-2", moved_on="r-1"), list[str]()
    requests = [replace(A_REQUEST, id=f"r-{number}") for number in (1, 2, 3)]

    async def look_after() -> None:
        await each(requests, dealt.deal)

    async def next_chore() -> None:
        later.append("done")

    made = [Chore("handling expiries", look_after), Chore("tidying", next_chore)]
    await Sweep(made, 0.01).once()
    assert dealt.seen == ["r-1", "r-2", "r-3"]
    assert later == ["done"]
    assert "Something went wrong while handling expiries." in caplog.text
    assert "1 requests could not be handled" in caplog.text
    assert "The request was r-2." in caplog.text


async def test_an_outage_ends_the_round_over_the_requests_at_once() -> None:
    seen: list[str] = []

    async def deal(request: Request) -> None:
        seen.append(request.id)
        raise DatabaseUnreachable("The database “vmbackup” does not answer.")

    with pytest.raises(DatabaseUnreachable):
        await each([A_REQUEST, A_REQUEST], deal)
    assert seen == ["r-1"]


async def test_a_chore_that_fails_has_a_rest_before_it_is_tried_again() -> None:
    tries: list[str] = []

    async def fail() -> None:
        tries.append("failed")
        raise LookupError

    async def work() -> None:
        tries.append("worked")

    sweep = Sweep([Chore("failing", fail), Chore("working", work)], every_seconds=0.01)
    for _ in range(3):
        await sweep.once()
    assert tries == ["failed", "worked", "worked", "worked"]


def test_the_rests_grow_to_a_minute_and_begin_anew_after_a_success() -> None:
    async def nothing() -> None: ...

    chore, rests = Chore("failing", nothing), []
    for _ in range(8):
        chore.failed(now=100.0)
        rests.append(chore.next_at - 100.0)
    assert rests == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    chore.done(now=100.0)
    assert (chore.failures, chore.next_at) == (0, 100.0)


async def test_an_outage_is_said_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="bot.jobs.sweep")
    away = True
    later: list[str] = []

    async def ask() -> None:
        if away:
            raise DatabaseUnreachable("The database “vmbackup” does not answer.")

    async def next_chore() -> None:
        later.append("done")

    sweep = Sweep([Chore("looking", ask), Chore("tidying", next_chore)], every_seconds=0.01)
    for _ in range(3):
        await sweep.once()
    assert later == []
    away = False
    for _ in range(3):
        await sweep.once()
    assert later == ["done"] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "The sweep waits for the database (while looking): "
        "The database “vmbackup” does not answer.",
        "The database answers again; the sweep resumes.",
    ]


async def test_a_sweep_that_must_not_act_does_nothing_until_it_may() -> None:
    may_act, done = asyncio.Event(), asyncio.Event()

    async def act() -> None:
        assert may_act.is_set()
        done.set()

    sweep = Sweep([Chore("acting", act)], every_seconds=0.01, may_act=may_act.is_set)
    running = asyncio.create_task(sweep.run())
    await asyncio.sleep(0.05)
    assert not done.is_set()
    may_act.set()
    async with asyncio.timeout(5):
        await done.wait()
    running.cancel()
    await asyncio.wait([running])
