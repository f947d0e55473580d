"""The one clock: every statement reads the time from `vmbackup_now()`, and so does every decision.

It is the server's own clock. `make demo` alone puts another function in its place, whose clock its
page moves forward, so that one can watch what happens tomorrow. Only a bot whose Azure and Slack
are played works on such a database: elsewhere it would delete snapshots before their time.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from advisor.errors import DatabaseUnreachable, DatabaseUnusable
from bot.database.pool import Database
from bot.database.rows import scalar
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

#: What a statement calls; v0015 of the migrations makes it.
NOW: LiteralString = "vmbackup_now()"
_READ: LiteralString = "SELECT vmbackup_now()"
#: The text of the function as the migration made it.
PLAIN = "SELECT clock_timestamp()"
_TEXT: LiteralString = """
    SELECT prosrc FROM pg_proc
    WHERE proname = 'vmbackup_now' AND pronamespace = current_schema()::regnamespace
"""
#: Clocks of machines that are kept in step differ by less, and this machine's runs on meanwhile.
FOLLOW_SECONDS = 5.0


async def refuse_moved_clock(database: Database, *, is_played: bool) -> None:
    """Refuse a database whose clock can be moved, unless Azure and Slack are played, too.

    Raises DatabaseUnusable, DatabaseUnreachable.
    """
    async with database.connection() as connection:
        text = str(await scalar(connection, _TEXT)).strip()
    if text != PLAIN and not is_played:
        raise DatabaseUnusable(
            "The clock of this database can be moved, because `make demo` made it: snapshots "
            "would expire before their time. Use another database."
        )


class DatabaseTime:
    """The database's time for work that cannot wait to ask: this machine's clock, set by it.

    Until it was read once, and while the database is away, it goes on as it was last known.
    """

    def __init__(self, database: Database) -> None:
        self._database, self._ahead = database, timedelta()

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC) + self._ahead

    async def follow(self) -> None:
        """Read the clock once. Raises DatabaseUnreachable."""
        before = datetime.now(UTC)
        async with self._database.connection() as connection:
            at: datetime = await scalar(connection, _READ)
        self._ahead = at - (before + (datetime.now(UTC) - before) / 2)

    async def run(self) -> None:
        """Follow it until the task is cancelled."""
        while not is_cancelled():
            try:
                await self.follow()
            except DatabaseUnreachable as error:
                _log.debug("The database's clock is not read for now: %s", error)
            await asyncio.sleep(FOLLOW_SECONDS)
