"""What several suites share: a place for a database, and a cluster to start it on."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from advisor.errors import DatabaseUnusable


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def open_to_others(prefix: str) -> Path:
    """A new directory that root's server, which runs as somebody else, may enter."""
    made = Path(tempfile.mkdtemp(prefix=prefix))
    made.chmod(0o755)
    return made


@pytest.fixture
def data_directory(tmp_path: Path) -> Iterator[Path]:
    """A directory where an embedded database may lie; pytest's own are closed to others."""
    if not is_root():
        yield tmp_path
        return
    made = open_to_others("vmbackup-test-")
    try:
        yield made
    finally:
        shutil.rmtree(made)


@pytest.fixture(scope="session")
def cluster_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Initialised, not running. Skips where this platform has no PostgreSQL programs."""
    from bot.database.embedded.binaries import bundled

    try:
        bundled()
    except DatabaseUnusable as error:
        pytest.skip(str(error))
    home = open_to_others("vmbackup-made-") if is_root() else tmp_path_factory.mktemp("made-once")
    asyncio.run(_started_once(home / "postgresql"))
    yield home / "postgresql"
    shutil.rmtree(home)


@pytest.fixture
def directory(cluster_made_once: Path, data_directory: Path) -> Path:
    """A cluster of the test's own that nobody runs, where the bot would look for it."""
    return copied(cluster_made_once, data_directory)


@dataclass(frozen=True)
class Served:
    """A database of the test's own on a server that several tests share."""

    connection_keywords: Mapping[str, str]

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        keywords = {name: quote(text, safe="") for name, text in self.connection_keywords.items()}
        return "postgresql://{user}:hidden@{host}/{dbname}".format_map(keywords)


@pytest.fixture(scope="session")
def shared_server(
    cluster_made_once: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """How to connect to a server that another process owns, so that no event loop does."""
    home = open_to_others("vmbackup-made-") if is_root() else tmp_path_factory.mktemp("shared")
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(copied(cluster_made_once, home))],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    ) as owner:
        assert owner.stdout is not None
        yield json.loads(owner.stdout.readline())
        owner.send_signal(signal.SIGINT)
    if is_root():
        shutil.rmtree(home)


@pytest.fixture
def served(shared_server: Mapping[str, str]) -> Served:
    import psycopg
    from psycopg.conninfo import make_conninfo

    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(make_conninfo(**shared_server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return Served({**shared_server, "dbname": name})


_OWNER = """
import asyncio, json, sys
from contextlib import suppress
from pathlib import Path
from bot.database.embedded import EmbeddedPostgres

async def own(directory):
    async with EmbeddedPostgres(Path(directory)) as server:
        print(json.dumps(dict(server.connection_keywords)), flush=True)
        await asyncio.Event().wait()

with suppress(KeyboardInterrupt):
    asyncio.run(own(sys.argv[1]))
"""


def copied(cluster: Path, home: Path) -> Path:
    """A copy with the same owner and modes."""
    copy = home / "postgresql"
    subprocess.run(["cp", "-Rp", cluster, copy], check=True)
    return copy


async def _started_once(directory: Path) -> None:
    from bot.database.embedded import EmbeddedPostgres

    async with EmbeddedPostgres(directory):
        pass
