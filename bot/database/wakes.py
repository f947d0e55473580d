"""What the store needs to wake the workers: jobs, put in the caller's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from bot.database.pool import Connection, Database
from bot.requests.request import ActionRows


class WakesWorkers(Protocol):
    """Puts wake-ups into the queue; where one waits for the same id already, it adds none.

    It must not make the caller's transaction fail.
    """

    async def requests(
        self, connection: Connection, request_ids: Sequence[str], after: timedelta | None = None
    ) -> None:
        """Wake a worker for each of these requests, now or after `after`."""

    async def clicks(self, connection: Connection, click_ids: Sequence[str]) -> None:
        """Wake a worker to judge each of these clicks."""


class StorePart:
    """A part of the store: its database, the wake-ups, and the rows of the actions."""

    def __init__(self, database: Database, wakes: WakesWorkers, actions: ActionRows) -> None:
        self._database, self._wakes, self._actions = database, wakes, actions
