"""The pool of connections to the database: checked before use, replaced after an outage."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.errors import (
    DataCorrupted,
    DiskFull,
    IdleInTransactionSessionTimeout,
    IndexCorrupted,
)
from psycopg.rows import TupleRow

from advisor.errors import DatabaseUnreachable, DatabaseUnusable, SettingsUnreadable
from bot.database.address import VARIABLE, place_of

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

_log = logging.getLogger(__name__)

Connection = psycopg.AsyncConnection[TupleRow]

FEWEST, MOST = 1, 10
WAIT_SECONDS = 5.0  #: for a connection; then DatabaseUnreachable is raised
READY_SECONDS = 2.0
#: A process that was suspended within a transaction loses its locks after this.
LONGEST_IDLE_SECONDS = 10
#: No transaction waits longer for a lock: its holder hangs, and the caller tries again later.
LONGEST_LOCK_SECONDS = 20
#: The pool doubles its pauses up to this; then the next caller tries at once.
RECONNECT_SECONDS = 3.0


class Database:
    """The open database. Each block of `connection` is one transaction."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Connection],
        place: str,
        keywords: Mapping[str, str] = MappingProxyType({}),
        role: str | None = None,
    ) -> None:
        """`keywords` and `role` are kept for a second pool of the same connections."""
        self.pool, self._place, self.keywords, self.role = pool, place, keywords, role

    async def use(self, keywords: Mapping[str, str]) -> None:
        """Make every new connection with these, because the password was replaced.

        Those that are open stay open. Raises SettingsUnreadable for another database, and
        DatabaseUnreachable where the server does not let these in.
        """
        if place_of(keywords) != self._place:
            reason = "it names another database. Start the bot anew for that."
            raise SettingsUnreadable("the new secret", VARIABLE, reason)
        try:
            async with await psycopg.AsyncConnection.connect(**_for_connect(keywords)):
                self.keywords = keywords
        except psycopg.OperationalError as error:
            raise unreachable(self._place, error) from error

    @asynccontextmanager
    async def connection(self, wait_seconds: float = WAIT_SECONDS) -> AsyncIterator[Connection]:
        """A connection; committed at the end of the block, rolled back if it raises.

        Raises DatabaseUnreachable where there is no connection, it breaks off, or the disk is full;
        DatabaseUnusable where the server finds its files damaged.
        """
        try:
            async with self.pool.connection(wait_seconds) as connection:
                yield connection
        except (psycopg.OperationalError, IdleInTransactionSessionTimeout) as error:
            raise unreachable(self._place, error) from error
        except (DataCorrupted, IndexCorrupted) as error:
            raise _damaged(self._place, error) from error

    async def ready(self) -> bool:
        """Whether the database answers now."""
        try:
            async with self.connection(READY_SECONDS) as connection:
                await connection.execute("SELECT 1")
        except (DatabaseUnreachable, DatabaseUnusable) as error:
            _log.warning("Not ready: %s", error)
            return False
        return True


def _for_connect(keywords: Mapping[str, str]) -> dict[str, Any]:
    """A copy without a type: psycopg's own keywords have types of their own."""
    return dict(keywords)


@asynccontextmanager
async def pooled(
    keywords: Mapping[str, str], most: int = MOST, role: str | None = None
) -> AsyncIterator[Database]:
    """A pool of at most `most` connections, each in that role, while the block lasts.

    Raises DatabaseUnreachable.
    """
    from psycopg_pool import AsyncConnectionPool

    def as_they_are_now() -> dict[str, str]:
        return dict(database.keywords)

    pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
        kwargs=as_they_are_now,
        min_size=FEWEST,
        max_size=most,
        open=False,
        name="database",
        timeout=WAIT_SECONDS,
        reconnect_timeout=RECONNECT_SECONDS,
        check=AsyncConnectionPool.check_connection,
        configure=partial(_configure, role),
    )
    database = Database(pool, place_of(keywords), keywords, role)
    try:  # a start that is cancelled half-way has workers, too, and one that connects hides it
        try:
            await pool.open(wait=True, timeout=WAIT_SECONDS)
        except psycopg.OperationalError as error:
            raise unreachable(place_of(keywords), error) from error
        yield database
    finally:
        await pool.close()


async def _configure(role: str | None, connection: Connection) -> None:
    """Set the limits and the role for every transaction of this connection."""
    await connection.execute(
        "SELECT set_config('idle_in_transaction_session_timeout', %s, false),"
        " set_config('lock_timeout', %s, false)",
        (f"{LONGEST_IDLE_SECONDS}s", f"{LONGEST_LOCK_SECONDS}s"),
    )
    if role is not None:
        await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    await connection.commit()


def unreachable(place: str, error: BaseException) -> DatabaseUnreachable:
    """The sentence for a database that does not answer, or that cannot write."""
    why = _words(error)
    if isinstance(error, DiskFull):
        return DatabaseUnreachable(
            f"The disk of the database {place} is full: {why.rstrip('.')}. Free some space on it; "
            "the bot then goes on by itself."
        )
    return DatabaseUnreachable(
        f"The database {place} does not answer: {why.rstrip('.')}. Check that it runs, that this "
        "machine may reach it, and DATABASE_URL where that is set."
    )


def _damaged(place: str, error: BaseException) -> DatabaseUnusable:
    why = _words(error).rstrip(".")
    if isinstance(error, IndexCorrupted):
        return DatabaseUnusable(
            f"The database {place} is damaged: {why}. Make the index that it names anew with "
            "REINDEX."
        )
    return DatabaseUnusable(
        f"The database {place} is damaged: {why}. Stop the bot and restore the database from a "
        "backup: PostgreSQL does not mend it."
    )


def _words(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
