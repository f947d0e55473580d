"""What Azure Backup costs: the bill lines of one configuration.

Tariff (azure-backup-pricing, 2025-09-19; backup-azure-vms-introduction, 2026-01-28):
- Instance fee by the used data of all disks, temporary disk excluded: up to 50 GB half a unit,
  then one unit for each started 500 GB. 500 GB is 1, 501 GB is 2, 1,128 GB is 3.
- Vault storage: one full copy and the blocks changed between the points kept, at the price of
  the vault's redundancy; cross-region restore bills everything as RA-GRS.
- Instant-restore snapshots (backup-instant-restore-capability, 2025-06-16): Standard policy:
  changed data x days, at the price of the disk's own family; Enhanced: used data + changed data
  x (days - 1), at the price of Standard HDD, zone-redundant where the region has zones. One to
  three further snapshots exist at times.
- Archive: monthly and yearly points, at least 3 months old with at least 6 months left, each
  moved as a full copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from math import ceil
from typing import Any

from advisor.model import ZERO, LineKind, Range, Reason, Retention, Usage
from advisor.options import meters
from advisor.options.azure_backup.policy_rules import POLICIES
from advisor.options.case import Case, case_of, is_shared, rounded, weakest
from advisor.quantities import format_duration
from advisor.retention import (
    DAYS_PER_YEAR,
    MONTHS_PER_YEAR,
    Gaps,
    anniversary_age,
    gaps,
    span_days,
)

# --- tariff, each with its article -----------------------------------------------------------

SMALL_INSTANCE_GB = 50  # azure-backup-pricing: up to here half a unit
#: Vaults, the plainest first: what survives no event more is no better for being farther away.
PLAINEST_FIRST = ("lrs", "zrs", "grs", "grs-crr")
SMALL_INSTANCE_UNITS = Decimal("0.5")
INSTANCE_STEP_GB = 500  # azure-backup-pricing: each started one is a unit

#: backup-instant-restore-capability, 2025-06-16: n + 1 snapshots, at times n + 3.
EXTRA_SNAPSHOT_DAYS = 2

#: Archive: a point moves when 3 months old and with 6 months left (archive-tier-support).
ARCHIVE_AFTER_MONTHS = 3
ARCHIVE_LEAST_MONTHS_LEFT = 6

SNAPSHOTS = "Instant-restore snapshots"
DEFAULT_KEEP = Retention(daily=30)


@dataclass(frozen=True, kw_only=True)
class BackupConfiguration:
    """A policy and the vault it writes to.

    What depends on nothing else is worked out once: the same few serve thousands of VMs.
    """

    policy: str = "enhanced"  #: standard or enhanced
    every: timedelta = timedelta(days=1)
    redundancy: str = "grs"
    instant_restore_days: int = 7
    keep: Retention = DEFAULT_KEEP
    archive: bool = False

    @cached_property
    def mapping(self) -> Mapping[str, Any]:
        """Keyed by `estimate`'s flags."""
        return {
            "policy": self.policy,
            "every": format_duration(self.every),
            "redundancy": self.redundancy,
            "instant_restore": f"{self.instant_restore_days}d",
            "keep": str(self.keep),
            "archive": self.archive,
        }

    @cached_property
    def order(self) -> tuple[object, ...]:
        """Among equals the plainest first: Standard, seldom, LRS, no archive."""
        return (
            self.policy != "standard",
            -self.every,
            self.archive,
            PLAINEST_FIRST.index(self.redundancy),
        )

    @cached_property
    def retention_days(self) -> int:
        """How far back the oldest point in the vault reaches."""
        return span_days(self.keep)

    @cached_property
    def policy_reasons(self) -> tuple[Reason, ...]:
        """What the policy's own limits have against it; nothing when it is possible."""
        found = (
            rule(self.policy, self.every, self.instant_restore_days, self.keep) for rule in POLICIES
        )
        return tuple(reason for reason in found if reason is not None)


def instance_units(used_gib: Decimal) -> Decimal:
    """Protected-instance units of this much used data: 47 -> 0.5, 500 -> 1, 501 -> 2."""
    if used_gib <= SMALL_INSTANCE_GB:
        return SMALL_INSTANCE_UNITS
    return Decimal(max(1, ceil(used_gib / INSTANCE_STEP_GB)))  # Decimal's // rounds towards zero


def instance_fee(case: Case) -> Usage:
    """The protected-instance fee."""
    used = case.sizing.used_gib.range
    units = Range(instance_units(used.low), instance_units(used.likely), instance_units(used.high))
    return Usage(
        name="Protected instance",
        kind=LineKind.RECURRING,
        meter=meters.instance_fee(case.vm.region),
        unit=meters.PER_MONTH,
        quantity=units,
        source=case.sizing.used_gib.source,
        basis="half a unit up to 50 GB in use, then one for each started 500 GB",
    )


def vault_storage(
    case: Case, redundancy: str, keep: Retention, between: Gaps | None = None
) -> Usage:
    """One full copy and the blocks changed between the points kept in the vault."""
    sizing = case.sizing
    stored = case.growth.stored_gib(
        sizing.used_gib.range, gaps(keep) if between is None else between
    )
    return Usage(
        name="Vault storage",
        kind=LineKind.RECURRING,
        meter=meters.vault_storage(redundancy, case.vm.region),
        unit=meters.PER_GB_MONTH,
        quantity=rounded(stored),
        source=weakest(sizing.used_gib.source, sizing.changed_gib_per_day.source),
        basis=f"one full copy and the blocks changed between the points of {keep}",
    )


def instant_restore(case: Case, policy: str, days: int) -> tuple[Usage, ...]:
    """Snapshots beside the disks: one line, or with Standard one for each family of disks.

    Those of a Trusted Launch VM cost what Enhanced ones do (backup-azure-vms-enhanced-policy).
    """
    if policy == "enhanced" or case.vm.security_type == "TrustedLaunch":
        return (_enhanced_snapshots(case, days),)
    families: dict[str, Decimal] = {}
    for size in case.stored_disks:
        family = _snapshot_family(size.disk.sku)
        families[family] = families.get(family, Decimal(0)) + size.used_gib.likely
    whole = sum(families.values()) or Decimal(1)
    several = len(families) > 1
    return tuple(
        _standard_snapshots(case, days, family, used / whole, several)
        for family, used in sorted(families.items())
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _snapshot_family(sku: str | None) -> str:
    """Whose snapshot meter bills the disk; a disk of an unknown SKU counts as Premium."""
    family = meters.disk_sku(sku or "Premium_LRS").family
    return family if family in ("Standard", "StandardSSD") else "Premium"


def _standard_snapshots(case: Case, days: int, family: str, share: Decimal, several: bool) -> Usage:
    changed = case.sizing.changed_gib_per_day
    quantity = Range(
        changed.range.low * days * share,
        changed.range.likely * days * share,
        changed.range.high * (days + EXTRA_SNAPSHOT_DAYS) * share,
    )
    return Usage(
        name=f"{SNAPSHOTS} ({meters.FAMILY_WORDS[family]})" if several else SNAPSHOTS,
        kind=LineKind.RECURRING,
        meter=meters.snapshot(family, "LRS", case.vm.region),
        unit=meters.PER_GB_MONTH,
        quantity=rounded(quantity),
        source=changed.source,
        basis=f"changed data x {_days(days)}, {EXTRA_SNAPSHOT_DAYS} more at times",
    )


def _enhanced_snapshots(case: Case, days: int) -> Usage:
    used, changed = case.sizing.used_gib, case.sizing.changed_gib_per_day
    quantity = Range(
        used.range.low + changed.range.low * (days - 1),
        used.range.likely + changed.range.likely * (days - 1),
        used.range.high + changed.range.high * (days - 1 + EXTRA_SNAPSHOT_DAYS),
    )
    return Usage(
        name=SNAPSHOTS,
        kind=LineKind.RECURRING,
        meter=meters.snapshot("Standard", "ZRS" if case.has_zones else "LRS", case.vm.region),
        unit=meters.PER_GB_MONTH,
        quantity=rounded(quantity),
        source=weakest(used.source, changed.source),
        basis=f"used data + changed data x {_days(days - 1)}, {EXTRA_SNAPSHOT_DAYS} more at times",
    )


def archived_points(keep: Retention) -> tuple[tuple[int, ...], Retention]:
    """The ages in days of the points that lie in archive, and what then stays in the vault.

    A month's point that is also a year's lies there once.
    """
    least = ARCHIVE_AFTER_MONTHS + ARCHIVE_LEAST_MONTHS_LEFT
    monthly = keep.monthly - ARCHIVE_AFTER_MONTHS if keep.monthly >= least else 0
    yearly = keep.yearly - 1 if keep.yearly > 1 else 0
    ages = {
        *(
            anniversary_age(month, MONTHS_PER_YEAR)
            for month in range(keep.monthly - monthly, keep.monthly)
        ),
        *(year * DAYS_PER_YEAR for year in range(keep.yearly - yearly, keep.yearly)),
    }
    stays = keep._replace(monthly=keep.monthly - monthly, yearly=keep.yearly - yearly)
    return tuple(sorted(ages)), stays


def archived_after(keep: Retention, running_days: int | None) -> int:
    """How many points have moved so many days after the start; all of them in the steady state."""
    ages, _ = archived_points(keep)
    return sum(running_days is None or age < running_days for age in ages)


def archive_storage(
    case: Case, redundancy: str, keep: Retention, running_days: int | None = None
) -> Usage:
    """Every archived point is a full copy."""
    count = archived_after(keep, running_days)
    return Usage(
        name="Archive storage",
        kind=LineKind.RECURRING,
        meter=meters.archive_storage(redundancy, case.vm.region),
        unit=meters.PER_GB_MONTH,
        quantity=rounded(case.sizing.used_gib.range.times(Decimal(count))),
        source=case.sizing.used_gib.source,
        basis=f"{count} monthly and yearly points, each a full copy",
    )


def usages(
    case: Case, chosen: BackupConfiguration, running_days: int | None = None
) -> tuple[Usage, ...]:
    """All bill lines of one configuration, in the steady state or so many days after the start."""
    return BackupBill(case, running_days).of(chosen)


def without_shared(case: Case) -> Case:
    """The same VM without its shared disks, which the Enhanced policy leaves out.

    Fee, vault and snapshots then follow the disks that are left (selective-disk-backup-restore,
    2026-01-23), which change as much of their data as the whole VM does.
    """
    left = tuple(size for size in case.stored_disks if not is_shared(size.disk))
    if len(left) == len(case.stored_disks):
        return case
    used = Range(
        sum((size.used_gib.low for size in left), ZERO),
        sum((size.used_gib.likely for size in left), ZERO),
        sum((size.used_gib.high for size in left), ZERO),
    )
    shares = case.growth.shares_per_day
    changed = sorted(share * gib for share, gib in zip(shares, used, strict=True))
    sizing = replace(
        case.sizing,
        disks=left,
        used_gib=case.sizing.used_gib._replace(range=used),
        changed_gib_per_day=case.sizing.changed_gib_per_day._replace(range=Range(*changed)),
    )
    return case_of(case.vm, sizing, case.need, case.to)


class BackupBill:
    """The lines of a VM's configurations, each line made once and shared."""

    def __init__(self, case: Case, running_days: int | None = None) -> None:
        self.case = without_shared(case)
        self.running_days = running_days
        self.fee = instance_fee(self.case)
        self.vaults: dict[tuple[str, Retention], Usage] = {}
        self.snapshots: dict[tuple[str, int], tuple[Usage, ...]] = {}
        self.bills: dict[tuple[object, ...], tuple[Usage, ...]] = {}

    def of(self, chosen: BackupConfiguration) -> tuple[Usage, ...]:
        """The lines; how often a policy runs does not change them, so whole bills are shared."""
        key = (chosen.policy, chosen.redundancy, chosen.instant_restore_days, chosen.archive)
        bill = self.bills.get((*key, chosen.keep))
        if bill is None:
            bill = self.bills[(*key, chosen.keep)] = self._made(chosen)
        return bill

    def _made(self, chosen: BackupConfiguration) -> tuple[Usage, ...]:
        if not chosen.archive or not archived_points(chosen.keep)[0]:
            return (self.fee, self._vault(chosen, chosen.keep), *self._snapshots(chosen))
        _, stays = archived_points(chosen.keep)
        archive = archive_storage(self.case, chosen.redundancy, chosen.keep, self.running_days)
        return (self.fee, self._vault(chosen, stays), archive, *self._snapshots(chosen))

    def _vault(self, chosen: BackupConfiguration, keep: Retention) -> Usage:
        key = (chosen.redundancy, keep)
        if key not in self.vaults:
            between = gaps(keep, self.running_days)
            self.vaults[key] = vault_storage(self.case, chosen.redundancy, keep, between)
        return self.vaults[key]

    def _snapshots(self, chosen: BackupConfiguration) -> tuple[Usage, ...]:
        days = chosen.instant_restore_days
        days = days if self.running_days is None else max(1, min(days, self.running_days))
        key = (chosen.policy, days)
        if key not in self.snapshots:
            self.snapshots[key] = instant_restore(self.case, *key)
        return self.snapshots[key]
