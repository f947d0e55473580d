"""The direct conversation with a person, opened once and remembered."""

from __future__ import annotations

import logging
from typing import NamedTuple

from bot.slack.calls import Calls

_log = logging.getLogger(__name__)
_METHOD, _SCOPE = "conversations.open", "missing_scope"
_MOST = 5000  #: remembered at a time


class DirectRoom(NamedTuple):
    """The conversation with one person; without an id their own id stands for it."""

    channel_id: str = ""
    lacks_scope: bool = False  #: the app may not open it: it lacks im:write


class DirectRooms:
    """Opens direct conversations. A missing scope is logged once and is no failure."""

    def __init__(self, calls: Calls) -> None:
        self._calls, self._known, self._is_said = calls, dict[str, str](), False

    async def room(self, user_id: str) -> DirectRoom:
        """The conversation; where Slack does not open it, a post to the person's id is tried."""
        if user_id in self._known:
            return DirectRoom(self._known[user_id])
        answer = await self._calls.write(_METHOD, users=user_id)
        if answer.error == _SCOPE:
            self._say_scope()
            return DirectRoom(lacks_scope=True)
        channel = answer.body.get("channel") if answer.done else None
        channel_id = channel.get("id") if isinstance(channel, dict) else None
        if not isinstance(channel_id, str):
            return DirectRoom()
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[user_id] = channel_id
        return DirectRoom(channel_id)

    def _say_scope(self) -> None:
        if not self._is_said:
            _log.error(
                "The app lacks the scope im:write, so people who are not in the channel of their "
                "card are told where they asked. Add the scope and install the app again."
            )
        self._is_said = True
