"""How many connections the HTTP server holds open, and which one gives way.

Whoever can reach the port can open connections and send nothing. Without a limit the process
runs out of descriptors, and then it reaches neither its database nor Slack nor Azure.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.web_protocol import RequestHandler

_log = logging.getLogger(__name__)

#: Slack delivers some hundred requests a second at most, each within milliseconds.
MOST_CONNECTIONS = 500
#: The selector of Windows watches 512 sockets in all (Python, asyncio, "Platform Support").
_MOST_ON_WINDOWS = 200


def most_connections() -> int:
    """The limit: at most half of the descriptors that this process may open."""
    if sys.platform == "win32":
        return _MOST_ON_WINDOWS
    import resource

    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, descriptors // 2)


class ConnectionLimit:
    """Accepts the connections of a server, at most `most` at a time.

    Beyond that the oldest connection without an admitted delivery is closed for the new one:
    Slack's delivery arrives whole within milliseconds, so a flood never shuts Slack out.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._admitted: set[RequestHandler] = set()
        self._coming = 0  #: accepted in this turn of the loop: the server does not list them yet

    def accept(self, server: web.Server) -> asyncio.BaseProtocol:
        """The protocol of a new connection of the server."""
        open_now = [each for each in server.connections if each.transport is not None]
        count = len(open_now) + self._coming
        if count < self._most:
            return self._accepted(server)
        for handler in open_now:
            if handler not in self._admitted:
                _log.warning("Closed the oldest of %d connections for a new one.", count)
                handler.force_close()
                return self._accepted(server)
        _log.warning("Refused a connection: %d deliveries are being answered.", len(self._admitted))
        return _Refused()

    def _accepted(self, server: web.Server) -> asyncio.BaseProtocol:
        self._coming += 1
        asyncio.get_running_loop().call_soon(self._has_come)  # just before its connection_made
        return server()

    def _has_come(self) -> None:
        self._coming -= 1

    @contextmanager
    def kept(self, request: web.Request) -> Iterator[None]:
        """Within the block the connection of the request is not closed for another one."""
        handler = request.protocol
        self._admitted.add(handler)
        try:
            yield
        finally:
            self._admitted.discard(handler)


class _Refused(asyncio.Protocol):
    """A connection that is closed at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()
