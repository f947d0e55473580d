"""The Retail Prices API: filters, pages and rows as the API has them, from the shipped book."""

from __future__ import annotations

from datetime import date
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model import Meter
from advisor.options.meters import instance_fee, snapshot, vault_storage
from advisor.prices.book import PriceListPart
from advisor.prices.retail import Patience, checked_address, fetch_part
from advisor.prices.shipped import shipped_book
from deploy.local.azure.odata import FilterUnreadable, parsed_filter
from deploy.local.azure.retail import PATH, PriceList
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


async def test_the_product_reads_its_own_prices_back_over_every_page(azure: AzureStandIn) -> None:
    """Each service in each page size: what the shipped book says is what was fetched."""
    azure.world.part(PriceList).page_rows = 7
    origin = checked_address(azure.url)
    async with aiohttp.ClientSession() as session:
        for service in ("Backup", "Storage", "Azure Site Recovery"):
            part = PriceListPart("westeurope", "USD", service)
            quotes = await fetch_part(session, origin, part, Patience(attempts=1), azure.world.now)
            assert len(quotes) > 0
            known = {quote.key: quote for quote in quotes}
            for meter in _meters_of(service):
                price = shipped_book().price(meter, "USD", date(2026, 11, 1))
                found = known[next(key for key in known if key[:4] == meter[:4])]
                assert found.amount == price.unit_price


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
