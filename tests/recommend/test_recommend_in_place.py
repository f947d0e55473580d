"""What was found on a VM: matched by id, priced, never met by what does not run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.advising import advise_known
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import NamedText
from advisor.model import (
    Advice,
    BackupPolicy,
    Course,
    Coverage,
    KnownVm,
    Protection,
    ProtectionKind,
    ProtectionState,
    Reading,
    Retention,
    Vault,
)
from advisor.needs import Tiers
from tests.strategies import NOW, a_vm, advise, asked, book, known

STATES = (
    ProtectionState.STOPPED,
    ProtectionState.SOFT_DELETED,
    ProtectionState.OVERDUE,
    ProtectionState.ERROR,
    ProtectionState.PENDING,
    ProtectionState.FAILED_OVER,
)


def backed_up(
    state: ProtectionState = ProtectionState.ACTIVE,
    redundancy: str = "grs-crr",
    *,
    enhanced: bool = False,
    days: int = 2,
    keep: Retention = Retention(daily=30, weekly=12),  # noqa: B008
    every: timedelta = timedelta(days=1),
) -> KnownVm:
    """A VM that is backed up as the production tier wants it, unless said otherwise."""
    vault = Vault(id="/vaults/v1", name="v1", region="westeurope", redundancy=redundancy)
    policy = BackupPolicy(
        name="daily",
        enhanced=enhanced,
        every=every,
        instant_restore_days=days,
        retention=keep,
    )
    found = Protection(
        kind=ProtectionKind.BACKUP,
        state=state,
        last_point=NOW - timedelta(hours=7),
        vault=vault,
        policy=policy,
    )
    return known(a_vm(), protections=(found,))


def test_what_is_in_place_and_meets_the_need_wins_a_tie() -> None:
    advice = advise(backed_up())
    assert advice.recommended is not None
    assert advice.recommended.in_place
    assert advice.changes == ()
    assert advice.decision.courses == (Course.KEEP,)
    assert "in place already" in advice.reasons[0]
    again = advise(a_vm())
    assert again.recommended is not None
    assert again.recommended.monthly == advice.recommended.monthly


def test_what_is_kept_beyond_the_need_is_not_advised_away_and_its_cost_is_said() -> None:
    advice = advise(backed_up(keep=Retention(daily=30, weekly=12, monthly=60, yearly=10)))
    assert advice.decision.courses == (Course.KEEP,)
    [sentence] = advice.changes
    assert advice.decision.plan is not None
    more = advice.decision.plan.monthly.likely
    plain = advise(backed_up()).decision.plan
    assert more is not None
    assert plain is not None
    assert plain.monthly.likely is not None
    assert f"about {more - plain.monthly.likely:.0f} USD a month" in sentence
    assert "it is kept" in sentence


@pytest.mark.parametrize("state", STATES)
def test_a_protection_that_makes_no_points_meets_nothing_and_still_costs(
    state: ProtectionState,
) -> None:
    running, failing = advise(backed_up()), advise(backed_up(state))
    [ran], [failed] = running.in_place, failing.in_place
    assert ran.assessment is not None
    assert failed.assessment is not None
    assert ran.assessment.meets_need is True
    assert failed.assessment.meets_need is False
    assert failed.assessment.met == frozenset()
    assert failed.assessment.monthly == ran.assessment.monthly
    course = Course.WAIT if state is ProtectionState.PENDING else Course.FIX
    assert failing.decision.courses == (course,)
    assert failing.decision.plan is not None
    [part] = failing.decision.plan.parts
    assert part.proposal.configuration == ran.assessment.proposal.configuration


def test_a_protection_whose_state_was_not_read_is_not_called_unprotected_nor_running() -> None:
    advice = advise(backed_up(ProtectionState.UNKNOWN))
    assert advice.decision.courses == (Course.CANNOT_SAY,)
    assert advice.decision.plan is None
    assert "could not be read" in advice.in_place[0].sentence
    assert advice.unprotected != ""


def test_the_age_of_the_last_point_is_as_of_now() -> None:
    [found] = advise(backed_up()).in_place
    assert found.age == timedelta(hours=7)
    assert "7 h" in found.sentence


def test_a_weekly_backup_in_place_is_priced_and_does_not_meet_a_daily_rpo() -> None:
    """And neither the bill by month nor the spread stumbles over it."""
    weekly = backed_up(days=5, keep=Retention(weekly=60), every=timedelta(days=7))
    advice = advise(weekly)
    [found] = advice.in_place
    assert found.assessment is not None
    assert found.assessment.meets_need is False
    assert found.assessment.monthly.likely is not None
    assert any("RPO 7" in sentence for sentence in found.assessment.unmet)
    wanted = advise(
        weekly, rpo=timedelta(days=7), region_rpo=timedelta(days=8), keep=Retention(weekly=60)
    )
    assert wanted.recommended is not None
    assert wanted.by_month
    assert wanted.drives_spread


def test_too_little_read_to_price_it_is_no_number() -> None:
    have = backed_up()
    [found] = have.protections
    bare = replace(found, policy=None)
    advice = advise(replace(have, protections=(bare,)))
    assert advice.in_place[0].assessment is None
    assert "a month" not in advice.in_place[0].sentence


# --- two VMs of the same name ----------------------------------------------------------------

SUBSCRIPTION = "/subscriptions/3f0c5a52-91d4-4e6b-8a3e-6b1d2c7f9e10"


def vm_of(group: str) -> dict[str, object]:
    base = f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Compute"
    return {
        "id": f"{base}/virtualMachines/web-01",
        "name": "web-01",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "resourceGroup": group,
        "hardwareProfile": {"vmSize": "Standard_D2s_v3"},
        "storageProfile": {
            "osDisk": {"name": "os", "osType": "Linux", "diskSizeGb": 64},
            "dataDisks": [],
        },
    }


def item_of(group: str) -> dict[str, object]:
    vault = f"{SUBSCRIPTION}/resourceGroups/rg-b/providers/Microsoft.RecoveryServices/vaults/v1"
    name = f"VM;iaasvmcontainerv2;{group};web-01"
    return {
        "id": f"{vault}/backupFabrics/Azure/protectionContainers/iaasvmcontainer;"
        f"iaasvmcontainerv2;{group};web-01/protectedItems/{name}",
        "name": name,
        "type": "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers"
        "/protectedItems",
        "resourceGroup": "rg-b",
        "properties": {
            "protectedItemType": "Microsoft.Compute/virtualMachines",
            "backupManagementType": "AzureIaasVM",
            "sourceResourceId": f"{SUBSCRIPTION}/resourceGroups/{group}"
            "/providers/Microsoft.Compute/virtualMachines/web-01",
            "virtualMachineId": f"{SUBSCRIPTION}/resourceGroups/{group}"
            "/providers/Microsoft.Compute/virtualMachines/web-01",
            "friendlyName": "web-01",
            "protectionState": "Protected",
            "protectionStatus": "Healthy",
            "lastBackupStatus": "Completed",
            "lastBackupTime": "2026-11-21T23:10:00+00:00",
            "lastRecoveryPoint": "2026-11-21T23:10:00+00:00",
            "policyId": f"{vault}/backupPolicies/daily",
            "workloadType": "VM",
        },
    }


def advised(group: str) -> Advice:
    files = [
        NamedText("vms.json", json.dumps([vm_of("rg-a"), vm_of("rg-b")])),
        NamedText("items.json", json.dumps([item_of("rg-a")])),
    ]
    found = parse_exports(files, NOW).find(f"{group}/web-01")
    return advise_known(found, asked(), Tiers(), book(), NOW)


def test_of_two_vms_of_one_name_only_the_one_that_is_backed_up_has_it_in_place() -> None:
    protected, other = advised("rg-a"), advised("rg-b")
    assert len(protected.in_place) == 1
    assert protected.unprotected == ""
    assert other.in_place == ()
    assert other.unprotected == "not in vault v1"


@pytest.mark.parametrize(
    ("coverage", "said"),
    [
        (Coverage(backup_items=Reading.READ, replicated_items=Reading.READ, all_vaults=True,
                  snapshots=Reading.READ, restore_points=Reading.READ, disks=Reading.READ,
                  disk_backups=Reading.READ),
         "unprotected"),
        (Coverage(backup_items=Reading.READ, replicated_items=Reading.READ, all_vaults=True,
                  snapshots=Reading.FAILED, restore_points=Reading.FAILED,
                  disk_backups=Reading.READ),
         "not in any vault, and its snapshots and restore points were not read"),
        (Coverage(backup_items=Reading.READ, replicated_items=Reading.READ, all_vaults=True,
                  snapshots=Reading.READ, restore_points=Reading.READ),
         "not in any vault, and its Azure Disk Backup instances were not read"),
        (Coverage(backup_items=Reading.FAILED, vaults_read=("v1",)),
         "whether anything protects it was not read"),
        (Coverage(backup_items=Reading.READ, vaults_read=("v1",)), "not in vault v1"),
        (Coverage(backup_items=Reading.READ, vaults_read=("v1", "v2")), "not in vaults v1 and v2"),
        (Coverage(backup_items=Reading.READ, replicated_items=Reading.FAILED, all_vaults=True),
         "whether anything protects it was not read"),
        (Coverage(), "whether anything protects it was not read"),
    ],
)  # fmt: skip
def test_unprotected_is_said_only_when_everything_was_read(coverage: Coverage, said: str) -> None:
    assert advise(known(a_vm(), coverage=coverage)).unprotected == said


def test_a_replica_that_nobody_stated_a_need_for_is_kept_and_its_cost_said() -> None:
    kept = backed_up()
    replica = Protection(
        kind=ProtectionKind.SITE_RECOVERY, state=ProtectionState.ACTIVE, target="northeurope"
    )
    advice = advise(replace(kept, protections=(*kept.protections, replica)))
    decision = advice.decision
    assert decision.courses == (Course.KEEP,)
    assert decision.plan is not None
    assert decision.plan.options == ("azure-backup", "site-recovery")
    [saving] = [each for each in decision.alternatives if each.why == "saving"]
    assert saving.plan is not None
    assert saving.plan.options == ("azure-backup",)
    assert "the loss of its region costs 36 h of data and about" in saving.sentence
    assert "instead of 5 min and 1 h." in saving.sentence
    assert "region RPO 36 h instead of 5 min, RTO about" in saving.brief


def test_of_two_that_were_stopped_the_better_is_taken_up_in_either_order() -> None:
    stopped = backed_up(ProtectionState.STOPPED)
    replica = Protection(
        kind=ProtectionKind.SITE_RECOVERY, state=ProtectionState.STOPPED, target="northeurope"
    )
    for found in ((*stopped.protections, replica), (replica, *stopped.protections)):
        decision = advise(replace(stopped, protections=found)).decision
        assert decision.plan is not None
        assert (decision.courses, decision.plan.options) == ((Course.FIX,), ("azure-backup",))


def test_a_stopped_item_in_the_vault_that_was_read_is_not_called_absent_from_it() -> None:
    """Found and stopped is a third thing beside protected and not there."""
    stopped = backed_up(ProtectionState.STOPPED)
    coverage = replace(stopped.coverage, all_vaults=False, vaults_read=("v1",))
    advice = advise(replace(stopped, coverage=coverage))
    assert advice.unprotected == "nothing that was found makes new recovery points"


@pytest.mark.parametrize("state", [ProtectionState.PENDING, ProtectionState.SOFT_DELETED])
def test_what_costs_nothing_yet_or_any_more_is_neither_a_saving_nor_dearer(
    state: ProtectionState,
) -> None:
    assert advise(backed_up(state)).changes == ()
