"""Azure at its worst while a request runs: half done is said, and nothing is made twice."""

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
from tests.workflow.told import QUICK, Told

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
BROKEN = Fault(Kind.WORK_FAILS, PUT, path="data", times=None)


def puts(tale: Told) -> int:
    return len(tale.azure.asked(PUT))


async def half_done(tale: Told, fault: Fault, vm: str = "web-01", **wish: Any) -> tuple[str, int]:
    """A request of two disks, of which the fault keeps one; and the number of the fault."""
    number = tale.azure.faults.add(fault)
    request_id = await tale.ask(vm, **wish)
    await tale.approve(request_id)
    return request_id, number


# --- half done -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (LOCKED, "A lock on /subscriptions/s/resourceGroups/rg-shop-prod forbids this."),
        (FORBIDDEN_HERE, "Azure Policy “no-snapshots” forbids this here."),
        (BROKEN, "Azure began it and gave up"),
    ],
    ids=["locked", "policy", "failed in Azure"],
)
async def test_half_done_says_what_exists_and_goes_on_once_it_can(
    tale: Told, fault: Fault, why: str
) -> None:
    request_id, number = await half_done(tale, fault)
    request = await tale.get(request_id)
    assert request.state is State.HALF_DONE
    assert why in request.why
    notes = await tale.notes(request_id)
    assert "1 of 2" in notes
    assert "Exists: snapshot of web-01-os" in notes
    assert "Does not: snapshot of web-01-data-1" in notes
    assert [made["name"] for made in tale.snapshots(request_id)] == [
        point.arm_id.rsplit("/", 1)[-1] for point in await tale.store.points(request_id=request_id)
    ]
    tale.azure.faults.remove(number)
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    await tale.workflow.carry_on(request_id)
    assert (await tale.get(request_id)).state is State.DONE
    assert len(tale.snapshots(request_id)) == 2
    assert len(await tale.store.points(request_id=request_id)) == 2


async def test_half_done_is_cleaned_up_and_its_money_given_back(tale: Told) -> None:
    request_id, _ = await half_done(tale, LOCKED)
    assert await tale.reserved() > 0
    first = await tale.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    await tale.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    assert "deletion of what exists is asked for" in await tale.answer(first)
    for each in await tale.of(request_id):
        await tale.workflow.carry_on(each)
    request = await tale.get(request_id)
    assert request.state is State.CLEANED_UP
    assert tale.snapshots(request_id) == []
    assert await tale.store.points(request_id=request_id) == ()
    assert await tale.reserved() == 0
    states = [(await tale.get(each)).state for each in await tale.of(request_id)]
    assert sorted(states) == [State.DONE, State.REFUSED]
    assert (await tale.notes(request_id)).count("1 item deleted") == 1


async def test_what_somebody_else_asked_for_is_deleted_once_a_third_person_approves_it(
    tale: Told,
) -> None:
    request_id, _ = await half_done(tale, LOCKED)
    await tale.press(request_id, ClickKind.CLEAN_UP, LINUS.id)
    [deletion_id] = await tale.of(request_id)
    await tale.workflow.carry_on(deletion_id)
    deletion = await tale.get(deletion_id)
    assert (deletion.state, deletion.requester.user_id) == (State.WAITING, LINUS.id)
    assert len(tale.snapshots(request_id)) == 1
    own = await tale.press(deletion_id, ClickKind.APPROVE, LINUS.id)
    assert "your own request" in await tale.answer(own)
    await tale.press(deletion_id, ClickKind.APPROVE, GRACE.id)
    await tale.workflow.carry_on(deletion_id)
    await tale.workflow.carry_on(deletion_id)
    assert (await tale.get(deletion_id)).state is State.DONE
    assert (await tale.get(request_id)).state is State.CLEANED_UP
    assert tale.snapshots(request_id) == []


async def test_a_deletion_that_is_denied_leaves_what_exists(tale: Told) -> None:
    request_id, _ = await half_done(tale, LOCKED)
    await tale.press(request_id, ClickKind.CLEAN_UP, LINUS.id)
    [deletion_id] = await tale.of(request_id)
    await tale.workflow.carry_on(deletion_id)
    await tale.press(deletion_id, ClickKind.DENY, GRACE.id, text="it is still wanted")
    assert (await tale.get(deletion_id)).state is State.DENIED
    assert (await tale.get(request_id)).state is State.HALF_DONE
    assert len(tale.snapshots(request_id)) == 1


async def test_what_is_being_cleaned_up_is_not_gone_on_with(tale: Told) -> None:
    request_id, number = await half_done(tale, LOCKED)
    tale.azure.faults.remove(number)
    await tale.press(request_id, ClickKind.CLEAN_UP, ADA.id)
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    await tale.workflow.carry_on(request_id)
    request = await tale.get(request_id)
    assert request.state is State.HALF_DONE
    assert "is being deleted" in request.why
    await tale.workflow.carry_on((await tale.of(request_id))[0])
    assert (await tale.get(request_id)).state is State.CLEANED_UP


async def test_half_done_that_is_asked_again_and_denied_can_still_be_cleaned_up(
    tale: Told,
) -> None:
    ends = {}
    for vm, end in (("web-01", "deny"), ("web-02", "cancel"), ("web-03", "lapse")):
        request_id, number = await half_done(tale, LOCKED, vm)
        tale.azure.faults.remove(number)
        await tale.later(request_id, timedelta(hours=2))
        await tale.press(request_id, ClickKind.GO_ON, ADA.id)
        await tale.workflow.carry_on(request_id)
        request = await tale.get(request_id)
        assert (request.state, request.revision) == (State.WAITING, 2)
        ends[end] = request_id
    await tale.press(ends["deny"], ClickKind.DENY, GRACE.id, text="not today")
    await tale.press(ends["cancel"], ClickKind.CANCEL, ADA.id)
    await tale.later(ends["lapse"], timedelta(hours=9))
    await tale.at_once(ends["lapse"])
    for request_id in ends.values():
        assert (await tale.get(request_id)).state is State.HALF_DONE
        notes = await tale.notes(request_id)
        assert "What exists of it stays." in notes
        assert "Nothing was changed in Azure" not in notes
        await tale.press(request_id, ClickKind.CLEAN_UP, ADA.id)
        await tale.workflow.carry_on((await tale.of(request_id))[-1])
        assert (await tale.get(request_id)).state is State.CLEANED_UP
        assert tale.snapshots(request_id) == []


async def test_a_point_that_was_deleted_is_made_again_when_it_is_gone_on_with(tale: Told) -> None:
    """A clean-up that a lock stopped half way leaves a step that was done and is not any more."""
    request_id, number = await half_done(tale, LOCKED)
    tale.azure.faults.remove(number)
    (made,) = tale.snapshots(request_id)
    tale.azure.world.remove(made["id"])
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    await tale.workflow.carry_on(request_id)
    assert (await tale.get(request_id)).state is State.DONE
    assert len(tale.snapshots(request_id)) == 2


async def test_the_points_of_what_stayed_half_done_expire(tale: Told) -> None:
    request_id, _ = await half_done(tale, LOCKED)
    await tale.later(request_id, timedelta(days=4))
    await tale.swept(request_id)
    assert (await tale.get(request_id)).state is State.CLEANED_UP
    assert tale.snapshots(request_id) == []


# --- nothing at all --------------------------------------------------------------------------


async def test_what_azure_began_and_gave_up_is_removed_before_it_is_said_that_nothing_exists(
    tale: Told,
) -> None:
    tale.azure.faults.add(replace(BROKEN, path=""))
    request_id = await tale.ask("dev-04")
    await tale.approve(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert "Azure began it and gave up" in request.why
    assert puts(tale) == 3
    assert tale.snapshots(request_id) == []
    assert await tale.reserved() == 0
    assert "nothing of it exists" in await tale.notes(request_id)


async def test_what_azure_gave_up_and_does_not_let_go_of_is_named(tale: Told) -> None:
    tale.azure.faults.add(replace(BROKEN, path=""))
    tale.azure.faults.add(replace(LOCKED, operation=DELETE, path=""))
    request_id = await tale.ask("dev-04")
    await tale.approve(request_id)
    assert (await tale.get(request_id)).state is State.FAILED
    (wreck,) = tale.snapshots(request_id)
    notes = await tale.notes(request_id)
    assert "was begun, and could not be removed" in notes
    assert wreck["id"] in notes


async def test_a_step_given_up_that_was_done_all_the_same_is_found(tale: Told) -> None:
    """Azure answered nothing for a day; the snapshot was made at the first request."""
    tale.azure.faults.add(Fault(Kind.LOST, PUT, times=1))
    request_id = await tale.ask("dev-04")
    away = tale.azure.faults.add(Fault(Kind.STATUS, GET, status=503, skip=1, times=None))
    await tale.approve(request_id)
    await tale.later(request_id, timedelta(hours=25))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.RUNNING  # nobody can say what there is
    tale.azure.faults.remove(away)
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    assert puts(tale) == 1


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
async def test_what_fails_for_the_moment_is_looked_at_and_done_once(
    tale: Told, fault: Fault
) -> None:
    request_id = await tale.ask("dev-04")
    tale.azure.faults.add(fault)
    await tale.approve(request_id)
    for _ in range(3):
        if (await tale.get(request_id)).state is State.DONE:
            break
        await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE
    assert len(tale.snapshots(request_id)) == 1
    was_done = fault.kind in (Kind.LOST, Kind.CUT)
    assert puts(tale) == (1 if was_done or fault.operation == GET else 2)


async def test_a_retry_after_is_waited_for_in_the_database(tale: Told) -> None:
    request_id = await tale.ask("dev-04")
    tale.azure.faults.add(Fault(Kind.STATUS, PUT, status=429, retry_after="300"))
    await tale.approve(request_id)
    ((waits, lease),) = await tale.rows(
        "SELECT extract(epoch FROM next_at - now())::float, lease_token FROM requests"
        " WHERE id = %s",
        request_id,
    )
    assert 295 < waits <= 300
    assert lease is None
    await tale.workflow.carry_on(request_id)
    assert puts(tale) == 1
    (step,) = await tale.store.steps(request_id)
    assert "asked too often" in step.why
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE
    assert puts(tale) == 2


# --- stopped ---------------------------------------------------------------------------------


class Cancelling:
    """Azure, in which somebody asks to stop while the first disk is being taken."""

    def __init__(self, tale: Told, acts: Any) -> None:
        self._tale, self._acts = tale, acts
        self.request_id = ""

    async def look(self, step: Step) -> Any:
        return await self._acts.look(step)

    async def do(self, step: Step) -> None:
        await self._acts.do(step)
        await self._tale.press(self.request_id, ClickKind.CANCEL, ADA.id)


def one_by_one(tale: Told, **changes: Any) -> Workflow:
    return tale.told_with(pace=replace(QUICK, steps_at_once=1), **changes)


async def test_cancelling_stops_before_the_next_disk_and_is_half_done(tale: Told) -> None:
    request_id = await tale.ask("web-01")
    await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    acts = Cancelling(tale, ports_of(tale.connections, tale.acts, QUICK).acts)
    acts.request_id = request_id
    await one_by_one(tale, acts=acts).carry_on(request_id)
    request = await tale.get(request_id)
    assert request.state is State.HALF_DONE
    assert "somebody asked to stop" in request.why
    assert len(tale.snapshots(request_id)) == puts(tale) == 1


async def test_cancelling_before_anything_was_made_is_cancelled(tale: Told) -> None:
    request_id = await tale.ask("dev-04")
    tale.azure.faults.add(Fault(Kind.STATUS, PUT, status=503))
    await tale.approve(request_id)
    await tale.press(request_id, ClickKind.CANCEL, ADA.id)
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.CANCELLED
    assert tale.snapshots(request_id) == []
    assert await tale.reserved() == 0


# --- the lease -------------------------------------------------------------------------------


class Sleeping:
    """Azure, at which a worker sleeps until its request is somebody else's."""

    def __init__(self, tale: Told, acts: Any) -> None:
        self._tale, self._acts = tale, acts
        self.dones = 0

    async def look(self, step: Step) -> Any:
        standing = await self._acts.look(step)
        await self._tale.execute("UPDATE requests SET lease_token = 'another'")
        return standing

    async def do(self, step: Step) -> None:
        self.dones += 1


async def test_whoever_lost_the_lease_sends_and_writes_nothing(tale: Told) -> None:
    request_id = await tale.ask("dev-04")
    await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    acts = Sleeping(tale, ports_of(tale.connections, tale.acts, QUICK).acts)
    await tale.told_with(acts=acts).carry_on(request_id)
    assert acts.dones == 0
    assert (await tale.get(request_id)).state is State.RUNNING
    assert [step.state for step in await tale.store.steps(request_id)] == [StepState.TODO]
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.DONE


async def test_two_workers_at_once_make_one_snapshot(tale: Told) -> None:
    request_id = await tale.ask("dev-04")
    await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    await asyncio.gather(*(tale.workflow.carry_on(request_id) for _ in range(4)))
    assert (await tale.get(request_id)).state is State.DONE
    assert puts(tale) == 1
