"""What was made, afterwards: reminded of, kept longer, restored, copied, deleted when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.requests.action import Action
from bot.requests.model import ClickKind, StepState
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.test_workflow_doing import PUT, half_done
from tests.workflow.test_workflow_voiding import add_disk
from tests.workflow.told import QUICK, SETTINGS, Told

DAY = timedelta(days=1)
DELETE = "Snapshots_Delete"
LOCKED = Fault(
    Kind.STATUS, DELETE, status=409, times=None, code="ScopeLocked", message="are locked: 'rg'."
)


async def about(tale: Told, action: Action, of: str, *, end: bool = True, **wish: Any) -> str:
    """Asked for, approved and carried on; about what another request made."""
    request_id = await tale.ask("", action=action, of_request=of, **wish)
    if end:
        await tale.approve(request_id)
    return request_id


async def ended(tale: Told, request_id: str, state: State = State.DONE) -> str:
    request = await tale.get(request_id)
    assert request.state is state, request.why
    return request.why


def of_type(tale: Told, kind: str, request_id: str) -> list[dict[str, Any]]:
    found = tale.azure.world.of_type(f"Microsoft.Compute/{kind}")
    return [
        body for body in found if (body.get("tags") or {}).get("vmbackup-request") == request_id
    ]


def points_in_azure(tale: Told) -> list[dict[str, Any]]:
    """Those that vmbackup made; others have some in the fleet, too."""
    found = tale.azure.world.of_type("Microsoft.Compute/restorePointCollections/restorePoints")
    return [body for body in found if "/restorepointcollections/vmbackup-" in body["id"].lower()]


def vm_of(tale: Told, name: str) -> dict[str, Any]:
    found = tale.azure.world.of_type("Microsoft.Compute/virtualMachines")
    return next(body for body in found if body["name"] == name)


# --- expiry ----------------------------------------------------------------------------------


async def test_what_expires_is_deleted_once_and_said_under_its_card(tale: Told) -> None:
    request_id = await tale.done(keep=3 * DAY)
    assert await tale.swept(request_id) == []
    await tale.later(request_id, 3 * DAY + timedelta(minutes=1))
    (deletion,) = await tale.swept(request_id)
    assert await tale.swept(request_id) == [deletion]
    await ended(tale, deletion)
    assert tale.snapshots(request_id) == []
    assert await tale.store.points(request_id=request_id) == ()
    assert (await tale.notes(request_id)).count("2 items deleted") == 1


async def test_nothing_is_deleted_under_a_lock_and_the_reason_is_said_once(tale: Told) -> None:
    request_id = await tale.done("dev-04", keep=DAY)
    await tale.later(request_id, 2 * DAY)
    number = tale.azure.faults.add(LOCKED)
    (first,) = await tale.swept(request_id)
    assert "A lock on rg forbids this." in await ended(tale, first, State.FAILED)
    assert await tale.swept(request_id) == [first]  # not again at once
    await tale.later(first, timedelta(hours=2))
    (_, second) = await tale.swept(request_id)
    await ended(tale, second, State.FAILED)
    assert len(tale.snapshots(request_id)) == 1
    assert (await tale.notes(request_id)).count("was to be deleted and is still there") == 1
    tale.azure.faults.remove(number)
    await tale.later(second, timedelta(hours=2))
    third = (await tale.swept(request_id))[-1]
    await ended(tale, third)
    assert tale.snapshots(request_id) == []


async def test_only_what_agrees_with_the_ledger_is_deleted(tale: Told) -> None:
    """Somebody deleted the snapshot and made another of the same name."""
    request_id = await tale.done("dev-04", keep=DAY)
    (made,) = tale.snapshots(request_id)
    made["properties"]["uniqueId"] = "00000000-0000-0000-0000-000000000000"
    await tale.later(request_id, 2 * DAY)
    (deletion,) = await tale.swept(request_id)
    assert "Its uniqueId is another one" in await ended(tale, deletion, State.FAILED)
    assert len(tale.snapshots(request_id)) == 1
    assert tale.azure.asked(DELETE) == []


async def test_what_was_extended_meanwhile_is_not_deleted(tale: Told) -> None:
    request_id = await tale.done("dev-04", keep=DAY)
    await tale.later(request_id, DAY + timedelta(minutes=1))
    await tale.workflow.look_after()
    (deletion,) = await tale.of(request_id)
    await tale.execute(
        "UPDATE points SET expires_at = now() + interval '1 day' WHERE request_id = %s", request_id
    )
    await tale.workflow.carry_on(deletion)
    assert "extended meanwhile" in await ended(tale, deletion, State.FAILED)
    assert len(tale.snapshots(request_id)) == 1


async def test_the_reminder_comes_a_day_before_or_at_the_last_quarter_of_a_short_life(
    tale: Told,
) -> None:
    long, short = await tale.done("web-01", keep=8 * DAY), await tale.done("web-02", keep=DAY)
    for request_id, before, after in (
        (long, 7 * DAY - timedelta(minutes=5), timedelta(minutes=6)),
        (short, timedelta(hours=17, minutes=55), timedelta(minutes=6)),
    ):
        await tale.later(request_id, before)
        await tale.workflow.look_after()
        assert "is deleted on" not in (await tale.notes(request_id)).split("To restore it")[-1]
        await tale.later(request_id, after)
        await tale.workflow.look_after()
        await tale.workflow.look_after()
        reminder = (await tale.notes(request_id)).split("To restore it")[-1]
        assert reminder.count("is deleted on") == 1
        assert "A day more costs about" in reminder
        assert f"extend {request_id} 2d" in reminder


# --- kept longer -----------------------------------------------------------------------------


async def test_an_extension_is_priced_approved_and_written_on_what_it_keeps(tale: Told) -> None:
    request_id = await tale.done("web-01", keep=2 * DAY)
    before = (await tale.get(request_id)).expires_at
    assert before is not None
    extension = await about(tale, Action.EXTEND, request_id, keep=DAY, end=False)
    plan = (await tale.get(extension)).plan
    assert plan is not None
    assert plan.cost.until_expiry is not None
    assert plan.cost.until_expiry.high > 0
    assert (await tale.get(extension)).state is State.WAITING
    await tale.approve(extension)
    await ended(tale, extension)
    source = await tale.get(request_id)
    assert source.expires_at == before + DAY
    tags = {made["tags"]["vmbackup-expires"] for made in tale.snapshots(request_id)}
    assert tags == {f"{before + DAY:%Y-%m-%dT%H:%M:%SZ}"}
    await tale.later(request_id, 2 * DAY + timedelta(hours=1))
    assert await tale.swept(request_id) == [extension]


async def test_an_extension_of_one_point_leaves_the_others_to_expire(tale: Told) -> None:
    request_id = await tale.done("web-01", keep=2 * DAY)
    points = await tale.store.points(request_id=request_id)
    kept = points[0].arm_id
    await about(tale, Action.EXTEND, request_id, keep=DAY, points=(kept,))
    await tale.later(request_id, 2 * DAY + timedelta(hours=1))
    _, deletion = await tale.swept(request_id)
    await ended(tale, deletion)
    assert [point.arm_id for point in await tale.store.points(request_id=request_id)] == [kept]
    assert [made["id"].lower() for made in tale.snapshots(request_id)] == [kept.lower()]


async def test_half_an_extension_is_undone(tale: Told) -> None:
    request_id = await tale.done("web-01", keep=2 * DAY)
    tags = [made["tags"]["vmbackup-expires"] for made in tale.snapshots(request_id)]
    refused = replace(LOCKED, operation="Snapshots_Update", path="data")
    tale.azure.faults.add(refused)
    extension = await about(tale, Action.EXTEND, request_id, keep=DAY)
    assert "A lock on rg" in await ended(tale, extension, State.FAILED)
    assert [made["tags"]["vmbackup-expires"] for made in tale.snapshots(request_id)] == tags


# --- restored --------------------------------------------------------------------------------


async def test_a_restore_makes_disks_and_hangs_them_beside(tale: Told) -> None:
    request_id = await tale.done("web-01")
    restore = await about(tale, Action.RESTORE, request_id)
    await ended(tale, restore)
    disks = of_type(tale, "disks", restore)
    assert len(disks) == 2
    storage = vm_of(tale, "web-01")["properties"]["storageProfile"]
    attached = {one["managedDisk"]["id"].lower() for one in storage["dataDisks"]}
    assert {disk["id"].lower() for disk in disks} <= attached
    assert all(disk["properties"]["networkAccessPolicy"] == "DenyAll" for disk in disks)


async def test_a_restore_in_place_keeps_the_old_disk_and_starts_the_vm(tale: Told) -> None:
    request_id = await tale.done("web-01")
    old = vm_of(tale, "web-01")["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    restore = await about(tale, Action.RESTORE, request_id, swap_os_disk=True)
    await ended(tale, restore)
    (disk,) = of_type(tale, "disks", restore)
    vm = vm_of(tale, "web-01")
    assert vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] == disk["id"]
    kept = tale.azure.world.get(old)
    assert kept is not None
    assert kept["properties"]["diskState"] == "Unattached"
    codes = [one["code"] for one in vm["properties"]["instanceView"]["statuses"]]
    assert "PowerState/running" in codes


async def test_a_swap_that_azure_refuses_is_undone(tale: Told) -> None:
    request_id = await tale.done("web-01")
    before = vm_of(tale, "web-01")["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    tale.azure.faults.add(replace(LOCKED, operation="VirtualMachines_Update"))
    restore = await about(tale, Action.RESTORE, request_id, swap_os_disk=True)
    assert "A lock on rg" in await ended(tale, restore, State.FAILED)
    vm = vm_of(tale, "web-01")
    assert vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] == before
    codes = [one["code"] for one in vm["properties"]["instanceView"]["statuses"]]
    assert "PowerState/running" in codes
    assert of_type(tale, "disks", restore) == []
    assert await tale.store.points(request_id=restore) == ()
    undone = [step.verb for step in await tale.store.steps(restore) if step.state == "undone"]
    assert undone == ["make-disk", "deallocate"]


async def test_what_takes_long_to_undo_is_undone_in_a_later_turn(tale: Told) -> None:
    request_id = await tale.done("web-01")
    number = tale.azure.faults.add(
        Fault(Kind.STATUS, "VirtualMachines_Start", status=503, times=None)
    )
    tale.azure.faults.add(replace(LOCKED, operation="VirtualMachines_Update"))
    restore = await about(tale, Action.RESTORE, request_id, swap_os_disk=True)
    await ended(tale, restore, State.RUNNING)
    tale.azure.faults.remove(number)
    await tale.at_once(restore)
    await ended(tale, restore, State.FAILED)
    assert of_type(tale, "disks", restore) == []


# --- copied ----------------------------------------------------------------------------------


async def test_a_copy_lies_in_the_other_region_and_has_a_life_of_its_own(tale: Told) -> None:
    request_id = await tale.done("web-01", keep=DAY)
    copy = await about(tale, Action.COPY, request_id, to_region="northeurope", keep=5 * DAY)
    await ended(tale, copy)
    copies = tale.snapshots(copy)
    assert {made["location"] for made in copies} == {"northeurope"}
    assert len(copies) == 2
    await tale.later(request_id, DAY + timedelta(hours=1))
    await tale.swept(request_id)
    assert tale.snapshots(request_id) == []
    assert len(tale.snapshots(copy)) == 2
    await tale.later(copy, 6 * DAY)
    await tale.swept(copy)
    assert tale.snapshots(copy) == []


# --- restore points --------------------------------------------------------------------------


async def test_restore_points_are_listed_restored_copied_and_expire_alike(tale: Told) -> None:
    request_id = await tale.done("web-01", consistent=True, keep=DAY)
    (point,) = await tale.store.points(request_id=request_id)
    assert (point.size_gib, str(point.kind)) == (320, "restore point")
    assert len(points_in_azure(tale)) == 1
    restore = await about(tale, Action.RESTORE, request_id, disks=("data0",))
    await ended(tale, restore)
    assert len(of_type(tale, "disks", restore)) == 1
    copy = await about(tale, Action.COPY, request_id, to_region="northeurope", keep=2 * DAY)
    await ended(tale, copy)
    assert len(points_in_azure(tale)) == 2
    extension = await about(tale, Action.EXTEND, request_id, keep=DAY)
    await ended(tale, extension)
    await tale.later(request_id, 2 * DAY + timedelta(hours=1))
    await tale.swept(request_id)
    await tale.later(copy, 3 * DAY)
    await tale.swept(copy)
    assert points_in_azure(tale) == []
    for each in (request_id, copy):
        assert await tale.store.points(request_id=each) == ()


async def test_a_restore_point_begins_once_though_its_reply_was_lost(tale: Told) -> None:
    tale.azure.faults.add(Fault(Kind.LOST, "RestorePoints_Create"))
    request_id = await tale.ask("web-01", consistent=True)
    await tale.approve(request_id)
    await tale.at_once(request_id)
    await ended(tale, request_id)
    assert len(points_in_azure(tale)) == 1


# --- the clean-up of nothing -----------------------------------------------------------------


async def test_a_copy_that_azure_takes_long_for_is_put_off_and_shows_how_far_it_is(
    tale: Told,
) -> None:
    request_id = await tale.done("dev-04")
    tale.azure.world.pace = 1.0
    tale.under(tale.connections.rules, replace(QUICK, patience_seconds=0.1))
    copy = await about(tale, Action.COPY, request_id, to_region="northeurope")
    request = await tale.get(copy)
    assert (request.state, request.attempts) == (State.RUNNING, 0)
    (step,) = await tale.store.steps(copy)
    assert step.state is StepState.SENT
    tale.azure.world.forward(timedelta(hours=6))
    await tale.at_once(copy)
    await ended(tale, copy)


async def test_nobody_but_those_named_restores(tale: Told) -> None:
    request_id = await tale.done("dev-04")
    tale.with_rules(
        SETTINGS.read_text().replace(
            "[[requests.rules]]",
            f'[requests.restore]\nusers = ["{GRACE.id}"]\n\n[[requests.rules]]',
            1,
        )
    )
    restore = await about(tale, Action.RESTORE, request_id, end=False)
    request = await tale.get(restore)
    assert request.state is State.REFUSED
    click = await tale.press(request_id, ClickKind.CANCEL, ADA.id)
    assert "is over" in await tale.answer(click)


# --- called by the id of an extension --------------------------------------------------------


async def test_the_id_of_an_extension_means_what_it_extends(tale: Told) -> None:
    request_id = await tale.done("dev-04", keep=DAY)
    extension = await about(tale, Action.EXTEND, request_id, keep=DAY)
    said = await tale.notes(extension)
    assert f"extend {request_id} 2d" in said
    assert f"restore {request_id} REASON" in said
    again = await about(tale, Action.EXTEND, extension, keep=DAY)
    await ended(tale, again)
    restore = await about(tale, Action.RESTORE, extension)
    await ended(tale, restore)
    assert len(of_type(tale, "disks", restore)) == 1
    for each in (again, restore):
        plan = (await tale.get(each)).plan
        assert plan is not None
        assert plan.of_request == request_id


async def test_an_id_that_made_nothing_is_said_to_have_made_nothing(tale: Told) -> None:
    denied = await tale.ask("dev-04")
    restore = await about(tale, Action.RESTORE, denied, end=False)
    assert f"{denied} made nothing of its own" in await ended(tale, restore, State.REFUSED)


async def test_what_was_deleted_is_not_said_to_have_never_been_made(tale: Told) -> None:
    request_id = await tale.done("dev-04", keep=DAY)
    await tale.later(request_id, 2 * DAY)
    await tale.swept(request_id)
    restore = await about(tale, Action.RESTORE, request_id, end=False)
    assert "exists any more" in await ended(tale, restore, State.REFUSED)


# --- going on does not shorten what was kept longer, and what stays is reminded of --------------


async def test_what_was_kept_longer_stays_so_when_the_rest_is_made(tale: Told) -> None:
    add_disk(tale, "web-01")
    request_id, number = await half_done(tale, replace(LOCKED, operation=PUT, path="-more-"))
    (point, other) = await tale.store.points(request_id=request_id)
    kept = (point.arm_id,)
    extension = await about(tale, Action.EXTEND, request_id, keep=5 * DAY, points=kept)
    await ended(tale, extension)
    tale.azure.faults.remove(number)
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    await tale.workflow.carry_on(request_id)
    await ended(tale, request_id)
    after = {one.arm_id: one for one in await tale.store.points(request_id=request_id)}
    assert len(after) == 3
    assert after[point.arm_id].expires_at == point.expires_at + 5 * DAY
    assert after[other.arm_id].expires_at == other.expires_at


async def test_what_is_left_of_a_request_is_reminded_of_before_its_own_end(tale: Told) -> None:
    request_id = await tale.done(keep=2 * DAY)
    kept = (await tale.store.points(request_id=request_id))[0].arm_id
    await about(tale, Action.EXTEND, request_id, keep=5 * DAY, points=(kept,))
    await tale.later(request_id, 2 * DAY - timedelta(hours=1))
    await tale.workflow.look_after()
    assert (await tale.notes(request_id)).count("is deleted on") == 2  # the result says it, too
    await tale.later(request_id, timedelta(hours=2))
    await tale.swept(request_id)
    (point,) = await tale.store.points(request_id=request_id)
    assert (await tale.get(request_id)).expires_at == point.expires_at
    await tale.later(request_id, 5 * DAY - timedelta(hours=4))
    await tale.workflow.look_after()
    assert (await tale.notes(request_id)).count("is deleted on") == 3
