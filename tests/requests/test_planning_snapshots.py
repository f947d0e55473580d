"""What a wish for a snapshot becomes: disks, consistency, bounds, names, and every refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.model import (
    Consistency,
    Coverage,
    Protection,
    ProtectionKind,
    ProtectionState,
    Reading,
)
from bot.actions.snapshot.plan import snapshot_plan
from bot.requests.action import Action
from bot.requests.approval.choose_rule import with_rule
from bot.requests.model import Kind
from bot.requests.plan_hash import plan_hash
from bot.requests.plans.bounds import Bounds
from bot.requests.refusals import PlanRefused
from tests.requests.planning_samples import (
    VM_UUID,
    data_disk,
    names_of,
    os_disk,
    plan_of,
    the_vm,
    vm_ground,
    wish,
)
from tests.strategies import ALL_READ, NOW, known


def test_a_plan_holds_all_disks_as_they_are_today() -> None:
    vm = the_vm(data_disk(disk_encryption_set_id="/des"), os_disk())
    plan = plan_of(vm)
    assert (plan.action, plan.kind, plan.revision) == (Action.SNAPSHOT, Kind.SNAPSHOT, 1)
    assert (plan.vm_id, plan.vm_uuid) == (vm.id, VM_UUID)
    assert plan.region == plan.target_region == "westeurope"
    assert plan.incremental
    assert plan.keep == timedelta(days=3)
    assert plan.left_out == ()
    os, data = plan.disks
    assert (os.name, os.is_os, os.size_gib, os.sku, os.unique_id) == (
        "os-disk", True, 128, "Premium_LRS", "U-os",
    )  # fmt: skip
    assert (data.lun, data.encryption_set_id, data.zones) == (0, "/des", ("1",))
    assert os.source_id == os.id
    assert "/snapshots/vmbackup-r-0123456789ab-os-disk-" in os.target_id
    assert os.target_id != data.target_id


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ((), ["os-disk", "data-disk"]),
        (("os",), ["os-disk"]),
        (("data0",), ["data-disk"]),
        (("DATA-DISK",), ["data-disk"]),
        (("data0", "os"), ["os-disk", "data-disk"]),
        (("os", "os-disk"), ["os-disk"]),
        ((str(data_disk().id).upper(),), ["data-disk"]),
    ],
)
def test_disks_are_named_by_name_id_role_or_lun(said: tuple[str, ...], meant: list[str]) -> None:
    assert names_of(plan_of(disks=said)) == meant


def test_a_disk_that_is_really_called_os_goes_before_the_word() -> None:
    odd = the_vm(os_disk(), replace(data_disk(), name="os", id="/odd", lun=3))
    assert [disk.id for disk in plan_of(odd, disks=("os",)).disks] == ["/odd"]


def test_an_unknown_disk_is_refused_with_those_there_are() -> None:
    with pytest.raises(PlanRefused) as refused:
        plan_of(disks=("data7",))
    assert str(refused.value) == (
        "The VM “web-01” has no disk “data7”. It has os-disk (os) and data-disk (data0)."
    )


def test_a_part_of_the_disks_is_said_so() -> None:
    assert plan_of(disks=("os",)).notes[0] == "1 of the VM's 2 disks are not taken."


@pytest.mark.parametrize(
    ("disk", "says"),
    [
        (data_disk(reading=Reading.FAILED), "could not be read"),
        (data_disk(reading=Reading.NOT_SUPPLIED), "Microsoft.Compute/disks/read"),
        (data_disk(unmanaged=True), "only managed disks"),
        (os_disk(ephemeral=True), "is ephemeral"),
        (data_disk(unique_id=None), "The uniqueId of disk data-disk is not known"),
        (data_disk(size_gib=None), "The size of disk data-disk is not known"),
        (data_disk(sku=None), "The SKU of disk data-disk is not known"),
    ],
)
def test_a_disk_that_cannot_be_planned_refuses_naming_it(disk: object, says: str) -> None:
    vm = the_vm(disk)  # type: ignore[arg-type]
    with pytest.raises(PlanRefused, match=says):
        plan_of(vm)


def test_a_disk_that_is_not_meant_may_be_as_it_likes() -> None:
    vm = the_vm(os_disk(ephemeral=True), data_disk())
    assert names_of(plan_of(vm, disks=("data0",))) == ["data-disk"]


def test_a_vm_without_an_identity_is_refused() -> None:
    with pytest.raises(PlanRefused, match="vmId"):
        plan_of(the_vm(vm_id=None))


# --- keep and reason -------------------------------------------------------------------------


def test_without_a_life_the_default_holds() -> None:
    assert plan_of(keep=None).keep == Bounds().default_keep


@pytest.mark.parametrize("keep", [timedelta(minutes=59), timedelta(days=31), timedelta(0)])
def test_a_life_out_of_bounds_is_refused_with_the_bounds(keep: timedelta) -> None:
    with pytest.raises(PlanRefused, match="is kept 1 h to 30 days"):
        plan_of(keep=keep)


@pytest.mark.parametrize("keep", [timedelta(hours=1), timedelta(days=30)])
def test_the_bounds_themselves_are_allowed(keep: timedelta) -> None:
    assert plan_of(keep=keep).keep == keep


def test_break_glass_is_kept_a_day_at_most_whatever_the_settings_say() -> None:
    assert plan_of(keep=None, break_glass=True).keep == timedelta(hours=24)
    with pytest.raises(PlanRefused, match="A break-glass snapshot is kept 1 h to 24 h, not 25 h"):
        plan_of(keep=timedelta(hours=25), break_glass=True)
    wide = Bounds(break_glass_keep=timedelta(days=9))
    found = known(the_vm())
    with pytest.raises(PlanRefused, match="1 h to 24 h"):
        snapshot_plan(vm_ground(found, bounds=wide), wish(keep=timedelta(days=2), break_glass=True))


@pytest.mark.parametrize("reason", ["", "   ", "\u200b\n"])
def test_a_reason_is_wanted(reason: str) -> None:
    with pytest.raises(PlanRefused, match="Say why"):
        plan_of(reason=reason)


def test_a_reason_of_pages_is_refused_with_its_length() -> None:
    with pytest.raises(PlanRefused, match=r"has 501 characters. Say it in 500"):
        plan_of(reason="x" * 501)
    assert plan_of(reason="x" * 500)


# --- consistency -----------------------------------------------------------------------------


def test_several_disks_of_a_running_vm_share_no_moment() -> None:
    plan = plan_of()
    assert plan.consistency is Consistency.NONE
    assert "--consistent" in plan.why_consistency


def test_one_disk_is_crash_consistent() -> None:
    plan = plan_of(disks=("os",))
    assert plan.consistency is Consistency.CRASH
    assert "os-disk" in plan.why_consistency


@pytest.mark.parametrize("state", ["deallocated", "stopped"])
def test_nothing_writes_to_a_vm_at_rest(state: str) -> None:
    plan = plan_of(the_vm(power_state=state))
    assert plan.consistency is Consistency.CRASH
    assert state in plan.why_consistency


@pytest.mark.parametrize("state", [None, "starting", "deallocating"])
def test_a_vm_in_any_other_state_may_write(state: str | None) -> None:
    assert plan_of(the_vm(power_state=state)).consistency is Consistency.NONE


@pytest.mark.parametrize(
    ("os_type", "level"),
    [
        ("Windows", Consistency.APPLICATION),
        ("Linux", Consistency.FILE_SYSTEM),
        (None, Consistency.FILE_SYSTEM),
    ],
)
def test_a_restore_point_is_as_good_as_the_agent_allows(
    os_type: str | None, level: Consistency
) -> None:
    plan = plan_of(the_vm(os_type=os_type), consistent=True)
    assert plan.kind is Kind.RESTORE_POINT
    assert plan.consistency is level
    assert {disk.target_id for disk in plan.disks} == {plan.disks[0].target_id}
    assert "/restorePointCollections/vmbackup-web-01-" in plan.disks[0].target_id
    assert "/restorePoints/vmbackup-r-0123456789ab-web-01-" in plan.disks[0].target_id


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"os_name": None}, "the VM agent does not report"),
        ({"power_state": "deallocated"}, "the VM is deallocated"),
        ({"power_state": None}, "the VM is in a state that is not known"),
    ],
)
def test_without_an_agent_a_restore_point_is_as_after_pulling_the_plug(
    facts: dict[str, object], why: str
) -> None:
    plan = plan_of(the_vm(**facts), consistent=True)
    assert plan.consistency is Consistency.CRASH
    assert why in plan.why_consistency


def test_without_an_agent_the_rules_of_crash_consistent_points_hold() -> None:
    ultra = data_disk(sku="UltraSSD_LRS")
    with pytest.raises(PlanRefused, match=r"without its agent .* exclude data-disk"):
        plan_of(the_vm(os_disk(), ultra, os_name=None), consistent=True)
    assert plan_of(the_vm(os_disk(), ultra), consistent=True).disks[1].in_background


def test_a_vm_that_takes_no_restore_points_is_refused_with_the_reason() -> None:
    with pytest.raises(PlanRefused, match="Confidential VMs have no restore points"):
        plan_of(the_vm(security_type="ConfidentialVM"), consistent=True)


def test_disks_that_are_not_meant_are_left_out_of_the_restore_point() -> None:
    plan = plan_of(disks=("os",), consistent=True)
    assert plan.left_out == (data_disk().id,)


def points_found(hours: float) -> tuple[Protection, ...]:
    return (
        Protection(
            kind=ProtectionKind.RESTORE_POINTS,
            state=ProtectionState.ACTIVE,
            last_point=NOW - timedelta(hours=hours),
        ),
    )


def test_a_young_restore_point_refuses_until_azure_makes_another() -> None:
    young = known(the_vm(), protections=points_found(2.9))
    with pytest.raises(PlanRefused, match=r"no other before 22 Nov 2026, 06:06 UTC"):
        plan_of(young, consistent=True)
    assert plan_of(young)
    assert plan_of(known(the_vm(), protections=points_found(3)), consistent=True)


def test_a_restore_point_that_is_gone_on_with_may_be_the_young_one_itself() -> None:
    young = known(the_vm(), protections=points_found(0.1))
    plan = snapshot_plan(vm_ground(young, resumes=True), wish(consistent=True))
    assert plan_hash(plan) == plan_hash(plan_of(consistent=True))


def test_crash_consistent_points_may_follow_after_an_hour() -> None:
    vm = the_vm(os_name=None)
    assert plan_of(known(vm, protections=points_found(1)), consistent=True)
    with pytest.raises(PlanRefused, match="younger than 1h"):
        plan_of(known(vm, protections=points_found(0.9)), consistent=True)


def test_an_unread_last_point_is_a_note() -> None:
    unread = Coverage(
        **{name: getattr(ALL_READ, name) for name in ("disks", "snapshots")},
        restore_points=Reading.FAILED,
    )
    plan = plan_of(known(the_vm(), coverage=unread), consistent=True)
    assert any("could not be read" in note for note in plan.notes)


def test_shared_encrypted_and_background_disks_are_noted() -> None:
    shared = data_disk(max_shares=3, sku="UltraSSD_LRS", logical_sector_size=4096)
    notes = " ".join(plan_of(the_vm(os_disk(), shared)).notes)
    assert "data-disk is shared" in notes
    assert "usable only once their copy is complete" in notes
    assert "4,096 bytes" in notes
    own_key = os_disk(disk_encryption_set_id="/des")
    together = plan_of(the_vm(own_key), consistent=True)
    assert any("not carried over" in note for note in together.notes)


def test_the_rule_is_put_on_the_plan_afterwards() -> None:
    plan = with_rule(plan_of(), "production", "abc")
    assert (plan.rule, plan.settings_digest) == ("production", "abc")
