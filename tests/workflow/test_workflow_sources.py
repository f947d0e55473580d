"""What a restore or a copy is made from is looked up before anybody is asked to approve it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.requests.action import Action
from bot.requests.states import State
from deploy.local.faults import Fault, Kind
from tests.workflow.workflow_system import System

RESTORE: dict[str, Any] = {"action": Action.RESTORE}
COPY: dict[str, Any] = {
    "action": Action.COPY,
    "to_region": "northeurope",
    "keep": timedelta(days=2),
}


async def asked(system: System, request_id: str, **wish: Any) -> tuple[State, str]:
    """The state and the sentence of a request about these points, once it was planned."""
    request = await system.get(await system.ask("", of_request=request_id, **wish))
    return request.state, request.why


@pytest.mark.parametrize("wish", [RESTORE, COPY])
async def test_a_snapshot_that_somebody_deleted_is_refused_before_anybody_is_asked(
    system: System, wish: dict[str, Any]
) -> None:
    request_id = await system.complete("dev-04")
    (made,) = system.snapshots(request_id)
    system.azure.world.remove(made["id"])
    state, why = await asked(system, request_id, **wish)
    assert state is State.REFUSED
    assert why == f"{made['name']} is not there any more."


@pytest.mark.parametrize("wish", [RESTORE, COPY])
async def test_a_restore_point_that_somebody_deleted_is_refused_before_anybody_is_asked(
    system: System, wish: dict[str, Any]
) -> None:
    request_id = await system.complete("web-01", consistent=True)
    (point,) = await system.store.points(request_id=request_id)
    system.azure.world.remove(point.arm_id)
    state, why = await asked(system, request_id, **wish)
    assert state is State.REFUSED
    assert "is not there any more" in why


async def test_a_snapshot_that_was_replaced_by_one_of_its_name_is_refused(system: System) -> None:
    request_id = await system.complete("dev-04")
    (made,) = system.snapshots(request_id)
    made["properties"]["uniqueId"] = "another"
    state, why = await asked(system, request_id, **RESTORE)
    assert state is State.REFUSED
    assert "is another one than vmbackup made" in why


async def test_a_source_that_cannot_be_read_for_the_moment_is_looked_up_again(
    system: System,
) -> None:
    request_id = await system.complete("dev-04")
    number = system.azure.faults.add(Fault(Kind.STATUS, "Snapshots_Get", status=503, times=None))
    restore = await system.ask("", of_request=request_id, **RESTORE)
    assert (await system.get(restore)).state is State.PLANNING
    system.azure.faults.remove(number)
    await system.at_once(restore)
    assert (await system.get(restore)).state is State.WAITING
