"""The price book: exactly one price for a meter, or an error naming what is missing or unclear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from advisor.errors import PriceAmbiguous, PriceError, PriceMissing
from advisor.model import ZERO, Meter, PriceOrigin
from advisor.prices.carried import (
    CARRIED_CURRENCY,
    Listed,
    StandIn,
    at_most_between,
    carried_anywhere,
    farther_at_most,
    is_between_regions,
    stand_in,
    stays_on_continent,
)
from advisor.prices.choose import Disagreement, Tiers, best_quotes, tiers_of
from advisor.prices.discounts import NO_DISCOUNTS, Discounts
from advisor.prices.own import OwnPrices
from advisor.prices.quote import Key, Quote, full_date, key_of_meter
from advisor.prices.remedy import IN_THE_TERMINAL, Remedies
from advisor.regions import display_name

_SOURCES = {
    PriceOrigin.CARRIED: "carried over from other regions",
    PriceOrigin.WORKED_OUT: "worked out from another price of the region",
    PriceOrigin.BOUNDED: "at most, as others report",
}
ANSWERS_KEPT = 50_000  # a bot that runs for years asks on ever new days


class Price(NamedTuple):
    """What one meter costs in one region and currency.

    `tiers` are (units from which it counts, amount per `unit`), ascending from 0.
    `true_on` is the date it was true. One that was not read for the region says so in `origin`,
    and in `why` on what it rests. Of one that is only known to be at most so much, `at_least` is
    the cheapest that it may be, per `unit`.
    """

    meter: Meter
    currency: str
    unit: str
    tiers: Tiers
    true_on: str
    confidence: str
    source: str
    origin: PriceOrigin = PriceOrigin.LISTED
    why: str = ""
    at_least: Decimal | None = None

    @property
    def unit_price(self) -> Decimal:
        """The amount of the first tier that is not free; the only amount of most meters."""
        first = self.tiers[0][1]
        if first > 0 or len(self.tiers) == 1:  # nearly all
            return first
        return next((amount for _, amount in self.tiers if amount > 0), first)

    def amount_for(self, quantity: Decimal) -> Decimal:
        """What a quantity costs: each part of it at the amount of the tier it falls into."""
        if len(self.tiers) == 1:  # nearly all
            return quantity * self.tiers[0][1]
        total = ZERO
        for index, (minimum, amount) in enumerate(self.tiers):
            if quantity <= minimum:
                break
            last = index + 1 == len(self.tiers)
            until = quantity if last else min(quantity, self.tiers[index + 1][0])
            total += (until - minimum) * amount
        return total


class PriceListPart(NamedTuple):
    """What one fetch brings: the prices of one service in one region and currency."""

    region: str
    currency: str
    service: str


class KnownPrices(NamedTuple):
    """The cheapest and the dearest price of one kind of meter in any region, per unit."""

    cheapest: Decimal
    dearest: Decimal


class _Refusal(NamedTuple):
    error: type[PriceError]
    sentence: str


class Book:
    """The prices that are known, and what to do about those that are not.

    `fetched` says which parts came from the live price list, and when; `alone` the same of meters
    that were fetched by themselves.
    """

    def __init__(
        self,
        quotes: Iterable[Quote],
        fetched: Mapping[PriceListPart, str] | None = None,
        alone: Mapping[Key, str] | None = None,
        remedy: Remedies = IN_THE_TERMINAL,
        own: OwnPrices | None = None,
        discounts: Discounts = NO_DISCOUNTS,
    ) -> None:
        self._quotes: dict[Key, list[Quote]] = {}
        for quote in quotes:
            self._quotes.setdefault(quote.key, []).append(quote)
        self._own: dict[Key, list[Quote]] = {}
        self._own_words = own.words if own else ""
        self._discounts = discounts
        for quote in own.quotes if own else ():
            self._own.setdefault(quote.key, []).append(quote)
        self._fetched = dict(fetched or {})
        self._alone = dict(alone or {})
        self.remedy = remedy
        self._answers: dict[tuple[Meter, str, date], Price | _Refusal] = {}
        self._anywhere: dict[tuple[Key, str, date], KnownPrices | None] = {}

    def price(self, meter: Meter, currency: str, on: date) -> Price:
        """The price in force on that day. Raises PriceMissing or PriceAmbiguous."""
        asked = (meter, currency, on)
        answer = self._answers.get(asked)
        if answer is None:
            answer = self._remember(asked, self._answer(meter, currency, on))
        if isinstance(answer, Price):
            return answer
        raise answer.error(meter.meter, answer.sentence)

    def known_anywhere(
        self, meter: Meter, unit: str, currency: str, on: date
    ) -> KnownPrices | None:
        """What a meter of this service, product, SKU and name costs per unit, whatever the region.

        None where no region's price is known. What it costs in tiers counts at its first paid one.
        Traffic beyond its continent counts at the most that it may cost.
        """
        kind = key_of_meter(meter, currency)._replace(region="")
        asked = (kind, unit, on)
        if asked not in self._anywhere:
            found = self._in_any_region(meter, kind, unit, on)
            if len(self._anywhere) >= ANSWERS_KEPT:
                self._anywhere.clear()
            self._anywhere[asked] = found
        return _farther(meter, currency, self._anywhere[asked])

    def _in_any_region(self, meter: Meter, kind: Key, unit: str, on: date) -> KnownPrices | None:
        amounts = []
        for key in self._of_kind.get(kind, ()):
            there = meter._replace(region=key.region, to_region="")
            price = _known(there, key, self._quotes[key], on)
            if price is not None and price.unit == unit:
                amounts.append(price.unit_price)
        amounts += [amount for amount, per in carried_anywhere(kind) if per == unit]
        return KnownPrices(min(amounts), max(amounts)) if amounts else None

    @cached_property
    def _of_kind(self) -> Mapping[Key, Sequence[Key]]:
        """The keys of every region by the same without a region: asked for kind after kind."""
        kinds: defaultdict[Key, list[Key]] = defaultdict(list)
        for key in self._quotes:
            kinds[key._replace(region="")].append(key)
        return kinds

    @property
    def as_of(self) -> str:
        """The newest date at which a price of the book was true; empty for an empty book."""
        return self._newest(self._all_quotes())

    def as_of_for(self, region: str, currency: str) -> str:
        """The newest date at which a price of that region was true; empty where none is known."""
        return self._newest(self.quotes_of(region, currency))

    @property
    def keys(self) -> Iterable[Key]:
        """What the price list has a row for."""
        return self._quotes.keys()

    @property
    def own_words(self) -> str:
        """Where one's own prices are from, in words; empty where there are none."""
        return self._own_words

    def regions(self) -> tuple[tuple[str, str], ...]:
        """(region, currency) of everything the book has a row for, sorted."""
        return tuple(sorted({(key.region, key.currency) for key in self._quotes}))

    def quotes_of(self, region: str, currency: str) -> list[Quote]:
        """Every row of a region and currency, the untrusted ones included."""
        wanted = (region, currency)
        return [quote for quote in self._all_quotes() if quote.key[4:] == wanted]

    def fetched_on(self, region: str, currency: str) -> Mapping[str, str]:
        """service -> the date its prices were fetched, for those of the region that were."""
        wanted = (region, currency)
        return {part.service: day for part, day in self._fetched.items() if part[:2] == wanted}

    def fetched_day(self, key: Key) -> str:
        """The date on which the price list was read for a meter; empty where it was not."""
        part = PriceListPart(key.region, key.currency, key.service)
        return self._alone.get(key) or self._fetched.get(part, "")

    def _all_quotes(self) -> Iterable[Quote]:
        return (quote for quotes in self._quotes.values() for quote in quotes)

    @staticmethod
    def _newest(quotes: Iterable[Quote]) -> str:
        return max((quote.true_on for quote in quotes), key=full_date, default="")

    def _remember(
        self, asked: tuple[Meter, str, date], answer: Price | _Refusal
    ) -> Price | _Refusal:
        if len(self._answers) >= ANSWERS_KEPT:
            self._answers.clear()
        self._answers[asked] = answer
        return answer

    def _answer(self, meter: Meter, currency: str, on: date) -> Price | _Refusal:
        key = key_of_meter(meter, currency)
        if is_between_regions(meter) and not stays_on_continent(meter):
            return self._between(meter, key, on)
        agreed = _known(meter, key, self._own.get(key, ()), on)
        if agreed is not None:
            return agreed._replace(origin=PriceOrigin.AGREED, why=self._own_words)
        best = best_quotes(self._quotes.get(key, ()), on)
        try:
            tiers = tiers_of(key, best) if best else ()
        except Disagreement as several:
            return _Refusal(PriceAmbiguous, self._ambiguous(key, several))
        if tiers:
            return self._less(_observed(meter, key, tiers, best[0]))
        stands_in = self._stand_in(meter, key, on)
        return self._less(stands_in) if stands_in else _Refusal(PriceMissing, self._no_price(key))

    def _less(self, price: Price) -> Price:
        """The price less what is stated of its service; what stands in is marked as that still."""
        service = price.meter.service
        off = self._discounts.off(service)
        if not off:
            return price
        is_listed = price.origin is PriceOrigin.LISTED
        return price._replace(
            tiers=tuple((minimum, amount * (1 - off)) for minimum, amount in price.tiers),
            origin=PriceOrigin.DISCOUNTED if is_listed else price.origin,
            why="; ".join(filter(None, (price.why, self._discounts.words(service)))),
        )

    def _between(self, meter: Meter, key: Key, on: date) -> Price | _Refusal:
        """Of traffic to another continent: at most what others report, where that is known."""
        most = at_most_between(meter, key.currency)
        known = self.known_anywhere(meter, most.unit, key.currency, on) if most else None
        if most is None or known is None:
            return _Refusal(PriceMissing, _no_price_between(meter, key))
        cheapest = min(known.cheapest, most.amount)
        return _standing_in(meter, key, most)._replace(confidence="C", at_least=cheapest)

    def _stand_in(self, meter: Meter, key: Key, on: date) -> Price | None:
        found = stand_in(
            meter,
            key,
            lambda other: self._listed(other, on),
            is_looked_up=bool(self.fetched_day(key)),
        )
        return None if found is None else _standing_in(meter, key, found)

    def _listed(self, key: Key, on: date) -> Listed | None:
        """What was read of that key; nothing where rows disagree or the price has tiers."""
        price = _known(Meter(*key[:5]), key, self._quotes.get(key, ()), on)
        if price is None or len(price.tiers) > 1:
            return None
        return Listed(price.unit_price, price.unit, price.true_on)

    def _no_price(self, key: Key) -> str:
        told = f"There is no price for {_told(key)}"
        day = self.fetched_day(key)
        if day:
            return f"{told}: the price list fetched on {day} does not have it either."
        return f"{told}. {self._what_to_do(key)}".rstrip()

    def _ambiguous(self, key: Key, several: Disagreement) -> str:
        told = f"There are several prices for {_told(key)}: {several}"
        return f"{told}. {self._what_to_do(key)}".rstrip()

    def _what_to_do(self, key: Key) -> str:
        return self.remedy.of_meter(key.region, key.currency)


def _farther(meter: Meter, currency: str, known: KnownPrices | None) -> KnownPrices | None:
    """What is known of traffic, up to the most that may be billed for the way it takes."""
    most = farther_at_most(meter) if currency == CARRIED_CURRENCY else None
    if known is None or most is None:
        return known
    return known._replace(dearest=max(known.dearest, most))


def _known(meter: Meter, key: Key, quotes: Iterable[Quote], on: date) -> Price | None:
    """The price that these rows give, or None where they give none or disagree."""
    best = best_quotes(quotes, on)
    try:
        tiers = tiers_of(key, best) if best else ()
    except Disagreement:
        return None
    return _observed(meter, key, tiers, best[0]) if tiers else None


def _observed(meter: Meter, key: Key, tiers: Tiers, quote: Quote) -> Price:
    return Price(
        meter=meter,
        currency=key.currency,
        unit=quote.unit,
        tiers=tiers,
        true_on=quote.true_on,
        confidence=quote.confidence,
        source=quote.source,
    )


def _standing_in(meter: Meter, key: Key, found: StandIn) -> Price:
    return Price(
        meter=meter,
        currency=key.currency,
        unit=found.unit,
        tiers=((ZERO, found.amount),),
        true_on=found.true_on,
        confidence="B",
        source=_SOURCES[found.origin],
        origin=found.origin,
        why=found.why,
    )


def _told(key: Key) -> str:
    """A key as people read it: “LRS Snapshots” (Standard HDD Managed Disks) in ..., in USD."""
    return f"“{key.meter}” ({key.product}) in {display_name(key.region)}, in {key.currency}"


def _no_price_between(meter: Meter, key: Key) -> str:
    target = display_name(meter.to_region) if meter.to_region else "a region that was not named"
    most = farther_at_most(meter)
    bound = f" It is at most {most} USD a GB, as others report." if most else ""
    return (
        f"There is no price for “{key.meter}” from {display_name(key.region)} to {target}, "
        f"in {key.currency}: the one that is listed holds within a continent. "
        f"Azure's bandwidth price list has it; the Retail Prices API does not.{bound}"
    )
