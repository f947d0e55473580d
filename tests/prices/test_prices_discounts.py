"""Discounts that the settings state: off the list's price, marked, and never off an agreed one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.errors import SettingsUnreadable
from advisor.model import Meter, PriceOrigin
from advisor.options.meters import instance_fee, replication_fee, snapshot, vault_storage
from advisor.prices.book import Book
from advisor.prices.discounts import NO_DISCOUNTS, Discounts, stated_discounts
from advisor.prices.own import OwnPrices
from advisor.prices.shipped import shipped_quotes
from advisor.prices.wanted import wanted_among
from tests.cli.test_cli_process import SAMPLE, vmbackup

TODAY = date(2026, 11, 30)
STATED = Discounts({"Backup": Decimal("0.08")}, "vmbackup.toml")
RETAIL, CHEAPER = Book(shipped_quotes()), Book(shipped_quotes(), discounts=STATED)
FEE, STORED = instance_fee("westeurope"), vault_storage("lrs", "westeurope")


@pytest.mark.parametrize("meter", [FEE, STORED])
def test_a_listed_price_is_less_by_the_share_and_says_so(meter: Meter) -> None:
    before, after = (book.price(meter, "USD", TODAY) for book in (RETAIL, CHEAPER))
    assert after.unit_price == before.unit_price * Decimal("0.92")
    assert (before.origin, after.origin) == (PriceOrigin.LISTED, PriceOrigin.DISCOUNTED)
    assert after.why == "the list's price less the 8 % that vmbackup.toml states"


def test_another_service_keeps_its_price() -> None:
    for meter in (snapshot("Standard", "LRS", "westeurope"), replication_fee("westeurope")):
        assert CHEAPER.price(meter, "USD", TODAY) == RETAIL.price(meter, "USD", TODAY)


def test_what_stands_in_is_less_too_and_keeps_its_mark() -> None:
    meter = instance_fee("newzealandnorth")
    before, after = (book.price(meter, "USD", TODAY) for book in (RETAIL, CHEAPER))
    assert before.origin is after.origin is PriceOrigin.CARRIED
    assert after.unit_price == before.unit_price * Decimal("0.92")
    assert after.why.startswith(before.why)
    assert after.why.endswith("8 % that vmbackup.toml states")


def test_a_price_of_ones_own_sheet_has_no_second_discount() -> None:
    of_meter = (one for one in RETAIL.quotes_of("westeurope", "USD") if one.key.meter == FEE.meter)
    quote = next(of_meter)
    agreed = quote._replace(amount=Decimal(9))
    own = OwnPrices("customer agreement", "s.csv", datetime(2026, 11, 1, tzinfo=UTC), (agreed,))
    price = Book(shipped_quotes(), own=own, discounts=STATED).price(FEE, "USD", TODAY)
    assert (price.unit_price, price.origin) == (9, PriceOrigin.AGREED)


def test_a_discounted_price_is_not_fetched_as_if_it_were_missing() -> None:
    for book_ in (RETAIL, CHEAPER):
        assert not wanted_among(book_, [STORED], "USD", TODAY).missing


def test_the_settings_file_states_them(tmp_path: Path) -> None:
    path = tmp_path / "vmbackup.toml"
    path.write_text(
        '[prices.discounts]\nbackup = "8 %"\nsite_recovery = "12.5%"\n', encoding="utf-8"
    )
    assert stated_discounts(str(path)) == Discounts(
        {"Backup": Decimal("0.08"), "Azure Site Recovery": Decimal("0.125")}, "vmbackup.toml"
    )
    path.write_text("[tiers]\n", encoding="utf-8")
    assert stated_discounts(str(path)).shares == {}
    assert NO_DISCOUNTS.off("Backup") == 0


@pytest.mark.parametrize(
    ("stated", "place"),
    [
        ('backup = "108 %"', "prices.discounts.backup"),
        ('backup = "0 %"', "prices.discounts.backup"),
        ("backup = 8", "prices.discounts.backup"),
        ('backup = "-8 %"', "prices.discounts.backup"),
        ('compute = "8 %"', "prices.discounts.compute"),
    ],
)
def test_what_is_no_discount_is_named_with_its_key(stated: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "vmbackup.toml"
    path.write_text(f"[prices.discounts]\n{stated}\n", encoding="utf-8")
    with pytest.raises(SettingsUnreadable, match=place):
        stated_discounts(str(path))


def test_an_advice_by_the_settings_file_marks_each_price(tmp_path: Path) -> None:
    settings = tmp_path / "own.toml"
    settings.write_text('[prices.discounts]\nbackup = "50 %"\n', encoding="utf-8")
    asked = ("advise", "web-01", "--inventory", str(SAMPLE), "--details", "--offline")
    plain = vmbackup(*asked, cwd=tmp_path).stdout.decode()
    less = vmbackup(*asked, "--settings", str(settings), cwd=tmp_path)
    assert less.returncode == 0, less.stderr
    assert "(d)" in less.stdout.decode()
    assert "(d)" not in plain
