"""What the commands and the buttons need of whoever keeps requests and shows forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from advisor.errors import VmbackupError
from bot.messages.listings import ListedPoint
from bot.requests.model import Click, Request, Requester, RequestPlan, Wish
from bot.requests.plans.bounds import Bounds


class AskReceipt(Protocol):
    """What became of an ask: the request's id, and whether it is a new one."""

    @property
    def request_id(self) -> str: ...
    @property
    def is_new(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsFound:
    """What there is, and the sentences about what could not be read."""

    points: Sequence[ListedPoint]
    not_read: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan that is only shown, and the sentence that says what it makes happen."""

    plan: RequestPlan
    happens: str


class Requests(Protocol):
    """Keeps requests. Every method raises VmbackupError with a sentence for the requester."""

    @property
    def bounds(self) -> Bounds:
        """How long something may be kept."""
        ...

    async def ask(self, requester: Requester, wish: Wish, content_key: str) -> AskReceipt:
        """Keep the request, durably, before Slack is answered. No Azure, no Slack."""
        ...

    async def press(self, click: Click) -> bool:
        """Keep the click; False where it was kept before. No Azure, no Slack."""
        ...

    def phrase(self, wish: Wish) -> str:
        """How a wish reads inside a sentence: `a snapshot of web-01`."""
        ...

    async def preview(self, requester: Requester, wish: Wish) -> Preview:
        """The plan as it would be now; nothing is kept."""
        ...

    async def points(self, requester: Requester, vm: str) -> PointsFound:
        """Every snapshot, restore point and orphan; of one VM where it is not empty."""
        ...

    async def requests(self, requester: Requester, vm: str) -> Sequence[Request]:
        """The live requests and the recent ones, the newest first."""
        ...


class FormNotOpened(VmbackupError):
    """Slack did not show a form in time."""


class OpensForms(Protocol):
    """Shows the form of a snapshot."""

    async def open(
        self, trigger_id: str, wish: Wish, requester: Requester
    ) -> Callable[[], Awaitable[None]]:
        """Show it, and give the work that fills it. Raises FormNotOpened."""
        ...
