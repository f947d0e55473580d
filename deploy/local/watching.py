"""Watches on a stand-in: a test's function is called at the n-th request that matches, just before
or just after the stand-in does the work; such tests kill or stop the client then.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from deploy.local.faults import Asked

#: Called with the port that the request came from. It may wait; it may raise HangUp.
Call = Callable[[int], Awaitable[None]]


class HangUp(Exception):
    """Raised by one who was called: the connection ends here, without an answer."""


@dataclass(eq=False)
class Watch:
    """Calls once: at the request after the first `skip` whose path matches, in any case."""

    path: str
    call: Call
    method: str = ""
    skip: int = 0
    is_after: bool = False  #: when the work is done and only the answer is not sent yet

    def met(self, asked: Asked) -> bool:
        if self.method not in ("", asked.method):
            return False
        if re.search(self.path, asked.path, re.IGNORECASE) is None:
            return False
        self.skip -= 1
        return self.skip < 0


@dataclass
class Watches:
    """Those that wait; one that was met is gone."""

    waiting: list[Watch] = field(default_factory=list)

    def add(self, watch: Watch) -> None:
        self.waiting.append(watch)

    def remove(self, watch: Watch) -> bool:
        """Whether it still waited."""
        if watch not in self.waiting:
            return False
        self.waiting.remove(watch)
        return True

    def meet(self, asked: Asked) -> list[Watch]:
        met = [each for each in self.waiting if each.met(asked)]
        self.waiting = [each for each in self.waiting if each not in met]
        return met


def watch_middleware(
    watches: Watches, asked_of: Callable[[web.Request], Asked | None]
) -> Middleware:
    """The aiohttp middleware; it stands before that of the faults."""

    @web.middleware
    async def watching(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = asked_of(request) if watches.waiting else None
        met = watches.meet(asked) if asked else []
        port = _port_of(request)
        try:
            for watch in met:
                if not watch.is_after:
                    await watch.call(port)
            response = await handler(request)
            for watch in met:
                if watch.is_after:
                    await watch.call(port)
        except HangUp:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return response

    return watching


def _port_of(request: web.Request) -> int:
    """Of the one who asked; 0 where the connection is gone already."""
    name = request.transport and request.transport.get_extra_info("peername")
    return int(name[1]) if name else 0
