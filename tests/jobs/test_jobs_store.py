"""The jobs at the real store, its migrations and its role: what is asked is carried on with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from little_rows import Pace

from bot.composition.actions import action_rows
from bot.database import Database, open_database
from bot.database.store import Store
from bot.jobs.enqueue import JobWakes, forget_lost_jobs
from bot.jobs.grouped import Grouped
from bot.jobs.sweep import Sweep, chores
from bot.jobs.worker_loop import Worker
from bot.loops import running
from bot.requests.action import Action
from bot.requests.changes import Ask
from bot.requests.model import Click, ClickKind, Requester, Wish
from bot.settings import Settings
from tests.databases import Served


class Heard:
    """What workers were given."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.clicks: list[str] = []

    async def carry_on(self, request_id: str) -> None:
        self.requests.append(request_id)

    async def judge(self, click_id: str) -> None:
        self.clicks.append(click_id)


@pytest.fixture
async def migrated(served: Served) -> AsyncIterator[Database]:
    """As the bot opens it."""
    given = {"SLACK_BOT_TOKEN": "xoxb-1", "DATABASE_URL": served.url}
    async with open_database(Settings.model_validate(given)) as database:
        yield database


def an_ask(number: int, key: str = "") -> Ask:
    return Ask(
        id=f"r-{number:012x}",
        requester=Requester(team_id="T1", user_id="U1", user_name="ada", channel_id="C1"),
        wish=Wish(action=Action.SNAPSHOT, vm="web-01", reason="before kernel update"),
        content_key=key or f"key-{number}",
    )


A_CLICK = Click(
    id="c-1",
    kind=ClickKind.APPROVE,
    button="b",
    team_id="T1",
    user_id="U1",
    user_name="ada",
    channel_id="C1",
    message_ts="1.2",
)


async def until(heard: list[str], count: int) -> None:
    async with asyncio.timeout(10):
        while len(heard) < count:
            await asyncio.sleep(0.01)


async def test_every_ask_of_a_group_is_carried_on_with_and_every_click_judged(
    migrated: Database,
) -> None:
    heard, grouped = Heard(), Grouped(Store(migrated, JobWakes(), action_rows()))
    worker = Worker(migrated, Pace(), carry_on=heard.carry_on, judge=heard.judge)
    async with running(worker.run):
        asked = await asyncio.gather(*(grouped.ask(an_ask(number)) for number in range(50)))
        assert all(each.is_new for each in asked)
        assert await grouped.press(A_CLICK)
        await until(heard.requests, 50)
        await until(heard.clicks, 1)
    assert sorted(heard.requests) == [each.request_id for each in asked]
    assert heard.clicks == ["c-1"]


async def test_a_redelivery_in_the_same_group_is_the_same_request_and_one_nudge(
    migrated: Database,
) -> None:
    heard, grouped = Heard(), Grouped(Store(migrated, JobWakes(), action_rows()))
    asked = await asyncio.gather(*(grouped.ask(an_ask(number, "same")) for number in range(20)))
    assert sum(each.is_new for each in asked) == 1
    assert len({each.request_id for each in asked}) == 1
    worker = Worker(migrated, Pace(), carry_on=heard.carry_on, judge=heard.judge)
    async with running(worker.run):
        await until(heard.requests, 1)
        await asyncio.sleep(0.2)
    assert heard.requests == [asked[0].request_id]


async def test_the_sweep_wakes_what_lost_its_jobs(migrated: Database) -> None:
    """Whatever became of them: the rows say what is due."""
    store, heard = Store(migrated, JobWakes(), action_rows()), Heard()
    await store.ask([an_ask(1), an_ask(2)])
    await store.press([A_CLICK])
    async with migrated.connection() as connection:
        await connection.execute("DELETE FROM procrastinate_jobs")

    async def nothing() -> None: ...

    swept = chores(
        store, migrated, JobWakes(), look_after=nothing, forget_people=nothing, stalled_seconds=5
    )
    worker = Worker(migrated, Pace(), carry_on=heard.carry_on, judge=heard.judge)
    async with running(worker.run, Sweep(swept, every_seconds=0.2).run):
        await until(heard.requests, 2)
        await until(heard.clicks, 1)
    assert {"r-000000000001", "r-000000000002"} <= set(heard.requests)


async def test_the_bots_own_role_may_forget_lost_jobs(migrated: Database) -> None:
    await Store(migrated, JobWakes(), action_rows()).ask([an_ask(1)])
    async with migrated.connection() as connection:
        await connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        assert await forget_lost_jobs(connection, timedelta(seconds=5)) == 1
