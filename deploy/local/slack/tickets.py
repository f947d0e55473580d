"""What Slack hands out for a short time: trigger ids, and addresses to answer to."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.local.slack.errors import SlackError
from deploy.local.slack.people import TEAM
from deploy.local.slack.workspace import Message, Workspace

#: Handling user interaction (docs.slack.dev, 2026-06).
TRIGGER_SECONDS = 3.0
RESPONSE_USES, RESPONSE_SECONDS = 5, 30 * 60.0


@dataclass(slots=True)
class _Trigger:
    person: str
    until: float
    view_id: str = ""
    is_used: bool = False


@dataclass(slots=True)
class Answering:
    """One response_url: where it leads, and the message it may replace."""

    person: str
    channel: str
    until: float
    original: Message | None = None
    uses: int = 0


class Tickets:
    """Issues them and takes them back."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers: dict[str, _Trigger] = {}
        self.answering: dict[str, Answering] = {}

    def new_trigger(self, person: str, view_id: str = "") -> str:
        now = self._workspace.clock.now()
        trigger = f"{int(now * 1000)}.{self._workspace.new_id('', 10)}"
        trigger += f".{self._workspace.new_secret()}"
        self._triggers[trigger] = _Trigger(person, now + TRIGGER_SECONDS, view_id)
        return trigger

    def use_trigger(self, trigger_id: str) -> tuple[str, str]:
        """The person, and the view it came from. Raises SlackError."""
        found = self._triggers.get(trigger_id)
        if found is None:
            raise SlackError("invalid_trigger_id")
        if found.is_used:
            raise SlackError("exchanged_trigger_id")
        if self._workspace.clock.now() > found.until:
            raise SlackError("expired_trigger_id")
        found.is_used = True
        return found.person, found.view_id

    def new_address(self, kind: str, person: str, channel: str, original: Message | None) -> str:
        """The path of a response_url; `kind` is commands, actions or app."""
        team, number = TEAM.id, len(self.answering) + 1
        path = f"/{kind}/{team}/{number}/{self._workspace.new_secret()}"
        until = self._workspace.clock.now() + RESPONSE_SECONDS
        self.answering[path] = Answering(person, channel, until, original)
        return path

    def address(self, path: str) -> Answering:
        """Raises SlackError for one that is unknown, worn or old; counts the use."""
        found = self.answering.get(path)
        if found is None:
            raise SlackError("no_such_url")
        if self._workspace.clock.now() > found.until:
            raise SlackError("expired_url")
        if found.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        found.uses += 1
        return found
