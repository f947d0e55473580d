"""The worker: killed, paused, cut off from its database; what is due is done all the same."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from little_rows import Items, Pace, sweep_of, worker_of
from psycopg.conninfo import make_conninfo
from severed import severable

from advisor.errors import DatabaseUnreachable
from bot.database import Database
from bot.database.pool import RECONNECT_SECONDS, WAIT_SECONDS, pooled
from bot.jobs.grouped import Gathered
from bot.jobs.worker_loop import Worker
from bot.loops import running

ROOT = Path(__file__).parents[2]
#: Whoever has this pace takes a job when it is told of it, or not while the test lasts.
ONLY_TOLD = Pace(poll_seconds=3600)
#: One outage is over as the pools give up; in the other they have given up, and whoever waited
#: for a connection, and whoever came after that.
AWAY_SECONDS = (RECONNECT_SECONDS, RECONNECT_SECONDS + 1.5 * WAIT_SECONDS)


async def row(database: Database, item: str) -> tuple[Any, ...]:
    """How often it was taken, and by whom it was done."""
    async with database.connection() as connection:
        found = await connection.execute("SELECT taken, done_by FROM items WHERE id = %s", (item,))
        return await found.fetchone() or ()


async def done(database: Database, item: str, seconds: float = 15.0) -> tuple[Any, ...]:
    async with asyncio.timeout(seconds):
        while (found := await row(database, item))[1] is None:
            await asyncio.sleep(0.02)
    return found


async def ready(worker: Worker, seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not worker.is_ready:
            await asyncio.sleep(0.02)


async def listening(database: Database, seconds: float = 15.0) -> None:
    """Until a worker is told of jobs; what was put down before that waits for its poll."""
    async with asyncio.timeout(seconds):
        while await _listeners(database) == 0:
            await asyncio.sleep(0.02)


async def _listeners(database: Database) -> int:
    async with database.connection() as connection:
        found = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
        )
        return int((await found.fetchone() or (0,))[0])


@asynccontextmanager
async def process(
    server: Mapping[str, str], name: str, takes_seconds: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker of its own, taking jobs."""
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, "tests/jobs/little_rows.py", make_conninfo(**server), name),
        str(takes_seconds),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert made.stdout is not None
        assert await made.stdout.readline() == b"ready\n"
        yield made
    finally:
        if made.returncode is None:
            made.kill()
        await made.wait()


async def taken(database: Database, item: str) -> None:
    async with asyncio.timeout(10):
        while (await row(database, item))[0] == 0:
            await asyncio.sleep(0.01)


async def several(items: Items, prefix: str, count: int = 5) -> None:
    """Jobs that are put down and done one after the other."""
    for number in range(count):
        await items.put(f"{prefix}-{number}")
        await done(items.database, f"{prefix}-{number}")


async def test_a_wake_up_is_carried_out_without_waiting_for_the_poll(database: Database) -> None:
    items = Items(database, "here")
    worker = worker_of(items, ONLY_TOLD)
    async with running(worker.run):
        await ready(worker)
        await listening(database)
        await several(items, "i")
    assert not worker.is_ready


async def test_a_job_that_fails_is_said_left_behind_and_does_not_end_the_worker(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    items = Items(database, "here")

    async def stumbles(item: str) -> None:
        if item == "bad":
            raise LookupError("a mistake")
        await items.carry(item)

    worker = Worker(database, Pace(), carry_on=stumbles, judge=stumbles)
    async with running(worker.run):
        await items.put("bad")
        await items.put("good")
        await done(database, "good")
    assert "bad is put off after an unforeseen error." in caplog.text
    async with database.connection() as connection:
        left = await (
            await connection.execute("SELECT count(*) FROM procrastinate_jobs")
        ).fetchone()
    assert left == (0,)


async def test_a_bot_that_must_not_act_takes_nothing_on(database: Database) -> None:
    items, may_act = Items(database, "here"), asyncio.Event()
    worker = Worker(
        database, Pace(), carry_on=items.carry, judge=items.carry, may_act=may_act.is_set
    )
    async with running(worker.run, sweep_of(items).run):
        await items.put("i")
        await asyncio.sleep(0.5)
        assert (await row(database, "i"))[0] == 0
        may_act.set()
        await done(database, "i")


async def test_a_worker_that_is_killed_is_replaced_within_seconds(
    database: Database, server: Mapping[str, str]
) -> None:
    items = Items(database, "the other")
    async with process(server, "the first", takes_seconds=60) as first:
        await items.put("i")
        await taken(database, "i")
        first.kill()
        await first.wait()
        worker = worker_of(items)
        async with running(worker.run, sweep_of(items).run):
            assert await done(database, "i") == (2, "the other")


async def test_a_worker_that_is_paused_and_resumed_does_its_work_afterwards(
    database: Database, server: Mapping[str, str]
) -> None:
    """Asleep for longer than its heartbeats may be late; its jobs are done by the other."""
    items = Items(database, "the other")
    async with process(server, "the sleeper", takes_seconds=0) as sleeper:
        sleeper.send_signal(signal.SIGSTOP)
        pace = Pace(stalled_seconds=2.0)
        worker = worker_of(items)
        async with running(worker.run, sweep_of(items).run):
            for number in range(5):
                await items.put(f"i-{number}")
            for number in range(5):
                assert (await done(database, f"i-{number}"))[1] == "the other"
            await asyncio.sleep(pace.stalled_seconds + 1)
        worker = worker_of(items, pace)  # prunes the sleeper, as any start does
        async with running(worker.run):
            await ready(worker)
            await items.put("between")
            await done(database, "between")
        sleeper.send_signal(signal.SIGCONT)
        await items.put("after")
        assert (await done(database, "after"))[1] == "the sleeper"


async def test_a_job_that_stays_doing_is_overtaken_by_the_sweep(database: Database) -> None:
    """As when the connection broke while the end of a job was written."""
    items = Items(database, "here")
    await items.put("i")
    async with database.connection() as connection:
        await connection.execute(
            "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() + interval '1 day') RETURNING id) "
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = worker.id FROM worker"
        )
    worker = worker_of(items)
    async with running(worker.run, sweep_of(items).run):
        assert (await done(database, "i", 5))[0] == 1


async def test_a_stopped_worker_lets_a_short_job_end_and_cuts_a_long_one(
    database: Database,
) -> None:
    short, long = Items(database, "short", takes_seconds=0.4), Items(database, "long", 60)
    for items in (short, long):
        worker = worker_of(items, Pace(stop_seconds=1.0))
        async with running(worker.run):
            await items.put(items.name)
            await taken(database, items.name)
    assert (await row(database, "short"))[1] == "short"
    assert (await row(database, "long"))[1] is None


@pytest.mark.parametrize("away_seconds", AWAY_SECONDS)
async def test_a_database_that_was_away_leaves_nothing_behind(
    away_seconds: float, server: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Commands are refused meanwhile; afterwards jobs are done, if need be by the poll alone."""
    caplog.set_level(logging.INFO, logger="bot")
    async with severable(server) as (way, over_it), pooled(over_it) as database:
        items = Items(database, "here", takes_seconds=0.05)
        worker, asks = worker_of(items), Gathered(partial(put_all, items))
        async with running(worker.run, sweep_of(items, every_seconds=2.0).run):
            await ready(worker)
            await listening(database)
            await several(items, "before")
            await items.put("cut off")
            await way.sever()
            ends, refused = time.monotonic() + away_seconds, 0
            while time.monotonic() < ends:
                refused += await _refused(asks, f"asked {refused}")
                await asyncio.sleep(0.2)
            await way.mend()
            await asyncio.gather(ready(worker), database_back(database))
            await done(database, "cut off")
            await several(items, "after")
        assert refused >= 1
        assert await asked(database) == 0
    said = [caplog.text.count(each) for each in ("The worker waits for", "queue's worker ended")]
    assert sum(said) == 1
    assert "Traceback" not in caplog.text
    assert caplog.text.count("The worker takes jobs again.") == 1
    assert caplog.text.count("The sweep waits for the database") <= 1


@pytest.mark.parametrize("away_seconds", [0.0, 0.2, 1.0])
async def test_a_worker_is_told_of_jobs_again_after_a_short_outage(
    away_seconds: float, server: Mapping[str, str], database: Database
) -> None:
    """Also where its connection is refused at first, and whether or not its round ends of it."""
    async with severable(server) as (way, over_it), pooled(over_it) as severed:
        worker = worker_of(Items(severed, "here"))
        async with running(worker.run):
            await listening(database)
            await way.sever()
            async with asyncio.timeout(15):
                while await _listeners(database):
                    await asyncio.sleep(0.02)
            await asyncio.sleep(away_seconds)
            await way.mend()
            await listening(database)


async def put_all(items: Items, names: Sequence[str]) -> Sequence[str]:
    for name in names:
        await items.put(name)
    return names


async def _refused(asks: Gathered[str, str], what: str) -> int:
    with pytest.raises(DatabaseUnreachable, match="This bot's database"):
        await asks.put(what)
    return 1


async def database_back(database: Database) -> None:
    while not await database.ready():
        await asyncio.sleep(0.05)


async def asked(database: Database) -> int:
    async with database.connection() as connection:
        rows = await connection.execute("SELECT count(*) FROM items WHERE id LIKE 'asked%%'")
        found = await rows.fetchone()
    return int(found[0]) if found else -1


@pytest.mark.parametrize("after_seconds", [0.0, 0.5])
async def test_a_worker_can_be_stopped_while_its_database_is_away(
    after_seconds: float, server: Mapping[str, str]
) -> None:
    """Whatever it was trying to do then; each attempt to reach the database takes five seconds."""
    async with severable(server) as (way, over_it), pooled(over_it) as database:
        items = Items(database, "here")
        worker = worker_of(items)
        async with asyncio.timeout(60):
            async with running(worker.run, sweep_of(items, 0.01).run):
                await ready(worker)
                await several(items, "before", count=3)
                await way.sever()
                await asyncio.sleep(after_seconds)
