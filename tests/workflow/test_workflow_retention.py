"""Retention counts from the moment a snapshot is made, not from the asking or the approval."""

from __future__ import annotations

from datetime import timedelta

from bot.requests.model import ClickKind
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from tests.workflow.test_workflow_running import LOCKED, PUT, half_done
from tests.workflow.workflow_system import System

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def ends_in(system: System, request_id: str) -> list[timedelta]:
    """The remaining retention of each point; the tag says the same as the ledger."""
    now = await system.store.now()
    points = await system.store.points(request_id=request_id)
    tags = {made["id"].lower(): made["tags"] for made in system.snapshots(request_id)}
    for point in points:
        said = tags[point.arm_id.lower()]["vmbackup-expires"]
        assert said == f"{point.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    return sorted(point.expires_at - now for point in points)


async def test_retention_counts_from_the_beginning_and_not_from_the_approval(
    system: System,
) -> None:
    request_id = await system.ask("dev-04", keep=2 * HOUR)
    await system.approve(request_id, begin=False)
    await system.later(request_id, 50 * MINUTE)
    await system.workflow.carry_on(request_id)
    (left,) = await ends_in(system, request_id)
    assert abs(left - 2 * HOUR) < MINUTE
    request, now = await system.get(request_id), await system.store.now()
    assert request.state is State.DONE
    assert request.expires_at is not None
    assert abs(request.expires_at - now - 2 * HOUR) < MINUTE


async def test_a_snapshot_that_azure_put_off_has_its_whole_retention(system: System) -> None:
    """One disk at once, the other three hours later: the request ends with the first."""
    fault = Fault(Kind.STATUS, PUT, path="data", status=429, retry_after="5", times=None)
    number = system.azure.faults.add(fault)
    request_id = await system.ask(keep=4 * HOUR)
    await system.approve(request_id)
    system.azure.faults.remove(number)
    await system.later(request_id, 3 * HOUR)
    await system.at_once(request_id)
    first, second = await ends_in(system, request_id)
    assert abs(first - HOUR) < MINUTE
    assert abs(second - 4 * HOUR) < MINUTE
    request, now = await system.get(request_id), await system.store.now()
    assert request.state is State.DONE
    assert request.expires_at is not None
    assert abs(request.expires_at - now - HOUR) < MINUTE


async def test_a_resumed_request_keeps_its_expiry_and_new_points_get_their_own(
    system: System,
) -> None:
    request_id, number = await half_done(system, LOCKED, keep=4 * HOUR)
    system.azure.faults.remove(number)
    await system.later(request_id, 30 * MINUTE)
    await system.press(request_id, ClickKind.GO_ON, ADA.id)
    await system.workflow.carry_on(request_id)
    first, second = await ends_in(system, request_id)
    assert abs(first - 3.5 * HOUR) < MINUTE
    assert abs(second - 4 * HOUR) < MINUTE
