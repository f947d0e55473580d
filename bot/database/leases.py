"""Leases on requests: one worker at a time, decided by compare-and-set on the row."""

from __future__ import annotations

from datetime import timedelta

from psycopg.rows import dict_row

from bot.database.changes import after
from bot.database.rows import request_of
from bot.database.wakes import StorePart
from bot.requests.request import Request
from bot.requests.states import WORKED

_WORKED = [state.value for state in WORKED]

# A request whose lease ran out is due at once: its worker died, or sleeps. Taking the lease clears
# `next_at`; a wake-up that comes meanwhile sets it again, and the release keeps it. No worker takes
# the lease before the wait that Azure named (`not_before`) is over; a move ends that wait.
_DUE = """
    state = ANY(%(worked)s) AND (
        lease_token IS NULL AND next_at <= vmbackup_now()
        OR lease_until <= vmbackup_now())
    AND (not_before IS NULL OR not_before <= vmbackup_now())
"""
_TAKE = f"""
    UPDATE requests SET lease_token = %(token)s, next_at = NULL,
        lease_until = vmbackup_now() + make_interval(secs => %(seconds)s)
    WHERE id = %(id)s AND {_DUE}
    RETURNING *
"""  # noqa: S608  this file's own words
_RENEW = """
    UPDATE requests SET lease_until = vmbackup_now() + make_interval(secs => %(seconds)s)
    WHERE id = %(id)s AND lease_token = %(token)s AND lease_until > vmbackup_now()
"""
_RELEASE = """
    UPDATE requests SET lease_token = NULL, lease_until = NULL,
        attempts = attempts + %(failed)s,
        next_at = least(next_at, vmbackup_now() + %(again_in)s::interval)
    WHERE id = %(id)s AND lease_token = %(token)s
    RETURNING greatest(next_at, not_before) - vmbackup_now()
"""
_NOT_BEFORE = """
    UPDATE requests SET not_before = greatest(not_before, vmbackup_now() + %(wait)s::interval)
    WHERE id = %(id)s AND lease_token = %(token)s
"""
_DUE_IDS = f"""
    SELECT id FROM requests WHERE {_DUE}
    ORDER BY coalesce(lease_until, next_at) LIMIT %(limit)s
"""  # noqa: S608  this file's own words


class Leases(StorePart):
    """The part of the store that leases requests to workers. Raises DatabaseUnreachable."""

    async def take(self, request_id: str, token: str, seconds: float) -> Request | None:
        """Lease the request for so many seconds; None: it is not due, or another worker has it."""
        values = {"id": request_id, "token": token, "seconds": seconds, "worked": _WORKED}
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_TAKE, values)
            row = await cursor.fetchone()
        return None if row is None else request_of(row, self._actions)

    async def renew(self, request_id: str, token: str, seconds: float) -> bool:
        """Extend the lease to so many seconds from now; False: it ran out, or has another token."""
        values = {"id": request_id, "token": token, "seconds": seconds}
        async with self._database.connection() as connection:
            return (await connection.execute(_RENEW, values)).rowcount == 1

    async def keep_wait(self, request_id: str, token: str, wait: timedelta) -> None:
        """Let no worker lease the request before the wait is over, also after this one crashed.

        Does nothing where the lease has another token.
        """
        values = {"id": request_id, "token": token, "wait": wait}
        async with self._database.connection() as connection:
            await connection.execute(_NOT_BEFORE, values)

    async def release(
        self, request_id: str, token: str, again_in: timedelta | None, *, failed: bool = False
    ) -> None:
        """Release the lease; the request is due again after `again_in`, or at the next wake-up.

        `failed` counts an attempt. Does nothing where the lease has another token.
        """
        values = {"id": request_id, "token": token, "again_in": again_in, "failed": int(failed)}
        async with self._database.connection() as connection:
            row = await (await connection.execute(_RELEASE, values)).fetchone()
            if row is not None and row[0] is not None:
                await self._wakes.requests(connection, [request_id], after(row[0]))

    async def due(self, limit: int) -> list[str]:
        """The ids of the requests that are due now, the longest overdue first."""
        async with self._database.connection() as connection:
            values = {"worked": _WORKED, "limit": limit}
            rows = await (await connection.execute(_DUE_IDS, values)).fetchall()
        return [str(row[0]) for row in rows]
