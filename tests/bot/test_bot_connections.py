"""What the HTTP server does with connections that bring nothing, too much, or no HTTP."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from little_slack import BOT_TOKEN
from running_bot import SECRET, signed
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.slack.inbound.connection_limit import (
    MOST_CONNECTIONS,
    ConnectionLimit,
    most_connections,
)
from bot.slack.inbound.http_server import PATH, serving
from bot.slack.inbound.signatures import SignatureGuard

HEADERS = b"POST /slack/events HTTP/1.1\r\nHost: bot\r\n"
PATIENCE_SECONDS = 30
RAW = urlencode({"command": "/unknown", "team_id": "T111"}).encode()
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Held:
    """A bot's Bolt app whose answer waits until the test lets it go."""

    def __init__(self) -> None:
        self.came, self.may_answer = asyncio.Event(), asyncio.Event()
        self.may_answer.set()
        # Bolt looks at the names of the parameters, so a method would not do.
        self.app = AsyncApp(
            authorize=lambda team_id: self._authorized(team_id), request_verification_enabled=False
        )

    async def has_come(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.came.wait()

    async def _authorized(self, team: str) -> AuthorizeResult:
        self.came.set()
        await self.may_answer.wait()
        return AuthorizeResult(enterprise_id=None, team_id=team, bot_token=BOT_TOKEN)


@asynccontextmanager
async def a_server(
    held: Held | None = None, most: int = 20, header_seconds: float = PATIENCE_SECONDS
) -> AsyncIterator[int]:
    guard = SignatureGuard(SECRET, now=time.time, clock=time.monotonic)
    app = (held or Held()).app
    async with serving(
        app, guard, "127.0.0.1", 0, most=most, header_seconds=header_seconds
    ) as port:
        yield port


async def opened(port: int, sent: bytes = b"") -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def until_closed(connection: Connection) -> bytes:
    """What came before the server closed the connection."""
    reader, writer = connection
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def delivered(port: int) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}{PATH}", data=RAW, headers=signed(RAW)) as answer,
    ):
        return answer.status


@pytest.mark.parametrize(
    "sent", [b"", HEADERS, HEADERS + b"Content-Length: 50\r\n\r\nabc"], ids=["-", "head", "body"]
)
async def test_a_delivery_is_answered_beside_more_half_open_connections_than_the_limit(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_server(most=20) as port:
        half_open = [await opened(port, sent) for _ in range(60)]
        assert await delivered(port) == 404  # Bolt has no listener of this command
        for connection in half_open[:41]:
            assert await until_closed(connection) == b""
        for _, writer in half_open[41:]:
            writer.close()
    assert "Traceback" not in caplog.text


async def test_a_connection_whose_headers_do_not_arrive_is_closed() -> None:
    async with a_server(header_seconds=0.2) as port:
        for sent in (b"", HEADERS):
            assert await until_closed(await opened(port, sent)) == b""


async def test_a_connection_that_was_answered_is_closed_when_nothing_follows() -> None:
    async with a_server(header_seconds=0.2) as port:
        answer = await until_closed(await opened(port, HEADERS + b"Content-Length: 0\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 401")


async def test_a_delivery_that_is_being_answered_never_gives_way() -> None:
    held = Held()
    held.may_answer.clear()
    async with a_server(held, most=2) as port:
        delivery = asyncio.create_task(delivered(port))
        await held.has_come()
        half_open = [await opened(port, HEADERS) for _ in range(6)]
        for connection in half_open[:5]:
            assert await until_closed(connection) == b""
        half_open[5][1].close()
        held.may_answer.set()
        assert await delivery == 404


async def test_a_connection_beyond_the_deliveries_being_answered_is_refused() -> None:
    held = Held()
    held.may_answer.clear()
    async with a_server(held, most=1) as port:
        delivery = asyncio.create_task(delivered(port))
        await held.has_come()
        assert await until_closed(await opened(port)) == b""
        held.may_answer.set()
        assert await delivery == 404


async def test_connections_that_come_in_one_turn_of_the_loop_are_within_the_limit() -> None:
    """The server lists none of them before the next turn."""
    limit, server = ConnectionLimit(3), web.Server(_no_answer)
    taken = [isinstance(limit.accept(server), RequestHandler) for _ in range(5)]
    assert taken == [True, True, True, False, False]
    await asyncio.sleep(0)
    assert isinstance(limit.accept(server), RequestHandler)


async def _no_answer(_: web.BaseRequest) -> web.StreamResponse:
    raise AssertionError("nothing is asked")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  HTTP/1.1\r\nHost: bot\r\n\r\n",
        b"POST http://[::1/ HTTP/1.1\r\nHost: bot\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\n\r\n",
        HEADERS + b"Content-Length: abc\r\n\r\n",
        HEADERS + b"X-Long: " + b"a" * 9000 + b"\r\n\r\n",
        HEADERS + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_malformed_http_is_400_without_a_traceback(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with a_server(header_seconds=5) as port:
        answer = await until_closed(await opened(port, sent))
        assert answer.split()[1] == b"400"
        assert await delivered(port) == 404
    assert not [record for record in caplog.records if record.exc_info]


def test_the_limit_leaves_half_of_the_descriptors_to_the_rest_of_the_bot() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
        assert most_connections() == 150
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert most_connections() <= MOST_CONNECTIONS
