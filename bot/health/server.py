"""The port of the probes: plain HTTP inside the cluster, no secret and nobody's name in it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import metrics
from bot.health.health import ProcessHealth

_log = logging.getLogger(__name__)

#: Brings the figures that are not counted on the way up to date.
Refresh = Callable[[], Awaitable[None]]


class Probes:
    """What the three addresses answer. `refresh` is set once there is a database."""

    def __init__(self, health: ProcessHealth) -> None:
        self._health = health
        self.refresh: Refresh | None = None

    async def livez(self, _: web.Request) -> web.Response:
        """200 unless a loop hangs: then the process is to be started anew."""
        hanging = self._health.hanging()
        body = {"live": not hanging, "hanging": {name: round(age) for name, age in hanging.items()}}
        return web.json_response(body, status=503 if hanging else 200)

    async def readyz(self, _: web.Request) -> web.Response:
        """200 where every part of the process can do its work now."""
        not_ready = await self._health.not_ready()
        body = {"ready": not not_ready, "not_ready": dict(not_ready)}
        return web.json_response(body, status=503 if not_ready else 200)

    async def figures(self, _: web.Request) -> web.Response:
        """Every figure; those of the database are as old as its last answer."""
        self._health.hanging()
        await self._health.not_ready()
        if self.refresh is not None:
            await self.refresh()
        text = generate_latest(metrics.REGISTRY)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


@asynccontextmanager
async def probes_at(address: tuple[str, int] | None, probes: Probes) -> AsyncIterator[int]:
    """Answer probes at the address while the block lasts; yields the port, 0 without an address.

    Raises OSError where the port is taken.
    """
    if address is None:
        yield 0
        return
    app = web.Application(client_max_size=1024)
    app.router.add_get("/livez", probes.livez)
    app.router.add_get("/readyz", probes.readyz)
    app.router.add_get("/metrics", probes.figures)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, *address).start()
        port = int(runner.addresses[0][1])
        _log.info("Probes are answered at %s:%d: /livez, /readyz, /metrics.", address[0], port)
        yield port
    finally:
        await runner.cleanup()
