"""A PostgreSQL server that all tests of a process share, and a database on it for each of them."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

_ROOT = Path(__file__).parents[1]

#: The tests kill processes, never the machine: what the kernel has been given is not lost. So
#: nothing waits for a disk, and a server that was killed is recovered all the same.
SETTINGS = "fsync = off\nfull_page_writes = off\nmax_wal_size = 128MB\n"

#: Its end is the end of its input, which comes however the process of the tests ends.
_OWNER = """
import asyncio, json, sys
from pathlib import Path
from bot.database.embedded import EmbeddedPostgres

async def own(directory):
    async with EmbeddedPostgres(Path(directory)) as server:
        print(json.dumps(dict(server.connection_keywords)), flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(own(sys.argv[1]))
"""


@dataclass(frozen=True)
class Served:
    """A database of the test's own on a server that several tests share."""

    connection_keywords: Mapping[str, str]

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        keywords = {name: quote(text, safe="") for name, text in self.connection_keywords.items()}
        return "postgresql://{user}:hidden@{host}/{dbname}".format_map(keywords)


@contextmanager
def server_on(cluster: Path) -> Iterator[Mapping[str, str]]:
    """How to connect to a server that another process owns, so that no event loop does."""
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(cluster)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
    ) as owner:
        assert owner.stdin is not None
        assert owner.stdout is not None
        try:
            yield json.loads(owner.stdout.readline())
        finally:
            owner.stdin.close()


def new_database(server: Mapping[str, str], template: Served | None = None) -> Served:
    """An empty database on the server, or a copy of `template`, to which nobody is connected."""
    name = f"test_{uuid.uuid4().hex}"
    copied = template.connection_keywords["dbname"] if template else "template1"
    with psycopg.connect(make_conninfo(**server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied}".encode())
    return Served({**server, "dbname": name})


def drop(server: Mapping[str, str], database: Served) -> None:
    """Take the database away, also from under those who are connected still."""
    name = database.connection_keywords["dbname"]
    with psycopg.connect(make_conninfo(**server), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
