"""An extension: its price and approval, its new expiry, its id, and a resume after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.requests.action import Action
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import ADA
from tests.workflow.test_workflow_after_done import DAY, LOCKED, about, ended, of_type
from tests.workflow.test_workflow_running import PUT, half_done
from tests.workflow.test_workflow_voiding import add_disk
from tests.workflow.workflow_system import SETTINGS, System


async def test_an_extension_is_priced_approved_and_written_on_what_it_keeps(system: System) -> None:
    request_id = await system.complete("web-01", keep=2 * DAY)
    before = (await system.get(request_id)).expires_at
    assert before is not None
    extension = await about(system, Action.EXTEND, request_id, keep=DAY, end=False)
    plan = (await system.get(extension)).plan
    assert plan is not None
    assert plan.cost.until_expiry is not None
    assert plan.cost.until_expiry.high > 0
    assert (await system.get(extension)).state is State.WAITING
    await system.approve(extension)
    await ended(system, extension)
    source = await system.get(request_id)
    assert source.expires_at == before + DAY
    tags = {made["tags"]["vmbackup-expires"] for made in system.snapshots(request_id)}
    assert tags == {f"{before + DAY:%Y-%m-%dT%H:%M:%SZ}"}
    await system.later(request_id, 2 * DAY + timedelta(hours=1))
    assert await system.sweep(request_id) == [extension]


async def test_an_extension_of_one_point_leaves_the_others_to_expire(system: System) -> None:
    request_id = await system.complete("web-01", keep=2 * DAY)
    points = await system.store.points(request_id=request_id)
    kept = points[0].arm_id
    await about(system, Action.EXTEND, request_id, keep=DAY, points=(kept,))
    await system.later(request_id, 2 * DAY + timedelta(hours=1))
    _, deletion = await system.sweep(request_id)
    await ended(system, deletion)
    assert [point.arm_id for point in await system.store.points(request_id=request_id)] == [kept]
    assert [made["id"].lower() for made in system.snapshots(request_id)] == [kept.lower()]


async def test_half_an_extension_is_undone(system: System) -> None:
    request_id = await system.complete("web-01", keep=2 * DAY)
    tags = [made["tags"]["vmbackup-expires"] for made in system.snapshots(request_id)]
    refused = replace(LOCKED, operation="Snapshots_Update", path="data")
    system.azure.faults.add(refused)
    extension = await about(system, Action.EXTEND, request_id, keep=DAY)
    assert "A lock on rg" in await ended(system, extension, State.FAILED)
    assert [made["tags"]["vmbackup-expires"] for made in system.snapshots(request_id)] == tags


async def test_small_extensions_of_what_needs_no_approval_need_one_once_they_sum_up(
    system: System,
) -> None:
    free = 'name = "everything"\nwithout_approval = {cost_below = BELOW, keep_at_most = "30d"}\n'
    text = SETTINGS.read_text(encoding="utf-8").replace('name = "everything"\n', free, 1)
    system.with_rules(text.replace("BELOW", "1000"))
    request_id = await system.ask("dev-04", keep=DAY)
    first = (await system.get(request_id)).plan
    assert first is not None
    a_day = first.cost.limit_until_expiry
    assert a_day is not None
    system.with_rules(text.replace("BELOW", f"{a_day * 4}"))
    states = [(await system.get(request_id)).state]
    for _ in range(3):
        extension = await about(system, Action.EXTEND, request_id, keep=DAY, end=False)
        states.append((await system.get(extension)).state)
    assert states == [State.DONE] * 3 + [State.WAITING]
    assert "which it cost before" in await system.notes(extension)


# --- the id of an extension -----------------------------------------------------------------


async def test_the_id_of_an_extension_means_what_it_extends(system: System) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    extension = await about(system, Action.EXTEND, request_id, keep=DAY)
    said = await system.notes(extension)
    assert f"extend {request_id} 2d" in said
    assert f"restore {request_id} REASON" in said
    again = await about(system, Action.EXTEND, extension, keep=DAY)
    await ended(system, again)
    restore = await about(system, Action.RESTORE, extension)
    await ended(system, restore)
    assert len(of_type(system, "disks", restore)) == 1
    for each in (again, restore):
        plan = (await system.get(each)).plan
        assert plan is not None
        assert plan.of_request == request_id


async def test_an_id_that_made_nothing_is_said_to_have_made_nothing(system: System) -> None:
    denied = await system.ask("dev-04")
    restore = await about(system, Action.RESTORE, denied, end=False)
    assert f"{denied} made nothing of its own" in await ended(system, restore, State.REFUSED)


async def test_an_id_whose_points_were_deleted_is_not_said_to_have_made_nothing(
    system: System,
) -> None:
    request_id = await system.complete("dev-04", keep=DAY)
    await system.later(request_id, 2 * DAY)
    await system.sweep(request_id)
    restore = await about(system, Action.RESTORE, request_id, end=False)
    assert "exists any more" in await ended(system, restore, State.REFUSED)


# --- resume --------------------------------------------------------------------------------


async def test_a_resume_does_not_shorten_an_extended_retention(system: System) -> None:
    add_disk(system, "web-01")
    request_id, number = await half_done(system, replace(LOCKED, operation=PUT, path="-more-"))
    (point, other) = await system.store.points(request_id=request_id)
    kept = (point.arm_id,)
    extension = await about(system, Action.EXTEND, request_id, keep=5 * DAY, points=kept)
    await ended(system, extension)
    system.azure.faults.remove(number)
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    await ended(system, request_id)
    after = {one.arm_id: one for one in await system.store.points(request_id=request_id)}
    assert len(after) == 3
    assert after[point.arm_id].expires_at == point.expires_at + 5 * DAY
    assert after[other.arm_id].expires_at == other.expires_at


async def test_what_a_resume_makes_is_kept_as_long_as_what_was_extended(system: System) -> None:
    request_id, number = await half_done(system, replace(LOCKED, operation=PUT, path="data"))
    await ended(system, await about(system, Action.EXTEND, request_id, keep=5 * DAY))
    system.azure.faults.remove(number)
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    await ended(system, request_id)
    one, other = await system.store.points(request_id=request_id)
    assert abs(one.expires_at - other.expires_at) < timedelta(minutes=1)


async def test_the_points_that_are_left_are_reminded_of_before_their_expiry(system: System) -> None:
    request_id = await system.complete(keep=2 * DAY)
    kept = (await system.store.points(request_id=request_id))[0].arm_id
    await about(system, Action.EXTEND, request_id, keep=5 * DAY, points=(kept,))
    await system.later(request_id, 2 * DAY - timedelta(hours=1))
    await system.workflow.look_after()
    assert (await system.notes(request_id)).count("is deleted on") == 2  # the result says it, too
    await system.later(request_id, timedelta(hours=2))
    await system.sweep(request_id)
    (point,) = await system.store.points(request_id=request_id)
    assert (await system.get(request_id)).expires_at == point.expires_at
    await system.later(request_id, 5 * DAY - timedelta(hours=4))
    await system.workflow.look_after()
    assert (await system.notes(request_id)).count("is deleted on") == 3
