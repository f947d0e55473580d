"""A step is noted as sent before its request leaves: after a crash the next worker looks first."""

from __future__ import annotations

from typing import Any

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.action import Action
from bot.requests.model import ClickKind, Step, StepState
from bot.requests.states import State
from deploy.local.slack.people import GRACE
from tests.workflow.breaking import Died
from tests.workflow.workflow_system import QUICK, System


class Watching:
    """Azure; at each request it is noted how the row of its step stands. May die at the first."""

    def __init__(self, system: System, request_id: str, *, dies: bool = False) -> None:
        self._system, self._request_id, self._dies = system, request_id, dies
        self._acts = ports_of(system.connections, system.acts, QUICK).acts
        self.stood: list[tuple[StepState, int]] = []

    async def look(self, step: Step) -> Any:
        return await self._acts.look(step)

    async def outcome(self, step: Step) -> Any:
        return await self._acts.outcome(step)

    async def do(self, step: Step) -> Any:
        stored = {each.number: each for each in await self._system.store.steps(self._request_id)}
        row = stored[step.number]
        self.stood.append((row.state, row.attempts))
        sent = await self._acts.do(step)
        if self._dies:
            raise Died("after Azure took it, before anybody knew")
        return sent


async def of_vm(system: System, **wish: Any) -> str:
    return await system.ask("web-01", **wish)


async def a_swap(system: System) -> str:
    made = await system.complete("web-01")
    wish: dict[str, Any] = {"of_request": made, "swap_os_disk": True}
    return await system.ask("", action=Action.RESTORE, **wish)


@pytest.mark.parametrize("name", ["snapshots", "restore point", "swap"])
async def test_each_request_leaves_only_when_its_step_is_noted_as_sent(
    system: System, name: str
) -> None:
    request_id = await (
        a_swap(system) if name == "swap" else of_vm(system, consistent=name == "restore point")
    )
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    acts = Watching(system, request_id)
    await system.workflow_with(acts=acts).carry_on(request_id)
    assert (await system.get(request_id)).state is State.DONE
    assert acts.stood
    assert set(acts.stood) == {(StepState.SENT, 1)}


async def test_what_was_sent_by_one_that_died_is_found_as_sent(system: System) -> None:
    request_id = await system.ask("dev-04")
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    dying = system.workflow_with(acts=Watching(system, request_id, dies=True))
    with pytest.raises(Died):
        await dying.carry_on(request_id)
    (step,) = await system.store.steps(request_id)
    assert (step.state, step.attempts) == (StepState.SENT, 1)
