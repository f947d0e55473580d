"""A pause in what arrives: work that can wait begins when no acknowledgement is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: An acknowledgement takes about half a millisecond: when none was due for ten of them, the
#: commands that came together are acknowledged, and work no longer stands in their way.
QUIET_SECONDS = 0.005
LONGEST_UNTIL_QUIET_SECONDS = 0.25  #: under a flood of commands the work begins all the same


class IdleClock:
    """When something last arrived in this process, by a clock that only goes forward."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._last = clock, float("-inf")

    def stir(self) -> None:
        """Something arrived, or is being answered."""
        self._last = self._clock()

    @contextmanager
    def stirred(self) -> Iterator[None]:
        """Around an acknowledgement: when it is asked for, and when it goes."""
        self.stir()
        try:
            yield
        finally:
            self.stir()

    async def wait(self, seconds: float = QUIET_SECONDS) -> None:
        """Until nothing stirred for so long, or it has been loud for too long."""
        latest = self._clock() + LONGEST_UNTIL_QUIET_SECONDS
        while True:
            left = min(self._last + seconds, latest) - self._clock()
            if left <= 0:
                return
            await asyncio.sleep(left)
