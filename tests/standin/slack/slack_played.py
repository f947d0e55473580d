"""A Bolt app on the stand-in that writes down what it hears and does what it is told."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_play import app_of, button, buttons, client_of, plain

from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message

OPS = "C01OPS"
Handler = Callable[..., Awaitable[None]]


def form(**more: Any) -> dict[str, Any]:
    """A modal with one of each input."""
    choices = [{"text": plain(each), "value": each} for each in ("os", "data")]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Snapshot"),
        "submit": plain("Save"),
        "blocks": [
            _input("why", {"type": "plain_text_input", "max_length": 20}),
            _input("keep", {"type": "datepicker", "initial_date": "2026-11-29"}),
            _input("disks", {"type": "checkboxes", "options": choices}, optional=True),
            _input("kind", {"type": "radio_buttons", "options": choices}, optional=True),
            _input("disk", {"type": "static_select", "options": choices}, optional=True),
            _input("who", {"type": "users_select"}, optional=True),
            {"type": "actions", "elements": [button("next")]},
        ],
        **more,
    }


def _input(name: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    element = element | {"action_id": name}
    return {"type": "input", "block_id": name, "label": plain(name), "element": element, **more}


class Played:
    """A stand-in with a Bolt app that writes down what it hears and does what it is told."""

    def __init__(self, slack: SlackStandIn) -> None:
        self.slack, self.client, self.heard = slack, client_of(slack), list[dict[str, Any]]()
        self.acknowledge: Any = None
        self.then: Handler | None = None
        self.app = app_of(slack)
        for listening in (
            self.app.action(re.compile(".*")),
            self.app.view("form"),
            self.app.view_closed("form"),
            self.app.shortcut("advise"),
            self.app.shortcut("about"),
            self.app.command("/vmbackup"),
            self.app.event("app_home_opened"),
        ):
            listening(self._take)

    async def _take(self, ack: Any, body: dict[str, Any]) -> None:
        self.heard.append(body)
        if self.then:
            await self.then(body)
        await (ack(self.acknowledge) if isinstance(self.acknowledge, str) else self._ack(ack))

    async def _ack(self, ack: Any) -> None:
        await ack(**(self.acknowledge or {}))

    async def posted(self, *action_ids: str, channel: str = OPS) -> Message:
        """A message with buttons."""
        await self.client.chat_postMessage(
            channel=channel, text="Choose", blocks=[buttons(*action_ids)]
        )
        return self.slack.messages(channel)[-1]

    async def with_form(self, **more: Any) -> None:
        """Ada sees the form."""

        async def show(body: dict[str, Any]) -> None:
            await self.client.views_open(trigger_id=body["trigger_id"], view=form(**more))

        message = await self.posted("show")
        self.then = show
        await self.slack.press("ada", message, "show")
        self.then = None
