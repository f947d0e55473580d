"""What a bill adds up: the lines that count, the gaps that stay gaps, and what bounds them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from advisor.errors import PriceMissing
from advisor.model import LineKind, Monthly, Range, Source, Usage
from advisor.options import meters
from advisor.prices.book import Book, KnownPrices
from advisor.prices.pricing import Pricer, together
from advisor.prices.quote import Key, Quote

TODAY = date(2026, 11, 22)
HOME, AWAY, NOWHERE = "westeurope", "northeurope", "polandcentral"
LRS = ("Storage", "Standard HDD Managed Disks", "Snapshots LRS", "LRS Snapshots")
PREMIUM = ("Storage", "Premium SSD Managed Disks", "Snapshots LRS", "LRS Snapshots")


def quote(
    amount: str, meter: tuple[str, str, str, str] = LRS, region: str = HOME, **facts: Any
) -> Quote:
    currency = facts.pop("currency", "USD")
    unit, minimum = facts.pop("unit", "1 GB/Month"), Decimal(facts.pop("minimum", "0"))
    true_on = facts.pop("true_on", "2026-11-01")
    key = Key(*meter, region, currency)
    return Quote(key, unit, minimum, Decimal(amount), true_on, "A", "a test", **facts)


def pricer(*quotes: Quote, currency: str = "USD", on: date = TODAY) -> Pricer:
    return Pricer(Book(quotes), currency, on)


def usage(quantity: Range | str | None = "10", **facts: Any) -> Usage:
    """Ten GB of Standard HDD snapshots in West Europe."""
    known = Range.exactly(Decimal(quantity)) if isinstance(quantity, str) else quantity
    facts = {"kind": LineKind.RECURRING, "region": HOME, **facts}
    region = facts.pop("region")
    return Usage(
        name=facts.pop("name", "Snapshots"),
        meter=meters.snapshot("Standard", "LRS", region),
        unit=meters.PER_GB_MONTH,
        quantity=known,
        source=Source.STATED,
        basis="a test",
        **facts,
    )


def bill(priced: Pricer, *usages: Usage) -> Monthly:
    return priced.bill(usages)[1]


# --- which lines count -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (LineKind.RECURRING, True),
        (LineKind.DRILL, True),
        (LineKind.ONE_TIME, False),
        (LineKind.CREDIT, False),
    ],
)
def test_a_total_holds_what_recurs_and_what_drills_cost(kind: LineKind, counts: bool) -> None:
    priced = pricer(quote("2"))
    total = bill(priced, usage("1"), usage("10", kind=kind))
    assert (total.low, total.likely, total.high) == ((22, 22, 22) if counts else (2, 2, 2))


def test_a_missing_price_leaves_the_rest_as_a_floor_and_its_name() -> None:
    total = bill(pricer(quote("2")), usage("1"), usage("10", region=NOWHERE, name="The copy"))
    assert (total.low, total.likely, total.high) == (2, None, None)
    [missing] = total.missing
    assert missing.startswith("The copy: There is no price")
    assert not total.complete


def test_a_quantity_that_is_not_known_leaves_a_floor_too() -> None:
    total = bill(pricer(quote("2")), usage("1"), usage(None))
    assert (total.low, total.likely, total.missing) == (2, None, ("Snapshots: a test",))


def test_a_line_that_is_optional_may_lack_its_price() -> None:
    total = bill(pricer(quote("2")), usage("1"), usage("10", region=NOWHERE, optional=True))
    assert (total.low, total.likely, total.missing) == (2, 2, ())


def test_options_together_lack_what_each_of_them_lacks() -> None:
    whole, first = Monthly("USD", Decimal(1), Decimal(2), Decimal(3)), ("a: no price",)
    part = Monthly("USD", Decimal(5), None, None, first)
    assert together((whole, whole), "USD") == Monthly("USD", Decimal(2), Decimal(4), Decimal(6))
    for order in ((whole, part), (part, whole)):
        assert together(order, "USD") == Monthly("USD", Decimal(6), None, None, first)


# --- amounts ---------------------------------------------------------------------------------


def test_a_credit_gives_back_what_the_same_quantity_costs() -> None:
    tiers = (quote("2"), quote("1", minimum="5"))
    for quotes, amount in ((tiers, 15), (tiers[:1], 20)):
        line = pricer(*quotes).line(usage("10"))
        back = pricer(*quotes).line(usage("-10", kind=LineKind.CREDIT))
        assert line.monthly == Range.exactly(Decimal(amount))
        assert back.monthly == Range.exactly(Decimal(-amount))


def test_the_dearer_meter_that_may_be_billed_moves_the_high_end_alone() -> None:
    spread = Range(Decimal(5), Decimal(10), Decimal(20))
    premium = meters.snapshot("Premium", "LRS", HOME)
    line = pricer(quote("1"), quote("3", PREMIUM)).line(usage(spread, or_meter=premium))
    assert line.monthly == Range(Decimal(5), Decimal(10), Decimal(60))
    cheaper = pricer(quote("3"), quote("1", PREMIUM)).line(usage(spread, or_meter=premium))
    assert cheaper.monthly == Range(Decimal(15), Decimal(30), Decimal(60))
    unpriced = pricer(quote("1")).line(usage(spread, or_meter=premium))
    assert unpriced.monthly == spread
    other_unit = pricer(quote("1"), quote("3", PREMIUM, unit="100 GB/Month"))
    assert other_unit.line(usage(spread, or_meter=premium)).monthly == spread


# --- the day and the currency ----------------------------------------------------------------


def test_each_day_has_its_own_price() -> None:
    changes = TODAY + timedelta(days=10)
    book = Book(
        [
            quote("1", ends=(changes - timedelta(days=1)).isoformat()),
            quote("2", starts=changes.isoformat()),
        ]
    )
    meter = meters.snapshot("Standard", "LRS", HOME)
    for day, amount in ((TODAY, 1), (changes, 2), (TODAY, 1)):
        assert book.price(meter, "USD", day).unit_price == amount
        known = book.known_anywhere(meter, "1 GB/Month", "USD", day)
        assert known == KnownPrices(Decimal(amount), Decimal(amount))


def test_plans_are_compared_in_dollars_of_the_same_book_and_day() -> None:
    quotes = (quote("2"), quote("7", currency="EUR"))
    shown = pricer(*quotes, currency="EUR")
    compared = shown.compared()
    assert bill(shown, usage("1")).likely == 7
    assert (bill(compared, usage("1")).likely, bill(compared, usage("1")).currency) == (2, "USD")
    assert shown.compared() is compared
    assert compared.compared() is compared


# --- what is known anywhere ------------------------------------------------------------------


def test_a_price_that_is_missing_is_bounded_by_those_of_every_region_for_the_same_unit() -> None:
    priced = pricer(
        quote("2"),
        quote("5", region=AWAY),
        quote("700", region="eastus", unit="100 GB/Month"),
        quote("9", PREMIUM, region="eastus2"),
        quote("11", region="uksouth", currency="EUR"),
        quote("13", region="francecentral", ends="2026-11-21"),
    )
    meter = meters.snapshot("Standard", "LRS", NOWHERE)
    assert priced.known_anywhere(meter, "1 GB/Month") == KnownPrices(Decimal(2), Decimal(5))
    assert priced.known_anywhere(meter, "100 GB/Month") == KnownPrices(Decimal(700), Decimal(700))
    assert priced.known_anywhere(meter, "1/Month") is None
    assert "no price" in priced.line(usage(region=NOWHERE)).missing


def test_where_prices_of_a_region_are_old_that_is_said_of_it() -> None:
    priced = pricer(quote("2", true_on="2024-03"), quote("5", region=AWAY))
    assert priced.as_of(HOME) == "2024-03"
    assert priced.as_of(AWAY) == "2026-11-01"
    assert priced.as_of(NOWHERE) == "2026-11-01"


def test_nothing_is_guessed_of_a_region_without_a_price() -> None:
    with pytest.raises(PriceMissing, match="Poland Central"):
        Book([quote("2")]).price(meters.snapshot("Standard", "LRS", NOWHERE), "USD", TODAY)
