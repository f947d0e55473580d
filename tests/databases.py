"""A PostgreSQL server that all tests of a process share, and a database on it for each of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

_ROOT = Path(__file__).parents[1]

#: The programs of another PostgreSQL, such as /usr/lib/postgresql/15/bin: the tests then run on it.
PROGRAMS = "VMBACKUP_TEST_POSTGRESQL"
_DEBIANS = Path("/usr/lib/postgresql")
#: Whom root lets run it.
_ACCOUNT = "postgres"
_STOP_SECONDS = 30

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


def debians_programs() -> Path | None:
    """The newest PostgreSQL that Debian has installed here."""
    found = [each for each in _DEBIANS.glob("*/bin") if (each / "initdb").exists()]
    return max(found, key=lambda each: int(each.parent.name), default=None)


@contextmanager
def own_server(programs: Path, home: Path) -> Iterator[Mapping[str, str]]:
    """How to connect to a server of these programs, while the block lasts."""
    account: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        account = {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []}
        shutil.chown(home, _ACCOUNT, _ACCOUNT)
    data = home / "data"
    making = ("--pgdata", data, "--username", "vmbackup", "--auth", "trust")
    locale = ("--encoding", "UTF8", "--locale", "C", "--no-sync")
    subprocess.run(
        [programs / "initdb", *making, *locale],
        **account,
        cwd=home,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(SETTINGS)
    places = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={home}")
    with subprocess.Popen(
        [programs / "postgres", "-D", data, *places],
        **account,
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        keywords = {"host": str(home), "user": "vmbackup", "dbname": "postgres"}
        try:
            _until_it_answers(keywords)
            yield keywords
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(_STOP_SECONDS)


def _until_it_answers(keywords: Mapping[str, str]) -> None:
    for attempt in count():
        try:
            psycopg.connect(make_conninfo(**keywords)).close()
            return
        except psycopg.OperationalError:
            if attempt == 300:
                raise
            time.sleep(0.1)


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
