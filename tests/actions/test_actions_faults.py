"""Azure at its worst, over the wire: an act is one request, and a look tells what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from advisor.errors import VmbackupError
from bot.azure.connection import AzureActs
from bot.azure.refusals import RefusedForGood, RefusedForNow, ReplyLost
from bot.azure.standing import LookState
from bot.azure.undo import undo_of
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests.model import Step
from deploy.local.azure.identity import READER
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.actions.acting import (
    a_plan,
    acting,
    carried_out,
    changes_of,
    one_look,
    point_plan,
    tags_for,
)
from tests.standin.azure.running_azure import AsyncToken, small_world

PUT = "Snapshots_CreateOrUpdate"
GET = "Snapshots_Get"


def first_step(azure: AzureStandIn) -> Step:
    plan = a_plan(azure)
    return steps_of(plan, tags_for(plan))[0]


async def refused_for_now(acts: AzureActs, step: Step) -> RefusedForNow:
    with pytest.raises(RefusedForNow) as caught:
        await VERBS[step.verb].do(acts, step)
    return caught.value


async def refused_for_good(acts: AzureActs, step: Step) -> RefusedForGood:
    with pytest.raises(RefusedForGood) as caught:
        await VERBS[step.verb].do(acts, step)
    return caught.value


# --- for now ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault(Kind.STATUS, status=429, retry_after="17"), timedelta(seconds=17)),
        (Fault(Kind.STATUS, status=429, retry_after="86400"), timedelta(days=1)),
        (Fault(Kind.STATUS, status=429), None),
        (Fault(Kind.STATUS, status=429, headers={"retry-after-ms": "1500"}), timedelta(0, 1.5)),
        (
            Fault(Kind.STATUS, status=429, message="Please try again after '324' seconds."),
            timedelta(seconds=324),
        ),
        (Fault(Kind.STATUS, status=500), None),
        (Fault(Kind.STATUS, status=502), None),
        (Fault(Kind.STATUS, status=503, retry_after="9"), timedelta(seconds=9)),
        (Fault(Kind.STATUS, status=408), None),
        (Fault(Kind.STATUS, status=401), None),
        (Fault(Kind.STATUS, status=409, code="OperationPreempted"), timedelta(seconds=10)),
        (
            Fault(Kind.STATUS, status=409, code="AllocationFailed", retry_after="60"),
            timedelta(minutes=1),
        ),
        (Fault(Kind.DROP), None),
        (Fault(Kind.CUT), None),
        (Fault(Kind.LOST), None),
    ],
)
async def test_what_passes_says_how_long_and_is_sent_only_once(
    azure: AzureStandIn, acts: AzureActs, fault: Fault, waits: timedelta | None
) -> None:
    step = first_step(azure)
    azure.faults.add(replace(fault, operation=PUT))
    refusal = await refused_for_now(acts, step)
    assert refusal.retry_after == waits
    assert isinstance(refusal, ReplyLost) is (fault.kind is not Kind.STATUS)
    assert changes_of(azure) == [PUT]


async def test_a_date_in_retry_after_is_as_good_as_seconds(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=100)
    date = format_datetime(until, usegmt=True)
    azure.faults.add(Fault(Kind.STATUS, PUT, status=429, retry_after=date))
    waits = (await refused_for_now(acts, first_step(azure))).retry_after
    assert waits is not None
    assert timedelta(seconds=90) < waits <= timedelta(seconds=100)


@pytest.mark.parametrize("text", ["soon", "-4", "9" * 400, "1e9", ""])
async def test_a_retry_after_that_is_none_is_as_if_it_said_nothing(
    azure: AzureStandIn, acts: AzureActs, text: str
) -> None:
    azure.faults.add(Fault(Kind.STATUS, PUT, status=429, retry_after=text))
    assert (await refused_for_now(acts, first_step(azure))).retry_after is None


async def test_no_answer_ends_in_time(azure: AzureStandIn) -> None:
    azure.faults.add(Fault(Kind.HANG, operation=PUT, seconds=5))
    async with acting(azure, answer_seconds=0.2) as acts:
        refusal = await refused_for_now(acts, first_step(azure))
    assert str(refusal) == "Azure did not answer in time."
    assert isinstance(refusal, ReplyLost)
    assert changes_of(azure) == [PUT]


async def test_an_azure_that_is_not_there_is_no_connection() -> None:
    async with AzureStandIn(small_world()) as azure:
        step = first_step(azure)
    async with acting(azure) as acts:
        refusal = await refused_for_now(acts, step)
    assert str(refusal) == "There was no connection to Azure."
    assert not isinstance(refusal, ReplyLost)


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.CUT])
async def test_a_lost_reply_makes_no_second_snapshot(
    azure: AzureStandIn, acts: AzureActs, kind: Kind
) -> None:
    step = first_step(azure)
    azure.faults.add(Fault(kind, operation=PUT))
    await refused_for_now(acts, step)
    standing = await one_look(acts, step)
    assert standing.state is LookState.THERE
    await carried_out(acts, [step])
    assert changes_of(azure) == [PUT]
    assert len(azure.world.of_type("Microsoft.Compute/snapshots")) == 1


@pytest.mark.parametrize(
    ("verb", "operation"),
    [("deallocate", "VirtualMachines_Deallocate"), ("delete-snapshot", "Snapshots_Delete")],
)
async def test_the_lost_reply_of_another_act_is_seen_by_a_look_too(
    azure: AzureStandIn, acts: AzureActs, verb: str, operation: str
) -> None:
    made = (await carried_out(acts, [first_step(azure)]))[0]
    plan = a_plan(azure)
    stop = Step(
        number=1,
        verb="deallocate",
        target_id=plan.vm_id,
        body={"send": {}, "expect": {"vm_uuid": plan.vm_uuid, "ran": True}},
        what="",
    )
    step = stop if verb == "deallocate" else undo_of(made)
    assert step
    azure.forget()
    azure.faults.add(Fault(Kind.LOST, operation=operation))
    await refused_for_now(acts, step)
    assert (await one_look(acts, step)).state is LookState.THERE
    assert changes_of(azure) == [operation]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.STATUS, operation=GET, status=404, code=" "),
        Fault(Kind.STATUS, operation=GET, status=500),
        Fault(Kind.CUT, operation=GET),
        Fault(Kind.FORBIDDEN, operation=GET),
        Fault(Kind.STATUS, operation=GET, status=404, code="SubscriptionNotFound"),
    ],
)
async def test_a_look_that_failed_is_not_taken_for_an_empty_place(
    azure: AzureStandIn, acts: AzureActs, fault: Fault
) -> None:
    step = first_step(azure)
    await carried_out(acts, [step])
    azure.faults.add(fault)
    with pytest.raises((RefusedForNow, RefusedForGood)):
        await one_look(acts, step)


# --- never -----------------------------------------------------------------------------------

POLICY = (
    'Resource \'s\' was disallowed by policy. Policy identifiers: \'[{"policyAssignment":{"name":'
    '"No snapshots here","id":"/subscriptions/x"}}]\'.'
)
QUOTA = (
    "Operation could not be completed as it results in exceeding approved standardDSv5Family "
    "Cores quota. Additional details - Current Limit: 10."
)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            Fault(Kind.STATUS, status=403, code="RequestDisallowedByPolicy", message=POLICY),
            "Azure Policy “No snapshots here” forbids this here",
        ),
        (
            Fault(Kind.FORBIDDEN),
            "its role lacks Microsoft.Compute/snapshots/write",
        ),
        (
            Fault(Kind.STATUS, status=409, code="OperationNotAllowed", message=QUOTA),
            "A quota of the subscription is used up: Operation could not be completed",
        ),
        (
            Fault(Kind.STATUS, status=409, code="SnapshotCountExceeded"),
            "as many snapshots in this region as Azure allows",
        ),
        (
            Fault(Kind.STATUS, status=400, code="Peculiar", message="Not on a Sunday."),
            "Azure says no (Peculiar): Not on a Sunday.",
        ),
    ],
)
async def test_what_does_not_pass_has_a_sentence(
    azure: AzureStandIn, acts: AzureActs, fault: Fault, words: str
) -> None:
    step = first_step(azure)
    azure.faults.add(replace(fault, operation=PUT))
    assert words in str(await refused_for_good(acts, step))
    assert changes_of(azure) == [PUT]


async def test_a_disk_that_may_not_be_read_is_named_by_the_missing_action(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    step = first_step(azure)
    azure.world.forbidden.add(step.disk_id.lower())
    refusal = await refused_for_good(acts, step)
    assert refusal.code == "AuthorizationFailed"
    assert "its role lacks Microsoft.Compute/disks/read" in str(refusal)


async def test_somebody_who_only_reads_changes_nothing(azure: AzureStandIn) -> None:
    async with acting(azure, credential=AsyncToken(azure.world, READER)) as acts:
        refusal = await refused_for_good(acts, first_step(azure))
    assert refusal.code == "AuthorizationFailed"


async def test_a_reader_only_lock_says_where_it_lies(azure: AzureStandIn, acts: AzureActs) -> None:
    step = first_step(azure)
    group = step.target_id.partition("/providers/")[0]
    lock = f"{group}/providers/Microsoft.Authorization/locks/still"
    kind, level = "Microsoft.Authorization/locks", {"level": "ReadOnly"}
    azure.world.put({"id": lock, "name": "still", "type": kind, "properties": level})
    assert f"A lock on {group} forbids this" in str(await refused_for_good(acts, step))


async def test_a_tag_that_is_too_long_is_said(azure: AzureStandIn, acts: AzureActs) -> None:
    plan = a_plan(azure)
    tags = tags_for(plan) | {"vmbackup-reason": "x" * 257}
    step = steps_of(plan, tags)[0]
    refusal = await refused_for_good(acts, step)
    assert str(refusal).startswith("Azure takes no tags as long as these (vmbackup-reason)")


async def test_a_disk_snapshotted_too_often_is_waited_for(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    step = first_step(azure)
    for count in range(7):
        other = replace(step, target_id=f"{step.target_id[:-2]}{count}")
        await VERBS[step.verb].do(acts, other)
    refusal = await refused_for_now(acts, step)
    assert refusal.retry_after == timedelta(minutes=5)


async def test_restore_points_too_often_are_waited_for_as_azure_says(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    collection, point = steps_of(plan, tags_for(plan))
    await carried_out(acts, [collection])
    for count in range(3):
        await VERBS[point.verb].do(acts, replace(point, target_id=f"{point.target_id}{count}"))
    refusal = await refused_for_now(acts, point)
    assert str(refusal).startswith("Azure takes a VM's restore points only so often")
    assert refusal.retry_after is not None
    assert timedelta(minutes=55) < refusal.retry_after <= timedelta(hours=1, seconds=1)


# --- what is no address ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arm_id",
    [
        "",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/snapshots/..",
        "/subscriptions/s/resourceGroups/../providers/Microsoft.Compute/snapshots/a",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/snapshots/a?x=1",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/snapshots/a/../b",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/snapshots/a#b",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
        "https://example.com/subscriptions/s",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/snapshots/a\n",
    ],
)
async def test_what_is_no_id_of_ours_is_never_sent(
    azure: AzureStandIn, acts: AzureActs, arm_id: str
) -> None:
    with pytest.raises(VmbackupError, match="is no id of"):
        await acts.delete(arm_id)
    assert azure.requests == []
