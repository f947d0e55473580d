"""What a subcommand is: its words for people and a handler that answers at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from advisor.asking import Asked
from advisor.model import Advice
from bot.messages.blocks import Message

COMMAND = "/vmbackup"


class Advises(Protocol):
    """Whoever can give advice; raises the errors of `advisor.errors`."""

    async def advise(self, asked: Asked) -> Advice: ...


class Records(Protocol):
    """Whoever keeps what was advised; raises DatabaseUnreachable."""

    async def record(
        self, advice: Advice, *, team_id: str, user_id: str, channel_id: str
    ) -> None: ...


Parse = Callable[[Sequence[str]], Asked]
"""Reads the words after `advise`; raises UsageError."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One slash command, as Slack delivers it."""

    text: str
    user_name: str
    user_id: str
    channel_id: str
    response_url: str
    trigger_id: str
    team_id: str = ""

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Invocation:
        """From Slack's form or envelope; what is absent is empty."""
        return cls(
            text=str(body.get("text") or ""),
            user_name=str(body.get("user_name") or ""),
            user_id=str(body.get("user_id") or ""),
            channel_id=str(body.get("channel_id") or ""),
            response_url=str(body.get("response_url") or ""),
            trigger_id=str(body.get("trigger_id") or ""),
            team_id=str(body.get("team_id") or ""),
        )

    @property
    def asked(self) -> str:
        """Who asked for what, for the small print of the answer."""
        who = f"Asked for by {self.user_name}" if self.user_name else "Asked for"
        return f"{who}: {COMMAND} {self.text}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, and what is done once it has reached somebody."""

    message: Message
    once_delivered: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The acknowledgement, and the work that gives the answer where that takes longer."""

    acknowledgement: Message
    later: Callable[[], Awaitable[Answer]] | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers may use."""

    advisor: Advises
    parse: Parse
    table: Sequence[Subcommand]
    ledger: Records | None = None  #: None: what was advised is not kept


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One row of the table. `handle` gets the words after the name; it reads no network."""

    name: str
    usage: str
    summary: str
    handle: Callable[[Sequence[str], Invocation, Services], Outcome]
    details: tuple[tuple[str, str], ...] = ()  #: flags and what each says
