"""Stopping what is approved or runs: by the requester or an approver, and how the VM stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.action import Action
from bot.requests.model import ClickKind, Step
from bot.requests.states import State
from deploy.local.slack.people import ADA, DENNIS, LINUS
from tests.workflow.test_workflow_after_done import LOCKED, of_type
from tests.workflow.test_workflow_voiding import vm_of
from tests.workflow.workflow_system import QUICK, System


class StoppedAt:
    """Azure, in which a person presses stop right after a step of this verb was sent."""

    def __init__(self, system: System, verb: str, user: str) -> None:
        self._system, self._verb, self._user = system, verb, user
        self._acts = ports_of(system.connections, system.acts, QUICK).acts
        self.request_id, self.answer = "", ""

    async def look(self, step: Step) -> Any:
        return await self._acts.look(step)

    async def do(self, step: Step) -> None:
        await self._acts.do(step)
        if step.verb == self._verb and not self.answer:
            click = await self._system.press(self.request_id, ClickKind.CANCEL, self._user)
            self.answer = await self._system.answer(click)


async def stopped_at(system: System, request_id: str, verb: str, user: str = LINUS.id) -> StoppedAt:
    """The approved request, worked on until this person stops it, and to its end."""
    acts = StoppedAt(system, verb, user)
    acts.request_id = request_id
    pace = replace(QUICK, steps_at_once=1)
    await system.workflow_with(acts=acts, pace=pace).carry_on(request_id)
    return acts


async def approved_restore(system: System, **wish: Any) -> str:
    source = await system.complete("web-01")
    restore = await system.ask("", action=Action.RESTORE, of_request=source, **wish)
    await system.approve(restore, begin=False)
    return restore


def os_disk(system: System) -> str:
    disk = vm_of(system, "web-01")["properties"]["storageProfile"]["osDisk"]
    return str(disk["managedDisk"]["id"])


def power(system: System) -> list[str]:
    statuses = vm_of(system, "web-01")["properties"]["instanceView"]["statuses"]
    return [one["code"] for one in statuses if one["code"].startswith("PowerState/")]


def set_power(system: System, state: str) -> None:
    """Somebody starts or stops the VM in Azure."""
    for status in vm_of(system, "web-01")["properties"]["instanceView"]["statuses"]:
        if status["code"].startswith("PowerState/"):
            status["code"] = f"PowerState/{state}"


# --- who -------------------------------------------------------------------------------------


async def test_an_approver_stops_a_snapshot_that_runs(system: System) -> None:
    request_id = await system.ask("web-01")
    await system.approve(request_id, begin=False)
    acts = await stopped_at(system, request_id, "take-snapshot")
    assert acts.answer.startswith("It stops before the next disk.")
    request = await system.get(request_id)
    assert (request.state, request.cancel_asked_by) == (State.HALF_DONE, LINUS.id)
    assert len(system.snapshots(request_id)) == 1
    assert f"{LINUS.id} asked to stop." in await system.notes(request_id)
    ((who, detail),) = await system.rows(
        "SELECT who, detail FROM audit WHERE request_id = %s AND kind = 'asked to stop'",
        request_id,
    )
    assert who == LINUS.id
    assert "member of" in detail["why_allowed"]


async def test_an_approver_stops_what_is_approved_and_not_begun(system: System) -> None:
    request_id = await system.ask("web-01")
    await system.approve(request_id, begin=False)
    await system.press(request_id, ClickKind.CANCEL, LINUS.id)
    request = await system.get(request_id)
    assert (request.state, request.why.endswith("stopped it.")) == (State.CANCELLED, True)
    assert "stopped the request. Nothing was changed in Azure." in await system.notes(request_id)
    await system.workflow.carry_on(request_id)
    assert system.snapshots(request_id) == []


async def test_somebody_who_may_not_decide_stops_nothing(system: System) -> None:
    request_id = await system.ask("web-01")
    await system.approve(request_id, begin=False)
    acts = await stopped_at(system, request_id, "take-snapshot", DENNIS.id)
    assert acts.answer
    assert "stops before" not in acts.answer
    assert (await system.get(request_id)).state is State.DONE


# --- how the VM stands -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["make-disk", "deallocate", "swap-os-disk"])
async def test_a_swap_that_is_stopped_is_rolled_back_and_the_card_says_how_the_vm_stands(
    system: System, verb: str
) -> None:
    restore = await approved_restore(system, swap_os_disk=True)
    before = os_disk(system)
    acts = await stopped_at(system, restore, verb)
    assert "what was done is rolled back" in acts.answer
    request = await system.get(restore)
    assert request.state is State.CANCELLED
    stands = "The VM web-01 runs on the OS disk that it had, and no new disk is attached to it."
    assert request.why.endswith(stands)
    assert "was stopped, and nothing of it exists." in await system.notes(restore)
    assert (os_disk(system), power(system)) == (before, ["PowerState/running"])
    assert of_type(system, "disks", restore) == []
    assert stands in await system.until_said("web-01: cancelled")


async def test_a_stop_by_the_requester_is_rolled_back_too(system: System) -> None:
    restore = await approved_restore(system)
    await stopped_at(system, restore, "attach-disk", ADA.id)
    request = await system.get(restore)
    assert request.state is State.CANCELLED
    assert "The VM web-01 was not stopped, and no new disk is attached to it." in request.why
    assert of_type(system, "disks", restore) == []


async def test_where_azure_refuses_to_roll_back_the_card_says_what_is_left(
    system: System,
) -> None:
    restore = await approved_restore(system, swap_os_disk=True)
    before = os_disk(system)
    system.azure.faults.add(replace(LOCKED, operation="VirtualMachines_Start", path=""))
    await stopped_at(system, restore, "deallocate")
    request = await system.get(restore)
    assert request.state is State.HALF_DONE
    stands = "The VM web-01 is stopped (deallocated) with the OS disk that it had"
    assert stands in request.why
    assert stands in await system.notes(restore)
    assert (os_disk(system), power(system)) == (before, ["PowerState/deallocated"])


async def test_a_vm_that_was_started_by_hand_is_not_stopped_again_at_a_resume(
    system: System,
) -> None:
    restore = await approved_restore(system, swap_os_disk=True)
    start, swap_back = (
        replace(LOCKED, operation="VirtualMachines_Start", path=""),
        replace(LOCKED, operation="VirtualMachines_Update", path="", skip=1),
    )
    numbers = [system.azure.faults.add(fault) for fault in (start, swap_back)]
    await system.workflow.carry_on(restore)
    assert (await system.get(restore)).state is State.HALF_DONE
    for number in numbers:
        system.azure.faults.remove(number)
    set_power(system, "running")
    system.azure.forget()
    await system.press(restore, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(restore)
    request = await system.get(restore)
    assert (request.state, request.why) == (State.DONE, "")
    assert system.azure.counts["VirtualMachines_Deallocate"] == 0
    assert power(system) == ["PowerState/running"]


async def test_a_vm_that_did_not_run_is_not_said_to_run(system: System) -> None:
    source = await system.complete("web-01")
    set_power(system, "deallocated")
    restore = await system.ask("", action=Action.RESTORE, of_request=source, swap_os_disk=True)
    await system.approve(restore, begin=False)
    await stopped_at(system, restore, "make-disk")
    request = await system.get(restore)
    assert request.state is State.CANCELLED
    assert "is stopped (deallocated) with the OS disk that it had" in request.why
