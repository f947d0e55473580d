"""What the store asks of whoever wakes the workers: jobs in the caller's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from bot.database.pool import Connection, Database
from bot.requests.action import ActionRows


class WakesWorkers(Protocol):
    """Defers jobs that carry nothing but an id; where one waits already, that is enough.

    Nothing that the caller's transaction wrote may fail by it.
    """

    async def requests(
        self, connection: Connection, request_ids: Sequence[str], after: timedelta | None = None
    ) -> None:
        """Somebody goes on with each of these requests, now or after a while."""

    async def clicks(self, connection: Connection, click_ids: Sequence[str]) -> None:
        """Somebody judges each of these clicks."""


class StorePart:
    """A part of the store: its database, whom it wakes, and what each action is."""

    def __init__(self, database: Database, wakes: WakesWorkers, actions: ActionRows) -> None:
        self._database, self._wakes, self._actions = database, wakes, actions
