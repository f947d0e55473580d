"""The HTTP side: a small aiohttp server whose requests pass the guard before Bolt sees them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from bot.slack.inbound.signatures import BODY_LIMIT_BYTES, Admitted, SignatureGuard

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_log = logging.getLogger(__name__)

PATH = "/slack/events"
_BODY_SECONDS = 10  #: Slack gives up after three
_CLOSING_SECONDS = 5


@asynccontextmanager
async def serving(app: AsyncApp, guard: SignatureGuard, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the block ends; yields the port, which is chosen where 0 was asked for."""
    runner = web.AppRunner(
        _application(app, guard),
        access_log=None,
        auto_decompress=False,  # the signature is of the bytes as sent
        shutdown_timeout=_CLOSING_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _application(app: AsyncApp, guard: SignatureGuard) -> web.Application:
    async def deliver(request: web.Request) -> web.StreamResponse:
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                raw = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        found = guard.judge(request.headers, raw)
        if isinstance(found, Admitted):
            return await _through_bolt(app, guard, found, request.content_type)
        _log.info("Answered %d to a request from outside: %s.", found.status, found.why)
        return web.Response(status=found.status)

    async def check(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.query.get("ssl_check") == "1" else 405)

    application = web.Application(client_max_size=BODY_LIMIT_BYTES)
    application.router.add_post(PATH, deliver)
    application.router.add_get(PATH, check)
    return application


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
