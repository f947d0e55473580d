"""Approved, and then something is different before it begins: void, said, and asked again."""

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
from tests.workflow.told import QUICK, SETTINGS, Once, Told

Body = dict[str, Any]


def vm_of(tale: Told, name: str) -> Body:
    found = tale.azure.world.of_type("Microsoft.Compute/virtualMachines")
    return next(body for body in found if body["name"] == name)


def data_disk_of(tale: Told, name: str) -> Body:
    first = vm_of(tale, name)["properties"]["storageProfile"]["dataDisks"][0]
    disk = tale.azure.world.get(first["managedDisk"]["id"])
    assert disk is not None
    return disk


def add_disk(tale: Told, vm: str) -> None:
    disk = copy.deepcopy(data_disk_of(tale, vm))
    disk["id"] += "-more"
    disk["name"] += "-more"
    disk["properties"]["uniqueId"] = unique_id(disk["id"])
    tale.azure.world.put(disk)
    disks = vm_of(tale, vm)["properties"]["storageProfile"]["dataDisks"]
    entry = copy.deepcopy(disks[0])
    entry |= {"lun": 7, "name": disk["name"], "managedDisk": {"id": disk["id"]}}
    disks.append(entry)


def resize(tale: Told, vm: str) -> None:
    data_disk_of(tale, vm)["properties"] |= {"diskSizeGB": 512, "diskSizeBytes": 512 * 2**30}


def other_sku(tale: Told, vm: str) -> None:
    data_disk_of(tale, vm)["sku"] = {"name": "StandardSSD_LRS", "tier": "Standard"}


def other_disk(tale: Told, vm: str) -> None:
    data_disk_of(tale, vm)["properties"]["uniqueId"] = unique_id("another")


def other_vm(tale: Told, vm: str) -> None:
    vm_of(tale, vm)["properties"]["vmId"] = unique_id("another")


def dearer(tale: Told, vm: str) -> None:
    tale.at_prices("1.2")


def other_settings(tale: Told, vm: str) -> None:
    tale.with_rules(SETTINGS.read_text().replace('longest_keep = "30d"', 'longest_keep = "29d"'))


def other_rule(tale: Told, vm: str) -> None:
    tale.with_rules(SETTINGS.read_text().replace('"everything"', '"all of it"'))


CHANGES: list[tuple[Callable[[Told, str], None], str]] = [
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
async def test_what_changed_after_the_approval_is_said_and_asked_again(
    tale: Told, change: Callable[[Told, str], None], said: str
) -> None:
    request_id = await tale.ask()
    old = await tale.get(request_id)
    await tale.approve(request_id, begin=False)
    change(tale, "web-01")
    await tale.workflow.carry_on(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert said in request.why
    assert said in await tale.notes(request_id)
    assert tale.snapshots(request_id) == []
    click = await tale.press(request_id, ClickKind.APPROVE, LINUS.id, button=old.button)
    assert "The plan changed" in await tale.answer(click)
    assert (await tale.get(request_id)).state is State.WAITING
    await tale.approve(request_id, LINUS.id)
    request = await tale.get(request_id)
    assert (request.state, request.why) == (State.DONE, "")
    assert request.plan is not None
    assert len(tale.snapshots(request_id)) == len(request.plan.disks)


async def test_a_price_that_rises_little_voids_nothing(tale: Told) -> None:
    request_id = await tale.ask()
    await tale.approve(request_id, begin=False)
    tale.at_prices("1.08")
    await tale.workflow.carry_on(request_id)
    assert (await tale.get(request_id)).state is State.DONE


async def test_an_approval_that_was_not_begun_in_time_is_void(tale: Told) -> None:
    request_id = await tale.ask()
    await tale.approve(request_id, begin=False)
    await tale.later(request_id, timedelta(minutes=61))
    await tale.workflow.carry_on(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert "not begun within" in request.why
    assert tale.snapshots(request_id) == []


async def test_an_approver_who_left_the_group_or_the_company_voids_it(tale: Told) -> None:
    left, gone = await tale.ask("web-01"), await tale.ask("web-02")
    await tale.approve(left, GRACE.id, begin=False)
    await tale.approve(gone, LINUS.id, begin=False)
    tale.slack.set_group("linus")
    deactivate(tale, LINUS.id)
    for request_id, why in ((left, "Grace may not decide"), (gone, "deactivated")):
        await tale.workflow.carry_on(request_id)
        request = await tale.get(request_id)
        assert (request.state, request.revision) == (State.WAITING, 2)
        assert why.lower() in request.why.lower()
        assert tale.snapshots(request_id) == []


def deactivate(tale: Told, user_id: str) -> None:
    people = tale.slack.workspace.people
    people[user_id] = replace(people[user_id], deleted=True)


UNREADABLE = Fault(kind=Kind.STATUS, operation="usergroups.users.list", status=500, times=None)


async def test_a_group_that_cannot_be_read_at_the_click_refuses_and_records_nothing(
    tale: Told,
) -> None:
    request_id = await tale.ask()
    tale.anew()
    tale.slack.faults.add(UNREADABLE)
    click = await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    assert "nothing was recorded" in await tale.answer(click)
    assert (await tale.get(request_id)).state is State.WAITING
    assert await tale.store.approvals(request_id) == ()


async def test_a_group_that_cannot_be_read_at_the_beginning_is_waited_for(tale: Told) -> None:
    back, never = await tale.ask("web-01"), await tale.ask("web-02")
    await tale.approve(back, begin=False)
    await tale.approve(never, begin=False)
    fault = tale.slack.faults.add(UNREADABLE)
    for request_id in (back, never):
        await tale.workflow.carry_on(request_id)
        assert (await tale.get(request_id)).state is State.APPROVED
    await tale.later(never, timedelta(minutes=61))
    await tale.at_once(never)
    assert (await tale.get(never)).state is State.WAITING
    tale.slack.faults.remove(fault)
    await tale.at_once(back)
    assert (await tale.get(back)).state is State.DONE


async def test_a_request_that_goes_free_is_asked_for_once_it_is_too_dear(tale: Told) -> None:
    """A rise too small to void a plan, over the cost from which somebody approves."""
    request_id = await tale.ask()
    plan = (await tale.get(request_id)).plan
    assert plan is not None
    assert plan.cost.limit_until_expiry is not None
    below = plan.cost.limit_until_expiry * 105 / 100
    free = f'{{cost_below = {below:.4f}, keep_at_most = "30d"}}\n'
    text = SETTINGS.read_text().replace('wait = "8h"\n', f'wait = "8h"\nwithout_approval = {free}')
    tale.with_rules(text)
    await tale.press(request_id, ClickKind.CANCEL, ADA.id)
    once = ports_of(tale.connections, tale.acts, QUICK).plans
    planned = await tale.ask(by=tale.told_with(plans=Once(once)))
    assert (await tale.get(planned)).state is State.APPROVED
    tale.at_prices("1.08")
    await tale.at_once(planned)
    request = await tale.get(planned)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert "It needs an approval now" in request.why
