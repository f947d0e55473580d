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

    def accept(self, server: web.Server) -> asyncio.BaseProtocol:
        """The protocol of a new connection of the server."""
        open_now = [each for each in server.connections if each.transport is not None]
        if len(open_now) < self._most:
            return server()
        for handler in open_now:
            if handler not in self._admitted:
                _log.warning("Closed the oldest of %d connections for a new one.", len(open_now))
                handler.force_close()
                return server()
        _log.warning("Refused a connection: %d deliveries are being answered.", len(open_now))
        return _Refused()

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
