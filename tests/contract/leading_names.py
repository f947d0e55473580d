"""A proxy that leads Azure's names to the stand-in, for tools that take no other address.

It only takes CONNECT, so that the tool's TLS ends at the stand-in and its certificate is checked.
A name that is not led is refused and written down: nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from types import TracebackType

_CHUNK_BYTES = 64 * 1024


class NameProxy:
    """An async context manager; `url` is for HTTPS_PROXY."""

    def __init__(self, names: Collection[str], port: int) -> None:
        self.refused: list[str] = []
        self.url = ""
        self._names, self._port = names, port
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> NameProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        method, target, _ = (await client.readuntil(b"\r\n\r\n")).decode("latin-1").split(" ", 2)
        if method != "CONNECT" or target.removesuffix(":443") not in self._names:
            self.refused.append(target)
            back.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            await back.drain()
            back.close()
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        back.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pass_on(client, writer), _pass_on(reader, back))


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(_CHUNK_BYTES):
            target.write(chunk)
            await target.drain()
    except ConnectionError:
        pass  # the other side hung up, which ends both directions
    finally:
        target.close()
