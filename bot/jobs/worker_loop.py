"""The worker: takes wake-ups from the queue, and starts again after every outage."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import psycopg

from advisor.errors import DatabaseUnreachable
from bot.database.pool import Database, pooled
from bot.jobs.queue import Carry, KeepsTraces, MayAct, always, no_beat, queue_app
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

#: Between two rounds. The pool itself tries to connect for some seconds.
PAUSE_SECONDS = 0.5
#: For taking jobs, finishing them and heartbeats; the jobs themselves write through another pool.
CONNECTIONS = 4
#: With these a network that drops every packet is noticed in about 10 s (libpq, tcp(7)).
NOTICED_SOON = {
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


class WorkerPace(Protocol):
    """The settings of the worker; all but the first in seconds."""

    @property
    def jobs_at_once(self) -> int: ...

    @property
    def poll_seconds(self) -> float: ...

    @property
    def heartbeat_seconds(self) -> float: ...

    @property
    def stalled_seconds(self) -> float: ...

    @property
    def stop_seconds(self) -> float: ...


class Worker:
    """Runs both tasks. procrastinate's worker returns or raises after an outage; this one does not.

    Each round has a pool of its own: after an outage no earlier connection is trusted, and jobs
    that hold connections never delay the heartbeat.
    """

    def __init__(
        self,
        database: Database,
        pace: WorkerPace,
        *,
        carry_on: Carry,
        judge: Carry,
        may_act: MayAct = always,
        beat: Callable[[], None] = no_beat,
        traces: KeepsTraces | None = None,
    ) -> None:
        """`beat` is called each round, and whenever a job is asked for."""
        self._database = database
        self._pace, self._carry_on, self._judge, self._may_act = pace, carry_on, judge, may_act
        self._beat, self._traces = beat, traces
        self._is_ready, self._is_reported = False, False

    @property
    def is_ready(self) -> bool:
        """Whether the worker takes jobs now."""
        return self._is_ready

    async def why_not(self) -> str:
        """Why the worker takes no jobs now; empty where it does."""
        return "" if self._is_ready else "the worker waits for the database"

    async def run(self) -> None:
        """Work until the task is cancelled; running jobs then have `stop_seconds` to end."""
        while not is_cancelled():
            await self._round()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _round(self) -> None:
        self._beat()
        try:
            await self._take_jobs()
            self._report_once("The queue's worker ended.")
        except Exception as error:  # noqa: BLE001  the boundary: the worker outlives its rounds
            if _is_outage(error):
                self._report_once("The worker waits for the database, which does not answer.")
            else:
                self._report_once("The worker broke off.", error)
        finally:
            self._is_ready = False

    async def _take_jobs(self) -> None:
        app = queue_app(self._carry_on, self._judge, self._may_act, self._beat, self._traces)
        database = self._database
        pool = pooled({**database.keywords, **NOTICED_SOON}, CONNECTIONS, database.role)
        async with pool as own, app.open_async(own.pool):
            if self._is_reported:
                _log.info("The worker takes jobs again.")
            self._is_ready, self._is_reported = True, False
            await app.run_worker_async(
                concurrency=self._pace.jobs_at_once,
                fetch_job_polling_interval=self._pace.poll_seconds,
                update_heartbeat_interval=self._pace.heartbeat_seconds,
                stalled_worker_timeout=self._pace.stalled_seconds,
                shutdown_graceful_timeout=self._pace.stop_seconds,
                delete_jobs="always",
                install_signal_handlers=False,
            )

    def _report_once(self, sentence: str, error: BaseException | None = None) -> None:
        """Log the sentence, once for each outage."""
        if not self._is_reported:
            _log.warning("%s It starts again by itself.", sentence, exc_info=error)
        self._is_reported = True


def _is_outage(error: BaseException) -> bool:
    """Whether the database caused the error; procrastinate wraps the database's errors."""
    outages = (DatabaseUnreachable, psycopg.OperationalError)
    return isinstance(error, outages) or isinstance(error.__cause__, outages)
