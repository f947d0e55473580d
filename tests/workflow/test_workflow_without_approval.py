"""What goes without an approval is counted per VM in any 24 hours; the next one needs one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.requests.action import Action
from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.slack.people import GRACE, LINUS
from tests.workflow.test_workflow_deciding import card_of
from tests.workflow.workflow_system import SETTINGS, System

FREE = """
name = "everything"
without_approval = { cost_below = 1000, keep_at_most = "30d", per_vm_a_day = 2 }
"""
TEXT = SETTINGS.read_text(encoding="utf-8").replace('name = "everything"\n', FREE, 1)


async def free_twice(system: System, vm: str = "dev-04") -> list[str]:
    """Two requests for the VM that went without an approval."""
    system.with_rules(TEXT)
    requests = [await system.ask(vm), await system.ask(vm)]
    assert [(await system.get(each)).state for each in requests] == [State.DONE] * 2
    return requests


async def test_the_third_of_a_day_waits_and_its_card_says_why(system: System) -> None:
    await free_twice(system)
    third = await system.ask("dev-04")
    assert (await system.get(third)).state is State.WAITING
    assert "2 requests for this VM went without one" in await card_of(system, third)
    other = await system.ask("web-01")
    assert (await system.get(other)).state is State.DONE
    await system.approve(third)
    request = await system.get(third)
    assert (request.state, request.free_at) == (State.DONE, None)


async def test_after_a_day_the_next_goes_without_an_approval(system: System) -> None:
    first, _ = await free_twice(system)
    await system.execute(
        "UPDATE requests SET free_at = free_at - %s WHERE id = %s", timedelta(hours=24), first
    )
    assert (await system.get(await system.ask("dev-04"))).state is State.DONE
    assert (await system.get(await system.ask("dev-04"))).state is State.WAITING


async def test_the_approval_of_the_third_holds_only_while_its_approver_may_approve(
    system: System,
) -> None:
    """Its price alone would need no approval, so that nobody might look at who approved."""
    await free_twice(system)
    third = await system.ask("dev-04")
    await system.press(third, ClickKind.APPROVE, GRACE.id)
    assert (await system.get(third)).state is State.APPROVED
    group, linus = 'approver_groups = ["vm-approvers"]', f'approver_users = ["{LINUS.id}"]'
    others = TEXT.replace(group, linus, 1)
    system.with_rules(others)
    await system.workflow.carry_on(third)
    request = await system.get(third)
    assert (request.state, request.revision) == (State.WAITING, 2)
    assert system.snapshots(third) == []


async def test_what_is_asked_at_once_is_counted_under_a_lock(system: System) -> None:
    system.with_rules(TEXT.replace("per_vm_a_day = 2", "per_vm_a_day = 1"))
    source = await system.ask("dev-04")
    await system.execute("UPDATE requests SET free_at = NULL WHERE id = %s", source)
    snapshot, restore = await asyncio.gather(
        system.ask("dev-04"), system.ask("", action=Action.RESTORE, of_request=source)
    )
    for each in (snapshot, restore):
        await system.at_once(each)
    states = sorted([(await system.get(each)).state for each in (snapshot, restore)])
    assert states == [State.DONE, State.WAITING]
