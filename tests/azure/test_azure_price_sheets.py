"""A price sheet that Azure makes: asked for, waited for, downloaded; whole or not at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from advisor.azure.connection import AzureConnection
from advisor.azure.price_sheets import Agreement, PriceSheets, agreement_of
from advisor.errors import AzureRefused, AzureUnreachable, UsageError
from advisor.options.meters import instance_fee
from advisor.prices.book import Book
from advisor.prices.own import OwnPrices
from advisor.prices.sheet import SheetKind, read_sheet, sheet_text
from advisor.prices.shipped import shipped_book, shipped_quotes
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.faults import Fault, Kind
from tests.standin.azure.running_azure import AsyncToken
from tests.wire.arm_server import StaticCredential

ENROLMENT = Agreement("1234567", period="202611")
PROFILE = Agreement("aaaa-bbbb:cccc_2019-05-31", "AB12-CD34")
DOWNLOAD, RESULT, FILE = (
    "PriceSheet_DownloadByBilling*",
    "PriceSheet_Result",
    "PriceSheet_File",
)


@asynccontextmanager
async def sheets(world: World | None = None) -> AsyncIterator[tuple[AzureStandIn, PriceSheets]]:
    world = world or World(pace=0.0, retry_after_seconds=0)
    async with (
        AzureStandIn(world) as azure,
        AzureConnection(
            credential=AsyncToken(world), base_url=azure.url, allow_plain_http=True
        ) as connection,
    ):
        yield azure, PriceSheets(connection)


@pytest.mark.parametrize(("of", "kind"), [(ENROLMENT, SheetKind.EA), (PROFILE, SheetKind.MCA)])
async def test_the_sheet_of_either_agreement_becomes_ones_own_prices(
    of: Agreement, kind: SheetKind
) -> None:
    """An enrolment's in blocks of units and cents, a profile's by the unit."""
    async with sheets() as (_, reading):
        content = await reading.download(of)
    text = sheet_text(content, of.words)
    found = read_sheet(text, of.words, shipped_book().keys, date(2026, 11, 30))
    assert found.kind is kind
    own = OwnPrices(found.kind.value, of.words, datetime(2026, 11, 30, tzinfo=UTC), found.quotes)
    book = Book(shipped_quotes(), own=own)
    price = book.price(instance_fee("westeurope"), "USD", date(2026, 11, 30))
    assert price.unit_price == Decimal("9.2")
    assert of.words in own.words


async def test_it_is_waited_for_as_long_as_azure_makes_it() -> None:
    async with sheets(World(pace=0.2, retry_after_seconds=0)) as (azure, reading):
        assert await reading.download(PROFILE)
        assert azure.counts[RESULT] >= 2


@pytest.mark.parametrize(
    ("message", "needed"),
    [
        ("", "It needs Microsoft.CostManagement/pricesheets/download/action."),
        ("Access denied.", "It needs a reader of the billing profile (MCA), or an enterprise"),
    ],
)
@pytest.mark.parametrize("of", [ENROLMENT, PROFILE])
async def test_without_rights_the_sentence_says_which_ones_are_missing(
    of: Agreement, message: str, needed: str
) -> None:
    async with sheets() as (azure, reading):
        kind = Kind.STATUS if message else Kind.FORBIDDEN
        azure.faults.add(Fault(kind, operation=DOWNLOAD, status=403, message=message))
        with pytest.raises(AzureRefused) as caught:
            await reading.download(of)
    assert f"the price sheet {of.words}" in str(caught.value)
    assert needed in str(caught.value)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [(DOWNLOAD, Kind.DROP), (RESULT, Kind.DROP), (FILE, Kind.DROP), (FILE, Kind.CUT)],
)
async def test_a_sheet_that_broke_off_is_none(operation: str, kind: Kind) -> None:
    async with sheets() as (azure, reading):
        azure.faults.add(Fault(kind, operation=operation, times=None))
        with pytest.raises(AzureUnreachable, match="the price sheet of billing profile AB12-CD34"):
            await reading.download(PROFILE)


async def test_an_address_that_is_no_longer_valid_is_said_to_be_asked_for_anew() -> None:
    async with sheets() as (azure, reading):
        azure.faults.add(Fault(Kind.STATUS, operation=FILE, status=403))
        with pytest.raises(AzureRefused, match="answered with 403"):
            await reading.download(PROFILE)


@pytest.mark.parametrize("address", ["http://example.org/a.csv", "ftp://h/a", "", None])
async def test_an_address_that_is_not_https_is_never_fetched(address: str | None) -> None:
    async def made(request: web.Request) -> web.Response:
        return web.json_response({"downloadUrl": address} if address is not None else {})

    async with at(made) as connection:
        with pytest.raises(AzureUnreachable, match=r"not https|does not say where"):
            await PriceSheets(connection).download(PROFILE)


SHARED = Path(__file__).parents[3] / "shared/azure-rest/examples/costmanagement"


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("EAPriceSheetForBillingPeriod", ENROLMENT),
        ("PricesheetDownloadByBillingProfile", PROFILE),
    ],
)
async def test_the_published_answers_lead_to_the_file_by_the_address_as_it_is_signed(
    name: str, of: Agreement
) -> None:
    path = SHARED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    told = json.loads(path.read_text(encoding="utf-8"))["responses"]
    location, body = urlsplit(told["202"]["headers"]["Location"]), told["200"]["body"]
    inner = body.get("properties", body)
    signed = urlsplit(inner["downloadUrl"])
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        base = f"http://{request.host}"
        if request.method == "POST":
            where = {"Location": f"{base}{location.path}?{location.query}", "Retry-After": "0"}
            return web.Response(status=202, headers=where)
        if "operationResults" in request.path:
            inner["downloadUrl"] = f"{base}{signed.path}?{signed.query}"
            return web.json_response(body)
        asked.append(request.raw_path)
        assert "Authorization" not in request.headers
        return web.Response(body=b"the sheet")

    async with at(answer) as connection:
        assert await PriceSheets(connection).download(of) == b"the sheet"
    assert asked == [f"{signed.path}?{signed.query}"]


@asynccontextmanager
async def at(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[Any]:
    """A connection to a server on this machine that answers everything so."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with AzureConnection(
            credential=StaticCredential(), base_url=url, allow_plain_http=True
        ) as connection:
            yield connection
    finally:
        await runner.cleanup()


def test_what_is_no_agreement_is_refused_before_azure_is_asked() -> None:
    assert agreement_of("1234567", "", "202611") == ENROLMENT
    with pytest.raises(UsageError, match="no billing period"):
        agreement_of("1234567", "", "2026-11")
    with pytest.raises(UsageError, match="--billing-account"):
        agreement_of("1234567/../x", "", "202611")
    with pytest.raises(UsageError, match="--billing-profile"):
        agreement_of("1234567", "a b", "202611")
