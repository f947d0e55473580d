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
- Archive: `archive` says which points move there, each as a full copy.
- A list of disks (selective-disk-backup-restore, 2026-01-23): with the Enhanced policy fee, vault
  and snapshots follow the disks included; with Standard the vault alone does, snapshots are paid
  of all disks, and so is the fee as soon as one data disk is included.
- A vault in another region is billed there; the snapshots stay beside the disks.
"""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from typing import NamedTuple

from advisor.model import LineKind, Range, Retention, Source, Usage
from advisor.options import meters
from advisor.options.azure_backup.archive import archived_after, archived_points
from advisor.options.azure_backup.chosen import BackupConfiguration
from advisor.options.case import Case, is_shared, once, rounded, weakest
from advisor.options.disks_left_out import of_sizes, without
from advisor.retention import Gaps, average_reached, gaps

# --- tariff, each with its article -----------------------------------------------------------

SMALL_INSTANCE_GB = 50  # azure-backup-pricing: up to here half a unit
SMALL_INSTANCE_UNITS = Decimal("0.5")
INSTANCE_STEP_GB = 500  # azure-backup-pricing: each started one is a unit

#: backup-instant-restore-capability, 2025-06-16: n + 1 snapshots, at times n + 3.
EXTRA_SNAPSHOT_DAYS = 2

SNAPSHOTS = "Instant-restore snapshots"


def instance_units(used_gib: Decimal) -> Decimal:
    """Protected-instance units of this much used data: 47 -> 0.5, 500 -> 1, 501 -> 2."""
    if used_gib <= SMALL_INSTANCE_GB:
        return SMALL_INSTANCE_UNITS
    return Decimal(max(1, ceil(used_gib / INSTANCE_STEP_GB)))  # Decimal's // rounds towards zero


def instance_fee(case: Case, region: str = "") -> Usage:
    """The protected-instance fee, in the vault's region where that is not the VM's."""
    used = case.sizing.used_gib.range
    units = Range(instance_units(used.low), instance_units(used.likely), instance_units(used.high))
    return Usage(
        name="Protected instance",
        kind=LineKind.RECURRING,
        meter=meters.instance_fee(region or case.vm.region),
        unit=meters.PER_MONTH,
        quantity=units,
        source=case.sizing.used_gib.source,
        basis="half a unit up to 50 GB in use, then one for each started 500 GB",
    )


class Stored(NamedTuple):
    """What lies in a vault, whatever its redundancy is."""

    gib: Range
    source: Source
    basis: str


def stored_in_vault(case: Case, keep: Retention, between: Gaps) -> Stored:
    """One full copy and the blocks changed between the points kept."""
    used, changed = case.sizing.used_gib, case.sizing.changed_gib_per_day
    return Stored(
        rounded(case.growth.stored_gib(used.range, between)),
        weakest(used.source, changed.source),
        f"one full copy and the blocks changed between the points of {keep}",
    )


def _stored_as(stored: Stored, redundancy: str, region: str) -> Usage:
    return Usage(
        name="Vault storage",
        kind=LineKind.RECURRING,
        meter=meters.vault_storage(redundancy, region),
        unit=meters.PER_GB_MONTH,
        quantity=stored.gib,
        source=stored.source,
        basis=stored.basis,
    )


def instant_restore(
    case: Case, policy: str, days: int, reached: Decimal | None = None
) -> tuple[Usage, ...]:
    """Snapshots beside the disks: one line, or with Standard one for each family of disks.

    `reached`: how many of the days have points on average in the billed month; all by default.

    Those of a Trusted Launch VM cost what Enhanced ones do (backup-azure-vms-enhanced-policy).
    """
    reached = Decimal(days) if reached is None else reached
    if policy == "enhanced" or case.vm.security_type == "TrustedLaunch":
        return (_enhanced_snapshots(case, days, reached),)
    families: dict[str, Decimal] = {}
    for size in case.stored_disks:
        family = _snapshot_family(size.disk.sku)
        families[family] = families.get(family, Decimal(0)) + size.used_gib.likely
    whole = sum(families.values()) or Decimal(1)
    several = len(families) > 1
    return tuple(
        _standard_snapshots(case, days, reached, family, used / whole, several)
        for family, used in sorted(families.items())
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _snapshot_family(sku: str | None) -> str:
    """Whose snapshot meter bills the disk; a disk of an unknown SKU counts as Premium."""
    family = meters.disk_sku(sku or "Premium_LRS").family
    return family if family in ("Standard", "StandardSSD") else "Premium"


def _standard_snapshots(
    case: Case, days: int, reached: Decimal, family: str, share: Decimal, several: bool
) -> Usage:
    changed = case.sizing.changed_gib_per_day
    quantity = Range(
        changed.range.low * reached * share,
        changed.range.likely * reached * share,
        changed.range.high * (reached + EXTRA_SNAPSHOT_DAYS) * share,
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


def _enhanced_snapshots(case: Case, days: int, reached: Decimal) -> Usage:
    used, changed = case.sizing.used_gib, case.sizing.changed_gib_per_day
    quantity = Range(
        used.range.low + changed.range.low * (reached - 1),
        used.range.likely + changed.range.likely * (reached - 1),
        used.range.high + changed.range.high * (reached - 1 + EXTRA_SNAPSHOT_DAYS),
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


def archive_storage(
    case: Case,
    redundancy: str,
    keep: Retention,
    running_days: int | None = None,
    region: str = "",
) -> Usage:
    """Every archived point is a full copy."""
    count = archived_after(keep, running_days)
    return Usage(
        name="Archive storage",
        kind=LineKind.RECURRING,
        meter=meters.archive_storage(redundancy, region or case.vm.region),
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


class _Billed(NamedTuple):
    """Which disks each line of the bill follows."""

    fee: Case
    vault: Case
    snapshots: Case


class BackupBill:
    """The lines of a VM's configurations, each line made once and shared."""

    def __init__(self, case: Case, running_days: int | None = None) -> None:
        self.case = case
        self.running_days = running_days
        self._shared = once(case, shared_disks)
        self._billed: dict[tuple[str, frozenset[str]], _Billed] = {}
        self._fees: dict[tuple[int, str], Usage] = {}
        self._vaults: dict[tuple[int, str, str, Retention], Usage] = {}
        self._in_vault: dict[tuple[int, Retention], Stored] = {}
        self._snapshots: dict[tuple[int, str, int], tuple[Usage, ...]] = {}
        self._bills: dict[str, tuple[Usage, ...]] = {}

    def of(self, chosen: BackupConfiguration) -> tuple[Usage, ...]:
        """The lines; how often a policy runs does not change them, so whole bills are shared."""
        bill = self._bills.get(chosen.billed)
        if bill is None:
            bill = self._bills[chosen.billed] = self._made(chosen)
        return bill

    def _made(self, chosen: BackupConfiguration) -> tuple[Usage, ...]:
        billed = self._follows(chosen)
        fee, snapshots = self._fee(chosen, billed.fee), self._kept(chosen, billed.snapshots)
        if not chosen.archive or not archived_points(chosen.keep)[0]:
            return (fee, self._vault(chosen, chosen.keep, billed.vault), *snapshots)
        _, stays = archived_points(chosen.keep)
        archive = archive_storage(
            billed.vault, chosen.redundancy, chosen.keep, self.running_days, chosen.vault_region
        )
        return (fee, self._vault(chosen, stays, billed.vault), archive, *snapshots)

    def _follows(self, chosen: BackupConfiguration) -> _Billed:
        key = (chosen.policy, chosen.left_out)
        known = self._billed.get(key)
        if known is None:
            known = self._billed[key] = self._cases(*key)
        return known

    def _cases(self, policy: str, left_out: frozenset[str]) -> _Billed:
        included = without(self.case, left_out | self._shared)
        if policy == "enhanced" or not left_out:
            return _Billed(included, included, included)
        every = _every_disk(self.case)
        a_data_disk = any(not size.disk.is_os for size in included.stored_disks)
        return _Billed(every if a_data_disk else included, included, every)

    def _fee(self, chosen: BackupConfiguration, case: Case) -> Usage:
        key = (id(case), chosen.vault_region)
        if key not in self._fees:
            self._fees[key] = instance_fee(case, chosen.vault_region)
        return self._fees[key]

    def _vault(self, chosen: BackupConfiguration, keep: Retention, case: Case) -> Usage:
        key = (id(case), chosen.redundancy, chosen.vault_region, keep)
        vault = self._vaults.get(key)
        if vault is None:
            stored, region = self._stored(case, keep), chosen.vault_region or case.vm.region
            vault = self._vaults[key] = _stored_as(stored, chosen.redundancy, region)
        return vault

    def _stored(self, case: Case, keep: Retention) -> Stored:
        key = (id(case), keep)
        stored = self._in_vault.get(key)
        if stored is None:
            between = gaps(keep, self.running_days)
            stored = self._in_vault[key] = stored_in_vault(case, keep, between)
        return stored

    def _kept(self, chosen: BackupConfiguration, case: Case) -> tuple[Usage, ...]:
        days = chosen.instant_restore_days
        key = (id(case), chosen.policy, days)
        if key not in self._snapshots:
            reached = average_reached(days, self.running_days)
            self._snapshots[key] = instant_restore(case, chosen.policy, days, reached)
        return self._snapshots[key]


def shared_disks(case: Case) -> frozenset[str]:
    """`Disk.key` of the disks known to be shared: the Enhanced policy leaves them out."""
    return frozenset([size.disk.key for size in case.stored_disks if is_shared(size.disk)])


def _every_disk(case: Case) -> Case:
    """The VM with all its disks, also with those that need no protection."""
    sizes = tuple(size for size in case.sizing.disks if not size.disk.ephemeral)
    return case if len(sizes) == len(case.stored_disks) else of_sizes(case, sizes)
