"""A proxy before the database: it counts messages and can kill, cut or stall at the n-th.

Each bot process has one of its own, so that the n-th message is the n-th of that process. The
product knows nothing of it: it is the host of its DATABASE_URL, a socket in a directory.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.chaos.wire import Encrypted, FromClient, FromServer

PORT = "5432"  #: only a part of the socket's name
_CHUNK_BYTES = 65_536


@dataclass(frozen=True)
class Trigger:
    """What happens at a message, counted over both directions and all connections.

    A message that `passes` reaches its reader before `act`; one that does not and that `breaks`
    never does. Passing on a client's COMMIT and breaking is a commit whose reply is lost.
    """

    number: int  #: the value of `Proxy.count` at that message
    passes: bool
    breaks: bool
    act: Callable[[], object]
    holds: bytes = b""  #: the first message from then on that has these bytes


@dataclass(frozen=True)
class _Link:
    """One client's connection and the one to the server behind it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter

    def break_off(self) -> None:
        """The client's is cut at once; what the server was sent, it still gets."""
        self.client.transport.abort()
        self.server.close()


class Proxy:
    """An async context manager. `socket` says where the server is whenever one connects."""

    def __init__(self, socket: Callable[[], Path]) -> None:
        self.count = 0
        self._socket = socket
        self._triggers: list[Trigger] = []
        self._links: set[_Link] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._listener: asyncio.Server | None = None
        self._directory = tempfile.TemporaryDirectory(prefix="vmbackup-proxy-")
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def host(self) -> str:
        """The directory of its socket."""
        return self._directory.name

    async def __aenter__(self) -> Proxy:
        path = Path(self.host) / f".s.PGSQL.{PORT}"
        self._listener = await asyncio.start_unix_server(self._begin, path)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listener is not None:
            self._listener.close()
        self._flowing.set()
        self.cut()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._directory.cleanup()

    # --- faults ------------------------------------------------------------------------------

    def at(self, trigger: Trigger) -> None:
        """Put a trigger at a message to come."""
        self._triggers.append(trigger)

    def forget(self, trigger: Trigger) -> bool:
        """Take it away again; False where it has acted."""
        if trigger not in self._triggers:
            return False
        self._triggers.remove(trigger)
        return True

    def cut(self) -> int:
        """Break every connection; how many there were."""
        links = list(self._links)
        for link in links:
            link.break_off()
        return len(links)

    def stall(self, seconds: float) -> None:
        """Let nothing through for so long; the connections stay."""
        self._flowing.clear()
        asyncio.get_running_loop().call_later(seconds, self._flowing.set)

    # --- passing on --------------------------------------------------------------------------

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A task of our own: asyncio's cannot be cancelled without a complaint."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind, ahead = await asyncio.open_unix_connection(str(self._socket()))
        except OSError:  # the server is away: the client is refused, as it would be without us
            writer.transport.abort()
            return
        link, client = _Link(writer, ahead), FromClient()
        self._links.add(link)
        there = self._pump(link, reader, ahead, client.feed)
        back = self._pump(link, behind, writer, FromServer(client).feed)
        try:
            await asyncio.gather(there, back)
        finally:
            self._links.discard(link)
            link.break_off()

    async def _pump(
        self,
        link: _Link,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        feed: Callable[[bytes], Iterable[bytes]],
    ) -> None:
        try:
            while data := await reader.read(_CHUNK_BYTES):
                await self._pass_on(link, feed(data), writer)
        except (OSError, Encrypted):
            pass  # either side went away, which the other is told by the end of the link
        finally:
            writer.close() if writer is link.server else link.break_off()

    async def _pass_on(
        self, link: _Link, messages: Iterable[bytes], writer: asyncio.StreamWriter
    ) -> None:
        ready = bytearray()
        for message in messages:
            self.count += 1
            for trigger in self._due(message):
                if trigger.passes:
                    ready, message = ready + message, b""
                writer.write(ready)
                ready = bytearray()
                await writer.drain()
                trigger.act()
                if trigger.breaks:
                    return link.break_off()
            ready += message
        await self._flowing.wait()
        writer.write(ready)
        await writer.drain()
        return None

    def _due(self, message: bytes) -> list[Trigger]:
        due = [
            each for each in self._triggers if each.number <= self.count and each.holds in message
        ]
        self._triggers = [each for each in self._triggers if each not in due]
        return due
