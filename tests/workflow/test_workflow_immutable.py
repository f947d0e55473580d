"""An expired snapshot under an immutability policy is put off, not tried every hour."""

from __future__ import annotations

from datetime import timedelta

from bot.database.clock import follow_clock
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from tests.workflow.test_workflow_listing import hold_until
from tests.workflow.workflow_system import System

DAY, DELETE = timedelta(days=1), "Snapshots_Delete"
HOURS = timedelta(hours=2)  #: longer than the pause between two deletions


async def expired(system: System, vm: str, lasts: timedelta) -> str:
    """A request whose points have expired, one of them immutable for so long; its id."""
    request_id = await system.complete(vm, keep=DAY)
    hold_until(system, request_id, await system.store.now() + lasts)
    await system.later(request_id, DAY + timedelta(minutes=1))
    return request_id


async def days_later(system: System, days: float) -> None:
    """So much of the time for which deletions are put off is over."""
    await system.execute("UPDATE points SET delete_after = delete_after - %s", days * DAY)


async def put_off_for(system: System) -> timedelta:
    ((left,),) = await system.rows("SELECT max(delete_after) - now() FROM points")
    assert isinstance(left, timedelta)
    return left


async def test_what_is_immutable_is_put_off_to_its_date_and_its_thread_says_so_once(
    system: System,
) -> None:
    request_id = await expired(system, "dev-04", HOURS * 4)
    for _ in range(3):
        assert await system.sweep(request_id) == []
    assert HOURS * 3 < await put_off_for(system) <= HOURS * 4
    assert system.azure.asked(DELETE) == []
    notes = await system.notes(request_id)
    assert notes.count("can be deleted later") == 1
    assert ": until " in notes
    (body,) = system.snapshots(request_id)
    body["properties"]["immutabilityPolicy"]["isPolicyExpired"] = True
    await days_later(system, 1)
    (deletion,) = await system.sweep(request_id)
    assert (await system.get(deletion)).state is State.DONE
    assert system.snapshots(request_id) == []


async def test_a_policy_for_long_is_looked_at_every_day_because_it_may_be_lifted(
    system: System,
) -> None:
    request_id = await expired(system, "dev-04", 900 * DAY)
    assert await system.sweep(request_id) == []
    assert DAY - HOURS < await put_off_for(system) <= DAY
    await days_later(system, 1)
    assert await system.sweep(request_id) == []
    assert await put_off_for(system) > DAY - HOURS
    assert (await system.notes(request_id)).count("can be deleted later") == 1
    (body,) = system.snapshots(request_id)
    del body["properties"]["immutabilityPolicy"]
    await days_later(system, 1)
    await system.sweep(request_id)
    assert system.snapshots(request_id) == []


async def test_what_is_not_immutable_is_deleted_meanwhile(system: System) -> None:
    request_id = await expired(system, "web-01", 9 * DAY)
    (deletion,) = await system.sweep(request_id)
    assert (await system.get(deletion)).state is State.DONE
    (left,) = system.snapshots(request_id)
    assert left["properties"]["immutabilityPolicy"]
    assert len(system.azure.asked(DELETE)) == 1
    await system.later(deletion, HOURS)
    assert await system.sweep(request_id) == [deletion]


async def test_a_refusal_that_names_no_date_puts_it_off_for_a_day(system: System) -> None:
    """Azure refuses the deletion for a policy that it does not show."""
    request_id = await system.complete("dev-04", keep=DAY)
    await system.later(request_id, DAY + timedelta(minutes=1))
    message = "The snapshot has a locked immutability policy."
    system.azure.faults.add(
        Fault(Kind.STATUS, DELETE, status=409, code="Conflict", message=message, times=1)
    )
    (deletion,) = await system.sweep(request_id)
    assert "It is immutable for a time" in (await system.get(deletion)).why
    await system.later(deletion, HOURS)
    assert await system.sweep(request_id) == [deletion]
    await days_later(system, 1)
    _, second = await system.sweep(request_id)
    assert (await system.get(second)).state is State.DONE


async def test_a_deletion_that_is_put_off_does_not_wait_for_an_hour_to_come_again(
    system: System,
) -> None:
    await system.sweep(await expired(system, "dev-04", 9 * DAY))
    before = await put_off_for(system)
    await system.execute("UPDATE clock SET seen = clock_timestamp() + interval '1 hour'")
    await follow_clock(system.connections.database)
    moved = before - await put_off_for(system)
    assert timedelta(minutes=59) < moved < timedelta(minutes=61)
