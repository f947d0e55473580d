"""Where a backup may lie and what a policy may say: tables, limits, and what runs already."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.model import (
    BackupPolicy,
    Consistency,
    Image,
    Need,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
    Vault,
    Verdict,
    Vm,
)
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.azure_backup.policy_rules import instant_restore_limits
from advisor.options.disks_left_out import holding_data, not_needed
from tests.strategies import a_case, a_disk, a_vm, stated, the

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GALLERY = Image(id="/galleries/g/images/i")
TEN_YEARS = Retention(daily=30, monthly=60, yearly=10)


def said(vm: Vm, **flags: Any) -> Proposal:
    case = a_case(vm, stated(used="100"))
    [proposal] = AZURE_BACKUP.propose(case, [AZURE_BACKUP.said_configuration(case, flags)])
    return proposal


def found(vm: Vm, policy: dict[str, Any], vault: dict[str, Any] | None = None) -> Proposal:
    """A backup in place: Enhanced, daily, a week of instant restore, in a vault of West Europe."""
    made = BackupPolicy(name="p", enhanced=True, every=DAY, instant_restore_days=7,
                        retention=Retention(daily=30))  # fmt: skip
    store = Vault(id="/v", name="v1", region="westeurope", redundancy="grs")
    protection = Protection(
        kind=ProtectionKind.BACKUP,
        state=ProtectionState.ACTIVE,
        policy=replace(made, **policy),
        vault=replace(store, **(vault or {})),
    )
    rules, case = AZURE_BACKUP.found, a_case(vm, stated(used="100"))
    assert rules is not None
    [proposal] = AZURE_BACKUP.propose(case, [rules.configuration(case, protection)])
    return proposal


# --- the matrix ------------------------------------------------------------------------------

#: backup-support-matrix-iaas (2026-03-26): regions in which these disks may lie in a geo-redundant
#: vault, and some in which they may not although there is such a vault.
GEO = (
    ("PremiumV2_LRS", "brazilsouth centralus eastasia eastus eastus2 northcentralus northeurope"
     " southcentralus southeastasia uksouth ukwest westeurope westus westus3 norwaywest norwayeast"
     " japanwest japaneast", "francecentral canadacentral westus2"),
    ("UltraSSD_LRS", "southcentralus brazilsouth canadaeast canadacentral eastus eastus2"
     " southeastasia westus westus2 centralus koreasouth koreacentral westeurope northcentralus"
     " eastasia northeurope westcentralus usgovarizona usgovtexas usgovvirginia",
     "uksouth ukwest francecentral westus3"),
)  # fmt: skip


@pytest.mark.parametrize(("sku", "taken", "refused"), GEO)
def test_disks_of_some_kinds_lie_in_geo_redundant_vaults_of_some_regions(
    sku: str, taken: str, refused: str
) -> None:
    for regions, verdict in ((taken, Verdict.YES), (refused, Verdict.NO)):
        for region in regions.split():
            vm = a_vm(a_disk(), a_disk("data", lun=0, sku=sku), region=region)
            assert the("vault-pair", said(vm, redundancy="grs").reasons).verdict is verdict, region


@pytest.mark.parametrize("priority", ["Spot", "Low"])
def test_a_vm_that_azure_may_evict_comes_back_as_a_regular_one(priority: str) -> None:
    """Low is what API versions before 2019-07-01 call Spot."""
    notice = the("spot", said(a_vm(priority=priority), redundancy="lrs").reasons)
    assert (notice.verdict, notice.blocking) == (Verdict.NO, False)


#: backup-instant-restore-capability (2025-06-16): days of instant restore by policy and schedule.
DAYS = (
    ("standard", DAY, 1, 5),
    ("standard", 7 * DAY, 5, 5),
    ("enhanced", 4 * HOUR, 1, 17),
    ("enhanced", 6 * HOUR, 1, 22),
    ("enhanced", 8 * HOUR, 1, 22),
    ("enhanced", 12 * HOUR, 1, 30),
    ("enhanced", DAY, 1, 30),
    ("enhanced", 7 * DAY, 5, 20),
)


@pytest.mark.parametrize(("policy", "every", "fewest", "most"), DAYS)
def test_instant_restore_is_kept_between_so_many_days(
    policy: str, every: timedelta, fewest: int, most: int
) -> None:
    assert instant_restore_limits(policy, every) == (fewest, most)


@pytest.mark.parametrize(("daily", "warned"), [(0, False), (1, True), (6, True), (7, False)])
def test_a_need_of_fewer_daily_points_than_a_policy_keeps_is_warned(
    daily: int, warned: bool
) -> None:
    warnings = list(AZURE_BACKUP.need_warnings(Need(retention=Retention(daily=daily))))
    assert bool(warnings) is warned


# --- what runs already -----------------------------------------------------------------------


def test_every_line_of_a_vault_elsewhere_is_billed_there_but_the_snapshots() -> None:
    policy, there = {"retention": TEN_YEARS, "archive": True}, {"region": "swedencentral"}
    lines = {each.name: each.meter.region for each in found(a_vm(), policy, there).usages}
    assert lines == {
        "Protected instance": "swedencentral",
        "Vault storage": "swedencentral",
        "Archive storage": "swedencentral",
        "Instant-restore snapshots": "westeurope",
    }


@pytest.mark.parametrize(("enhanced", "rests"), [(False, True), (True, False)])
def test_a_standard_policy_that_runs_needs_no_proof_that_it_can(
    enhanced: bool, rests: bool
) -> None:
    """A new one makes no point at all without the agent; one in place is seen to make them."""
    vm = a_vm(image=GALLERY)
    kind = "enhanced" if enhanced else "standard"
    new = said(vm, policy=kind, redundancy="grs")
    runs = found(vm, {"enhanced": enhanced, "instant_restore_days": 2})
    assert bool(new.tiers[0].conditions) is rests
    assert {tier.conditions for tier in runs.tiers} == {()}
    assert {tier.sure_consistency for tier in runs.tiers} == {Consistency.CRASH}


def test_points_without_the_agent_that_are_made_already_are_not_asked_whether_they_can_be() -> None:
    vm = a_vm(size="Standard_D4s_v6")
    new = said(vm, crash_only=True, redundancy="grs")
    assert the("agentless-size", new.reasons).verdict is Verdict.NO
    runs = found(vm, {"crash_only": True})
    assert "agentless-size" not in {reason.rule for reason in runs.reasons}
    assert runs.verdict is Verdict.YES


# --- disks -----------------------------------------------------------------------------------


def test_a_backup_can_leave_out_any_disk_but_that_of_the_system() -> None:
    """Azure Backup always takes the OS disk in (selective-disk-backup-restore, 2026-01-23)."""
    vm = a_vm(a_disk(), a_disk("data", lun=0), a_disk("scratch", lun=1))
    every = frozenset(disk.key for disk in vm.disks)
    case = a_case(vm, leave_out=every)
    assert not_needed(case) == every - {vm.disks[0].key}


def test_a_disk_is_a_gap_only_where_somebody_wants_its_data_back() -> None:
    vm = a_vm(a_disk(ephemeral=True), a_disk("data", lun=0), a_disk("scratch", lun=1))
    every = frozenset(disk.key for disk in vm.disks)
    scratch = frozenset({vm.disks[2].key})
    assert holding_data(a_case(vm), every) == {vm.disks[1].key, vm.disks[2].key}
    assert holding_data(a_case(vm, leave_out=scratch), every) == {vm.disks[1].key}
    told = replace(a_case(vm), leave_out=scratch)  # the sizes still hold it
    assert holding_data(told, every) == {vm.disks[1].key}
