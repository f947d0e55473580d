"""Priced usages: a line is a usage with exactly one price, or it says which price is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from advisor.errors import PriceError
from advisor.model import ZERO, Line, LineKind, Meter, Monthly, Range, Usage
from advisor.prices.book import Book, KnownPrices, Price

#: Amounts are rounded once, in their line, so that a total is the sum of its lines.
CENT_OF_A_CENT = Decimal("0.0001")

COMPARED_CURRENCY = "USD"  #: the only one that the shipped book knows every price in

COUNTED = (LineKind.RECURRING, LineKind.DRILL)


class Pricer:
    """One book, one currency, one day. Each usage is priced once however often it is asked."""

    def __init__(
        self, book: Book, currency: str, on: date, held: Mapping[Meter, Price] | None = None
    ) -> None:
        """`held`: prices of that currency that count instead of the book's."""
        self._book = book
        self.currency = currency
        self._on = on
        self._as_of: dict[str, str] = {}
        self._prices: dict[Meter, Price | str] = dict(held or {})
        self._priced: dict[int, Line] = {}
        self._compared: Pricer | None = None
        self._anywhere: dict[tuple[Meter, str], KnownPrices | None] = {}
        self._bills: dict[int, tuple[tuple[Usage, ...], tuple[Line, ...], Monthly]] = {}

    def compared(self) -> Pricer:
        """The one that plans are compared with: of this book and day, in USD.

        A currency is display: it must not change what is decided.
        """
        if self.currency == COMPARED_CURRENCY:
            return self
        if self._compared is None:
            self._compared = Pricer(self._book, COMPARED_CURRENCY, self._on)
        return self._compared

    @property
    def book(self) -> Book:
        """The book that it reads."""
        return self._book

    @property
    def on(self) -> date:
        """The day whose prices count."""
        return self._on

    def looked_up(self) -> Iterator[tuple[Meter, str, Price | str]]:
        """Every meter that was priced since it was made, in each currency, with its price or
        with the sentence that says why there is none."""
        for meter, price in self._prices.items():
            yield meter, self.currency, price
        if self._compared is not None:
            yield from self._compared.looked_up()

    def known_anywhere(self, meter: Meter, unit: str) -> KnownPrices | None:
        """The cheapest and dearest price of such a meter in any region; None: none is known."""
        asked = (meter, unit)
        if asked not in self._anywhere:
            self._anywhere[asked] = self._book.known_anywhere(meter, unit, self.currency, self._on)
        return self._anywhere[asked]

    def as_of(self, region: str) -> str:
        """The date of the newest price of that region; the book's newest where it has none."""
        known = self._as_of.get(region)
        if known is None:
            known = self._book.as_of_for(region, self.currency) or self._book.as_of
            self._as_of[region] = known
        return known

    def forget(self) -> None:
        """Drop the priced usages; called between VMs, which share none."""
        self._priced.clear()
        self._bills.clear()
        if self._compared is not None:
            self._compared.forget()

    def bill(self, usages: tuple[Usage, ...]) -> tuple[tuple[Line, ...], Monthly]:
        """Every usage priced, in the same order, and their total.

        By identity: configurations share their usages and even whole bills, and hashing one
        costs more than pricing it.
        """
        known = self._bills.get(id(usages))
        if known is None:
            priced, lines = self._priced, []
            for usage in usages:
                line = priced.get(id(usage))
                if line is None:
                    # It keeps its usage, so that no other one gets its identity meanwhile.
                    line = priced[id(usage)] = self.line(usage)
                lines.append(line)
            bill = tuple(lines)
            known = self._bills[id(usages)] = (usages, bill, total(bill, self.currency))
        return known[1], known[2]

    def price_or_why(self, meter: Meter) -> Price | str:
        """The price, or the sentence that says why there is none."""
        known = self._prices.get(meter)
        if known is None:
            try:
                known = self._book.price(meter, self.currency, self._on)
            except PriceError as error:
                known = str(error)
            self._prices[meter] = known
        return known

    def line(self, usage: Usage) -> Line:
        """One usage priced. A missing price or quantity is named, and is no number."""
        quantity, meter = usage.quantity, usage.meter
        if quantity is None:
            return Line(usage, None, None, usage.basis)
        price = self._prices.get(meter) or self.price_or_why(meter)
        if isinstance(price, str):
            return Line(usage, None, None, price)
        if price.unit != usage.unit:
            return Line(usage, None, None, f"priced per {price.unit}, not per {usage.unit}")
        monthly = _amount(quantity, price)
        if price.at_least is not None:
            monthly = _from_the_cheapest(quantity, price.at_least, monthly)
        if usage.or_meter is not None:
            monthly = self._up_to(usage, monthly)
        return Line(usage, price.unit_price, monthly, "", price.origin, price.true_on, price.why)

    def _up_to(self, usage: Usage, amount: Range) -> Range:
        """The high end at the dearer meter that may be billed instead, where its price is known."""
        if usage.or_meter is None or usage.quantity is None:
            return amount
        price = self.price_or_why(usage.or_meter)
        if isinstance(price, str) or price.unit != usage.unit:
            return amount
        return amount._replace(high=max(amount.high, _amount(usage.quantity, price).high))


def _amount(quantity: Range, price: Price) -> Range:
    low, likely, high = quantity
    if len(price.tiers) == 1:  # nearly all
        each = price.tiers[0][1]
        exact = (likely * each).quantize(CENT_OF_A_CENT, ROUND_HALF_EVEN)
        if low is high:
            return Range(exact, exact, exact)
        return Range(
            (low * each).quantize(CENT_OF_A_CENT, ROUND_HALF_EVEN),
            exact,
            (high * each).quantize(CENT_OF_A_CENT, ROUND_HALF_EVEN),
        )
    return Range(
        _rounded(price, low),
        _rounded(price, likely),
        _rounded(price, high),
    )


def _from_the_cheapest(quantity: Range, cheapest: Decimal, at_most: Range) -> Range:
    """The amount of a price of which only the most is known: its range reaches down to the
    cheapest. The likely amount stays the most, so that no plan looks cheaper than it may be."""
    ends = [
        (end * cheapest).quantize(CENT_OF_A_CENT, ROUND_HALF_EVEN)
        for end in (quantity.low, quantity.high)
    ]
    return at_most._replace(low=min(at_most.low, *ends), high=max(at_most.high, *ends))


def _rounded(price: Price, quantity: Decimal) -> Decimal:
    if quantity < 0:  # a credit gives back what the same quantity costs
        return -_rounded(price, -quantity)
    return price.amount_for(quantity).quantize(CENT_OF_A_CENT, ROUND_HALF_EVEN)


def total(lines: Iterable[Line], currency: str) -> Monthly:
    """The sum of the recurring and drill lines; with a price missing only its low end, a floor."""
    low = likely = high = ZERO
    missing: list[str] = []
    for line in lines:
        usage, monthly = line.usage, line.monthly
        if usage.kind not in COUNTED:
            continue
        if monthly is None:
            if not usage.optional:
                missing.append(f"{usage.name}: {line.missing}")
            continue
        low += monthly.low
        likely += monthly.likely
        high += monthly.high
    if missing:
        return Monthly(currency, low, None, None, tuple(missing))
    return Monthly(currency, low, likely, high)


def together(parts: Iterable[Monthly], currency: str) -> Monthly:
    """What several options cost together."""
    low = likely = high = ZERO
    missing: tuple[str, ...] = ()
    for part in parts:
        low += part.low
        missing += part.missing
        if part.likely is not None and part.high is not None:
            likely += part.likely
            high += part.high
    if missing:
        return Monthly(currency, low, None, None, missing)
    return Monthly(currency, low, likely, high)
