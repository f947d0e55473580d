"""The prices that an answer wants from the price list: those it lacks, and those that are old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from advisor.model import Meter, PriceOrigin
from advisor.prices.book import Book, Price
from advisor.prices.carried import is_between_regions, stays_on_continent
from advisor.prices.pricing import Pricer
from advisor.prices.quote import Key, full_date, key_of_meter
from advisor.prices.scope import is_wanted

#: Ours: what was fetched is good for a week, what shipped for two months. Azure changes prices
#: on the first of a month, rarely.
FETCHED_IS_GOOD_FOR = timedelta(days=7)
SHIPPED_IS_GOOD_FOR = timedelta(days=60)


class WantedPrices(NamedTuple):
    """The keys of meters to ask the price list for.

    `missing` have no price of their own: none at all, several, or one carried over from other
    regions. `old` have one that was true too long ago.
    """

    missing: frozenset[Key]
    old: frozenset[Key]

    @property
    def every(self) -> frozenset[Key]:
        return self.missing | self.old


def wanted_of(pricer: Pricer, on: date) -> WantedPrices:
    """What the list may know better than the book, of every meter that was priced."""
    return _sorted_out(pricer.book, pricer.looked_up(), on)


def wanted_among(book: Book, meters: Iterable[Meter], currency: str, on: date) -> WantedPrices:
    """What the list may know better than the book, of these meters."""
    pricer = Pricer(book, currency, on)
    return _sorted_out(
        book, ((meter, currency, pricer.price_or_why(meter)) for meter in meters), on
    )


def _sorted_out(
    book: Book, priced: Iterable[tuple[Meter, str, Price | str]], on: date
) -> WantedPrices:
    missing: set[Key] = set()
    old: set[Key] = set()
    for meter, currency, price in priced:
        key = key_of_meter(meter, currency)
        if not may_be_listed(meter) or _is_agreed(price):
            continue
        day = book.fetched_day(key)
        if day:
            if _age(day, on) > FETCHED_IS_GOOD_FOR:
                (missing if isinstance(price, str) else old).add(key)
        elif isinstance(price, str) or price.origin not in _READ:
            missing.add(key)
        elif _age(price.true_on, on) > SHIPPED_IS_GOOD_FOR:
            old.add(key)
    return WantedPrices(frozenset(missing), frozenset(old))


#: Read for the meter's own region; a discount is taken off what was read.
_READ = frozenset({PriceOrigin.LISTED, PriceOrigin.DISCOUNTED})


def _is_agreed(price: Price | str) -> bool:
    """Of one's own agreement: the price list has nothing better to say."""
    return not isinstance(price, str) and price.origin is PriceOrigin.AGREED


def may_be_listed(meter: Meter) -> bool:
    """Whether the price list can have it.

    Traffic to another continent is in the bandwidth price list alone; some meters are ours.
    """
    if is_between_regions(meter) and not stays_on_continent(meter):
        return False
    return is_wanted(meter.service, meter.product, meter.sku, meter.meter)


def _age(true_on: str, on: date) -> timedelta:
    return on - date.fromisoformat(full_date(true_on))
