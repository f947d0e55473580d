"""An update as a whole: what it replaces, how it resumes, and that a failure changes nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from platformdirs import user_cache_dir
from retail_price_list import PriceList, some_of_every_service, status, text

from advisor.errors import AzureUnreachable, InputUnreadable, PriceMissing, UsageError
from advisor.model import Meter
from advisor.prices.book import Book
from advisor.prices.retail import Patience
from advisor.prices.saved import SAVED_NAME, cache_directory, load_book, read_parts
from advisor.prices.shipped import shipped_book
from advisor.prices.update import PARTIAL_NAME, PriceUpdate, UpdatedPrices, update_prices

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
FEE = Meter("Backup", "Backup", "Azure VM", "Azure VM Protected Instance", "westeurope")
GRS = Meter("Backup", "Backup", "Standard", "Standard GRS Data Stored", "westeurope")
SERVICES = 4


@pytest.fixture
def price_list() -> Iterator[PriceList]:
    with PriceList(some_of_every_service() + some_of_every_service("eastus")) as server:
        yield server


def wish(server: PriceList, directory: Path, *regions: str) -> PriceUpdate:
    return PriceUpdate(
        regions=regions or ("westeurope",),
        currency="USD",
        directory=directory,
        now=NOW,
        address=server.address,
        patience=Patience(attempts=2, first_wait_s=0.01, longest_wait_s=0.1),
    )


async def update(wanted: PriceUpdate) -> UpdatedPrices:
    return await update_prices(wanted, lambda finished, of: None)


def fee_usd(book: Book) -> Decimal:
    return book.price(FEE, "USD", TODAY).unit_price


async def test_fetched_prices_win_over_the_shipped_ones(
    price_list: PriceList, tmp_path: Path
) -> None:
    updated = await update(wish(price_list, tmp_path))
    assert (updated.prices, updated.resumed, updated.empty) == (5, 0, ())
    assert fee_usd(shipped_book()) == 10
    assert fee_usd(load_book(tmp_path)) == 11
    assert load_book(tmp_path).fetched_on("westeurope", "USD") == {
        "Azure Site Recovery": "2026-09-01",
        "Backup": "2026-09-01",
        "Bandwidth": "2026-09-01",
        "Storage": "2026-09-01",
    }
    assert load_book(tmp_path).as_of_for("westeurope", "USD") == "2026-09-01"


async def test_a_fetched_part_replaces_the_shipped_part_as_a_whole(
    price_list: PriceList, tmp_path: Path
) -> None:
    await update(wish(price_list, tmp_path))
    assert shipped_book().price(GRS, "USD", TODAY).unit_price == Decimal("0.0448")
    with pytest.raises(PriceMissing, match="fetched on 2026-09-01 does not have it either"):
        load_book(tmp_path).price(GRS, "USD", TODAY)


async def test_other_regions_and_currencies_keep_their_prices(
    price_list: PriceList, tmp_path: Path
) -> None:
    await update(wish(price_list, tmp_path))
    book, shipped = load_book(tmp_path), shipped_book()
    for region, currency in (("northeurope", "USD"), ("westeurope", "EUR")):
        assert book.quotes_of(region, currency) == shipped.quotes_of(region, currency)


async def test_a_second_update_keeps_the_parts_of_the_first(
    price_list: PriceList, tmp_path: Path
) -> None:
    await update(wish(price_list, tmp_path, "westeurope"))
    await update(wish(price_list, tmp_path, "eastus"))
    book = load_book(tmp_path)
    assert len(book.fetched_on("westeurope", "USD")) == SERVICES
    assert len(book.fetched_on("eastus", "USD")) == SERVICES


async def test_progress_is_told_part_by_part(price_list: PriceList, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    wanted = wish(price_list, tmp_path, "westeurope", "eastus")
    await update_prices(wanted, lambda finished, of: told.append((finished, of)))
    assert told == [(finished, 8) for finished in range(9)]


async def test_a_failed_update_leaves_the_old_book_whole(
    price_list: PriceList, tmp_path: Path
) -> None:
    await update(wish(price_list, tmp_path))
    before = (tmp_path / SAVED_NAME).read_bytes()
    price_list.faults.extend([status(500)] * 20)
    with pytest.raises(AzureUnreachable):
        await update(wish(price_list, tmp_path, "eastus"))
    assert (tmp_path / SAVED_NAME).read_bytes() == before


async def test_a_page_of_unknown_shape_leaves_the_old_book_whole(
    price_list: PriceList, tmp_path: Path
) -> None:
    await update(wish(price_list, tmp_path))
    before = (tmp_path / SAVED_NAME).read_bytes()
    price_list.faults.append(text('{"Items": [{}], "NextPageLink": null}'))
    with pytest.raises(InputUnreadable, match="The prices saved before are kept"):
        await update(wish(price_list, tmp_path, "eastus"))
    assert (tmp_path / SAVED_NAME).read_bytes() == before


async def test_an_update_cut_short_goes_on_where_it_was(
    price_list: PriceList, tmp_path: Path
) -> None:
    """Stop after three finished parts of eight; the next one asks only for those not kept.

    What the stopped update had sent may still arrive afterwards: those, too, are parts not kept,
    so the parts are compared and not the number of requests.
    """
    wanted = wish(price_list, tmp_path, "westeurope", "eastus")
    stopped = asyncio.Event()

    def stop_after_three(finished: int, of: int) -> None:
        if finished == 3:
            stopped.set()
            task.cancel()

    task = asyncio.create_task(update_prices(wanted, stop_after_three))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stopped.is_set()
    assert not (tmp_path / SAVED_NAME).exists()
    kept = len(read_parts(tmp_path / PARTIAL_NAME))
    assert 3 <= kept < 8
    price_list.requests.clear()
    updated = await update(wanted)
    asked = {request["$filter"] for request in price_list.requests}
    assert (updated.resumed, len(asked)) == (kept, 8 - kept)
    assert updated.prices == 10
    assert not (tmp_path / PARTIAL_NAME).exists()


async def test_parts_older_than_an_hour_are_fetched_anew(
    price_list: PriceList, tmp_path: Path
) -> None:
    wanted = wish(price_list, tmp_path, "westeurope", "nowhere")
    with pytest.raises(UsageError, match="no prices for a region called “nowhere”"):
        await update(wanted)
    price_list.requests.clear()
    for later, asked in ((timedelta(minutes=59), 0), (timedelta(minutes=61), 4)):
        again = replace(wish(price_list, tmp_path), now=NOW + later)
        (tmp_path / "kept").write_bytes((tmp_path / PARTIAL_NAME).read_bytes())
        await update(again)
        (tmp_path / "kept").rename(tmp_path / PARTIAL_NAME)
        assert len(price_list.requests) == asked


async def test_parts_of_another_price_list_are_not_resumed(
    price_list: PriceList, tmp_path: Path
) -> None:
    with pytest.raises(UsageError):
        await update(wish(price_list, tmp_path, "westeurope", "nowhere"))
    with PriceList(some_of_every_service()) as other:
        updated = await update(wish(other, tmp_path))
    assert updated.resumed == 0


async def test_a_damaged_unfinished_file_only_costs_its_requests(
    price_list: PriceList, tmp_path: Path
) -> None:
    (tmp_path / PARTIAL_NAME).write_text("{", encoding="utf-8")
    assert (await update(wish(price_list, tmp_path))).resumed == 0


async def test_a_region_without_a_single_price_changes_nothing(
    price_list: PriceList, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="az account list-locations"):
        await update(wish(price_list, tmp_path, "westeurop"))
    assert not (tmp_path / SAVED_NAME).exists()


async def test_a_service_that_comes_back_empty_replaces_nothing(
    price_list: PriceList, tmp_path: Path
) -> None:
    """The price list is known to drop rows for days; an empty answer is no price of 0."""
    await update(wish(price_list, tmp_path))
    saved = load_book(tmp_path)
    assert fee_usd(saved) == 11  # the shipped one is 10
    storage = {quote.key: quote.amount for quote in saved.quotes_of("westeurope", "USD")}
    price_list.rows = [row for row in price_list.rows if row["serviceName"] == "Bandwidth"]
    updated = await update(wish(price_list, tmp_path))
    assert {part.service for part in updated.empty} >= {"Backup", "Storage"}
    assert fee_usd(load_book(tmp_path)) == 11
    kept = {quote.key: quote.amount for quote in load_book(tmp_path).quotes_of("westeurope", "USD")}
    assert kept == storage


async def test_an_update_replaces_a_damaged_saved_file(
    price_list: PriceList, tmp_path: Path
) -> None:
    (tmp_path / SAVED_NAME).write_text("{", encoding="utf-8")
    assert (await update(wish(price_list, tmp_path))).replaced_damaged
    assert fee_usd(load_book(tmp_path)) == 11


async def test_a_folder_that_cannot_be_written_is_named(
    price_list: PriceList, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises((UsageError, InputUnreadable), match="file"):
        await update(wish(price_list, blocked / "cache"))


async def test_no_temporary_file_is_left_behind(price_list: PriceList, tmp_path: Path) -> None:
    await update(wish(price_list, tmp_path))
    assert sorted(os.listdir(tmp_path)) == [SAVED_NAME, "prices.lock"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"schema":1', '"schema":99', "$.schema"),
        ('"parts":[', '"parts":7,"rest":[', "$.parts"),
        ('"region":"westeurope"', '"region":null', "$.parts[0].region"),
        ('"fetched_at":"2026', '"fetched_at":"never', "$.parts[0].fetched_at"),
        ('+00:00"', '"', "$.parts[0].fetched_at"),
        ('"26"', '"cheap"', "$.parts[0].prices[0]"),
        ('"26"', '"-26"', "$.parts[0].prices[0]"),
        ('"26"', '"NaN"', "$.parts[0].prices[0]"),
        ('"26",', "", "$.parts[0].prices[0]"),
        ('"26"', "26", "$.parts[0].prices[0]"),
        ('"2020-08-01"', '"yesterday"', "$.parts[0].prices[0]"),
    ],
)
async def test_a_damaged_saved_file_names_itself_the_place_and_the_remedy(
    price_list: PriceList, tmp_path: Path, old: str, new: str, place: str
) -> None:
    await update(wish(price_list, tmp_path))
    path = tmp_path / SAVED_NAME
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputUnreadable) as refusal:
        load_book(tmp_path)
    assert (refusal.value.source, refusal.value.place) == (str(path), place)
    assert "Delete the file, or run `vmbackup prices update`" in str(refusal.value)


async def test_a_saved_file_cut_short_is_not_half_read(
    price_list: PriceList, tmp_path: Path
) -> None:
    await update(wish(price_list, tmp_path))
    path = tmp_path / SAVED_NAME
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputUnreadable, match="it is not JSON"):
        load_book(tmp_path)


def test_without_a_saved_file_the_book_is_the_shipped_one(tmp_path: Path) -> None:
    assert load_book(tmp_path).regions() == shipped_book().regions()
    assert load_book(tmp_path).price(FEE, "USD", date(2026, 9, 1)) == shipped_book().price(
        FEE, "USD", date(2026, 9, 1)
    )


def test_the_cache_is_the_users_own_or_the_folder_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VMBACKUP_CACHE_DIR", str(tmp_path))
    assert cache_directory() == tmp_path
    monkeypatch.delenv("VMBACKUP_CACHE_DIR")
    assert cache_directory().name == "vmbackup"


@pytest.mark.parametrize("cache_home", ["", "  ", "/srv/cache"])
def test_the_users_own_cache_is_where_other_programs_have_theirs(
    monkeypatch: pytest.MonkeyPatch, cache_home: str
) -> None:
    monkeypatch.delenv("VMBACKUP_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", cache_home)
    assert cache_directory() == Path(user_cache_dir("vmbackup", appauthor=False))
