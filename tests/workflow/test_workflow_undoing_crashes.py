"""A worker dies right after Azure took what undoes a step: the next one knows that it was sent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind, Step
from bot.requests.states import State
from deploy.local.slack.people import GRACE
from tests.workflow.breaking import Died
from tests.workflow.test_workflow_outcomes import (
    DELETE_POINT,
    POINT_CASE,
    busy,
    failing,
    worked_on,
)
from tests.workflow.workflow_system import QUICK, System


class DyingAtTheDeletion:
    """Azure; the process dies after Azure accepted a deletion, before anybody stored it."""

    def __init__(self, system: System, request_id: str) -> None:
        self._system, self._request_id = system, request_id
        self._acts = ports_of(system.connections, system.acts, QUICK).acts
        self.stood: list[Step] = []

    async def look(self, step: Step) -> Any:
        return await self._acts.look(step)

    async def outcome(self, step: Step) -> Any:
        return await self._acts.outcome(step)

    async def do(self, step: Step) -> Any:
        if not step.verb.startswith("delete"):
            return await self._acts.do(step)
        self.stood = await self._system.store.steps(self._request_id)
        await self._acts.do(step)
        raise Died("after Azure took it, before anybody knew")


async def died_while_removing_a_wreck(system: System, fails: int | None) -> tuple[str, list[Step]]:
    """A restore point that Azure began and gave up, and whose deletion fails so often."""
    request_id = await POINT_CASE.ask(system)
    system.azure.forget()
    system.azure.faults.add(busy(fails))
    system.azure.faults.add(failing(POINT_CASE, "", 1))
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    acts = DyingAtTheDeletion(system, request_id)
    with pytest.raises(Died):
        await system.workflow_with(acts=acts).carry_on(request_id)
    system.start_new_worker()
    return request_id, acts.stood


async def test_what_undoes_a_step_is_noted_before_it_leaves(system: System) -> None:
    _, stood = await died_while_removing_a_wreck(system, None)
    [undoing] = [step for step in stood if step.undoing]
    assert (undoing.lost, undoing.accepted) == (1, 0)


async def test_a_wreck_whose_deletion_nobody_knows_of_is_deleted_by_the_next_worker(
    system: System,
) -> None:
    """Azure shows it as being deleted for ever: the first deletion failed, and nobody asked."""
    request_id, _ = await died_while_removing_a_wreck(system, 1)
    await worked_on(system, request_id)
    assert (await system.get(request_id)).state is State.FAILED
    assert len(system.azure.asked(DELETE_POINT)) == 2
    target = (await system.store.steps(request_id))[-1].target_id
    assert system.azure.world.get(target) is None


async def test_after_a_crash_too_azure_accepts_a_deletion_three_times_at_most(
    system: System,
) -> None:
    request_id, _ = await died_while_removing_a_wreck(system, None)
    await worked_on(system, request_id)
    assert len(system.azure.asked(DELETE_POINT)) == 3
