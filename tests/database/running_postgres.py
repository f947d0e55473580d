"""What the database's tests do to a server and look at: statements, processes, another owner."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from bot.database.embedded.earlier import servers_of
from bot.database.embedded.locks import Lock
from bot.database.embedded.places import Places

ROOT = Path(__file__).parents[2]

#: A bot that opens the database, says so, and stays until it is killed.
_OWNER = """
import asyncio, sys
from pathlib import Path
from bot.database.embedded import EmbeddedPostgres

async def own(directory):
    async with EmbeddedPostgres(Path(directory)) as server:
        print(server.process_id, server.connection_keywords["host"], flush=True)
        await asyncio.Event().wait()

asyncio.run(own(sys.argv[1]))
"""


@dataclass(frozen=True)
class Chosen:
    """The part of the bot's settings that tells of the database."""

    data_directory: Path = Path("/nowhere")
    database_url: SecretStr | None = None


class Reachable(Protocol):
    @property
    def connection_keywords(self) -> Mapping[str, str]: ...


def address(server: Reachable) -> str:
    return make_conninfo(**server.connection_keywords)


async def ask(server: Reachable, statement: str) -> Any:
    """The first value of a statement's answer; None for a statement without one."""
    async with await psycopg.AsyncConnection.connect(address(server)) as connection:
        cursor = await connection.execute(statement.encode())
        row = await cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def owner_of(directory: Path) -> subprocess.Popen[str]:
    """Another process that takes the database."""
    return subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(directory)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def said_by(owner: subprocess.Popen[str]) -> tuple[int, Path]:
    """The server's process and its socket directory, once it is up."""
    assert owner.stdout is not None
    process, socket = owner.stdout.readline().split(maxsplit=1)
    return int(process), Path(socket.strip())


def end(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.wait()
    assert owner.stdout is not None
    owner.stdout.close()


async def nothing_runs_on(directory: Path) -> bool:
    """Whether no server works there; one that is going is waited for."""
    lock = Lock(Places(directory).server_lock)
    free = await lock.take_within(10)
    with contextlib.suppress(RuntimeError):
        lock.release()
    return free and not list(servers_of(directory))


async def until(condition: Any, seconds: float = 15) -> None:
    """Wait for something to become true; a test that waits in vain fails."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)
