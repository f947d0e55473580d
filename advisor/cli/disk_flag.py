"""`--disk` of `estimate`: a disk as people write it, `UltraSSD_LRS:1024:400:5000iops:200mbps`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from advisor.asked import StatedDisk
from advisor.errors import UsageError
from advisor.quantities import parse_size_gib, plain
from advisor.words import listed

#: ARM's names of managed disks (disks-types, 2026-08).
DISK_SKUS = (
    "Standard_LRS",
    "StandardSSD_LRS",
    "StandardSSD_ZRS",
    "Premium_LRS",
    "Premium_ZRS",
    "PremiumV2_LRS",
    "UltraSSD_LRS",
)
#: The kinds whose IOPS and MB/s are chosen, not given with the size (disks-types, 2026-08).
CHOSEN_RATES = ("PremiumV2_LRS", "UltraSSD_LRS")
FORM = "SKU:GB[:USED][:Niops][:Nmbps]"
_SKU_BY_LOWER = {sku.lower(): sku for sku in DISK_SKUS}
_LARGEST_DISK_GIB = 65_536  # an Ultra disk or a Premium SSD v2 (disks-types)
#: The most of an Ultra disk (disks-types, 2026-08).
_MOST = {"iops": 400_000, "mbps": 10_000}
_NAMES = {"iops": "IOPS", "mbps": "MB/s"}
_RATE = re.compile(r"([\d.,]+)\s*(iops|mbps|mb/s)", re.IGNORECASE)


class _Rates(NamedTuple):
    iops: int | None
    mbps: int | None


def parse_disk(text: str) -> StatedDisk:
    """`Premium_LRS:128:40` -> a disk of 128 GiB that holds 40. Raises UsageError.

    After the size stand what is used, and of an Ultra disk or a Premium SSD v2 its IOPS and MB/s,
    these two in any order.
    """
    parts = [part.strip() for part in text.split(":")]
    if len(parts) < 2 or not all(parts):
        raise UsageError(f"“{text}” is not a disk. Write it like Premium_LRS:128 or …:128:40.")
    sku = _SKU_BY_LOWER.get(parts[0].lower())
    if sku is None:
        raise UsageError(f"“{parts[0]}” is not a kind of disk. There are {', '.join(DISK_SKUS)}.")
    size = parse_size_gib(parts[1])
    if size != int(size) or not 1 <= size <= _LARGEST_DISK_GIB:
        raise UsageError(f"A disk has 1 to {_LARGEST_DISK_GIB} whole GB, not {parts[1]}.")
    says_used = len(parts) > 2 and not _RATE.fullmatch(parts[2])
    rates = _rates(sku, parts[3 if says_used else 2 :])
    return StatedDisk(
        sku=sku,
        provisioned_gib=int(size),
        used_gib=_used(parts[2], size) if says_used else None,
        iops=rates.iops,
        throughput_mb_per_s=rates.mbps,
    )


def _used(text: str, size: Decimal) -> Decimal:
    used = parse_size_gib(text)
    if used > size:
        raise UsageError(f"A disk of {plain(size)} GB cannot hold {plain(used)} GB.")
    return used


def _rates(sku: str, parts: Sequence[str]) -> _Rates:
    said: dict[str, int] = {}
    for part in parts:
        rate = _RATE.fullmatch(part)
        if rate is None:
            raise UsageError(
                f"“{part}” is neither IOPS nor MB/s. Write them like 5000iops or"
                " 200mbps, after what is used."
            )
        if sku not in CHOSEN_RATES:
            raise UsageError(
                f"A disk of {sku} has the IOPS and MB/s of its size: leave out “{part}”. Only"
                f" {listed(CHOSEN_RATES)} take them."
            )
        unit = rate[2].lower().replace("/", "p")
        if unit in said:
            raise UsageError(f"The {_NAMES[unit]} of the disk are said twice: leave out one.")
        said[unit] = _whole(rate[1], unit)
    return _Rates(said.get("iops"), said.get("mbps"))


def _whole(text: str, unit: str) -> int:
    """A whole number from 1 to the most that a disk has."""
    if not (text.isdecimal() and 1 <= int(text) <= _MOST[unit]):
        raise UsageError(f"A disk has 1 to {_MOST[unit]} whole {_NAMES[unit]}, not {text}.")
    return int(text)
