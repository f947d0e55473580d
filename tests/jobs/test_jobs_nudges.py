"""JobWakes: in the caller's transaction, merged where one waits already, never lost to a clash."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, LiteralString

import pytest

from bot.database import Database
from bot.jobs.enqueue import JobWakes, forget_lost_jobs

WAKES = JobWakes()


async def rows(database: Database, query: LiteralString) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return await (await connection.execute(query)).fetchall()


async def jobs(database: Database) -> list[tuple[Any, ...]]:
    return await rows(
        database, "SELECT task_name, args, scheduled_at > now() FROM procrastinate_jobs ORDER BY id"
    )


async def test_a_wake_up_carries_the_id_and_nothing_else(database: Database) -> None:
    async with database.connection() as connection:
        await WAKES.request(connection, "r-1")
        await WAKES.click(connection, "c-1")
    assert await jobs(database) == [
        ("carry_on", {"request_id": "r-1"}, None),
        ("judge", {"click_id": "c-1"}, None),
    ]


async def test_a_transaction_that_is_rolled_back_wakes_nobody(database: Database) -> None:
    async def changes_its_mind() -> None:
        async with database.connection() as connection:
            await WAKES.request(connection, "r-1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await changes_its_mind()
    assert await jobs(database) == []


async def test_a_second_wake_up_merges_and_leaves_the_transaction_whole(database: Database) -> None:
    async with database.connection() as connection:
        await WAKES.requests(connection, ["r-2", "r-1", "r-2"])
        await WAKES.request(connection, "r-1")
        await connection.execute("INSERT INTO items (id) VALUES ('written')")
    assert [args["request_id"] for _, args, _ in await jobs(database)] == ["r-1", "r-2"]
    assert await rows(database, "SELECT id FROM items") == [("written",)]


async def test_none_at_all_is_no_statement(database: Database) -> None:
    async with database.connection() as connection:
        await WAKES.requests(connection, [])
    assert await jobs(database) == []


async def test_the_earlier_of_two_later_wakes_holds_and_one_for_now_stands_beside(
    database: Database,
) -> None:
    for minutes in (60, 5, 30):
        async with database.connection() as connection:
            await WAKES.request(connection, "r-1", timedelta(minutes=minutes))
    async with database.connection() as connection:
        await WAKES.request(connection, "r-1")
    found = await rows(
        database,
        "SELECT scheduled_at IS NULL, scheduled_at BETWEEN now() + interval '4 min' "
        "AND now() + interval '5 min' FROM procrastinate_jobs ORDER BY id",
    )
    assert found == [(False, True), (True, None)]


async def test_a_waiting_wake_up_is_not_taken_before_the_change_that_counts_on_it(
    database: Database,
) -> None:
    """Else the worker would find the old state, and nobody would come for the new one."""
    async with database.connection() as connection:
        await WAKES.request(connection, "r-1")
    take: LiteralString = "SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)"
    async with database.connection() as changing:
        await WAKES.request(changing, "r-1")
        assert await rows(database, take) == [(None,)]
    assert (await rows(database, take))[0][0] is not None


async def test_two_who_wake_up_the_same_in_different_order_do_not_wait_for_each_other(
    database: Database,
) -> None:
    ids = [f"r-{number}" for number in range(200)]

    async def wake(some: list[str]) -> None:
        async with database.connection() as connection:
            await WAKES.requests(connection, some)

    async with asyncio.timeout(10):
        await asyncio.gather(*(wake(ids[::step]) for step in (1, -1, 1, -1, 1, -1)))
    assert len(await jobs(database)) == len(ids)


async def test_jobs_without_a_worker_are_forgotten_and_others_are_kept(database: Database) -> None:
    """One worker is gone, one says nothing, one forgot a job an hour ago, one works."""
    async with database.connection() as connection:
        await WAKES.requests(connection, ["r-gone", "r-stalled", "r-forgotten", "r-works", "r-z"])
        for name, since in (("stalled", "1 min"), ("forgotten", "0"), ("works", "0")):
            await connection.execute(
                "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - %s::interval) RETURNING id) "
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = worker.id "
                "FROM worker WHERE args ->> 'request_id' = %s",
                (since, f"r-{name}"),
            )
        await connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE args ->> 'request_id' = 'r-gone'"
        )
        await connection.execute(
            "UPDATE procrastinate_events SET at = now() - interval '2 hours' WHERE job_id = "
            "(SELECT id FROM procrastinate_jobs WHERE args ->> 'request_id' = 'r-forgotten')"
        )
    async with database.connection() as connection:
        assert await forget_lost_jobs(connection, timedelta(seconds=5)) == 3
    assert [args["request_id"] for _, args, _ in await jobs(database)] == ["r-works", "r-z"]
