"""What was measured of a VM's used and changed data, as estimates with source and age."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from advisor.model import (
    ZERO,
    DiskSize,
    DiskWrites,
    Estimate,
    Measurements,
    Range,
    SizeMeasured,
    Source,
)


def used_estimate(measured: Measurements, total: Range) -> Estimate:
    """`total`: what the disks hold of it together, never more than they are large."""
    found = measured.used
    if found is None:
        raise ValueError("The used size was not measured.")
    basis = f"{_gb(found.gib)} in use, measured {_when(measured, found)}"
    if total.high < found.gib.high:
        basis += ", at most what the disks hold"
    return Estimate(total, found.source, basis)


def changed_estimate(
    measured: Measurements, used: Range, writes: DiskWrites | None
) -> Estimate | None:
    """Never more than is used, nor than is written; None where it was not measured."""
    found = measured.changed
    if found is None:
        return None
    most = min(used.high, writes.written_gib_per_day) if writes else used.high
    value = Range(*(min(end, most) for end in found.gib))
    basis = f"{_gb(found.gib)} a day, measured {_when(measured, found)}"
    if value != found.gib:
        basis += ", at most what is used and written"
    return Estimate(value, found.source, basis, amount=True)


def shared_out(
    disks: tuple[DiskSize, ...], weights: Iterable[Decimal], used: Range, source: Source
) -> tuple[DiskSize, ...]:
    """A total of the VM over its disks by their weights; no disk holds more than it is large."""
    weights = list(weights)
    whole = sum(weights, ZERO) or Decimal(1)
    shares = (used.times(weight / whole) for weight in weights)
    return tuple(
        DiskSize(
            disk=size.disk,
            provisioned_gib=size.provisioned_gib,
            used_gib=_held(share, size.provisioned_gib),
            source=source,
        )
        for size, share in zip(disks, shares, strict=True)
    )


def _held(share: Range, provisioned_gib: int | None) -> Range:
    if provisioned_gib is None:
        return share
    return Range(*(min(end, Decimal(provisioned_gib)) for end in share))


def bounded_by_writes(assumed: Range, used: Range, writes: DiskWrites) -> Range:
    """[assumed low, written]: writes bound what changes from above and never measure it.

    A block may be written many times a day, or never twice: so the high end is what is written
    (at most what is used), whatever was assumed, and the likely one stays within.
    """
    high = min(writes.written_gib_per_day, used.high)
    low = min(assumed.low, high)
    return Range(low, min(max(assumed.likely, low), high), high)


def _gb(value: Range) -> str:
    low, likely, high = (round(end, 1).normalize() for end in value)
    return f"{likely:f} GB" if low == high else f"{likely:f} GB ({low:f} to {high:f})"


def _when(measured: Measurements, found: SizeMeasured) -> str:
    return f"{days_ago(measured.age_days(found.on))} by {found.said}"


def days_ago(days: int) -> str:
    """`today`, `yesterday`, `12 days ago`."""
    return ("today", "yesterday")[days] if days < 2 else f"{days:,} days ago"
