"""A worker's hold on a request: taken by compare-and-set, checked around every act, never assumed.

Two workers may believe that a request is theirs (one of them slept); the row says whose it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol

from advisor.errors import DatabaseUnreachable
from bot.jobs.queue import MayAct, always
from bot.jobs.worker_loop import is_cancelled

_log = logging.getLogger(__name__)

#: Renewed this often within its life, so that one renewal may fail.
_RENEWALS_A_LIFE = 3


class LeaseLost(Exception):
    """The request is somebody else's now, or has moved on: stop at once, write nothing."""


class Holds(Protocol):
    """The store, as far as a lease needs it."""

    async def renew(self, request_id: str, token: str, seconds: float) -> bool: ...

    async def keep_wait(self, request_id: str, token: str, wait: timedelta) -> None: ...


class Lease:
    """The hold on one request. `hold()` before and after whatever touches Azure."""

    def __init__(
        self,
        store: Holds,
        request_id: str,
        token: str,
        seconds: float,
        may_act: MayAct = always,
    ) -> None:
        self._store, self.request_id, self.token = store, request_id, token
        self._seconds, self._may_act = seconds, may_act

    async def hold(self) -> None:
        """Renew it; raises LeaseLost where it is not ours any more, DatabaseUnreachable.

        Where another bot is at the same work, nothing is ours.
        """
        if not self._may_act():
            raise LeaseLost(self.request_id)
        if not await self._store.renew(self.request_id, self.token, self._seconds):
            raise LeaseLost(self.request_id)

    async def keep_wait(self, wait: timedelta) -> None:
        """Write down at once that nobody goes on before so long. Raises DatabaseUnreachable."""
        await self._store.keep_wait(self.request_id, self.token, wait)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renewed in the background while the block waits for Azure or Slack."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})  # our own cancellation passes, its is of no interest

    async def _keep(self) -> None:
        """Whether it was lost is found by the next `hold()`; here it is only kept alive."""
        while not is_cancelled():
            await asyncio.sleep(self._seconds / _RENEWALS_A_LIFE)
            try:
                await self.hold()
            except LeaseLost:
                return
            except DatabaseUnreachable as error:
                _log.warning("The lease on %s could not be renewed: %s", self.request_id, error)


def backoff(
    attempts: int, shortest_seconds: float = 1.0, longest_seconds: float = 15.0
) -> timedelta:
    """1, 2, 4, ... seconds, at most 15: what fails for the moment is tried again."""
    return timedelta(seconds=min(shortest_seconds * 2 ** min(attempts, 10), longest_seconds))
