"""The prices that stand in for a region's own: which, where, why, and never more than that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from advisor.errors import PriceMissing
from advisor.model import Meter, PriceOrigin
from advisor.prices.book import Book, KnownPrices, Price, PriceListPart
from advisor.prices.quote import Quote, key_of
from advisor.prices.shipped import shipped_book
from advisor.regions import REGIONS

TODAY = date(2026, 9, 1)
NAMES = ("Bandwidth", "Rtn Preference: MGN", "Standard", "Standard Inter-Region Data Transfer")
CARRIED, WORKED_OUT = PriceOrigin.CARRIED, PriceOrigin.WORKED_OUT


def fee(region: str) -> Meter:
    return Meter("Backup", "Backup", "Azure VM", "Azure VM Protected Instance", region)


def replication(region: str) -> Meter:
    names = ("Azure Site Recovery", "Azure Site Recovery", "Azure", "VM Replicated to Azure")
    return Meter(*names, region)


def traffic(source: str, target: str) -> Meter:
    return Meter(*NAMES, source, target)


def vault(copies: str, region: str) -> Meter:
    return Meter("Backup", "Backup", "Standard", f"Standard {copies} Data Stored", region)


def archive(region: str) -> Meter:
    return Meter("Backup", "Backup", "Archive", "Archive GRS Data Stored", region)


def snapshots(family: str, copies: str, region: str) -> Meter:
    doubled = "Snapshots " if family == "Standard SSD" else ""
    product, meter = f"{family} Managed Disks", f"{doubled}{copies} Snapshots"
    return Meter("Storage", product, f"Snapshots {copies}", meter, region)


def p10(region: str, copies: str = "LRS") -> Meter:
    sku = f"P10 {copies}"
    return Meter("Storage", "Premium SSD Managed Disks", sku, f"{sku} Disk", region)


def read(meter: Meter, amount: str, currency: str = "USD", seen: str = "A") -> Quote:
    unit = "1/Month" if meter.meter.endswith("Disk") else "1 GB/Month"
    key = key_of(*meter[:5], currency)
    return Quote(key, unit, Decimal(0), Decimal(amount), "2026-08-22", seen, "a test")


def found(meter: Meter, *rows: Quote, currency: str = "USD") -> Price:
    return Book(rows).price(meter, currency, TODAY)


def is_missing(meter: Meter, *rows: Quote, currency: str = "USD") -> bool:
    try:
        found(meter, *rows, currency=currency)
    except PriceMissing:
        return True
    return False


# --- fees ------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["norwayeast", "japaneast", "westus3"])
def test_the_two_fees_are_carried_to_public_regions(region: str) -> None:
    for meter, amount in ((fee(region), 10), (replication(region), 25)):
        price = found(meter)
        assert price.tiers == ((Decimal(0), Decimal(amount)),)
        assert (price.origin, price.unit) == (CARRIED, "1/Month")
        assert price.why


def test_a_region_nobody_knows_gets_no_carried_fee() -> None:
    assert is_missing(fee("usgovvirginia"))
    assert is_missing(fee("atlantis"))


def test_fees_are_carried_in_dollars_only() -> None:
    assert is_missing(fee("norwayeast"), currency="EUR")


def test_an_observed_fee_is_not_a_carried_one() -> None:
    for meter in (fee("westeurope"), replication("westeurope")):
        price = shipped_book().price(meter, "USD", TODAY)
        assert (price.origin, price.why) == (PriceOrigin.LISTED, "")


# --- vault storage ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "lrs", "copies", "amount"),
    [
        # The eight readings: what was read of the region is what the rule gives.
        ("westeurope", "0.0224", "ZRS", "0.0280"),
        ("westeurope", "0.0224", "GRS", "0.0448"),
        ("westeurope", "0.0224", "RA-GRS", "0.0569"),
        ("uksouth", "0.028", "ZRS", "0.0350"),
        ("uksouth", "0.028", "GRS", "0.0560"),
        ("uksouth", "0.028", "RA-GRS", "0.0711"),
        ("indonesiacentral", "0.0224", "ZRS", "0.0280"),
        ("eastus", "0.0224", "RA-GRS", "0.0569"),
        # Regions of which only LRS was read.
        ("centralindia", "0.0246", "ZRS", "0.0308"),
        ("southindia", "0.0221", "GRS", "0.0442"),
        ("brazilsouth", "0.0304", "RA-GRS", "0.0772"),
        ("qatarcentral", "0.02464", "ZRS", "0.0308"),
        ("uaenorth", "0.0295", "GRS", "0.0590"),
    ],
)
def test_vault_storage_is_worked_out_from_the_regions_own_lrs(
    region: str, lrs: str, copies: str, amount: str
) -> None:
    price = found(vault(copies, region), read(vault("LRS", region), lrs))
    assert price.unit_price == Decimal(amount)
    assert (price.origin, price.unit, price.true_on) == (WORKED_OUT, "1 GB/Month", "2026-08-22")
    assert "times LRS in every region read; LRS in" in price.why
    assert f"is {lrs} USD" in price.why


def test_the_share_holds_in_the_currency_in_which_lrs_was_read_and_in_no_other() -> None:
    lrs = read(vault("LRS", "westeurope"), "0.019658", "EUR")
    price = found(vault("GRS", "westeurope"), lrs, currency="EUR")
    assert (price.unit_price, price.currency) == (Decimal("0.039316"), "EUR")
    assert is_missing(vault("GRS", "westeurope"), lrs)
    assert is_missing(vault("GRS", "westeurope"), lrs, currency="GBP")


def test_vault_storage_is_never_worked_out_from_another_region_or_an_untrusted_row() -> None:
    neighbour = read(vault("LRS", "northeurope"), "0.0224")
    assert is_missing(vault("GRS", "westeurope"), neighbour)
    untrusted = read(vault("LRS", "westeurope"), "0.0224", seen="C")
    assert is_missing(vault("GRS", "westeurope"), untrusted)
    other = read(vault("GRS", "westeurope"), "0.0448")
    assert is_missing(vault("ZRS", "westeurope"), other)


def test_vault_storage_that_the_region_does_not_offer_gets_no_price() -> None:
    """South India has no zones; Qatar Central no pair; West India no cross-region restore."""
    for copies, region in (
        ("ZRS", "southindia"),
        ("GRS", "qatarcentral"),
        ("RA-GRS", "indonesiacentral"),
    ):
        assert is_missing(vault(copies, region), read(vault("LRS", region), "0.0224"))


def test_lrs_and_archive_are_never_worked_out() -> None:
    rows = [read(vault(copies, "westus"), "0.0448") for copies in ("GRS", "RA-GRS")]
    rows.append(read(archive("westus")._replace(meter="Archive LRS Data Stored"), "0.0013"))
    assert is_missing(vault("LRS", "westus"), *rows)
    assert is_missing(archive("westus"), *rows)


def test_the_shipped_book_has_all_vault_storage_of_the_24_regions_whose_lrs_was_read() -> None:
    book, priced = shipped_book(), 0
    for name, where in REGIONS.items():
        if where.cloud != "public":
            continue
        try:
            lrs = book.price(vault("LRS", name), "USD", TODAY).unit_price
        except PriceMissing:
            continue
        priced += 1
        if where.pair:
            grs = book.price(vault("GRS", name), "USD", TODAY)
            assert grs.unit_price == lrs * 2
    assert priced == 24


# --- snapshots -------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["eastus2", "westus2", "southeastasia", "eastasia"])
@pytest.mark.parametrize("copies", ["LRS", "ZRS"])
def test_standard_hdd_snapshots_are_carried_to_regions_with_the_same_disks(
    region: str, copies: str
) -> None:
    price = shipped_book().price(snapshots("Standard HDD", copies, region), "USD", TODAY)
    assert (price.unit_price, price.unit) == (Decimal("0.05"), "1 GB/Month")
    assert (price.origin, price.true_on) == (CARRIED, "2026-08-22")
    assert "whose disks have the prices" in price.why


def test_south_india_has_no_zones_and_so_only_lrs_snapshots() -> None:
    assert found(snapshots("Standard HDD", "LRS", "southindia")).origin is CARRIED
    assert is_missing(snapshots("Standard HDD", "ZRS", "southindia"))


def test_standard_hdd_snapshots_are_carried_nowhere_else() -> None:
    named = {"eastus2", "westus2", "southeastasia", "eastasia", "southindia"}
    carried = {each for each in REGIONS if not is_missing(snapshots("Standard HDD", "LRS", each))}
    assert carried == named
    assert is_missing(snapshots("Standard HDD", "LRS", "eastus2"), currency="EUR")


@pytest.mark.parametrize(
    ("disk", "amount"), [("19.71", "0.132"), ("21.68", "0.145"), ("23.848", "0.16")]
)
def test_premium_snapshots_follow_the_price_of_p10(disk: str, amount: str) -> None:
    price = found(snapshots("Premium SSD", "LRS", "japaneast"), read(p10("japaneast"), disk))
    assert (price.unit_price, price.origin) == (Decimal(amount), WORKED_OUT)
    assert price.why == (
        f"Premium snapshots cost {amount} USD a GB in every region read where a P10 disk costs"
        f" {disk} USD, as in Japan East."
    )


@pytest.mark.parametrize("disk", ["19.712", "17.92", "21.679984", "22.67"])
def test_premium_snapshots_follow_no_other_price_of_p10(disk: str) -> None:
    rows = (read(p10("japaneast"), disk), read(p10("japaneast", "ZRS"), "19.71"))
    assert is_missing(snapshots("Premium SSD", "LRS", "japaneast"), *rows)


def test_no_other_snapshots_are_worked_out_from_p10() -> None:
    row = read(p10("japaneast"), "19.71")
    assert is_missing(snapshots("Premium SSD", "ZRS", "japaneast"), row)
    assert is_missing(snapshots("Standard SSD", "LRS", "japaneast"), row)
    assert is_missing(snapshots("Standard HDD", "LRS", "japaneast"), row)
    in_euros = read(p10("japaneast"), "19.71", "EUR")
    assert is_missing(snapshots("Premium SSD", "LRS", "japaneast"), in_euros, currency="EUR")


# --- a price of its own comes first ----------------------------------------------------------


@pytest.mark.parametrize(
    ("meter", "basis"),
    [
        (vault("ZRS", "uksouth"), read(vault("LRS", "uksouth"), "0.028")),
        (vault("GRS", "uksouth"), read(vault("LRS", "uksouth"), "0.028")),
        (vault("RA-GRS", "uksouth"), read(vault("LRS", "uksouth"), "0.028")),
        (snapshots("Standard HDD", "LRS", "eastus2"), None),
        (snapshots("Standard HDD", "ZRS", "eastus2"), None),
        (snapshots("Premium SSD", "LRS", "uksouth"), read(p10("uksouth"), "23.848")),
        (fee("uksouth"), None),
        (replication("uksouth"), None),
    ],
)
def test_a_price_that_was_read_always_comes_first(meter: Meter, basis: Quote | None) -> None:
    rows = [basis] if basis else []
    assert found(meter, *rows).origin is not PriceOrigin.LISTED
    price = found(meter, *rows, read(meter, "0.07"))
    assert (price.unit_price, price.origin, price.why) == (
        Decimal("0.07"),
        PriceOrigin.LISTED,
        "",
    )


def test_nothing_that_differs_by_region_stands_in_where_the_list_was_read_without_it() -> None:
    fetched = {
        PriceListPart("eastus2", "USD", service): "2026-08-30"
        for service in ("Backup", "Storage", "Azure Site Recovery")
    }
    rows = [read(vault("LRS", "eastus2"), "0.0224"), read(p10("eastus2"), "19.71")]
    book = Book(rows, fetched)
    for meter in (
        vault("GRS", "eastus2"),
        snapshots("Standard HDD", "LRS", "eastus2"),
        snapshots("Premium SSD", "LRS", "eastus2"),
    ):
        assert not is_missing(meter, *rows)
        with pytest.raises(PriceMissing, match="fetched on 2026-08-30 does not have it either"):
            book.price(meter, "USD", TODAY)
    assert book.price(fee("eastus2"), "USD", TODAY).origin is CARRIED
    assert book.price(replication("eastus2"), "USD", TODAY).origin is CARRIED


def test_where_two_rows_disagree_nothing_stands_in() -> None:
    meter = vault("GRS", "uksouth")
    rows = (read(meter, "0.05"), read(meter, "0.06"), read(vault("LRS", "uksouth"), "0.028"))
    with pytest.raises(Exception, match="several prices"):
        found(meter, *rows)


# --- traffic ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target"), [("westeurope", "northeurope"), ("eastus", "canadacentral")]
)
def test_traffic_within_europe_or_north_america_is_carried(source: str, target: str) -> None:
    price = found(traffic(source, target))
    assert (price.unit_price, price.unit, price.origin) == (Decimal("0.02"), "1 GB", CARRIED)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("westeurope", "usgovvirginia"),
        ("usgovvirginia", "westeurope"),
        ("westeurope", "atlantis"),
        ("westeurope", ""),
        ("brazilsouth", ""),
    ],
)
def test_traffic_to_where_nobody_knows_is_missing(source: str, target: str) -> None:
    row = read(traffic(source, ""), "0.02")._replace(unit="1 GB")
    with pytest.raises(PriceMissing, match="the one that is listed holds within a continent"):
        found(traffic(source, target), row)


def test_within_another_continent_a_region_has_the_price_that_was_read_and_no_carried_one() -> None:
    to_west = traffic("japaneast", "japanwest")
    row = read(traffic("japaneast", ""), "0.082")._replace(unit="1 GB")
    price = found(to_west, row)
    assert (price.unit_price, price.origin) == (Decimal("0.082"), PriceOrigin.LISTED)
    with pytest.raises(PriceMissing, match="prices update --region japaneast"):
        found(to_west)
    with pytest.raises(PriceMissing, match="prices update --region japanwest"):
        found(traffic("japanwest", "japaneast"), row)


@pytest.mark.parametrize(
    ("source", "target", "dearest"),
    [
        ("westeurope", "eastus", "0.05"),
        ("eastus", "japaneast", "0.05"),
        ("japaneast", "japanwest", "0.08"),
        ("southafricanorth", "westeurope", "0.08"),
        ("brazilsouth", "southcentralus", "0.16"),
        ("westeurope", "northeurope", "0.02"),
    ],
)
def test_traffic_without_a_price_is_bounded_by_where_it_leaves(
    source: str, target: str, dearest: str
) -> None:
    known = Book([]).known_anywhere(traffic(source, target), "1 GB", "USD", TODAY)
    assert known == KnownPrices(Decimal("0.02"), Decimal(dearest))


def test_an_observed_price_of_the_source_region_comes_before_the_carried_one() -> None:
    row = read(traffic("westeurope", ""), "0.03")._replace(unit="1 GB")
    price = found(traffic("westeurope", "northeurope"), row)
    assert (price.unit_price, price.origin) == (Decimal("0.03"), PriceOrigin.LISTED)


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
