"""What the disks of a VM can write at most, by their kind and size and by the VM's own limit.

A bound and no estimate: assumed writes are never higher. Azure's MB/s are 10^6 bytes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from advisor.model import Disk, Vm

BYTES_PER_MB, BYTES_PER_GIB, SECONDS_PER_DAY = 10**6, 2**30, 86_400


class DiskTier(NamedTuple):
    """The size up to which a disk is of this tier, its name and its MB/s."""

    gib: int
    name: str
    mb_per_s: int


DISK_TYPES = "disks-types, 2023-03-16"
#: DISK_TYPES: MB/s of the tiers of Premium SSD, Standard SSD and Standard HDD.
PREMIUM = (
    DiskTier(4, "P1", 25), DiskTier(8, "P2", 25), DiskTier(16, "P3", 25), DiskTier(32, "P4", 25),
    DiskTier(64, "P6", 50), DiskTier(128, "P10", 100), DiskTier(256, "P15", 125),
    DiskTier(512, "P20", 150), DiskTier(1024, "P30", 200), DiskTier(2048, "P40", 250),
    DiskTier(4096, "P50", 250), DiskTier(8192, "P60", 500), DiskTier(16384, "P70", 750),
    DiskTier(32767, "P80", 900),
)  # fmt: skip
STANDARD_SSD = (
    DiskTier(4096, "E50", 100), DiskTier(8192, "E60", 400), DiskTier(16384, "E70", 600),
    DiskTier(32767, "E80", 750),
)  # fmt: skip
STANDARD_HDD = (
    DiskTier(4096, "S50", 60), DiskTier(8192, "S60", 300), DiskTier(32767, "S80", 500),
)  # fmt: skip
_TIERS = {"Premium": PREMIUM, "StandardSSD": STANDARD_SSD, "Standard": STANDARD_HDD}

BURSTING = "disk-bursting, 2023-03-16"
BURST_SECONDS = 30 * 60  # BURSTING: how long saved credits last
#: BURSTING: MB/s that Premium SSD up to P20 and Standard SSD up to E50 reach on their credits.
CREDIT_BURST = {"Premium": (512, 170), "StandardSSD": (4096, 150)}
ON_DEMAND_BURST_MB_PER_S = 1000  # BURSTING: of larger Premium SSD, where it is switched on
EXPANDED_MB_PER_S = 900  # DISK_TYPES: at most, with performance plus
#: disks-types: one I/O of Ultra or Premium SSD v2 carries 256 KiB at most.
MB_PER_IO = Decimal(256 * 1024) / BYTES_PER_MB


class Limit(NamedTuple):
    """MB/s for ever, and for half an hour on credits."""

    sustained: Decimal
    burst: Decimal


SIZES = "ev5-esv5-series, dv5-dsv5-series, dasv5-dadsv5-series, 2021-10-20"
#: SIZES: MB/s of uncached disks by vCPUs, sustained and burst. Other series have limits too, which
#: are not in this table: they are not known and bound nothing.
_INTEL_V5 = {2: (85, 1200), 4: (145, 1200), 8: (290, 1200), 16: (600, 1200), 20: (750, 1600),
             32: (865, 2000), 48: (1315, 3000), 64: (1735, 3000), 96: (2600, 4000)}  # fmt: skip
_AMD_V5 = {2: (82, 600), 4: (144, 600), 8: (200, 600), 16: (384, 600), 32: (768, 1200),
           48: (1152, 1800), 64: (1200, 1800), 96: (1600, 2000)}  # fmt: skip
_OF_SIZE = {
    f"standard_{family}{cores}{features}_v5": Limit(Decimal(sustained), Decimal(burst))
    for families, features_of, table in (
        ("de", ("s", "ds"), _INTEL_V5),
        ("d", ("as", "ads"), _AMD_V5),
    )
    for family in families
    for features in features_of
    for cores, (sustained, burst) in table.items()
}
_CONSTRAINED = re.compile(r"-\d+")  # fewer vCPUs, the same limits


def most_written_gib_per_day(vm: Vm) -> Decimal | None:
    """GiB that its disks can write in a day together; None where no limit is known.

    The sustained rate all day, and half an hour of whatever burst its credits allow.
    """
    limit = _least(_of_disks(vm), _of_vm(vm))
    if limit is None:
        return None
    megabytes = limit.sustained * SECONDS_PER_DAY
    megabytes += (limit.burst - limit.sustained) * BURST_SECONDS
    return megabytes * BYTES_PER_MB / BYTES_PER_GIB


def _least(*limits: Limit | None) -> Limit | None:
    known = [limit for limit in limits if limit is not None]
    if not known:
        return None
    return Limit(min(each.sustained for each in known), min(each.burst for each in known))


def _of_vm(vm: Vm) -> Limit | None:
    return _of_size(vm.size) if vm.size else None


@lru_cache(maxsize=4096)
def _of_size(name: str) -> Limit | None:
    return _OF_SIZE.get(_CONSTRAINED.sub("", name.lower()))


def _of_disks(vm: Vm) -> Limit | None:
    """The sum over the disks; None where that of one is not known."""
    sustained = burst = Decimal(0)
    for disk in vm.disks:
        if disk.ephemeral:
            continue
        limit = disk_limit(disk)
        if limit is None:
            return None
        sustained, burst = sustained + limit.sustained, burst + limit.burst
    return Limit(sustained, burst) if sustained else None


def disk_limit(disk: Disk) -> Limit | None:
    """MB/s that one disk can write; None where its kind or its size is not known."""
    family = (disk.sku or "").partition("_")[0]
    if family in ("UltraSSD", "PremiumV2"):
        return _provisioned(disk.throughput_mb_per_s, disk.iops)
    base = _of_tier(family, disk.size_gib, disk.performance_tier, disk.bursting)
    if base is None or not (disk.throughput_mb_per_s or disk.performance_plus):
        return base
    expanded = EXPANDED_MB_PER_S if disk.performance_plus else 0
    least = Decimal(max(expanded, disk.throughput_mb_per_s or 0))
    return Limit(max(base.sustained, least), max(base.burst, least))


@lru_cache(maxsize=4096)
def _provisioned(mb_per_s: int | None, iops: int | None) -> Limit | None:
    if mb_per_s is None or iops is None:
        return None
    value = min(Decimal(mb_per_s), iops * MB_PER_IO)
    return Limit(value, value)


@lru_cache(maxsize=4096)
def _of_tier(
    family: str, size_gib: int | None, raised_to: str | None, bursting: bool
) -> Limit | None:
    """By the performance tier where one is set, never below that of the size."""
    tiers = _TIERS.get(family)
    if tiers is None or size_gib is None or size_gib > tiers[-1].gib:
        return None
    own = next(tier.mb_per_s for tier in tiers if size_gib <= tier.gib)
    raised = next((tier.mb_per_s for tier in tiers if tier.name == raised_to), 0)
    sustained = Decimal(max(own, raised))
    largest, on_credits = CREDIT_BURST.get(family, (0, 0))
    burst = on_credits if size_gib <= largest else 0
    return Limit(
        sustained, max(sustained, Decimal(ON_DEMAND_BURST_MB_PER_S if bursting else burst))
    )
