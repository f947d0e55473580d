"""A running server on a cluster of the test's own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from store_samples import WakesNoted

from bot.composition.actions import action_rows
from bot.database import Database
from bot.database.embedded import EmbeddedPostgres
from bot.database.pool import pooled
from bot.database.roles import ROLE
from bot.database.store import Store
from tests.databases import Served

collect_ignore_glob = ["test_database_embedded_*"] if sys.platform == "win32" else []


@pytest.fixture
async def server(directory: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(directory) as server:
        yield server


@pytest.fixture
async def database(served: Served) -> AsyncIterator[Database]:
    """The shared server's own database of this test, with the newest schema, in the bot's role."""
    async with pooled(served.connection_keywords, role=ROLE) as database:
        yield database


@pytest.fixture
def woken() -> WakesNoted:
    return WakesNoted()


@pytest.fixture
def store(database: Database, woken: WakesNoted) -> Store:
    return Store(database, woken, action_rows())
