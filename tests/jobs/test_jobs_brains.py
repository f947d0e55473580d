"""Two brains: a bot with a database of its own acts only while no other bot is connected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.manifest import manifest
from bot.jobs.grouped import Grouped
from bot.slack.inbound.single_instance import AnotherInstance, SingleInstance
from deploy.local.slack.standin import SlackStandIn


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn(manifest()) as slack:
        slack.workspace.is_rate_limited = False
        yield slack


@asynccontextmanager
async def connected(
    slack: SlackStandIn, brains: SingleInstance
) -> AsyncIterator[AsyncSocketModeHandler]:
    """A bot over Socket Mode whose hellos are listened to."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    handler = AsyncSocketModeHandler(AsyncApp(client=client), slack.app_token)
    brains.watch(handler.client)
    before = slack.sockets.count
    await handler.connect_async()
    await slack.until(lambda: slack.sockets.count > before)
    try:
        yield handler
    finally:
        await handler.close_async()
        await slack.until(lambda: slack.sockets.count <= before)


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_the_second_bot_refuses_and_says_so_once(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it asks Slack again. The first one is told with its next connection."""
    first, second = SingleInstance(shares_database=False), SingleInstance(shares_database=False)
    async with connected(slack, first), connected(slack, second) as handler:
        await until(lambda: not second.may_act())
        asking = asyncio.create_task(second.run(handler.client, pauses=(0.05,)))
        await asyncio.sleep(0.5)
        asking.cancel()
        await asyncio.wait([asking])
        assert not second.may_act()
        assert first.may_act()
    assert caplog.text.count("Slack counts 2 connections of this app.") == 1


async def test_a_bot_that_is_left_alone_finds_out_by_itself(slack: SlackStandIn) -> None:
    brains = SingleInstance(shares_database=False)
    async with connected(slack, brains) as handler:
        async with connected(slack, SingleInstance(shares_database=False)):
            await handler.client.connect_to_new_endpoint(force=True)
            await until(lambda: not brains.may_act())
            asking = asyncio.create_task(brains.run(handler.client, pauses=(0.1,)))
        await until(brains.may_act)
        asking.cancel()
        await asyncio.wait([asking])


async def test_before_the_first_hello_it_is_unknown_and_nothing_is_done(
    slack: SlackStandIn,
) -> None:
    brains = SingleInstance(shares_database=False, expects_hello=True)
    with pytest.raises(AnotherInstance, match="has just started"):
        brains.check()
    async with connected(slack, brains):
        await until(brains.may_act)
        brains.check()


async def test_bots_that_share_a_database_may_be_many(slack: SlackStandIn) -> None:
    brains = SingleInstance(shares_database=True)
    async with connected(slack, SingleInstance(shares_database=True)), connected(slack, brains):
        await asyncio.sleep(0.2)
        assert brains.may_act()
        brains.check()
    assert SingleInstance(shares_database=True, expects_hello=True).may_act()


async def test_a_refusing_bot_writes_nothing_and_says_why() -> None:
    brains = SingleInstance(shares_database=False)
    brains.hello(2)
    written, anything = list[Any](), cast(Any, object())

    async def write(items: Any) -> Any:
        written.append(items)
        return items

    grouped = Grouped(SimpleNamespace(ask=write, press=write), brains.check)
    for refused in (grouped.ask, grouped.press):
        with pytest.raises(AnotherInstance, match="Stop the other one, or give both"):
            await refused(anything)
    assert written == []
    brains.hello(1)
    assert await grouped.ask(anything) is anything


@pytest.mark.parametrize(
    "said",
    [
        "",
        '{"type": "hello"',
        '["hello"]',
        json.dumps({"type": "hello", "num_connections": "many"}),
        json.dumps(
            {"type": "slash_commands", "payload": {"text": '"hello"', "num_connections": 9}}
        ),
        b'{"type": "hello", "num_connections": 9}',
    ],
)
async def test_only_a_hello_that_counts_is_believed(said: Any) -> None:
    brains = SingleInstance(shares_database=False)
    client = SimpleNamespace(on_message_listeners=[])
    brains.watch(cast(Any, client))
    await client.on_message_listeners[0](SimpleNamespace(data=said))
    assert brains.may_act()
