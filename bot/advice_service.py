"""The service behind the buttons of an advice: what is stored, and whether it still holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from advisor.errors import VmbackupError, VmNotFound
from advisor.model import KnownVm
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from bot.commands.advising import AdviceListed, AdviceNotFound, KeptAdvice
from bot.database.stored_advice import AdviceStore, StoredAdvice
from bot.messages.advice_age import price_changes
from bot.messages.advice_told import AdviceTold, as_stored, from_stored
from bot.messages.vm_facts import differences, facts_of
from bot.requests.model import Requester

_log = logging.getLogger(__name__)

#: Reading one VM takes seconds. After this time a reading hangs.
LONGEST_LOOK_SECONDS = 60
LISTED = 10


class FindsVms(Protocol):
    """An inventory that finds one VM by its name or id."""

    async def find(self, wanted: str, now: datetime) -> KnownVm: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceService:
    """Keeps advice, and finds it again. Methods raise VmbackupError."""

    store: AdviceStore
    inventory: FindsVms
    book: Callable[[], Book]
    clock: Callable[[], datetime]
    new_advice_id: Callable[[], str]

    async def keep(self, told: AdviceTold, words: Sequence[str], requester: Requester) -> str:
        """Store the advice; returns its id."""
        advice_id = self.new_advice_id()
        await self.store.keep(advice_id, requester, words, told.form.name, as_stored(told))
        return advice_id

    async def get(self, advice_id: str) -> KeptAdvice:
        """The stored advice. Raises AdviceNotFound, AdviceUnreadable."""
        found = await self.store.get(advice_id)
        if found is None:
            raise AdviceNotFound(
                f"There is no advice {advice_id}, or not any more. Ask again with /vmbackup advise."
            )
        return _kept(found)

    async def of_person(self, user_id: str) -> list[AdviceListed]:
        """What a person was advised last, the newest first."""
        found = await self.store.of_person(user_id, LISTED)
        return [AdviceListed(each.id, each.vm_name, each.given_at) for each in found]

    def price_notes(self, kept: KeptAdvice) -> tuple[str, ...]:
        """A sentence where its prices were read again since."""
        pricer = Pricer(self.book(), kept.told.currency, self.clock().date())
        return price_changes(kept.told.prices, pricer)

    async def vm_notes(self, kept: KeptAdvice) -> tuple[str, ...]:
        """A sentence for each thing of the VM that is not as it was, or that was not read."""
        try:
            async with asyncio.timeout(LONGEST_LOOK_SECONDS):
                known = await self.inventory.find(kept.told.vm_id, self.clock())
        except VmNotFound:
            return ("The VM is not there any more, or this bot may not read it any more.",)
        except (VmbackupError, TimeoutError) as error:
            why = str(error) or "Azure did not answer."
            return (f"Whether the VM changed since could not be read: {why}",)
        return differences(kept.told.facts, facts_of(known))

    async def claim_share(self, advice_id: str, channel_id: str, user_id: str) -> bool:
        """Whether this click may post it there."""
        return await self.store.claim_share(advice_id, channel_id, user_id)

    async def end_share(self, advice_id: str, channel_id: str, *, posted: bool) -> None:
        """Note that it was posted, or let the next click try again."""
        await self.store.end_share(advice_id, channel_id, posted=posted)


def _kept(found: StoredAdvice) -> KeptAdvice:
    return KeptAdvice(
        id=found.id,
        given_at=found.given_at,
        user_name=found.user_name,
        words=tuple(found.words),
        told=from_stored(found.told),
    )
