"""Restoring over the wire: new disks beside, or the OS disk swapped; taken back on failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.azure.connection import AzureActs
from bot.azure.refusals import RefusedForGood
from bot.azure.standing import LookState
from bot.azure.undo import undo_of
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests import names
from bot.requests.action import Action
from bot.requests.model import DiskSettings, Kind, RequestPlan, Step, StepState
from bot.requests.tags import EXPIRES_TAG, REQUEST_TAG
from deploy.local.azure.compute.machines import power_state
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body
from tests.actions.acting import (
    a_plan,
    a_request,
    acting,
    carried_out,
    carried_out_in_time,
    changes_of,
    one_look,
    point_plan,
    points_of,
    tags_for,
)
from tests.standin.azure.running_azure import GROUP, SUBSCRIPTION, small_world

RESTORE_ID = "r-aaaaaaaaaaaa"
UNTIL = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


async def taken(acts: AzureActs, plan: RequestPlan) -> list[Step]:
    return await carried_out(acts, steps_of(plan, tags_for(plan)))


def restore_plan(plan: RequestPlan, done: list[Step], **changes: Any) -> RequestPlan:
    """New disks of all that was taken."""
    by_disk = {step.disk_id.lower(): step for step in done}
    beside = not changes.get("swap_os_disk")
    disks = tuple(
        replace(
            disk,
            unique_id=by_disk.get(disk.id.lower(), done[-1]).unique_id,
            lun=10 + number if beside or number else None,
            source_id=by_disk.get(disk.id.lower(), done[-1]).target_id,
            target_id=names.disk_id(
                SUBSCRIPTION, GROUP, names.restored_disk_name(RESTORE_ID, disk.id)
            ),
        )
        for number, disk in enumerate(plan.disks)
    )
    os_disk = next(disk.id for disk in plan.disks if disk.is_os)
    changes = {
        "action": Action.RESTORE,
        "kind": Kind.DISK,
        "keep": None,
        "os_disk_id": os_disk,
        **changes,
    }
    return replace(plan, disks=disks, **changes)


def restoring(plan: RequestPlan) -> tuple[Step, ...]:
    request = a_request(Action.RESTORE, RESTORE_ID)
    return steps_of(plan, tags_for(plan, request))


def vm_of(azure: AzureStandIn, plan: RequestPlan) -> Body:
    vm = azure.world.get(plan.vm_id)
    assert vm
    return vm


def disks_of(vm: Body) -> list[str]:
    storage = vm["properties"]["storageProfile"]
    return [one["managedDisk"]["id"] for one in (storage["osDisk"], *storage["dataDisks"])]


@pytest.mark.parametrize("make", [a_plan, point_plan])
async def test_new_disks_are_made_and_attached_beside(
    azure: AzureStandIn, acts: AzureActs, make: Callable[[AzureStandIn], RequestPlan]
) -> None:
    taken_plan = make(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan))
    before = disks_of(vm_of(azure, plan))
    steps = restoring(plan)
    assert [step.after for step in steps] == [None, 1, 2, 3]
    done = await carried_out(acts, steps)
    assert {step.state for step in done} == {StepState.THERE}
    new = [disk.target_id for disk in plan.disks]
    assert disks_of(vm_of(azure, plan)) == before + new
    for disk in plan.disks:
        body = azure.world.get(disk.target_id)
        assert body
        assert body["sku"]["name"] == disk.sku
        assert body["properties"]["networkAccessPolicy"] == "DenyAll"
        assert body["tags"][REQUEST_TAG] == RESTORE_ID
        assert EXPIRES_TAG not in body["tags"]
    azure.forget()
    await carried_out(acts, steps)
    assert changes_of(azure) == []


async def test_a_new_disk_is_set_as_the_plan_says(azure: AzureStandIn, acts: AzureActs) -> None:
    access = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Compute"
    settings = DiskSettings(
        performance_tier="P30",
        max_shares=2,
        bursting=True,
        performance_plus=True,
        disk_access_id=f"{access}/diskAccesses/private",
    )
    taken_plan = a_plan(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan))
    plan = replace(plan, disks=tuple(replace(one, settings=settings) for one in plan.disks))
    await carried_out(acts, restoring(plan))
    body = azure.world.get(plan.disks[0].target_id)
    assert body
    made = body["properties"]
    assert (made["tier"], made["maxShares"], made["burstingEnabled"]) == ("P30", 2, True)
    assert made["creationData"]["performancePlus"] is True
    assert made["diskAccessId"] == settings.disk_access_id
    assert made["networkAccessPolicy"] == "AllowPrivate"
    assert made["publicNetworkAccess"] == "Disabled"


async def test_a_new_disk_of_premium_ssd_v2_has_the_performance_and_sectors_of_the_former(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    taken_plan = a_plan(azure, "db-01")
    settings = DiskSettings(iops=20000, mb_per_s=600, sector_size=4096)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan))
    ultra = plan.disks[1]
    assert ultra.sku == "UltraSSD_LRS"
    plan = replace(plan, disks=(replace(ultra, settings=settings),))
    await carried_out(acts, restoring(plan))
    body = azure.world.get(ultra.target_id)
    assert body
    made = body["properties"]
    assert (made["diskIOPSReadWrite"], made["diskMBpsReadWrite"]) == (20000, 600)
    assert made["creationData"]["logicalSectorSize"] == 4096


async def test_the_os_disk_is_swapped_and_the_old_one_kept(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    taken_plan = a_plan(azure)
    taken_plan = replace(taken_plan, disks=taken_plan.disks[:1])
    in_place = vm_of(azure, taken_plan)["properties"]["storageProfile"]["osDisk"]
    in_place["caching"] = "ReadOnly"
    was = (in_place["createOption"], in_place["caching"])
    plan = restore_plan(taken_plan, await taken(acts, taken_plan), swap_os_disk=True)
    steps = restoring(plan)
    assert [step.verb for step in steps] == ["make-disk", "deallocate", "swap-os-disk", "start-vm"]
    azure.forget()
    done = await carried_out(acts, steps)
    assert {step.state for step in done} == {StepState.THERE}
    assert len(changes_of(azure)) == 4
    vm = vm_of(azure, plan)
    assert disks_of(vm)[0] == plan.disks[0].target_id
    [swap] = [one for one in azure.requests if one.method == "PATCH"]
    sent = json.loads(swap.body)["properties"]["storageProfile"]["osDisk"]
    assert (sent["createOption"], sent["caching"]) == was
    assert power_state(vm) == "running"
    old = azure.world.get(plan.os_disk_id)
    assert old
    assert "managedBy" not in old


async def test_a_vm_that_did_not_run_is_not_started(azure: AzureStandIn, acts: AzureActs) -> None:
    taken_plan = a_plan(azure)
    done = await taken(acts, taken_plan)
    plan = restore_plan(taken_plan, done, swap_os_disk=True, vm_runs=False)
    verbs = [step.verb for step in restoring(plan)]
    assert "start-vm" not in verbs
    assert verbs == ["make-disk", "make-disk", "deallocate", "swap-os-disk", "attach-disk"]


@pytest.mark.parametrize("count", range(1, 7))
@pytest.mark.parametrize("runs", [True, False])
async def test_after_any_step_a_restore_can_be_taken_back(
    azure: AzureStandIn, acts: AzureActs, count: int, runs: bool
) -> None:
    taken_plan = a_plan(azure)
    done = await taken(acts, taken_plan)
    plan = restore_plan(taken_plan, done, swap_os_disk=True, vm_runs=runs)
    vm = vm_of(azure, plan)
    if not runs:
        await acts.power(plan.vm_id, "deallocate")
    disks, power = disks_of(vm), power_state(vm_of(azure, plan))
    known = set(azure.world.snapshot())
    half = await carried_out(acts, restoring(plan)[:count])
    undone = [undo for step in reversed(half) if (undo := undo_of(step))]
    back = await carried_out(acts, undone)
    assert {step.state for step in back} == {StepState.THERE}
    assert disks_of(vm_of(azure, plan)) == disks
    assert power_state(vm_of(azure, plan)) == power
    assert set(azure.world.snapshot()) == known


async def test_a_swap_waits_for_each_change_of_the_vm_to_be_over() -> None:
    async with AzureStandIn(small_world(pace=1.0)) as azure, acting(azure) as acts:
        first = a_plan(azure)
        first = replace(first, disks=first.disks[:1])
        done = await carried_out_in_time(azure, acts, steps_of(first, tags_for(first)))
        plan = restore_plan(first, done, swap_os_disk=True)
        azure.forget()
        half = await carried_out_in_time(azure, acts, restoring(plan))
        assert {step.state for step in half} == {StepState.THERE}
        assert len(changes_of(azure)) == len(half)
        undone = [undo for step in reversed(half) if (undo := undo_of(step))]
        back = await carried_out_in_time(azure, acts, undone)
        assert {step.state for step in back} == {StepState.THERE}
        vm = vm_of(azure, plan)
    assert disks_of(vm)[0] == plan.os_disk_id
    assert power_state(vm) == "running"


async def test_a_disk_that_is_attached_is_not_deleted(azure: AzureStandIn, acts: AzureActs) -> None:
    taken_plan = a_plan(azure)
    done = await carried_out(
        acts, restoring(restore_plan(taken_plan, await taken(acts, taken_plan)))
    )
    undo = undo_of(done[0])
    assert undo
    azure.forget()
    with pytest.raises(RefusedForGood, match="attached to a VM"):
        await VERBS[undo.verb].do(acts, undo)
    assert changes_of(azure) == []


async def test_a_vm_that_is_being_changed_is_waited_for(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    taken_plan = a_plan(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan), swap_os_disk=True)
    vm_of(azure, plan)["properties"]["provisioningState"] = "Updating"
    changes = [step for step in restoring(plan) if step.verb in ("swap-os-disk", "attach-disk")]
    assert {(await one_look(acts, step)).state for step in changes} == {LookState.COMING}


async def test_another_vm_of_the_same_name_is_left_alone(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    taken_plan = a_plan(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan), swap_os_disk=True)
    vm_of(azure, plan)["properties"]["vmId"] = "another"
    on_vm = [step for step in restoring(plan) if step.target_id == plan.vm_id]
    assert [(await one_look(acts, step)).state for step in on_vm] == [LookState.FOREIGN] * 4


async def test_an_os_disk_that_nobody_planned_is_not_swapped(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    taken_plan = a_plan(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan), swap_os_disk=True)
    swap = next(step for step in restoring(plan) if step.verb == "swap-os-disk")
    vm_of(azure, plan)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] = "/other"
    standing = await one_look(acts, swap)
    assert standing.state is LookState.FOREIGN
    assert "neither" in standing.why


async def test_a_vm_that_is_gone_ends_what_needs_it(azure: AzureStandIn, acts: AzureActs) -> None:
    taken_plan = a_plan(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan), swap_os_disk=True)
    azure.world.remove(plan.vm_id)
    on_vm = [step for step in restoring(plan) if step.target_id == plan.vm_id]
    standings = [await one_look(acts, step) for step in on_vm]
    assert {standing.state for standing in standings} == {LookState.FAILED}
    assert {standing.why for standing in standings} == {"The VM is not there any more."}


async def test_a_disk_that_the_point_does_not_hold_is_not_made(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    taken_plan = point_plan(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan))
    other = replace(plan.disks[0], id=f"{plan.disks[0].id}-other")
    step = restoring(replace(plan, disks=(other,)))[0]
    azure.forget()
    with pytest.raises(RefusedForGood, match="does not hold this disk"):
        await VERBS[step.verb].do(acts, step)
    assert changes_of(azure) == []


@pytest.mark.parametrize("make", [a_plan, point_plan])
async def test_nothing_is_made_from_another_of_the_same_name(
    azure: AzureStandIn, acts: AzureActs, make: Callable[[AzureStandIn], RequestPlan]
) -> None:
    taken_plan = make(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan))
    step = restoring(replace(plan, disks=(replace(plan.disks[0], unique_id="another"),)))[0]
    azure.forget()
    with pytest.raises(RefusedForGood, match="somebody deleted it"):
        await VERBS[step.verb].do(acts, step)
    assert changes_of(azure) == []


async def test_disks_of_a_vm_that_is_gone_are_made_side_by_side_and_attached_to_nothing(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    taken_plan = a_plan(azure)
    plan = restore_plan(taken_plan, await taken(acts, taken_plan))
    azure.world.remove(plan.vm_id)
    steps = restoring(replace(plan, disks=tuple(replace(one, lun=None) for one in plan.disks)))
    assert [(step.verb, step.after) for step in steps] == [("make-disk", None)] * 2
    assert {step.state for step in await carried_out(acts, steps)} == {StepState.THERE}


# --- kept longer -----------------------------------------------------------------------------


def extending(plan: RequestPlan, done: list[Step]) -> tuple[Step, ...]:
    longer = replace(plan, action=Action.EXTEND, expires_at=UNTIL)
    request = a_request(Action.EXTEND, "r-eeeeeeeeeeee")
    return steps_of(longer, tags_for(longer, request), points_of(done, plan))


async def test_what_is_kept_longer_says_so_and_keeps_its_other_tags(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    taken_steps = await taken(acts, plan)
    body = azure.world.get(taken_steps[0].target_id)
    assert body
    body["tags"]["team"] = "shop"
    before = dict(body["tags"])
    steps = extending(plan, taken_steps)
    azure.forget()
    done = await carried_out(acts, steps)
    assert {step.state for step in done} == {StepState.THERE}
    assert changes_of(azure) == ["Snapshots_Update", "Snapshots_Update"]
    assert body["tags"] == before | {EXPIRES_TAG: "2026-12-01T12:00:00Z"}
    back = [undo for step in done if (undo := undo_of(step))]
    await carried_out(acts, back)
    assert body["tags"] == before | {EXPIRES_TAG: "2026-11-25T16:00:00Z"}


async def test_a_restore_point_is_kept_longer_by_the_ledger_alone(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    assert extending(plan, await taken(acts, plan)) == ()


async def test_what_is_gone_or_another_is_not_kept_longer(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    first, second = extending(plan, await taken(acts, plan))
    azure.world.remove(first.target_id)
    other = azure.world.get(second.target_id)
    assert other
    other["properties"]["uniqueId"] = "another"
    assert (await one_look(acts, first)).state is LookState.FAILED
    assert (await one_look(acts, second)).state is LookState.FOREIGN
