"""A database with procrastinate's schema and a table of items with leases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import psycopg
import pytest
from little_rows import TABLE
from procrastinate.schema import SchemaManager
from psycopg.conninfo import make_conninfo

from bot.database import Database
from bot.database.pool import pooled
from tests.conftest import Served


@pytest.fixture
def server(served: Served) -> Mapping[str, str]:
    """How to connect to it."""
    with psycopg.connect(make_conninfo(**served.connection_keywords)) as connection:
        connection.execute(SchemaManager.get_schema())
        connection.execute(TABLE)
    return served.connection_keywords


@pytest.fixture
async def database(server: Mapping[str, str]) -> AsyncIterator[Database]:
    async with pooled(server) as database:
        yield database
