"""The keeper of the saved prices: asks the price list for what answers want, and remembers.

It never asks in vain: a list that failed rests for ten minutes, and what the list lacks is asked
for again a day later. What asks over the network is loaded once there is something to ask.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.errors import InputUnreadable, UsageError
from advisor.prices.knock import Knock
from advisor.prices.list_address import host_of
from advisor.prices.list_memory import FAILURE_LASTS, ListMemory, read_memory, remember
from advisor.prices.quote import Key
from advisor.prices.saved import SavedPart, merge_meters

if TYPE_CHECKING:
    from advisor.prices.top_up import ToppedUp


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be asked now. `refusal`: why nothing is, where a list that failed rests."""

    keys: frozenset[Key]
    refusal: str = ""
    is_first: bool = False  #: nobody was told yet which host is asked


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of asking.

    `not_asked` and `not_saved` are sentences; each is empty where nothing went wrong.
    """

    found: tuple[SavedPart, ...] = ()
    not_asked: str = ""
    not_saved: str = ""

    @property
    def has_prices(self) -> bool:
        return any(each.quotes for each in self.found)


def _silent(finished: int, of: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceKeeper:
    """Of one price list and one cache directory. `origin` is the list's checked address."""

    directory: Path
    origin: str
    knock: Callable[[str], Knock] = field(default=Knock)

    def due(self, keys: Iterable[Key], now: datetime) -> Due:
        """What of the keys is to be asked now. Reads one small file."""
        keys = frozenset(keys)
        if not keys:
            return Due(keys)
        memory = read_memory(self.directory, self.origin)
        worth = memory.worth_asking(keys, now)
        again = memory.rests_until(now)
        if worth and again is not None:
            return Due(frozenset(), self._not_asked(memory.why, again))
        return Due(worth, is_first=not memory.told)

    async def fetch(
        self,
        keys: frozenset[Key],
        now: datetime,
        on_query: Callable[[int, int], None] = _silent,
        *,
        spent: float = 0.0,
        told: bool = False,
    ) -> Kept:
        """Ask for the keys, save what comes, remember the rest.

        Takes five seconds at most, of which `spent` are over. `told`: somebody was told which
        host is asked.
        """
        began, knock = time.monotonic() - spent, self.knock(self.origin)
        import asyncio  # the rest is loaded while the other side answers

        from advisor.prices.top_up import ToppedUp, top_up

        why = await asyncio.to_thread(knock.answered)
        if why:
            topped = ToppedUp((), frozenset(), why)
        else:
            over = time.monotonic() - began
            topped = await top_up(keys, self.origin, now, on_query, spent=over)
        return await asyncio.to_thread(self._keep, topped, now, told)

    def _keep(self, topped: ToppedUp, now: datetime, told: bool) -> Kept:
        found, absent, why = topped.found, topped.absent, topped.why
        keys = {quote.key for each in found for quote in each.quotes}
        not_saved = ""

        def outcome(memory: ListMemory) -> ListMemory:
            after = memory.after(now, keys, absent, why)
            return replace(after, told=memory.told or told)

        try:
            if keys:
                merge_meters(self.directory, found)
            remember(self.directory, self.origin, outcome)
        except (InputUnreadable, UsageError) as error:
            not_saved = str(error)
        except OSError as error:
            not_saved = f"{self.directory} cannot be written: {error.strerror}."
        not_asked = self._not_asked(why, now + FAILURE_LASTS) if why else ""
        return Kept(found, not_asked, not_saved)

    def _not_asked(self, why: str, again: datetime) -> str:
        return (
            f"{host_of(self.origin)} could not be asked for prices ({why}); the prices of the "
            f"book are used. It is asked again from {again.astimezone(UTC):%H:%M} UTC on."
        )
