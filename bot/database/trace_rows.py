"""The trace in which a request was asked for, or a button pressed, as its row keeps it."""

from __future__ import annotations

from typing import LiteralString

from bot.database.pool import Database

_OF_REQUEST: LiteralString = "SELECT trace FROM requests WHERE id = %s"
_OF_CLICK: LiteralString = "SELECT trace FROM clicks WHERE id = %s"


class TraceRows:
    """Reads the traces. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_request(self, request_id: str) -> str:
        """W3C's traceparent; empty where nobody traced it."""
        return await self._found(_OF_REQUEST, request_id)

    async def of_click(self, click_id: str) -> str:
        """The same of a click."""
        return await self._found(_OF_CLICK, click_id)

    async def _found(self, query: LiteralString, item_id: str) -> str:
        async with self._database.connection() as connection:
            row = await (await connection.execute(query, (item_id,))).fetchone()
        return str(row[0]) if row else ""
