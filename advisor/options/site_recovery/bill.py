"""What Site Recovery costs: the bill lines of replicating one VM.

Tariff (azure-to-azure-common-questions, 2025-07-25):
- A fee for each replicated VM whatever its size; the first 31 days are free (only the fee).
- Replica disks in the target, of the source's own family, billed on their full provisioned tier;
  Premium SSD v2 replicates to Premium SSD.
- Recovery points: the used data and the changed data of the days kept, as snapshots in the target.
  At which class no article says in one word: likely Standard HDD, which snapshots of managed disks
  are by default; at the high end the replica's own class, because azure-to-azure-common-questions
  reckons with 0.16 USD a GB in its example and site-recovery-cost (2025-05-19) prices them as page
  blob snapshots, which lie with their disk. Premium SSD v2 has Premium snapshots in the target.
- A cache account in the source: standard, or premium block blobs with High Churn, which is what
  Premium SSD v2 uses.
- Traffic between regions for everything written; none between zones.
- Test failovers cost only what runs meanwhile: disks and compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from advisor.model import (
    DAYS_PER_MONTH,
    HOURS_PER_MONTH,
    DiskSize,
    LineKind,
    Meter,
    Range,
    Source,
    Usage,
    Verdict,
)
from advisor.options import meters
from advisor.options.case import Case, is_premium_v2, is_ultra, once, rounded, weakest
from advisor.options.disks_left_out import without
from advisor.options.site_recovery.chosen import ReplicationConfiguration
from advisor.quantities import plain
from advisor.regions import region

#: How long the replica runs in a drill. Assumed: a working day rounded up.
DAYS_PER_DRILL = 1
DAYS_PER_YEAR = 365
FREE_DAYS = 31  # azure-to-azure-common-questions, 2025-07-25: the fee only

#: How much the cache account holds: writes wait there until they are sent. Assumed: an hour of
#: writes likely, a tenth of it when replication keeps up, a day after an interruption.
CACHE_HOURS = Range(Decimal("0.1"), Decimal(1), Decimal(24))


def usages(
    case: Case, chosen: ReplicationConfiguration, running_days: int | None = None
) -> tuple[Usage, ...]:
    """All bill lines of one configuration, in the steady state or so many days after the start."""
    return tuple(_lines(_replicated(case, chosen.left_out), chosen, running_days))


def _replicated(case: Case, left_out: frozenset[str]) -> Case:
    """The VM without the disks that are not replicated; what is written follows what is used."""
    kept = without(case, left_out)
    if kept is case:
        return case
    used, written = case.sizing.used_gib.range, case.sizing.written_gib_per_day
    share = kept.sizing.used_gib.range.likely / used.likely if used.likely else Decimal(1)
    less = written._replace(range=written.range.times(share))
    return replace(kept, sizing=replace(kept.sizing, written_gib_per_day=less))


def _lines(
    case: Case, chosen: ReplicationConfiguration, running_days: int | None
) -> Iterator[Usage]:
    target = chosen.target_region(case)
    yield _fee(case, LineKind.RECURRING)
    yield _fee(case, LineKind.CREDIT)
    if not target:
        yield _nowhere(case)
        return
    zonal, disks = _has_zones(target), once(case, _disks)
    replicas = [_replica(each, target, zonal) for each in disks]
    for lines in replicas:
        yield from lines
    yield from _recovery_points(case, chosen, target, running_days)
    yield _cache(case, chosen)
    if not chosen.to_zone:
        yield _traffic(case, chosen, LineKind.RECURRING)
        yield _traffic(case, chosen, LineKind.ONE_TIME)
    if chosen.drills_per_year:
        months = _drill_months(chosen.drills_per_year)
        for each, lines in zip(disks, replicas, strict=True):
            yield from _drill_disk(each, lines, target, months)
        yield _drill_compute(case.vm.size or "the VM's size", target, chosen.drills_per_year)


def _nowhere(case: Case) -> Usage:
    """Without a target nothing of the replica can be priced."""
    return Usage(
        name="Replica",
        kind=LineKind.RECURRING,
        meter=meters.unknown_disk(case.vm.region),
        unit=meters.PER_MONTH,
        quantity=None,
        source=Source.ASSUMED,
        basis="no target region is known; name one with --to",
    )


def _fee(case: Case, kind: LineKind) -> Usage:
    return _fee_in(case.vm.region, kind)


@lru_cache(maxsize=1024)
def _fee_in(home: str, kind: LineKind) -> Usage:
    free = kind is LineKind.CREDIT
    return Usage(
        name="First 31 days free" if free else "Replicated instance",
        kind=kind,
        meter=meters.replication_fee(home),
        unit=meters.PER_MONTH,
        quantity=Range.exactly(Decimal(-1 if free else 1)),
        source=Source.STATED,
        basis=(
            f"the fee of the first {FREE_DAYS} days of each machine"
            if free
            else "one a machine, whatever its size"
        ),
    )


# --- replica disks ---------------------------------------------------------------------------


ONE_MONTH = Range.exactly(Decimal(1))


class _Disk(NamedTuple):
    """A disk that is replicated, with what does not depend on where to."""

    size: DiskSize
    ultra: bool
    family: str | None  #: of the replica; None where the SKU or the size is not known
    zonal: bool
    name: str
    drill: str


def _disks(case: Case) -> tuple[_Disk, ...]:
    return tuple([_disk(size) for size in case.stored_disks])


def _disk(size: DiskSize) -> _Disk:
    disk = size.disk
    family, zonal = None, False
    if size.provisioned_gib is not None and disk.sku is not None:
        sku = meters.disk_sku(disk.sku)
        family = "Premium" if is_premium_v2(disk) else sku.family
        zonal = sku.redundancy == "ZRS"
    name, drill = f"Replica of {disk.name}", f"Drill disk of {disk.name}"
    return _Disk(size, bool(is_ultra(disk)), family, zonal, name, drill)


def _replica(each: _Disk, target: str, zonal: bool) -> tuple[Usage, ...]:
    if each.ultra:
        return tuple(_ultra_replica(each.size, target, LineKind.RECURRING, Decimal(1)))
    return (_tier_replica(each, target, zonal),)


def _drill_disk(
    each: _Disk, replica: tuple[Usage, ...], target: str, months: Range
) -> Iterable[Usage]:
    """The disk that a test failover makes: as the replica is, for a part of the month."""
    if each.ultra:
        return _ultra_replica(each.size, target, LineKind.DRILL, months.likely)
    [(_, _, meter, unit, quantity, source, basis, *_)] = replica
    part = None if quantity is None else months
    return (Usage(each.drill, LineKind.DRILL, meter, unit, part, source, basis),)


def replica_meter(size: DiskSize, target: str) -> Meter | None:
    """The tier the replica is billed at; None where the disk's size or family is not known."""
    return _meter(_disk(size), target, _has_zones(target))


def _meter(each: _Disk, target: str, zonal: bool) -> Meter | None:
    """`zonal`: whether the target has zones."""
    gib = each.size.provisioned_gib
    if each.family is None or gib is None:
        return None
    redundancy = "ZRS" if each.zonal and zonal else "LRS"
    return meters.disk_tier(each.family, redundancy, gib, target)


def _has_zones(name: str) -> bool:
    return bool(name) and region(name).zones is Verdict.YES


def _tier_replica(each: _Disk, target: str, zonal: bool) -> Usage:
    name, kind, meter = each.name, LineKind.RECURRING, _meter(each, target, zonal)
    if meter is None:
        basis = f"which tier holds {each.size.disk.name} is not known: {_size_and_sku(each.size)}"
        unknown = meters.unknown_disk(target)
        return Usage(name, kind, unknown, meters.PER_MONTH, None, Source.STATED, basis)
    basis = f"{each.size.provisioned_gib} GiB provisioned, billed as {meter.sku}"
    return Usage(name, kind, meter, meters.PER_MONTH, ONE_MONTH, Source.STATED, basis)


def _size_and_sku(size: DiskSize) -> str:
    gib = "size not known" if size.provisioned_gib is None else f"{size.provisioned_gib} GiB"
    return f"{gib}, {size.disk.sku or 'SKU not known'}"


def _ultra_replica(size: DiskSize, target: str, kind: LineKind, months: Decimal) -> Iterator[Usage]:
    hours = HOURS_PER_MONTH * months
    name = "Drill disk" if kind is LineKind.DRILL else "Replica"
    parts = (
        ("Capacity", "capacity", meters.PER_GIB_HOUR, size.provisioned_gib, "GiB"),
        ("IOPS", "IOPS", meters.PER_HOUR, size.disk.iops, "IOPS"),
        (
            "Throughput (MBps)",
            "throughput",
            meters.PER_HOUR,
            size.disk.throughput_mb_per_s,
            "MB/s",
        ),
    )
    for part, said, unit, amount, what in parts:
        known = amount is not None
        yield Usage(
            name=f"{name} of {size.disk.name}: {said}",
            kind=kind,
            meter=meters.ultra(part, target),
            unit=unit,
            quantity=Range.exactly(Decimal(amount or 0) * hours) if known else None,
            source=Source.STATED,
            basis=f"{amount} {what} x {plain(hours)} hours" if known else f"{what} not known",
        )


# --- points, cache, traffic ------------------------------------------------------------------


def _recovery_points(
    case: Case, chosen: ReplicationConfiguration, target: str, running_days: int | None
) -> Iterator[Usage]:
    """One line for each family of snapshots: Standard HDD, and Premium for Premium SSD v2."""
    days, basis = _days_kept(chosen.recovery_points)
    if not days:
        return
    used, changed = case.sizing.used_gib, case.sizing.changed_gib_per_day
    held = Range(
        used.range.low + changed.range.low * days,
        used.range.likely + changed.range.likely * days,
        used.range.high + changed.range.high * days,
    )
    dearest = once(case, _replica_family)
    for family, share in once(case, _snapshot_shares):
        may_be_dearer = family == "Standard" and dearest != "Standard"
        yield Usage(
            name="Recovery points",
            kind=LineKind.RECURRING,
            meter=meters.snapshot(family, "LRS", target),
            unit=meters.PER_GB_MONTH,
            quantity=rounded(held if share == 1 else held.times(share)),
            source=weakest(used.source, changed.source),
            basis=f"{basis}; at most at the replica's own class" if may_be_dearer else basis,
            or_meter=meters.snapshot(dearest, "LRS", target) if may_be_dearer else None,
        )


@lru_cache(maxsize=1024)
def _days_kept(points: timedelta) -> tuple[Decimal, str]:
    """The days, and how the quantity comes about."""
    days = Decimal(points.total_seconds()) / 86400
    return days, f"used data + changed data x {plain(days)} days, assumed"


def _replica_family(case: Case) -> str:
    """The dearest class among the replicas but those of Premium SSD v2; unknown ones: Premium."""
    families = {
        meters.disk_sku(size.disk.sku or "Premium_LRS").family
        for size in case.stored_disks
        if not is_premium_v2(size.disk)
    }
    if families <= {"Standard"}:
        return "Standard"
    return "StandardSSD" if families <= {"Standard", "StandardSSD"} else "Premium"


def _snapshot_shares(case: Case) -> list[tuple[str, Decimal]]:
    premium = sum(
        (size.used_gib.likely for size in case.stored_disks if is_premium_v2(size.disk)), Decimal(0)
    )
    whole = case.sizing.used_gib.range.likely
    if not premium or not whole:
        return [("Standard", Decimal(1))]
    share = premium / whole
    shares = [("Standard", 1 - share), ("Premium", share)]
    return [(family, part) for family, part in shares if part]


def _cache(case: Case, chosen: ReplicationConfiguration) -> Usage:
    premium = chosen.churn == "high"
    return Usage(
        name="Cache storage",
        kind=LineKind.RECURRING,
        meter=meters.cache_storage(case.vm.region, premium=premium),
        unit=meters.PER_GB_MONTH,
        quantity=once(case, _waiting),
        source=Source.ASSUMED,
        basis="an hour of writes waiting to be sent, up to a day after an interruption; assumed",
        optional=not premium,  # a tiered meter the shipped book cannot price
    )


def _waiting(case: Case) -> Range:
    """GiB in the cache account."""
    written = case.sizing.written_gib_per_day.range
    return rounded(
        Range(
            written.low * CACHE_HOURS.low / 24,
            written.likely * CACHE_HOURS.likely / 24,
            written.high * CACHE_HOURS.high / 24,
        )
    )


def _traffic(case: Case, chosen: ReplicationConfiguration, kind: LineKind) -> Usage:
    first = kind is LineKind.ONE_TIME
    written, used = case.sizing.written_gib_per_day, case.sizing.used_gib
    return Usage(
        name="First copy to the other region" if first else "Traffic between regions",
        kind=kind,
        meter=meters.transfer(case.vm.region, chosen.to),
        unit=meters.PER_GB,
        quantity=once(case, _copied_first if first else _written_in_a_month),
        source=used.source if first else written.source,
        basis="the used data once" if first else "everything written in a month",
    )


def _copied_first(case: Case) -> Range:
    return rounded(case.sizing.used_gib.range)


def _written_in_a_month(case: Case) -> Range:
    return rounded(case.sizing.written_gib_per_day.range.times(DAYS_PER_MONTH))


# --- drills ----------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _drill_months(drills_per_year: int) -> Range:
    days = Decimal(drills_per_year * DAYS_PER_DRILL)
    return Range.exactly((days / DAYS_PER_YEAR).quantize(Decimal("0.000001")))


@lru_cache(maxsize=4096)
def _drill_compute(size: str, target: str, drills_per_year: int) -> Usage:
    return Usage(
        name="Drill compute",
        kind=LineKind.DRILL,
        meter=meters.drill_compute(size, target),
        unit=meters.PER_HOUR,
        quantity=Range.exactly(Decimal(drills_per_year * DAYS_PER_DRILL * 24) / 12),
        source=Source.ASSUMED,
        basis=f"{drills_per_year} drills a year of {DAYS_PER_DRILL} day each",
        optional=True,
    )
