"""What runs is begun only once Azure did something of it; until then the approval ages."""

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
from tests.workflow.told import QUICK, Told

PUT, GET, DELETE = "Snapshots_CreateOrUpdate", "Snapshots_Get", "Snapshots_Delete"
TOO_OFTEN = Fault(Kind.STATUS, PUT, status=429, retry_after="5", times=None)


async def unbegun(tale: Told, fault: Fault = TOO_OFTEN, vm: str = "web-01") -> str:
    """A request that runs, and of which Azure refused every disk for the moment."""
    number = tale.azure.faults.add(fault)
    request_id = await tale.ask(vm)
    await tale.approve(request_id)
    tale.azure.faults.remove(number)
    assert (await tale.get(request_id)).state is State.RUNNING
    assert tale.snapshots(request_id) == []
    return request_id


async def test_what_runs_and_of_which_nothing_exists_is_void_after_its_hour(tale: Told) -> None:
    request_id = await unbegun(tale)
    await tale.later(request_id, timedelta(minutes=61))
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert tale.snapshots(request_id) == []
    assert "so the approval is void" in await tale.notes(request_id)
    await tale.approve(request_id)
    assert (await tale.get(request_id)).state is State.DONE
    assert len(tale.snapshots(request_id)) == 2


async def test_within_its_hour_it_goes_on(tale: Told) -> None:
    request_id = await unbegun(tale)
    await tale.later(request_id, timedelta(minutes=58))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE


async def test_what_was_begun_in_time_is_finished_however_late(tale: Told) -> None:
    number = tale.azure.faults.add(replace(TOO_OFTEN, path="data"))
    request_id = await tale.ask()
    await tale.approve(request_id)
    tale.azure.faults.remove(number)
    assert len(tale.snapshots(request_id)) == 1
    await tale.later(request_id, timedelta(hours=5))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE


async def test_what_was_made_though_the_reply_was_lost_was_begun(tale: Told) -> None:
    request_id = await tale.ask("dev-04")
    tale.azure.faults.add(Fault(Kind.LOST, PUT, times=1))
    away = tale.azure.faults.add(Fault(Kind.STATUS, GET, status=503, skip=1, times=None))
    await tale.approve(request_id)
    await tale.later(request_id, timedelta(hours=2))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.RUNNING  # nobody can say what there is
    tale.azure.faults.remove(away)
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE
    assert len(tale.snapshots(request_id)) == 1


async def test_what_was_to_be_stopped_is_not_asked_for_again(tale: Told) -> None:
    request_id = await unbegun(tale)
    await tale.press(request_id, ClickKind.CANCEL, ADA.id)
    await tale.later(request_id, timedelta(hours=2))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.CANCELLED


async def test_a_deletion_is_begun_however_late(tale: Told) -> None:
    request_id = await tale.done("dev-04")
    number = tale.azure.faults.add(replace(TOO_OFTEN, operation=DELETE))
    await tale.later(request_id, timedelta(days=4))
    (deletion,) = await tale.swept(request_id)
    assert (await tale.get(deletion)).action is Action.DELETE
    tale.azure.faults.remove(number)
    await tale.later(deletion, timedelta(hours=2))
    await tale.at_once(deletion)
    assert (await tale.get(deletion)).state is State.DONE
    assert tale.snapshots(request_id) == []


async def test_after_a_wait_was_named_nothing_more_is_sent_in_this_turn(tale: Told) -> None:
    tale.under(tale.connections.rules, replace(QUICK, steps_at_once=1))
    tale.azure.faults.add(replace(TOO_OFTEN, retry_after="60"))
    request_id = await tale.ask()
    await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    await tale.workflow.carry_on(request_id)
    assert len(tale.azure.asked(PUT)) == 1


# --- a wait that Azure names -----------------------------------------------------------------


async def test_a_press_of_stop_does_not_come_before_the_wait_that_azure_named(tale: Told) -> None:
    request_id = await unbegun(tale, replace(TOO_OFTEN, retry_after="60"))
    looks = len(tale.azure.asked(GET))
    await tale.press(request_id, ClickKind.CANCEL, ADA.id)
    await tale.workflow.carry_on(request_id)
    assert len(tale.azure.asked(GET)) == looks
    await tale.later(request_id, timedelta(seconds=61))
    await tale.workflow.carry_on(request_id)
    assert (await tale.get(request_id)).state is State.CANCELLED


async def test_a_worker_that_dies_leaves_the_wait_that_azure_named(tale: Told) -> None:
    """The other disk keeps the worker busy, so that its turn never comes to an end."""
    tale.azure.faults.add(replace(TOO_OFTEN, path="-os-", retry_after="600"))
    tale.azure.faults.add(Fault(Kind.SLOW, PUT, path="data", seconds=4.0, times=None))
    request_id = await tale.ask()
    await tale.approve(request_id, begin=False)
    worker = asyncio.create_task(tale.workflow.carry_on(request_id))
    async with asyncio.timeout(10):
        while not await kept_wait(tale, request_id):
            await asyncio.sleep(0.05)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    sent = len(tale.azure.asked(PUT))
    await tale.execute("UPDATE requests SET lease_until = now() - interval '1 second'")
    await tale.workflow.carry_on(request_id)
    assert len(tale.azure.asked(PUT)) == sent
    assert 590 < await kept_wait(tale, request_id) <= 600


async def kept_wait(tale: Told, request_id: str) -> float:
    """Seconds until anybody may take it; 0: at once."""
    ((seconds,),) = await tale.rows(
        "SELECT coalesce(extract(epoch FROM not_before - now()), 0)::float FROM requests"
        " WHERE id = %s",
        request_id,
    )
    return float(seconds)


# --- another disk of the same name -----------------------------------------------------------


def replace_os_disk(tale: Told, vm: str) -> None:
    """Another disk has the name: somebody deleted the one that was planned with."""
    disk_id = vm_of(tale, vm)["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    disk = tale.azure.world.get(disk_id)
    assert disk is not None
    disk["properties"]["uniqueId"] = unique_id("another")


async def test_no_snapshot_is_taken_of_another_disk_of_that_name(tale: Told) -> None:
    request_id = await unbegun(tale, vm="dev-04")
    sent = len(tale.azure.asked(PUT))
    replace_os_disk(tale, "dev-04")
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert "is another disk than was approved" in request.why
    assert len(tale.azure.asked(PUT)) == sent
    assert tale.snapshots(request_id) == []
    assert await tale.reserved() == 0


@pytest.mark.parametrize(("vm", "end"), [("dev-04", State.FAILED), ("web-01", State.HALF_DONE)])
async def test_what_was_taken_of_another_disk_all_the_same_is_named(
    tale: Told, vm: str, end: State
) -> None:
    """The disk was replaced between the last look at it and the request."""
    request_id = await tale.ask(vm)
    await tale.approve(request_id, begin=False)
    ports = ports_of(tale.connections, tale.acts, QUICK)

    class Replaced:
        """Azure, in which what was taken turns out to be of another disk."""

        look = staticmethod(ports.acts.look)

        async def do(self, step: Step) -> None:
            await ports.acts.do(step)
            made = tale.azure.world.get(step.target_id)
            assert made is not None
            if "-os-" in made["id"]:
                made["properties"]["creationData"]["sourceUniqueId"] = unique_id("another")

    await tale.told_with(acts=Replaced()).carry_on(request_id)
    assert (await tale.get(request_id)).state is end
    (made,) = [each for each in tale.snapshots(request_id) if "-os-" in each["id"]]
    notes = await tale.notes(request_id)
    assert made["id"] in notes
    assert "could not be removed" in notes
    assert "nothing of it exists" not in notes
