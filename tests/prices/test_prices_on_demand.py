"""Prices that an answer lacks are fetched before it is shown: what is asked, kept and told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from retail_price_list import PriceList, Row, row, status

from advisor.advising import Advisor
from advisor.cli.current_prices import TerminalPrices
from advisor.cli.group import run
from advisor.model import KnownVm
from advisor.needs import Tiers
from advisor.prices.knowledge import needed_in
from advisor.prices.list_memory import MEMORY_NAME
from advisor.prices.saved import SAVED_NAME, read_saved
from advisor.regions import PUBLIC_CLOUD, REGIONS
from bot.cli import vmbackup
from tests.strategies import a_vm, asked, known

SAMPLE = Path(__file__).parents[2] / "deploy" / "local" / "sample-inventory.json"
NORWAY, PAIR = "norwayeast", "norwaywest"
ESTIMATE = ("estimate", "azure-backup", "--region", NORWAY, "--disk", "Premium_LRS:128:40")
TOLD = "Asking 127.0.0.1"


def everything_in(region: str, currency: str = "USD") -> list[Row]:
    """A price of every meter that an advice may need there, the units as Azure has them."""
    rows = []
    for number, needed in enumerate(needed_in(region)):
        meter = needed.meter
        unit = "1 GB/Month"
        if meter.meter.endswith("Disk") or "Instance" in meter.meter or "Replicated" in meter.meter:
            unit = "1/Month"
        elif "Provisioned" in meter.meter:
            unit = "1 GiB/Hour" if "Capacity" in meter.meter else "1/Hour"
        elif "Transfer" in meter.meter:
            unit = "1 GB"
        rows.append(
            row(
                meter.service,
                meter.product,
                meter.sku,
                meter.meter,
                round(0.01 + number / 1000, 4),
                region=region,
                unitOfMeasure=unit,
                currencyCode=currency,
            )
        )
    return rows


EVERYWHERE = [
    each
    for region in REGIONS.values()
    if region.cloud == PUBLIC_CLOUD
    for each in everything_in(region.name)
]


@pytest.fixture
def price_list() -> Iterator[PriceList]:
    with PriceList(list(EVERYWHERE)) as server:
        yield server


class Online:
    """Runs commands that may ask the played list, with a cache of their own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: str) -> tuple[int, str, str]:
        code = run(vmbackup(), args)
        out, err = self._capsys.readouterr()
        return code, out, err


@pytest.fixture
def online(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    price_list: PriceList,
) -> Online:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VMBACKUP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("VMBACKUP_PRICES_URL", price_list.address)
    monkeypatch.setenv("VMBACKUP_OFFLINE", "0")
    return Online(capsys)


def in_norway(folder: Path) -> str:
    """The sample fleet, moved to regions of which the book knows no price of its own."""
    text = SAMPLE.read_text("utf-8")
    moved = text.replace("westeurope", NORWAY).replace("northeurope", PAIR)
    path = folder / "norway.json"
    path.write_text(moved, encoding="utf-8")
    return str(path)


def test_a_region_that_the_book_does_not_know_gets_a_complete_advice(
    online: Online, tmp_path: Path
) -> None:
    words = ("advise", "web-01", "--inventory", in_norway(tmp_path), "--json")
    before = json.loads(online(*words, "--offline")[1])
    after = json.loads(online(*words)[1])
    assert any(each["monthly"]["missing"] for each in before["assessments"])
    assert after["recommended"]["monthly"]["missing"] == []
    allowed = [each for each in after["assessments"] if each["verdict"] == "yes"]
    assert not any(each["monthly"]["missing"] for each in allowed)


def test_only_the_meters_of_the_answer_are_asked_for(
    online: Online, price_list: PriceList, tmp_path: Path
) -> None:
    _, out, _ = online(
        "advise", "web-01", "--inventory", in_norway(tmp_path), "--json", "--details"
    )
    named = {
        re.sub("^Standard (?=.* Data Stored)|s$", "", line["meter"]["meter"])
        for each in json.loads(out)["assessments"]
        for line in each["lines"]
    }
    asked = {
        re.sub("^Standard (?=.* Data Stored)|s$", "", name) for name in price_list.meters_asked()
    }
    assert asked
    assert asked <= named
    assert "P80 LRS Disk" not in asked
    places = [
        tuple(re.findall(r"(?:serviceName|armRegionName) eq '([^']+)'", request["$filter"]))
        for request in price_list.requests
    ]
    # One request for a service in a region, and one more for plans that the first made known.
    assert max(places.count(place) for place in places) <= 2
    assert len({request["$filter"] for request in price_list.requests}) == len(places)


def test_a_second_run_asks_nothing_and_tells_nothing(online: Online, price_list: PriceList) -> None:
    code, first, told = online(*ESTIMATE, "--strict")
    assert code == 0
    assert told.startswith(TOLD)
    assert "--offline or VMBACKUP_OFFLINE=1 forbids it" in told
    price_list.requests.clear()
    assert online(*ESTIMATE, "--strict") == (0, first, "")
    assert price_list.requests == []


def test_what_new_prices_make_an_answer_look_at_is_fetched_in_the_same_run(
    online: Online, price_list: PriceList, tmp_path: Path
) -> None:
    words = ("advise", "web-01", "--inventory", in_norway(tmp_path), "--json")
    first = online(*words)
    price_list.requests.clear()
    assert online(*words) == (0, first[1], "")
    assert price_list.requests == []


def test_the_host_is_named_the_first_time_only(online: Online, price_list: PriceList) -> None:
    online(*ESTIMATE)
    words = ("estimate", "snapshots", "--region", PAIR, "--disk", "Premium_LRS:128:40")
    price_list.requests.clear()
    _, _, told = online(*words)
    assert price_list.requests
    assert TOLD not in told


@pytest.mark.parametrize("forbidden_by", ["flag", "variable"])
def test_offline_asks_nothing_and_says_which_command_would(
    online: Online,
    price_list: PriceList,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    forbidden_by: str,
) -> None:
    words = ESTIMATE if forbidden_by == "variable" else (*ESTIMATE, "--offline")
    if forbidden_by == "variable":
        monkeypatch.setenv("VMBACKUP_OFFLINE", "1")
    code, out, told = online(*words)
    assert (code, told, price_list.requests) == (0, "", [])
    assert f"vmbackup prices update --region {NORWAY}" in " ".join(out.split())
    assert not (tmp_path / "cache").exists()


def test_a_list_that_fails_is_left_alone_and_the_book_answers(
    online: Online, price_list: PriceList
) -> None:
    price_list.faults.extend([status(500)] * 50)
    code, out, told = online(*ESTIMATE)
    assert code == 0
    assert "stamina" not in out + told
    assert "could not be asked for prices (it answered 500, 4 times)" in told
    assert "the prices of the book are used" in told
    price_list.faults.clear()
    price_list.requests.clear()
    again = online(*ESTIMATE)
    assert again[:2] == (0, out)
    assert "could not be asked for prices (it answered 500, 4 times)" in again[2]
    assert price_list.requests == []


def test_a_list_where_nobody_answers_costs_no_answer(
    online: Online, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMBACKUP_PRICES_URL", "http://127.0.0.1:9")
    code, _, told = online(*ESTIMATE)
    assert code == 0
    assert "could not be asked for prices (the connection was refused)" in told


def test_what_the_list_lacks_is_not_asked_for_on_every_run(
    online: Online, price_list: PriceList
) -> None:
    price_list.rows = [each for each in price_list.rows if "Data Stored" not in each["meterName"]]
    assert online(*ESTIMATE, "--strict")[0] == 6
    price_list.requests.clear()
    assert online(*ESTIMATE, "--strict")[0] == 6
    assert price_list.requests == []


def test_single_meters_do_not_pass_for_the_whole_service(
    online: Online, price_list: PriceList, tmp_path: Path
) -> None:
    online(*ESTIMATE)
    saved = read_saved(tmp_path / "cache" / SAVED_NAME)
    assert saved.parts == ()
    keys = [quote.key for each in saved.meters for quote in each.quotes]
    assert {key.meter for key in keys} == {
        "Azure VM Protected Instance",
        "Standard GRS Data Stored",
    } | {key.meter for key in keys if key.service == "Storage"}
    known = json.loads(online("prices", "show", "--region", NORWAY, "--json")[1])
    lacking = {each["name"] for each in known["meters"] if each["price"] is None}
    assert "Vault storage, ZRS" in lacking


def test_an_update_afterwards_brings_the_whole_and_keeps_no_single_meters(
    online: Online, tmp_path: Path
) -> None:
    online(*ESTIMATE)
    assert online("prices", "update", "--region", NORWAY)[0] == 0
    saved = read_saved(tmp_path / "cache" / SAVED_NAME)
    assert {each.part.service for each in saved.parts} >= {"Backup", "Storage"}
    assert saved.meters == ()


def test_another_currency_is_asked_for_in_itself(online: Online, price_list: PriceList) -> None:
    price_list.rows = everything_in(NORWAY, "EUR")
    assert online(*ESTIMATE, "--currency", "EUR", "--strict")[0] == 0
    assert {request["currencyCode"] for request in price_list.requests} == {"'EUR'"}


def test_prices_that_cannot_be_saved_count_for_this_answer(online: Online, tmp_path: Path) -> None:
    (tmp_path / "cache" / "prices.lock").mkdir(parents=True)
    code, _, told = online(*ESTIMATE, "--strict")
    assert code == 0
    assert "The prices cannot be saved in" in told


def test_a_memory_that_is_damaged_only_costs_its_requests(
    online: Online, price_list: PriceList, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    for damaged in ("{", "[]", '{"schema": 1, "lists": 7}', '{"schema": 1, "lists": {"a": 1}}'):
        (tmp_path / "cache" / MEMORY_NAME).write_text(damaged, encoding="utf-8")
        (tmp_path / "cache" / SAVED_NAME).unlink(missing_ok=True)
        assert online(*ESTIMATE, "--strict")[0] == 0


def test_an_address_that_is_none_is_refused(
    online: Online, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMBACKUP_PRICES_URL", "http://prices.example")
    code, out, told = online(*ESTIMATE)
    assert (code, out) == (2, "")
    assert "is not an address of a price list" in told


class OneVm:
    """An inventory of one VM, as Azure would show it."""

    async def find(self, wanted: str, now: datetime) -> KnownVm:
        return known(a_vm(region=NORWAY))


async def test_an_advice_read_from_azure_fetches_alike(
    online: Online, price_list: PriceList
) -> None:
    advisor = Advisor(OneVm(), Tiers(), TerminalPrices(offline=False))
    advice = await advisor.advise(asked())
    assert price_list.requests
    assert advice.recommended is not None
    assert advice.recommended.monthly.complete
    price_list.requests.clear()
    assert (await advisor.advise(asked())).recommended == advice.recommended
    assert price_list.requests == []
