"""The keeper: how long it remembers, what it does in a hurry, and that no process loses prices."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote as as_in_an_address

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from retail_price_list import Hangs, PriceList, row, some_of_every_service, status

from advisor.model import Meter
from advisor.prices.book import Book
from advisor.prices.keeper import Kept, PriceKeeper
from advisor.prices.knock import Knock
from advisor.prices.knowledge import needed_in
from advisor.prices.list_filter import LONGEST_FILTER, meter_queries
from advisor.prices.list_memory import ListMemory, read_memory, remember
from advisor.prices.quote import Key, full_date, key_of_meter, spellings
from advisor.prices.retail import checked_address
from advisor.prices.saved import SAVED_NAME, load_book, read_saved
from advisor.prices.shipped import shipped_book
from advisor.prices.top_up import HASTE, top_up
from advisor.prices.wanted import wanted_among

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LRS = Meter("Backup", "Backup", "Standard", "Standard LRS Data Stored", "westeurope")
ASR = Meter(
    "Azure Site Recovery", "Azure Site Recovery", "Azure", "VM Replicated to Azure", "westeurope"
)
P10 = Meter("Storage", "Premium SSD Managed Disks", "P10 LRS", "P10 LRS Disk", "westeurope")
GRS = LRS._replace(meter="Standard GRS Data Stored")
LRS_KEY, ASR_KEY, P10_KEY, GRS_KEY = (key_of_meter(each, "USD") for each in (LRS, ASR, P10, GRS))
KEYS = frozenset({LRS_KEY, ASR_KEY, P10_KEY})


@pytest.fixture
def price_list() -> Iterator[PriceList]:
    with PriceList(some_of_every_service()) as server:
        yield server


def keeper_of(server: PriceList, directory: Path) -> PriceKeeper:
    return PriceKeeper(directory=directory, origin=server.address)


async def fetch(
    server: PriceList, directory: Path, keys: frozenset[Key] = KEYS, now: datetime = NOW
) -> Kept:
    return await keeper_of(server, directory).fetch(keys, now)


# --- what is remembered ----------------------------------------------------------------------


async def test_a_failure_is_remembered_for_ten_minutes(
    price_list: PriceList, tmp_path: Path
) -> None:
    price_list.faults.append(status(403))
    kept = await fetch(price_list, tmp_path, frozenset({LRS_KEY}))
    assert "could not be asked for prices (the price list answered 403)" in kept.not_asked
    keeper = keeper_of(price_list, tmp_path)
    resting = keeper.due(KEYS, NOW + 10 * MINUTE - timedelta(seconds=1))
    assert (resting.keys, resting.refusal) == (frozenset(), kept.not_asked)
    assert keeper.due(KEYS, NOW + 10 * MINUTE).keys == KEYS


async def test_the_failure_of_one_list_is_not_that_of_another(
    price_list: PriceList, tmp_path: Path
) -> None:
    price_list.faults.append(status(403))
    await fetch(price_list, tmp_path, frozenset({LRS_KEY}))
    other = PriceKeeper(directory=tmp_path, origin="https://prices.azure.com")
    assert other.due(KEYS, NOW).keys == KEYS


async def test_what_the_list_lacks_is_asked_for_again_a_day_later(
    price_list: PriceList, tmp_path: Path
) -> None:
    await fetch(price_list, tmp_path, frozenset({LRS_KEY, GRS_KEY}))
    keeper = keeper_of(price_list, tmp_path)
    assert keeper.due({GRS_KEY}, NOW + DAY - MINUTE).keys == frozenset()
    assert keeper.due({GRS_KEY}, NOW + DAY).keys == {GRS_KEY}


async def test_a_meter_that_failed_is_not_one_that_the_list_lacks(
    price_list: PriceList, tmp_path: Path
) -> None:
    price_list.faults.extend([status(403)] * 3)
    await fetch(price_list, tmp_path)
    assert read_memory(tmp_path, price_list.address).absent == {}


def test_a_clock_that_was_put_back_remembers_nothing_for_longer(tmp_path: Path) -> None:
    memory = ListMemory(failed_at=NOW + DAY, why="away", absent={LRS_KEY: NOW + DAY})
    remember(tmp_path, "https://a", lambda _: memory)
    read = read_memory(tmp_path, "https://a")
    assert read == memory
    assert read.rests_until(NOW) is None
    assert read.worth_asking({LRS_KEY}, NOW) == {LRS_KEY}


# --- in a hurry ------------------------------------------------------------------------------


class SilentKnock(Knock):
    """Nobody answers at the other side."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def answered(self) -> str:
        return "no connection within 1 s"


async def test_where_nobody_answers_the_list_is_not_asked(
    price_list: PriceList, tmp_path: Path
) -> None:
    keeper = replace(keeper_of(price_list, tmp_path), knock=SilentKnock)
    kept = await keeper.fetch(KEYS, NOW)
    assert "(no connection within 1 s)" in kept.not_asked
    assert price_list.requests == []
    assert keeper.due(KEYS, NOW).refusal


def test_a_knock_says_why_nobody_answered(price_list: PriceList) -> None:
    assert Knock(price_list.address).answered() == ""
    assert Knock("http://127.0.0.1:9").answered() == "the connection was refused"
    assert Knock("https://prices.invalid").answered() in (
        "its name cannot be resolved",
        "no connection within 0.8 s",
    )


async def test_a_list_that_hangs_gets_its_seconds_and_what_came_is_kept(
    price_list: PriceList,
) -> None:
    """Of three services one hangs: the others' prices are there when the time is over."""

    def hanging(request: web.Request) -> web.StreamResponse:
        if "Site Recovery" in request.query["$filter"]:
            raise Hangs
        return price_list.page(request)

    price_list.faults.extend([hanging] * 3)
    topped = await top_up(KEYS, price_list.address, NOW, lambda *_: None, seconds=0.5)
    assert topped.why == "no answer within 0.5 s"
    assert {quote.key for each in topped.found for quote in each.quotes} == {LRS_KEY, P10_KEY}
    assert topped.absent == frozenset()


async def test_what_the_knock_took_counts_among_the_seconds(price_list: PriceList) -> None:
    topped = await top_up(KEYS, price_list.address, NOW, lambda *_: None, spent=5.0)
    assert (topped.why, topped.found) == ("no answer within 5 s", ())


async def test_a_list_that_throttles_is_asked_again_within_the_seconds(
    price_list: PriceList,
) -> None:
    price_list.faults.append(status(429, Retry_After="0"))
    topped = await top_up({LRS_KEY}, price_list.address, NOW, lambda *_: None)
    assert (topped.why, len(price_list.requests)) == ("", 2)


async def test_no_connection_is_not_tried_again() -> None:
    assert HASTE.connect_s == 1
    topped = await top_up({LRS_KEY}, "http://127.0.0.1:9", NOW, lambda *_: None)
    assert (topped.why, topped.found) == ("Connection refused", ())


async def test_an_answer_that_cannot_be_read_leaves_the_others(price_list: PriceList) -> None:
    price_list.rows.append(row("Backup", "Backup", "Azure VM", "LRS Data Stored", -1))
    topped = await top_up(KEYS, price_list.address, NOW, lambda *_: None)
    assert topped.why.startswith("its answer cannot be read")
    assert LRS_KEY not in topped.absent


async def test_both_spellings_of_a_renamed_meter_are_asked_for(price_list: PriceList) -> None:
    price_list.rows = [row("Backup", "Backup", "Azure VM", "LRS Data Stored", 0.04)]
    topped = await top_up({LRS_KEY}, price_list.address, NOW, lambda *_: None)
    assert [quote.key for each in topped.found for quote in each.quotes] == [LRS_KEY]
    assert price_list.meters_asked() == set(spellings(LRS_KEY))


_NEEDED = sorted({key_of_meter(each.meter, "USD") for each in needed_in("westeurope")})


@given(st.lists(st.sampled_from(_NEEDED), unique=True))
def test_every_meter_is_in_one_query_and_no_query_is_too_long(keys: list[Key]) -> None:
    queries = list(meter_queries(keys))
    assert sorted(key for each in queries for key in each.keys) == sorted(keys)
    for each in queries:
        assert len(as_in_an_address(each.filter_text, safe="'()")) <= LONGEST_FILTER
        assert all(name in each.filter_text for key in each.keys for name in spellings(key))


def test_a_whole_region_takes_few_queries() -> None:
    assert len(list(meter_queries(_NEEDED))) <= 8


# --- what is kept ----------------------------------------------------------------------------


async def test_a_single_meter_wins_over_the_shipped_one_and_leaves_the_others(
    price_list: PriceList, tmp_path: Path
) -> None:
    await fetch(price_list, tmp_path, frozenset({LRS_KEY}))
    book, shipped = load_book(tmp_path), shipped_book()
    price = book.price(LRS, "USD", NOW.date())
    assert (str(price.unit_price), price.true_on) == ("0.03", "2026-09-01")
    assert book.fetched_day(LRS_KEY) == "2026-09-01"
    assert book.fetched_on("westeurope", "USD") == {}
    assert book.price(GRS, "USD", NOW.date()) == shipped.price(GRS, "USD", NOW.date())


async def test_a_meter_fetched_again_replaces_itself_alone(
    price_list: PriceList, tmp_path: Path
) -> None:
    await fetch(price_list, tmp_path)
    price_list.rows = [row("Backup", "Backup", "Standard", "Standard LRS Data Stored", 0.07)]
    await fetch(price_list, tmp_path, frozenset({LRS_KEY}), NOW + 8 * DAY)
    saved = read_saved(tmp_path / SAVED_NAME)
    days = {
        quote.key: each.fetched_at.date().isoformat()
        for each in saved.meters
        for quote in each.quotes
    }
    assert days == {LRS_KEY: "2026-09-09", ASR_KEY: "2026-09-01", P10_KEY: "2026-09-01"}
    assert str(load_book(tmp_path).price(LRS, "USD", NOW.date()).unit_price) == "0.07"


_MERGE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from decimal import Decimal
from advisor.prices.book import PriceListPart
from advisor.prices.quote import Quote, key_of
from advisor.prices.saved import SavedPart, merge_meters
now = datetime(2026, 9, 1, tzinfo=UTC)
for number in range(8):
    name = f"P{sys.argv[2]}{number} LRS"
    key = key_of("Storage", "Premium SSD Managed Disks", name, f"{name} Disk", "eastus", "USD")
    quote = Quote(key, "1/Month", Decimal(0), Decimal(1), "2026-09-01", "A", "x")
    part = PriceListPart("eastus", "USD", "Storage")
    merge_meters(Path(sys.argv[1]), [SavedPart(part, now, "x", (quote,))])
"""


def test_processes_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", _MERGE, str(tmp_path), str(name)])
        for name in range(1, 5)
    ]
    assert [each.wait(60) for each in running] == [0, 0, 0, 0]
    saved = read_saved(tmp_path / SAVED_NAME)
    assert len({quote.key for each in saved.meters for quote in each.quotes}) == 4 * 8


# --- what is wanted --------------------------------------------------------------------------


async def test_what_was_fetched_is_wanted_again_after_a_week(
    price_list: PriceList, tmp_path: Path
) -> None:
    await fetch(price_list, tmp_path, frozenset({LRS_KEY}))
    book = load_book(tmp_path)
    assert not wanted_among(book, [LRS], "USD", NOW.date() + 7 * DAY).every
    assert wanted_among(book, [LRS], "USD", NOW.date() + 8 * DAY).old == {LRS_KEY}


def test_the_shipped_price_is_wanted_anew_after_sixty_days() -> None:
    book = shipped_book()
    true_on = date.fromisoformat(full_date(book.price(GRS, "USD", NOW.date()).true_on))
    assert not wanted_among(book, [GRS], "USD", true_on + 60 * DAY).every
    assert wanted_among(book, [GRS], "USD", true_on + 61 * DAY).old == {GRS_KEY}


def test_a_price_that_is_lacking_or_carried_over_is_missing() -> None:
    carried = ASR._replace(region="norwayeast")
    lacking = LRS._replace(region="norwayeast")
    wanted = wanted_among(Book(()), [carried, lacking], "USD", NOW.date())
    assert wanted.missing == {key_of_meter(carried, "USD"), key_of_meter(lacking, "USD")}


def test_what_the_list_cannot_tell_is_not_wanted() -> None:
    """Traffic to another continent has one price for each pair; the list has one row."""
    transfer = "Standard Inter-Region Data Transfer"
    overseas = Meter(
        "Bandwidth", "Rtn Preference: MGN", "Standard", transfer, "westeurope", "eastus"
    )
    assert not wanted_among(Book(()), [overseas], "USD", NOW.date()).every
    within = overseas._replace(to_region="northeurope")
    assert wanted_among(Book(()), [within], "USD", NOW.date()).missing


def test_an_address_keeps_host_and_port_and_nothing_else() -> None:
    assert str(checked_address("https://prices.azure.com/api?x=1")) == "https://prices.azure.com"
    assert str(checked_address("http://[::1]:80/x")) == "http://[::1]"
