"""The bot's price book: completed before a card, refreshed behind it, read anew when it changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from advisor.errors import InputUnreadable
from advisor.model import Meter
from advisor.prices.discounts import NO_DISCOUNTS, Discounts
from advisor.prices.keeper import Kept, PriceKeeper
from advisor.prices.quote import Key
from advisor.prices.remedy import BY_THE_OPERATOR
from advisor.prices.saved import SAVED_NAME, SavedPrices, load_book, with_meters
from advisor.prices.source import Brought
from advisor.prices.wanted import WantedPrices, wanted_among

_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int] | None


class BotPrices:
    """One book for the process. Whoever took `book` keeps a book that does not change.

    `keeper` None: the price list is never asked. Raises InputUnreadable where the saved file is
    damaged.
    """

    def __init__(
        self,
        directory: Path,
        keeper: PriceKeeper | None,
        discounts: Discounts = NO_DISCOUNTS,
    ) -> None:
        self._path = directory / SAVED_NAME
        self._directory, self._keeper, self._discounts = directory, keeper, discounts
        self._later: set[Key] = set()
        self._under_way: dict[Key, asyncio.Task[Kept]] = {}
        self._unsaved = SavedPrices()  #: counts until the bot ends; of each meter the newest
        self._stamp = self._looked()
        self.book = load_book(directory, remedy=BY_THE_OPERATOR, discounts=discounts)

    @property
    def asks(self) -> bool:
        """Whether the price list may be asked."""
        return self._keeper is not None

    async def bring(self, wanted: WantedPrices, now: datetime, spent: float = 0.0) -> Brought:
        """Wait for what has no price of its own; what is old is refreshed later."""
        self._later |= wanted.old
        before = self.book
        not_asked = await self._fetch(wanted.missing, now, spent)
        return Brought(self.book is not before, (not_asked,) if not_asked else ())

    async def refresh(self, now: datetime) -> None:
        """Read the book anew where its file changed, and fetch what answers found to be old."""
        await self.reread()
        later, self._later = frozenset(self._later), set()
        if later:
            await self._fetch(later, now)

    async def warm(self, meters: Iterable[Meter], currency: str, now: datetime) -> str:
        """Fetch what is missing or old of these meters; else the sentence that says why not."""
        wanted = wanted_among(self.book, meters, currency, now.date())
        return await self._fetch(wanted.every, now)

    async def reread(self) -> None:
        """Take over what another process, or a person, has saved."""
        stamp = await asyncio.to_thread(self._looked)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        await self._load()

    async def _fetch(self, keys: frozenset[Key], now: datetime, spent: float = 0.0) -> str:
        """Fetch what is worth it; what somebody else fetches already is waited for."""
        if self._keeper is None or not keys:
            return ""
        due = await asyncio.to_thread(self._keeper.due, keys, now)
        waited_for = {self._under_way[key] for key in due.keys & self._under_way.keys()}
        mine = due.keys - self._under_way.keys()
        if mine:
            task = asyncio.create_task(self._keep(self._keeper, mine, now, spent))
            self._under_way |= dict.fromkeys(mine, task)
            waited_for.add(task)
        if waited_for:
            await asyncio.wait(waited_for)
        said = [task.result().not_asked for task in waited_for if not task.cancelled()]
        return next(filter(None, (due.refusal, *said)), "")

    async def _keep(
        self, keeper: PriceKeeper, keys: frozenset[Key], now: datetime, spent: float
    ) -> Kept:
        try:
            kept = await keeper.fetch(keys, now, spent=spent)
            if kept.not_saved:
                _log.warning("%s", kept.not_saved)
                self._unsaved = with_meters(self._unsaved, kept.found)
            if kept.not_asked:
                _log.warning("%s", kept.not_asked)
            if kept.has_prices:
                self._stamp = await asyncio.to_thread(self._looked)
                await self._load()
            return kept
        finally:
            for key in keys:
                del self._under_way[key]

    async def _load(self) -> None:
        """Take over the saved file; where it is damaged, the book stays as it was."""
        try:
            self.book = await asyncio.to_thread(
                load_book,
                self._directory,
                also=self._unsaved.meters,
                remedy=BY_THE_OPERATOR,
                discounts=self._discounts,
            )
        except InputUnreadable as error:
            _log.warning("The prices stay as they were: %s", error)

    def _looked(self) -> _Stamp:
        """What changes when the saved file does; None where there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
