"""What a VM's disks can write at most: by kind, size and the VM's own limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from advisor.write_limits import disk_limit, most_written_gib_per_day
from tests.strategies import a_disk, a_vm


@pytest.mark.parametrize(
    ("facts", "sustained", "burst"),
    [
        ({"size_gib": 4}, 25, 170),
        ({"size_gib": 128}, 100, 170),
        ({"size_gib": 129}, 125, 170),
        ({"size_gib": 512}, 150, 170),
        ({"size_gib": 513}, 200, 200),
        ({"size_gib": 32767}, 900, 900),
        ({"size_gib": 1024, "bursting": True}, 200, 1000),
        ({"size_gib": 128, "performance_tier": "P50"}, 250, 250),
        ({"size_gib": 1024, "performance_plus": True}, 900, 900),
        ({"size_gib": 128, "throughput_mb_per_s": 200}, 200, 200),
        ({"sku": "Premium_ZRS"}, 100, 170),
        ({"sku": "StandardSSD_LRS", "size_gib": 4096}, 100, 150),
        ({"sku": "StandardSSD_LRS", "size_gib": 8192}, 400, 400),
        ({"sku": "Standard_LRS", "size_gib": 32}, 60, 60),
        ({"sku": "Standard_LRS", "size_gib": 8192}, 300, 300),
        ({"sku": "UltraSSD_LRS", "iops": 100_000, "throughput_mb_per_s": 900}, 900, 900),
        ({"sku": "PremiumV2_LRS", "iops": 1000, "throughput_mb_per_s": 900}, "262.144", "262.144"),
    ],
)  # fmt: skip
def test_a_disk_writes_at_most_what_its_tier_allows(
    facts: dict[str, Any], sustained: Any, burst: Any
) -> None:
    assert disk_limit(a_disk(**facts)) == (Decimal(sustained), Decimal(burst))


@pytest.mark.parametrize(
    "facts",
    [{"sku": None}, {"size_gib": None}, {"size_gib": 32768}, {"sku": "PremiumV9_LRS"},
     {"sku": "UltraSSD_LRS"}, {"sku": "PremiumV2_LRS", "iops": 3000}],
)  # fmt: skip
def test_a_disk_of_which_too_little_is_known_bounds_nothing(facts: dict[str, Any]) -> None:
    assert disk_limit(a_disk(**facts)) is None
    vm = a_vm(a_disk(), a_disk("data", **facts), size="somebody's own")
    assert most_written_gib_per_day(vm) is None


def gib(sustained: int, burst: int) -> Decimal:
    return Decimal(sustained * 86_400 + (burst - sustained) * 1800) * 10**6 / 2**30


@pytest.mark.parametrize(
    ("size", "sustained", "burst"),
    [
        ("Standard_D2s_v5", 85, 340),
        ("standard_e2ds_V5", 85, 340),
        ("Standard_D2as_v5", 82, 340),
        ("Standard_E64-16s_v5", 200, 340),
        ("Standard_D64s_v4", 200, 340),
        (None, 200, 340),
    ],
)
def test_a_vm_writes_at_most_what_its_disks_and_its_size_allow(
    size: str | None, sustained: int, burst: int
) -> None:
    """Two disks of 100 MB/s that burst to 170, and a third on the host that is not counted."""
    vm = a_vm(a_disk(), a_disk("data"), a_disk("temporary", ephemeral=True), size=size)
    assert most_written_gib_per_day(vm) == gib(sustained, burst)


def test_a_vm_without_disks_that_are_known_bounds_nothing() -> None:
    assert most_written_gib_per_day(a_vm(a_disk(ephemeral=True), size=None)) is None
