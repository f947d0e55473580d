"""What a policy and a vault of Azure Backup allow: schedule, retention, redundancy, region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from advisor.model import Reason, Retention, Verdict
from advisor.options.azure_backup.rules import ENHANCED, MATRIX
from advisor.options.case import Case, is_premium_v2, is_ultra
from advisor.quantities import KEEP_LIMITS, format_duration
from advisor.regions import REGIONS, display_name, region
from advisor.retention import point_count

INSTANT_RESTORE = "backup-instant-restore-capability, 2025-06-16"
RESTORE = "backup-azure-arm-restore-vms, 2026-01-23"
FAQ = "backup-azure-vm-backup-faq, 2025-12-09"

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
FEWEST_DAILY_POINTS = 7  # FAQ
MOST_POINTS = 9999  # MATRIX: recovery points of one protected instance


class Days(NamedTuple):
    """How many days something may be kept."""

    fewest: int
    most: int


#: INSTANT_RESTORE: days that instant-restore snapshots are kept, by policy.
STANDARD_DAYS = Days(1, 5)
STANDARD_WEEKLY_DAYS = Days(5, 5)
ENHANCED_WEEKLY_DAYS = Days(5, 20)
#: By hours between backups. 8 h is not given there; the 6 h figure holds.
ENHANCED_DAYS = {hours: Days(1, most) for hours, most in ((4, 17), (6, 22), (8, 22), (12, 30))}
ENHANCED_DAILY_DAYS = Days(1, 30)


def _regions(names: str) -> frozenset[str]:
    return frozenset(names.split())


#: MATRIX: regions where these disks may lie in a geo-redundant vault.
GEO_ULTRA = _regions("""
    southcentralus brazilsouth canadaeast canadacentral eastus eastus2 southeastasia
    westus westus2 centralus koreasouth koreacentral westeurope northcentralus eastasia
    northeurope westcentralus
""")
GEO_PREMIUM_V2 = _regions("""
    brazilsouth centralus eastasia eastus eastus2 northcentralus northeurope
    southcentralus southeastasia uksouth ukwest westeurope westus westus3 norwaywest
    norwayeast japanwest japaneast
""")
# --- the policy ------------------------------------------------------------------------------

PolicyRule = Callable[[str, timedelta, int, Retention], Reason | None]


def instant_restore_limits(policy: str, every: timedelta) -> Days:
    """How many days a policy that runs so often keeps its instant-restore snapshots."""
    if policy == "standard":
        return STANDARD_WEEKLY_DAYS if every > DAY else STANDARD_DAYS
    if every > DAY:
        return ENHANCED_WEEKLY_DAYS
    return ENHANCED_DAYS.get(int(every.total_seconds() // 3600), ENHANCED_DAILY_DAYS)


def _instant_restore_days(
    policy: str, every: timedelta, days: int, keep: Retention
) -> Reason | None:
    limits = instant_restore_limits(policy, every)
    if limits.fewest <= days <= limits.most:
        return None
    span = f"{limits.fewest} to {limits.most}" if limits.fewest < limits.most else limits.most
    text = (
        f"Instant restore keeps {span} days with the {policy.title()} policy every"
        f" {format_duration(every)}, not {days}."
    )
    return Reason("instant-restore-days", Verdict.NO, text, INSTANT_RESTORE)


def _frequency(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    if policy == "enhanced" or every >= DAY:
        return None
    text = "A Standard policy runs once a day; more often needs the Enhanced policy."
    return Reason("policy-frequency", Verdict.NO, text, ENHANCED)


def _fewest_points(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    """A daily policy keeps at least a week of daily points, a weekly one none of them."""
    if every > DAY:
        if keep.weekly and not keep.daily:
            return None
        text = "A weekly policy keeps weekly points and no daily ones."
        return Reason("weekly-retention", Verdict.NO, text, FAQ)
    if keep.daily >= FEWEST_DAILY_POINTS:
        return None
    text = f"A daily policy keeps at least {FEWEST_DAILY_POINTS} daily points, not {keep.daily}."
    return Reason("daily-retention", Verdict.NO, text, FAQ)


def _longest_retention(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    for kind, most in KEEP_LIMITS.items():
        count = getattr(keep, kind)
        if count > most:
            text = f"A policy keeps at most {most} {kind} points, not {count}."
            return Reason("longest-retention", Verdict.NO, text, FAQ)
    return None


def _most_points(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    count = point_count(keep)
    if count <= MOST_POINTS:
        return None
    text = f"{count} recovery points would be kept; Azure Backup keeps {MOST_POINTS} of a VM."
    return Reason("recovery-point-count", Verdict.NO, text, MATRIX)


POLICIES: tuple[PolicyRule, ...] = (
    _instant_restore_days,
    _frequency,
    _fewest_points,
    _longest_retention,
    _most_points,
)


# --- the vault -------------------------------------------------------------------------------


def vault_reason(case: Case, redundancy: str) -> Reason:
    """Whether the region can have a vault of this redundancy, for these disks."""
    name = display_name(case.vm.region)
    if redundancy == "zrs":
        zones = region(case.vm.region).zones
        text = {
            Verdict.YES: f"{name} has availability zones.",
            Verdict.NO: f"{name} has no availability zones.",
            Verdict.UNKNOWN: f"Whether {name} has availability zones is not known.",
        }[zones]
        return Reason("vault-zones", zones, text, RESTORE)
    if not case.paired_region:
        known = case.vm.region in REGIONS
        ours = "" if known else " that we know of"
        text = f"{name} has no paired region{ours}, so no geo-redundant vault."
        return Reason("vault-pair", Verdict.NO if known else Verdict.UNKNOWN, text, RESTORE)
    return _geo_disks_reason(case, name, redundancy)


def _geo_disks_reason(case: Case, name: str, redundancy: str) -> Reason:
    ultra = any(is_ultra(disk) for disk in case.vm.disks)
    premium_v2 = any(is_premium_v2(disk) for disk in case.vm.disks)
    if ultra and case.vm.region not in GEO_ULTRA:
        text = f"Ultra disks are not backed up into geo-redundant vaults in {name}."
        return Reason("vault-pair", Verdict.NO, text, MATRIX)
    if premium_v2 and case.vm.region not in GEO_PREMIUM_V2:
        text = f"Premium SSD v2 disks are not backed up into geo-redundant vaults in {name}."
        return Reason("vault-pair", Verdict.NO, text, MATRIX)
    if ultra and redundancy == "grs-crr":
        text = "Microsoft's articles disagree on whether Ultra disks are restored across regions."
        return Reason("vault-pair", Verdict.UNKNOWN, text, f"{MATRIX}; {RESTORE}", False)
    text = f"{name} is paired with {display_name(case.paired_region)}."
    return Reason("vault-pair", Verdict.YES, text, RESTORE)
