"""A database with procrastinate's schema and a table of items with leases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

import psycopg
import pytest
from little_rows import TABLE
from procrastinate.schema import SchemaManager
from psycopg.conninfo import make_conninfo

from bot.database import Database
from bot.database.pool import pooled
from tests.databases import Served, drop, new_database


@pytest.fixture(scope="session")
def template_of_items(shared_server: Mapping[str, str]) -> Served:
    made = new_database(shared_server)
    with psycopg.connect(make_conninfo(**made.connection_keywords)) as connection:
        connection.execute(SchemaManager.get_schema())
        connection.execute(TABLE)
    return made


@pytest.fixture
def server(
    shared_server: Mapping[str, str], template_of_items: Served
) -> Iterator[Mapping[str, str]]:
    """How to connect to it."""
    made = new_database(shared_server, template_of_items)
    yield made.connection_keywords
    drop(shared_server, made)


@pytest.fixture
async def database(server: Mapping[str, str]) -> AsyncIterator[Database]:
    async with pooled(server) as database:
        yield database
