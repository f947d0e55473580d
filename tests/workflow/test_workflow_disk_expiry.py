"""Restored disks that expire: one that a VM has or had is asked about, and never deleted alone."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.action import Action
from bot.requests.model import ClickKind
from bot.requests.plan_hash import plan_hash
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.test_workflow_voiding import vm_of
from tests.workflow.workflow_system import System

DAY = timedelta(days=1)
GET, DELETE = "Disks_Get", "Disks_Delete"


async def restored(system: System, keep: timedelta | None = 2 * DAY, *, beside: bool = True) -> str:
    """A restore of one disk with an expiry; attached `beside`, or where no VM is any more."""
    taken = await system.complete("dev-04", keep=9 * DAY)
    if not beside:
        system.azure.world.remove(vm_of(system, "dev-04")["id"])
    request_id = await system.ask("", action=Action.RESTORE, of_request=taken, keep=keep)
    await system.approve(request_id)
    request = await system.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    return request_id


async def expired(system: System, request_id: str, by: timedelta = 3 * DAY) -> list[str]:
    await system.later(request_id, by)
    system.azure.forget()
    return await system.sweep(request_id)


async def test_the_expiry_is_part_of_the_plan_of_its_hash_and_of_its_price(system: System) -> None:
    taken = await system.complete("dev-04")
    plans = []
    for keep in (2 * DAY, 4 * DAY, None):
        request_id = await system.ask("", action=Action.RESTORE, of_request=taken, keep=keep)
        plan = (await system.get(request_id)).plan
        assert plan is not None
        plans.append(plan)
        await system.press(request_id, ClickKind.CANCEL, ADA.id)
    assert len({plan_hash(plan) for plan in plans}) == 3
    two, four, ever = (plan.cost.until_expiry for plan in plans)
    assert two
    assert four
    assert ever
    assert 2 * two.likely == four.likely < ever.likely
    assert any("stays until its requester says so" in note for note in plans[0].notes)


async def test_a_disk_that_is_attached_is_asked_about_at_its_expiry_and_stays(
    system: System,
) -> None:
    request_id = await restored(system)
    assert await expired(system, request_id) == []
    assert len(system.disks(request_id)) == 1
    said = await system.notes(request_id)
    assert said.count("so vmbackup does not delete it by itself") == 1
    assert await system.sweep(request_id) == []
    assert (await system.notes(request_id)).count("does not delete it by itself") == 1
    await system.execute(
        "UPDATE points SET delete_after = vmbackup_now() WHERE request_id = %s", request_id
    )
    assert await system.sweep(request_id) == []
    assert (await system.notes(request_id)).count("does not delete it by itself") == 2
    assert system.azure.asked(DELETE) == []


async def test_a_disk_that_was_never_attached_is_deleted_at_its_expiry(system: System) -> None:
    request_id = await restored(system, beside=False)
    (deletion,) = await expired(system, request_id)
    assert ((await system.get(deletion)).why, system.disks(request_id)) == ("", [])


async def test_a_disk_that_somebody_attached_and_took_off_again_stays(system: System) -> None:
    request_id = await restored(system, beside=False)
    (disk,) = system.disks(request_id)
    disk["properties"]["lastOwnershipUpdateTime"] = "2026-11-29T10:00:00Z"
    assert await expired(system, request_id) == []
    assert len(system.disks(request_id)) == 1
    assert "so vmbackup does not delete it by itself" in await system.notes(request_id)


async def test_a_disk_that_cannot_be_read_stays(system: System) -> None:
    request_id = await restored(system, beside=False)
    system.azure.faults.add(Fault(Kind.FORBIDDEN, GET, times=None))
    assert await expired(system, request_id) == []
    assert system.azure.asked(DELETE) == []


async def test_a_disk_that_is_attached_before_its_deletion_begins_stays(system: System) -> None:
    """Between the sweep that found it and the worker that acts, somebody took it into use."""
    request_id = await restored(system, beside=False)
    await system.later(request_id, 3 * DAY)
    await system.workflow.look_after()
    (disk,) = system.disks(request_id)
    disk["properties"]["lastOwnershipUpdateTime"] = "2026-11-29T10:00:00Z"
    (deletion,) = await system.of(request_id)
    await system.workflow.carry_on(deletion)
    assert "so it is not deleted by itself" in (await system.get(deletion)).why
    assert len(system.disks(request_id)) == 1


async def test_what_a_restore_left_is_deleted_by_a_request_that_somebody_else_approves(
    system: System,
) -> None:
    request_id = await restored(system, None, beside=False)
    deletion = await system.ask("", action=Action.DELETE, of_request=request_id)
    assert (await system.get(deletion)).state is State.WAITING
    assert len(system.disks(request_id)) == 1
    await system.approve(deletion, GRACE.id)
    assert ((await system.get(deletion)).why, system.disks(request_id)) == ("", [])


async def test_a_disk_that_is_attached_is_not_even_deleted_by_a_request(system: System) -> None:
    request_id = await restored(system, None)
    deletion = await system.ask("", action=Action.DELETE, of_request=request_id)
    await system.approve(deletion, GRACE.id)
    assert "attached to a VM" in (await system.get(deletion)).why
    assert len(system.disks(request_id)) == 1


async def test_the_reminder_does_not_promise_the_deletion_of_a_disk(system: System) -> None:
    request_id = await restored(system)
    await system.later(request_id, 1.8 * DAY)
    await system.workflow.look_after()
    said = await system.notes(request_id)
    assert "not deleted by itself: you are asked then" in said
    assert "is deleted on" not in said


async def test_a_swapped_disk_has_no_expiry(system: System) -> None:
    taken = await system.complete("dev-04")
    request_id = await system.ask(
        "", action=Action.RESTORE, of_request=taken, keep=DAY, swap_os_disk=True
    )
    refused = await system.get(request_id)
    assert refused.state is State.REFUSED
    assert "leave out --keep" in refused.why
