"""The least that has rows with leases, for the worker and the sweep to be tried on.

Each item is due until it was done; who takes it has it for LEASE_SECONDS, by the database's clock.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from bot.database.pool import Database, pooled
from bot.jobs.enqueue import JobWakes
from bot.jobs.sweep import Chore, Sweep
from bot.jobs.worker_loop import Worker
from bot.loops import running

LEASE_SECONDS = 2.0

TABLE: LiteralString = """
    CREATE TABLE items (
        id text PRIMARY KEY,
        lease_until timestamptz,
        taken int NOT NULL DEFAULT 0,
        done_at timestamptz,
        done_by text
    )
"""
_TAKE: LiteralString = """
    UPDATE items SET taken = taken + 1, lease_until = now() + %s * interval '1 second'
    WHERE id = %s AND done_at IS NULL AND (lease_until IS NULL OR lease_until < now())
    RETURNING id
"""
_DUE: LiteralString = """
    SELECT id FROM items
    WHERE done_at IS NULL AND (lease_until IS NULL OR lease_until < now()) ORDER BY id LIMIT %s
"""
_FINISH: LiteralString = "UPDATE items SET done_at = clock_timestamp(), done_by = %s WHERE id = %s"


@dataclass(frozen=True)
class Pace:
    """As quick as the recipes have it."""

    jobs_at_once: int = 20
    poll_seconds: float = 0.5
    heartbeat_seconds: float = 1.0
    stalled_seconds: float = 5.0
    stop_seconds: float = 1.0


class Items:
    """A little store with the one kind of row."""

    def __init__(self, database: Database, name: str, takes_seconds: float = 0.0) -> None:
        self.database, self.name, self.takes_seconds = database, name, takes_seconds

    async def put(self, item: str) -> None:
        """A row and its wake-up, in one transaction."""
        async with self.database.connection() as connection:
            await connection.execute("INSERT INTO items (id) VALUES (%s)", (item,))
            await JobWakes().request(connection, item)

    async def carry(self, item: str) -> None:
        async with self.database.connection() as connection:
            taken = await (await connection.execute(_TAKE, (LEASE_SECONDS, item))).fetchone()
        if taken is None:
            return
        await asyncio.sleep(self.takes_seconds)
        async with self.database.connection() as connection:
            await connection.execute(_FINISH, (self.name, item))

    async def due(self, limit: int) -> Sequence[str]:
        async with self.database.connection() as connection:
            rows = await (await connection.execute(_DUE, (limit,))).fetchall()
        return [str(row[0]) for row in rows]

    async def wake_due(self) -> None:
        if due := await self.due(100):
            async with self.database.connection() as connection:
                await JobWakes().requests(connection, due)


def worker_of(items: Items, pace: Pace | None = None) -> Worker:
    return Worker(items.database, pace or Pace(), carry_on=items.carry, judge=items.carry)


def sweep_of(items: Items, every_seconds: float = 0.5) -> Sweep:
    return Sweep([Chore("waking items that are due", items.wake_due)], every_seconds)


async def work(conninfo: str, name: str, takes_seconds: float) -> None:
    """A worker's process; says so when it takes jobs, and stays until it is killed."""
    from psycopg.conninfo import conninfo_to_dict

    keywords = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
    async with pooled(keywords) as database:
        items = Items(database, name, takes_seconds)
        worker = worker_of(items)
        async with running(worker.run, sweep_of(items).run):
            while not worker.is_ready:
                await asyncio.sleep(0.01)
            print("ready", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], float(sys.argv[3])))
