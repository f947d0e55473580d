"""A backup that was found: every field of it decides what is billed, what is judged, or both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.model import (
    BackupPolicy,
    Consistency,
    Event,
    Image,
    PointTier,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
    Usage,
    Vault,
    Verdict,
    Vm,
)
from advisor.options.azure_backup.option import AZURE_BACKUP, SELECTIVE_NOTE, STOPPED_NOTE
from tests.strategies import WINDOWS, a_case, a_disk, a_vm, stated

HOUR = timedelta(hours=1)
TWO = a_vm(a_disk(), a_disk("data", lun=0, size_gib=512, sku="StandardSSD_LRS"))
DATA = TWO.disks[1].key
DAILY = BackupPolicy(
    name="daily",
    enhanced=True,
    every=24 * HOUR,
    instant_restore_days=7,
    retention=Retention(daily=30),
)
VAULT = Vault(id="/v", name="v1", region="westeurope", redundancy="grs-crr")


def backed_up(
    policy: dict[str, Any] | None = None, vault: dict[str, Any] | None = None, **changes: Any
) -> Protection:
    facts: dict[str, Any] = {
        "kind": ProtectionKind.BACKUP,
        "state": ProtectionState.ACTIVE,
        "policy": replace(DAILY, **(policy or {})),
        "vault": replace(VAULT, **(vault or {})),
    }
    return Protection(**{**facts, **changes})


def proposed(found: Protection, vm: Vm = TWO, used: str = "100") -> Proposal:
    rules = AZURE_BACKUP.found
    assert rules is not None
    case = a_case(vm, stated(used=used))
    [proposal] = AZURE_BACKUP.propose(case, [rules.configuration(case, found)])
    return proposal


def tier(proposal: Proposal, name: str) -> PointTier:
    [one] = [each for each in proposal.tiers if each.name == name]
    return one


def line(proposal: Proposal, name: str) -> Usage:
    [one] = [each for each in proposal.usages if each.name == name]
    return one


def likely(proposal: Proposal, name: str) -> Any:
    quantity = line(proposal, name).quantity
    assert quantity is not None
    return quantity.likely


# --- the policy ------------------------------------------------------------------------------


def test_the_longest_gap_is_the_rpo_and_the_interval_in_the_window_is_said() -> None:
    found = proposed(backed_up({"every": 12 * HOUR, "interval": 4 * HOUR}))
    assert tier(found, "instant-restore").rpo == 12 * HOUR
    assert tier(found, "vault").rpo == 24 * HOUR
    assert "It runs every 4 h inside a window" in " ".join(found.notes)
    every_day = proposed(backed_up())
    assert "window" not in " ".join(every_day.notes)
    assert found.usages == every_day.usages


@pytest.mark.parametrize("hours", [16, 20, 72, 96])
def test_a_schedule_that_is_none_of_those_proposed_is_billed_and_judged(hours: int) -> None:
    found = proposed(backed_up({"every": hours * HOUR, "retention": Retention(weekly=168)}))
    assert found.verdict is Verdict.YES
    assert tier(found, "instant-restore").rpo == hours * HOUR
    assert tier(found, "vault").rpo == max(24, hours) * HOUR
    assert likely(found, "Vault storage") > 0


def test_a_policy_without_the_agent_makes_crash_consistent_points() -> None:
    without = proposed(backed_up({"crash_only": True}), replace(TWO, os_type="Windows"))
    assert {each.consistency for each in without.tiers} == {Consistency.CRASH}
    assert without.configuration["crash_only"] is True
    assert without.verdict is Verdict.YES
    assert "crash_only" not in proposed(backed_up()).configuration


def test_a_policy_that_archives_is_billed_with_its_archive() -> None:
    keep = Retention(daily=30, monthly=60, yearly=10)
    kept = proposed(backed_up({"retention": keep, "archive": True}))
    plain = proposed(backed_up({"retention": keep, "archive": False}))
    assert likely(kept, "Archive storage") > 0
    assert "Archive storage" not in {each.name for each in plain.usages}
    assert likely(kept, "Vault storage") < likely(plain, "Vault storage")


def test_archived_points_come_back_later_and_not_in_the_paired_region() -> None:
    keep = Retention(daily=30, weekly=12, monthly=60, yearly=10)
    found = proposed(backed_up({"retention": keep, "archive": True}))
    archive, vault = tier(found, "archive"), tier(found, "vault")
    assert archive.events == (Event.DELETION,)
    assert archive.rto.likely == vault.rto.likely + 15 * HOUR
    assert (archive.retention_days, vault.retention_days) == (3660, 93)
    assert tier(found, "vault-secondary-region").retention_days == 93
    assert archive.isolated


def test_the_days_of_instant_restore_are_those_of_the_policy() -> None:
    found = proposed(backed_up({"instant_restore_days": 30}))
    assert tier(found, "instant-restore").retention_days == 30
    assert found.phases[0].endswith("from the last 30 days")
    assert found.phases[1].endswith("from the vault")


# --- the vault -------------------------------------------------------------------------------


def test_a_vault_in_another_region_is_billed_there_and_its_snapshots_beside_the_disks() -> None:
    found = proposed(backed_up(vault={"region": "swedencentral"}))
    assert line(found, "Protected instance").meter.region == "swedencentral"
    assert line(found, "Vault storage").meter.region == "swedencentral"
    assert line(found, "Instant-restore snapshots").meter.region == "westeurope"
    assert "Sweden South" in tier(found, "vault-secondary-region").note
    assert "vault_region" not in proposed(backed_up()).configuration


def test_a_vault_of_unknown_redundancy_is_not_guessed() -> None:
    rules = AZURE_BACKUP.found
    assert rules is not None
    assert rules.configuration(a_case(TWO), backed_up(vault={"redundancy": None})) is None


# --- the protection --------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(ProtectionState))
def test_its_configuration_is_the_same_in_every_state(state: ProtectionState) -> None:
    assert proposed(backed_up(state=state)) == proposed(backed_up())


def test_what_its_points_say_of_themselves_is_certain() -> None:
    nameless = replace(TWO, image=Image(id="/galleries/g/images/i"))
    assert tier(proposed(backed_up(), nameless), "vault").sure_consistency is Consistency.CRASH
    seen = tier(proposed(backed_up(consistency=Consistency.FILE_SYSTEM), nameless), "vault")
    assert (seen.consistency, seen.sure_consistency) == (Consistency.FILE_SYSTEM, None)
    assert seen.consistency_condition == ""


def test_a_selective_backup_leaves_its_disks_out_of_every_tier_and_is_another_configuration() -> (
    None
):
    part = proposed(backed_up(selective=True, left_out=frozenset({DATA})))
    assert {each.left_out for each in part.tiers} == {frozenset({DATA})}
    assert part.configuration["leave_out"] == "0"
    assert SELECTIVE_NOTE in part.notes
    whole = proposed(backed_up())
    assert {each.left_out for each in whole.tiers} == {frozenset()}
    assert SELECTIVE_NOTE not in whole.notes
    assert whole.configuration != part.configuration


# --- what a list of disks costs --------------------------------------------------------------

THREE = a_vm(
    a_disk(size_gib=100), a_disk("d0", lun=0, size_gib=400), a_disk("d1", lun=1, size_gib=400)
)


def listing(policy: str, *excluded: str) -> Proposal:
    """600 GB in use: more than one step of the instance fee."""
    keys = frozenset(disk.key for disk in THREE.disks if disk.name in excluded)
    found = backed_up({"enhanced": policy == "enhanced"}, selective=bool(keys), left_out=keys)
    return proposed(found, THREE, used="600")


def test_with_the_enhanced_policy_fee_vault_and_snapshots_follow_what_is_included() -> None:
    os_only, whole = listing("enhanced", "d0", "d1"), listing("enhanced")
    assert (likely(os_only, "Protected instance"), likely(whole, "Protected instance")) == (1, 2)
    for name in ("Vault storage", "Instant-restore snapshots"):
        assert likely(os_only, name) < likely(whole, name) / 3


def snapshots(proposal: Proposal) -> Any:
    lines = [each.quantity for each in proposal.usages if each.name.startswith("Instant-restore")]
    return sum(each.likely for each in lines if each is not None)


def test_with_the_standard_policy_the_snapshots_of_all_disks_are_paid() -> None:
    os_only, whole = listing("standard", "d0", "d1"), listing("standard")
    assert snapshots(os_only) == snapshots(whole)
    assert likely(os_only, "Vault storage") < likely(whole, "Vault storage") / 3


def test_with_the_standard_policy_one_data_disk_makes_the_fee_that_of_all_disks() -> None:
    fees = {
        excluded: likely(listing("standard", *excluded), "Protected instance")
        for excluded in ((), ("d1",), ("d0", "d1"))
    }
    assert fees == {(): 2, ("d1",): 2, ("d0", "d1"): 1}
    assert likely(listing("enhanced", "d1"), "Protected instance") == 1


# --- what is proposed ------------------------------------------------------------------------


def test_a_disk_that_needs_no_protection_is_left_out_and_is_no_gap() -> None:
    case = replace(a_case(TWO), leave_out=frozenset({DATA}))
    case = replace(
        case, stored_disks=tuple(each for each in case.stored_disks if each.disk.key != DATA)
    )
    for proposal in AZURE_BACKUP.propose(case, AZURE_BACKUP.configurations(case)):
        assert proposal.configuration["leave_out"] == "0"
        assert {each.left_out for each in proposal.tiers} == {frozenset()}
        assert SELECTIVE_NOTE in proposal.notes


def test_a_shared_disk_is_left_out_with_the_enhanced_policy_and_refused_with_standard() -> None:
    shared = a_vm(a_disk(), a_disk("quorum", lun=0, max_shares=2))
    quorum = frozenset({shared.disks[1].key})
    case = a_case(shared)
    for proposal in AZURE_BACKUP.propose(case, AZURE_BACKUP.configurations(case)):
        enhanced = proposal.configuration["policy"] == "enhanced"
        assert proposal.verdict is (Verdict.YES if enhanced else Verdict.NO)
        assert {each.left_out for each in proposal.tiers} == {quorum}
        assert SELECTIVE_NOTE in proposal.notes


@pytest.mark.parametrize("security_type", ["TrustedLaunch", "ConfidentialVM"])
def test_what_the_portal_does_not_offer_is_not_proposed_and_is_judged_where_it_is(
    security_type: str,
) -> None:
    vm = replace(TWO, security_type=security_type)
    policies = {each.policy for each in AZURE_BACKUP.configurations(a_case(vm))}
    assert policies == {"enhanced"}
    found = proposed(backed_up({"enhanced": False}), vm)
    assert found.configuration["policy"] == "standard"
    assert {each.policy for each in AZURE_BACKUP.configurations(a_case(TWO))} == {
        "standard",
        "enhanced",
    }


def test_no_more_days_of_instant_restore_are_proposed_than_the_portal_sets_up() -> None:
    days = {(each.policy, each.instant_restore_days) for each in
            AZURE_BACKUP.configurations(a_case(TWO))}  # fmt: skip
    assert days == {("standard", 2), ("enhanced", 7)}


def test_archive_is_not_proposed_where_the_region_has_none() -> None:
    def archives(region: str) -> set[bool]:
        case = a_case(a_vm(region=region))
        case = replace(case, need=replace(case.need, retention=Retention(daily=7, monthly=60)))
        return {each.archive for each in AZURE_BACKUP.configurations(case)}

    assert archives("westeurope") == {False, True}
    assert archives("westus3") == {False}


# --- consistency -----------------------------------------------------------------------------


def quality(vm: Vm, policy: str = "enhanced") -> PointTier:
    case = a_case(vm)
    said = {"policy": policy, "redundancy": "lrs"}
    [proposal] = AZURE_BACKUP.propose(case, [AZURE_BACKUP.said_configuration(case, said)])
    return tier(proposal, "vault")


@pytest.mark.parametrize(
    ("vm", "level"),
    [
        (replace(TWO, image=None), Consistency.FILE_SYSTEM),
        (replace(TWO, image=Image(id="/g/i"), os_type="Windows"), Consistency.APPLICATION),
        (replace(TWO, image=WINDOWS, os_type="Windows", agent_provisioned=False),
         Consistency.APPLICATION),
        (replace(TWO, image=Image(publisher="fortinet", offer="fortigate", sku="7")),
         Consistency.FILE_SYSTEM),
        (replace(TWO, image=None, os_type=None), Consistency.FILE_SYSTEM),
    ],
)  # fmt: skip
def test_where_the_agent_may_not_run_crash_consistency_is_all_that_is_sure(
    vm: Vm, level: Consistency
) -> None:
    found = quality(vm)
    assert (found.consistency, found.sure_consistency) == (level, Consistency.CRASH)
    assert "agent" in found.consistency_condition
    assert found.conditions == ()


def test_without_the_agent_the_standard_policy_makes_no_points_at_all() -> None:
    found = quality(replace(TWO, image=None), "standard")
    assert found.conditions == (found.consistency_condition,) != ("",)
    assert quality(TWO, "standard").conditions == ()


def test_a_marketplace_image_of_a_listed_system_brings_its_agent() -> None:
    found = quality(TWO)
    assert (found.consistency, found.sure_consistency) == (Consistency.FILE_SYSTEM, None)
    assert found.consistency_condition == ""


@pytest.mark.parametrize("image", [TWO.image, None])
def test_points_of_a_vm_that_is_shut_down_lack_nothing_and_their_label_is_said(
    image: Image | None,
) -> None:
    vm = replace(TWO, power_state="deallocated", image=image)
    found = quality(vm)
    assert (found.consistency, found.sure_consistency) == (Consistency.APPLICATION, None)
    assert STOPPED_NOTE in proposed(backed_up(), vm).notes
    assert STOPPED_NOTE not in proposed(backed_up()).notes


# --- the region ------------------------------------------------------------------------------


def crossing(vm: Vm) -> Proposal:
    case = a_case(vm)
    said = {"redundancy": "grs-crr"}
    [proposal] = AZURE_BACKUP.propose(case, [AZURE_BACKUP.said_configuration(case, said)])
    return proposal


def test_what_a_restore_in_the_pair_rests_on_is_a_condition_of_the_region_alone() -> None:
    sweden = crossing(a_vm(region="swedencentral"))
    [condition] = tier(sweden, "vault-secondary-region").conditions
    assert condition == "the subscription is let into Sweden South"
    assert tier(sweden, "vault").conditions == ()
    assert [each for each in sweden.reasons if each.blocking and each.condition] == []
    ultra = crossing(a_vm(a_disk(), a_disk("u", lun=0, sku="UltraSSD_LRS")))
    assert tier(ultra, "vault-secondary-region").conditions == (
        "a restore into the pair is rehearsed",
    )


def test_a_second_copy_in_another_geography_is_said_to_be_a_decision_on_data_residency() -> None:
    [note] = [each for each in crossing(a_vm(region="brazilsouth")).notes if "residency" in each]
    assert "South Central US" in note
    assert not [each for each in crossing(a_vm()).notes if "residency" in each]


@pytest.mark.parametrize("sku", [None, "Premium_LRS"])
def test_snapshots_of_a_disk_of_unknown_class_are_billed_as_premium(sku: str | None) -> None:
    case = a_case(a_vm(a_disk(sku=sku)), stated(used="100"))
    chosen = AZURE_BACKUP.said_configuration(case, {"policy": "standard", "redundancy": "lrs"})
    [found] = [each for each in AZURE_BACKUP.usages(case, chosen) if "Instant" in each.name]
    assert found.meter.product == "Premium SSD Managed Disks"


def test_every_configuration_proposed_survives_the_way_through_its_flags() -> None:
    for leave_out in (frozenset(), frozenset({DATA})):
        case = replace(a_case(TWO), leave_out=leave_out)
        for chosen in AZURE_BACKUP.configurations(case):
            assert AZURE_BACKUP.said_configuration(case, chosen.mapping) == chosen
