"""Reads pages of requests for people: of every VM or of one, complete, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, LiteralString, NamedTuple

from psycopg.rows import dict_row

from bot.database.rows import point_of, request_of, storable
from bot.database.wakes import StorePart
from bot.requests.model import Point
from bot.requests.request import Request
from bot.requests.states import LIVE

#: What ended longer ago and left nothing is listed only where everything is asked for.
RECENT = timedelta(days=30)

# A request about points belongs to the VM of the request that made them; one that was never planned
# to the VM that its wish names. A VM is meant by its name, by group/name, or by its full id.
_ABOUT: LiteralString = """
    FROM requests
    LEFT JOIN requests AS origin ON origin.id = requests.of_request
    CROSS JOIN LATERAL (
        SELECT coalesce(requests.vm_key, origin.vm_key) AS id,
               lower(requests.wish ->> 'vm') AS typed) AS vm
    CROSS JOIN LATERAL (
        SELECT count(*) AS number, min(points.expires_at) AS expires_at FROM points
        WHERE points.request_id = requests.id AND points.deleted_at IS NULL) AS kept
    WHERE (%(vm)s = ''
           OR %(vm)s IN (vm.id, split_part(vm.id, '/', 9),
                         split_part(vm.id, '/', 5) || '/' || split_part(vm.id, '/', 9))
           OR vm.id IS NULL AND %(vm)s IN (vm.typed, regexp_replace(vm.typed, '^.*/', '')))
"""
# Neither what was refused before there was a plan, nor what vmbackup deleted by itself.
_CURRENT: LiteralString = """
    (requests.state = ANY(%(live)s) OR kept.number > 0
     OR requests.plan IS NOT NULL AND requests.requester_user <> ''
        AND requests.finished_at > vmbackup_now() - %(recent)s)
"""
_PAGE: LiteralString = (
    "SELECT requests.* "
    + _ABOUT
    + " AND (%(everything)s OR "
    + _CURRENT
    + """)
    ORDER BY requests.state <> ALL(%(live)s), kept.number = 0, kept.expires_at,
             requests.asked_at DESC, requests.id
    LIMIT %(limit)s OFFSET %(start)s
"""
)
_COUNT: LiteralString = (
    "SELECT count(*) AS every, count(*) FILTER (WHERE " + _CURRENT + ") AS current " + _ABOUT
)
_POINTS_OF = "SELECT * FROM points WHERE request_id = ANY(%s) ORDER BY made_at DESC, arm_key"


class RequestPage(NamedTuple):
    """Some requests in the order of the list, with how many there are of each kind."""

    requests: tuple[Request, ...]
    current: int  #: under way, keeping something, or ended lately
    every: int


class Listing(StorePart):
    """The part of the store that lists requests for people. Raises DatabaseUnreachable."""

    async def listed(
        self, vm: str = "", *, everything: bool = False, start: int = 0, limit: int = 20
    ) -> RequestPage:
        """A page: what is under way first, then what keeps something by expiry, then the newest.

        `vm` is a name, `group/name` or an ARM id in any case; empty means every VM.
        """
        values: dict[str, Any] = {
            "vm": str(storable(vm)).strip().lower(),
            "everything": everything,
            "live": [each.value for each in LIVE],
            "recent": RECENT,
            "start": start,
            "limit": limit,
        }
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_PAGE, values)
            requests = tuple(request_of(row, self._actions) for row in await cursor.fetchall())
            await cursor.execute(_COUNT, values)
            count = await cursor.fetchone() or {"current": 0, "every": 0}
        return RequestPage(requests, count["current"], count["every"])

    async def points_of(self, request_ids: Sequence[str]) -> tuple[Point, ...]:
        """The points that these requests made, also those that are deleted, the newest first."""
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_POINTS_OF, (list(request_ids),))
            return tuple(point_of(row) for row in await cursor.fetchall())
