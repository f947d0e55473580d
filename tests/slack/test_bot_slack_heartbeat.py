"""The sender's beat: it stops where every slot hangs, and never because something is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from advisor.errors import DatabaseUnreachable
from bot.database.opening import open_database
from bot.database.outbox import Outbox
from bot.database.pool import Database
from bot.health.health import ProcessHealth
from bot.messages.blocks import Message
from bot.slack.calls import Calls
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.slack.sender_desk import Desk, OwnServer, sending

LONGEST_SECONDS = 2.0
PATIENCE_SECONDS = 30.0


@pytest.fixture
async def database(served: Served, tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(OwnServer(SecretStr(served.url), tmp_path)) as database:
        yield database


class StuckDesk(Desk):
    """Cards are not made before they are let go."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.let_go = asyncio.Event()

    async def render(self, request_id: str) -> Message | None:
        await self.let_go.wait()
        return await super().render(request_id)


class ForgetfulOutbox(Outbox):
    """The database is away whenever an answer of Slack is to be stored."""

    async def sent(self, message_id: int, ts: str, version: int, rest_seconds: float) -> None:
        raise DatabaseUnreachable("The database does not answer.")


async def until_hanging(health: ProcessHealth, is_hanging: bool) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while bool(health.hanging()) is not is_hanging:
            await asyncio.sleep(0.1)


async def test_a_sender_that_stands_still_is_told_until_it_goes_on(
    database: Database, slack: SlackStandIn, calls: Calls
) -> None:
    desk = StuckDesk(database, slack, calls)
    health = ProcessHealth(longest_seconds=LONGEST_SECONDS)
    async with sending(desk.sender(at_once=1, beat=health.loop("sender"))):
        await asyncio.sleep(1.5 * LONGEST_SECONDS)  # it idles longer than that
        assert health.hanging() == {}
        await desk.ask()
        await until_hanging(health, True)
        assert health.hanging().keys() == {"sender"}
        desk.let_go.set()
        await until_hanging(health, False)
        await slack.until(lambda: len(desk.texts()) == 1, 10)


async def test_a_sender_that_waits_for_the_database_is_alive(
    database: Database, slack: SlackStandIn, calls: Calls
) -> None:
    desk = Desk(database, slack, calls)
    health = ProcessHealth(longest_seconds=LONGEST_SECONDS)
    sender = desk.sender(ForgetfulOutbox(database), at_once=1, beat=health.loop("sender"))
    running = asyncio.create_task(sender.run(asyncio.Event()))
    await desk.ask()
    await slack.until(lambda: len(desk.texts()) == 1, 10)
    for _ in range(8):  # longer than a loop may stand still
        assert health.hanging() == {}
        await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
