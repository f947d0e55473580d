"""Azure at its worst while a request runs: half done is shown, and nothing is made twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind, Step, StepState
from bot.requests.states import State
from bot.workflow.workflow import Workflow
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE, LINUS
from tests.workflow.workflow_system import QUICK, System

PUT, GET, DELETE = "Snapshots_CreateOrUpdate", "Snapshots_Get", "Snapshots_Delete"
LOCKED = Fault(
    Kind.STATUS,
    PUT,
    path="data",
    times=None,
    status=409,
    code="ScopeLocked",
    message="The scope 'x' cannot perform write operation because following scope(s) are locked: "
    "'/subscriptions/s/resourceGroups/rg-shop-prod'. Please remove the lock and try again.",
)
FORBIDDEN_HERE = Fault(
    Kind.STATUS,
    PUT,
    path="data",
    times=None,
    status=403,
    code="RequestDisallowedByPolicy",
    message='Resource was disallowed by policy. {"policyAssignment": {"name": "no-snapshots"}}',
)
BROKEN = Fault(
    Kind.WORK_FAILS,
    PUT,
    path="data",
    times=None,
    code="DiskUnreadable",
    message="The blocks of the disk cannot be read.",
)
FAILS_INSIDE = Fault(Kind.WORK_FAILS, PUT, times=None, code="InternalServerError", message="Oh.")


def puts(system: System) -> int:
    return len(system.azure.asked(PUT))


async def half_done(
    system: System, fault: Fault, vm: str = "web-01", **wish: Any
) -> tuple[str, int]:
    """A request of two disks, of which the fault keeps one; and the number of the fault."""
    number = system.azure.faults.add(fault)
    request_id = await system.ask(vm, **wish)
    await system.approve(request_id)
    return request_id, number


# --- half done -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (LOCKED, "A lock on /subscriptions/s/resourceGroups/rg-shop-prod forbids this."),
        (FORBIDDEN_HERE, "Azure Policy “no-snapshots” forbids this here."),
        (BROKEN, "Azure says no (DiskUnreadable): The blocks of the disk cannot be read."),
    ],
    ids=["locked", "policy", "failed in Azure"],
)
async def test_half_done_says_what_exists_and_is_resumed(
    system: System, fault: Fault, why: str
) -> None:
    request_id, number = await half_done(system, fault)
    request = await system.get(request_id)
    assert request.state is State.HALF_DONE
    assert why in request.why
    notes = await system.notes(request_id)
    assert "1 of 2" in notes
    assert "Exists: snapshot of web-01-os" in notes
    assert "Does not: snapshot of web-01-data-1" in notes
    assert [made["name"] for made in system.snapshots(request_id)] == [
        point.arm_id.rsplit("/", 1)[-1]
        for point in await system.store.points(request_id=request_id)
    ]
    system.azure.faults.remove(number)
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.snapshots(request_id)) == 2
    assert len(await system.store.points(request_id=request_id)) == 2


async def test_half_done_is_cleaned_up_and_its_money_given_back(system: System) -> None:
    request_id, _ = await half_done(system, LOCKED)
    assert await system.reserved() > 0
    first = await system.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    await system.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    assert "deletion of what exists is asked for" in await system.answer(first)
    for each in await system.of(request_id):
        await system.workflow.carry_on(each)
    request = await system.get(request_id)
    assert request.state is State.CLEANED_UP
    assert system.snapshots(request_id) == []
    assert await system.store.points(request_id=request_id) == ()
    assert await system.reserved() == 0
    states = [(await system.get(each)).state for each in await system.of(request_id)]
    assert sorted(states) == [State.DONE, State.REFUSED]
    assert (await system.notes(request_id)).count("1 item deleted") == 1


async def test_a_deletion_that_another_person_asks_for_needs_the_approval_of_a_third(
    system: System,
) -> None:
    request_id, _ = await half_done(system, LOCKED)
    await system.press(request_id, ClickKind.CLEAN_UP, LINUS.id)
    [deletion_id] = await system.of(request_id)
    await system.workflow.carry_on(deletion_id)
    deletion = await system.get(deletion_id)
    assert (deletion.state, deletion.requester.user_id) == (State.WAITING, LINUS.id)
    assert len(system.snapshots(request_id)) == 1
    own = await system.press(deletion_id, ClickKind.APPROVE, LINUS.id)
    assert "your own request" in await system.answer(own)
    await system.press(deletion_id, ClickKind.APPROVE, GRACE.id)
    await system.workflow.carry_on(deletion_id)
    await system.workflow.carry_on(deletion_id)
    assert (await system.get(deletion_id)).state is State.DONE
    assert (await system.get(request_id)).state is State.CLEANED_UP
    assert system.snapshots(request_id) == []


async def test_a_deletion_that_is_denied_leaves_what_exists(system: System) -> None:
    request_id, _ = await half_done(system, LOCKED)
    await system.press(request_id, ClickKind.CLEAN_UP, LINUS.id)
    [deletion_id] = await system.of(request_id)
    await system.workflow.carry_on(deletion_id)
    await system.press(deletion_id, ClickKind.DENY, GRACE.id, text="it is still wanted")
    assert (await system.get(deletion_id)).state is State.DENIED
    assert (await system.get(request_id)).state is State.HALF_DONE
    assert len(system.snapshots(request_id)) == 1


async def test_a_request_that_is_being_cleaned_up_is_not_resumed(system: System) -> None:
    request_id, number = await half_done(system, LOCKED)
    system.azure.faults.remove(number)
    await system.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert request.state is State.HALF_DONE
    assert "is being deleted" in request.why
    await system.workflow.carry_on((await system.of(request_id))[0])
    assert (await system.get(request_id)).state is State.CLEANED_UP


async def test_half_done_that_is_asked_again_and_denied_can_still_be_cleaned_up(
    system: System,
) -> None:
    ends = {}
    for vm, end in (("web-01", "deny"), ("web-02", "cancel"), ("web-03", "lapse")):
        request_id, number = await half_done(system, LOCKED, vm)
        system.azure.faults.remove(number)
        await system.later(request_id, timedelta(hours=2))
        await system.press(request_id, ClickKind.GO_ON, ADA.id)
        await system.workflow.carry_on(request_id)
        request = await system.get(request_id)
        assert (request.state, request.revision) == (State.WAITING, 2)
        ends[end] = request_id
    await system.press(ends["deny"], ClickKind.DENY, GRACE.id, text="not today")
    await system.press(ends["cancel"], ClickKind.CANCEL, ADA.id)
    await system.later(ends["lapse"], timedelta(hours=9))
    await system.at_once(ends["lapse"])
    for request_id in ends.values():
        assert (await system.get(request_id)).state is State.HALF_DONE
        notes = await system.notes(request_id)
        assert "What exists of it stays." in notes
        assert "Nothing was changed in Azure" not in notes
        await system.press(request_id, ClickKind.CLEAN_UP, ADA.id)
        await system.workflow.carry_on((await system.of(request_id))[-1])
        assert (await system.get(request_id)).state is State.CLEANED_UP
        assert system.snapshots(request_id) == []


async def test_a_point_that_was_deleted_is_made_again_at_a_resume(system: System) -> None:
    """A clean-up that a lock stopped half way leaves a step that is done and lacks its point."""
    request_id, number = await half_done(system, LOCKED)
    system.azure.faults.remove(number)
    (made,) = system.snapshots(request_id)
    system.azure.world.remove(made["id"])
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.snapshots(request_id)) == 2


async def test_the_points_of_a_half_done_request_expire(system: System) -> None:
    request_id, _ = await half_done(system, LOCKED)
    await system.later(request_id, timedelta(days=4))
    await system.sweep(request_id)
    assert (await system.get(request_id)).state is State.CLEANED_UP
    assert system.snapshots(request_id) == []


# --- nothing at all --------------------------------------------------------------------------


async def test_a_snapshot_that_azure_gave_up_is_removed_before_the_request_fails(
    system: System,
) -> None:
    system.azure.faults.add(FAILS_INSIDE)
    request_id = await system.ask("dev-04")
    await system.approve(request_id)
    for sent in (1, 2):
        assert puts(system) == sent
        (step,) = await system.store.steps(request_id)
        assert step.why == "Azure met an error of its own: Oh."
        await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert request.why == "Azure met an error of its own: Oh."
    assert puts(system) == 3
    assert system.snapshots(request_id) == []
    assert await system.reserved() == 0
    assert "nothing of it exists" in await system.notes(request_id)


async def test_a_snapshot_that_azure_gave_up_and_does_not_delete_is_named(system: System) -> None:
    system.azure.faults.add(replace(BROKEN, path=""))
    system.azure.faults.add(replace(LOCKED, operation=DELETE, path=""))
    request_id = await system.ask("dev-04")
    await system.approve(request_id)
    assert (await system.get(request_id)).state is State.FAILED
    (wreck,) = system.snapshots(request_id)
    notes = await system.notes(request_id)
    assert "was begun, and could not be removed" in notes
    assert wreck["id"] in notes


async def test_a_snapshot_whose_step_was_given_up_is_found(system: System) -> None:
    """Azure answered nothing for a day; the snapshot was made at the first request."""
    system.azure.faults.add(Fault(Kind.LOST, PUT, times=1))
    request_id = await system.ask("dev-04")
    away = system.azure.faults.add(Fault(Kind.STATUS, GET, status=503, skip=1, times=None))
    await system.approve(request_id)
    await system.later(request_id, timedelta(hours=25))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.RUNNING  # no worker can see what exists
    system.azure.faults.remove(away)
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    assert puts(system) == 1


# --- for now ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.LOST, PUT, times=1),
        Fault(Kind.CUT, PUT, times=1),
        Fault(Kind.DROP, PUT, times=1),
        Fault(Kind.STATUS, PUT, status=503, times=1),
        Fault(Kind.STATUS, GET, status=500, times=2),
    ],
    ids=["lost", "cut", "dropped", "503", "500 at the look"],
)
async def test_a_step_that_fails_for_the_moment_is_done_once(system: System, fault: Fault) -> None:
    request_id = await system.ask("dev-04")
    system.azure.faults.add(fault)
    await system.approve(request_id)
    for _ in range(3):
        if (await system.get(request_id)).state is State.DONE:
            break
        await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.snapshots(request_id)) == 1
    was_done = fault.kind in (Kind.LOST, Kind.CUT)
    assert puts(system) == (1 if was_done or fault.operation == GET else 2)


async def test_a_retry_after_is_kept_in_the_database(system: System) -> None:
    request_id = await system.ask("dev-04")
    system.azure.faults.add(Fault(Kind.STATUS, PUT, status=429, retry_after="300"))
    await system.approve(request_id)
    ((waits, lease),) = await system.rows(
        "SELECT extract(epoch FROM next_at - now())::float, lease_token FROM requests"
        " WHERE id = %s",
        request_id,
    )
    assert 295 < waits <= 300
    assert lease is None
    await system.workflow.carry_on(request_id)
    assert puts(system) == 1
    (step,) = await system.store.steps(request_id)
    assert "asked too often" in step.why
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert puts(system) == 2


# --- stopped ---------------------------------------------------------------------------------


class Cancelling:
    """Azure, in which the requester asks to stop while the first snapshot is taken."""

    def __init__(self, system: System, acts: Any) -> None:
        self._system, self._acts = system, acts
        self.request_id = ""

    async def look(self, step: Step) -> Any:
        return await self._acts.look(step)

    async def do(self, step: Step) -> None:
        await self._acts.do(step)
        await self._system.press(self.request_id, ClickKind.CANCEL, ADA.id)


def one_by_one(system: System, **changes: Any) -> Workflow:
    return system.workflow_with(pace=replace(QUICK, steps_at_once=1), **changes)


async def test_cancelling_stops_before_the_next_disk_and_is_half_done(system: System) -> None:
    request_id = await system.ask("web-01")
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    acts = Cancelling(system, ports_of(system.connections, system.acts, QUICK).acts)
    acts.request_id = request_id
    await one_by_one(system, acts=acts).carry_on(request_id)
    request = await system.get(request_id)
    assert request.state is State.HALF_DONE
    assert "somebody asked to stop" in request.why
    assert len(system.snapshots(request_id)) == puts(system) == 1


async def test_a_request_that_stops_before_its_first_disk_is_cancelled(system: System) -> None:
    request_id = await system.ask("dev-04")
    system.azure.faults.add(Fault(Kind.STATUS, PUT, status=503))
    await system.approve(request_id)
    await system.press(request_id, ClickKind.CANCEL, ADA.id)
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.CANCELLED
    assert system.snapshots(request_id) == []
    assert await system.reserved() == 0


# --- the lease -------------------------------------------------------------------------------


class Sleeping:
    """Azure, during whose look another worker gets the lease."""

    def __init__(self, system: System, acts: Any) -> None:
        self._system, self._acts = system, acts
        self.sent = 0

    async def look(self, step: Step) -> Any:
        standing = await self._acts.look(step)
        await self._system.execute("UPDATE requests SET lease_token = 'another'")
        return standing

    async def do(self, step: Step) -> None:
        self.sent += 1


async def test_a_worker_that_lost_the_lease_sends_and_writes_nothing(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    acts = Sleeping(system, ports_of(system.connections, system.acts, QUICK).acts)
    await system.workflow_with(acts=acts).carry_on(request_id)
    assert acts.sent == 0
    assert (await system.get(request_id)).state is State.RUNNING
    assert [step.state for step in await system.store.steps(request_id)] == [StepState.TODO]
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.DONE


async def test_two_workers_at_once_make_one_snapshot(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    await asyncio.gather(*(system.workflow.carry_on(request_id) for _ in range(4)))
    assert (await system.get(request_id)).state is State.DONE
    assert puts(system) == 1
