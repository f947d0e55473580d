"""A pause in what arrives: work that can wait begins when no acknowledgement is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: An acknowledgement takes about half a millisecond: when none was due for ten of them, the
#: commands that came together are acknowledged, and work no longer stands in their way.
QUIET_SECONDS = 0.005
LONGEST_UNTIL_QUIET_SECONDS = 0.25  #: under a flood of commands the work begins all the same


class IdleClock:
    """When something last arrived in this process."""

    def __init__(self, longest_seconds: float = LONGEST_UNTIL_QUIET_SECONDS) -> None:
        self._last, self.longest_seconds = 0.0, longest_seconds

    def stir(self) -> None:
        """Something arrived, or is being answered."""
        self._last = time.monotonic()

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
        latest = time.monotonic() + self.longest_seconds
        while True:
            left = min(self._last + seconds, latest) - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(left)
