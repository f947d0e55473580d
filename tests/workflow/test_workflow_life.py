"""Kept so long from the moment it is made: not from the asking, the approval or the first try."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from tests.workflow.test_workflow_doing import LOCKED, PUT, half_done
from tests.workflow.told import Told

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def ends_in(tale: Told, request_id: str) -> list[timedelta]:
    """How long each thing is kept from now on; its tag says the same as the ledger."""
    now = await tale.store.now()
    points = await tale.store.points(request_id=request_id)
    tags = {made["id"].lower(): made["tags"] for made in tale.snapshots(request_id)}
    for point in points:
        said = tags[point.arm_id.lower()]["vmbackup-expires"]
        assert said == f"{point.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    return sorted(point.expires_at - now for point in points)


async def test_the_life_begins_when_it_is_begun_and_not_when_it_was_approved(tale: Told) -> None:
    request_id = await tale.ask("dev-04", keep=2 * HOUR)
    await tale.approve(request_id, begin=False)
    await tale.later(request_id, 50 * MINUTE)
    await tale.workflow.carry_on(request_id)
    (left,) = await ends_in(tale, request_id)
    assert abs(left - 2 * HOUR) < MINUTE
    request, now = await tale.get(request_id), await tale.store.now()
    assert request.state is State.DONE
    assert request.expires_at is not None
    assert abs(request.expires_at - now - 2 * HOUR) < MINUTE


async def test_what_azure_put_off_lives_as_long_as_was_said(tale: Told) -> None:
    """One disk at once, the other three hours later: the request ends with the first."""
    fault = Fault(Kind.STATUS, PUT, path="data", status=429, retry_after="5", times=None)
    number = tale.azure.faults.add(fault)
    request_id = await tale.ask(keep=4 * HOUR)
    await tale.approve(request_id)
    tale.azure.faults.remove(number)
    await tale.later(request_id, 3 * HOUR)
    await tale.at_once(request_id)
    first, second = await ends_in(tale, request_id)
    assert abs(first - HOUR) < MINUTE
    assert abs(second - 4 * HOUR) < MINUTE
    request, now = await tale.get(request_id), await tale.store.now()
    assert request.state is State.DONE
    assert request.expires_at is not None
    assert abs(request.expires_at - now - HOUR) < MINUTE


async def test_what_was_half_done_keeps_its_end_and_the_rest_gets_one_of_its_own(
    tale: Told,
) -> None:
    request_id, number = await half_done(tale, LOCKED, keep=4 * HOUR)
    tale.azure.faults.remove(number)
    await tale.later(request_id, 30 * MINUTE)
    await tale.press(request_id, ClickKind.GO_ON, ADA.id)
    await tale.workflow.carry_on(request_id)
    first, second = await ends_in(tale, request_id)
    assert abs(first - 3.5 * HOUR) < MINUTE
    assert abs(second - 4 * HOUR) < MINUTE
