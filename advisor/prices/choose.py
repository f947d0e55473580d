"""Which of several rows of one meter is its price: trusted, in force, best confidence, newest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from advisor.model import ZERO
from advisor.prices.quote import Key, Quote, full_date

TRUSTED = ("A", "B")  #: best first; C is never a price

#: Meters that give a free allowance to each disk as a row of 0 (3,000 IOPS and 125 MB/s of a
#: Premium SSD v2; Azure Retail Prices, 2026-08-22). Whoever asks has taken the allowance off.
_WITH_ALLOWANCE = frozenset(
    ("Azure Premium SSD v2", f"Premium LRS Provisioned {name}")
    for name in ("IOPS", "Throughput (MBps)")
)

Tiers = tuple[tuple[Decimal, Decimal], ...]


class Disagreement(Exception):
    """Rows that are equally good and say different things. `amounts` are what they say."""

    def __init__(self, amounts: Iterable[str]) -> None:
        self.amounts = tuple(amounts)
        super().__init__(" and ".join(self.amounts))


def best_quotes(quotes: Iterable[Quote], on: date) -> list[Quote]:
    """The rows that count: in force on the day, of the best confidence, seen last."""
    usable = [quote for quote in quotes if quote.confidence in TRUSTED and _in_force(quote, on)]
    if not usable:
        return []
    confidence = min(quote.confidence for quote in usable)
    seen = [quote for quote in usable if quote.confidence == confidence]
    newest = max(full_date(quote.true_on) for quote in seen)
    return [quote for quote in seen if full_date(quote.true_on) == newest]


def tiers_of(key: Key, quotes: Sequence[Quote]) -> Tiers:
    """Amounts by the units they start at, from 0 up; empty where the first tier is not there.

    Raises Disagreement where two rows say different things of one tier, or of the unit.
    A price of 0 alone is not believed: none of the meters that are used is free.
    """
    _same_unit(quotes)
    by_minimum: dict[Decimal, list[Quote]] = {}
    for quote in _without_allowance(key, quotes):
        by_minimum.setdefault(quote.minimum_units, []).append(quote)
    tiers = tuple((minimum, _amount(by_minimum[minimum])) for minimum in sorted(by_minimum))
    paid = any(amount > 0 for _, amount in tiers)
    return tiers if paid and tiers[0][0] == 0 else ()


def _in_force(quote: Quote, on: date) -> bool:
    day = on.isoformat()
    return quote.starts <= day and (not quote.ends or quote.ends >= day)


def _same_unit(quotes: Sequence[Quote]) -> None:
    units = sorted({quote.unit for quote in quotes})
    if len(units) > 1:
        raise Disagreement(f"a price per {unit}" for unit in units)


def _without_allowance(key: Key, quotes: Sequence[Quote]) -> Sequence[Quote]:
    """The paid rows of a meter with a free allowance, moved down to start at 0."""
    if (key.product, key.meter) not in _WITH_ALLOWANCE:
        return quotes
    paid = [quote for quote in quotes if quote.amount > 0]
    first = min((quote.minimum_units for quote in paid), default=ZERO)
    return [quote._replace(minimum_units=quote.minimum_units - first) for quote in paid]


def _amount(quotes: Sequence[Quote]) -> Decimal:
    """The one amount of a tier: of the row in force since last, a paid one before a free one."""
    latest = max(quote.starts for quote in quotes)
    amounts = sorted({quote.amount for quote in quotes if quote.starts == latest})
    paid = [amount for amount in amounts if amount > 0]
    if len(paid) > 1:
        raise Disagreement(format(amount, "f") for amount in paid)
    return paid[0] if paid else ZERO
