"""What plans cost, by hand: quantities times the prices that the retail API gave on 2026-08-22."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model import DiskSize, Range, Sizing, Source
from advisor.sizing import size
from advisor.stated_sizes import StatedSizes
from bot.requests.model import Money, PlannedDisk
from bot.requests.plans.cost import disks_cost, months_of, storage_cost, stored_size
from tests.requests.planning_samples import THREE_DAYS, data_disk, os_disk, plan_of, the_vm
from tests.strategies import known, pricer, stated


def money(low: str, likely: str, high: str) -> Money:
    return Money(Decimal(low), Decimal(likely), Decimal(high))


def test_the_worked_example_of_two_assumed_disks() -> None:
    """128 GiB Linux OS: 5, 25, 90 % used; 256 GiB of data: 10, 50, 100 % (sizing's assumptions).

    6.4 + 25.6 = 32; 32 + 128 = 160; 115.2 + 256 = 371.2 GiB at 0.05 USD a GB and month
    (Standard HDD, ZRS Snapshots, West Europe); counted are 384 GiB; 3 days are 36/365 months.
    """
    cost = plan_of().cost
    assert cost.currency == "USD"
    assert cost.a_month == money("1.6000", "8.0000", "18.5600")
    assert cost.until_expiry == money("0.1578", "0.7890", "1.8306")
    assert cost.limit_a_month == Decimal("19.2000")
    assert cost.limit_until_expiry == Decimal("1.8937")
    assert cost.missing == ()
    assert cost.prices_as_of == "2026-08-22"
    assert "384 GB provisioned" in cost.basis


def test_what_was_stated_is_shown_and_never_counted() -> None:
    """38.4 GiB stated over 384 provisioned: 12.8 + 25.6; the limit stays at 384 GiB."""
    cost = plan_of(sizes=stated(used="38.4")).cost
    assert cost.a_month == money("1.9200", "1.9200", "1.9200")
    assert cost.limit_a_month == Decimal("19.2000")
    assert "stated" in cost.basis


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("eastus2", "Carried over from other regions: the price of snapshot storage."),
        ("westeurope", ""),
    ],
)
def test_a_price_that_was_not_read_for_the_region_is_said_with_the_cost(
    region: str, said: str
) -> None:
    [disk] = plan_of(the_vm(data_disk())).disks
    cost = storage_cost((disk,), None, region, THREE_DAYS, pricer())
    assert cost.a_month is not None
    assert cost.basis.partition("GB.")[2].strip() == said


def measured(used: Range, source: Source) -> tuple[PlannedDisk, Sizing]:
    [disk] = plan_of(the_vm(data_disk())).disks
    sizing = size(known(the_vm(data_disk())), StatedSizes())
    one = DiskSize(disk=data_disk(), provisioned_gib=256, used_gib=used, source=source)
    return disk, Sizing(
        disks=(one,),
        used_gib=sizing.used_gib,
        changed_gib_per_day=sizing.changed_gib_per_day,
        written_gib_per_day=sizing.written_gib_per_day,
        peak_write_mb_per_s=None,
    )


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        (Source.MEASURED, "30"),
        (Source.BILLED, "30"),
        (Source.STATED, "256"),
        (Source.ASSUMED, "256"),
    ],
)
def test_only_measured_and_billed_sizes_are_counted(source: Source, limit: str) -> None:
    disk, sizing = measured(Range(Decimal(10), Decimal(20), Decimal(30)), source)
    assert stored_size((disk,), sizing).limit == Decimal(limit)
    assert stored_size((disk,), sizing).shown.high == Decimal(30)


def test_a_disk_nobody_can_size_any_more_may_be_full() -> None:
    [disk] = plan_of(the_vm(data_disk())).disks
    assert stored_size((disk,), None).shown == Range(Decimal("25.6"), Decimal(128), Decimal(256))
    assert stored_size((disk,), None).limit == Decimal(256)


def test_a_missing_price_is_named_and_is_no_number() -> None:
    cost = plan_of(the_vm(region="westcentralus")).cost
    assert cost.a_month is cost.until_expiry is None
    assert cost.limit_a_month is cost.limit_until_expiry is None
    [missing] = cost.missing
    assert missing.startswith("snapshot storage: There is no price for")


def test_what_is_moved_is_paid_once() -> None:
    """0.05 x 3 days as above in North Europe, and 0.02 USD a GB between the two once:
    0.64, 3.20, 7.424; counted 7.68."""
    disks = plan_of().disks
    sizing = size(known(the_vm()), StatedSizes())
    cost = storage_cost(disks, sizing, "northeurope", THREE_DAYS, pricer(), moved_from="westeurope")
    assert cost.a_month == money("1.6000", "8.0000", "18.5600")
    assert cost.until_expiry == money("0.7978", "3.9890", "9.2546")
    assert cost.limit_until_expiry == Decimal("9.5737")


def test_new_disks_are_billed_at_their_tiers() -> None:
    """A P10 of 128 GiB at 21.68 and an E15 of 256 GiB at 19.20 USD a month, West Europe."""
    cost = disks_cost(plan_of().disks, "westeurope", pricer())
    assert cost.a_month == cost.until_expiry == money("40.88", "40.88", "40.88")
    assert cost.limit_a_month == cost.limit_until_expiry == Decimal("40.88")


def test_a_disk_whose_price_depends_on_its_performance_has_none() -> None:
    plan = plan_of(the_vm(os_disk(), data_disk(sku="UltraSSD_LRS")))
    cost = disks_cost(plan.disks, "westeurope", pricer())
    assert cost.a_month is cost.limit_a_month is None
    assert cost.missing == (
        "disk data-disk: what a UltraSSD_LRS of 256 GB is billed at depends on its performance",
    )


def test_a_life_of_a_year_is_twelve_months() -> None:
    assert months_of(THREE_DAYS * 365 / 3).quantize(Decimal("0.000001")) == 12


@given(
    used=st.decimals(1, 256, places=2),
    spread=st.tuples(st.decimals(0, 1, places=3), st.decimals(0, 1, places=3)),
    source=st.sampled_from(Source),
    hours=st.integers(1, 24 * 30),
)
def test_what_is_counted_is_never_below_what_is_shown(
    used: Decimal, spread: tuple[Decimal, Decimal], source: Source, hours: int
) -> None:
    low, likely = sorted(used * one for one in spread)
    disk, sizing = measured(Range(low, likely, used), source)
    cost = storage_cost((disk,), sizing, "westeurope", THREE_DAYS / 72 * hours, pricer())
    for shown, limit in (
        (cost.a_month, cost.limit_a_month),
        (cost.until_expiry, cost.limit_until_expiry),
    ):
        assert shown is not None
        assert limit is not None
        assert 0 <= shown.low <= shown.likely <= shown.high
        assert limit >= shown.high - Decimal("0.0001")
