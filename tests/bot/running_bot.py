"""A running bot with its Slack and its adviser, over either transport, for the journeys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from little_slack import APP_TOKEN, BOT_TOKEN, LittleSlack, little_slack
from sample_advice import a_vm, an_advice

from advisor.asked import AdviceAsked
from advisor.cli.parameters import parse_asked
from advisor.model import Advice, KnownVm
from bot.composition.slack_app import Bot, build_bot, over_http, over_socket_mode
from bot.settings import Settings
from bot.slack.inbound.idle import IdleClock
from bot.slack.inbound.signatures import sign

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TRANSPORTS = ("http", "socket")


class Adviser:
    """Gives the sample advice for the VM asked for, or what the test wants instead."""

    def __init__(self) -> None:
        self.asked: list[AdviceAsked] = []
        self.error: BaseException | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def advise(self, asked: AdviceAsked) -> Advice:
        self.asked.append(asked)
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return an_advice(known=KnownVm(vm=a_vm(asked.vm)))


def settings_for(slack: LittleSlack, **more: str) -> Settings:
    given = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack.api_url,
    }
    return Settings.model_validate(given | more)


class MovedClock:
    """A clock that stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A running bot with its Slack: `say` types a command and gives back what is acknowledged."""

    def __init__(self, slack: LittleSlack, adviser: Adviser, bot: Bot, address: str) -> None:
        self.slack, self.adviser, self.bot, self.address = slack, adviser, bot, address
        self._count = 0

    async def say(self, text: str, **more: str) -> dict[str, Any]:
        self._count += 1
        body = self.slack.command(text, **({"number": str(self._count)} | more))
        return await self.deliver(body, f"envelope-{self._count}")

    async def deliver(self, body: dict[str, str], envelope: str) -> dict[str, Any]:
        if not self.address:
            before = len(self.slack.of("ack"))
            await self.slack.deliver(envelope, body)
            return (await self.slack.first("ack", before + 1))[-1].body
        status, answer = await self.post(urlencode(body).encode())
        assert status == 200
        return answer

    async def post(
        self, raw: bytes, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.address, data=raw, headers=headers or signed(raw)) as answer,
        ):
            text = await answer.text()
            return answer.status, await answer.json() if text.startswith("{") else {}

    async def answer(self, count: int = 1) -> dict[str, Any]:
        """What came to the response_url."""
        return (await self.slack.first("response", count))[-1].body


def signed(raw: bytes, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": sign(SECRET.encode(), timestamp, raw),
        "Content-Type": "application/x-www-form-urlencoded",
    }


@asynccontextmanager
async def running(
    transport: str, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[Desk]:
    """By `clock` the bot knows for how long nothing has arrived."""
    async with little_slack() as slack:
        adviser, quiet = Adviser(), IdleClock(clock)
        bot = build_bot(settings_for(slack), adviser, parse_asked, idle=quiet)
        if transport == "socket":
            async with over_socket_mode(bot):
                yield Desk(slack, adviser, bot, "")
        else:
            async with over_http(bot, "127.0.0.1", 0) as port:
                yield Desk(slack, adviser, bot, f"http://127.0.0.1:{port}/slack/events")
