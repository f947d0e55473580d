"""A tag taken off before the request still tightens, and the card says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.requests.model import ClickKind, TagSeen
from bot.requests.states import State
from deploy.local.slack.people import GRACE, LINUS
from tests.workflow.workflow_system import SETTINGS, System

TIGHT = """
[[requests.rules]]
name = "confidential"
tags = { confidentiality = ["high"] }
channel = "C01OPS"
approver_groups = ["vm-approvers"]
approvals = 2
"""


def tagged(system: System, **tags: str) -> None:
    """From now on web-01 has these tags in Azure."""
    vms = system.azure.world.of_type("Microsoft.Compute/virtualMachines")
    (vm,) = [each for each in vms if each["name"] == "web-01"]
    vm["tags"] = tags


def with_the_tight_rule(system: System, settings: str = "") -> None:
    text = SETTINGS.read_text(encoding="utf-8").replace("[requests]\n", f"[requests]\n{settings}")
    system.with_rules(text + TIGHT)


async def rule_of(system: System, request_id: str) -> str:
    plan = (await system.get(request_id)).plan
    assert plan is not None
    return plan.rule


async def cancelled(system: System, **wish: Any) -> str:
    """A request for web-01 whose plan was made, and which is over."""
    request_id = await system.ask("web-01", **wish)
    request = await system.get(request_id)
    await system.press(request_id, ClickKind.CANCEL, request.requester.user_id)
    return await rule_of(system, request_id)


async def test_a_tag_that_went_since_the_last_plan_still_wants_two_approvals(
    system: System,
) -> None:
    with_the_tight_rule(system)
    tagged(system, confidentiality="high")
    assert await cancelled(system) == "confidential + everything"
    tagged(system, confidentiality="low")
    request_id = await system.ask("web-01")
    assert await rule_of(system, request_id) == "confidential + everything"
    card = await system.until_said("confidential")
    assert "web-01" in card
    shown = await system.notes(request_id)
    assert "confidentiality=high (last seen on this VM on" in shown
    await system.approve(request_id, GRACE.id)
    assert (await system.get(request_id)).state is State.WAITING
    await system.approve(request_id, LINUS.id)
    assert (await system.get(request_id)).state is State.DONE


@pytest.mark.parametrize(
    "tags",
    [
        {"confidentiality": "high "},
        {"Confidentiality": "HIGH"},
        {"c\u043enfidentiality": "high"},
        {"confidentiality": "h\u0456gh"},
    ],
    ids=["a trailing blank", "another case", "a name that looks alike", "a value that looks alike"],
)
async def test_a_tag_of_azure_that_only_reads_like_the_rules_tightens(
    system: System, tags: dict[str, str]
) -> None:
    with_the_tight_rule(system)
    tagged(system, **tags)
    request_id = await system.ask("web-01")
    assert await rule_of(system, request_id) == "confidential + everything"
    await system.approve(request_id, GRACE.id)
    assert (await system.get(request_id)).state is State.WAITING


async def test_a_tag_that_went_longer_ago_counts_no_more(system: System) -> None:
    with_the_tight_rule(system, 'tags_count_for = "1d"\n')
    tagged(system, confidentiality="high")
    await cancelled(system)
    tagged(system)
    key = "%web-01"
    await system.execute(
        "UPDATE vm_tags_seen SET tags = jsonb_set(tags, '{0,seen_at}',"
        " to_jsonb(now() - interval '25 hours')) WHERE vm_key LIKE %s",
        key,
    )
    assert await cancelled(system) == "everything"
    ((kept,),) = await system.rows("SELECT tags FROM vm_tags_seen WHERE vm_key LIKE %s", key)
    assert kept == []


async def test_a_tag_that_went_between_the_approval_and_the_begin_changes_nothing(
    system: System,
) -> None:
    with_the_tight_rule(system)
    tagged(system, confidentiality="high")
    request_id = await system.ask("web-01")
    await system.approve(request_id, GRACE.id, LINUS.id, begin=False)
    tagged(system)
    await system.workflow.carry_on(request_id)
    request = await system.get(request_id)
    assert (request.state, request.revision) == (State.DONE, 1)
    plan = request.plan
    assert plan is not None
    assert plan.rule == "confidential + everything"


async def test_two_tags_that_read_the_same_are_both_remembered(system: System) -> None:
    tags = {"confidentiality": "high", "c\u043enfidentiality": "low"}
    key = "/subscriptions/s/virtualmachines/x"
    month = timedelta(days=30)
    assert await system.store.see_tags(key, tags, month) == ()
    gone: tuple[TagSeen, ...] = await system.store.see_tags(key, {}, month)
    assert {(one.name, one.value) for one in gone} == set(tags.items())
    assert await system.store.tags_gone(key, {}, month) == gone
