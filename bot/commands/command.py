"""The parts of a subcommand: its words for people, and a handler that answers at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from advisor.asked import AdviceAsked
from advisor.errors import UsageError, VmbackupError
from advisor.model import Advice
from bot.commands.advising import KeepsAdvice
from bot.commands.billing import Bills, SendsCharts
from bot.commands.fleets import Fleets
from bot.commands.measuring import Measures
from bot.commands.requesting import OpensForms, Requests
from bot.messages.blocks import Message
from bot.requests.approval.rulings import Ruling
from bot.requests.model import Requester
from bot.requests.refusals import NotAllowed
from bot.requests.storable import storable

COMMAND = "/vmbackup"


class OnlyAdvises(VmbackupError):
    """The bot was started without the services that requests need."""


def content_key(*parts: str) -> str:
    """One key of several of Slack's ids and texts."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


class Advises(Protocol):
    """A source of advice; it raises the errors of `advisor.errors`."""

    async def advise(self, asked: AdviceAsked) -> Advice: ...


class Records(Protocol):
    """A store of the advice that was given; it raises DatabaseUnreachable."""

    async def record(
        self, advice: Advice, *, team_id: str, user_id: str, channel_id: str
    ) -> None: ...


class JudgesAudience(Protocol):
    """The rules of who may read about VMs."""

    @property
    def is_public_at_once(self) -> bool:
        """Whether the settings make an advice public without `--share`."""
        ...

    async def require(self, requester: Requester, *, fresh: bool = False) -> None:
        """Raises NotAllowed where the person may not ask, or where that cannot be read.

        `fresh`: a reading of before is not enough.
        """
        ...

    async def may_be_public(self, channel_id: str, *, fresh: bool = False) -> Ruling:
        """Whether everybody in the channel may read about a VM."""
        ...


Parse = Callable[[Sequence[str]], AdviceAsked]
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
        """The requester and the command, for the small print of the answer."""
        who = f"Asked for by {self.user_name}" if self.user_name else "Asked for"
        return f"{who}: {COMMAND} {self.text}"

    @property
    def requester(self) -> Requester:
        """The requester, in texts that can be stored."""
        return Requester(
            team_id=storable(self.team_id),
            user_id=storable(self.user_id),
            user_name=storable(self.user_name),
            channel_id=storable(self.channel_id),
        )

    @property
    def content_key(self) -> str:
        """A key that is equal only for the same command, delivered again."""
        return content_key(self.team_id, self.user_id, self.channel_id, self.text, self.trigger_id)


class WordsUnreadable(UsageError):
    """The words after a subcommand cannot be read; `command` is its name."""

    def __init__(self, command: str, why: str) -> None:
        self.command = command
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, and the work to do once Slack has accepted it."""

    message: Message
    once_delivered: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """The acknowledgement, and the work that makes the answer where that takes longer.

    None instead of a message: the person sees a form, or gets the answer later. `meanwhile`: what
    is said to whoever waits for an answer that takes minutes.
    """

    acknowledgement: Message | None
    later: Callable[[], Awaitable[Answer | None]] | None = None
    meanwhile: Callable[[], Message] | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """The services that handlers may use."""

    advisor: Advises
    parse: Parse
    table: Sequence[Subcommand]
    audience: JudgesAudience | None = None  #: None: nobody may ask for advice
    ledger: Records | None = None  #: None: advice is not recorded
    requests: Requests | None = None  #: None: this bot only advises
    forms: OpensForms | None = None
    advices: KeepsAdvice | None = None  #: None: no advice is shown again
    bills: Bills | None = None  #: None: no bills are read
    fleets: Fleets | None = None  #: None: no whole fleet is read
    charts: SendsCharts | None = None  #: None: no picture is sent
    measures: Measures | None = None  #: None: nothing is measured

    def for_advice(self) -> JudgesAudience:
        """The rules of who may ask for advice. Raises NotAllowed where there are none."""
        if self.audience is None:
            raise NotAllowed("This bot does not know who may ask for advice, so nobody may.")
        return self.audience

    def for_stored_advice(self) -> KeepsAdvice:
        """The store of advice. Raises OnlyAdvises where the bot has none."""
        if self.advices is None:
            raise OnlyAdvises("This bot stores no advice. Ask for a new one.")
        return self.advices

    def for_requests(self) -> tuple[Requests, OpensForms]:
        """The services that requests need. Raises OnlyAdvises where the bot lacks them."""
        if self.requests is None or self.forms is None:
            raise OnlyAdvises("This bot only gives advice. It takes no requests.")
        return self.requests, self.forms


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One row of the table of subcommands. `handle` gets the words after the name.

    `handle` waits for no network. Where it must write to the database or open a form before Slack
    is answered, it is a coroutine, short enough for the three seconds that Slack waits.
    """

    name: str
    usage: str
    summary: str
    handle: Handle
    details: tuple[tuple[str, str], ...] = ()  #: each flag with its help text


Handle = Callable[[Sequence[str], Invocation, Services], CommandOutcome | Awaitable[CommandOutcome]]
"""The handler of a subcommand; it gets the words after the name."""
