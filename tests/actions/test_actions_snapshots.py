"""Snapshots over the wire: taken once, closed, tagged, known again, never overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.azure.connection import AzureActs
from bot.azure.standing import LookState, noted
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests.action import Action
from bot.requests.model import StepState
from bot.requests.tags import REQUEST_TAG
from deploy.local.azure.compute.snapshots import COPY_SECONDS
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body
from tests.actions.acting import (
    a_plan,
    acting,
    carried_out,
    changes_of,
    one_look,
    planned_disks,
    tags_for,
)
from tests.standin.azure.running_azure import small_world

SNAPSHOTS = "Microsoft.Compute/snapshots"


def made(azure: AzureStandIn) -> list[Body]:
    return azure.world.of_type(SNAPSHOTS)


async def test_every_disk_gets_one_snapshot_that_is_closed_and_tagged(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    steps = steps_of(plan, tags_for(plan))
    done = await carried_out(acts, steps)
    assert [step.state for step in done] == [StepState.THERE, StepState.THERE]
    assert all(step.unique_id and step.time_created for step in done)
    assert {body["id"] for body in made(azure)} == {disk.target_id for disk in plan.disks}
    for body in made(azure):
        assert body["properties"]["networkAccessPolicy"] == "DenyAll"
        assert body["properties"]["publicNetworkAccess"] == "Disabled"
        assert body["properties"]["incremental"] is True
        assert body["sku"]["name"] == "Standard_ZRS"  # what the plan's price is of
        assert body["tags"] == tags_for(plan)


async def test_what_is_there_is_not_asked_for_again(azure: AzureStandIn, acts: AzureActs) -> None:
    plan = a_plan(azure)
    steps = steps_of(plan, tags_for(plan))
    await carried_out(acts, steps)
    azure.forget()
    again = await carried_out(acts, steps)
    assert [step.state for step in again] == [StepState.THERE, StepState.THERE]
    assert changes_of(azure) == []


async def test_a_disk_keeps_its_own_encryption_set(azure: AzureStandIn, acts: AzureActs) -> None:
    sort = "EncryptionAtRestWithCustomerKey"
    set_id = "/subscriptions/s/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/e"
    disk = replace(planned_disks(azure)[0], encryption_type=sort, encryption_set_id=set_id)
    plan = a_plan(azure, disks=(disk,))
    await carried_out(acts, steps_of(plan, tags_for(plan)))
    assert made(azure)[0]["properties"]["encryption"] == {
        "type": sort,
        "diskEncryptionSetId": set_id,
    }


async def test_a_snapshot_of_an_ultra_disk_is_there_only_when_all_is_copied() -> None:
    async with AzureStandIn(small_world(pace=1.0)) as azure, acting(azure) as acts:
        plan = a_plan(azure, "db-01")
        ultra = steps_of(plan, tags_for(plan))[1]
        await VERBS[ultra.verb].do(acts, ultra)
        assert (await one_look(acts, ultra)).state is LookState.COMING
        azure.world.forward(timedelta(seconds=COPY_SECONDS / 2))
        half = await one_look(acts, ultra)
        assert (half.state, half.percent) == (LookState.COMING, 50)
        azure.world.forward(timedelta(seconds=COPY_SECONDS / 2))
        whole = await one_look(acts, ultra)
    assert (whole.state, whole.percent) == (LookState.THERE, 100)


async def test_a_copy_whose_source_went_away_has_failed() -> None:
    async with AzureStandIn(small_world(pace=1.0)) as azure, acting(azure) as acts:
        plan = a_plan(azure, "db-01")
        ultra = steps_of(plan, tags_for(plan))[1]
        await VERBS[ultra.verb].do(acts, ultra)
        azure.world.remove(ultra.disk_id)
        azure.world.forward(timedelta(seconds=COPY_SECONDS))
        standing = await one_look(acts, ultra)
    assert standing.state is LookState.FAILED
    assert standing.why.startswith("Azure could not copy it to the end: The source was deleted")
    assert standing.unique_id


# --- something else is there -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"tags": {}}, "tags"),
        ({"tags": {REQUEST_TAG: "r-ffffffffffff"}}, "tags"),
        ({"creationData": {"sourceResourceId": "/subscriptions/x/disks/other"}}, "something else"),
        ({"creationData": {"sourceUniqueId": "another"}}, "earlier disk"),
    ],
)
async def test_what_is_not_this_requests_is_left_alone(
    azure: AzureStandIn, acts: AzureActs, change: Body, word: str
) -> None:
    plan = a_plan(azure)
    steps = steps_of(plan, tags_for(plan))
    await carried_out(acts, steps)
    body = azure.world.get(steps[0].target_id)
    assert body
    if "tags" in change:
        body["tags"] = change["tags"]
    body["properties"]["creationData"] |= change.get("creationData", {})
    standing = await one_look(acts, steps[0])
    assert standing.state is LookState.FOREIGN
    assert word in standing.why


async def test_tags_that_others_add_and_another_case_change_nothing(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    step = steps_of(plan, tags_for(plan))[0]
    await carried_out(acts, [step])
    body = azure.world.get(step.target_id)
    assert body
    body["tags"] = {name.upper(): text for name, text in body["tags"].items()} | {"team": "shop"}
    shouted = body["properties"]["creationData"]["sourceResourceId"].upper()
    body["properties"]["creationData"]["sourceResourceId"] = shouted
    assert (await one_look(acts, step)).state is LookState.THERE


# --- copies ----------------------------------------------------------------------------------


async def test_a_snapshot_is_copied_to_another_region_and_waited_for() -> None:
    async with AzureStandIn(small_world(pace=1.0)) as azure, acting(azure) as acts:
        plan = a_plan(azure)
        first = steps_of(plan, tags_for(plan))[0]
        await VERBS[first.verb].do(acts, first)
        azure.world.forward(timedelta(seconds=1))
        point = noted(first, await one_look(acts, first))
        disk = replace(
            plan.disks[0],
            unique_id=point.unique_id,
            source_id=point.target_id,
            target_id=f"{point.target_id}-c",
        )
        there = replace(plan, action=Action.COPY, target_region="northeurope", disks=(disk,))
        copy = steps_of(there, tags_for(there))[0]
        await VERBS[copy.verb].do(acts, copy)
        assert (await one_look(acts, copy)).state is LookState.COMING
        azure.world.forward(timedelta(seconds=COPY_SECONDS))
        assert (await one_look(acts, copy)).state is LookState.THERE
        body = azure.world.get(copy.target_id)
    assert body
    assert body["location"] == "northeurope"
    assert body["properties"]["networkAccessPolicy"] == "DenyAll"
