"""The bot's prices: waited for where they are missing, refreshed behind, warm where VMs are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.errors import AzureRefused
from advisor.model import Meter
from advisor.prices.book import PriceListPart
from advisor.prices.keeper import PriceKeeper
from advisor.prices.quote import Quote, key_of_meter
from advisor.prices.saved import SAVED_NAME, SavedPart, merge_meters
from advisor.prices.wanted import WantedPrices, wanted_among
from bot.composition.prices import bot_prices, currencies_of
from bot.jobs.current_prices import BotPrices
from bot.jobs.warm_prices import PricesKeptWarm, with_pairs
from bot.requests.approval.rules import Circle, RequestRules, Rule, Team
from bot.settings import Settings
from tests.prices.retail_price_list import PriceList, some_of_every_service, status

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LRS = Meter("Backup", "Backup", "Standard", "Standard LRS Data Stored", "norwayeast")
P10 = Meter("Storage", "Premium SSD Managed Disks", "P10 LRS", "P10 LRS Disk", "norwayeast")
LRS_KEY, P10_KEY = key_of_meter(LRS, "USD"), key_of_meter(P10, "USD")


@pytest.fixture
def price_list() -> Iterator[PriceList]:
    rows = [*some_of_every_service("norwayeast"), *some_of_every_service("norwaywest")]
    with PriceList(rows) as server:
        yield server


def prices_of(server: PriceList, directory: Path) -> BotPrices:
    return BotPrices(directory, PriceKeeper(directory=directory, origin=server.address))


def missing(*meters: Meter) -> WantedPrices:
    return WantedPrices(frozenset(key_of_meter(each, "USD") for each in meters), frozenset())


def save(directory: Path, meter: Meter, amount: str, when: datetime) -> None:
    """As another process does."""
    key = key_of_meter(meter, "USD")
    quote = Quote(key, "1 GB/Month", Decimal(0), Decimal(amount), when.date().isoformat(), "A", "x")
    part = PriceListPart(meter.region, "USD", meter.service)
    merge_meters(directory, [SavedPart(part, when, "x", (quote,))])


def amount(prices: BotPrices, meter: Meter) -> str:
    return str(prices.book.price(meter, "USD", NOW.date()).unit_price)


# --- before a card, and behind it ------------------------------------------------------------


async def test_what_is_missing_is_waited_for(price_list: PriceList, tmp_path: Path) -> None:
    prices = prices_of(price_list, tmp_path)
    brought = await prices.bring(missing(LRS), NOW)
    assert (brought.has_new, brought.notes) == (True, ())
    assert amount(prices, LRS) == "0.03"


async def test_what_is_old_is_not_waited_for_and_refreshed_behind(
    price_list: PriceList, tmp_path: Path
) -> None:
    save(tmp_path, LRS, "9", NOW - 8 * DAY)
    prices = prices_of(price_list, tmp_path)
    brought = await prices.bring(WantedPrices(frozenset(), frozenset({LRS_KEY})), NOW)
    assert (brought.has_new, price_list.requests, amount(prices, LRS)) == (False, [], "9")
    await prices.refresh(NOW)
    assert amount(prices, LRS) == "0.03"


async def test_two_answers_at_once_ask_for_a_meter_once(
    price_list: PriceList, tmp_path: Path
) -> None:
    prices = prices_of(price_list, tmp_path)
    both = await asyncio.gather(*(prices.bring(missing(LRS), NOW) for _ in range(5)))
    assert all(each.has_new for each in both)
    assert len(price_list.requests) == 1


async def test_a_list_that_fails_is_said_in_the_answer_and_not_asked_again(
    price_list: PriceList, tmp_path: Path
) -> None:
    price_list.faults.append(status(403))
    prices = prices_of(price_list, tmp_path)
    first = await prices.bring(missing(LRS), NOW)
    again = await prices.bring(missing(LRS), NOW)
    assert not first.has_new
    assert "could not be asked for prices" in " ".join(first.notes)
    assert (again, len(price_list.requests)) == (first, 1)


async def test_the_book_is_read_anew_where_another_process_saved_prices(
    price_list: PriceList, tmp_path: Path
) -> None:
    prices = prices_of(price_list, tmp_path)
    save(tmp_path, LRS, "7", NOW)
    await prices.refresh(NOW)
    assert amount(prices, LRS) == "7"


async def test_a_saved_file_that_became_damaged_leaves_the_book(
    price_list: PriceList, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path, LRS, "7", NOW)
    prices = prices_of(price_list, tmp_path)
    (tmp_path / SAVED_NAME).write_text("{", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        await prices.refresh(NOW)
        brought = await prices.bring(missing(P10), NOW)
    assert amount(prices, LRS) == "7"
    assert not brought.has_new
    assert "The prices stay as they were" in caplog.text


async def test_prices_that_cannot_be_saved_count_until_the_bot_ends(
    price_list: PriceList, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "prices.lock").mkdir()
    prices = prices_of(price_list, tmp_path)
    for meter in (LRS, P10):
        brought = await prices.bring(missing(meter), NOW)
        assert (brought.has_new, brought.notes) == (True, ())
    assert (amount(prices, LRS), amount(prices, P10)) == ("0.03", "22.5")
    assert "The prices cannot be saved" in caplog.text


async def test_offline_asks_nothing_and_still_reads_anew(tmp_path: Path) -> None:
    prices = BotPrices(tmp_path, None)
    assert not (await prices.bring(missing(LRS), NOW)).has_new
    save(tmp_path, LRS, "7", NOW)
    await prices.refresh(NOW)
    assert amount(prices, LRS) == "7"


# --- the regions in use ----------------------------------------------------------------------


class Regions:
    """Where VMs are; counts how often it was read."""

    def __init__(self, *names: str) -> None:
        self.names, self.read = names, 0
        self.error: Exception | None = None

    async def __call__(self) -> Iterable[str]:
        self.read += 1
        if self.error:
            raise self.error
        return self.names


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def test_the_regions_in_use_and_their_pairs_are_warm_before_anybody_asks(
    price_list: PriceList, tmp_path: Path
) -> None:
    prices, regions = prices_of(price_list, tmp_path), Regions("norwayeast")
    await PricesKeptWarm(prices, regions, ["USD"], Clock()).once()
    assert amount(prices, LRS) == "0.03"
    assert amount(prices, P10._replace(region="norwaywest")) == "22.5"
    assert not wanted_among(prices.book, [LRS, P10], "USD", NOW.date()).every


async def test_the_regions_are_read_once_a_day_and_prices_fetched_once_a_week(
    price_list: PriceList, tmp_path: Path
) -> None:
    prices, regions, clock = prices_of(price_list, tmp_path), Regions("norwayeast"), Clock()
    price_list.rows = [each for each in price_list.rows if each["serviceName"] == "Backup"]
    warm = PricesKeptWarm(prices, regions, ["USD"], clock)
    await warm.once()
    clock.now += DAY - timedelta(seconds=1)
    price_list.requests.clear()
    await warm.once()
    assert (regions.read, price_list.requests) == (1, [])
    clock.now += timedelta(seconds=1)
    await warm.once()
    assert regions.read == 2
    assert LRS.meter not in price_list.meters_asked()  # it came a day ago
    clock.now += 7 * DAY
    await warm.once()
    assert LRS.meter in price_list.meters_asked()


async def test_each_currency_of_the_rules_is_kept_warm(
    price_list: PriceList, tmp_path: Path
) -> None:
    prices = prices_of(price_list, tmp_path)
    await PricesKeptWarm(prices, Regions("norwayeast"), ["USD", "EUR"], Clock()).once()
    assert {each["currencyCode"] for each in price_list.requests} == {"'USD'", "'EUR'"}


async def test_regions_that_cannot_be_read_are_read_again_soon(
    price_list: PriceList, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    prices, regions, clock = prices_of(price_list, tmp_path), Regions("norwayeast"), Clock()
    regions.error = AzureRefused("the regions of the VMs", "403.")
    warm = PricesKeptWarm(prices, regions, ["USD"], clock)
    await warm.once()
    assert "The regions in use could not be read" in caplog.text
    regions.error = None
    clock.now += timedelta(minutes=10)
    await warm.once()
    assert amount(prices, LRS) == "0.03"


async def test_a_list_that_fails_ends_the_round_which_comes_again(
    price_list: PriceList, tmp_path: Path
) -> None:
    price_list.faults.extend([status(403)] * 8)
    prices, clock = prices_of(price_list, tmp_path), Clock()
    warm = PricesKeptWarm(prices, Regions("norwayeast", "eastus"), ["USD"], clock)
    await warm.once()
    assert {"norwayeast"} == {
        each["$filter"].partition("armRegionName eq '")[2].partition("'")[0]
        for each in price_list.requests
    }
    price_list.faults.clear()
    clock.now += timedelta(minutes=10)
    await warm.once()
    assert amount(prices, LRS) == "0.03"


async def test_offline_reads_no_regions(tmp_path: Path) -> None:
    regions = Regions("norwayeast")
    await PricesKeptWarm(BotPrices(tmp_path, None), regions, ["USD"], Clock()).once()
    assert regions.read == 0


def test_a_region_and_its_pair_are_named_once() -> None:
    assert with_pairs(["westeurope", "NorthEurope", "polandcentral"]) == (
        *("westeurope", "northeurope", "polandcentral"),
    )
    assert with_pairs(["uksouth"]) == ("uksouth", "ukwest")


# --- what the settings say -------------------------------------------------------------------


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name in ("VMBACKUP_OFFLINE", "VMBACKUP_PRICES_URL", "VMBACKUP_AZURE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"SLACK_BOT_TOKEN": "xoxb-1", **variables}.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_the_price_list_is_azures_or_the_played_azures_or_the_one_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings(monkeypatch).price_list == "https://prices.azure.com"
    played = settings(monkeypatch, VMBACKUP_AZURE_URL="http://127.0.0.1:8080")
    assert played.price_list == "http://127.0.0.1:8080"
    named = settings(monkeypatch, VMBACKUP_PRICES_URL="https://prices.example/")
    assert named.price_list == "https://prices.example"
    with pytest.raises(ValueError, match="is not an address of a price list"):
        settings(monkeypatch, VMBACKUP_PRICES_URL="http://prices.example")


@pytest.mark.parametrize(
    ("said", "offline"), [("1", True), ("yes", True), ("0", False), ("", False), ("no", False)]
)
def test_offline_means_the_same_as_in_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, offline: bool
) -> None:
    monkeypatch.setenv("VMBACKUP_CACHE_DIR", str(tmp_path))
    read = settings(monkeypatch, VMBACKUP_OFFLINE=said)
    assert read.offline is offline
    assert bot_prices(read).asks is not offline


def test_the_currencies_are_those_of_rules_and_budgets_that_the_list_has() -> None:
    circle = Circle()
    rules = RequestRules(
        currency="EUR",
        rules=(Rule(name="a", channel="C1", demands=(), currency="GBP"),),
        teams=(Team(name="t", circle=circle, a_month=Decimal(1), currency="XXX"),),
    )
    assert currencies_of(rules) == ("USD", "EUR", "GBP")
    assert currencies_of(RequestRules()) == ("USD",)
