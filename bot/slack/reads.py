"""Reading from Slack: a reading that fails is None and is logged, and a 429 is heeded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bot.requests.approval.people import SlackThrottled
from bot.slack.calls import CallAnswer, CallOutcome, Calls

_log = logging.getLogger(__name__)


class Reads:
    """Reading calls. After a 429 a method is not called again before Slack's Retry-After."""

    def __init__(self, calls: Calls, clock: Callable[[], float]) -> None:
        self._calls, self._clock = calls, clock
        self._not_before: dict[str, float] = {}

    async def ask(self, method: str, **arguments: str) -> CallAnswer:
        """The answer of Slack, whatever it is. Only a 429 is logged, once each."""
        left = self._not_before.get(method, 0.0) - self._clock()
        if left > 0:
            return CallAnswer(CallOutcome.THROTTLED, why="ratelimited", retry_after_seconds=left)
        answer = await self._calls.read(method, **arguments)
        if answer.outcome is CallOutcome.THROTTLED:
            self._not_before[method] = self._clock() + answer.retry_after_seconds
            seconds = answer.retry_after_seconds
            _log.warning("Slack limits %s: it is not called for %.0f s.", method, seconds)
        return answer

    async def body(self, method: str, **arguments: str) -> Mapping[str, Any] | None:
        """The body of Slack's answer; None, and a line in the log, where it could not be read.

        Raises SlackThrottled.
        """
        answer = await self.ask(method, **arguments)
        if answer.outcome is CallOutcome.THROTTLED:
            raise SlackThrottled(answer.retry_after_seconds)
        if not answer.done:
            unreadable(method, arguments, answer.why)
            return None
        return answer.body


def unreadable(method: str, arguments: Mapping[str, str], why: str) -> None:
    """Log a reading that failed: it counts as no, and the operator can see why."""
    about = " ".join(arguments.values())
    _log.warning("Slack's %s could not be read (%s): %s.", method, about, why)
