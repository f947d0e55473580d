"""What a vault of Azure Backup allows: redundancy, the pair of its region, archive."""

from __future__ import annotations

from functools import lru_cache

from advisor.model import Reason, Verdict
from advisor.options.azure_backup.archive import ARCHIVE
from advisor.options.azure_backup.policy_rules import DAY
from advisor.options.azure_backup.rules import MATRIX, is_confidential
from advisor.options.case import Case, is_premium_v2, is_ultra
from advisor.regions import display_name, leaves_geography, region

RESTORE = "backup-azure-arm-restore-vms, 2026-01-23"
VAULTS = "backup-support-matrix, 2026-03-25"
REGION_LIST = "reliability/regions-list, 2026-07-28"

VAULT_RPO = DAY  # backup-azure-vms-enhanced-policy, 2025-06-11: one copy to the vault a day

REHEARSED = "a restore into the pair is rehearsed"


def _regions(names: str) -> frozenset[str]:
    return frozenset(names.split())


#: MATRIX: regions where these disks may lie in a geo-redundant vault.
GEO_ULTRA = _regions("""
    southcentralus brazilsouth canadaeast canadacentral eastus eastus2 southeastasia
    westus westus2 centralus koreasouth koreacentral westeurope northcentralus eastasia
    northeurope westcentralus usgovarizona usgovtexas usgovvirginia
""")
GEO_PREMIUM_V2 = _regions("""
    brazilsouth centralus eastasia eastus eastus2 northcentralus northeurope
    southcentralus southeastasia uksouth ukwest westeurope westus westus3 norwaywest
    norwayeast japanwest japaneast
""")


def vault_reasons(case: Case, redundancy: str, vault_region: str = "") -> tuple[Reason, ...]:
    """Whether there can be a vault of this redundancy, for these disks."""
    where = vault_region or case.vm.region
    if redundancy == "lrs":
        return ()
    if redundancy == "zrs":
        return (_zones(where),)
    return (_pair(case, where, redundancy),)


def pair_of(case: Case, vault_region: str = "") -> str:
    """ARM's name of the region in which a geo-redundant vault keeps its second copy, or empty."""
    return region(vault_region).pair if vault_region else case.paired_region


def pair_conditions(case: Case, pair: str) -> tuple[str, ...]:
    """On what a restore in the pair rests: clauses after "if"."""
    found = []
    if region(pair).restricted:
        found.append(admission(pair))
    if any(is_ultra(size.disk) for size in case.stored_disks):
        found.append(REHEARSED)
    return tuple(found)


def admission(name: str) -> str:
    """The clause after "if" of a region that not every subscription may use."""
    return f"the subscription is let into {display_name(name)}"


def archive_reason(case: Case, vault_region: str = "") -> Reason:
    """Whether the region has the archive tier for VMs."""
    return _archive_in(vault_region or case.vm.region)


@lru_cache(maxsize=1024)
def _archive_in(name: str) -> Reason:
    verdict, shown = region(name).archive, display_name(name)
    text = {
        Verdict.YES: f"{shown} has the archive tier for VMs.",
        Verdict.NO: f"{shown} has no archive tier for VMs.",
        Verdict.UNKNOWN: f"Whether {shown} has the archive tier for VMs is not known.",
    }[verdict]
    return Reason("archive-region", verdict, text, ARCHIVE)


# --- rules -----------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _zones(where: str) -> Reason:
    name, zones = display_name(where), region(where).zones
    text = {
        Verdict.YES: f"{name} has availability zones.",
        Verdict.NO: f"{name} has no availability zones.",
        Verdict.UNKNOWN: f"Whether {name} has availability zones is not known.",
    }[zones]
    return Reason("vault-zones", zones, text, RESTORE)


def _pair(case: Case, where: str, redundancy: str) -> Reason:
    name, paired = display_name(where), region(where).paired
    if paired is Verdict.UNKNOWN:
        text = f"Whether {name} has a paired region is not known, nor whether it has such vaults."
        return Reason("vault-pair", Verdict.UNKNOWN, text, REGION_LIST)
    if paired is Verdict.NO:
        text = f"{name} has no paired region, so a geo-redundant vault is of no use."
        return Reason("vault-pair", Verdict.NO, text, REGION_LIST)
    refused = _disks_refused(case, where, name)
    if refused:
        return Reason("vault-pair", Verdict.NO, refused, MATRIX)
    if redundancy == "grs-crr":
        return _crossing(case, where, name)
    return Reason("vault-pair", Verdict.YES, _paired_text(where, name), REGION_LIST)


def _disks_refused(case: Case, where: str, name: str) -> str:
    disks = [size.disk for size in case.stored_disks]
    for kind, is_kind, allowed in (
        ("Ultra", is_ultra, GEO_ULTRA),
        ("Premium SSD v2", is_premium_v2, GEO_PREMIUM_V2),
    ):
        if where not in allowed and any(is_kind(disk) for disk in disks):
            return f"{kind} disks are not backed up into geo-redundant vaults in {name}."
    return ""


def _crossing(case: Case, where: str, name: str) -> Reason:
    """With cross-region restore. What the restore rests on is a condition of its tier of points,
    so it is of the region alone: the vault itself is as good as any.
    """
    crossing, pair = region(where).cross_region_restore, region(where).pair
    if is_confidential(case):
        text = "Confidential VMs are not restored across regions."
        return Reason("vault-pair", Verdict.NO, text, MATRIX)
    if crossing is not Verdict.YES:
        text = {
            Verdict.NO: f"Vaults in {name} have no cross-region restore.",
            Verdict.UNKNOWN: f"Whether vaults in {name} have cross-region restore is not known.",
        }[crossing]
        return Reason("vault-pair", crossing, text, VAULTS)
    conditions, text = pair_conditions(case, pair), _paired_text(where, name)
    if REHEARSED in conditions:
        text += " Microsoft's articles disagree on whether Ultra disks are restored there."
    source = f"{MATRIX}; {RESTORE}" if REHEARSED in conditions else RESTORE
    condition = " and ".join(conditions)
    return Reason("vault-pair", Verdict.YES, text, source, not condition, condition=condition)


@lru_cache(maxsize=1024)
def _paired_text(where: str, name: str) -> str:
    pair = region(where).pair
    shown = display_name(pair)
    text = f"{name} is paired with {shown}."
    if region(pair).restricted:
        text += f" Microsoft must let a subscription into {shown}."
    if leaves_geography(where, pair):
        there = region(pair).geography
        text += f" {shown} lies in another geography ({there}): a decision on data residency."
    return text
