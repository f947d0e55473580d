"""The live price list over the wire: pages, throttling, faults, and shapes nobody knows."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from retail_price_list import (
    PriceList,
    cut,
    envelope,
    row,
    some_of_every_service,
    status,
    text,
)

from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    InputUnreadable,
    PriceMissing,
    UsageError,
)
from advisor.model import Meter
from advisor.prices.book import Book, PriceListPart
from advisor.prices.quote import Quote
from advisor.prices.retail import Patience, checked_address, fetch_part

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
BACKUP = PriceListPart("westeurope", "USD", "Backup")
STORAGE = PriceListPart("westeurope", "USD", "Storage")
PATIENT = Patience(attempts=4, first_wait_s=0.01, longest_wait_s=1.0)


@pytest.fixture
def price_list() -> Iterator[PriceList]:
    with PriceList(some_of_every_service()) as server:
        yield server


async def fetch(server: PriceList, part: PriceListPart = BACKUP) -> tuple[Quote, ...]:
    async with aiohttp.ClientSession() as session:
        return await fetch_part(session, checked_address(server.address), part, PATIENT, NOW)


def vault(copies: str, price: float, **other: Any) -> dict[str, Any]:
    return row("Backup", "Backup", "Standard", f"Standard {copies} Data Stored", price, **other)


async def test_only_the_meters_in_use_are_taken_with_exact_amounts(price_list: PriceList) -> None:
    found = {quote.key.meter: quote for quote in await fetch(price_list)}
    assert set(found) == {"Standard LRS Data Stored", "Azure VM Protected Instance"}
    assert found["Standard LRS Data Stored"].amount == Decimal("0.03")
    assert found["Standard LRS Data Stored"].true_on == "2026-09-01"
    assert found["Standard LRS Data Stored"].starts == "2020-08-01"


async def test_the_day_on_which_a_price_ends_is_kept_and_no_end_is_none(
    price_list: PriceList,
) -> None:
    price_list.rows = [
        vault("LRS", 0.03, effectiveEndDate="2026-09-30T23:59:59Z"),
        vault("ZRS", 0.04),
    ]
    ends = {quote.key.meter: quote.ends for quote in await fetch(price_list)}
    assert ends == {"Standard LRS Data Stored": "2026-09-30", "Standard ZRS Data Stored": ""}


async def test_the_query_is_narrowed_to_service_region_consumption_and_products(
    price_list: PriceList,
) -> None:
    await fetch(price_list, PriceListPart("westeurope", "USD", "Bandwidth"))
    (query,) = price_list.requests
    assert price_list.paths == ["/api/retail/prices"]
    assert query == {
        "currencyCode": "'USD'",
        "$filter": (
            "serviceName eq 'Bandwidth' and armRegionName eq 'westeurope' "
            "and priceType eq 'Consumption' and (productName eq 'Rtn Preference: MGN')"
        ),
    }


async def test_every_page_is_read(price_list: PriceList) -> None:
    price_list.rows = [vault(copies, 1) for copies in ("LRS", "ZRS", "GRS", "RA-GRS")]
    price_list.page_size = 3
    assert len(await fetch(price_list)) == 4
    assert [query.get("$skip") for query in price_list.requests] == [None, "3"]


async def test_throttling_waits_as_long_as_retry_after_says(price_list: PriceList) -> None:
    price_list.faults.append(status(429, Retry_After="1"))
    started = time.monotonic()
    assert len(await fetch(price_list)) == 2
    assert time.monotonic() - started >= 1.0
    assert len(price_list.requests) == 2


async def test_a_retry_after_of_an_hour_is_cut_to_the_longest_wait(price_list: PriceList) -> None:
    price_list.faults.append(status(429, Retry_After="3600"))
    async with asyncio.timeout(60):
        await fetch(price_list)


async def test_a_retry_after_as_a_date_in_the_past_waits_no_more(price_list: PriceList) -> None:
    price_list.faults.append(status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"))
    assert len(await fetch(price_list)) == 2


async def test_throttling_without_end_is_refused_by_name(price_list: PriceList) -> None:
    price_list.faults.extend([status(429, Retry_After="0")] * 4)
    with pytest.raises(AzureRefused, match=r"page 1 of Backup in westeurope.* 429"):
        await fetch(price_list)
    assert len(price_list.requests) == 4


@pytest.mark.parametrize("code", [500, 502, 503])
async def test_a_server_error_is_tried_again(price_list: PriceList, code: int) -> None:
    price_list.faults.append(status(code))
    assert len(await fetch(price_list)) == 2


async def test_server_errors_without_end_are_azure_out_of_reach(price_list: PriceList) -> None:
    price_list.faults.extend([status(503)] * 4)
    with pytest.raises(AzureUnreachable, match="it answered 503, 4 times"):
        await fetch(price_list)


async def test_a_cut_connection_is_tried_again(price_list: PriceList) -> None:
    price_list.faults.append(cut)
    assert len(await fetch(price_list)) == 2


async def test_connections_cut_without_end_are_azure_out_of_reach(price_list: PriceList) -> None:
    price_list.faults.extend([cut] * 40)
    with pytest.raises(AzureUnreachable, match="page 1 of Backup in westeurope"):
        await fetch(price_list)


async def test_nobody_listening_is_azure_out_of_reach() -> None:
    with PriceList([]) as gone:
        pass
    with pytest.raises(AzureUnreachable):
        await fetch(gone)


async def test_a_bad_request_is_refused_and_not_tried_again(price_list: PriceList) -> None:
    price_list.faults.append(status(400))
    with pytest.raises(AzureRefused, match="the price list answered 400"):
        await fetch(price_list)
    assert len(price_list.requests) == 1


async def test_a_redirect_is_not_followed(price_list: PriceList) -> None:
    price_list.faults.append(status(302, Location=f"{price_list.address}/elsewhere"))
    with pytest.raises(AzureRefused, match="302"):
        await fetch(price_list)
    assert price_list.paths == ["/api/retail/prices"]


@pytest.mark.parametrize(
    ("damage", "key"),
    [
        ({"retailPrice": "cheap"}, "retailPrice"),
        ({"retailPrice": -1}, "retailPrice"),
        ({"retailPrice": None}, "retailPrice"),
        ({"meterName": 7}, "meterName"),
        ({"tierMinimumUnits": None}, "tierMinimumUnits"),
        ({"effectiveStartDate": "soon"}, "effectiveStartDate"),
        ({"unitOfMeasure": ""}, "unitOfMeasure"),
        ({"armRegionName": "eastus"}, "armRegionName"),
        ({"serviceName": "Storage"}, "serviceName"),
        ({"currencyCode": "EUR"}, "currencyCode"),
    ],
)
async def test_a_row_of_unknown_shape_names_page_index_and_key(
    price_list: PriceList, damage: dict[str, Any], key: str
) -> None:
    second = envelope([vault("LRS", 1), {**vault("ZRS", 1), **damage}], None)
    first = f"{price_list.address}/api/retail/prices?$skip=1"
    price_list.faults.extend([lambda _: envelope([vault("GRS", 1)], first), lambda _: second])
    with pytest.raises(InputUnreadable) as refusal:
        await fetch(price_list)
    assert refusal.value.place == f"page 2 of Backup in westeurope, $.Items[1].{key}"


async def test_a_missing_key_is_named(price_list: PriceList) -> None:
    damaged = vault("LRS", 1)
    del damaged["skuName"]
    price_list.faults.append(lambda _: envelope([damaged], None))
    with pytest.raises(InputUnreadable, match=r"page 1 of .*\$\.Items\[0\]\.skuName"):
        await fetch(price_list)


@pytest.mark.parametrize("body", ["[]", "{}", '{"Items": [], "Count": 0}', '{"Items": {}}'])
async def test_a_page_of_unknown_shape_is_not_believed(price_list: PriceList, body: str) -> None:
    price_list.faults.append(text(body))
    with pytest.raises(InputUnreadable, match="page 1 of Backup in westeurope"):
        await fetch(price_list)


async def test_a_page_cut_short_is_not_believed(price_list: PriceList) -> None:
    whole = json.dumps({"Items": [vault("LRS", 1)], "NextPageLink": None})
    price_list.faults.append(text(whole[:-20]))
    with pytest.raises(InputUnreadable, match="it is not JSON"):
        await fetch(price_list)


@pytest.mark.parametrize(
    "link",
    ["http://127.0.0.1:1/api/retail/prices", "https://example.com/api/retail/prices", "/next"],
)
async def test_a_next_page_on_another_host_is_not_followed(
    price_list: PriceList, link: str
) -> None:
    price_list.faults.append(lambda _: envelope([vault("LRS", 1)], link))
    with pytest.raises(InputUnreadable, match=r"page 1 .*NextPageLink: it leads away"):
        await fetch(price_list)
    assert len(price_list.requests) == 1


async def test_pages_that_go_round_in_circles_end_in_an_error(price_list: PriceList) -> None:
    link = f"{price_list.address}/api/retail/prices?$skip=1"
    price_list.faults.extend([lambda _: envelope([vault("LRS", 1)], link)] * 3)
    with pytest.raises(InputUnreadable, match=r"page 2 .*it leads back"):
        await fetch(price_list)


async def test_a_default_port_written_out_is_the_same_host() -> None:
    """The API writes its next links as https://prices.azure.com:443/..."""
    written = checked_address("https://prices.azure.com:443")
    assert written.port == checked_address("https://prices.azure.com").port


@pytest.mark.parametrize(
    "address", ["http://prices.azure.com", "ftp://127.0.0.1", "prices.azure.com", "http://", ""]
)
def test_plain_http_is_for_loopback_only(address: str) -> None:
    with pytest.raises(UsageError):
        checked_address(address)


@pytest.mark.parametrize("address", ["http://localhost:80", "http://127.0.0.1:8", "http://[::1]:8"])
def test_plain_http_to_loopback_is_allowed(address: str) -> None:
    assert checked_address(address).scheme == "http"


async def test_of_a_meter_listed_twice_the_primary_region_counts(price_list: PriceList) -> None:
    price_list.rows = [vault("LRS", 2, isPrimaryMeterRegion=False), vault("LRS", 1)]
    assert [quote.amount for quote in await fetch(price_list)] == [Decimal(1)]


async def test_reservations_and_devtest_rows_are_never_prices(price_list: PriceList) -> None:
    """Not even where the list gives what was not asked for."""
    rows = [
        vault("LRS", 236760, type="Reservation", reservationTerm="1 Year"),
        vault("ZRS", 1, type="DevTestConsumption"),
    ]
    price_list.faults.append(lambda _: envelope(rows, None))
    assert await fetch(price_list) == ()
    assert not price_list.faults


async def test_fetched_tiers_and_future_prices_are_looked_up_by_day(price_list: PriceList) -> None:
    names = ("Storage", "General Block Blob v2", "Hot LRS", "Hot LRS Data Stored")
    price_list.rows = [
        row(*names, 0.017, tierMinimumUnits=51200.0),
        row(*names, 0.018),
        row(*names, 0.02, effectiveStartDate="2026-10-01T00:00:00Z"),
    ]
    book = Book(await fetch(price_list, STORAGE))
    meter = Meter(*names, "westeurope")
    now = book.price(meter, "USD", date(2026, 9, 1)).tiers
    assert now == ((0, Decimal("0.018")), (51200, Decimal("0.017")))
    assert book.price(meter, "USD", date(2026, 10, 1)).unit_price == Decimal("0.02")


async def test_a_fetched_price_that_ends_is_not_used_after_its_last_day(
    price_list: PriceList,
) -> None:
    names = ("Storage", "General Block Blob v2", "Hot LRS", "Hot LRS Data Stored")
    price_list.rows = [
        row(*names, 0.02, effectiveEndDate="2026-09-30T00:00:00Z"),
        row(*names, 0.03, effectiveStartDate="2026-10-01T00:00:00Z"),
    ]
    quotes = await fetch(price_list, STORAGE)
    assert sorted(quote.ends for quote in quotes) == ["", "2026-09-30"]
    book, meter = Book(quotes), Meter(*names, "westeurope")
    for day, amount in (((2026, 9, 30), "0.02"), ((2026, 10, 1), "0.03")):
        assert book.price(meter, "USD", date(*day)).unit_price == Decimal(amount)
    ended = Book([quote for quote in quotes if quote.ends])
    with pytest.raises(PriceMissing):
        ended.price(meter, "USD", date(2026, 10, 1))
