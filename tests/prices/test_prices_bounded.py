"""Traffic to another continent: in no price list, so that the most that it may cost stands in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import PriceMissing
from advisor.model import LineKind, Meter, PriceOrigin, Range, Source, Usage
from advisor.options.meters import transfer as traffic
from advisor.prices.book import Book, Price
from advisor.prices.pricing import Pricer
from advisor.prices.quote import Quote, key_of

TODAY = date(2026, 9, 1)
BOUNDED = PriceOrigin.BOUNDED


def read(meter: Meter, amount: str, currency: str = "USD") -> Quote:
    key = key_of(*meter[:5], currency)
    return Quote(key, "1 GB", Decimal(0), Decimal(amount), "2026-08-22", "A", "a test")


def found(meter: Meter, *rows: Quote, currency: str = "USD") -> Price:
    return Book(rows).price(meter, currency, TODAY)


@pytest.mark.parametrize(
    ("source", "target", "most"),
    [
        ("westeurope", "eastus", "0.05"),
        ("eastus2", "westeurope", "0.05"),
        ("japaneast", "westus", "0.08"),
        ("australiaeast", "japaneast", "0.08"),
        ("southafricanorth", "westeurope", "0.08"),
        ("brazilsouth", "southcentralus", "0.16"),
        ("chilecentral", "eastus", "0.16"),
    ],
)
def test_traffic_to_another_continent_costs_at_most_what_others_report(
    source: str, target: str, most: str
) -> None:
    """The source region's own row is of its own continent: it is only the cheapest that may be."""
    row = read(traffic(source, ""), "0.03")
    price = found(traffic(source, target), row)
    assert (price.unit_price, price.unit) == (Decimal(most), "1 GB")
    assert (price.origin, price.confidence, price.at_least) == (BOUNDED, "C", Decimal("0.02"))
    assert f"others report at most {most} USD a GB" in price.why


def test_the_cheapest_that_traffic_may_be_is_never_above_the_most() -> None:
    dear = read(traffic("westeurope", ""), "0.2")
    cheap = read(traffic("uksouth", ""), "0.01")
    overseas = traffic("westeurope", "eastus")
    assert found(overseas, dear).at_least == Decimal("0.02")
    assert found(overseas, dear, cheap).at_least == Decimal("0.01")


def test_in_another_currency_traffic_to_another_continent_is_missing() -> None:
    """Reported in USD alone: nothing is converted, and the bound is named."""
    in_euros = read(traffic("brazilsouth", ""), "0.018", "EUR")
    with pytest.raises(PriceMissing, match=r"It is at most 0\.16 USD a GB, as others report"):
        found(traffic("brazilsouth", "southcentralus"), in_euros, currency="EUR")


def test_a_line_of_traffic_without_a_listed_price_ranges_up_to_the_bound() -> None:
    """100 to 300 GB, likely 200, at 0.02 to 0.16 USD a GB: 2 to 48, likely at the most, 32."""
    line = Pricer(Book([]), "USD", TODAY).line(
        Usage(
            name="Traffic between regions",
            kind=LineKind.RECURRING,
            meter=traffic("brazilsouth", "southcentralus"),
            unit="1 GB",
            quantity=Range(Decimal(100), Decimal(200), Decimal(300)),
            source=Source.STATED,
            basis="of the test",
        )
    )
    assert line.monthly == Range(Decimal(2), Decimal(32), Decimal(48))
    assert (line.unit_price, line.origin, line.missing) == (Decimal("0.16"), BOUNDED, "")


@given(
    st.lists(st.decimals(-10_000, 10_000, places=2), min_size=3, max_size=3).map(sorted),
    st.sampled_from(["westeurope", "japaneast", "brazilsouth"]),
)
def test_a_line_with_a_bounded_price_holds_every_price_up_to_the_bound(
    ends: list[Decimal], source: str
) -> None:
    """Credits are negative: there, too, low is at most likely and likely at most high."""
    quantity = Range(*ends)
    meter = traffic(source, "eastus")
    price = found(meter)
    assert price.at_least is not None
    usage = Usage(
        "Traffic", LineKind.RECURRING, meter, "1 GB", quantity, Source.STATED, "of the test"
    )
    monthly = Pricer(Book([]), "USD", TODAY).line(usage).monthly
    assert monthly is not None
    assert monthly.low <= monthly.likely <= monthly.high
    for each in (price.at_least, price.unit_price):
        for much in quantity:
            assert monthly.low <= much * each <= monthly.high
