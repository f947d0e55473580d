"""A connector of procrastinate whose LISTEN outlasts the loss of its connection.

procrastinate's own ends where its first attempt to connect again is refused, and nobody notices:
its monitor watches the side tasks until the first of them ends, and without periodic tasks one
ends at once (procrastinate 3.10). Then every job waits for the poll.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from procrastinate import PsycopgConnector, sql
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException

_log = logging.getLogger(__name__)

#: Between two attempts; the poll finds the jobs meanwhile.
PAUSE_SECONDS = 0.5


class LastingListener(PsycopgConnector):
    """Listens until it is cancelled. An outage that lasts ends the worker's round elsewhere.

    `beat` is called whenever the worker asks for a job: it asks once a poll, and no more while
    all that it may do at once is under way and does not end.
    """

    def __init__(self, beat: Callable[[], None]) -> None:
        super().__init__()
        self._beat = beat

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        if query == sql.queries["fetch_job"]:
            self._beat()
        row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
        return row

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        wanted, task = tuple(channels), asyncio.current_task()
        # A wait within can swallow the cancellation (Python before 3.12, gh-86296).
        while task is None or not task.cancelling():
            try:
                await super().listen_notify(on_notification, wanted)
            except (ConnectorException, psycopg.Error) as error:
                why = type(error.__cause__ or error).__name__
                _log.info("The worker is not told of jobs for now (%s); it polls.", why)
            await asyncio.sleep(PAUSE_SECONDS)
