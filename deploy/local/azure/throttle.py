"""Cost Management's query units: how many a tenant may use in ten seconds, a minute, an hour.

cost-management-billing/costs/manage-automation, 2024-11: 12 QPU in 10 s, 60 in a minute, 600 in
an hour; one QPU is about one month of data queried.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOWS = ((12, 10.0), (60, 60.0), (600, 3600.0))
_PREFIX = "x-ms-ratelimit-microsoft.costmanagement"


@dataclass
class QueryUnits:
    """What was used; `windows` are (units, seconds) and may be changed for a test."""

    windows: tuple[tuple[int, float], ...] = WINDOWS
    clock: Callable[[], float] = time.monotonic
    _used: list[tuple[float, int]] = field(default_factory=list)

    def take(self, units: int) -> tuple[bool, dict[str, str]]:
        """Whether a query of that many units may run, and the headers of either answer."""
        now = self.clock()
        longest = max(seconds for _, seconds in self.windows)
        self._used = [(at, count) for at, count in self._used if now - at < longest]
        wait = max(self._wait(units, most, seconds, now) for most, seconds in self.windows)
        if wait > 0:
            return False, {f"{_PREFIX}-qpu-retry-after": str(math.ceil(wait))}
        self._used.append((now, units))
        most, seconds = self.windows[0]
        left = most - sum(count for at, count in self._used if now - at < seconds)
        return True, {
            f"{_PREFIX}-qpu-consumed": str(units),
            f"{_PREFIX}-qpu-remaining": str(left),
        }

    def _wait(self, units: int, most: int, seconds: float, now: float) -> float:
        """How long until that many units fit into one of the windows."""
        within = [(at, count) for at, count in self._used if now - at < seconds]
        over = sum(count for _, count in within) + min(units, most) - most
        for at, count in within:
            if over <= 0:
                break
            over -= count
            if over <= 0:
                return at + seconds - now
        return 0.0
