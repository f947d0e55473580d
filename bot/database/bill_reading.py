"""When the bot reads the next bills by itself: the only SQL of the table `bill_reading`."""

from __future__ import annotations

from datetime import timedelta
from typing import LiteralString

from bot.database.pool import Database
from bot.database.rows import storable

_TAKE: LiteralString = """
    UPDATE bill_reading SET lease_token = %(token)s, lease_until = vmbackup_now() + %(time)s
    WHERE not_before <= vmbackup_now() AND (lease_until IS NULL OR lease_until <= vmbackup_now())
"""
# Whoever lost the lease to another worker notes nothing.
_NOTE: LiteralString = """
    UPDATE bill_reading SET lease_token = NULL, lease_until = NULL, why = %(why)s,
        not_before = vmbackup_now() + %(time)s,
        month = coalesce(%(month)s, month),
        read_at = CASE WHEN %(month)s::text IS NULL THEN read_at ELSE vmbackup_now() END
    WHERE lease_token = %(token)s
"""


class BillReading:
    """The one row by which one worker at a time reads bills. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, token: str, seconds: float) -> bool:
        """Lease a reading that is due; False: none is, or another worker reads."""
        values = {"token": token, "time": timedelta(seconds=seconds)}
        async with self._database.connection() as connection:
            return (await connection.execute(_TAKE, values)).rowcount == 1

    async def done(self, token: str, month: str, next_seconds: float) -> bool:
        """The bills of that month were read; the next reading is so much later. False: the lease
        was lost."""
        return await self._note(token, next_seconds, month=month)

    async def put_off(self, token: str, seconds: float, why: str) -> bool:
        """Read again after so many seconds."""
        return await self._note(token, seconds, why=storable(why))

    async def _note(
        self, token: str, seconds: float, *, month: str | None = None, why: str = ""
    ) -> bool:
        time = timedelta(seconds=seconds)
        values = {"token": token, "time": time, "month": month, "why": why}
        async with self._database.connection() as connection:
            return (await connection.execute(_NOTE, values)).rowcount == 1
