"""The prices carried over from other regions: which, where, and never more than that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from advisor.errors import PriceMissing
from advisor.model import Meter
from advisor.prices.book import Book
from advisor.prices.quote import Quote, key_of
from advisor.prices.shipped import shipped_book

TODAY = date(2026, 9, 1)
NAMES = ("Bandwidth", "Rtn Preference: MGN", "Standard", "Standard Inter-Region Data Transfer")


def fee(region: str) -> Meter:
    return Meter("Backup", "Backup", "Azure VM", "Azure VM Protected Instance", region)


def replication(region: str) -> Meter:
    names = ("Azure Site Recovery", "Azure Site Recovery", "Azure", "VM Replicated to Azure")
    return Meter(*names, region)


def traffic(source: str, target: str) -> Meter:
    return Meter(*NAMES, source, target)


def traffic_quote(region: str, amount: str, currency: str = "USD") -> Quote:
    key = key_of(*NAMES, region, currency)
    return Quote(key, "1 GB", Decimal(0), Decimal(amount), "2026-08-22", "A", "a test")


@pytest.mark.parametrize("region", ["norwayeast", "japaneast", "westus3"])
def test_the_two_fees_are_carried_to_public_regions(region: str) -> None:
    for meter, amount in ((fee(region), 10), (replication(region), 25)):
        price = Book([]).price(meter, "USD", TODAY)
        assert price.tiers == ((Decimal(0), Decimal(amount)),)
        assert price.carried
        assert price.unit == "1/Month"


def test_a_region_nobody_knows_gets_no_carried_fee() -> None:
    with pytest.raises(PriceMissing):
        Book([]).price(fee("usgovvirginia"), "USD", TODAY)


def test_fees_are_carried_in_dollars_only() -> None:
    with pytest.raises(PriceMissing):
        Book([]).price(fee("norwayeast"), "EUR", TODAY)


def test_an_observed_fee_is_not_a_carried_one() -> None:
    assert not shipped_book().price(fee("westeurope"), "USD", TODAY).carried
    assert not shipped_book().price(replication("westeurope"), "USD", TODAY).carried


def test_nothing_else_is_carried() -> None:
    vault = Meter("Backup", "Backup", "Standard", "Standard GRS Data Stored", "northeurope")
    with pytest.raises(PriceMissing):
        shipped_book().price(vault, "USD", TODAY)


@pytest.mark.parametrize(
    ("source", "target"), [("westeurope", "northeurope"), ("eastus", "canadacentral")]
)
def test_traffic_within_europe_or_north_america_is_carried(source: str, target: str) -> None:
    price = Book([]).price(traffic(source, target), "USD", TODAY)
    assert (price.unit_price, price.unit, price.carried) == (Decimal("0.02"), "1 GB", True)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("westeurope", "eastus"),
        ("eastus2", "westeurope"),
        ("japaneast", "japanwest"),
        ("westeurope", "usgovvirginia"),
        ("westeurope", ""),
    ],
)
def test_traffic_of_any_other_pair_is_missing(source: str, target: str) -> None:
    rows = [traffic_quote(source, "0.02")]
    with pytest.raises(PriceMissing, match="within Europe and within North America"):
        Book(rows).price(traffic(source, target), "USD", TODAY)


def test_an_observed_price_of_the_source_region_comes_before_the_carried_one() -> None:
    book = Book([traffic_quote("westeurope", "0.03")])
    price = book.price(traffic("westeurope", "northeurope"), "USD", TODAY)
    assert (price.unit_price, price.carried) == (Decimal("0.03"), False)


def test_an_observed_price_in_another_currency_serves_that_currency() -> None:
    price = shipped_book().price(traffic("uksouth", "ukwest"), "GBP", TODAY)
    assert price.unit_price == Decimal("0.0151")


def test_geo_replication_is_never_traffic_between_regions() -> None:
    names = (
        "Storage",
        "Storage - Bandwidth",
        "Geo-Replication v2",
        "Geo-Replication v2 Data Transfer",
    )
    with pytest.raises(PriceMissing):
        shipped_book().price(Meter(*names, "westeurope"), "USD", TODAY)
