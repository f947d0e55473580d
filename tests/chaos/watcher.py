"""What the harness sees of the database while a batch runs, past every proxy."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

_LOOK_AGAIN_SECONDS = 0.2

_REQUESTS = """
    SELECT id, state, revision, version, wish ->> 'vm' AS vm_name
    FROM requests WHERE action = 'snapshot' ORDER BY asked_at, id
"""
_UNANSWERED = """
    SELECT DISTINCT r.wish ->> 'vm' AS vm_name
    FROM clicks AS c JOIN buttons AS b USING (button) JOIN requests AS r ON r.id = b.request_id
    WHERE c.answered_at IS NULL
"""
#: Of any action: a deletion that cleans up is to end as well.
_BUSY = """
    SELECT (SELECT count(*) FROM requests WHERE state IN ('planning', 'approved', 'running'))
         + (SELECT count(*) FROM clicks WHERE answered_at IS NULL) AS count
"""


@dataclass(frozen=True)
class Standing:
    """Where a request stands."""

    id: str
    state: str
    revision: int


class Watcher:
    """Looks again and again; an outage is nothing to it."""

    def __init__(self, keywords: Mapping[str, str]) -> None:
        self._keywords = keywords
        self._of_vm: Mapping[str, list[Standing]] = {}
        self._unanswered: frozenset[str] = frozenset()
        self.is_busy = True  #: somebody works on something, or should
        self._seen = asyncio.Condition()

    def of_vm(self, name: str) -> list[Standing]:
        """Its requests, the oldest first."""
        return self._of_vm.get(name, [])

    def all_of_vm_are_answered(self, name: str) -> bool:
        """Whether no click on its requests waits."""
        return name not in self._unanswered

    async def next_look(self, seconds: float) -> None:
        """Wait until it has looked again, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._seen:
                await self._seen.wait()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(psycopg.Error):
                await self._look_on()
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _look_on(self) -> None:
        async with await connected(self._keywords) as connection:
            while True:
                await self._look(connection)
                async with self._seen:
                    self._seen.notify_all()
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _look(self, connection: psycopg.AsyncConnection[Mapping[str, Any]]) -> None:
        found: Mapping[str, list[Standing]] = defaultdict(list)
        for row in await rows(connection, _REQUESTS):
            found[row["vm_name"]].append(Standing(row["id"], row["state"], row["revision"]))
        clicks = await rows(connection, _UNANSWERED)
        (busy,) = await rows(connection, _BUSY)
        self.is_busy = busy["count"] > 0
        self._of_vm, self._unanswered = found, frozenset(row["vm_name"] for row in clicks)


async def connected(
    keywords: Mapping[str, str],
) -> psycopg.AsyncConnection[Mapping[str, Any]]:
    """A connection whose rows are mappings; each statement is its own transaction."""
    return await psycopg.AsyncConnection.connect(
        psycopg.conninfo.make_conninfo(**keywords), autocommit=True, row_factory=dict_row
    )


async def rows(
    connection: psycopg.AsyncConnection[Mapping[str, Any]], query: str
) -> Sequence[Mapping[str, Any]]:
    return await (await connection.execute(query.encode())).fetchall()
