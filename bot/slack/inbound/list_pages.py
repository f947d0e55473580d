"""The buttons that turn the pages of a list: it is read again, and takes the place of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.commands.lists import is_list, listing
from bot.commands.requesting import Requests
from bot.errors import NewId, answered
from bot.messages.list_page import PAGE_PREFIX, ListAsked
from bot.messages.notices import notice
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.payloads import action_of, requester_of
from bot.slack.inbound.replies import Address, Replies

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

Body = Mapping[str, Any]


class ListPages:
    """Turns pages. The person is judged again with each; nothing but the list is read."""

    def __init__(
        self, requests: Requests, work: BackgroundWork, replies: Replies, *, new_id: NewId
    ) -> None:
        self._requests, self._work, self._replies = requests, work, replies
        self._new_id = new_id

    def turn(self, body: Body) -> None:
        """Read the page that the button names, once it is acknowledged."""
        if self._work.takes_more:
            self._work.start(partial(self._show, body))

    async def _show(self, body: Body) -> None:
        requester = requester_of(body)
        to = Address(
            str(body.get("response_url") or ""), requester.channel_id, requester.user_id, True
        )
        asked = ListAsked.read(str(action_of(body).get("value") or ""))
        if asked is None or not is_list(asked.name):
            old = notice("This button is of another version of this bot. Ask for the list again.")
            await self._replies.send(old, to)
            return
        page = self._work.in_turn(partial(listing, self._requests, requester, asked))
        message = await answered(page, self._new_id)
        if message is not None:
            await self._replies.send(message, to)


def register_pages(app: AsyncApp, pages: ListPages) -> None:
    """Register the listener of a Bolt app."""

    async def on_turn(ack: Any, body: dict[str, Any]) -> None:
        pages.turn(body)
        await ack()

    app.action(re.compile(f"^{re.escape(PAGE_PREFIX)}"))(on_turn)
