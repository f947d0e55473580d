"""The HTTP transport: an aiohttp server whose requests pass the guard before Bolt sees them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.slack.inbound.connection_limit import ConnectionLimit, most_connections
from bot.slack.inbound.signatures import BODY_LIMIT_BYTES, Admitted, Answered, SignatureGuard

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_log = logging.getLogger(__name__)
PATH = "/slack/events"
Accept = Callable[[], asyncio.BaseProtocol]
#: How long a connection may be open before the headers of its next request have arrived.
HEADER_SECONDS = 15
_BODY_SECONDS = 10  #: Slack gives up after three
_CLOSING_SECONDS = 5
_LINGERING_SECONDS = 2  #: for the rest of a body that is too long, so that its 413 is read
_BACKLOG = 128  #: connections that wait in the kernel until they are accepted
#: How many are accepted in one turn of the loop. Those that give way for them are closed two turns
#: later, so that this times three is open beyond the limit; asyncio's own number is the backlog.
_ACCEPTED_A_TURN = 16


@asynccontextmanager
async def serving(
    app: AsyncApp,
    guard: SignatureGuard,
    host: str,
    port: int,
    *,
    most: int | None = None,
    header_seconds: float = HEADER_SECONDS,
) -> AsyncIterator[int]:
    """Serve until the block ends; yields the port, a free one where `port` is 0.

    `most` is how many connections may be open; None: what the descriptors allow.
    """
    limit = ConnectionLimit(most or most_connections())
    runner = web.AppRunner(
        _application(app, guard, limit),
        access_log=None,
        auto_decompress=False,  # the signature is of the bytes as sent
        keepalive_timeout=header_seconds,  # aiohttp counts it from the opening of a connection, too
        lingering_time=_LINGERING_SECONDS,
        logger=_server_log(),
        shutdown_timeout=_CLOSING_SECONDS,
    )
    await runner.setup()
    try:
        async with _listening(partial(limit.accept, _server_of(runner)), host, port) as bound:
            yield bound
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _listening(accept: Accept, host: str, port: int) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(accept, host, port, backlog=_ACCEPTED_A_TURN)
    for listening in server.sockets:
        with listening.dup() as same:
            same.listen(_BACKLOG)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


class _MalformedInOneLine(logging.Filter):
    """Makes one line of aiohttp's traceback for a request that is no HTTP: no fault of the bot."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: records are shortened, not dropped."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg, record.args = "Answered %d to malformed HTTP.", (error.code,)
            record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
            record.exc_info = record.exc_text = None
        return True


def _server_log() -> logging.Logger:
    """The logger of aiohttp's server."""
    logger = logging.getLogger(f"{__name__}.aiohttp")
    if not logger.filters:
        logger.addFilter(_MalformedInOneLine())
    return logger


def _server_of(runner: web.AppRunner) -> web.Server:
    if runner.server is None:
        raise RuntimeError("The HTTP server is used before it is set up.")
    return runner.server


def _application(app: AsyncApp, guard: SignatureGuard, limit: ConnectionLimit) -> web.Application:
    async def deliver(request: web.Request) -> web.StreamResponse:
        raw = await _body_of(request)
        found = raw if isinstance(raw, Answered) else guard.judge(request.headers, raw)
        if isinstance(found, Admitted):
            with limit.kept(request):
                return await _through_bolt(app, guard, found, request.content_type)
        _log.info("Answered %d to a request from outside: %s.", found.status, found.why)
        return web.Response(status=found.status)

    async def check(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.query.get("ssl_check") == "1" else 405)

    application = web.Application(client_max_size=BODY_LIMIT_BYTES)
    application.router.add_post(PATH, deliver)
    application.router.add_get(PATH, check)
    return application


async def _body_of(request: web.Request) -> bytes | Answered:
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        return Answered(408, "its body did not arrive in time")
    except (ConnectionError, web.RequestPayloadError):
        return Answered(400, "its body broke off or is malformed")


async def _through_bolt(
    app: AsyncApp, guard: SignatureGuard, admitted: Admitted, content_type: str
) -> web.StreamResponse:
    from slack_bolt.adapter.aiohttp import to_aiohttp_response
    from slack_bolt.request.async_request import AsyncBoltRequest

    try:
        request = AsyncBoltRequest(body=admitted.body, headers={"content-type": [content_type]})
    except (AttributeError, KeyError, TypeError, ValueError):
        _log.warning("Answered 400 to a signed request of a shape that Bolt does not know.")
        return web.Response(status=400)
    response = await app.async_dispatch(request)
    if response.status >= 500:
        guard.forget(admitted)
    answer: web.Response = await to_aiohttp_response(response)
    return answer
