"""A pause in deliveries: a job that can wait begins when no acknowledgement is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: An acknowledgement takes about half a millisecond: when none was due for ten of them, the
#: commands that came together are acknowledged, and work no longer stands in their way.
IDLE_SECONDS = 0.005
LONGEST_UNTIL_IDLE_SECONDS = 0.25  #: under a flood of commands the work begins all the same


class IdleClock:
    """When a delivery last arrived in this process, by a clock that only goes forward."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._last = clock, float("-inf")

    def stir(self) -> None:
        """Note a delivery, or its acknowledgement."""
        self._last = self._clock()

    @contextmanager
    def stirred(self) -> Iterator[None]:
        """Note the beginning and the end of an acknowledgement."""
        self.stir()
        try:
            yield
        finally:
            self.stir()

    async def wait(self, seconds: float = IDLE_SECONDS) -> None:
        """Wait for a pause of `seconds`, but at most `LONGEST_UNTIL_IDLE_SECONDS`."""
        latest = self._clock() + LONGEST_UNTIL_IDLE_SECONDS
        while True:
            left = min(self._last + seconds, latest) - self._clock()
            if left <= 0:
                return
            await asyncio.sleep(left)
