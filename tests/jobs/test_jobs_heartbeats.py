"""/livez and /readyz of a worker fail when its queue stands still, and at no other time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import psycopg
from little_rows import Items, Pace
from psycopg.conninfo import make_conninfo

from bot.database import Database
from bot.health.health import ProcessHealth
from bot.health.server import Probes, probes_at
from bot.jobs.worker_loop import Worker
from bot.loops import running

#: Instead of the product's 150 s; a worker that idles asks for jobs ten times as often.
LONGEST_SECONDS = 2.0
PACE = Pace(jobs_at_once=2, poll_seconds=0.2)
PATIENCE_SECONDS = 30.0


class Stuck:
    """Work that does not end before it is let go."""

    def __init__(self) -> None:
        self.let_go, self.begun = asyncio.Event(), 0

    async def carry(self, _item: str) -> None:
        self.begun += 1
        await self.let_go.wait()


@asynccontextmanager
async def watched(worker: Worker, health: ProcessHealth) -> AsyncIterator[str]:
    """The worker runs, and its probes are answered at the address."""
    health.part("worker", worker.why_not)
    async with probes_at(("127.0.0.1", 0), Probes(health)) as port, running(worker.run):
        yield f"http://127.0.0.1:{port}"


async def get(url: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


async def until(url: str, status: int) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (found := await get(url))[0] != status:
            await asyncio.sleep(0.1)
    return found[1]


async def test_a_worker_whose_queue_stands_still_is_dead_until_it_goes_on(
    database: Database,
) -> None:
    stuck, items = Stuck(), Items(database, "here")
    health = ProcessHealth(longest_seconds=LONGEST_SECONDS)
    worker = Worker(
        database, PACE, carry_on=stuck.carry, judge=stuck.carry, beat=health.loop("queue")
    )
    async with watched(worker, health) as url:
        await until(f"{url}/readyz", 200)
        await asyncio.sleep(1.5 * LONGEST_SECONDS)  # for a worker that idles longer than that
        assert await get(f"{url}/livez") == (200, {"live": True, "hanging": {}})
        await items.put("one")
        await asyncio.sleep(1.5 * LONGEST_SECONDS)  # one job alone holds up nobody
        assert (stuck.begun, (await get(f"{url}/livez"))[0]) == (1, 200)
        for item in ("two", "three"):
            await items.put(item)
        dead = await until(f"{url}/livez", 503)
        assert dead["hanging"].keys() == {"queue"}
        _, ready = await get(f"{url}/readyz")
        assert "has not gone round for" in ready["not_ready"]["loop queue"]
        assert stuck.begun == PACE.jobs_at_once
        stuck.let_go.set()
        await until(f"{url}/livez", 200)
        await until(f"{url}/readyz", 200)


async def test_a_database_that_is_away_kills_no_worker(database: Database) -> None:
    stuck = Stuck()
    health = ProcessHealth(longest_seconds=20.0)  # a pool tries to connect for some seconds
    worker = Worker(
        database, PACE, carry_on=stuck.carry, judge=stuck.carry, beat=health.loop("queue")
    )
    name = database.keywords["dbname"]
    elsewhere = make_conninfo(**{**database.keywords, "dbname": "template1"})
    async with watched(worker, health) as url:
        await until(f"{url}/readyz", 200)
        with psycopg.connect(elsewhere, autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
        await until(f"{url}/readyz", 503)
        for _ in range(25):  # longer than a loop may stand still
            assert (await get(f"{url}/livez"))[0] == 200
            await asyncio.sleep(1)
        with psycopg.connect(elsewhere, autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
        await until(f"{url}/readyz", 200)
