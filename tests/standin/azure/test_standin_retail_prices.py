"""The Retail Prices API: filters, pages and rows as the API has them, from the played list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model import Meter
from advisor.options.meters import instance_fee, snapshot, vault_storage
from advisor.prices.book import Book, PriceListPart
from advisor.prices.retail import Patience, checked_address, fetch_part
from advisor.prices.scope import is_wanted
from deploy.local.azure.odata import FilterUnreadable, parsed_filter
from deploy.local.azure.price_figures import public_regions
from deploy.local.azure.price_rows import RATES, played_rows
from deploy.local.azure.retail import PATH, PriceList, rates_on
from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.shape_of import differences, example

FIELDS = ("serviceName", "armRegionName", "meterName")
DISK = {"serviceName": "Storage", "armRegionName": "westeurope", "meterName": "P10 LRS Disk"}
BACKUP_HERE = "serviceName eq 'Backup' and armRegionName eq 'westeurope'"


async def listed(azure: AzureStandIn, **parameters: str) -> tuple[int, Any]:
    """Without a token: the API needs none."""
    async with (
        aiohttp.ClientSession(azure.url) as session,
        session.get(PATH, params=parameters) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_page_is_wrapped_as_the_api_wraps_it(azure: AzureStandIn) -> None:
    status, page = await listed(azure, **{"$filter": BACKUP_HERE})
    assert status == 200
    assert page["BillingCurrency"] == "USD"
    assert page["NextPageLink"] is None
    assert page["Count"] == len(page["Items"]) > 3
    assert {item["armRegionName"] for item in page["Items"]} == {"westeurope"}
    assert {item["serviceName"] for item in page["Items"]} == {"Backup"}


async def test_a_row_has_the_fields_and_types_of_a_real_one(azure: AzureStandIn) -> None:
    wanted = example("../prices/samples/retail-api-items.json")[0]
    _, page = await listed(azure)
    for item in page["Items"]:
        assert differences(wanted, item) == []


async def test_pages_of_a_hundred_lead_to_every_row_once(azure: AzureStandIn) -> None:
    rows = [row for row in azure.world.part(PriceList).rows if row["currencyCode"] == "USD"]
    _, page = await listed(azure)
    seen, sizes = list(page["Items"]), [page["Count"]]
    async with aiohttp.ClientSession() as session:
        while page["NextPageLink"]:
            async with session.get(page["NextPageLink"]) as answer:
                page = await answer.json()
            seen += page["Items"]
            sizes.append(page["Count"])
    assert seen == rows
    assert set(sizes[:-1]) == {100}


async def test_the_product_reads_the_played_prices_over_every_page(azure: AzureStandIn) -> None:
    """What is fetched is what the list bills, and what the shipped book cannot know."""
    azure.world.part(PriceList).page_rows = 7
    origin = checked_address(azure.url)
    async with aiohttp.ClientSession() as session:
        for service in ("Backup", "Storage", "Azure Site Recovery"):
            part = PriceListPart("westeurope", "USD", service)
            quotes = await fetch_part(session, origin, part, Patience(attempts=1), azure.world.now)
            assert len(quotes) > 0
            known = {quote.key: quote for quote in quotes}
            billed = rates_on(azure.world.part(PriceList).rows, azure.world.now.date())
            for meter in _meters_of(service):
                found = known[next(key for key in known if key[:4] == meter[:4])]
                assert found.amount == billed[tuple(meter[:5])].price


def _meters_of(service: str) -> list[Meter]:
    here = "westeurope"
    return {
        "Backup": [instance_fee(here), vault_storage("lrs", here)],
        "Storage": [snapshot("Standard", "ZRS", here)],
    }.get(service, [])


@pytest.mark.parametrize(
    "parameters",
    [
        {"$filter": "serviceName eq"},
        {"$filter": "serviceName is 'Backup'"},
        {"$filter": "nobody eq 'x'"},
        {"$filter": "(serviceName eq 'Backup'"},
        {"$filter": "serviceName eq 'Backup' armRegionName eq 'x'"},
        {"$skip": "100000"},
        {"$skip": "-1"},
        {"currencyCode": "dollars"},
    ],
)
async def test_what_cannot_be_read_is_a_400(
    azure: AzureStandIn, parameters: dict[str, str]
) -> None:
    status, body = await listed(azure, **parameters)
    assert (status, body["Error"]["Code"]) == (400, "BadRequest")


async def test_values_are_case_sensitive_from_2023_on(azure: AzureStandIn) -> None:
    asked = {"$filter": "serviceName eq 'BACKUP'"}
    _, older = await listed(azure, **asked)
    _, newer = await listed(azure, **asked, **{"api-version": "2023-01-01-preview"})
    assert older["Count"] > 0
    assert newer["Count"] == 0


async def test_another_currency_has_its_own_rows(azure: AzureStandIn) -> None:
    _, page = await listed(azure, currencyCode="'EUR'")
    assert page["BillingCurrency"] == "EUR"
    assert {item["currencyCode"] for item in page["Items"]} == {"EUR"}


async def test_every_currency_of_the_list_is_a_conversion_of_the_same_rows(
    azure: AzureStandIn,
) -> None:
    asked = {"$filter": f"{BACKUP_HERE} and meterName eq 'Standard LRS Data Stored'"}
    for currency, rate in RATES.items():
        _, page = await listed(azure, currencyCode=f"'{currency}'", **asked)
        [row] = page["Items"]
        assert row["currencyCode"] == currency
        assert row["retailPrice"] == pytest.approx(0.0224 * float(rate), rel=1e-3)
    _, page = await listed(azure, currencyCode="'XAU'", **asked)
    assert page["Items"] == []


async def test_meters_of_several_products_come_with_one_filter(azure: AzureStandIn) -> None:
    meters = {
        ("Premium SSD Managed Disks", "P10 LRS Disk"),
        ("Standard HDD Managed Disks", "ZRS Snapshots"),
        ("Backup", "Standard GRS Data Stored"),
    }
    each = " or ".join(
        f"(productName eq '{product}' and (meterName eq '{meter}'))" for product, meter in meters
    )
    place = "armRegionName eq 'japaneast' and priceType eq 'Consumption'"
    _, page = await listed(azure, **{"$filter": f"{place} and ({each})"})
    found = {
        (row["productName"], row["meterName"])
        for row in page["Items"]
        if row["isPrimaryMeterRegion"]
    }
    assert found == meters
    assert {row["armRegionName"] for row in page["Items"]} == {"japaneast"}


# --- the played list -------------------------------------------------------------------------


def billed_meters(region: str) -> set[tuple[str, str]]:
    """(product, meter) of what the list bills in a region today."""
    rates = rates_on(played_rows(), date(2026, 11, 22))
    return {(key[1], key[3]) for key in rates if key[4] == region}


def test_every_public_region_has_what_it_offers_and_nothing_else() -> None:
    """South India has no zones, Qatar Central no pair, Brazil Southeast no zones and a pair."""
    everywhere = {
        ("Backup", "Azure VM Protected Instance"),
        ("Backup", "Standard LRS Data Stored"),
        ("Azure Site Recovery", "VM Replicated to Azure"),
        ("Rtn Preference: MGN", "Standard Inter-Region Data Transfer"),
        ("Premium Block Blob", "Premium LRS Data Stored"),
        ("Ultra Disks", "Ultra LRS Provisioned IOPS"),
    }
    for where in public_regions():
        assert everywhere <= billed_meters(where.name)
    for region, meter, offered in (
        ("southindia", "Standard ZRS Data Stored", False),
        ("southindia", "Standard GRS Data Stored", True),
        ("qatarcentral", "Standard ZRS Data Stored", True),
        ("qatarcentral", "Standard RA-GRS Data Stored", False),
    ):
        assert (("Backup", meter) in billed_meters(region)) is offered
    assert ("Premium SSD Managed Disks", "P10 ZRS Disk") not in billed_meters("southindia")
    assert ("Standard SSD Managed Disks", "Snapshots ZRS Snapshots") in billed_meters("eastus")


def test_the_figures_are_none_that_the_product_could_have_worked_out() -> None:
    """Fees differ by region, redundancies stand to LRS at other rates, snapshots follow no disk."""
    rates = rates_on(played_rows(), date(2026, 11, 22))

    def price(product: str, sku: str, meter: str, region: str = "japaneast") -> Decimal:
        service = product if product == "Backup" else "Storage"
        return rates[service, product, sku, meter, region].price

    fee = ("Backup", "Azure VM", "Azure VM Protected Instance")
    assert len({price(*fee, where.name) for where in public_regions()}) > 20
    lrs = price("Backup", "Standard", "Standard LRS Data Stored")
    for copies, times in (("ZRS", "1.25"), ("GRS", "2.00"), ("RA-GRS", "2.54")):
        stored = price("Backup", "Standard", f"Standard {copies} Data Stored")
        assert abs(stored / lrs - Decimal(times)) > Decimal("0.01")
    hdd = ("Standard HDD Managed Disks", "Snapshots LRS", "LRS Snapshots")
    assert price(*hdd, "eastus2") != Decimal("0.05")


def test_the_traps_of_the_real_list_are_there() -> None:
    """Each makes a reader that does not know it take a wrong price."""
    here = [row for row in played_rows() if row["armRegionName"] == "westeurope"]
    assert {row["type"] for row in here} == {"Consumption", "DevTestConsumption", "Reservation"}
    assert any(not row["isPrimaryMeterRegion"] for row in here)
    ends = [row["effectiveEndDate"] for row in here if "effectiveEndDate" in row]
    assert any(end > row["effectiveStartDate"] for row in here for end in ends)
    assert any(row["effectiveStartDate"] > "2030" for row in here)
    assert any(row.get("effectiveEndDate", "9") < row["effectiveStartDate"] for row in here)
    steps = [row["tierMinimumUnits"] for row in here if row["meterName"] == "Hot LRS Data Stored"]
    assert len(steps) == 3
    assert steps != sorted(steps)
    assert any(row["retailPrice"] == 0 for row in here)
    assert "Snapshots LRS Snapshots" in {row["meterName"] for row in here}
    whole = [row["retailPrice"] for row in here if row.get("reservationTerm") == "3 Years"]
    assert min(whole) > 10_000


async def test_no_trap_reaches_what_the_product_fetches(azure: AzureStandIn) -> None:
    """The day after a price changed and the day before give each its own price."""
    origin = checked_address(azure.url)
    rows = azure.world.part(PriceList).rows
    part = PriceListPart("westeurope", "USD", "Storage")
    async with aiohttp.ClientSession() as session:
        quotes = await fetch_part(session, origin, part, Patience(attempts=1), azure.world.now)
    book = Book(quotes)
    for day in (date(2026, 10, 31), date(2026, 11, 1), date(2032, 1, 1)):
        for key, rate in rates_on(rows, day).items():
            if key[0] == "Storage" and key[4] == "westeurope" and is_wanted(*key[:4]):
                price = book.price(Meter(*key), "USD", day)
                assert (price.unit, price.unit_price) == rate, (key, day)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("meterName eq 'P10 LRS Disk'", True),
        ("meterName eq 'P10' or serviceName eq 'Storage'", True),
        ("meterName eq 'P10' or serviceName eq 'Backup' and armRegionName eq 'westeurope'", False),
        ("(meterName eq 'P10' or serviceName eq 'Storage') and armRegionName eq 'eastus'", False),
        ("contains(meterName, 'LRS') and not startswith(meterName, 'E')", True),
        ("endswith(meterName, 'Mount')", False),
        ("serviceName ne 'Backup'", True),
        ("not (serviceName ne 'Backup' and armRegionName ne 'eastus')", False),
    ],
)
def test_and_binds_closer_than_or_and_brackets_closest(text: str, kept: bool) -> None:
    assert parsed_filter(text, FIELDS, is_exact=True)(DISK) is kept


@given(st.text(max_size=60))
def test_a_quoted_text_is_only_ever_a_value(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    keeps = parsed_filter(f"meterName eq {quoted} or meterName ne {quoted}", FIELDS, is_exact=True)
    assert keeps(DISK)
    assert keeps(DISK | {"meterName": text})


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    try:
        keeps = parsed_filter(text, FIELDS, is_exact=False)
    except FilterUnreadable:
        return
    assert keeps(DISK) in (True, False)
