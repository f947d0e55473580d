"""The App Home: published when somebody opens it, and when they look again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import NewId, answered
from bot.messages.blocks import Message
from bot.messages.home import REFRESH_ACTION, HomeShown, home_message, home_view
from bot.requests.model import Requester
from bot.requests.storable import storable
from bot.slack.calls import Calls
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.payloads import requester_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_log = logging.getLogger(__name__)

Body = Mapping[str, Any]
OPENED = "app_home_opened"
_HOME = "home"


class ShowsHome(Protocol):
    """Reads what a person's home shows. Raises VmbackupError."""

    async def shown_to(self, requester: Requester) -> HomeShown: ...


class HomeTab:
    """Publishes homes. A listener only acknowledges: an event that is delivered again is harmless,
    because the home is read anew each time."""

    def __init__(
        self, homes: ShowsHome, calls: Calls, work: BackgroundWork, *, new_id: NewId
    ) -> None:
        self._homes, self._calls, self._work, self._new_id = homes, calls, work, new_id

    def opened(self, body: Body) -> None:
        """Somebody opened a tab of the app; only the home is published."""
        event = body.get("event")
        if not isinstance(event, Mapping) or event.get("tab") != _HOME:
            return
        user_id = storable(str(event.get("user") or ""))
        team_id = storable(str(body.get("team_id") or ""))
        channel = storable(str(event.get("channel") or ""))
        self._start(Requester(team_id=team_id, user_id=user_id, channel_id=channel))

    def refresh(self, body: Body) -> None:
        """The button on the home."""
        self._start(requester_of(body))

    def _start(self, requester: Requester) -> None:
        if requester.user_id and self._work.takes_more:
            self._work.start(partial(self._publish, requester))

    async def _publish(self, requester: Requester) -> None:
        found = await answered(self._homes.shown_to(requester), self._new_id)
        view = home_message(found) if isinstance(found, Message) else home_view(found)
        answer = await self._calls.write("views.publish", user_id=requester.user_id, view=view)
        if not answer.done:
            _log.warning("The home of %s was not published: %s.", requester.user_id, answer.why)


def register_home(app: AsyncApp, home: HomeTab) -> None:
    """Register the listeners of a Bolt app for the App Home."""

    async def on_opened(ack: Any, body: dict[str, Any]) -> None:
        home.opened(body)
        await ack()

    async def on_refresh(ack: Any, body: dict[str, Any]) -> None:
        home.refresh(body)
        await ack()

    app.event(OPENED)(on_opened)
    app.action(REFRESH_ACTION)(on_refresh)
