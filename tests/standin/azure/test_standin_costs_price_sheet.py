"""The price sheet: accepted, waited for, downloaded, in the columns of each agreement."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from deploy.local.azure.price_sheet import DISCOUNT, sheet_text
from deploy.local.azure.retail import PriceList
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from tests.standin.azure.fleet_azure import client_of, get, post, running_fleet
from tests.standin.azure.shape_of import differences, example

_DOWNLOAD = "providers/Microsoft.CostManagement/pricesheets/default/download?api-version=2025-03-01"
ENROLMENT = "/providers/Microsoft.Billing/billingAccounts/100/billingPeriods/202611"
PROFILE = "/providers/Microsoft.Billing/billingAccounts/7c05:99ad_2019/billingProfiles/2USN"


async def fetched(url: str) -> list[dict[str, str]]:
    """The rows behind an address that needs no token."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/csv"
        return list(csv.DictReader(io.StringIO(await answer.text())))


async def download(azure: AzureStandIn, scope: str) -> tuple[Any, list[dict[str, str]]]:
    status, body, headers = await post(azure, f"{scope}/{_DOWNLOAD}", {})
    assert (status, body) == (202, None)
    status, body, _ = await get(azure, headers["Location"].removeprefix(azure.url))
    assert status == 200
    url = body.get("downloadUrl") or body["properties"]["downloadUrl"]
    return body, await fetched(url)


async def test_an_enrolments_sheet_comes_in_blocks_rounded_to_cents(azure: AzureStandIn) -> None:
    body, rows = await download(azure, ENROLMENT)
    assert body["status"] == "Completed"
    (row,) = [
        row
        for row in rows
        if (row["MeterName"], row["MeterRegion"]) == ("Standard LRS Data Stored", "West Europe")
    ]
    assert row["UnitOfMeasure"] == "100 GB/Month"
    assert Decimal(row["MarketPrice"]) == Decimal("2.24")
    assert Decimal(row["UnitPrice"]) == (Decimal("2.24") * (1 - DISCOUNT)).quantize(Decimal("0.01"))


async def test_a_customer_agreements_sheet_has_the_prices_as_they_are(azure: AzureStandIn) -> None:
    body, rows = await download(azure, PROFILE)
    assert set(body) == {"downloadUrl", "expiryTime"}
    assert {row["UnitOfMeasure"] for row in rows} >= {"1 GB/Month", "1/Month"}
    assert {row["BillingProfileId"] for row in rows} == {"2USN"}
    assert all(Decimal(row["UnitPrice"]) <= Decimal(row["MarketPrice"]) for row in rows)


@pytest.mark.parametrize(
    ("profile", "sample"),
    [("", "price-sheet-columns-ea.json"), ("2USN", "price-sheet-columns-mca.json")],
)
def test_the_columns_are_those_of_the_real_sheets(profile: str, sample: str) -> None:
    mappings = example(f"../prices/samples/{sample}")["translator"]["mappings"]
    wanted = [mapping["source"]["name"] for mapping in mappings]
    columns = next(csv.reader(io.StringIO(sheet_text("100", profile, []))))
    assert set(wanted) == set(columns)


async def test_the_sdk_waits_for_the_sheet_and_types_its_address() -> None:
    from azure.mgmt.costmanagement.aio import CostManagementClient

    async with running_fleet(World(pace=0.05, retry_after_seconds=0)) as azure:
        async with client_of(azure, CostManagementClient) as client:
            poller = await client.price_sheet.begin_download_by_billing_profile("100", "2USN")
            result = await poller.result()
        rows = await fetched(result.download_url)
        assert azure.counts["PriceSheet_Result"] >= 1
    assert len(rows) > 100


async def test_until_it_is_ready_the_answer_is_202() -> None:
    async with running_fleet(World(pace=1.0)) as azure:
        _, _, headers = await post(azure, f"{PROFILE}/{_DOWNLOAD}", {})
        where = headers["Location"].removeprefix(azure.url)
        status, _, again = await get(azure, where)
        assert (status, "Retry-After" in again) == (202, True)
        azure.world.forward(timedelta(seconds=5))
        assert (await get(azure, where))[0] == 200


async def test_an_address_is_good_for_an_hour_and_a_guessed_one_never(azure: AzureStandIn) -> None:
    body, _ = await download(azure, PROFILE)
    azure.world.forward(timedelta(hours=2))
    assert (await get(azure, body["downloadUrl"].removeprefix(azure.url)))[0] == 403
    assert (await get(azure, "/pricesheets/guess.csv"))[0] == 404


async def test_the_answers_have_the_shapes_of_azures_examples(azure: AzureStandIn) -> None:
    for scope, name in (
        (ENROLMENT, "EAPriceSheetForBillingPeriod"),
        (PROFILE, "newest/PricesheetDownloadByBillingProfile"),
    ):
        wanted = example(f"examples/costmanagement/{name}.json")["responses"]
        _, _, headers = await post(azure, f"{scope}/{_DOWNLOAD}", {})
        body, _ = await download(azure, scope)
        assert differences(wanted["200"]["body"], body) == []
        assert set(wanted["202"]["headers"]) <= set(headers)


async def test_the_sheet_and_the_price_list_are_of_the_same_meters(azure: AzureStandIn) -> None:
    _, rows = await download(azure, ENROLMENT)
    listed = [
        row
        for row in azure.world.part(PriceList).rows
        if row["currencyCode"] == "USD" and row["isPrimaryMeterRegion"]
    ]
    assert [row["MeterID"] for row in rows] == [row["meterId"] for row in listed]
