"""Wake-ups: jobs of procrastinate that carry an id, inserted in the caller's transaction.

A wake-up that waits already serves for the next one, too. The statement locks its row, so that no
worker takes it before the caller's change is committed and then finds nothing to do. It is one
statement, because procrastinate's own `defer` fails where a job with the same `queueing_lock`
waits, and the caller's transaction would fail with it. All SQL on procrastinate's tables stands
here (its schema, 3.10).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import LiteralString

from bot.database.pool import Connection

#: The tasks, and the one argument of each.
CARRY_ON, CARRY_ON_ARGUMENT = "carry_on", "request_id"
JUDGE, JUDGE_ARGUMENT = "judge", "click_id"

_QUEUE = "vmbackup"
_PRIORITY, _PRIORITY_OF_CLICKS = 0, 10  #: the person who pressed a button waits for the answer

#: In the order of the ids: two callers with the same ids never wait for each other.
_ENQUEUE: LiteralString = """
    INSERT INTO procrastinate_jobs
        (queue_name, task_name, priority, queueing_lock, args, scheduled_at)
    SELECT %(queue)s, %(task)s::text, %(priority)s, %(task)s::text || ':' || id || %(when)s,
           jsonb_build_object(%(argument)s::text, id), now() + %(after)s::interval
    FROM unnest(%(ids)s::text[]) AS id ORDER BY id
    ON CONFLICT (queueing_lock) WHERE status = 'todo'
    DO UPDATE SET scheduled_at = least(procrastinate_jobs.scheduled_at, excluded.scheduled_at)
"""
#: Jobs that no worker will finish; the rows of requests and clicks say what is still due.
_FORGET: LiteralString = """
    DELETE FROM procrastinate_jobs AS job
    WHERE status <> 'todo' AND (
        status <> 'doing'
        OR worker_id IS NULL
        OR EXISTS (
            SELECT FROM procrastinate_workers AS worker
            WHERE worker.id = job.worker_id AND last_heartbeat < now() - %(stalled)s::interval
        )
        OR NOT EXISTS (
            SELECT FROM procrastinate_events AS event
            WHERE event.job_id = job.id AND type = 'started'
              AND at > now() - %(longest)s::interval
        )
    )
"""
#: A job ends within minutes, because waits are in the database; an older job has lost its worker.
LONGEST_JOB = timedelta(hours=1)


class JobWakes:
    """Wakes a worker for a request or a click once the caller's transaction is committed."""

    async def request(
        self, connection: Connection, request_id: str, after: timedelta | None = None
    ) -> None:
        """Wake a worker for the request, now or after `after`; the earlier of two times holds."""
        await self.requests(connection, (request_id,), after)

    async def requests(
        self, connection: Connection, request_ids: Sequence[str], after: timedelta | None = None
    ) -> None:
        """The same for many, in one statement."""
        task = (CARRY_ON, CARRY_ON_ARGUMENT, _PRIORITY)
        await _enqueue(connection, task, request_ids, after)

    async def click(self, connection: Connection, click_id: str) -> None:
        """Wake a worker to judge the click, now."""
        await self.clicks(connection, (click_id,))

    async def clicks(self, connection: Connection, click_ids: Sequence[str]) -> None:
        """The same for many, in one statement."""
        await _enqueue(connection, (JUDGE, JUDGE_ARGUMENT, _PRIORITY_OF_CLICKS), click_ids, None)


async def forget_lost_jobs(connection: Connection, stalled: timedelta) -> int:
    """Delete the jobs of workers without a heartbeat for `stalled`; returns their number."""
    values = {"stalled": stalled, "longest": LONGEST_JOB}
    return (await connection.execute(_FORGET, values)).rowcount


async def _enqueue(
    connection: Connection,
    task: tuple[str, str, int],
    ids: Sequence[str],
    after: timedelta | None,
) -> None:
    """A wake-up for later has a lock of its own, so that it never replaces one for now."""
    name, argument, priority = task
    values = {
        "queue": _QUEUE,
        "task": name,
        "argument": argument,
        "priority": priority,
        "when": "" if after is None else ":later",
        "after": after,
        "ids": sorted(set(ids)),
    }
    if ids:
        await connection.execute(_ENQUEUE, values)
