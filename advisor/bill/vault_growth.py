"""What changes a day, by how much a vault grows while no point of the VM expires.

A new point adds the blocks that changed since the one before (azure-backup-pricing, 2025-09-19).
As long as none is old enough to expire the vault grows by just that; afterwards as much leaves it
as comes, and its size says nothing of a day any more. Azure has no metric of a vault's size (its
metrics count health events alone: supported-metrics, microsoft.recoveryservices/vaults, 2026), and
neither an item nor the vault's usages say one of a VM: the storage that Cost Management counts by
day does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from advisor.bill.charges import StoredDay
from advisor.bill.kinds import BillPart, MeterPurpose, meter_kind
from advisor.bill.months import month_of
from advisor.bill.owners import VaultItem, item_billed
from advisor.inventory.recovery_services import vault_id_of
from advisor.model import DAYS_PER_MONTH, ZERO, NotRead, Protection, Range, SizeMeasured, Source

#: Ours: charges go on arriving for about a day, and the day on which they are read is not over.
LATEST_DAYS_AGO = 2
#: The longest time of a query by day (guard rail of Cost Management's own tools, 2026).
DAYS_AT_MOST = 31
#: Ours: of fewer days one busy one would count too much.
FEWEST_DAYS = 7
#: What would measure it: backup-azure-granular-billing, 2026-04-13.
GRANULAR = "vmbackup advise VM --details prints how a vault bills each item by itself"


def growth_days(backup: Protection, now: datetime) -> tuple[date, date] | str:
    """From the first whole day of its points to the newest that is billed; or why none is."""
    oldest, policy = backup.oldest_point, backup.policy
    kept = policy.retention.daily if policy and policy.retention else 0
    if oldest is None or not kept:
        return "since when it is protected, and for how many days, was not read"
    if (now - oldest).days >= kept:
        return "its oldest points expire as new ones come, so that its vault grows no more"
    if backup.left_out:
        return "its points leave disks out"
    last = now.date() - timedelta(days=LATEST_DAYS_AGO)
    first = max(oldest.date() + timedelta(days=1), last - timedelta(days=DAYS_AT_MOST - 1))
    if (last - first).days < FEWEST_DAYS:
        return f"it is protected for fewer than {FEWEST_DAYS} days that are billed"
    return first, last


def grown(
    what: str,
    vm: str,
    backup: Protection,
    items: Sequence[VaultItem],
    stored: Iterable[StoredDay],
    days: tuple[date, date],
) -> SizeMeasured | NotRead:
    """GiB a day by the storage that is counted of this VM alone. `items`: of its vault."""
    vault = vault_id_of(backup.id or "") or ""
    held = [one for one in items if one.part is BillPart.BACKUP and one.holds_data]
    own = [one for one in held if one.vm == vm]
    is_alone = bool(own) and len(own) == len(held)  # an item that was not found is no item's
    by_day: dict[date, Decimal] = defaultdict(Decimal)
    for row in stored:
        of_whole = is_alone and row.resource_id == vault
        is_own = of_whole or item_billed(row.resource_id, own) is not None
        if is_own and meter_kind(row.meter, of_vault=True) is MeterPurpose.STORED:
            by_day[row.day] += row.quantity
    wanted = [days[0] + timedelta(days=n) for n in range((days[1] - days[0]).days + 1)]
    if not by_day:
        why = "its vault bills it together with what else it protects"
        return NotRead(what, why, GRANULAR)
    if any(day not in by_day for day in wanted):
        return NotRead(what, "days are missing in what was billed", "")
    steps = list(_steps(wanted, by_day))
    if min(each.low for each in steps) < 0 or not any(each.high for each in steps):
        return NotRead(what, "its vault did not grow from day to day", "")
    likely = sum((each.likely for each in steps), ZERO) / len(steps)
    value = Range.spanning(
        min(each.low for each in steps), likely, max(each.high for each in steps)
    )
    said = f"the growth of vault {vault.rsplit('/', 1)[-1]} as it is billed"
    return SizeMeasured(value, Source.BILLED, said, datetime.combine(days[1], time(), UTC))


def _steps(days: Sequence[date], by_day: Mapping[date, Decimal]) -> Iterator[Range]:
    """What was added from each day to the next of its month, in GiB.

    Whether a day counts as one of its month's days or of a mean month is in no article: so it may
    be either, and two months are never compared.
    """
    for before, after in pairwise(days):
        if before.month == after.month:
            step = by_day[after] - by_day[before]
            ends = sorted((step * month_of(after).days, step * DAYS_PER_MONTH))
            yield Range.spanning(ends[0], step * month_of(after).days, ends[1])
