"""The interface that the command and the buttons of an advice use to store it and to find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from advisor.errors import VmbackupError
from bot.messages.advice_told import AdviceTold
from bot.requests.model import Requester


class AdviceNotFound(VmbackupError):
    """There is no stored advice of this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAdvice:
    """An advice that was given before."""

    id: str
    given_at: datetime
    user_name: str  #: who asked for it
    words: tuple[str, ...]  #: after `advise`
    told: AdviceTold


class AdviceListed(NamedTuple):
    """A stored advice as a line of a list."""

    id: str
    vm_name: str
    given_at: datetime


class KeepsAdvice(Protocol):
    """A store of the advice that was told. Methods raise VmbackupError."""

    async def keep(self, told: AdviceTold, words: Sequence[str], requester: Requester) -> str:
        """Store the advice; returns its id."""
        ...

    async def get(self, advice_id: str) -> KeptAdvice:
        """The stored advice. Raises AdviceNotFound, AdviceUnreadable."""
        ...

    async def of_person(self, user_id: str) -> list[AdviceListed]:
        """What a person was advised last, the newest first."""
        ...

    def price_notes(self, kept: KeptAdvice) -> tuple[str, ...]:
        """A sentence where its prices were read again since."""
        ...

    async def vm_notes(self, kept: KeptAdvice) -> tuple[str, ...]:
        """A sentence for each thing of the VM that is not as it was, or that was not read."""
        ...

    async def claim_share(self, advice_id: str, channel_id: str, user_id: str) -> bool:
        """Whether this click may post it in the channel: nobody has, and nobody is about to."""
        ...

    async def end_share(self, advice_id: str, channel_id: str, *, posted: bool) -> None:
        """Note that it was posted, or let the next click try again."""
        ...
