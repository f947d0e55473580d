"""Sizes that the quantities of a bill told, put in the place of what would be assumed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from advisor.model import (
    ZERO,
    BilledSizes,
    Disk,
    DiskSize,
    Estimate,
    KnownVm,
    Range,
    Source,
)
from advisor.words import counted, listed

#: Ours: what was billed longer ago says little of what a VM holds now.
MONTHS_AT_MOST = 6


def disks_mark(disks: Sequence[Disk]) -> str:
    """Another text as soon as a disk was added, taken away or resized."""
    every = sorted(f"{disk.key} {disk.size_gib}" for disk in disks if not disk.ephemeral)
    return hashlib.sha256("\n".join(every).encode()).hexdigest()[:16]


def still_true(billed: BilledSizes, known: KnownVm, today: date) -> bool:
    """Whether it is of these disks, and of a month that is not too long ago."""
    year, month = (int(part) for part in billed.month.split("-"))
    passed = (today.year - year) * 12 + today.month - month
    return 0 <= passed <= MONTHS_AT_MOST and billed.disks == disks_mark(known.vm.disks)


def disks_of(billed: BilledSizes, disks: tuple[DiskSize, ...]) -> tuple[DiskSize, ...]:
    """The used size shared out over the disks, by what each would be assumed to hold."""
    whole = sum((size.used_gib.likely for size in disks), ZERO)
    if not whole:
        return disks
    return tuple(
        size
        if size.disk.ephemeral
        else size._replace(
            used_gib=billed.used_gib.times(size.used_gib.likely / whole), source=Source.BILLED
        )
        for size in disks
    )


def used_of_bill(billed: BilledSizes, total: Range) -> Estimate:
    return Estimate(total, Source.BILLED, f"used size learned from {told(billed)}")


def changed_of_bill(billed: BilledSizes, used: Range, share: Range) -> Estimate:
    changed = Range(
        used.low * share.low, used.likely * share.likely, min(used.high, used.high * share.high)
    )
    return Estimate(changed, Source.BILLED, f"changed data learned from {told(billed)}")


def told(billed: BilledSizes) -> str:
    """`the vault storage and snapshots billed in 2026-10`."""
    over = f", shared out over {counted(billed.vms, 'VM')}" if billed.vms > 1 else ""
    return f"the {listed(billed.told_by)} billed in {billed.month}{over}"
