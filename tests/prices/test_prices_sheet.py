"""A price sheet of one's own: which prices it gives, in which unit, and that each says so."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.errors import InputUnreadable, PriceMissing
from advisor.model import Meter, PriceOrigin
from advisor.options.meters import instance_fee, snapshot, vault_storage
from advisor.prices.book import Book
from advisor.prices.own import OwnPrices, forget_own, read_own, write_own
from advisor.prices.sheet import Sheet, SheetKind, read_sheet, sheet_text
from advisor.prices.sheet_regions import sheet_region
from advisor.prices.shipped import shipped_quotes
from deploy.local.azure.price_rows import played_rows
from deploy.local.azure.price_sheet import sheet_text as played_sheet

TODAY = date(2026, 11, 30)
RETAIL = Book(shipped_quotes())
SAMPLES = Path(__file__).parents[3] / "shared/prices/samples"
FEE = {
    "MeterName": "Azure VM Protected Instances",
    "MeterCategory": "Backup",
    "MeterSubCategory": "",
    "MeterRegion": "EU West",
    "UnitOfMeasure": "1 /Month",
    "UnitPrice": "9.20",
    "CurrencyCode": "EUR",
    "PriceType": "Consumption",
}
STORED = {
    **FEE,
    "MeterName": "GRS Data Stored",
    "UnitOfMeasure": "100 GB/Month",
    "UnitPrice": "4.12",
}


def text_of(*rows: dict[str, str]) -> str:
    written = io.StringIO()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def read(*rows: dict[str, str]) -> Sheet:
    return read_sheet(text_of(*rows), "sheet.csv", RETAIL.keys, TODAY)


def book_of(found: Sheet) -> Book:
    now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    own = OwnPrices(found.kind.value, "sheet.csv", now, found.quotes)
    return Book(shipped_quotes(), own=own)


def price(found: Sheet, meter: Meter, currency: str = "EUR") -> Decimal:
    return book_of(found).price(meter, currency, TODAY).unit_price


def test_a_price_in_blocks_of_units_is_that_of_one_unit() -> None:
    found = read(FEE, STORED)
    assert found.kind is SheetKind.EA
    assert price(found, instance_fee("westeurope")) == Decimal("9.20")
    assert price(found, vault_storage("grs", "westeurope")) == Decimal("0.0412")


def test_every_price_of_a_sheet_says_that_it_is_agreed_and_where_it_is_from() -> None:
    book = book_of(read(FEE))
    agreed = book.price(instance_fee("westeurope"), "EUR", TODAY)
    listed = book.price(instance_fee("westeurope"), "USD", TODAY)
    assert agreed.origin is PriceOrigin.AGREED
    assert agreed.why == "your price sheet sheet.csv (enterprise agreement), read on 2026-11-30"
    assert listed.origin is not PriceOrigin.AGREED


def test_a_sheet_speaks_of_its_own_meters_alone() -> None:
    with pytest.raises(PriceMissing):
        price(read(FEE), instance_fee("northeurope"))


@pytest.mark.parametrize(
    ("unit", "amount", "expected"),
    [
        ("1 GB/Month", "0.05", "0.05"),
        ("10 GB/Month", "0.50", "0.05"),
        ("100 GB/Month", "5.00", "0.05"),
        ("1,000 GB/Month", "50.00", "0.05"),
        ("1 GiB/Month", "0.05", "0.05"),
        ("1 GB/mes", "0.05", "0.05"),
        ("1 GB/月", "0.05", "0.05"),
    ],
)
def test_units_are_read_in_every_block_and_language_seen(
    unit: str, amount: str, expected: str
) -> None:
    found = read({**STORED, "UnitOfMeasure": unit, "UnitPrice": amount})
    assert price(found, vault_storage("grs", "westeurope")) == Decimal(expected)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"UnitOfMeasure": "1 TB"}, "in a unit that is not known: 1 TB"),
        ({"UnitOfMeasure": "0 GB/Month"}, "in a unit that is not known: 0 GB/Month"),
        ({"MeterRegion": "MOON South"}, "of a region that is not known: MOON South"),
        ({"MeterRegion": ""}, "of a region that is not known: none"),
        ({"MeterCategory": "Azure DNS"}, "of another service or meter"),
        ({"PriceType": "Reservation"}, "bought for a term, or for development"),
        ({"UnitPrice": "-1"}, "without a price or a currency that can be read"),
        ({"UnitPrice": ""}, "without a price or a currency that can be read"),
        ({"CurrencyCode": "euro"}, "without a price or a currency that can be read"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_and_counted(
    change: dict[str, str], reason: str
) -> None:
    found = read(FEE, {**STORED, **change})
    assert found.left_out == {reason: 1}
    assert {quote.key.meter for quote in found.quotes} == {"Azure VM Protected Instance"}


def test_a_meter_with_two_prices_is_left_out_and_not_guessed() -> None:
    found = read(FEE, STORED, {**STORED, "UnitPrice": "5.00"})
    assert found.left_out == {"of which the sheet has several prices": 2}


def test_a_price_counts_while_it_is_in_force() -> None:
    ended = {**FEE, "UnitPrice": "8.00", "EffectiveEndDate": "2026-10-31T00:00:00Z"}
    holds = {**FEE, "EffectiveStartDate": "11/1/2026"}
    found = read(
        {**ended, "EffectiveStartDate": "2026-01-01T00:00:00Z"}, {**holds, "EffectiveEndDate": ""}
    )
    assert price(found, instance_fee("westeurope")) == Decimal("9.20")


def test_what_is_included_costs_nothing() -> None:
    found = read(
        FEE,
        {**STORED, "UnitOfMeasure": "1 GB/Month", "UnitPrice": "0.05", "IncludedQuantity": "100"},
    )
    stored = book_of(found).price(vault_storage("grs", "westeurope"), "EUR", TODAY)
    assert stored.amount_for(Decimal(300)) == Decimal("10.00")


@pytest.mark.parametrize("profile", ["", "profile"])
def test_the_played_sheets_give_every_meter_at_the_agreed_discount(profile: str) -> None:
    rows = list(played_rows())
    found = read_sheet(played_sheet("100", profile, rows), "sheet.csv", RETAIL.keys, TODAY)
    assert found.kind is (SheetKind.MCA if profile else SheetKind.EA)
    book = book_of(found)
    for meter in (
        instance_fee("westeurope"),
        vault_storage("grs", "westeurope"),
        snapshot("Standard", "ZRS", "westeurope"),
    ):
        [listed] = [
            Decimal(str(row["retailPrice"]))
            for row in rows
            if tuple(row[name] for name in ("serviceName", "productName", "meterName"))
            == (meter.service, meter.product, meter.meter)
            and (row["armRegionName"], row["isPrimaryMeterRegion"]) == ("westeurope", True)
        ]
        agreed = book.price(meter, "USD", TODAY)
        assert agreed.origin is PriceOrigin.AGREED
        assert agreed.unit_price == pytest.approx(listed * Decimal("0.92"), abs=Decimal("0.005"))


@pytest.mark.parametrize("name", ["ea", "mca"])
def test_the_column_sets_of_both_agreements_are_read(name: str) -> None:
    path = SAMPLES / f"price-sheet-columns-{name}.json"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    mappings = json.loads(path.read_text(encoding="utf-8"))["translator"]["mappings"]
    columns = [each["source"]["name"] for each in mappings]
    row = dict.fromkeys(columns, "") | {name: FEE[name] for name in FEE if name in columns}
    row |= {"Currency": "EUR"} if name == "mca" else {}
    found = read(row)
    assert found.kind is SheetKind(
        {"ea": "enterprise agreement", "mca": "customer agreement"}[name]
    )
    assert price(found, instance_fee("westeurope")) == Decimal("9.20")


def test_every_unit_of_the_published_table_that_is_read_has_its_block() -> None:
    path = SAMPLES / "pricing-units.csv"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with path.open(encoding="utf-8-sig", newline="") as file:
        units = list(csv.DictReader(file))
    wanted = [unit for unit in units if unit["DistinctUnits"] in ("GB/Month", "GiB/Month")]
    assert wanted
    for unit in wanted:
        found = read({**STORED, "UnitOfMeasure": unit["UnitOfMeasure"], "UnitPrice": "12"})
        expected = Decimal(12) / Decimal(unit["PricingBlockSize"])
        assert price(found, vault_storage("grs", "westeurope")) == expected, unit


@pytest.mark.parametrize(
    ("text", "name"),
    [("EU West", "westeurope"), ("West Europe", "westeurope"), ("US East 2", "eastus2")],
)
def test_the_regions_of_sheets_have_names_of_their_own(text: str, name: str) -> None:
    assert sheet_region(text) == name


def test_a_zip_of_one_sheet_is_read_as_the_sheet() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("sheet.csv", text_of(FEE))
        file.writestr("readme.txt", "")
    assert sheet_text(packed.getvalue(), "sheet.zip") == text_of(FEE).replace("\r\n", "\r\n")
    for encoding in ("utf-8-sig", "utf-16"):
        assert sheet_text(text_of(FEE).encode(encoding), "sheet.csv") == text_of(FEE)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a,b\n1,2\n", "it has no column metername"),
        (b"\x00\x01\x02", "it is no text"),
        (b"\xff\xd8\xff", "it is no text"),
        (text_of({**FEE, "MeterName": "Queries"}).encode(), "it has no price of a meter"),
        (b"", "it has no column"),
    ],
)
def test_what_is_no_price_sheet_is_refused_in_one_sentence(content: bytes, problem: str) -> None:
    with pytest.raises(InputUnreadable, match=problem):
        read_sheet(sheet_text(content, "f"), "f", RETAIL.keys, TODAY)


def test_own_prices_are_kept_as_they_are_and_forgotten(tmp_path: Path) -> None:
    found = read(FEE, STORED)
    own = OwnPrices(found.kind.value, "sheet.csv", datetime(2026, 11, 30, tzinfo=UTC), found.quotes)
    path = write_own(tmp_path / "state", own)
    assert path.stat().st_mode & 0o077 == 0
    assert read_own(tmp_path / "state") == own
    assert forget_own(tmp_path / "state")
    assert read_own(tmp_path / "state") is None
    assert not forget_own(tmp_path / "state")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "prices": [["a"]]}']
)
def test_a_damaged_file_of_own_prices_is_named_and_never_passed_over(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "own-prices.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputUnreadable, match="Read the sheet again"):
        read_own(tmp_path)
