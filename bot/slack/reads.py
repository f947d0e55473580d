"""Reading from Slack: what cannot be read is None and named in the log, and a 429 is heeded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.slack.calls import CallAnswer, CallOutcome, Calls

_log = logging.getLogger(__name__)


class Reads:
    """Reading calls. After a 429 a method is not called again before Slack's Retry-After."""

    def __init__(self, calls: Calls, clock: Callable[[], float]) -> None:
        self._calls, self._clock = calls, clock
        self._not_before: dict[str, float] = {}

    async def ask(self, method: str, **arguments: str) -> CallAnswer:
        """The answer; what went wrong other than a plain no is in the log."""
        left = self._not_before.get(method, 0.0) - self._clock()
        if left > 0:
            return CallAnswer(CallOutcome.THROTTLED, why="ratelimited", retry_after_seconds=left)
        answer = await self._calls.read(method, **arguments)
        if answer.outcome is CallOutcome.THROTTLED:
            self._not_before[method] = self._clock() + answer.retry_after_seconds
        return answer

    async def body(self, method: str, **arguments: str) -> Mapping[str, Any] | None:
        """What Slack says; None where it could not be read."""
        answer = await self.ask(method, **arguments)
        if not answer.done:
            unreadable(method, arguments, answer.why)
            return None
        return answer.body


def unreadable(method: str, arguments: Mapping[str, str], why: str) -> None:
    """Note a reading that failed: it counts as no, and whoever runs the bot can see why."""
    about = " ".join(arguments.values())
    _log.warning("Slack's %s could not be read (%s): %s.", method, about, why)
