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
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

#: A lease is renewed this often before it would end, so that one renewal may fail.
_RENEWALS_PER_LEASE = 3


class LeaseLost(Exception):
    """Another worker has the request, or its state changed: stop at once, write nothing."""


class Holds(Protocol):
    """The store, as far as a lease needs it."""

    async def renew(self, request_id: str, token: str, seconds: float) -> bool: ...

    async def keep_wait(self, request_id: str, token: str, wait: timedelta) -> None: ...


class Lease:
    """The hold on one request. `hold()` before and after every call of Azure."""

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
        """Renew the lease. Raises DatabaseUnreachable, LeaseLost where another worker has it.

        While another bot of this Slack app is connected, this one holds no lease.
        """
        if not self._may_act():
            raise LeaseLost(self.request_id)
        if not await self._store.renew(self.request_id, self.token, self._seconds):
            raise LeaseLost(self.request_id)

    async def keep_wait(self, wait: timedelta) -> None:
        """Store that no worker takes the request before then. Raises DatabaseUnreachable."""
        await self._store.keep_wait(self.request_id, self.token, wait)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """The lease is renewed in the background while the block waits for Azure or Slack."""
        renewing = asyncio.create_task(self._renew_until_lost())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})  # our own cancellation passes, that of the task does not

    async def _renew_until_lost(self) -> None:
        """A lost lease raises in the next `hold()`; here it only ends the renewals."""
        while not is_cancelled():
            await asyncio.sleep(self._seconds / _RENEWALS_PER_LEASE)
            try:
                await self.hold()
            except LeaseLost:
                return
            except DatabaseUnreachable as error:
                _log.warning("The lease on %s could not be renewed: %s", self.request_id, error)


def backoff(
    attempts: int, shortest_seconds: float = 1.0, longest_seconds: float = 15.0
) -> timedelta:
    """1, 2, 4, ... seconds, at most 15, before a request that failed is tried again."""
    return timedelta(seconds=min(shortest_seconds * 2 ** min(attempts, 10), longest_seconds))
