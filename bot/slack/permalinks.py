"""The address of a message, as Slack gives it; and whether the message is still there."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bot.slack.calls import Calls

_METHOD = "chat.getPermalink"
#: What Slack answers for a message, or its channel, that is not there any more
#: (chat.getPermalink's list of errors, 2026-06).
_GONE = frozenset({"message_not_found", "channel_not_found"})


class Presence(StrEnum):
    """Whether a message is where it was posted."""

    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"  #: Slack did not say


class Permalink(NamedTuple):
    """Whether the message is there, and its address where it is."""

    presence: Presence
    url: str = ""


class Permalinks:
    """Asks Slack for the address of a message; never twice, and never fails."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def of(self, channel_id: str, ts: str) -> Permalink:
        """The address of the message `ts` in the channel."""
        answer = await self._calls.read(_METHOD, channel=channel_id, message_ts=ts)
        if answer.done and isinstance(url := answer.body.get("permalink"), str):
            return Permalink(Presence.THERE, url)
        return Permalink(Presence.GONE if answer.error in _GONE else Presence.UNKNOWN)
