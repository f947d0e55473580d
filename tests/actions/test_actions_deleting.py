"""Deleting over the wire: only what agrees with all that was noted, and never under a lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.azure.connection import AzureActs
from bot.azure.refusals import RefusedForGood
from bot.azure.standing import LookState
from bot.azure.steps import deletion_of
from bot.azure.undo import undo_of
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests.action import Action
from bot.requests.model import Point, RequestPlan, Step, StepState
from bot.requests.moments import moment_words
from bot.requests.tags import REQUEST_TAG, REQUESTER_TAG
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import Body
from tests.actions.acting import (
    a_plan,
    carried_out,
    changes_of,
    one_look,
    point_plan,
    points_of,
    tags_for,
)
from tests.standin.azure.running_azure import talking

SNAPSHOTS = "Microsoft.Compute/snapshots"
POINTS = "Microsoft.Compute/restorePointCollections/restorePoints"


async def taken(acts: AzureActs, plan: RequestPlan) -> list[Step]:
    return await carried_out(acts, steps_of(plan, tags_for(plan)))


def deletions(plan: RequestPlan, points: list[Point]) -> tuple[Step, ...]:
    gone = replace(plan, action=Action.DELETE)
    return steps_of(gone, tags_for(gone), points)


@pytest.mark.parametrize(("make", "kind"), [(a_plan, SNAPSHOTS), (point_plan, POINTS)])
async def test_what_was_made_is_deleted_and_gone_is_the_goal(
    azure: AzureStandIn, acts: AzureActs, make: Callable[[AzureStandIn], RequestPlan], kind: str
) -> None:
    plan = make(azure)
    points = points_of(await taken(acts, plan), plan)
    assert azure.world.of_type(kind)
    steps = deletions(plan, points)
    azure.forget()
    done = await carried_out(acts, steps)
    assert {step.state for step in done} == {StepState.THERE}
    assert azure.world.of_type(kind) == []
    assert len(changes_of(azure)) == len(steps)
    azure.forget()
    assert {step.state for step in await carried_out(acts, steps)} == {StepState.THERE}
    assert changes_of(azure) == []


async def policy_of(azure: AzureStandIn, arm_id: str, kind: str) -> Body:
    """The snapshot, once Azure has accepted a policy of five days."""
    lock = "Lock" if kind == "Locked" else ""
    path = f"{arm_id}/updateImmutabilityPolicy{lock}?api-version=2026-03-02"
    policy = {"immutabilityDurationDays": 5, "type": kind}
    async with talking(azure) as session, session.post(path, json=policy) as answer:
        assert answer.status in (200, 202), await answer.text()
    body = azure.world.get(arm_id)
    assert body
    return body


@pytest.mark.parametrize("kind", ["Unlocked", "Locked"])
async def test_an_immutable_snapshot_is_deleted_once_its_policy_expired_and_its_date_is_said(
    azure: AzureStandIn, acts: AzureActs, kind: str
) -> None:
    plan = a_plan(azure)
    points = points_of(await taken(acts, plan), plan)
    step = deletions(plan, points)[0]
    body = await policy_of(azure, step.target_id, kind)
    until = datetime.fromisoformat(body["properties"]["immutabilityPolicy"]["policyExpirationTime"])
    azure.forget()
    standing = await one_look(acts, step)
    assert standing.state is LookState.FAILED
    assert f"immutable until {moment_words(until)}" in standing.why
    with pytest.raises(RefusedForGood, match="immutable until"):
        await VERBS[step.verb].do(acts, step)
    assert changes_of(azure) == []
    azure.world.forward(timedelta(days=6))
    (done,) = await carried_out(acts, (step,))
    assert done.state is StepState.THERE
    assert azure.world.get(step.target_id) is None


def _of_another_creation(body: Body) -> None:
    body["properties"]["timeCreated"] = "2020-01-01T00:00:00+00:00"


def _another_of_its_name(body: Body) -> None:
    body["properties"]["uniqueId"] = "11111111-1111-1111-1111-111111111111"


def _of_another_request(body: Body) -> None:
    body["tags"][REQUEST_TAG] = "r-ffffffffffff"


def _of_another_requester(body: Body) -> None:
    body["tags"][REQUESTER_TAG] = "U2"


def _without_tags(body: Body) -> None:
    del body["tags"]


@pytest.mark.parametrize(
    "changed",
    [
        _of_another_creation,
        _another_of_its_name,
        _of_another_request,
        _of_another_requester,
        _without_tags,
    ],
)
async def test_what_differs_in_anything_from_what_was_noted_is_never_deleted(
    azure: AzureStandIn, acts: AzureActs, changed: Callable[[Body], None]
) -> None:
    plan = a_plan(azure)
    points = points_of(await taken(acts, plan), plan)
    step = deletions(plan, points)[0]
    body = azure.world.get(step.target_id)
    assert body
    changed(body)
    azure.forget()
    assert (await one_look(acts, step)).state is LookState.FOREIGN
    with pytest.raises(RefusedForGood):
        await VERBS[step.verb].do(acts, step)
    assert changes_of(azure) == []
    assert azure.world.get(step.target_id) is body


@pytest.mark.parametrize("field", ["unique_id", "time_created"])
async def test_what_was_never_noted_is_never_deleted(
    azure: AzureStandIn, acts: AzureActs, field: str
) -> None:
    plan = a_plan(azure)
    blank: dict[str, Any] = {field: ""}
    points = [replace(point, **blank) for point in points_of(await taken(acts, plan), plan)]
    standing = await one_look(acts, deletions(plan, points)[0])
    assert standing.state is LookState.FOREIGN
    assert "never noted" in standing.why


async def test_a_time_with_more_digits_is_the_same_time(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    points = points_of(await taken(acts, plan), plan)
    step = deletions(plan, points)[0]
    body = azure.world.get(step.target_id)
    assert body
    created = body["properties"]["timeCreated"]
    body["properties"]["timeCreated"] = created.replace("+00:00", "0+00:00")
    assert (await one_look(acts, step)).state is LookState.ABSENT


async def test_another_point_of_the_same_name_is_not_deleted(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    points = points_of(await taken(acts, plan), plan)
    other = replace(points[0], unique_id="disk_11111111-1111-1111-1111-111111111111")
    assert (await one_look(acts, deletion_of(other))).state is LookState.FOREIGN


async def test_a_point_in_a_collection_that_is_not_ours_is_not_deleted(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    done = await taken(acts, plan)
    collection = azure.world.get(done[0].target_id)
    assert collection
    collection["tags"] = {}
    azure.forget()
    step = deletions(plan, points_of(done, plan))[0]
    with pytest.raises(RefusedForGood, match="not vmbackup's"):
        await VERBS[step.verb].do(acts, step)
    assert changes_of(azure) == []


async def test_a_lock_is_said_as_a_lock_and_nothing_is_deleted(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    step = deletions(plan, points_of(await taken(acts, plan), plan))[0]
    group = step.target_id.partition("/providers/")[0]
    lock = f"{group}/providers/Microsoft.Authorization/locks/keep"
    kind, level = "Microsoft.Authorization/locks", {"level": "CanNotDelete"}
    azure.world.put({"id": lock, "name": "keep", "type": kind, "properties": level})
    with pytest.raises(RefusedForGood, match=f"A lock on {group} forbids this") as refusal:
        await VERBS[step.verb].do(acts, step)
    assert refusal.value.code == "ScopeLocked"
    assert azure.world.get(step.target_id)


async def test_only_what_the_plan_names_is_deleted(azure: AzureStandIn, acts: AzureActs) -> None:
    plan = a_plan(azure)
    points = points_of(await taken(acts, plan), plan)
    one = replace(plan, disks=plan.disks[:1])
    assert [step.target_id for step in deletions(one, points)] == [plan.disks[0].target_id]
    gone = [replace(point, deleted_at=point.made_at) for point in points]
    assert deletions(plan, gone) == ()


# --- taken back ------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "kind"), [(a_plan, SNAPSHOTS), (point_plan, POINTS)])
async def test_what_was_made_is_taken_back(
    azure: AzureStandIn, acts: AzureActs, make: Callable[[AzureStandIn], RequestPlan], kind: str
) -> None:
    done = await taken(acts, make(azure))
    undone = [undo for step in reversed(done) if (undo := undo_of(step))]
    await carried_out(acts, undone)
    assert azure.world.of_type(kind) == []


async def test_what_was_never_sent_is_not_taken_back(azure: AzureStandIn) -> None:
    plan = a_plan(azure)
    assert [undo_of(step) for step in steps_of(plan, tags_for(plan))] == [None, None]


async def test_what_was_sent_but_not_noted_is_not_deleted_blindly(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    step = (await taken(acts, plan))[0]
    blind = undo_of(replace(step, unique_id="", time_created="", state=StepState.SENT))
    assert blind
    assert (await one_look(acts, blind)).state is LookState.FOREIGN
