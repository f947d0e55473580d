"""Used and changed data of a VM by the billed GB of its disks' snapshots.

A snapshot is billed on the data it holds: the oldest that stands of a disk on all that was in use,
each later incremental one on the blocks changed since the one before (disks-incremental-snapshots,
2024-12-09; a day counts as a share of its month: 1 GiB for one of 31 days is 1/31).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from advisor.bill.charges import MonthCharges
from advisor.bill.kinds import MeterPurpose, meter_kind
from advisor.bill.months import Month
from advisor.inventory.compute_points import SnapshotRecord
from advisor.model import DAYS_PER_MONTH, ZERO, Range, SizeMeasured, Source, Vm

#: A snapshot that was billed for fewer days of the month is not measured by it: the day on which it
#: was made would count too much. A choice of ours.
FEWEST_DAYS = 7
_SECONDS_PER_DAY = Decimal(86400)


class _Billed(NamedTuple):
    """One snapshot with the GiB that it was billed for."""

    made: datetime
    gib: Range


class SnapshotSizes(NamedTuple):
    """What the bill of a month measures; None where it does not cover every disk."""

    used: SizeMeasured | None
    changed: SizeMeasured | None


def billed_sizes(
    vm: Vm, snapshots: Iterable[SnapshotRecord], charges: Sequence[MonthCharges], month: Month
) -> SnapshotSizes:
    """Of the whole VM: a disk without a billed snapshot leaves it unmeasured."""
    quantities = _quantities(charges)
    series = [_series(disk.key, vm.region, snapshots, quantities, month)
              for disk in vm.disks if not disk.ephemeral]  # fmt: skip
    if not series or not all(series):
        return SnapshotSizes(None, None)
    said = f"the bill of {month} of its snapshots"
    used = _sum(one[0].gib for one in series)
    oldest = min(one[0].made for one in series)
    changes = [_changed(one) for one in series]
    known = [one for one in changes if one is not None]
    changed = None
    if len(known) == len(series):
        newest = min(one[-1].made for one in series)
        changed = SizeMeasured(_sum(known), Source.BILLED, said, newest)
    return SnapshotSizes(SizeMeasured(used, Source.BILLED, said, oldest), changed)


def _quantities(charges: Sequence[MonthCharges]) -> Mapping[str, Decimal]:
    """Billed GB months by the snapshot's lower-cased id."""
    found: dict[str, Decimal] = {}
    for charge in (one for each in charges for one in each.usage):
        is_snapshot = meter_kind(charge.meter, of_vault=False) is MeterPurpose.SNAPSHOTS
        if is_snapshot and charge.quantity is not None:
            key = charge.resource_id.lower()
            found[key] = found.get(key, ZERO) + charge.quantity
    return found


def _series(
    disk: str,
    region: str,
    snapshots: Iterable[SnapshotRecord],
    quantities: Mapping[str, Decimal],
    month: Month,
) -> list[_Billed]:
    """Those of a disk in its own region, the oldest first; cut where one was not billed enough."""
    own = [
        one
        for one in snapshots
        if one.source_id == disk and one.region == region and not one.copied
    ]
    found: list[_Billed] = []
    for created, one in sorted(
        ((each.created, each) for each in own if each.created), key=lambda pair: pair[0]
    ):
        gib = _gib(one, quantities.get(one.id.lower()), month)
        if gib is None or (found and not one.incremental):
            break
        found.append(_Billed(created, gib))
    return found


def _gib(one: SnapshotRecord, quantity: Decimal | None, month: Month) -> Range | None:
    """GiB from GB months, by the days of the month on which it stood."""
    if quantity is None or one.created is None:
        return None
    zone = one.created.tzinfo
    begins = datetime(month.first.year, month.first.month, month.first.day, tzinfo=zone)
    ends = begins + timedelta(days=month.days)
    days = Decimal((ends - max(begins, one.created)).total_seconds()) / _SECONDS_PER_DAY
    if days < FEWEST_DAYS:
        return None
    by_the_month = quantity * month.days / days
    return Range.spanning(quantity * DAYS_PER_MONTH / days, by_the_month, by_the_month)


def _changed(series: Sequence[_Billed]) -> Range | None:
    """GiB a day: all that changed over all the time, between the quietest and the busiest."""
    rates = []
    whole, time = ZERO, ZERO
    for before, after in pairwise(series):
        days = Decimal((after.made - before.made).total_seconds()) / _SECONDS_PER_DAY
        if days <= 0:
            continue
        rates += [after.gib.low / days, after.gib.high / days]
        whole, time = whole + after.gib.likely, time + days
    return Range.spanning(min(rates), whole / time, max(rates)) if rates else None


def _sum(values: Iterable[Range]) -> Range:
    low = likely = high = ZERO
    for each in values:
        low, likely, high = low + each.low, likely + each.likely, high + each.high
    return Range(low, likely, high)
