"""The interfaces that commands and buttons use to store requests and to show forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from advisor.errors import VmbackupError
from bot.messages.list_page import ListAsked
from bot.messages.listings import ListedPoint
from bot.messages.made_forms import MadeFound
from bot.messages.request_list import RequestsFound
from bot.messages.vm_picker import VmChoice
from bot.requests.action import Action
from bot.requests.model import Click, Requester, RequestPlan, Wish
from bot.requests.plans.bounds import Bounds
from bot.requests.request import Request


class AskReceipt(Protocol):
    """The result of an ask: the request's id, and whether the request is new."""

    @property
    def request_id(self) -> str: ...
    @property
    def is_new(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsFound:
    """The points that exist, and a sentence about each part that could not be read."""

    points: Sequence[ListedPoint]
    at: datetime  #: the database's time
    not_read: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan that is only shown, and the sentence about what it does."""

    plan: RequestPlan
    happens: str
    is_only: bool = True  #: its name and resource group tell the VM from every other one


class CardPlaced(Protocol):
    """Where a card is. No channel: the request has no card."""

    @property
    def channel_id(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def is_anew(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFound:
    """A request and the place of its card."""

    request: Request
    place: CardPlaced


class Requests(Protocol):
    """Stores requests. Every method raises VmbackupError with a sentence for the requester."""

    @property
    def bounds(self) -> Bounds:
        """The bounds of the retention."""
        ...

    async def ask(self, requester: Requester, wish: Wish, content_key: str) -> AskReceipt:
        """Store the request durably, before Slack is answered; calls neither Azure nor Slack."""
        ...

    async def press(self, click: Click) -> bool:
        """Store the click; False where it is stored already. Calls neither Azure nor Slack."""
        ...

    def phrase(self, wish: Wish) -> str:
        """The wish as a phrase inside a sentence: `a snapshot of web-01`."""
        ...

    def goes_to(self, wish: Wish) -> Sequence[str]:
        """The ids of the channels that its card can go to, as far as the settings alone say."""
        ...

    async def card_link(self, request_id: str) -> str:
        """The address of the request's card as it is stored; empty: not known."""
        ...

    async def of_button(self, button: str) -> Request | None:
        """The request that a button on a card belongs to; None: there is none."""
        ...

    async def withdraw(
        self, requester: Requester, request_id: str, reason: str, content_key: str
    ) -> None:
        """Store a cancellation by the request's id; a worker judges and answers it."""
        ...

    async def find_card(self, requester: Requester, request_id: str) -> CardFound:
        """Where the card is, for who may list or asked for it; one that is gone comes anew."""
        ...

    async def preview(self, requester: Requester, wish: Wish) -> Preview:
        """The plan as it would be made now; nothing is stored."""
        ...

    def offered_vms(self, requester: Requester, typed: str) -> Sequence[VmChoice]:
        """The VMs that this person may choose, from memory; none where that is not known."""
        ...

    def knows(self, requester: Requester) -> bool:
        """Whether it is known now who the person is; else `look_up` asks Slack."""
        ...

    async def look_up(self, requester: Requester) -> None:
        """Ask Slack who the person is, so that VMs can be offered."""
        ...

    def chosen_vm(self, token: str) -> str:
        """The full id of a VM that was offered; empty: it is not known any more."""
        ...

    async def points(self, requester: Requester, vm: str) -> PointsFound:
        """Every snapshot, restore point and orphan; of one VM where `vm` is not empty."""
        ...

    async def requests(self, requester: Requester, asked: ListAsked) -> RequestsFound:
        """A page of the requests: under way, then kept by expiry, then ended, the newest first."""
        ...

    async def what_was_made(
        self, requester: Requester, request_id: str, action: Action
    ) -> MadeFound:
        """What a request made and is there, for a form of the action; the id may be any text."""
        ...


class FormNotOpened(VmbackupError):
    """Slack did not show a form in time."""


class OpensForms(Protocol):
    """Shows the form for a snapshot."""

    async def open(
        self, trigger_id: str, wish: Wish, requester: Requester
    ) -> Callable[[], Awaitable[None]]:
        """Show the form and return the work that fills it. Raises FormNotOpened."""
        ...
