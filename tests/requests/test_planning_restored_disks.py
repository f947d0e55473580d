"""What a restored disk keeps of the disk that its point was made of, and what it cannot keep."""

from __future__ import annotations

from dataclasses import replace

from advisor.model import Disk
from bot.actions.copy.plan import copy_plan
from bot.actions.restore.plan import restore_plan
from bot.requests.action import Action
from bot.requests.model import DiskSettings
from bot.requests.plan_hash import plan_hash
from tests.requests.planning_samples import (
    data_disk,
    ground_of,
    os_disk,
    plan_of,
    the_vm,
    wish,
)

RESTORE, COPY = Action.RESTORE, Action.COPY
ACCESS = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Compute/diskAccesses/a"


def as_set() -> Disk:
    """A Premium SSD v2 disk that is set to more than its size brings."""
    return data_disk(
        sku="PremiumV2_LRS",
        iops=20000,
        throughput_mb_per_s=600,
        logical_sector_size=512,
        max_shares=2,
        disk_access_id=ACCESS,
    )


def test_a_restored_disk_is_set_as_the_disk_was_when_the_point_was_made() -> None:
    origin = plan_of(the_vm(os_disk(performance_tier="P40", bursting=True), as_set()))
    slower = the_vm(os_disk(), data_disk(sku="PremiumV2_LRS", iops=3000))
    plan = restore_plan(ground_of(origin, vm=slower), wish(RESTORE))
    os, data = plan.disks
    assert os.settings == DiskSettings(performance_tier="P40", bursting=True)
    assert data.settings == DiskSettings(
        iops=20000, mb_per_s=600, sector_size=512, max_shares=2, disk_access_id=ACCESS
    )
    charges = [note for note in plan.notes if note.startswith("Not priced: ")]
    assert len(plan.notes) == 1 + len(charges)  # all of it is kept
    assert [note.split("charges for ")[1] for note in charges] == [
        f"on-demand bursting is added: {os.name}.",
        f"the mounts of a shared disk is added: {data.name}.",
    ]


def test_performance_plus_is_kept_and_its_charge_named_as_not_priced() -> None:
    origin = plan_of(the_vm(os_disk(), data_disk(performance_plus=True)))
    usual = plan_of(the_vm(os_disk(), data_disk()))
    plan = restore_plan(ground_of(origin), wish(RESTORE))
    os, data = plan.disks
    assert (os.settings.performance_plus, data.settings.performance_plus) == (False, True)
    assert f"Not priced: what Azure charges for performance plus is added: {data.name}." in (
        plan.notes
    )
    plain = restore_plan(ground_of(usual), wish(RESTORE))
    assert not any(note.startswith("Not priced") for note in plain.notes)
    assert plan_hash(plan) != plan_hash(plain)


def test_a_disk_is_priced_at_the_tier_that_was_chosen_for_it() -> None:
    origin = plan_of(the_vm(os_disk(performance_tier="P40")))
    usual = restore_plan(ground_of(plan_of(the_vm(os_disk()))), wish(RESTORE)).cost.a_month
    chosen = restore_plan(ground_of(origin), wish(RESTORE)).cost.a_month
    assert usual
    assert chosen
    assert chosen.high > usual.high


def test_what_a_disk_in_another_region_cannot_have_is_on_the_card() -> None:
    origin = plan_of(the_vm(os_disk(), as_set()))
    copied = copy_plan(ground_of(origin), wish(COPY, to_region="northeurope"))
    ground = ground_of(copied, vm=the_vm(os_disk(), as_set()))
    plan = restore_plan(ground, wish(RESTORE))
    assert {disk.zones for disk in plan.disks} == {()}
    assert {disk.settings.disk_access_id for disk in plan.disks} == {""}
    assert plan.disks[1].settings.iops == 20000
    [zones] = [note for note in plan.notes if "in no zone" in note]
    assert zones.endswith(": os-disk and data-disk.")
    [access] = [note for note in plan.notes if "disk access" in note]
    assert access.endswith(": data-disk.")


def test_a_performance_that_was_not_noted_is_said_to_be_azures_own() -> None:
    """Plans of points that were taken before settings were noted have none."""
    origin = plan_of(the_vm(os_disk(), as_set()))
    disks = tuple(replace(disk, settings=DiskSettings()) for disk in origin.disks)
    plan = restore_plan(ground_of(replace(origin, disks=disks)), wish(RESTORE))
    [note] = [note for note in plan.notes if "IOPS" in note]
    assert note.endswith("when the point was made: data-disk.")
