"""Reads requests: lists for people, and for the sweep those that are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString

from psycopg.rows import dict_row

from bot.database import budgets
from bot.database.decisions import CLOCK
from bot.database.rows import request_of, scalar, storable
from bot.database.wakes import StorePart
from bot.requests.action import Effect
from bot.requests.changes import FreeQuota, Quota, Reserve
from bot.requests.request import Request
from bot.requests.states import LIVE

#: After a deletion that did not delete everything, another one is requested this much later.
DELETE_AGAIN_AFTER = timedelta(hours=1)
#: How long before expiry the requester is reminded: a day, or a fourth of the retention if shorter.
REMINDED_BEFORE, PART_OF_RETENTION = timedelta(days=1), 4

_BY_ID = "SELECT * FROM requests WHERE id = %(id)s"
_BY_BUTTON = """
    SELECT requests.* FROM buttons JOIN requests ON requests.id = buttons.request_id
    WHERE buttons.button = %(button)s
"""
_NEWEST = """
    SELECT * FROM requests
    WHERE state = ANY(%(states)s) AND (%(vm)s::text IS NULL OR vm_key = %(vm)s)
    ORDER BY asked_at DESC, id LIMIT %(limit)s
"""
# Not while another request extends the points, deletes them already, or makes something from them.
_EXPIRED = """
    SELECT made.* FROM requests AS made
    WHERE made.state NOT IN ('approved', 'running')
      AND EXISTS (SELECT FROM points WHERE points.request_id = made.id
                  AND deleted_at IS NULL AND expires_at <= vmbackup_now()
                  AND (delete_after IS NULL OR delete_after <= vmbackup_now()))
      AND NOT EXISTS (
          SELECT FROM requests AS other
          WHERE made.id IN (other.of_request, other.subject) AND (
              other.action = ANY(%(deleting)s) AND other.state = ANY(%(live)s)
              OR other.action = ANY(%(deleting)s) AND other.finished_at > vmbackup_now() - %(pause)s
              OR other.action <> ALL(%(deleting)s)
                  AND other.state IN ('approved', 'running')))
    ORDER BY made.id LIMIT %(limit)s
"""
_TO_REMIND = """
    SELECT * FROM requests
    WHERE reminded_at IS NULL AND expires_at > vmbackup_now()
      AND expires_at - least(%(before)s::interval,
            (expires_at - coalesce(finished_at, approved_at)) / %(part)s) <= vmbackup_now()
      AND EXISTS (SELECT FROM points WHERE points.request_id = requests.id
                  AND deleted_at IS NULL AND points.expires_at IS NOT NULL)
    ORDER BY expires_at LIMIT %(limit)s
"""
_LIVE_ABOUT = """
    SELECT * FROM requests WHERE of_request = ANY(%(ids)s) AND state = ANY(%(states)s)
    ORDER BY asked_at, id
"""
_UNREVIEWED = """
    SELECT * FROM requests
    WHERE look_by <= vmbackup_now() AND looked_by = '' AND escalated_at IS NULL
    ORDER BY look_by LIMIT %(limit)s
"""
_DELETIONS = """
    SELECT count(*) FROM requests WHERE of_request = %s AND action = ANY(%s)
"""


class Queries(StorePart):
    """The part of the store that only reads requests. Raises DatabaseUnreachable."""

    async def now(self) -> datetime:
        """The time of the database's clock, the only one by which decisions are made."""
        async with self._database.connection() as connection:
            at: datetime = await scalar(connection, CLOCK)
            return at

    async def get(self, request_id: str) -> Request | None:
        """The request of that id, which may be any text; None: there is none."""
        return next(iter(await self._read(_BY_ID, {"id": storable(request_id)})), None)

    async def by_button(self, button: str) -> Request | None:
        """The request of a button of any of its revisions; None: there is none."""
        return next(iter(await self._read(_BY_BUTTON, {"button": storable(button)})), None)

    async def live_requests(
        self, limit: int = 100, *, vm_key: str | None = None
    ) -> tuple[Request, ...]:
        """The requests in a state of `LIVE`, the newest first."""
        values = {"states": [each.value for each in LIVE], "vm": vm_key, "limit": limit}
        return await self._read(_NEWEST, values)

    async def live_about(self, request_ids: Sequence[str]) -> tuple[Request, ...]:
        """The live requests about these requests' points, planned or not, the oldest first."""
        values = {"ids": list(request_ids), "states": [each.value for each in LIVE]}
        return await self._read(_LIVE_ABOUT, values)

    async def expired(
        self, limit: int, again_after: timedelta = DELETE_AGAIN_AFTER
    ) -> tuple[Request, ...]:
        """The requests with expired points that no other request deletes yet."""
        values = {
            "live": [each.value for each in LIVE],
            "deleting": self._deleting(),
            "pause": again_after,
            "limit": limit,
        }
        return await self._read(_EXPIRED, values)

    async def deletions(self, request_id: str) -> int:
        """How many deletions were requested for its points: a part of the next content key."""
        async with self._database.connection() as connection:
            return int(await scalar(connection, _DELETIONS, (request_id, self._deleting())))

    async def to_remind(self, limit: int) -> tuple[Request, ...]:
        """The requests whose points expire soon and whose requester was not reminded yet."""
        values = {"before": REMINDED_BEFORE, "part": PART_OF_RETENTION, "limit": limit}
        return await self._read(_TO_REMIND, values)

    async def unreviewed(self, limit: int) -> tuple[Request, ...]:
        """The break-glass requests that nobody reviewed in time and that are not escalated yet."""
        return await self._read(_UNREVIEWED, {"limit": limit})

    async def break_glass_count(self, user_id: str, since: datetime) -> int:
        """How many requests used this person's break-glass since then."""
        async with self._database.connection() as connection:
            quota = Quota(user_id=user_id, since=since, most=0)
            return await budgets.break_glass_count(connection, quota)

    async def free_count(self, request_id: str, free: FreeQuota) -> int:
        """How many other requests for the VM went without an approval since then."""
        async with self._database.connection() as connection:
            return await budgets.free_count(connection, free, excluding=request_id)

    async def reserved_for(self, request_id: str) -> budgets.Reserved | None:
        """The budget in which a request holds a reservation; None: it holds none."""
        async with self._database.connection() as connection:
            return await budgets.reserved_for(connection, request_id)

    async def reserved_by_others(self, request_id: str, of: Reserve) -> Decimal:
        """What all other requests hold of the same team, month and currency."""
        async with self._database.connection() as connection:
            return await budgets.reserved(connection, of, excluding=request_id)

    def _deleting(self) -> list[str]:
        """The names of the actions that delete another request's points."""
        rows = self._actions.items()
        return [str(name) for name, row in rows if row.facts.effect is Effect.DELETES]

    async def _read(self, query: LiteralString, values: Mapping[str, Any]) -> tuple[Request, ...]:
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query, values)
            return tuple(request_of(row, self._actions) for row in await cursor.fetchall())
