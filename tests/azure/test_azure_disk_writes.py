"""Hourly means of Azure Monitor as what a VM writes a day and at its peak."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from advisor.azure.monitor import disk_writes
from advisor.model import Disk, DiskWrites, NotRead, Reading, Vm

START = datetime(2026, 11, 15, tzinfo=UTC)
MEANS = st.lists(st.integers(0, 10**9).map(Decimal), min_size=24, max_size=168)


def disk(lun: int | None) -> Disk:
    name = "os" if lun is None else f"data-{lun}"
    return Disk(name=name, is_os=lun is None, reading=Reading.READ, lun=lun)


def vm(*luns: int) -> Vm:
    return Vm(
        id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v",
        name="v",
        resource_group="g",
        subscription_id="s",
        region="westeurope",
        size=None,
        disks=(disk(None), *(disk(lun) for lun in luns)),
    )


def hourly(values: list[Decimal]) -> dict[datetime, Decimal]:
    return {START + timedelta(hours=number): value for number, value in enumerate(values)}


def test_one_mebibyte_a_second_is_84_375_gib_a_day() -> None:
    """2**20 bytes x 86,400 s / 2**30 = 84.375 GiB; the peak counts in 10**6 bytes."""
    writes = disk_writes(vm(), {"": hourly([Decimal(2**20)] * 48)})
    assert isinstance(writes, DiskWrites)
    assert writes.written_gib_per_day == Decimal("84.375")
    assert writes.peak_mb_per_s == Decimal("1.048576")
    assert writes.days == 2


def test_disks_that_peak_at_different_hours_do_not_peak_together() -> None:
    quiet = [Decimal(0)] * 23
    writes = disk_writes(
        vm(0),
        {"": hourly([Decimal(10**7), *quiet]), "0": hourly([*quiet, Decimal(10**7)])},
    )
    assert isinstance(writes, DiskWrites)
    assert writes.peak_mb_per_s == 10
    assert set(writes.peak_mb_per_s_by_disk.values()) == {Decimal(10)}


@given(MEANS, MEANS)
def test_the_peak_lies_between_the_largest_disk_and_the_sum(
    first: list[Decimal], second: list[Decimal]
) -> None:
    writes = disk_writes(vm(0), {"": hourly(first), "0": hourly(second)})
    assert isinstance(writes, DiskWrites)
    peaks = list(writes.peak_mb_per_s_by_disk.values())
    assert max(peaks) <= writes.peak_mb_per_s <= sum(peaks)
    mean_mb_per_s = writes.written_gib_per_day * 2**30 / 86400 / 10**6
    assert mean_mb_per_s <= sum(peaks) + Decimal("0.000001")


@given(MEANS, st.integers(0, 23))
def test_a_disk_with_less_than_a_day_of_data_leaves_the_whole_unsaid(
    enough: list[Decimal], hours: int
) -> None:
    series = {"": hourly(enough), "3": hourly([Decimal(1)] * hours)}
    writes = disk_writes(vm(3), series)
    assert isinstance(writes, NotRead)
    assert "data-3" in writes.why
    assert not writes.failed


def test_a_disk_that_azure_monitor_does_not_know_leaves_the_whole_unsaid() -> None:
    assert isinstance(disk_writes(vm(0), {"": hourly([Decimal(1)] * 48)}), NotRead)


@given(MEANS)
def test_a_lun_that_is_no_longer_attached_does_not_count(values: list[Decimal]) -> None:
    alone = disk_writes(vm(), {"": hourly(values)})
    with_old = disk_writes(vm(), {"": hourly(values), "7": hourly([Decimal(10**12)] * 48)})
    assert alone == with_old
