"""The workflow's fixtures: a system of its own for each test, on an emptied database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from tests.databases import Served, new_database
from tests.workflow.workflow_system import System, open_system

#: In this order nothing is left that points to what is deleted. The audit stays: it only grows.
_TABLES = (
    "messages",
    "channels",
    "reservations",
    "points",
    "steps",
    "approvals",
    "buttons",
    "clicks",
    "requests",
    "vm_tags_seen",
    "ledger_look",
    "procrastinate_jobs",
)


@dataclass(frozen=True)
class _Settings:
    database_url: SecretStr
    data_directory: Path


@pytest.fixture(scope="session")
def one_database(shared_server: Mapping[str, str], template: Served) -> Served:
    """One database for all tests: to make another takes longer than most of them."""
    return new_database(shared_server, template)


@pytest.fixture
async def system(one_database: Served, tmp_path: Path) -> AsyncIterator[System]:
    settings = _Settings(SecretStr(one_database.url), tmp_path)
    async with open_system(settings) as opened:
        _empty(one_database)
        yield opened


def _empty(database: Served) -> None:
    with psycopg.connect(make_conninfo(**database.connection_keywords)) as connection:
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table}".encode())
