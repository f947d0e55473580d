"""Azure accepts first and fails later: each request is followed to its end, and says why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.azure.standing import ABSENT, LookResult
from bot.composition.request_parts import ports_of
from bot.requests.action import Action
from bot.requests.model import ClickKind, Step
from bot.requests.states import State
from bot.workflow.one_step import NOT_CARRIED_OUT
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import GRACE
from tests.workflow.breaking import Breaking, Died, Fuse
from tests.workflow.workflow_system import QUICK, System

SNAPSHOT, POINT = "Snapshots_CreateOrUpdate", "RestorePoints_Create"
START, STOP = "VirtualMachines_Start", "VirtualMachines_Deallocate"
SWAP, ATTACH = "VirtualMachines_Update", "VirtualMachines_AttachDetachDataDisks"
BOUND = 3
#: More turns than any of these requests needs.
_TURNS = 20


async def a_snapshot(system: System) -> str:
    return await system.ask("dev-04")


async def a_restore_point(system: System) -> str:
    return await system.ask("web-01", consistent=True)


async def a_copy(system: System) -> str:
    made = await system.complete("dev-04")
    return await _about(system, Action.COPY, made, to_region="northeurope")


async def a_swap(system: System) -> str:
    made = await system.complete("web-01")
    return await _about(system, Action.RESTORE, made, swap_os_disk=True)


async def an_attachment(system: System) -> str:
    made = await system.complete("web-01")
    return await _about(system, Action.RESTORE, made, disks=("data0",))


async def _about(system: System, action: Action, of: str, **wish: object) -> str:
    return await system.ask("", action=action, of_request=of, **wish)


@dataclass(frozen=True)
class Case:
    """A step that fails: the request that has it, what is sent, and how often for now."""

    ask: Callable[[System], Awaitable[str]]
    operation: str
    sends: int = BOUND
    sends_to_undo: int = 0  #: the VM is started again, which is the same request


CASES = {
    "snapshot": Case(a_snapshot, SNAPSHOT),
    "restore point": Case(a_restore_point, POINT, sends=1),  # it cannot be made again in its place
    "copy": Case(a_copy, SNAPSHOT),
    "deallocate": Case(a_swap, STOP),
    "swap": Case(a_swap, SWAP),
    "start": Case(a_swap, START, sends_to_undo=1),
    "attach": Case(an_attachment, ATTACH),
}


async def begun(system: System, case: Case, fault: Fault) -> str:
    """The request, begun while the fault is in force; what was sent before is forgotten."""
    request_id = await case.ask(system)
    system.azure.forget()
    system.azure.faults.add(fault)
    await system.approve(request_id)
    return request_id


async def worked_on(system: System, request_id: str) -> list[str]:
    """What the card said while turn after turn went by, each without its wait."""
    said: list[str] = []
    for _ in range(_TURNS):
        if (await system.get(request_id)).state is not State.RUNNING:
            return said
        said += [step.why for step in await system.store.steps(request_id)]
        await system.at_once(request_id)
    raise AssertionError(f"{request_id} does not end: {said}")


#: Azure's own reason on the card; how the VM stands may follow it.
ODD = "Azure says no (OddDisk): It is odd."


def failing(case: Case, code: str, times: int) -> Fault:
    return Fault(Kind.WORK_FAILS, case.operation, code=code, message="It is odd.", times=times)


@pytest.mark.parametrize("name", CASES)
async def test_what_fails_for_good_after_it_was_accepted_is_sent_once_and_says_why(
    system: System, name: str
) -> None:
    case = CASES[name]
    request_id = await begun(system, case, failing(case, "OddDisk", 1))
    await worked_on(system, request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert request.why.startswith(ODD)
    assert len(system.azure.asked(case.operation)) == 1 + case.sends_to_undo
    assert request.why in await system.notes(request_id)


@pytest.mark.parametrize("name", CASES)
async def test_what_fails_for_now_after_it_was_accepted_is_sent_as_often_as_its_bound(
    system: System, name: str
) -> None:
    case = CASES[name]
    request_id = await begun(system, case, failing(case, "AllocationFailed", case.sends))
    said = await worked_on(system, request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "Azure has no capacity" in request.why
    assert len(system.azure.asked(case.operation)) == case.sends + case.sends_to_undo
    assert case.sends == 1 or any(why and why in request.why for why in said)


async def test_a_start_that_fails_once_is_sent_again_after_azures_wait(system: System) -> None:
    case = CASES["start"]
    request_id = await begun(system, case, failing(case, "AllocationFailed", 1))
    ((waits,),) = await system.rows(
        "SELECT extract(epoch FROM next_at - now())::float FROM requests WHERE id = %s", request_id
    )
    assert 290 < waits <= 300
    await system.workflow.carry_on(request_id)
    assert len(system.azure.asked(START)) == 1
    await worked_on(system, request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.azure.asked(START)) == 2


async def test_what_is_undone_is_sent_as_often_as_its_bound(system: System) -> None:
    """The VM cannot be started again after a swap that failed."""
    case = CASES["swap"]
    system.azure.faults.add(
        Fault(Kind.WORK_FAILS, START, code="AllocationFailed", message="No.", times=None)
    )
    request_id = await begun(system, case, failing(case, "OddDisk", 1))
    await worked_on(system, request_id)
    request = await system.get(request_id)
    assert request.state is State.HALF_DONE
    assert request.why.startswith(ODD)
    assert len(system.azure.asked(START)) == BOUND


#: Azure goes on showing a restore point as being deleted after it said that the deletion failed.
DELETE_POINT = "RestorePoints_Delete"
POINT_CASE = CASES["restore point"]


def busy(times: int | None) -> Fault:
    code, message = "InternalServerError", "The storage is busy."
    return Fault(Kind.WORK_FAILS, DELETE_POINT, code=code, message=message, times=times)


async def _point_of(system: System, request_id: str) -> str:
    return (await system.store.steps(request_id))[-1].target_id


async def test_a_wreck_whose_deletion_fails_once_is_deleted_although_it_shows_as_deleting(
    system: System,
) -> None:
    system.azure.faults.add(busy(1))
    request_id = await begun(system, POINT_CASE, failing(POINT_CASE, "", 1))
    await worked_on(system, request_id)
    assert (await system.get(request_id)).state is State.FAILED
    assert len(system.azure.asked(DELETE_POINT)) == 2
    assert system.azure.world.get(await _point_of(system, request_id)) is None


async def test_a_wreck_whose_deletion_always_fails_is_named_after_its_bound(system: System) -> None:
    system.azure.faults.add(busy(None))
    request_id = await begun(system, POINT_CASE, failing(POINT_CASE, "", 1))
    await worked_on(system, request_id)
    assert (await system.get(request_id)).state is State.FAILED
    assert len(system.azure.asked(DELETE_POINT)) == BOUND
    left = system.azure.world.get(await _point_of(system, request_id))
    assert left is not None
    assert left["name"] in await system.notes(request_id)


@pytest.mark.parametrize(("fails", "sends"), [(1, 2), (None, BOUND)], ids=["once", "always"])
async def test_a_deletion_that_fails_is_sent_again_although_the_point_shows_as_deleting(
    system: System, fails: int | None, sends: int
) -> None:
    made = await system.complete("web-01", consistent=True)
    system.azure.faults.add(busy(fails))
    deletion = await _about(system, Action.DELETE, made)
    await system.workflow.carry_on(deletion)
    await worked_on(system, deletion)
    ended = await system.get(deletion)
    assert ended.state is (State.DONE if fails else State.FAILED)
    assert len(system.azure.asked(DELETE_POINT)) == sends
    assert ("The storage is busy" in ended.why) is (fails is None)


async def test_a_snapshot_that_fails_without_a_word_is_sent_three_times_at_most(
    system: System,
) -> None:
    """Azure has forgotten the operation, so only a look at the snapshot tells that it failed."""
    system.azure.faults.add(failing(CASES["snapshot"], "InternalServerError", BOUND))
    system.azure.faults.add(Fault(Kind.STATUS, "DiskOperations_Get", status=404, times=None))
    request_id = await system.ask("dev-04")
    await system.approve(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "Azure began it and gave up" in request.why
    assert len(system.azure.asked(SNAPSHOT)) == BOUND
    assert system.snapshots(request_id) == []


class AcceptsAndForgets:
    """Azure takes every request, and what it asks for is never there."""

    def __init__(self) -> None:
        self.sends = 0

    async def look(self, step: Step) -> LookResult:
        return ABSENT

    async def do(self, step: Step) -> None:
        self.sends += 1
        if self.sends > BOUND:
            raise Died(f"sent {self.sends} times")


async def test_what_is_accepted_and_never_comes_is_sent_three_times_at_most(system: System) -> None:
    request_id, acts = await system.ask("dev-04"), AcceptsAndForgets()
    await system.approve(request_id, begin=False)
    pace = replace(QUICK, patience_seconds=60.0)
    await system.workflow_with(acts=acts, pace=pace).carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.why, acts.sends) == (State.FAILED, NOT_CARRIED_OUT, BOUND)


async def test_a_conflict_that_never_ends_is_sent_a_bounded_number_of_times(
    system: System,
) -> None:
    busy = Fault(
        Kind.STATUS,
        SNAPSHOT,
        status=409,
        code="ConflictingConcurrentWriteNotAllowed",
        headers={"retry-after-ms": "1"},
        times=None,
    )
    request_id = await begun(system, CASES["snapshot"], busy)
    for _ in range(100):
        if (await system.get(request_id)).state is not State.RUNNING:
            break
        await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "still busy with another change" in request.why
    assert len(system.azure.asked(SNAPSHOT)) == 60


# --- a worker dies ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["snapshot", "attach"])
async def test_the_next_worker_reads_the_outcome_of_what_another_sent(
    system: System, name: str
) -> None:
    """The worker dies as soon as it knows the outcome, before it could store it."""
    case = CASES[name]
    request_id = await case.ask(system)
    system.azure.forget()
    system.azure.faults.add(failing(case, "OddDisk", 1))
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    acts = ports_of(system.connections, system.acts, QUICK).acts
    dying = system.workflow_with(acts=DyingAtTheOutcome(acts, case.operation, system))
    with pytest.raises(Died):
        await dying.carry_on(request_id)
    assert any(step.operation for step in await system.store.steps(request_id))
    system.start_new_worker()
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert request.why.startswith(ODD)
    assert len(system.azure.asked(case.operation)) == 1


class DyingAtTheOutcome:
    """Azure; the process dies after the first outcome that is read of this operation."""

    def __init__(self, acts: object, operation: str, system: System) -> None:
        self._acts, self._operation, self._system = acts, operation, system
        self._dying = Breaking(acts, Fuse(1))

    async def look(self, step: Step) -> object:
        return await self._acts.look(step)  # type: ignore[attr-defined]

    async def do(self, step: Step) -> object:
        return await self._acts.do(step)  # type: ignore[attr-defined]

    async def outcome(self, step: Step) -> object:
        was_sent = self._system.azure.asked(self._operation)
        return await (self._dying if was_sent else self._acts).outcome(step)  # type: ignore[attr-defined]


# --- at Azure's pace -------------------------------------------------------------------------


async def test_work_in_progress_is_asked_no_sooner_than_azure_says(system: System) -> None:
    world = system.azure.world
    world.pace, world.retry_after_seconds = 3600.0, 300
    request_id = await begun(system, CASES["snapshot"], Fault(Kind.SLOW, "none"))
    ((waits,),) = await system.rows(
        "SELECT extract(epoch FROM next_at - now())::float FROM requests WHERE id = %s", request_id
    )
    assert 290 < waits <= 300
    await system.at_once(request_id)  # another worker, too soon: the step keeps its own time
    assert system.azure.asked("DiskOperations_Get") == []
    await _due(system, request_id)
    (step,) = await system.store.steps(request_id)
    assert len(system.azure.asked("DiskOperations_Get")) == 1
    assert step.operation
    world.forward(timedelta(hours=1))
    await _due(system, request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.azure.asked(SNAPSHOT)) == 1


async def test_within_a_turn_an_operation_is_asked_after_its_wait_only(system: System) -> None:
    """The turn takes eight seconds and Azure names four, so there is time to ask once."""
    system.start_new_worker(replace(QUICK, patience_seconds=8.0))
    system.azure.world.pace, system.azure.world.retry_after_seconds = 3600.0, 4
    await begun(system, CASES["snapshot"], Fault(Kind.SLOW, "none"))
    assert len(system.azure.asked("DiskOperations_Get")) <= 1


async def _due(system: System, request_id: str) -> None:
    await system.execute("UPDATE steps SET ask_at = now() WHERE request_id = %s", request_id)
    await system.at_once(request_id)


@pytest.mark.parametrize(
    "kind", [Kind.OPERATION_FORGOTTEN, Kind.NO_OPERATION_HEADERS], ids=["forgotten", "not named"]
)
@pytest.mark.parametrize("name", CASES)
async def test_without_an_operation_the_look_is_the_proof(
    system: System, name: str, kind: Kind
) -> None:
    case = CASES[name]
    request_id = await begun(system, case, Fault(kind, case.operation, times=None))
    request = await system.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    assert len(system.azure.asked(case.operation)) == 1


async def test_a_worker_does_not_hold_a_step_whose_operation_is_asked_much_later(
    system: System,
) -> None:
    world = system.azure.world
    world.pace, world.retry_after_seconds = 3600.0, 300
    pace = replace(QUICK, steps_at_once=1)
    request_id = await system.ask("web-01")
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    await system.workflow_with(pace=pace).carry_on(request_id)
    assert len(system.azure.asked(SNAPSHOT)) == 2  # the second disk did not wait for the first
