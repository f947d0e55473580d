"""A request that changes between approval and beginning needs a new approval and says why."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.fleet.compute import unique_id
from deploy.local.slack.people import ADA, GRACE, LINUS
from tests.workflow.workflow_system import QUICK, SETTINGS, PlansOnce, System

Body = dict[str, Any]


def vm_of(system: System, name: str) -> Body:
    found = system.azure.world.of_type("Microsoft.Compute/virtualMachines")
    return next(body for body in found if body["name"] == name)


def data_disk_of(system: System, name: str) -> Body:
    first = vm_of(system, name)["properties"]["storageProfile"]["dataDisks"][0]
    disk = system.azure.world.get(first["managedDisk"]["id"])
    assert disk is not None
    return disk


def add_disk(system: System, vm: str) -> None:
    disk = copy.deepcopy(data_disk_of(system, vm))
    disk["id"] += "-more"
    disk["name"] += "-more"
    disk["properties"]["uniqueId"] = unique_id(disk["id"])
    system.azure.world.put(disk)
    disks = vm_of(system, vm)["properties"]["storageProfile"]["dataDisks"]
    entry = copy.deepcopy(disks[0])
    entry |= {"lun": 7, "name": disk["name"], "managedDisk": {"id": disk["id"]}}
    disks.append(entry)


def resize(system: System, vm: str) -> None:
    data_disk_of(system, vm)["properties"] |= {"diskSizeGB": 512, "diskSizeBytes": 512 * 2**30}


def other_sku(system: System, vm: str) -> None:
    data_disk_of(system, vm)["sku"] = {"name": "StandardSSD_LRS", "tier": "Standard"}


def other_disk(system: System, vm: str) -> None:
    data_disk_of(system, vm)["properties"]["uniqueId"] = unique_id("another")


def other_vm(system: System, vm: str) -> None:
    vm_of(system, vm)["properties"]["vmId"] = unique_id("another")


def dearer(system: System, vm: str) -> None:
    system.at_prices("1.2")


def other_settings(system: System, vm: str) -> None:
    system.with_rules(SETTINGS.read_text().replace('longest_keep = "30d"', 'longest_keep = "29d"'))


def other_rule(system: System, vm: str) -> None:
    system.with_rules(SETTINGS.read_text().replace('"everything"', '"all of it"'))


CHANGES: list[tuple[Callable[[System, str], None], str]] = [
    (add_disk, "was added"),
    (resize, "has 512 GB now, not 256 GB"),
    (other_sku, "is StandardSSD_LRS now, not Premium_LRS"),
    (other_disk, "is another disk or point under the same id now"),
    (other_vm, "is another VM of the same name now"),
    (dearer, "The price's high end is"),
    (other_settings, "The rules in the settings were changed"),
    (other_rule, "The rule “all of it” holds now, not “everything”"),
]


@pytest.mark.parametrize(
    ("change", "said"), CHANGES, ids=lambda each: getattr(each, "__name__", "")
)
async def test_a_change_after_the_approval_is_shown_and_needs_a_new_approval(
    system: System, change: Callable[[System, str], None], said: str
) -> None:
    request_id = await system.ask()
    old = await system.get(request_id)
    await system.approve(request_id, begin=False)
    change(system, "web-01")
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert said in request.why
    assert said in await system.notes(request_id)
    assert system.snapshots(request_id) == []
    click = await system.press(request_id, ClickKind.APPROVE, LINUS.id, button=old.button)
    assert "The plan changed" in await system.answer(click)
    assert (await system.get(request_id)).state is State.WAITING
    await system.approve(request_id, LINUS.id)
    request = await system.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    assert request.plan is not None
    assert len(system.snapshots(request_id)) == len(request.plan.disks)


async def test_a_price_that_rises_little_voids_nothing(system: System) -> None:
    request_id = await system.ask()
    await system.approve(request_id, begin=False)
    system.at_prices("1.08")
    await system.workflow.carry_on(request_id)
    assert (await system.get(request_id)).state is State.DONE


async def test_an_approval_that_was_not_begun_in_time_is_void(system: System) -> None:
    request_id = await system.ask()
    await system.approve(request_id, begin=False)
    await system.later(request_id, timedelta(minutes=61))
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert "not begun within" in request.why
    assert system.snapshots(request_id) == []


async def test_an_approver_who_left_the_group_or_the_company_voids_it(system: System) -> None:
    left, gone = await system.ask("web-01"), await system.ask("web-02")
    await system.approve(left, GRACE.id, begin=False)
    await system.approve(gone, LINUS.id, begin=False)
    system.slack.set_group("linus")
    deactivate(system, LINUS.id)
    system.age_readings()
    for request_id, why in ((left, "Grace may not decide"), (gone, "deactivated")):
        await system.workflow.carry_on(request_id)
        request = await system.get(request_id)
        assert (request.state, request.revision) == (State.WAITING, 2)
        assert why.lower() in request.why.lower()
        assert system.snapshots(request_id) == []


def deactivate(system: System, user_id: str) -> None:
    people = system.slack.workspace.people
    people[user_id] = replace(people[user_id], deleted=True)


UNREADABLE = Fault(kind=Kind.STATUS, operation="usergroups.users.list", status=500, times=None)


async def test_a_group_that_cannot_be_read_at_the_click_refuses_and_records_nothing(
    system: System,
) -> None:
    request_id = await system.ask()
    system.start_new_worker()
    system.slack.faults.add(UNREADABLE)
    click = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert "nothing was recorded" in await system.answer(click)
    assert (await system.get(request_id)).state is State.WAITING
    assert await system.store.approvals(request_id) == ()


async def test_a_group_that_cannot_be_read_at_the_beginning_is_waited_for(system: System) -> None:
    back, never = await system.ask("web-01"), await system.ask("web-02")
    await system.approve(back, begin=False)
    await system.approve(never, begin=False)
    system.age_readings()
    fault = system.slack.faults.add(UNREADABLE)
    for request_id in (back, never):
        await system.workflow.carry_on(request_id)
        assert (await system.get(request_id)).state is State.APPROVED
    await system.later(never, timedelta(minutes=61))
    await system.at_once(never)
    assert (await system.get(never)).state is State.WAITING
    system.slack.faults.remove(fault)
    await system.at_once(back)
    assert (await system.get(back)).state is State.DONE


async def test_a_request_without_approval_needs_one_once_it_is_too_dear(system: System) -> None:
    """The price rises too little to void the plan, but above the cost that needs an approval."""
    request_id = await system.ask()
    plan = (await system.get(request_id)).plan
    assert plan is not None
    assert plan.cost.limit_until_expiry is not None
    below = plan.cost.limit_until_expiry * 105 / 100
    free = f'{{cost_below = {below:.4f}, keep_at_most = "30d"}}\n'
    text = SETTINGS.read_text().replace('wait = "8h"\n', f'wait = "8h"\nwithout_approval = {free}')
    system.with_rules(text)
    await system.press(request_id, ClickKind.CANCEL, ADA.id)
    once = ports_of(system.connections, system.acts, QUICK).plans
    planned = await system.ask(by=system.workflow_with(plans=PlansOnce(once)))
    assert (await system.get(planned)).state is State.APPROVED
    system.at_prices("1.08")
    await system.at_once(planned)
    request = await system.get(planned)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert "It needs an approval now" in request.why
