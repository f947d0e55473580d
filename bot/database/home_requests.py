"""Reads the requests that a person's App Home shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg.rows import dict_row

from bot.database.rows import request_of, storable
from bot.database.wakes import StorePart
from bot.requests.request import Request
from bot.requests.states import LIVE, State

_OF_PERSON: LiteralString = """
    SELECT * FROM requests WHERE requester_user = %(user)s
    ORDER BY (state = ANY(%(live)s)) DESC, asked_at DESC, id LIMIT %(limit)s
"""
_WAITING: LiteralString = """
    SELECT * FROM requests WHERE state = %(waiting)s AND requester_user <> %(user)s
    ORDER BY decide_by, id LIMIT %(limit)s
"""


class HomeRequests(StorePart):
    """The part of the store for the App Home. Raises DatabaseUnreachable."""

    async def requests_of(self, user_id: str, limit: int) -> tuple[Request, ...]:
        """A person's requests: the live ones, then the newest."""
        values = {"live": [each.value for each in LIVE], "limit": limit}
        return await self._read_home(_OF_PERSON, {"user": storable(user_id), **values})

    async def waiting_for_others_than(self, user_id: str, limit: int) -> tuple[Request, ...]:
        """What waits for a decision and is not this person's own, the most urgent first."""
        values = {"waiting": State.WAITING.value, "limit": limit}
        return await self._read_home(_WAITING, {"user": storable(user_id), **values})

    async def _read_home(
        self, query: LiteralString, values: Mapping[str, Any]
    ) -> tuple[Request, ...]:
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query, values)
            return tuple(request_of(row, self._actions) for row in await cursor.fetchall())
