"""A copy to another region: held by the strictest, unless a rule names the region."""

from __future__ import annotations

from bot.requests.action import Action
from bot.requests.states import State
from tests.workflow.test_workflow_after_done import about, ended
from tests.workflow.workflow_system import SETTINGS, System

FREE = """
name = "everything"
without_approval = { cost_below = 1000, keep_at_most = "30d" }
"""
NORTH = """
[[requests.rules]]
name = "north"
target_regions = ["North Europe"]
channel = "C01OPS"
approver_groups = ["vm-approvers"]
without_approval = { cost_below = 1000, keep_at_most = "30d" }
"""
TEXT = SETTINGS.read_text(encoding="utf-8").replace('name = "everything"\n', FREE, 1)


async def test_a_copy_to_a_region_that_no_rule_names_waits_for_an_approval(
    system: System,
) -> None:
    system.with_rules(TEXT)
    source = await system.ask("web-01")
    await ended(system, source)
    copy = await about(system, Action.COPY, source, to_region="northeurope", end=False)
    assert (await system.get(copy)).state is State.WAITING
    assert "no rule names North Europe in its target_regions" in await system.notes(copy)
    await system.approve(copy)
    await ended(system, copy)


async def test_a_copy_to_a_region_that_a_rule_names_goes_by_that_rule(system: System) -> None:
    system.with_rules(TEXT + NORTH)
    source = await system.ask("web-01")
    copy = await about(system, Action.COPY, source, to_region="northeurope", end=False)
    await ended(system, copy)
    assert {made["location"] for made in system.snapshots(copy)} == {"northeurope"}
