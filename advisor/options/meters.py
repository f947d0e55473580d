"""The meters of the three options, in the Retail Prices API's own words.

A meter's name alone says nothing: `LRS Snapshots` exists under three products at three prices,
so product and SKU are always part of it. Names as of 2026-04-14 (the Backup meters were renamed
in spring 2026; the price book knows both spellings).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from advisor.model import Meter

PER_GB_MONTH = "1 GB/Month"
PER_MONTH = "1/Month"
PER_GB = "1 GB"
PER_GIB_HOUR = "1 GiB/Hour"
PER_HOUR = "1/Hour"

VAULT_METER = {"lrs": "LRS", "zrs": "ZRS", "grs": "GRS", "grs-crr": "RA-GRS"}
"""Cross-region restore is billed as RA-GRS on everything in the vault (azure-backup-pricing)."""

ARCHIVE_METER = {"lrs": "LRS", "grs": "GRS", "grs-crr": "GRS"}

#: Tiers of the ordinary disk families: the smallest that holds the provisioned GiB is billed
#: (Managed Disks pricing; P and E begin at 4 GiB, S at 32 GiB).
DISK_TIERS = (
    (4, 1), (8, 2), (16, 3), (32, 4), (64, 6), (128, 10), (256, 15), (512, 20), (1024, 30),
    (2048, 40), (4096, 50), (8192, 60), (16384, 70), (32767, 80),
)  # fmt: skip
SMALLEST_HDD_TIER = 4

_FAMILIES = {
    "Premium": ("Premium SSD Managed Disks", "P"),
    "StandardSSD": ("Standard SSD Managed Disks", "E"),
    "Standard": ("Standard HDD Managed Disks", "S"),
}
FAMILY_WORDS = {"Premium": "Premium SSD", "StandardSSD": "Standard SSD", "Standard": "Standard HDD"}
_SNAPSHOT_METER = {"StandardSSD": "Snapshots {} Snapshots"}


class DiskSku(NamedTuple):
    """ARM's SKU in two parts: Premium_ZRS -> (Premium, ZRS)."""

    family: str
    redundancy: str


@lru_cache(maxsize=1024)
def disk_sku(name: str) -> DiskSku:
    family, _, redundancy = name.partition("_")
    return DiskSku(family, redundancy or "LRS")


@lru_cache(maxsize=1024)
def instance_fee(region: str) -> Meter:
    return Meter("Backup", "Backup", "Azure VM", "Azure VM Protected Instance", region)


@lru_cache(maxsize=1024)
def vault_storage(redundancy: str, region: str) -> Meter:
    name = f"Standard {VAULT_METER[redundancy]} Data Stored"
    return Meter("Backup", "Backup", "Standard", name, region)


@lru_cache(maxsize=1024)
def archive_storage(redundancy: str, region: str) -> Meter:
    name = f"Archive {ARCHIVE_METER[redundancy]} Data Stored"
    return Meter("Backup", "Backup", "Archive", name, region)


@lru_cache(maxsize=1024)
def replication_fee(region: str) -> Meter:
    return Meter(
        "Azure Site Recovery", "Azure Site Recovery", "Azure", "VM Replicated to Azure", region
    )


@lru_cache(maxsize=4096)
def snapshot(family: str, redundancy: str, region: str) -> Meter:
    """`family`: Standard, StandardSSD or Premium; `redundancy`: LRS or ZRS."""
    product, _ = _FAMILIES[family]
    name = _SNAPSHOT_METER.get(family, "{} Snapshots").format(redundancy)
    return Meter("Storage", product, f"Snapshots {redundancy}", name, region)


@lru_cache(maxsize=4096)
def disk_tier(family: str, redundancy: str, provisioned_gib: int, region: str) -> Meter | None:
    """The tier billed for a disk of an ordinary family; None for others or beyond the largest."""
    if family not in _FAMILIES:
        return None
    product, letter = _FAMILIES[family]
    for size_gib, number in DISK_TIERS:
        if provisioned_gib <= size_gib and not (letter == "S" and number < SMALLEST_HDD_TIER):
            sku = f"{letter}{number} {redundancy}"
            return Meter("Storage", product, sku, f"{sku} Disk", region)
    return None


@lru_cache(maxsize=4096)
def ultra(part: str, region: str) -> Meter:
    """`part`: Capacity, IOPS or Throughput (MBps)."""
    return Meter("Storage", "Ultra Disks", "Ultra LRS", f"Ultra LRS Provisioned {part}", region)


@lru_cache(maxsize=1024)
def cache_storage(region: str, *, premium: bool) -> Meter:
    """The cache account of Site Recovery: hot block blobs, premium ones with High Churn."""
    if premium:
        return Meter(
            "Storage", "Premium Block Blob", "Premium LRS", "Premium LRS Data Stored", region
        )
    return Meter("Storage", "General Block Blob v2", "Hot LRS", "Hot LRS Data Stored", region)


@lru_cache(maxsize=4096)
def transfer(source: str, target: str) -> Meter:
    """Traffic from one region to another."""
    return Meter(
        "Bandwidth",
        "Rtn Preference: MGN",
        "Standard",
        "Standard Inter-Region Data Transfer",
        source,
        target,
    )


@lru_cache(maxsize=1024)
def drill_compute(size: str, region: str) -> Meter:
    """The VM that runs during a test failover. The book holds no compute prices."""
    return Meter("Virtual Machines", "Virtual Machines", size, f"{size} compute", region)


def unknown_disk(region: str) -> Meter:
    """The tier of a disk whose size or SKU is not known."""
    return Meter("Storage", "Managed Disks", "not known", "Disk", region)
