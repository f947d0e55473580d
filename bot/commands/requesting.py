"""What the commands and the buttons need of whoever keeps requests and shows forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from advisor.errors import VmbackupError
from bot.messages.listings import ListedPoint
from bot.requests.model import Asker, Click, Plan, Request, Wish
from bot.requests.plans.bounds import Bounds


class Asked(Protocol):
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

    plan: Plan
    happens: str


class Requests(Protocol):
    """Whoever keeps requests. Every method raises VmbackupError with a sentence for the asker."""

    @property
    def bounds(self) -> Bounds:
        """How long something may be kept."""
        ...

    async def ask(self, asker: Asker, wish: Wish, content_key: str) -> Asked:
        """Keep the request, durably, before Slack is answered. No Azure, no Slack."""
        ...

    async def press(self, click: Click) -> bool:
        """Keep the click; False where it was kept before. No Azure, no Slack."""
        ...

    def phrase(self, wish: Wish) -> str:
        """How a wish reads inside a sentence: `a snapshot of web-01`."""
        ...

    async def preview(self, asker: Asker, wish: Wish) -> Preview:
        """The plan as it would be now; nothing is kept."""
        ...

    async def points(self, asker: Asker, vm: str) -> PointsFound:
        """Every snapshot, restore point and orphan; of one VM where it is not empty."""
        ...

    async def requests(self, asker: Asker, vm: str) -> Sequence[Request]:
        """The live requests and the recent ones, the newest first."""
        ...


class FormNotOpened(VmbackupError):
    """Slack did not show a form in time."""


class OpensForms(Protocol):
    """Shows the form of a snapshot."""

    async def open(
        self, trigger_id: str, wish: Wish, asker: Asker
    ) -> Callable[[], Awaitable[None]]:
        """Show it, and give the work that fills it. Raises FormNotOpened."""
        ...
