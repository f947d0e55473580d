"""Points after their request is done: reminder, restore, copy, deletion when due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.requests.action import Action
from bot.requests.model import ClickKind, StepState
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.workflow_system import QUICK, SETTINGS, System

DAY = timedelta(days=1)
DELETE = "Snapshots_Delete"
LOCKED = Fault(
    Kind.STATUS, DELETE, status=409, times=None, code="ScopeLocked", message="are locked: 'rg'."
)


async def about(system: System, action: Action, of: str, *, end: bool = True, **wish: Any) -> str:
    """Ask for an action on the points of a request, approve it and work on it; its id."""
    request_id = await system.ask("", action=action, of_request=of, **wish)
    if end:
        await system.approve(request_id)
    return request_id


async def ended(system: System, request_id: str, state: State = State.DONE) -> str:
    request = await system.get(request_id)
    assert request.state is state, request.why
    return request.why


def of_type(system: System, kind: str, request_id: str) -> list[dict[str, Any]]:
    found = system.azure.world.of_type(f"Microsoft.Compute/{kind}")
    return [
        body for body in found if (body.get("tags") or {}).get("vmbackup-request") == request_id
    ]


def points_in_azure(system: System) -> list[dict[str, Any]]:
    """The restore points that vmbackup made; the fleet has others, too."""
    found = system.azure.world.of_type("Microsoft.Compute/restorePointCollections/restorePoints")
    return [body for body in found if "/restorepointcollections/vmbackup-" in body["id"].lower()]


def vm_of(system: System, name: str) -> dict[str, Any]:
    found = system.azure.world.of_type("Microsoft.Compute/virtualMachines")
    return next(body for body in found if body["name"] == name)


# --- expiry ----------------------------------------------------------------------------------


async def test_an_expired_snapshot_is_deleted_once_and_its_thread_says_so(system: System) -> None:
    request_id = await system.complete(keep=3 * DAY)
    assert await system.sweep(request_id) == []
    await system.later(request_id, 3 * DAY + timedelta(minutes=1))
    (deletion,) = await system.sweep(request_id)
    assert await system.sweep(request_id) == [deletion]
    await ended(system, deletion)
    assert system.snapshots(request_id) == []
    assert await system.store.points(request_id=request_id) == ()
    assert (await system.notes(request_id)).count("2 items deleted") == 1


async def test_nothing_is_deleted_under_a_lock_and_the_reason_is_said_once(system: System) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    await system.later(request_id, 2 * DAY)
    number = system.azure.faults.add(LOCKED)
    (first,) = await system.sweep(request_id)
    assert "A lock on rg forbids this." in await ended(system, first, State.FAILED)
    assert await system.sweep(request_id) == [first]  # not again at once
    await system.later(first, timedelta(hours=2))
    (_, second) = await system.sweep(request_id)
    await ended(system, second, State.FAILED)
    assert len(system.snapshots(request_id)) == 1
    assert (await system.notes(request_id)).count("was to be deleted and is still there") == 1
    system.azure.faults.remove(number)
    await system.later(second, timedelta(hours=2))
    third = (await system.sweep(request_id))[-1]
    await ended(system, third)
    assert system.snapshots(request_id) == []


async def test_only_what_agrees_with_the_ledger_is_deleted(system: System) -> None:
    """A person deleted the snapshot and made another of the same name."""
    request_id = await system.complete("dev-04", keep=DAY)
    (made,) = system.snapshots(request_id)
    made["properties"]["uniqueId"] = "00000000-0000-0000-0000-000000000000"
    await system.later(request_id, 2 * DAY)
    (deletion,) = await system.sweep(request_id)
    assert "Its uniqueId is another one" in await ended(system, deletion, State.FAILED)
    assert len(system.snapshots(request_id)) == 1
    assert system.azure.asked(DELETE) == []


async def test_a_snapshot_that_was_extended_meanwhile_is_not_deleted(system: System) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    await system.later(request_id, DAY + timedelta(minutes=1))
    await system.workflow.look_after()
    (deletion,) = await system.of(request_id)
    await system.execute(
        "UPDATE points SET expires_at = now() + interval '1 day' WHERE request_id = %s", request_id
    )
    await system.workflow.carry_on(deletion)
    assert "extended meanwhile" in await ended(system, deletion, State.FAILED)
    assert len(system.snapshots(request_id)) == 1


async def test_the_reminder_comes_a_day_before_or_at_the_last_quarter_of_a_short_retention(
    system: System,
) -> None:
    long, short = (
        await system.complete("web-01", keep=8 * DAY),
        await system.complete("web-02", keep=DAY),
    )
    for request_id, before, after in (
        (long, 7 * DAY - timedelta(minutes=5), timedelta(minutes=6)),
        (short, timedelta(hours=17, minutes=55), timedelta(minutes=6)),
    ):
        await system.later(request_id, before)
        await system.workflow.look_after()
        assert "is deleted on" not in (await system.notes(request_id)).split("To restore it")[-1]
        await system.later(request_id, after)
        await system.workflow.look_after()
        await system.workflow.look_after()
        reminder = (await system.notes(request_id)).split("To restore it")[-1]
        assert reminder.count("is deleted on") == 1
        assert "A day more costs about" in reminder
        assert f"extend {request_id} 2d" in reminder


# --- restore ---------------------------------------------------------------------------------


async def test_a_restore_makes_disks_and_attaches_them(system: System) -> None:
    request_id = await system.complete("web-01")
    restore = await about(system, Action.RESTORE, request_id)
    await ended(system, restore)
    disks = of_type(system, "disks", restore)
    assert len(disks) == 2
    storage = vm_of(system, "web-01")["properties"]["storageProfile"]
    attached = {one["managedDisk"]["id"].lower() for one in storage["dataDisks"]}
    assert {disk["id"].lower() for disk in disks} <= attached
    assert all(disk["properties"]["networkAccessPolicy"] == "DenyAll" for disk in disks)


async def test_a_restore_in_place_keeps_the_old_disk_and_starts_the_vm(system: System) -> None:
    request_id = await system.complete("web-01")
    old = vm_of(system, "web-01")["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    restore = await about(system, Action.RESTORE, request_id, swap_os_disk=True)
    await ended(system, restore)
    (disk,) = of_type(system, "disks", restore)
    vm = vm_of(system, "web-01")
    assert vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] == disk["id"]
    kept = system.azure.world.get(old)
    assert kept is not None
    assert kept["properties"]["diskState"] == "Unattached"
    codes = [one["code"] for one in vm["properties"]["instanceView"]["statuses"]]
    assert "PowerState/running" in codes


async def test_a_swap_that_azure_refuses_is_undone(system: System) -> None:
    request_id = await system.complete("web-01")
    before = vm_of(system, "web-01")["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    system.azure.faults.add(replace(LOCKED, operation="VirtualMachines_Update"))
    restore = await about(system, Action.RESTORE, request_id, swap_os_disk=True)
    assert "A lock on rg" in await ended(system, restore, State.FAILED)
    vm = vm_of(system, "web-01")
    assert vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] == before
    codes = [one["code"] for one in vm["properties"]["instanceView"]["statuses"]]
    assert "PowerState/running" in codes
    assert of_type(system, "disks", restore) == []
    assert await system.store.points(request_id=restore) == ()
    undone = [step.verb for step in await system.store.steps(restore) if step.state == "undone"]
    assert undone == ["make-disk", "deallocate"]


async def test_a_roll_back_that_takes_long_ends_in_a_later_turn(system: System) -> None:
    request_id = await system.complete("web-01")
    number = system.azure.faults.add(
        Fault(Kind.STATUS, "VirtualMachines_Start", status=503, times=None)
    )
    system.azure.faults.add(replace(LOCKED, operation="VirtualMachines_Update"))
    restore = await about(system, Action.RESTORE, request_id, swap_os_disk=True)
    await ended(system, restore, State.RUNNING)
    system.azure.faults.remove(number)
    await system.at_once(restore)
    await ended(system, restore, State.FAILED)
    assert of_type(system, "disks", restore) == []


# --- copy ------------------------------------------------------------------------------------


async def test_a_copy_lies_in_the_other_region_and_has_its_own_retention(system: System) -> None:
    request_id = await system.complete("web-01", keep=DAY)
    copy = await about(system, Action.COPY, request_id, to_region="northeurope", keep=5 * DAY)
    await ended(system, copy)
    copies = system.snapshots(copy)
    assert {made["location"] for made in copies} == {"northeurope"}
    assert len(copies) == 2
    await system.later(request_id, DAY + timedelta(hours=1))
    await system.sweep(request_id)
    assert system.snapshots(request_id) == []
    assert len(system.snapshots(copy)) == 2
    await system.later(copy, 6 * DAY)
    await system.sweep(copy)
    assert system.snapshots(copy) == []


# --- restore points --------------------------------------------------------------------------


async def test_restore_points_are_listed_restored_copied_and_expire_alike(system: System) -> None:
    request_id = await system.complete("web-01", consistent=True, keep=DAY)
    (point,) = await system.store.points(request_id=request_id)
    assert (point.size_gib, str(point.kind)) == (320, "restore point")
    assert len(points_in_azure(system)) == 1
    restore = await about(system, Action.RESTORE, request_id, disks=("data0",))
    await ended(system, restore)
    assert len(of_type(system, "disks", restore)) == 1
    copy = await about(system, Action.COPY, request_id, to_region="northeurope", keep=2 * DAY)
    await ended(system, copy)
    assert len(points_in_azure(system)) == 2
    extension = await about(system, Action.EXTEND, request_id, keep=DAY)
    await ended(system, extension)
    await system.later(request_id, 2 * DAY + timedelta(hours=1))
    await system.sweep(request_id)
    await system.later(copy, 3 * DAY)
    await system.sweep(copy)
    assert points_in_azure(system) == []
    for each in (request_id, copy):
        assert await system.store.points(request_id=each) == ()


async def test_a_restore_point_begins_once_though_its_reply_was_lost(system: System) -> None:
    system.azure.faults.add(Fault(Kind.LOST, "RestorePoints_Create"))
    request_id = await system.ask("web-01", consistent=True)
    await system.approve(request_id)
    await system.at_once(request_id)
    await ended(system, request_id)
    assert len(points_in_azure(system)) == 1


# --- the clean-up of nothing -----------------------------------------------------------------


async def test_a_copy_that_azure_takes_long_for_is_put_off_and_shows_how_far_it_is(
    system: System,
) -> None:
    request_id = await system.complete("dev-04")
    system.azure.world.pace = 1.0
    system.hold_rules(system.connections.rules, replace(QUICK, patience_seconds=0.1))
    copy = await about(system, Action.COPY, request_id, to_region="northeurope")
    request = await system.get(copy)
    assert (request.state, request.attempts) == (State.RUNNING, 0)
    (step,) = await system.store.steps(copy)
    assert step.state is StepState.SENT
    system.azure.world.forward(timedelta(hours=6))
    await system.at_once(copy)
    await ended(system, copy)


async def test_nobody_but_those_named_restores(system: System) -> None:
    request_id = await system.complete("dev-04")
    system.with_rules(
        SETTINGS.read_text().replace(
            "[[requests.rules]]",
            f'[requests.restore]\nusers = ["{GRACE.id}"]\n\n[[requests.rules]]',
            1,
        )
    )
    restore = await about(system, Action.RESTORE, request_id, end=False)
    request = await system.get(restore)
    assert request.state is State.REFUSED
    click = await system.press(request_id, ClickKind.CANCEL, ADA.id)
    assert "is over" in await system.answer(click)
