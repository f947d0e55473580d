"""Two workers at one step: both looked, both send; one thing is made and neither is refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.azure.connection import AzureActs
from bot.azure.standing import LookState
from bot.azure.undo import undo_of
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests.model import Step, StepState
from deploy.local.azure.server import AzureStandIn
from tests.actions.acting import (
    a_plan,
    acting,
    carried_out,
    one_look,
    point_plan,
    tags_for,
)
from tests.standin.azure.running_azure import arm_id, small_world


async def both(acts: AzureActs, step: Step) -> None:
    """Two workers that saw nothing there."""
    assert (await one_look(acts, step)).state is LookState.ABSENT
    await asyncio.gather(*(VERBS[step.verb].do(acts, step) for _ in range(2)))


@pytest.mark.parametrize("pace", [0.0, 1.0])
async def test_two_workers_make_one_snapshot(pace: float) -> None:
    async with AzureStandIn(small_world(pace=pace)) as azure, acting(azure) as acts:
        plan = a_plan(azure)
        step = steps_of(plan, tags_for(plan))[0]
        await both(acts, step)
        azure.world.forward(timedelta(seconds=5))
        assert (await one_look(acts, step)).state is LookState.THERE
        assert len(azure.world.of_type("Microsoft.Compute/snapshots")) == 1


@pytest.mark.parametrize("pace", [0.0, 1.0])
async def test_two_workers_take_one_restore_point(pace: float) -> None:
    """Azure refuses the second request: a restore point cannot be changed."""
    async with AzureStandIn(small_world(pace=pace)) as azure, acting(azure) as acts:
        plan = point_plan(azure)
        collection, point = steps_of(plan, tags_for(plan))
        await both(acts, collection)
        await both(acts, point)
        azure.world.forward(timedelta(seconds=5))
        assert (await one_look(acts, point)).state is LookState.THERE
        kind = "Microsoft.Compute/restorePointCollections/restorePoints"
        assert len(azure.world.of_type(kind)) == 1


async def test_two_workers_attach_a_disk_once_and_take_it_off_once(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    step = Step(
        number=1,
        verb="attach-disk",
        target_id=plan.vm_id,
        body={
            "send": {"disk_id": arm_id("disks", "loose"), "lun": 9},
            "expect": {"vm_uuid": plan.vm_uuid},
        },
        what="",
    )
    await both(acts, step)
    assert (await one_look(acts, step)).state is LookState.THERE
    undo = undo_of(replace(step, state=StepState.THERE))
    assert undo
    await both(acts, undo)
    assert (await one_look(acts, undo)).state is LookState.THERE


async def test_two_workers_delete_once_and_neither_is_refused(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    made = (await carried_out(acts, steps_of(plan, tags_for(plan))))[0]
    undo = undo_of(made)
    assert undo
    await both(acts, undo)
    assert (await one_look(acts, undo)).state is LookState.THERE


async def test_a_step_that_azure_refused_leaves_nothing_to_take_back(azure: AzureStandIn) -> None:
    plan = a_plan(azure)
    step = steps_of(plan, tags_for(plan))[0]
    assert undo_of(replace(step, state=StepState.REFUSED)) is None
    failed = replace(step, state=StepState.REFUSED, unique_id="u", time_created="t")
    undo = undo_of(failed)
    assert undo
    assert undo.verb == "delete-snapshot"
