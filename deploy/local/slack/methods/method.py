"""What a method of the Web API is, and one call of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.local.slack.errors import SlackError, invalid
from deploy.local.slack.people import BOT, Channel
from deploy.local.slack.tickets import Tickets
from deploy.local.slack.workspace import Workspace

Answer = dict[str, Any]
#: Calls a minute per method (Slack's rate limit tiers, 2026-06).
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
PAGE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `args` from form, query or JSON; `url` is the stand-in's own, without a slash."""

    workspace: Workspace
    tickets: Tickets
    args: Mapping[str, Any]
    url: str
    new_socket: Callable[[], str]  #: the address of a Socket Mode connection, for one use

    def text(self, name: str) -> str:
        value = self.args.get(name)
        return "" if value is None else str(value)

    def need_scope(self, *any_of: str) -> None:
        """Raises SlackError missing_scope where the app has none of them."""
        scopes = self.workspace.app.scopes
        if any_of and not scopes & set(any_of):
            raise SlackError(
                "missing_scope", needed=",".join(any_of), provided=",".join(sorted(scopes))
            )

    def joined(self, channel: Channel, *, to_post: bool = False) -> Channel:
        """The channel, where the bot may see it. Raises SlackError."""
        if BOT.id in channel.members:
            return channel
        if channel.kind != "public":
            raise SlackError("channel_not_found")
        if to_post and "chat:write.public" in self.workspace.app.scopes:
            return channel
        raise SlackError("not_in_channel")

    def page(self, items: list[Any], default: int = PAGE_LIMIT) -> tuple[list[Any], Answer]:
        """A page of items by `limit` and `cursor`, and the metadata of the next."""
        start, limit = self._place(len(items)), self._limit(default)
        more = start + limit < len(items)
        cursor = f"next:{start + limit}" if more else ""
        return items[start : start + limit], {"response_metadata": {"next_cursor": cursor}}

    def _limit(self, default: int) -> int:
        text = self.text("limit") or "0"
        if not text.isdecimal() or int(text) > PAGE_LIMIT:
            raise SlackError("invalid_limit")
        return int(text) or default

    def _place(self, count: int) -> int:
        cursor = self.text("cursor")
        if not cursor:
            return 0
        start = cursor.removeprefix("next:")
        if not start.isdecimal() or int(start) > count:
            raise SlackError("invalid_cursor")
        return int(start)


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table. `scopes`: one of them is needed. `token`: bot, app or none.

    `takes_json`: whether a body of JSON is read; else its arguments are missing.
    """

    name: str
    handler: Callable[[Call], Answer | Awaitable[Answer]]
    tier: int
    scopes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    token: str = "bot"  # noqa: S105 - the kind of token
    takes_json: bool = True

    def check(self, call: Call) -> None:
        """Raises SlackError where a scope or an argument is missing."""
        call.need_scope(*self.scopes)
        missing = [name for name in self.required if call.args.get(name) in (None, "", [], {})]
        if missing:
            problems = [f"missing required field: {name} [json-pointer:/]" for name in missing]
            raise invalid("invalid_arguments", problems)
