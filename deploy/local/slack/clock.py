"""The stand-in's time: runs with the machine's and can be moved forward."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any


class Clock:
    """Seconds since 1970. `forward` wakes everybody whose time has come by it."""

    def __init__(self) -> None:
        self._began, self._at = time.time(), time.monotonic()
        self._ahead_seconds = 0.0
        self._sleepers: set[asyncio.Event] = set()

    def now(self) -> float:
        return self._began + (time.monotonic() - self._at) + self._ahead_seconds

    def forward(self, seconds: float) -> None:
        self._ahead_seconds += seconds
        for moved in self._sleepers:
            moved.set()

    async def sleep(self, seconds: float) -> None:
        until, moved = self.now() + seconds, asyncio.Event()
        self._sleepers.add(moved)
        try:
            while (left := until - self.now()) > 0:
                moved.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), left)
        finally:
            self._sleepers.discard(moved)

    async def within(self, seconds: float, work: asyncio.Future[Any]) -> bool:
        """Whether `work` ended in time; it is left running where it did not."""
        sleeping = asyncio.ensure_future(self.sleep(seconds))
        try:
            await asyncio.wait({work, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
        return work.done()
