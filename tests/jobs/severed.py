"""A way to a database that can be severed: connections break, and new ones are refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

HOST = "127.0.0.1"


class Severed:
    """Takes connections on a port and passes everything on to the server's socket."""

    def __init__(self, server: Mapping[str, str]) -> None:
        self._socket = f"{server['host']}/.s.PGSQL.{server.get('port', '5432')}"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def mend(self) -> None:
        """Let connections through, on the same port as before."""
        self._server = await asyncio.start_server(self._pass_on, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def sever(self) -> None:
        """Break every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0.01)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_unix_connection(self._socket)
        except OSError:
            writer.transport.abort()
            return
        ends = (writer, back)
        self._open.update(ends)
        try:
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        finally:
            self._open.difference_update(ends)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side goes; then the other goes, too."""
    with suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def severable(server: Mapping[str, str]) -> AsyncIterator[tuple[Severed, Mapping[str, str]]]:
    """The way, and how to connect over it."""
    way = Severed(server)
    await way.mend()
    try:
        yield way, {**server, "host": HOST, "port": str(way.port), "sslmode": "disable"}
    finally:
        await way.sever()
