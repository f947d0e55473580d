"""Resource Graph's quota: so many queries in a window, for each user.

governance/resource-graph/concepts/guidance-for-throttled-requests, 2024-01-04: 15 in 5 seconds.
The window is of real time, as the caller's clock does not follow the world's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

QUERIES_A_WINDOW = 15
WINDOW_SECONDS = 5.0


@dataclass
class Quota:
    """What every user has used. `most` and `seconds` may be changed for a test."""

    most: int = QUERIES_A_WINDOW
    seconds: float = WINDOW_SECONDS
    clock: Callable[[], float] = time.monotonic
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def take(self, user: str) -> tuple[bool, dict[str, str]]:
        """Whether one more query may run, and the headers that say what is left."""
        now = self.clock()
        began, used = self._windows.get(user, (now, 0))
        if now - began >= self.seconds:
            began, used = now, 0
        may = used < self.most
        self._windows[user] = (began, used + may)
        resets = max(1, round(self.seconds - (now - began)))
        hours, rest = divmod(resets, 3600)
        return may, {
            "x-ms-user-quota-remaining": str(self.most - used - may),
            "x-ms-user-quota-resets-after": f"{hours:02}:{rest // 60:02}:{rest % 60:02}",
        }
