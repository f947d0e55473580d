"""Opens the database: the server of DATABASE_URL or the embedded one, migrated, behind a pool."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from advisor.errors import DatabaseInUse, DatabaseUnreachable, DatabaseUnusable
from bot.database.address import keywords_of
from bot.database.pool import Database, pooled

_log = logging.getLogger(__name__)

#: The embedded database's directory inside the data directory.
CLUSTER = "postgresql"
#: An outage is noticed to be over after this, with little in the log of a bot that waits for hours.
LONGEST_PAUSE_SECONDS = 15


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
async def open_once_reachable(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """As `open_database`, but a server of DATABASE_URL that is away is waited for.

    Raises SettingsUnreadable, DatabaseInUse or DatabaseUnusable.
    """
    async with AsyncExitStack() as stack:
        yield await _entered_once_reachable(settings, stack)


async def _entered_once_reachable(settings: DatabaseSettings, stack: AsyncExitStack) -> Database:
    failures = 0
    while True:
        try:
            return await stack.enter_async_context(open_database(settings))
        except DatabaseUnreachable as error:
            if settings.database_url is None:
                raise  # this process runs that server: to wait mends nothing
            seconds = pause_seconds(failures)
            _log.warning("%s The bot is not ready; it tries again in %.0f s.", error, seconds)
        failures += 1
        await asyncio.sleep(seconds)


def pause_seconds(failures: int) -> float:
    """The pause before the start is tried again: 1, 2, 4, ... seconds, at most 15."""
    return float(min(2 ** min(failures, 10), LONGEST_PAUSE_SECONDS))


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
