"""The cost of a plan: stored sizes of points, tiers of disks, traffic between regions.

Tariff (disks-incremental-snapshots, 2024-12-09; virtual-machines-create-restore-points,
2023-11-06): an incremental snapshot bills its used size at Standard HDD, zone-redundant where the
region has zones; where the disk has incremental snapshots already, only the blocks changed since.
A restore point bills as incremental snapshots of its disks. A managed disk bills its tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from advisor.model import (
    DAYS_PER_MONTH,
    NOTHING,
    ZERO,
    DiskSize,
    Line,
    LineKind,
    Meter,
    Range,
    Sizing,
    Source,
    Usage,
    Verdict,
)
from advisor.options import meters
from advisor.options.case import QUANTUM, rounded
from advisor.prices.pricing import Pricer
from advisor.prices.quote import full_date
from advisor.regions import region
from advisor.sizing import USED_SHARE_DATA
from advisor.words import ORIGIN_WORDS
from bot.requests.model import Cost, Money, PlannedDisk

#: Sources of a used size that rules and budgets believe; any other counts as provisioned.
MEASURED = frozenset({Source.MEASURED, Source.BILLED})
_SECONDS_PER_DAY = 86400


class StoredSize(NamedTuple):
    """GiB that a point stores: the known range, and the size that rules and budgets count."""

    shown: Range
    limit: Decimal


class Amount(NamedTuple):
    """An amount of money as shown and as rules count it; None where a price is missing."""

    shown: Range | None
    limit: Decimal | None
    missing: tuple[str, ...] = ()
    true_on: str = ""
    not_read: tuple[str, ...] = ()  #: sentences: which price was not read for its region


# --- what a plan costs -----------------------------------------------------------------------


def storage_cost(
    disks: Sequence[PlannedDisk],
    sizing: Sizing | None,
    where: str,
    keep: timedelta,
    pricer: Pricer,
    *,
    moved_from: str = "",
) -> Cost:
    """The cost of points of these disks in region `where`, kept for `keep`.

    With `moved_from`, the traffic from that region is added once.
    """
    gib = stored_size(disks, sizing)
    storage = _storage(gib, where, pricer)
    once = _traffic(gib, moved_from, where, pricer) if moved_from else _nothing()
    cost = _cost(storage, once, keep, pricer, where, _storage_basis(disks, sizing, gib))
    return replace(cost, once=_money(once.shown)) if moved_from else cost


def disks_cost(
    disks: Sequence[PlannedDisk], where: str, pricer: Pricer, keep: timedelta | None = None
) -> Cost:
    """The cost of new disks in region `where`.

    Without `keep` disks do not expire, so `until_expiry` is the cost of the first month.
    """
    parts = [_disk_amount(disk, where, pricer) for disk in disks]
    basis = "Each disk is billed at its tier until somebody deletes it; counted is the first month."
    if keep is not None:
        basis = "Each disk is billed at its tier until it is deleted."
    return _cost(_sum(parts), _nothing(), keep, pricer, where, basis)


def deletion_cost(pricer: Pricer, where: str) -> Cost:
    """The cost of a deletion: nothing."""
    return _cost(_nothing(), _nothing(), None, pricer, where, "Deleting costs nothing.")


# --- quantities ------------------------------------------------------------------------------


def stored_size(disks: Iterable[PlannedDisk], sizing: Sizing | None) -> StoredSize:
    """The stored size of the points of all these disks together."""
    sizes = {size.disk.key: size for size in sizing.disks} if sizing else {}
    each = [_stored_size_of(disk, sizes.get(disk.id.lower())) for disk in disks]
    shown = Range(
        sum((one.shown.low for one in each), ZERO),
        sum((one.shown.likely for one in each), ZERO),
        sum((one.shown.high for one in each), ZERO),
    )
    return StoredSize(rounded(shown), sum((one.limit for one in each), ZERO))


def _stored_size_of(disk: PlannedDisk, size: DiskSize | None) -> StoredSize:
    provisioned = Decimal(disk.size_gib)
    if size is None:  # the VM or the disk does not exist any more: its used size is unknown
        return StoredSize(USED_SHARE_DATA.times(provisioned), provisioned)
    limit = size.used_gib.high if size.source in MEASURED else provisioned
    return StoredSize(size.used_gib, limit)


def _storage_basis(disks: Sequence[PlannedDisk], sizing: Sizing | None, gib: StoredSize) -> str:
    provisioned = sum(disk.size_gib for disk in disks)
    how = sizing.used_gib.source.value if sizing else Source.ASSUMED.value
    return (
        f"Billed is the used size, {how}, of {provisioned:,} GB provisioned; less where the disks "
        f"have incremental snapshots already. Rules and budgets count {gib.limit:,.0f} GB."
    )


# --- amounts ---------------------------------------------------------------------------------


def snapshot_redundancy(where: str) -> str:
    """ZRS where the region has zones, else LRS: what Azure makes an incremental snapshot by itself
    (disks-incremental-snapshots, 2024-12-09)."""
    return "ZRS" if region(where).zones is Verdict.YES else "LRS"


def _storage(gib: StoredSize, where: str, pricer: Pricer) -> Amount:
    meter = meters.snapshot("Standard", snapshot_redundancy(where), where)
    return _amount("snapshot storage", meter, meters.PER_GB_MONTH, gib, pricer)


def _traffic(gib: StoredSize, source: str, where: str, pricer: Pricer) -> Amount:
    """The whole stored size crosses once (disks-copy-incremental-snapshot-across-regions,
    2024-07-08: less where an earlier snapshot of the disk was copied before)."""
    meter = meters.transfer(source, where)
    return _amount("traffic between regions", meter, meters.PER_GB, gib, pricer)


def _amount(name: str, meter: Meter, unit: str, gib: StoredSize, pricer: Pricer) -> Amount:
    shown = pricer.line(_usage(name, meter, unit, gib.shown))
    limit = pricer.line(_usage(name, meter, unit, Range.exactly(gib.limit)))
    return _of_lines(shown, limit)


def _of_lines(shown: Line, limit: Line) -> Amount:
    if shown.monthly is None or limit.monthly is None:
        return Amount(None, None, (f"{shown.usage.name}: {shown.missing}",))
    said = ORIGIN_WORDS.get(shown.origin)
    not_read = (f"{said}: the price of {shown.usage.name}.",) if said else ()
    return Amount(shown.monthly, limit.monthly.high, (), shown.true_on, not_read)


def _usage(
    name: str, meter: Meter, unit: str, quantity: Range | None, basis: str = "of the plan"
) -> Usage:
    return Usage(
        name=name,
        kind=LineKind.RECURRING,
        meter=meter,
        unit=unit,
        quantity=quantity,
        source=Source.STATED,
        basis=basis,
    )


def _disk_amount(disk: PlannedDisk, where: str, pricer: Pricer) -> Amount:
    sku = meters.disk_sku(disk.sku)
    meter = meters.disk_tier(sku.family, sku.redundancy, _billed_gib(disk), where)
    line = pricer.line(
        _usage(
            f"disk {disk.name}",
            meter or meters.unknown_disk(where),
            meters.PER_MONTH,
            Range.exactly(Decimal(1)) if meter else None,
            f"what a {disk.sku} of {disk.size_gib:,} GB is billed at depends on its performance",
        )
    )
    return _of_lines(line, line)


def _billed_gib(disk: PlannedDisk) -> int:
    """The size that a disk is billed as: that of its performance tier where one was chosen
    (disks-change-performance, 2024-08-22)."""
    of_tier = {f"P{number}": gib for gib, number in meters.DISK_TIERS}
    return of_tier.get(disk.settings.performance_tier, disk.size_gib)


# --- together --------------------------------------------------------------------------------


def _nothing() -> Amount:
    return Amount(NOTHING, ZERO)


def _sum(parts: Sequence[Amount]) -> Amount:
    shown: Range | None = NOTHING
    limit: Decimal | None = ZERO
    for part in parts:
        shown = None if shown is None or part.shown is None else _add(shown, part.shown)
        limit = None if limit is None or part.limit is None else limit + part.limit
    missing = tuple(name for part in parts for name in part.missing)
    not_read = tuple(dict.fromkeys(said for part in parts for said in part.not_read))
    days = [part.true_on for part in parts if part.true_on]
    return Amount(shown, limit, missing, min(days, key=full_date, default=""), not_read)


def _add(one: Range, other: Range) -> Range:
    return Range(one.low + other.low, one.likely + other.likely, one.high + other.high)


def _cost(
    monthly: Amount,
    once: Amount,
    keep: timedelta | None,
    pricer: Pricer,
    where: str,
    basis: str,
) -> Cost:
    """`keep` None: the amount until expiry is that of a month, for what does not expire."""
    months = Decimal(1) if keep is None else months_of(keep)
    until = _sum((_times(monthly, months), once))
    return Cost(
        currency=pricer.currency,
        a_month=_money(monthly.shown),
        until_expiry=_money(until.shown),
        limit_a_month=_quantized(monthly.limit),
        limit_until_expiry=_quantized(until.limit),
        missing=until.missing,
        prices_as_of=monthly.true_on or pricer.as_of(where),
        basis=" ".join((basis, *until.not_read)),
    )


def months_of(keep: timedelta) -> Decimal:
    """The retention in months of 365/12 days."""
    return Decimal(keep.total_seconds()) / _SECONDS_PER_DAY / DAYS_PER_MONTH


def _times(amount: Amount, factor: Decimal) -> Amount:
    return amount._replace(
        shown=None if amount.shown is None else amount.shown.times(factor),
        limit=None if amount.limit is None else amount.limit * factor,
    )


def _money(value: Range | None) -> Money | None:
    return None if value is None else Money(*rounded(value))


def _quantized(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(QUANTUM)
