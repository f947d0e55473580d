"""The book that ships: its figures, what it leaves out, and that it can be built again."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.errors import InputUnreadable, PriceMissing
from advisor.model import Meter
from advisor.prices.build import book_text, read_observed
from advisor.prices.shipped import SHIPPED, shipped_book, shipped_quotes

OBSERVED = Path(__file__).parents[3] / "shared" / "prices" / "observed.csv"
TODAY = date(2026, 9, 1)
COLUMNS = (
    "serviceName,productName,skuName,meterName,unitOfMeasure,armRegionName,currencyCode,"
    "retailPrice,type,tierMinimumUnits,trueOn,source,confidence"
)
ROW = (
    "Backup,Backup,Standard,Standard LRS Data Stored,1 GB/Month,westeurope,USD,"
    "0.0224,Consumption,0,2026-04-14,a capture,A"
)


def needs_observed() -> None:
    if not OBSERVED.exists():
        pytest.skip(f"{OBSERVED} is not here: the observed prices are beside the repository")


def test_the_shipped_book_is_what_the_observed_prices_give() -> None:
    needs_observed()
    assert book_text(read_observed(OBSERVED)).encode() == SHIPPED.read_bytes()


def test_every_trusted_price_of_the_observed_file_is_found_again() -> None:
    """Each row of confidence A, looked up by its own names, has the amount of the file."""
    needs_observed()
    book, checked = shipped_book(), 0
    taken = {(*quote.key, quote.minimum_units) for quote in shipped_quotes()}
    for row in csv.DictReader(OBSERVED.read_text(encoding="utf-8").splitlines()):
        names = [row[name] for name in ("serviceName", "productName", "skuName", "meterName")]
        region, currency = row["armRegionName"], row["currencyCode"]
        minimum = Decimal(row["tierMinimumUnits"] or 0)
        target = "centralus" if row["serviceName"] == "Bandwidth" else ""
        if row["confidence"] != "A" or (*names, region, currency, minimum) not in taken:
            continue
        price = book.price(Meter(*names, region, target), currency, TODAY)
        assert (minimum, Decimal(row["retailPrice"])) in price.tiers, row
        checked += 1
    assert checked > 500


@pytest.mark.parametrize(
    ("product", "sku", "meter", "region", "amount"),
    [
        ("Premium SSD Managed Disks", "P10 LRS", "P10 LRS Disk", "westeurope", "21.68"),
        ("Standard HDD Managed Disks", "Snapshots LRS", "LRS Snapshots", "swedencentral", "0.05"),
        ("Premium SSD Managed Disks", "Snapshots LRS", "LRS Snapshots", "swedencentral", "0.145"),
        ("Premium SSD Managed Disks", "Snapshots ZRS", "ZRS Snapshots", "swedencentral", "0.05"),
        (
            "Standard SSD Managed Disks",
            "Snapshots ZRS",
            "Snapshots ZRS Snapshots",
            "swedencentral",
            "0.18",
        ),
        (
            "Azure Premium SSD v2",
            "Premium LRS",
            "Premium LRS Provisioned Throughput (MBps)",
            "westeurope",
            "0.000065",
        ),
    ],
)
def test_storage_prices_are_those_observed(
    product: str, sku: str, meter: str, region: str, amount: str
) -> None:
    """From the Retail Prices API as captured until 2026-08-22."""
    price = shipped_book().price(Meter("Storage", product, sku, meter, region), "USD", TODAY)
    assert price.unit_price == Decimal(amount)


@pytest.mark.parametrize(
    ("copies", "region", "amount"),
    [
        ("LRS", "westeurope", "0.0224"),
        ("ZRS", "westeurope", "0.028"),
        ("GRS", "westeurope", "0.0448"),
        ("RA-GRS", "westeurope", "0.0569"),
        ("RA-GRS", "uksouth", "0.0711"),
    ],
)
def test_vault_prices_are_those_observed(copies: str, region: str, amount: str) -> None:
    meter = Meter("Backup", "Backup", "Standard", f"{copies} Data Stored", region)
    assert shipped_book().price(meter, "USD", TODAY).unit_price == Decimal(amount)


@pytest.mark.parametrize("region", ["westeurope", "northeurope", "belgiumcentral"])
def test_blob_prices_of_one_unknown_tier_are_kept_and_never_used(region: str) -> None:
    meter = Meter("Storage", "General Block Blob v2", "Hot LRS", "Hot LRS Data Stored", region)
    kept = [quote for quote in shipped_quotes() if quote.key[:5] == (*_names(meter), region)]
    assert {quote.confidence for quote in kept} == {"C"}
    with pytest.raises(PriceMissing):
        shipped_book().price(meter, "USD", TODAY)


def test_the_book_leaves_out_reservations_mounts_operations_and_bursts() -> None:
    unwanted = re.compile("Mount|Operations|Burst|Geo-Replication|Reserved")
    named = [f"{quote.key.product} {quote.key.meter}" for quote in shipped_quotes()]
    assert not [name for name in named if unwanted.search(name)]


def test_no_meter_of_the_shipped_book_is_ambiguous() -> None:
    """Every trusted row can be looked up: missing only between continents, ambiguous never."""
    book = shipped_book()
    for quote in shipped_quotes():
        if quote.confidence != "C" and quote.key.service != "Bandwidth":
            assert book.price(Meter(*quote.key[:5]), quote.key.currency, TODAY).unit_price > 0


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (("0.0224", "cheap"), "line 2, retailPrice"),
        (("0.0224", "-1"), "line 2, retailPrice"),
        (("0.0224", "NaN"), "line 2, retailPrice"),
        (("2026-04-14", "lately"), "line 2, trueOn"),
        ((",A", ",D"), "line 2, confidence"),
        (("westeurope", ""), "line 2, armRegionName"),
        (("retailPrice", "price"), "line 2, retailPrice"),
    ],
)
def test_a_damaged_file_of_prices_names_line_and_column(
    tmp_path: Path, damage: tuple[str, str], place: str
) -> None:
    file = tmp_path / "observed.csv"
    file.write_text(f"{COLUMNS}\n{ROW}\n".replace(*damage), encoding="utf-8")
    with pytest.raises(InputUnreadable) as refusal:
        read_observed(file)
    assert (refusal.value.source, refusal.value.place) == (str(file), place)


def test_only_consumption_prices_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "observed.csv"
    other = ROW.replace("Consumption", "DevTestConsumption")
    file.write_text(f"{COLUMNS}\n{ROW}\n{other}\n", encoding="utf-8")
    assert len(read_observed(file)) == 1


def test_the_date_of_a_price_is_the_last_day_it_was_true(tmp_path: Path) -> None:
    file = tmp_path / "observed.csv"
    dates = ("2026-07-15..2026-08-22", "2026 (undated)", "2026-04")
    rows = "\n".join(ROW.replace("2026-04-14", date_) for date_ in dates)
    file.write_text(f"{COLUMNS}\n{rows}\n", encoding="utf-8")
    assert [quote.true_on for quote in read_observed(file)] == ["2026-08-22", "2026", "2026-04"]


def test_the_build_command_without_a_file_says_how_to_call_it() -> None:
    command = [sys.executable, "-m", "advisor.prices.build"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Say which file: python -m advisor.prices.build OBSERVED_CSV\n"


def _names(meter: Meter) -> tuple[str, str, str, str]:
    return meter.service, meter.product, meter.sku, meter.meter
