"""Where an adviser has its prices from: a book that stays as it is, or one that is completed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from advisor.prices.book import Book
from advisor.prices.wanted import WantedPrices


class Brought(NamedTuple):
    """What came of bringing prices: whether the book has new ones, and sentences of what failed."""

    has_new: bool = False
    notes: tuple[str, ...] = ()


class PriceSource(Protocol):
    """The price book of the moment, and how it gets what an answer wants."""

    @property
    def book(self) -> Book: ...

    async def bring(self, wanted: WantedPrices, now: datetime, spent: float = 0.0) -> Brought:
        """Bring what is wanted, for as long as whoever asked can wait; `spent` seconds are over."""
        ...


#: With new prices an answer may look at plans that it had no figures for, and want theirs, too.
ROUNDS = 3


class FixedPrices:
    """A book that stays as it is."""

    def __init__(self, book: Book) -> None:
        self.book = book

    async def bring(self, wanted: WantedPrices, now: datetime, spent: float = 0.0) -> Brought:
        return Brought()
