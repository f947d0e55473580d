"""`vmbackup prices update` and `show` as a person calls them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from retail_price_list import PriceList, some_of_every_service

from advisor.cli.commands import COMMANDS
from advisor.errors import InputUnreadable, UsageError, VmbackupError
from advisor.prices.update import PriceUpdate, update_prices

[prices] = [entry.load() for entry in COMMANDS if entry.name == "prices"]


@pytest.fixture
def price_list() -> Iterator[PriceList]:
    with PriceList(some_of_every_service()) as server:
        yield server


def call(cache: Path, *arguments: str, **more: str) -> Result:
    """Run a command with a cache of its own; our errors come through as themselves."""
    settings = {"VMBACKUP_CACHE_DIR": str(cache), **more}
    result = CliRunner().invoke(prices, arguments, env=settings)
    if isinstance(result.exception, VmbackupError):
        raise result.exception
    return result


def update(server: PriceList, cache: Path, *arguments: str) -> Result:
    return call(cache, "update", "--source", server.address, *arguments)


def test_show_lists_what_the_book_knows_how_old_and_what_it_lacks(tmp_path: Path) -> None:
    lines = call(tmp_path, "show").output.splitlines()
    assert lines[0].split() == ["Region", "Currency", "Prices", "Lacks", "As", "of", "From"]
    assert "northeurope" in "\n".join(lines)
    (west,) = (line.split() for line in lines if line.startswith("westeurope") and "USD" in line)
    assert west == ["westeurope", "USD", "88", "1", "2026-08-22", "shipped", "with", "vmbackup"]


@pytest.mark.parametrize(
    "arguments", [(), ("--region", "westeurope"), ("--region", "eastus2"), ("--currency", "EUR")]
)
def test_what_show_prints_is_plain_and_fits_80_columns(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    output = call(tmp_path, "show", *arguments).output
    assert "\x1b" not in output
    assert max(len(line) for line in output.splitlines()) <= 80


def test_show_of_a_region_lists_every_meter_and_what_is_lacking(tmp_path: Path) -> None:
    output = call(tmp_path, "show", "--region", "North Europe").output
    lines = {line.split("  ")[0]: line for line in output.splitlines()}
    assert "10  1/Month" in lines["Backup, protected VM"]
    assert "carried" in lines["Site Recovery, replicated VM"]
    assert "carried" in lines["Traffic to West Europe"]
    assert "worked out" in lines["Vault storage, GRS"]
    assert "missing" in lines["Vault archive, GRS"]
    assert "optional" in lines["Cache, standard"]
    assert output.rstrip().endswith("vmbackup prices update --region northeurope --currency USD")


def test_show_of_a_disk_family_names_the_tiers_that_are_lacking(tmp_path: Path) -> None:
    output = call(tmp_path, "show", "--region", "australiacentral").output
    assert "10.21–73.22" in output
    assert "Premium SSD P1 to P80, LRS: P1, P2, P3, P4, P30, P40, P50, P60, P70, P80" in output


def test_show_of_a_region_as_json_has_decimal_strings_and_marks(tmp_path: Path) -> None:
    document = json.loads(call(tmp_path, "show", "--region", "norwayeast", "--json").output)
    meters = {each["name"]: each for each in document["meters"]}
    assert document["as_of"] is None
    assert meters["Backup, protected VM"]["price"]["unit_price"] == "10"
    assert meters["Backup, protected VM"]["price"]["origin"] == "carried"
    assert meters["Vault storage, GRS"]["price"] is None
    assert "--region norwayeast" in meters["Vault storage, GRS"]["missing"]
    assert sum(each["meter"]["product"] == "Premium SSD Managed Disks" for each in meters.values())


def test_show_as_json_names_what_each_region_lacks(tmp_path: Path) -> None:
    document = json.loads(call(tmp_path, "show", "--json").output)
    by_place = {(each["region"], each["currency"]): each for each in document["regions"]}
    assert by_place["westeurope", "USD"]["lacking"] == ["Vault archive, GRS"]
    assert "Vault archive, LRS" in by_place["northeurope", "USD"]["lacking"]


def test_update_tells_what_came_and_show_tells_when(price_list: PriceList, tmp_path: Path) -> None:
    result = update(price_list, tmp_path, "--region", "West Europe")
    assert result.exit_code == 0
    assert result.stdout == (f"5 prices for 1 region in USD, saved in {tmp_path / 'prices.json'}\n")
    assert result.stderr == ""
    output = call(tmp_path, "show", "--region", "westeurope").output
    assert "fetched 20" in output.splitlines()[1]
    assert "26  1/Month" in output


def test_update_shows_its_progress_on_a_terminal(price_list: PriceList, tmp_path: Path) -> None:
    """FORCE_COLOR makes rich take standard error for a terminal."""
    arguments = ("update", "--source", price_list.address, "--region", "westeurope")
    result = call(tmp_path, *arguments, FORCE_COLOR="1")
    assert "Fetching prices" in result.stderr
    assert "4/4" in result.stderr
    assert "Fetching" not in result.stdout


def test_update_without_a_region_asks_for_all_that_the_book_knows(
    price_list: PriceList, tmp_path: Path
) -> None:
    known = json.loads(call(tmp_path, "show", "--json").output)["regions"]
    regions = {each["region"] for each in known}
    for region in regions - {"westeurope"}:
        price_list.rows.extend(some_of_every_service(region))
    result = update(price_list, tmp_path)
    assert f"{5 * len(regions)} prices for {len(regions)} regions in USD" in result.stdout
    assert len(price_list.requests) == 4 * len(regions)


def test_update_says_which_services_have_no_prices(price_list: PriceList, tmp_path: Path) -> None:
    price_list.rows = [row for row in price_list.rows if row["serviceName"] != "Bandwidth"]
    output = update(price_list, tmp_path, "--region", "westeurope").output
    assert "Azure lists no prices of Bandwidth for westeurope in USD." in output


def test_update_says_that_a_damaged_file_was_replaced(
    price_list: PriceList, tmp_path: Path
) -> None:
    (tmp_path / "prices.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputUnreadable, match=r"prices\.json"):
        call(tmp_path, "show")
    result = update(price_list, tmp_path, "--region", "westeurope")
    assert "could not be read and were replaced" in result.stderr
    assert call(tmp_path, "show").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--currency", "dollars"),
        ("--region", "we'st"),
        ("--region", ""),
        ("--source", "http://prices.azure.com"),
    ],
)
def test_update_refuses_what_it_cannot_read(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        call(tmp_path, "update", *arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [("--currency", "XXX"), ("--region", "nowhere")])
def test_show_refuses_what_no_price_list_has(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"“{arguments[1]}” is not"):
        call(tmp_path, "show", *arguments)


@pytest.mark.parametrize(
    ("typed", "meant"), [("westeurop", "westeurope"), ("norwayest", "norwayeast")]
)
def test_a_region_that_is_none_is_refused_before_the_network(
    price_list: PriceList, tmp_path: Path, typed: str, meant: str
) -> None:
    with pytest.raises(UsageError, match=f"“{typed}” is not an Azure region.* {meant}"):
        update(price_list, tmp_path, "--region", "westeurope", "--region", typed)
    assert price_list.requests == []
    assert not list(tmp_path.iterdir())


def test_a_new_region_whose_prices_are_known_is_shown_and_fetched_again(
    price_list: PriceList, tmp_path: Path
) -> None:
    """A region younger than this program is no mistake once its prices are in the cache."""
    price_list.rows.extend(some_of_every_service("marscentral"))
    wish = PriceUpdate(
        regions=("marscentral",),
        currency="USD",
        directory=tmp_path,
        now=datetime.now(UTC),
        address=price_list.address,
    )
    asyncio.run(update_prices(wish, lambda finished, of: None))
    assert "for 1 region" in update(price_list, tmp_path, "--region", "marscentral").output
    assert "(marscentral) in USD" in call(tmp_path, "show", "--region", "marscentral").output
