"""Opens the database: the server of DATABASE_URL or the embedded one, migrated, behind a pool."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from advisor.errors import DatabaseInUse, DatabaseUnusable
from bot.database.address import keywords_of
from bot.database.pool import Database, pooled

#: The embedded database's directory inside the data directory.
CLUSTER = "postgresql"


class DatabaseSettings(Protocol):
    """The part of the bot's settings that concerns the database."""

    @property
    def database_url(self) -> SecretStr | None: ...

    @property
    def data_directory(self) -> Path: ...


@asynccontextmanager
async def open_database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """The open database while the block lasts, its schema up to date.

    Raises SettingsUnreadable, DatabaseInUse, DatabaseUnusable or DatabaseUnreachable.
    """
    from bot.database.migrating import migrate
    from bot.database.roles import prepared_role

    async with server_of(settings) as keywords:
        await asyncio.to_thread(migrate, keywords)
        role = await asyncio.to_thread(prepared_role, keywords)
        async with pooled(keywords, role=role) as database:
            yield database


@asynccontextmanager
async def open_to_read(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """The open database as it is while the block lasts, also beside a bot that uses it.

    Makes and migrates nothing. Raises SettingsUnreadable, DatabaseInUse, DatabaseUnusable or
    DatabaseUnreachable.
    """
    async with AsyncExitStack() as stack:
        keywords = await _keywords_to_read(settings, stack)
        yield await stack.enter_async_context(pooled(keywords))


async def _keywords_to_read(settings: DatabaseSettings, stack: AsyncExitStack) -> Mapping[str, str]:
    """psycopg's keywords; the embedded server is started where no process runs it."""
    directory = settings.data_directory / CLUSTER
    if settings.database_url is None and not directory.exists():
        raise DatabaseUnusable(
            f"There is no database in {directory} yet. Set VMBACKUP_DATA_DIR or DATABASE_URL as "
            "they are for the bot."
        )
    try:
        return await stack.enter_async_context(server_of(settings))
    except DatabaseInUse:
        from bot.database.embedded import keywords_of_running

        return keywords_of_running(directory)


@asynccontextmanager
async def server_of(settings: DatabaseSettings) -> AsyncIterator[Mapping[str, str]]:
    """psycopg's keywords; the embedded server, where it is used, runs while the block lasts."""
    if settings.database_url is not None:
        yield keywords_of(settings.database_url.get_secret_value())
        return
    if sys.platform == "win32":
        raise DatabaseUnusable(
            "The embedded database does not run on Windows. Set DATABASE_URL to a PostgreSQL "
            "server of your own."
        )
    from bot.database.embedded import EmbeddedPostgres

    async with EmbeddedPostgres(settings.data_directory / CLUSTER) as server:
        yield server.connection_keywords
