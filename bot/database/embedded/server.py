"""The embedded server: takes its directory, starts, restarts and stops PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType

from advisor.errors import DatabaseInUse, VmbackupError
from bot.database.embedded.account import server_account
from bot.database.embedded.binaries import bundled, reachable
from bot.database.embedded.cluster import USER, make_ready, make_where_missing, rotate_log
from bot.database.embedded.earlier import STOPPING, take_over
from bot.database.embedded.failures import not_started
from bot.database.embedded.locks import Lock
from bot.database.embedded.places import (
    PORT,
    Places,
    cannot,
    make_home,
    make_socket_directory,
    remove_socket_leftovers,
)
from bot.database.embedded.programs import Programs
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

#: Recovery after a crash replays at most some hundred MB of log; it takes seconds.
LONGEST_START_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.02
_CONNECT_SECONDS = 5
#: Between two tries to start a server that ended by itself.
_PAUSES_SECONDS = (0.2, 1.0, 5.0, 30.0)


class EmbeddedPostgres:
    """PostgreSQL on a directory of its own, running while the block lasts.

    Entering raises DatabaseInUse where another process uses the directory, and DatabaseUnusable
    with what to do where the server cannot be started. A server that ends by itself is started
    again, at the same address.
    """

    def __init__(self, directory: Path) -> None:
        self._places = Places(directory.expanduser().resolve())
        self._owner = Lock(self._places.owner_lock)
        self._lock = Lock(self._places.server_lock)
        self._stack = AsyncExitStack()
        self._socket: Path | None = None
        self._process: Process | None = None

    @property
    def connection_keywords(self) -> Mapping[str, str]:
        """psycopg's keywords, complete, so that no PG* variable changes them."""
        return _keywords(str(self._socket))

    @property
    def process_id(self) -> int | None:
        """The server's process id; None while no server runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def __aenter__(self) -> EmbeddedPostgres:
        async with AsyncExitStack() as stack:
            try:
                await self._open(stack)
            except OSError as error:
                path = Path(error.filename) if error.filename else self._places.home
                raise cannot("use", path, error) from error
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _open(self, stack: AsyncExitStack) -> None:
        account = server_account(self._places.cluster)
        installation = bundled()
        make_home(self._places, account)
        self._lock_directory(stack)
        installation = await asyncio.to_thread(reachable, installation, account, self._places.home)
        self._programs = Programs(installation, account, self._places.log, self._lock)
        stack.callback(self._lock.release)
        await take_over(self._places.cluster, self._lock)
        remove_socket_leftovers(self._places)
        rotate_log(self._places)
        await make_where_missing(self._places, self._programs)
        make_ready(self._places, account)
        self._socket = make_socket_directory(self._places, account)
        stack.callback(remove_socket_leftovers, self._places)
        stack.push_async_callback(self._stop)
        await self._start(self._socket)
        restarts = asyncio.create_task(
            self._restart_at_end(self._socket), name="embedded PostgreSQL"
        )
        stack.push_async_callback(_cancel, restarts)

    def _lock_directory(self, stack: AsyncExitStack) -> None:
        """Take the lock by which one bot uses the directory; raises DatabaseInUse."""
        if not self._owner.take():
            holder = self._owner.holder()
            process = f" (process {holder})" if holder else ""
            raise DatabaseInUse(
                f"Another vmbackup{process} uses the database in {self._places.cluster}. Stop it, "
                "or set VMBACKUP_DATA_DIR to another directory; several bots share a database "
                "only through DATABASE_URL."
            )
        stack.callback(self._owner.release)
        self._owner.write_holder()

    async def _start(self, socket: Path) -> None:
        """Start the server, which inherits the lock, and wait until it accepts a connection."""
        started, offset = time.monotonic(), self._programs.log_size()
        _empty(socket)  # the socket's lock file may name a pid that another process has by now
        self._process = await self._programs.start("postgres", *self._arguments(socket))
        self._lock.release()
        if not await self._accepts_connections(self._process, started + LONGEST_START_SECONDS):
            reason = self._programs.last_error_since(offset)
            raise not_started(self._places.cluster, self._places.log, reason)
        _log.info("PostgreSQL is up after %.1f s.", time.monotonic() - started)

    def _arguments(self, socket: Path) -> tuple[str, ...]:
        quoted = str(socket).replace('"', '""')
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
            "port": PORT,
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        chosen = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return ("-D", str(self._places.cluster), *chosen)

    async def _accepts_connections(self, process: Process, until: float) -> bool:
        """Whether the server accepted a connection before it ended and before `until`."""
        import psycopg
        from psycopg.conninfo import make_conninfo

        address = make_conninfo(**self.connection_keywords, connect_timeout=_CONNECT_SECONDS)
        while process.returncode is None and time.monotonic() < until:
            try:
                connection = await psycopg.AsyncConnection.connect(address)
            except psycopg.OperationalError:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            else:
                await connection.close()
                return True
        return False

    async def _restart_at_end(self, socket: Path) -> None:
        """Start the server again whenever it ends by itself."""
        while self._process is not None and not is_cancelled():
            code = await self._process.wait()
            _log.error("PostgreSQL ended by itself (%d). Starting it again.", code)
            await self._start_again(socket)

    async def _start_again(self, socket: Path) -> None:
        tries = 0
        while not is_cancelled():
            await asyncio.sleep(_PAUSES_SECONDS[min(tries, len(_PAUSES_SECONDS) - 1)])
            tries += 1
            try:
                await take_over(self._places.cluster, self._lock)
                make_ready(self._places, self._programs.account)
                await self._start(socket)
                return
            except (VmbackupError, OSError) as error:
                self._lock.release()
                await self._stop()
                _log.error("PostgreSQL could not be started again: %s", error)

    async def _stop(self) -> None:
        """End the server: first by a fast shutdown, then by an immediate one, then by SIGKILL."""
        process = self._process
        for name, seconds in (*STOPPING, ("SIGKILL", 5.0)):
            if process is None or process.returncode is not None:
                return
            with suppress(ProcessLookupError):
                process.send_signal(signal.Signals[name])
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), seconds)


def keywords_of_running(directory: Path) -> Mapping[str, str]:
    """psycopg's keywords for the server that another process runs on that directory.

    Raises DatabaseInUse while that process starts or stops the server.
    """
    note = Places(directory.expanduser().resolve()).socket_note
    try:
        return _keywords(note.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise DatabaseInUse(
            f"Another vmbackup is starting or stopping the database in {directory}. Try again in "
            "a minute."
        ) from error


def _keywords(socket: str) -> Mapping[str, str]:
    return {
        "host": socket,
        "port": PORT,
        "user": USER,
        "dbname": "postgres",
        "sslmode": "disable",
        "gssencmode": "disable",
        "options": "",
    }


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _empty(directory: Path) -> None:
    for each in directory.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
