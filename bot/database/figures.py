"""Counts and ages of what waits in the database, for the metrics: one short transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from bot.database.pool import READY_SECONDS, Connection, Database

_REQUESTS: LiteralString = "SELECT state, count(*) FROM requests GROUP BY state"
#: Due means what `requests_due` finds: its time has come, and nobody has it.
_OVERDUE: LiteralString = """
    SELECT coalesce(extract(epoch FROM max(vmbackup_now() - greatest(next_at, not_before))), 0)
    FROM requests
    WHERE state IN ('planning', 'waiting', 'approved', 'running')
      AND next_at <= vmbackup_now()
      AND coalesce(not_before, next_at) <= vmbackup_now()
      AND coalesce(lease_until, '-infinity') <= vmbackup_now()
"""
_JOBS: LiteralString = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"
_JOB_AGE: LiteralString = """
    SELECT coalesce(extract(epoch FROM max(clock_timestamp() - at)), 0)
    FROM procrastinate_events JOIN procrastinate_jobs job ON job.id = job_id
    WHERE job.status = 'todo' AND type = 'deferred'
      AND coalesce(job.scheduled_at, at) <= clock_timestamp()
"""
#: A message that was tried so often is held up by something that lasts.
TRIED_OFTEN = 5
_UNSENT: LiteralString = """
    SELECT count(*), count(*) FILTER (WHERE attempts >= %s),
           coalesce(extract(epoch FROM max(vmbackup_now() - not_before)), 0)
    FROM messages
    WHERE sent_at IS NULL AND given_up_at IS NULL
      AND (kind <> 'card' OR shown_version < wanted_version)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits. Ages are in seconds; 0 where nothing waits."""

    requests: Mapping[str, int]
    overdue_seconds: float
    jobs: Mapping[str, int]
    job_age_seconds: float
    unsent: int
    unsent_tried_often: int
    unsent_overdue_seconds: float


async def figures(database: Database) -> Figures:
    """Raises DatabaseUnreachable, DatabaseUnusable."""
    async with database.connection(READY_SECONDS) as connection:
        unsent = await (await connection.execute(_UNSENT, (TRIED_OFTEN,))).fetchone() or (0, 0, 0)
        return Figures(
            requests=await _counts(connection, _REQUESTS),
            overdue_seconds=await _number(connection, _OVERDUE),
            jobs=await _counts(connection, _JOBS),
            job_age_seconds=await _number(connection, _JOB_AGE),
            unsent=int(unsent[0]),
            unsent_tried_often=int(unsent[1]),
            unsent_overdue_seconds=max(float(unsent[2]), 0.0),
        )


async def _counts(connection: Connection, query: LiteralString) -> dict[str, int]:
    rows = await (await connection.execute(query)).fetchall()
    return {str(name): int(count) for name, count in rows}


async def _number(connection: Connection, query: LiteralString) -> float:
    row = await (await connection.execute(query)).fetchone()
    return max(float(row[0]), 0.0) if row else 0.0
