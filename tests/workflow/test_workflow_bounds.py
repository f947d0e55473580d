"""What never ends by itself has an end: replies that are always lost, and an endless roll-back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.requests.action import Action
from bot.requests.model import ClickKind, StepState
from bot.requests.states import State
from bot.workflow.step_results import LOST_AT_MOST
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from tests.workflow.test_workflow_after_done import LOCKED, about, of_type, vm_of
from tests.workflow.workflow_system import QUICK, System

PUT, START, SWAP = (
    "Snapshots_CreateOrUpdate",
    "VirtualMachines_Start",
    "VirtualMachines_Update",
)
#: More turns than a request needs whose replies are all lost.
_TURNS = 2 * LOST_AT_MOST


async def worked_on(system: System, request_id: str) -> None:
    for _ in range(_TURNS):
        if (await system.get(request_id)).state is not State.RUNNING:
            return
        await system.at_once(request_id)
    raise AssertionError(f"{request_id} does not end.")


# --- lost replies ----------------------------------------------------------------------------


async def test_a_request_whose_reply_is_always_lost_is_sent_so_often_and_no_more(
    system: System,
) -> None:
    request_id = await system.ask("dev-04")
    system.azure.faults.add(Fault(Kind.DROP, PUT, times=None))
    await system.approve(request_id)
    await worked_on(system, request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert f"sent to Azure {LOST_AT_MOST} times, no answer ever came" in request.why
    assert len(system.azure.asked(PUT)) == LOST_AT_MOST
    assert await system.reserved() == 0


async def test_what_azure_did_although_every_reply_was_lost_is_found_by_the_look(
    system: System,
) -> None:
    request_id = await system.ask("dev-04")
    system.azure.faults.add(Fault(Kind.DROP, PUT, times=LOST_AT_MOST - 1))
    system.azure.faults.add(Fault(Kind.LOST, PUT, times=None))
    await system.approve(request_id)
    await worked_on(system, request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert len(system.snapshots(request_id)) == 1


async def test_an_answer_that_says_not_now_is_no_lost_reply(system: System) -> None:
    request_id = await system.ask("dev-04")
    system.azure.faults.add(Fault(Kind.STATUS, PUT, status=503, times=None))
    await system.approve(request_id)
    for _ in range(3):
        await system.at_once(request_id)
    (step,) = await system.store.steps(request_id)
    assert step.attempts > 1
    assert step.lost == 0


async def test_a_swap_whose_reply_is_always_lost_is_undone(system: System) -> None:
    made = await system.complete("web-01")
    system.azure.faults.add(Fault(Kind.DROP, SWAP, times=None))
    restore = await about(system, Action.RESTORE, made, swap_os_disk=True)
    await worked_on(system, restore)
    request = await system.get(restore)
    assert request.state is State.FAILED
    assert "no answer ever came" in request.why
    assert "may still come about: look at the VM in Azure" in request.why
    assert of_type(system, "disks", restore) == []


async def test_an_undoing_whose_reply_is_always_lost_ends_and_says_how_the_vm_stands(
    system: System,
) -> None:
    made = await system.complete("web-01")
    system.azure.faults.add(replace(LOCKED, operation=SWAP))
    system.azure.faults.add(Fault(Kind.DROP, START, times=None))
    restore = await about(system, Action.RESTORE, made, swap_os_disk=True)
    await worked_on(system, restore)
    request = await system.get(restore)
    assert request.state is State.HALF_DONE
    assert "is stopped (deallocated) with the OS disk that it had" in request.why
    assert len(system.azure.asked(START)) == LOST_AT_MOST


# --- a roll-back -----------------------------------------------------------------------------


async def rolling_back(system: System, fault: Fault) -> str:
    """A restore whose swap was refused, and whose VM cannot be started again for now."""
    made = await system.complete("web-01")
    system.azure.faults.add(replace(LOCKED, operation=SWAP))
    system.azure.faults.add(fault)
    restore = await about(system, Action.RESTORE, made, swap_os_disk=True)
    assert (await system.get(restore)).state is State.RUNNING
    return restore


AWAY = Fault(Kind.STATUS, START, status=503, times=None)


async def test_a_roll_back_ends_after_its_time_and_says_what_to_do_by_hand(system: System) -> None:
    restore = await rolling_back(system, AWAY)
    began = (await system.get(restore)).undo_began
    assert began is not None
    await system.at_once(restore)
    assert (await system.get(restore)).undo_began == began
    late = QUICK.rolling_back_at_most + timedelta(minutes=1)
    await system.execute(
        "UPDATE requests SET undo_began = undo_began - %s WHERE id = %s", late, restore
    )
    await system.at_once(restore)
    request = await system.get(restore)
    assert (request.state, request.undo_began) == (State.HALF_DONE, None)
    for part in (
        "A lock on rg",
        "is stopped (deallocated) with the OS disk that it had",
        "could not be undone within 4 h",
        "Do by hand in Azure, in this order: web-01 started again",
    ):
        assert part in request.why
        assert part in await system.notes(restore)
    steps = {step.verb: step.state for step in await system.store.steps(restore)}
    assert steps["deallocate"] is StepState.THERE
    audited = await system.rows(
        "SELECT count(*) FROM audit WHERE request_id = %s AND kind = 'rolling back'", restore
    )
    assert audited == [(1,)]


async def test_what_was_left_by_a_roll_back_is_still_resumed_or_cleaned_up(system: System) -> None:
    restore = await rolling_back(system, Fault(Kind.DROP, START, times=None))
    await system.execute("UPDATE requests SET undo_began = now() - interval '5 hours'")
    await system.at_once(restore)
    request = await system.get(restore)
    assert request.state is State.HALF_DONE
    assert "may still come about: look at the VM in Azure" in request.why
    system.azure.faults.clear()
    await system.press(restore, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(restore)
    assert (await system.get(restore)).state is State.DONE
    codes = [
        one["code"] for one in vm_of(system, "web-01")["properties"]["instanceView"]["statuses"]
    ]
    assert "PowerState/running" in codes


async def test_a_wait_that_azure_names_does_not_outlast_the_time_of_a_roll_back(
    system: System,
) -> None:
    restore = await rolling_back(system, replace(AWAY, retry_after="86400"))
    ((seconds,),) = await system.rows(
        "SELECT extract(epoch FROM next_at - now())::float FROM requests WHERE id = %s", restore
    )
    assert seconds <= QUICK.rolling_back_at_most.total_seconds()
