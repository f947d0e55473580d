"""How the bot starts, and how it stops."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiohttp import web
from little_slack import BOT_TOKEN, little_slack
from running_bot import TRANSPORTS, Adviser, Desk, settings_for

from advisor.cli.parameters import parse_asked
from advisor.errors import SlackRefused
from bot.composition.slack_app import (
    SlackAway,
    build_bot,
    over_http,
    over_socket_mode,
    serve,
    stop_on_signals,
)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_refused_bot_token_is_said_at_the_start(transport: str) -> None:
    async with little_slack() as slack:
        settings = settings_for(slack, SLACK_BOT_TOKEN="xoxb-wrong")
        bot = build_bot(settings, Adviser(), parse_asked)
        start = over_socket_mode(bot) if transport == "socket" else over_http(bot, "127.0.0.1", 0)
        with pytest.raises(SlackRefused, match="Slack refused SLACK_BOT_TOKEN: invalid_auth"):
            async with start:
                pass


async def test_a_refused_app_token_is_said_at_the_start() -> None:
    async with little_slack() as slack:
        bot = build_bot(settings_for(slack, SLACK_APP_TOKEN="xapp-wrong"), Adviser(), parse_asked)
        with pytest.raises(SlackRefused, match="Slack refused SLACK_APP_TOKEN"):
            async with over_socket_mode(bot):
                pass


async def test_a_slack_that_is_not_there_does_not_take_the_bot_yet() -> None:
    async with little_slack() as slack:
        settings = settings_for(slack)
    with pytest.raises(SlackAway, match="does not take the bot now"):
        async with over_http(build_bot(settings, Adviser(), parse_asked), "127.0.0.1", 0):
            pass


async def test_a_scope_that_is_missing_is_not_called_the_fault_of_the_token() -> None:
    async with little_slack() as slack:
        slack.unwilling["apps.connections.open"] = [refusal("missing_scope")]
        bot = build_bot(settings_for(slack), Adviser(), parse_asked)
        with pytest.raises(SlackRefused, match="missing_scope") as caught:
            async with over_socket_mode(bot):
                pass
    assert "Compare its scopes with the manifest" in str(caught.value)
    assert "token anew" not in str(caught.value)


def refusal(error: str, status: int = 200, **headers: str) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=status, headers=headers)


def not_now() -> list[web.Response]:
    """What Slack says of itself, and not of the token."""
    throttled = refusal("ratelimited", 429, **{"Retry-After": "1"})
    return [throttled, web.Response(status=503, text="<html>"), refusal("internal_error")]


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_a_slack_that_says_not_now_is_asked_again_until_it_takes_the_bot(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot.composition.slack_app")
    with hearing_the_start() as started:
        async with little_slack() as slack, asyncio.timeout(60):
            slack.unwilling[method] = not_now()
            bot, stop = build_bot(settings_for(slack), Adviser(), parse_asked), asyncio.Event()
            task = asyncio.create_task(serve(bot, None, stop))
            await started.event.wait()
            stop.set()
            await task
    said = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert [one.partition(method)[2].partition(")")[0] for one in said] == [
        ": ratelimited",
        ": status 503",
        ": internal_error",
    ]
    assert all("The bot is not ready; it tries again in" in one for one in said)


async def test_a_bot_that_waits_for_slack_can_be_stopped() -> None:
    async with little_slack() as slack, asyncio.timeout(30):
        slack.unwilling["auth.test"] = [refusal("ratelimited", 429, **{"Retry-After": "600"})]
        bot, stop = build_bot(settings_for(slack), Adviser(), parse_asked), asyncio.Event()
        task = asyncio.create_task(serve(bot, ("127.0.0.1", 0), stop))
        await slack.first("auth.test")
        stop.set()
        await task


async def test_the_first_command_needs_no_call_to_slack(http: Desk) -> None:
    """Bolt asks who it is before the first command; that was done at the start."""
    before = len(http.slack.of("auth.test"))
    await http.say("help")
    assert len(http.slack.of("auth.test")) == before > 0


class Started(logging.Handler):
    """Hears the line that the bot writes once it serves."""

    def __init__(self) -> None:
        super().__init__()
        self.event = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(("Connected to Slack", "Listening for Slack")):
            self.event.set()


@contextmanager
def hearing_the_start() -> Iterator[Started]:
    logger, started = logging.getLogger("bot.composition.slack_app"), Started()
    logger.addHandler(started)
    try:
        yield started
    finally:
        logger.removeHandler(started)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_the_bot(
    transport: str, told: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    """The signal comes once the bot serves, as Ctrl+C or a container's end would."""
    caplog.set_level(logging.INFO, logger="bot.composition.slack_app")
    with hearing_the_start() as started:
        async with little_slack() as slack, asyncio.timeout(10):
            settings, adviser = settings_for(slack), Adviser()
            address = None if transport == "socket" else ("127.0.0.1", 0)
            bot = build_bot(settings, adviser, parse_asked)
            task = asyncio.create_task(serve(bot, address, stop_on_signals()))
            await started.event.wait()
            os.kill(os.getpid(), told)
            await task


async def test_bolt_says_nothing_misleading_about_the_token(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt reads SLACK_BOT_TOKEN by itself and warns that our client has it already."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    async with little_slack() as slack:
        build_bot(settings_for(slack), Adviser(), parse_asked)
    assert caplog.text == ""
