"""Socket Mode: connections, their limit, refreshing, breaking, and deliveries over any of them."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_play import app_of, connected, over_socket, socket_address

from deploy.local.slack.sockets import CONNECTIONS_LIMIT
from deploy.local.slack.standin import SlackStandIn


async def test_the_hello_counts_connections_and_an_address_is_for_one_use(
    slack: SlackStandIn,
) -> None:
    async with aiohttp.ClientSession() as session:
        address = await socket_address(slack, session)
        first = await session.ws_connect(address)
        assert (await first.receive_json())["num_connections"] == 1
        second = await connected(slack, session)
        assert (await second.receive_json())["num_connections"] == 2
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address)


async def test_the_eleventh_connection_is_one_too_many(slack: SlackStandIn) -> None:
    async with aiohttp.ClientSession() as session:
        held = [await connected(slack, session) for _ in range(CONNECTIONS_LIMIT)]
        for socket in held:
            assert (await socket.receive_json())["type"] == "hello"
        refused = await connected(slack, session)
        farewell = await refused.receive_json()
        assert (farewell["type"], farewell["reason"]) == ("disconnect", "too_many_websockets")
        assert (await refused.receive()).type == aiohttp.WSMsgType.CLOSE
        assert slack.sockets.count == CONNECTIONS_LIMIT


async def test_deliveries_go_to_any_of_the_connections(slack: SlackStandIn) -> None:
    heard = []
    async with aiohttp.ClientSession() as session:
        sockets = [await connected(slack, session) for _ in range(2)]

        async def listen(number: int) -> None:
            async for message in sockets[number]:
                if envelope := message.json().get("envelope_id"):
                    heard.append(number)
                    await sockets[number].send_json({"envelope_id": envelope})

        tasks = [asyncio.create_task(listen(number)) for number in range(2)]
        for _ in range(20):
            acted = await slack.type_command("ada", "ops", "/vmbackup help")
            assert not acted.problem
        for task in tasks:
            task.cancel()
    assert set(heard) == {0, 1}


async def test_asked_to_refresh_the_sdk_connects_anew_and_nothing_is_lost(
    slack: SlackStandIn,
) -> None:
    app = app_of(slack)

    @app.command("/vmbackup")
    async def _(ack: Any) -> None:
        await ack("here")

    async with over_socket(slack, app):
        opened = slack.counts["apps.connections.open"]
        await slack.sockets.disconnect("refresh_requested")
        await slack.until(lambda: slack.counts["apps.connections.open"] > opened)
        await slack.until(lambda: slack.sockets.count == 1)
        acted = await slack.type_command("ada", "ops", "/vmbackup help")
    assert acted.message
    assert acted.message.text == "here"


async def test_a_warning_leaves_the_connection_open_and_reasons_are_slacks(
    slack: SlackStandIn,
) -> None:
    async with aiohttp.ClientSession() as session, await connected(slack, session) as socket:
        await socket.receive_json()
        await slack.sockets.disconnect("warning")
        assert (await socket.receive_json())["reason"] == "warning"
        assert slack.sockets.count == 1
        with pytest.raises(ValueError, match="refresh_requested"):
            await slack.sockets.disconnect("boredom")


async def test_a_connection_that_breaks_before_the_acknowledgement_loses_the_command(
    slack: SlackStandIn,
) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await connected(slack, session)
        await socket.receive_json()
        typing = asyncio.create_task(slack.type_command("ada", "ops", "/vmbackup help"))
        await socket.receive_json()
        await socket.close()
        assert (await typing).outcome.why == "connection_failed"


async def test_a_broken_network_drops_connections_without_a_word(slack: SlackStandIn) -> None:
    async with aiohttp.ClientSession() as session:
        first, second = await connected(slack, session), await connected(slack, session)
        await first.receive_json()
        await second.receive_json()
        slack.sockets.drop(1)
        assert (await first.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        await slack.until(lambda: slack.sockets.count == 1)


async def test_a_delivery_can_be_repeated_by_hand(slack: SlackStandIn) -> None:
    app, heard = app_of(slack), []

    @app.command("/vmbackup")
    async def _(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["trigger_id"])
        await ack()

    async with over_socket(slack, app):
        await slack.type_command("ada", "ops", "/vmbackup help")
        await slack.deliver_again(slack.deliveries[0])
    assert len(heard) == 2
    assert len(set(heard)) == 1
