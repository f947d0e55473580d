"""Accepted work, over the wire: the door keeps where Azure says how far it came, and asks there."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.azure.connection import AzureActs
from bot.azure.operations import Operation, OperationState, is_at, operation_in, outcome_of
from bot.azure.refusals import RefusedForGood, RefusedForNow, failed_operation, refused
from bot.azure.standing import LookState
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests.model import Step
from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from tests.actions.acting import a_plan, acting, one_look, point_plan, tags_for
from tests.actions.test_actions_words import Answer, error
from tests.standin.azure.running_azure import AsyncToken, small_world

PUT = "Snapshots_CreateOrUpdate"
DOOR = "https://management.azure.com"


def first_step(azure: AzureStandIn) -> Step:
    plan = a_plan(azure)
    return steps_of(plan, tags_for(plan))[0]


def power_step(azure: AzureStandIn, verb: str = "deallocate") -> Step:
    plan = a_plan(azure)
    body = {"send": {}, "expect": {"vm_uuid": plan.vm_uuid, "ran": True}}
    return Step(number=1, verb=verb, target_id=plan.vm_id, body=body, what="")


async def begun(acts: AzureActs, step: Step) -> Operation:
    operation = await VERBS[step.verb].do(acts, step)
    assert operation is not None
    return operation


# --- what is kept ----------------------------------------------------------------------------


async def test_accepted_work_names_its_operation_and_nothing_is_polled(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    azure.world.retry_after_seconds = 7
    step = power_step(azure)
    operation = await begun(acts, step)
    assert [request.name for request in azure.requests] == ["VirtualMachines_Deallocate"]
    assert operation.address.startswith(f"{azure.url}/subscriptions/")
    assert "monitor" not in operation.address
    assert operation.wait == timedelta(seconds=7)


async def test_a_collection_is_made_at_once_and_names_no_operation(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = point_plan(azure)
    collection, point = steps_of(plan, tags_for(plan))
    assert await VERBS[collection.verb].do(acts, collection) is None
    assert (await begun(acts, point)).address


async def test_an_answer_without_addresses_names_no_operation(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    azure.faults.add(Fault(Kind.NO_OPERATION_HEADERS, PUT))
    step = first_step(azure)
    assert await VERBS[step.verb].do(acts, step) is None
    assert (await one_look(acts, step)).state is LookState.THERE


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (f"{DOOR}/subscriptions/s/operations/1", True),
        ("https://MANAGEMENT.azure.com:443/o", True),
        ("/subscriptions/s/operations/1", True),
        ("https://management.azure.com.example.com/o", False),
        ("https://example.com/o", False),
        ("//example.com/o", False),
        ("http://management.azure.com/o", False),
        ("https://management.azure.com:444/o", False),
        ("https://management.azure.com:no/o", False),
        ("https://management.azure.com@example.com/o", False),
        ("https://user@management.azure.com/o", False),
        ("", False),
    ],
)
def test_only_an_address_at_the_door_is_kept(address: str, kept: bool) -> None:
    found = operation_in({"Location": address}, f"{DOOR}/subscriptions/s/disks/d", DOOR)
    assert (found is not None) is kept
    assert found is None or is_at(found.address, DOOR)


async def test_an_address_of_another_host_is_never_asked(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    async with AzureStandIn(small_world()) as other:
        step = first_step(azure)
        outcome = await acts.outcome(step.target_id, f"{other.url}/subscriptions/s/operations/1")
        assert outcome.state is OperationState.UNKNOWN
        assert other.requests == []


# --- what it says ----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", "&monitor=true"], ids=["status", "location"])
async def test_an_operation_is_in_progress_until_it_succeeded(suffix: str) -> None:
    async with AzureStandIn(small_world(pace=1.0)) as azure, acting(azure) as acts:
        azure.world.retry_after_seconds = 3
        step = first_step(azure)
        address = (await begun(acts, step)).address + suffix
        early = await acts.outcome(step.target_id, address)
        assert early.state is OperationState.IN_PROGRESS
        assert early.wait == timedelta(seconds=3)
        azure.world.forward(timedelta(minutes=5))
        assert (await acts.outcome(step.target_id, address)).state is OperationState.SUCCEEDED


@pytest.mark.parametrize("suffix", ["", "&monitor=true"], ids=["status", "location"])
async def test_work_that_fails_says_why_in_azures_words(
    azure: AzureStandIn, acts: AzureActs, suffix: str
) -> None:
    azure.faults.add(Fault(Kind.WORK_FAILS, PUT, code="DiskIsOdd", message="This disk is odd."))
    step = first_step(azure)
    address = (await begun(acts, step)).address + suffix
    outcome = await acts.outcome(step.target_id, address)
    assert outcome.state is OperationState.FAILED
    assert isinstance(outcome.refusal, RefusedForGood)
    assert str(outcome.refusal) == "Azure says no (DiskIsOdd): This disk is odd."


async def test_work_that_fails_for_now_is_known_by_the_table(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    azure.faults.add(Fault(Kind.WORK_FAILS, code="AllocationFailed", message="No room."))
    step = power_step(azure)
    outcome = await acts.outcome(step.target_id, (await begun(acts, step)).address)
    assert isinstance(outcome.refusal, RefusedForNow)
    assert outcome.refusal.retry_after == timedelta(minutes=5)
    assert "no capacity" in str(outcome.refusal)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.STATUS, "DiskOperations_Get", status=404),
        Fault(Kind.STATUS, "DiskOperations_Get", status=403, code="AuthorizationFailed"),
    ],
    ids=["gone", "not allowed to ask"],
)
async def test_an_address_that_tells_nothing_leaves_it_to_the_look(
    azure: AzureStandIn, acts: AzureActs, fault: Fault
) -> None:
    step = first_step(azure)
    address = (await begun(acts, step)).address
    azure.faults.add(fault)
    assert (await acts.outcome(step.target_id, address)).state is OperationState.UNKNOWN


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.STATUS, "DiskOperations_Get", status=429, retry_after="9"),
        Fault(Kind.STATUS, "DiskOperations_Get", status=503, retry_after="9"),
        Fault(Kind.STATUS, "DiskOperations_Get", status=307, retry_after="9"),
        Fault(Kind.CUT, "DiskOperations_Get"),
        Fault(Kind.DROP, "DiskOperations_Get"),
    ],
    ids=["429", "503", "redirect", "cut", "dropped"],
)
async def test_an_operation_that_cannot_be_asked_has_not_failed(
    azure: AzureStandIn, acts: AzureActs, fault: Fault
) -> None:
    step = first_step(azure)
    address = (await begun(acts, step)).address
    azure.faults.add(fault)
    with pytest.raises(RefusedForNow):
        await acts.outcome(step.target_id, address)
    assert (await acts.outcome(step.target_id, address)).state is OperationState.SUCCEEDED


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"status": "InProgress"}, OperationState.IN_PROGRESS),
        ({"status": "Running"}, OperationState.IN_PROGRESS),
        ({"status": "SUCCEEDED"}, OperationState.SUCCEEDED),
        ({"status": "failed", "error": None}, OperationState.FAILED),
        ({"status": "Canceled"}, OperationState.FAILED),
        ({"id": "a resource"}, OperationState.SUCCEEDED),
        (None, OperationState.SUCCEEDED),
    ],
)
def test_the_status_of_an_operation_has_no_case(body: object, state: OperationState) -> None:
    assert outcome_of(200, {}, body).state is state


# --- refusals --------------------------------------------------------------------------------


def test_canceled_work_without_a_reason_may_be_sent_again() -> None:
    assert isinstance(failed_operation({"status": "Canceled"}), RefusedForNow)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (409, error("ConflictingConcurrentWriteNotAllowed", "Another write.")),
        (409, error("RequestConflict")),
        (409, error("OperationPreempted")),
        (409, error("Odd", "The request failed due to a conflict, please retry.")),
        (412, error("PreconditionFailed", "The etag has changed. Retry the request later.")),
        (409, error("Odd", "Please try again later.")),
    ],
)
def test_a_conflict_that_says_retry_is_for_now_and_bounded(status: int, body: object) -> None:
    refusal = refused(Answer(status, body))
    assert isinstance(refusal, RefusedForNow)
    assert refusal.at_most is not None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (409, error("Odd", "This is not allowed. Do not retry.")),
        (400, error("Odd", "Change the name and retry.")),
        (403, error("RequestDisallowedByPolicy", "Please retry.")),
    ],
)
def test_other_refusals_that_speak_of_retrying_are_for_good(status: int, body: object) -> None:
    assert isinstance(refused(Answer(status, body)), RefusedForGood)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_outage_is_not_counted(status: int) -> None:
    refusal = refused(Answer(status, error("Conflict")))
    assert isinstance(refusal, RefusedForNow)
    assert refusal.at_most is None


# --- the client ------------------------------------------------------------------------------


async def test_the_sign_in_takes_none_of_the_requests_time(azure: AzureStandIn) -> None:
    async with acting(azure, answer_seconds=0.5, credential=_SlowToken(azure)) as acts:
        step = first_step(azure)
        assert (await begun(acts, step)).address


class _SlowToken:
    """A sign-in that takes longer than an answer may."""

    def __init__(self, azure: AzureStandIn) -> None:
        self._inner = AsyncToken(azure.world)

    async def get_token(self, *scopes: str, **options: object) -> object:
        await asyncio.sleep(1.0)
        return await self._inner.get_token(*scopes)

    async def close(self) -> None:
        """Nothing is held open."""
