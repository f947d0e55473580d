"""A running request has begun once Azure did a step of it; until then the approval ages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.action import Action
from bot.requests.model import ClickKind, Step
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.compute import unique_id
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.test_workflow_voiding import vm_of
from tests.workflow.workflow_system import QUICK, System

PUT, GET, DELETE = "Snapshots_CreateOrUpdate", "Snapshots_Get", "Snapshots_Delete"
TOO_OFTEN = Fault(Kind.STATUS, PUT, status=429, retry_after="5", times=None)


async def unbegun(system: System, fault: Fault = TOO_OFTEN, vm: str = "web-01") -> str:
    """A running request whose disks Azure refused, every one, for the moment."""
    number = system.azure.faults.add(fault)
    request_id = await system.ask(vm)
    await system.approve(request_id)
    system.azure.faults.remove(number)
    assert (await system.get(request_id)).state is State.RUNNING
    assert system.snapshots(request_id) == []
    return request_id


async def test_a_running_request_of_which_nothing_exists_is_void_after_its_hour(
    system: System,
) -> None:
    request_id = await unbegun(system)
    await system.later(request_id, timedelta(minutes=61))
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert system.snapshots(request_id) == []
    assert "so the approval is void" in await system.notes(request_id)
    await system.approve(request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.snapshots(request_id)) == 2


async def test_within_its_hour_a_running_request_is_finished(system: System) -> None:
    request_id = await unbegun(system)
    await system.later(request_id, timedelta(minutes=58))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE


async def test_a_request_that_began_in_time_is_finished_however_late(system: System) -> None:
    number = system.azure.faults.add(replace(TOO_OFTEN, path="data"))
    request_id = await system.ask()
    await system.approve(request_id)
    system.azure.faults.remove(number)
    assert len(system.snapshots(request_id)) == 1
    await system.later(request_id, timedelta(hours=5))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE


async def test_a_snapshot_whose_reply_was_lost_counts_as_begun(system: System) -> None:
    request_id = await system.ask("dev-04")
    system.azure.faults.add(Fault(Kind.LOST, PUT, times=1))
    away = system.azure.faults.add(Fault(Kind.STATUS, GET, status=503, skip=1, times=None))
    await system.approve(request_id)
    await system.later(request_id, timedelta(hours=2))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.RUNNING  # no worker can see what exists
    system.azure.faults.remove(away)
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.snapshots(request_id)) == 1


async def test_a_request_that_was_asked_to_stop_needs_no_new_approval(system: System) -> None:
    request_id = await unbegun(system)
    await system.press(request_id, ClickKind.CANCEL, ADA.id)
    await system.later(request_id, timedelta(hours=2))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.CANCELLED


async def test_a_deletion_is_begun_however_late(system: System) -> None:
    request_id = await system.complete("dev-04")
    number = system.azure.faults.add(replace(TOO_OFTEN, operation=DELETE))
    await system.later(request_id, timedelta(days=4))
    (deletion,) = await system.sweep(request_id)
    assert (await system.get(deletion)).action is Action.DELETE
    system.azure.faults.remove(number)
    await system.later(deletion, timedelta(hours=2))
    await system.at_once(deletion)
    assert (await system.get(deletion)).state is State.DONE
    assert system.snapshots(request_id) == []


async def test_after_a_wait_was_named_nothing_more_is_sent_in_this_turn(system: System) -> None:
    system.hold_rules(system.connections.rules, replace(QUICK, steps_at_once=1))
    system.azure.faults.add(replace(TOO_OFTEN, retry_after="60"))
    request_id = await system.ask()
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    await system.workflow.carry_on(request_id)
    assert len(system.azure.asked(PUT)) == 1


# --- a wait that Azure names -----------------------------------------------------------------


async def test_a_press_of_stop_does_not_come_before_the_wait_that_azure_named(
    system: System,
) -> None:
    request_id = await unbegun(system, replace(TOO_OFTEN, retry_after="60"))
    looks = len(system.azure.asked(GET))
    await system.press(request_id, ClickKind.CANCEL, ADA.id)
    await system.workflow.carry_on(request_id)
    assert len(system.azure.asked(GET)) == looks
    await system.later(request_id, timedelta(seconds=61))
    await system.workflow.carry_on(request_id)
    assert (await system.get(request_id)).state is State.CANCELLED


async def test_a_worker_that_dies_leaves_the_wait_that_azure_named(system: System) -> None:
    """The other disk keeps the worker busy, so that its turn never comes to an end."""
    system.azure.faults.add(replace(TOO_OFTEN, path="-os-", retry_after="600"))
    system.azure.faults.add(Fault(Kind.SLOW, PUT, path="data", seconds=4.0, times=None))
    request_id = await system.ask()
    await system.approve(request_id, begin=False)
    worker = asyncio.create_task(system.workflow.carry_on(request_id))
    async with asyncio.timeout(10):
        while not await kept_wait(system, request_id):
            await asyncio.sleep(0.05)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    sent = len(system.azure.asked(PUT))
    await system.execute("UPDATE requests SET lease_until = now() - interval '1 second'")
    await system.workflow.carry_on(request_id)
    assert len(system.azure.asked(PUT)) == sent
    assert 590 < await kept_wait(system, request_id) <= 600


async def kept_wait(system: System, request_id: str) -> float:
    """Seconds until a worker may take the request; 0: at once."""
    ((seconds,),) = await system.rows(
        "SELECT coalesce(extract(epoch FROM not_before - now()), 0)::float FROM requests"
        " WHERE id = %s",
        request_id,
    )
    return float(seconds)


# --- another disk of the same name -----------------------------------------------------------


def replace_os_disk(system: System, vm: str) -> None:
    """Put another disk in place of the planned one, under its name."""
    disk_id = vm_of(system, vm)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    disk = system.azure.world.get(disk_id)
    assert disk is not None
    disk["properties"]["uniqueId"] = unique_id("another")


async def test_no_snapshot_is_taken_of_another_disk_of_that_name(system: System) -> None:
    request_id = await unbegun(system, vm="dev-04")
    sent = len(system.azure.asked(PUT))
    replace_os_disk(system, "dev-04")
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "is another disk than was approved" in request.why
    assert len(system.azure.asked(PUT)) == sent
    assert system.snapshots(request_id) == []
    assert await system.reserved() == 0


@pytest.mark.parametrize(("vm", "end"), [("dev-04", State.FAILED), ("web-01", State.HALF_DONE)])
async def test_a_snapshot_that_was_taken_of_another_disk_is_named(
    system: System, vm: str, end: State
) -> None:
    """The disk was replaced between the last look at it and the request."""
    request_id = await system.ask(vm)
    await system.approve(request_id, begin=False)
    ports = ports_of(system.connections, system.acts, QUICK)

    class Replaced:
        """Azure, in which the snapshot turns out to be of another disk."""

        look = staticmethod(ports.acts.look)

        async def do(self, step: Step) -> None:
            await ports.acts.do(step)
            made = system.azure.world.get(step.target_id)
            assert made is not None
            if "-os-" in made["id"]:
                made["properties"]["creationData"]["sourceUniqueId"] = unique_id("another")

    await system.workflow_with(acts=Replaced()).carry_on(request_id)
    assert (await system.get(request_id)).state is end
    (made,) = [each for each in system.snapshots(request_id) if "-os-" in each["id"]]
    notes = await system.notes(request_id)
    assert made["id"] in notes
    assert "could not be removed" in notes
    assert "nothing of it exists" not in notes
