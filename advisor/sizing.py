"""How much a VM holds and changes: value, range and source, from what was measured or said.

The best source wins, in the order stated on the command line, stated in tags, measured,
billed, assumed. Azure has neither a property nor a metric for a disk's used size, so where nobody
stated it and nothing told it that one is assumed, and the advice says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from advisor.billed_sizes import changed_of_bill, disks_of, used_of_bill
from advisor.errors import UsageError
from advisor.measured_sizes import (
    bounded_by_writes,
    changed_estimate,
    shared_out,
    used_estimate,
)
from advisor.model import (
    NOTHING,
    NOTHING_MEASURED,
    ZERO,
    BilledSizes,
    Disk,
    DiskSize,
    DiskWrites,
    Estimate,
    KnownVm,
    Measurements,
    Range,
    Sizing,
    Source,
)
from advisor.quantities import plain
from advisor.stated_sizes import StatedSizes
from advisor.write_limits import most_written_gib_per_day

# --- assumptions, each with its article ------------------------------------------------------

#: Shares of the provisioned size in use. No article gives one: Azure has no such figure
#: (disks-incremental-snapshots, 2024-12-09, says only that snapshots are billed on used size),
#: so these are ours and wide. System disks come at a fixed size and hold little.
USED_SHARE_WINDOWS_OS = Range(Decimal("0.15"), Decimal("0.35"), Decimal("0.90"))
USED_SHARE_LINUX_OS = Range(Decimal("0.05"), Decimal("0.25"), Decimal("0.90"))
USED_SHARE_DATA = Range(Decimal("0.10"), Decimal("0.50"), Decimal(1))

#: Distinct blocks changed a day as a share of the used data. Low: the "low" of the pricing
#: estimator (azure-backup-pricing, 2025-09-19: 1 %, documented for file shares). Likely: the
#: example of backup-instant-restore-capability (2025-06-16), 2 %. High: the upper end of what
#: the same article has seen in most cases, 7 %.
CHURN_SHARE_PER_DAY = Range(Decimal("0.01"), Decimal("0.02"), Decimal("0.07"))
CHURN_ARTICLE = "backup-instant-restore-capability, 2025-06-16"

#: Bytes written for each byte of distinct blocks changed. The same block is written again and
#: again: journals, logs, pages. No article gives a figure; low is 1 by definition.
WRITES_PER_CHANGE = Range(Decimal(1), Decimal(3), Decimal(10))

#: A disk that nobody told the size of: the default image sizes are the low end
#: (expand-disks: Windows images are 127 GiB, Linux images 30 GiB), the largest disks of the
#: ordinary families the high end.
UNSAID_OS_GIB = Range(Decimal(30), Decimal(64), Decimal(127))
UNSAID_DATA_GIB = Range(Decimal(32), Decimal(128), Decimal(1024))

MEASURE_USED = (
    "take one incremental snapshot and read its billed GB a day later, or pass --used 47GB"
)
MEASURE_CHURN = "compare the billed GB of two incremental snapshots a day apart, or pass --churn 2%"
MEASURE_WRITTEN = "let vmbackup read Azure Monitor's disk writes, or pass --written 80GB"

# --- the four sizes --------------------------------------------------------------------------


def size(known: KnownVm, stated: StatedSizes) -> Sizing:
    """The four sizes of a VM with range and source. Raises UsageError where used > provisioned."""
    disks = tuple(_disk_size(disk, known.vm.os_type) for disk in known.vm.disks)
    measured = known.measured
    if stated.used_gib is not None:
        disks = _share_out(disks, stated.used_gib)
    elif measured.used is not None:
        used = measured.used
        disks = shared_out(disks, map(_weight, disks), used.gib, used.source)
    elif known.billed is not None:
        disks = disks_of(known.billed, disks)
    most = most_written_gib_per_day(known.vm)
    return sizing_of(disks, stated, known.writes, most, known.billed, measured)


def sizing_of(
    disks: tuple[DiskSize, ...],
    stated: StatedSizes,
    writes: DiskWrites | None = None,
    most_gib_per_day: Decimal | None = None,
    billed: BilledSizes | None = None,
    measured: Measurements = NOTHING_MEASURED,
) -> Sizing:
    """The sizes of a VM whose disks' used sizes are settled; `billed`: what its bill told.

    `most_gib_per_day`: what the disks can write at most, where that is known; what is assumed is
    never more, and what is stated or measured is kept.
    """
    used = _used(disks, stated, None if measured.used else billed, measured)
    changed = _changed(used.range, stated, writes, most_gib_per_day, billed, measured)
    return Sizing(
        disks=disks,
        used_gib=used,
        changed_gib_per_day=changed,
        written_gib_per_day=_written(changed, stated, writes, most_gib_per_day),
        peak_write_mb_per_s=_peak(stated, writes),
        peak_write_mb_per_s_by_disk=writes.peak_mb_per_s_by_disk if writes else {},
        not_known=tuple(
            f"the size of disk {size.disk.name}" for size in disks if size.provisioned_gib is None
        ),
        restores=measured.restores,
        restores_read_at=measured.read_at,
    )


def _disk_size(disk: Disk, os_type: str | None) -> DiskSize:
    if disk.ephemeral:  # it lies on the host and no option stores it
        return DiskSize(
            disk=disk, provisioned_gib=disk.size_gib, used_gib=NOTHING, source=Source.ASSUMED
        )
    share = _used_share(disk, os_type)
    if disk.size_gib is None:
        unsaid = UNSAID_OS_GIB if disk.is_os else UNSAID_DATA_GIB
        used = Range(unsaid.low * share.low, unsaid.likely * share.likely, unsaid.high * share.high)
    else:
        used = share.times(Decimal(disk.size_gib))
    return DiskSize(disk=disk, provisioned_gib=disk.size_gib, used_gib=used, source=Source.ASSUMED)


def _used_share(disk: Disk, os_type: str | None) -> Range:
    if not disk.is_os:
        return USED_SHARE_DATA
    return USED_SHARE_WINDOWS_OS if os_type == "Windows" else USED_SHARE_LINUX_OS


def _share_out(disks: tuple[DiskSize, ...], used_gib: Decimal) -> tuple[DiskSize, ...]:
    """Share a stated total out over the disks, by what each would likely hold."""
    provisioned = [size.provisioned_gib for size in disks if not size.disk.ephemeral]
    if provisioned and None not in provisioned and used_gib > sum(filter(None, provisioned)):
        raise UsageError(
            f"{plain(used_gib)} GB in use is more than the disks hold"
            f" ({sum(filter(None, provisioned))} GB). Give the used size of all disks together."
        )
    return shared_out(disks, map(_weight, disks), Range.exactly(used_gib), Source.STATED)


def _weight(size: DiskSize) -> Decimal:
    if size.disk.ephemeral:
        return ZERO
    return Decimal(size.provisioned_gib) if size.provisioned_gib else size.used_gib.high


def _used(
    disks: tuple[DiskSize, ...],
    stated: StatedSizes,
    billed: BilledSizes | None,
    measured: Measurements,
) -> Estimate:
    total = used_of(disks)
    if billed is not None and any(size.source is Source.BILLED for size in disks):
        return used_of_bill(billed, total)
    if disks and all(size.source is Source.STATED for size in disks):
        return Estimate(total, Source.STATED, f"used size stated on {stated.where}")
    if disks and all(size.source.is_measured for size in disks):
        return used_estimate(measured, total)
    return Estimate(
        total,
        Source.ASSUMED,
        "used size assumed from provisioned size by disk role and operating system"
        " (Azure reports none: disks-incremental-snapshots, 2024-12-09)",
    )


def _changed(
    used: Range,
    stated: StatedSizes,
    writes: DiskWrites | None,
    most: Decimal | None,
    billed: BilledSizes | None,
    measured: Measurements,
) -> Estimate:
    """Distinct blocks: never more than is used, nor, where assumed, than can be written."""
    if stated.churn_share_per_day is not None:
        share = min(stated.churn_share_per_day, Decimal(1))
        return Estimate(
            used.times(share),
            Source.STATED,
            f"{plain(share * 100)} % a day stated on {stated.where}",
        )
    if stated.changed_gib_per_day is not None:
        return _changed_amount(used, stated.changed_gib_per_day, stated.where)
    known = changed_estimate(measured, used, writes)
    if known is not None:
        return known
    if billed is not None and billed.churn_share_per_day is not None:
        return changed_of_bill(billed, used, billed.churn_share_per_day)
    assumed = Range(
        used.low * CHURN_SHARE_PER_DAY.low,
        used.likely * CHURN_SHARE_PER_DAY.likely,
        used.high * CHURN_SHARE_PER_DAY.high,
    )
    if writes is not None:
        written = plain(round(writes.written_gib_per_day, 1))
        basis = f"1 % a day assumed ({CHURN_ARTICLE}) to the {written} GB that are written"
        return Estimate(bounded_by_writes(assumed, used, writes), Source.ASSUMED, basis)
    said = f"1 to 7 % a day assumed ({CHURN_ARTICLE})"
    bound = stated.written_gib_per_day
    if bound is not None:
        said = f"{said}, at most what is written: {plain(bound)} GB"
        return Estimate(_at_most(assumed, bound), Source.ASSUMED, said)
    if most is not None:
        assumed = _at_most(assumed, most)
    return Estimate(assumed, Source.ASSUMED, said)


def _changed_amount(used: Range, gib: Decimal, where: str) -> Estimate:
    basis = f"{plain(gib)} GB a day stated on {where}"
    if gib > used.low:
        basis += ", at most what is used"
    return Estimate(Range(*(min(gib, end) for end in used)), Source.STATED, basis, amount=True)


def _at_most(value: Range, bound: Decimal) -> Range:
    return Range(min(value.low, bound), min(value.likely, bound), min(value.high, bound))


def _at_least(value: Range, bound: Range) -> Range:
    return Range(
        max(value.low, bound.low), max(value.likely, bound.likely), max(value.high, bound.high)
    )


def _written(
    changed: Estimate, stated: StatedSizes, writes: DiskWrites | None, most: Decimal | None
) -> Estimate:
    """What is written is at least what is changed, and where assumed at most what can be."""
    if stated.written_gib_per_day is not None:
        value = Range.exactly(stated.written_gib_per_day)
        basis = f"{plain(stated.written_gib_per_day)} GB a day stated on {stated.where}"
        if value.low < changed.range.high:
            basis += ", raised to what is changed where that is more"
        if most is not None and value.low > most:
            basis += f", though its disks can write {plain(Decimal(round(most)))} GB a day at most"
        return Estimate(_at_least(value, changed.range), Source.STATED, basis)
    if writes is not None:
        value = Range.exactly(writes.written_gib_per_day)
        basis = (
            f"{plain(round(writes.written_gib_per_day, 1))} GB a day measured by Azure Monitor"
            f" over {_days(writes)}"
        )
        return Estimate(_at_least(value, changed.range), Source.MEASURED, basis)
    low, likely, high = WRITES_PER_CHANGE.low, WRITES_PER_CHANGE.likely, WRITES_PER_CHANGE.high
    basis = f"{low} to {high} times the changed data assumed, {likely} likely"
    value = Range(changed.range.low * low, changed.range.likely * likely, changed.range.high * high)
    if most is not None and value.high > most:
        value = _at_least(_at_most(value, most), changed.range)
        basis += f", at most the {plain(Decimal(round(most)))} GB a day that its disks can write"
    return Estimate(value, Source.ASSUMED, basis)


def _peak(stated: StatedSizes, writes: DiskWrites | None) -> Estimate | None:
    if stated.peak_write_mb_per_s is not None:
        value = stated.peak_write_mb_per_s
        basis = f"{plain(value)} MB/s stated on {stated.where}"
        return Estimate(Range.exactly(value), Source.STATED, basis)
    if writes is not None:
        value = writes.peak_mb_per_s
        basis = f"highest hour of {_days(writes)}, measured by Azure Monitor"
        return Estimate(Range.exactly(value), Source.MEASURED, basis)
    return None


def _days(writes: DiskWrites) -> str:
    """`the last 7 days`, or of a reading that was kept `7 days until 2026-11-18`."""
    if writes.until is None:
        return f"the last {writes.days} days"
    return f"{writes.days} days until {writes.until:%Y-%m-%d}"


def part_of(sizing: Sizing, disks: tuple[DiskSize, ...]) -> Sizing:
    """The sizes of some of a VM's disks: they change as much of their data as the whole VM does.

    What is written may all go to them, so its high end stays, as does the peak of the VM.
    """
    used = used_of(disks)
    shares, written = shares_per_day(sizing), sizing.written_gib_per_day.range
    changed = Range(*sorted(share * gib for share, gib in zip(shares, used, strict=True)))
    of_all = sizing.used_gib.range
    some = Range(
        written.low * _ratio(used.low, of_all.low),
        written.likely * _ratio(used.likely, of_all.likely),
        written.high,
    )
    keys = {size.disk.key for size in disks}
    peaks = sizing.peak_write_mb_per_s_by_disk
    return replace(
        sizing,
        disks=disks,
        used_gib=sizing.used_gib._replace(range=used),
        changed_gib_per_day=sizing.changed_gib_per_day._replace(range=changed),
        written_gib_per_day=sizing.written_gib_per_day._replace(range=_at_least(some, changed)),
        peak_write_mb_per_s_by_disk={key: peak for key, peak in peaks.items() if key in keys},
    )


def used_of(disks: Iterable[DiskSize]) -> Range:
    """GiB in use on these disks together."""
    low = likely = high = ZERO
    for size in disks:
        low += size.used_gib.low
        likely += size.used_gib.likely
        high += size.used_gib.high
    return Range(low, likely, high)


def shares_per_day(sizing: Sizing) -> Range:
    """The changed data as a share of the used data, a day; never above 1."""
    used, changed = sizing.used_gib.range, sizing.changed_gib_per_day.range
    return Range(
        _ratio(changed.low, used.low),
        _ratio(changed.likely, used.likely),
        _ratio(changed.high, used.high),
    )


def _ratio(changed: Decimal, used: Decimal) -> Decimal:
    return min(Decimal(1), changed / used) if used else ZERO
