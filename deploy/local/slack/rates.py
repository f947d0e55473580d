"""Slack's rate limits: so many calls a minute per method, one message a second per channel."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from deploy.local.slack.clock import Clock
from deploy.local.slack.methods.method import TIERS, Method

#: chat.postMessage (docs.slack.dev, rate limits, 2026-06): its own limit beside the tiers.
POST_MESSAGE = "chat.postMessage"
CHANNEL_SECONDS = 1.0
WORKSPACE_MESSAGES = 300  #: "several hundred a minute" for the whole workspace
_MINUTE_SECONDS = 60.0


class Rates:
    """Remembers the calls that counted. `wait` is 0 for a call that may go on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, method: Method, args: Mapping[str, Any]) -> int:
        """Seconds for Retry-After; a call that has to wait is not counted."""
        if method.name == POST_MESSAGE:
            channel = f"{POST_MESSAGE} {args.get('channel')}"
            windows = [(channel, 1, CHANNEL_SECONDS)]
            windows.append((POST_MESSAGE, WORKSPACE_MESSAGES, _MINUTE_SECONDS))
        else:
            windows = [(method.name, TIERS[method.tier], _MINUTE_SECONDS)]
        wait = max(self._wait(*window) for window in windows)
        if not wait:
            for key, _, _ in windows:
                self._times[key].append(self._clock.now())
        return math.ceil(wait)

    def _wait(self, key: str, most: int, seconds: float) -> float:
        times, now = self._times[key], self._clock.now()
        while times and times[0] <= now - seconds:
            times.popleft()
        return 0.0 if len(times) < most else max(times[0] + seconds - now, 0.001)
