"""Restore points over the wire: one moment of a VM, in a collection of ours, told from others'."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.model import Consistency
from bot.azure.connection import AzureActs
from bot.azure.refusals import RefusedForGood
from bot.azure.standing import LookState
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests import names
from bot.requests.action import Action
from bot.requests.model import StepState
from bot.requests.tags import REQUEST_TAG, VM_TAG
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body
from deploy.local.faults import Fault, Kind
from tests.actions.acting import (
    a_plan,
    a_request,
    carried_out,
    changes_of,
    one_look,
    point_plan,
    tags_for,
)
from tests.standin.azure.running_azure import GROUP, SUBSCRIPTION

COLLECTIONS = "Microsoft.Compute/restorePointCollections"
POINTS = f"{COLLECTIONS}/restorePoints"


def only(azure: AzureStandIn, kind: str) -> Body:
    (body,) = azure.world.of_type(kind)
    return body


async def test_a_point_lies_in_a_collection_that_says_whose_it_is(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    steps = steps_of(plan, tags_for(plan))
    assert [step.after for step in steps] == [None, 1]
    done = await carried_out(acts, steps)
    assert [step.state for step in done] == [StepState.THERE, StepState.THERE]
    assert (done[1].unique_id, done[1].time_created) != ("", "")
    collection = only(azure, COLLECTIONS)
    assert collection["properties"]["source"]["id"] == plan.vm_id
    assert set(collection["tags"]) == {REQUEST_TAG, "vmbackup-asker", VM_TAG}
    assert only(azure, POINTS)["id"] == plan.disks[0].target_id
    azure.forget()
    await carried_out(acts, steps)
    assert changes_of(azure) == []


@pytest.mark.parametrize(
    ("consistency", "mode"),
    [
        (Consistency.CRASH, "CrashConsistent"),
        (Consistency.FILE_SYSTEM, "ApplicationConsistent"),
        (Consistency.APPLICATION, "ApplicationConsistent"),
    ],
)
async def test_the_mode_is_crash_or_what_the_agent_allows(
    azure: AzureStandIn, acts: AzureActs, consistency: Consistency, mode: str
) -> None:
    plan = point_plan(azure, consistency=consistency)
    await carried_out(acts, steps_of(plan, tags_for(plan)))
    assert only(azure, POINTS)["properties"]["consistencyMode"] == mode


async def test_disks_that_are_not_wanted_are_left_out(azure: AzureStandIn, acts: AzureActs) -> None:
    plan = point_plan(azure)
    plan = replace(plan, disks=plan.disks[:1], left_out=(plan.disks[1].id,))
    await carried_out(acts, steps_of(plan, tags_for(plan)))
    storage = only(azure, POINTS)["properties"]["sourceMetadata"]["storageProfile"]
    assert storage["osDisk"]["managedDisk"]["id"] == plan.disks[0].id
    assert storage["dataDisks"] == []


async def test_the_collection_of_an_earlier_request_is_used_again(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    steps = steps_of(plan, tags_for(plan))
    await carried_out(acts, steps)
    later = a_request(request_id="r-ffffffffffff")
    again = steps_of(plan, tags_for(plan, later))[0]
    assert (await one_look(acts, again)).state is LookState.THERE


@pytest.mark.parametrize("change", ["tags", "source"])
async def test_somebody_elses_collection_is_not_used(
    azure: AzureStandIn, acts: AzureActs, change: str
) -> None:
    plan = point_plan(azure)
    step = steps_of(plan, tags_for(plan))[0]
    await carried_out(acts, [step])
    if change == "tags":
        only(azure, COLLECTIONS)["tags"] = {"owner": "somebody"}
    else:
        only(azure, COLLECTIONS)["properties"]["source"]["id"] = f"{plan.vm_id}-other"
    assert (await one_look(acts, step)).state is LookState.FOREIGN


async def test_a_point_of_an_earlier_vm_of_that_name_is_foreign(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    steps = steps_of(plan, tags_for(plan))
    await carried_out(acts, steps)
    only(azure, POINTS)["properties"]["sourceMetadata"]["vmId"] = "another"
    standing = await one_look(acts, steps[1])
    assert standing.state is LookState.FOREIGN
    assert "earlier VM" in standing.why


async def test_a_point_that_azure_gave_up_cannot_be_asked_for_again(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    collection, point = steps_of(plan, tags_for(plan))
    await carried_out(acts, [collection])
    azure.faults.add(Fault(Kind.WORK_FAILS, operation="RestorePoints_Create"))
    await VERBS[point.verb].do(acts, point)
    standing = await one_look(acts, point)
    assert (standing.state, standing.can_repeat) == (LookState.FAILED, False)


async def test_a_snapshot_that_azure_gave_up_is_mended_by_the_same_request(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    step = steps_of(plan, tags_for(plan))[0]
    azure.faults.add(Fault(Kind.WORK_FAILS, operation="Snapshots_CreateOrUpdate"))
    await VERBS[step.verb].do(acts, step)
    standing = await one_look(acts, step)
    assert (standing.state, standing.can_repeat) == (LookState.FAILED, True)
    await VERBS[step.verb].do(acts, step)
    assert (await one_look(acts, step)).state is LookState.THERE
    assert len(azure.world.of_type("Microsoft.Compute/snapshots")) == 1


async def test_a_point_is_copied_into_a_collection_of_another_region(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    done = await carried_out(acts, steps_of(plan, tags_for(plan)))
    source_id, north = done[1].target_id, "northeurope"
    collection = names.collection_name(plan.vm_id, plan.vm_uuid, north)
    target_id = names.restore_point_id(SUBSCRIPTION, GROUP, collection, "copy")
    disks = tuple(
        replace(one, source_id=source_id, target_id=target_id, unique_id=done[1].unique_id)
        for one in plan.disks
    )
    copy = replace(plan, action=Action.COPY, target_region=north, disks=disks)
    copied = await carried_out(acts, steps_of(copy, tags_for(copy)))
    assert [step.state for step in copied] == [StepState.THERE, StepState.THERE]
    body = azure.world.get(target_id)
    assert body
    assert body["properties"]["sourceRestorePoint"]["id"] == source_id
    assert body["location"] == north


async def test_a_restore_point_with_two_targets_is_refused(azure: AzureStandIn) -> None:
    plan = point_plan(azure)
    other = replace(plan.disks[1], target_id=f"{plan.disks[1].target_id}-2")
    with pytest.raises(RefusedForGood):
        steps_of(replace(plan, disks=(plan.disks[0], other)), tags_for(plan))
