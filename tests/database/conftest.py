"""A running server on a cluster of the test's own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database.embedded import EmbeddedPostgres

collect_ignore_glob = ["test_database_embedded_*"] if sys.platform == "win32" else []


@pytest.fixture
async def server(directory: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(directory) as server:
        yield server
