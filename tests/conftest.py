"""What several suites share: a place for a database, and a cluster to start it on."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
    from bot.database.embedded.account import server_account

    copy = data_directory / "postgresql"
    shutil.copytree(cluster_made_once, copy)
    account = server_account(cluster_made_once)
    if account is not None:
        for each in (copy, *copy.rglob("*")):
            os.chown(each, account.uid, account.gid)
    return copy


async def _started_once(directory: Path) -> None:
    from bot.database.embedded import EmbeddedPostgres

    async with EmbeddedPostgres(directory):
        pass
