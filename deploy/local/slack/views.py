"""Modals and App Homes as Slack keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from deploy.local.slack.people import APP_ID, BOT_ID, TEAM

#: A modal, one pushed on it, and one on that (Slack's guide to modals, 2026-06).
STACK_LIMIT = 3


@dataclass(slots=True)
class View:
    """A view of one person. `given` is what the app sent, with the ids Slack added."""

    id: str
    person: str
    given: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""  #: what the person is shown when a submission did not arrive
    errors: dict[str, str] = field(default_factory=dict)
    #: The options that the app gave while the person typed, by action_id and value.
    loaded: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.given["type"])

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """As the app sent them, and in a list that it fills the options that it gave so far."""
        return [self._with_loaded(block) for block in self.given["blocks"]]

    def _with_loaded(self, block: dict[str, Any]) -> dict[str, Any]:
        element = block.get("element") or {}
        options = self.loaded.get(element.get("action_id", ""))
        if not options:
            return block
        return block | {"element": element | {"options": list(options.values())}}

    def as_slack(self) -> dict[str, Any]:
        """The view object of answers and payloads."""
        given = self.given
        return {
            "id": self.id,
            "team_id": TEAM.id,
            "type": self.kind,
            "blocks": given["blocks"],
            "private_metadata": given.get("private_metadata", ""),
            "callback_id": given.get("callback_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "title": given.get("title", {"type": "plain_text", "text": "View Title"}),
            "clear_on_close": given.get("clear_on_close", False),
            "notify_on_close": given.get("notify_on_close", False),
            "close": given.get("close"),
            "submit": given.get("submit"),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": APP_ID,
            "external_id": given.get("external_id", ""),
            "app_installed_team_id": TEAM.id,
            "bot_id": BOT_ID,
        }
