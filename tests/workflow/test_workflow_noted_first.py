"""A step is noted as sent before it is sent: whoever comes after a crash knows that it may be."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from bot.azure.operations import Operation
from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind, Step, StepState
from bot.requests.states import State
from deploy.local.slack.people import ADA, GRACE
from tests.workflow.breaking import Died
from tests.workflow.workflow_system import QUICK, System


class DiesAfterSending:
    """Azure takes the request, and the worker dies before it writes anything."""

    def __init__(self, acts: Any) -> None:
        self._acts = acts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._acts, name)

    async def do(self, step: Step) -> Operation | None:
        await self._acts.do(step)
        raise Died("between the PUT and the note")


@pytest.fixture
async def sent(system: System) -> str:
    """A running request whose worker died right after it sent the one snapshot."""
    acts = ports_of(system.connections, system.acts, QUICK).acts
    request_id = await system.ask("dev-04")
    await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    with suppress(Died):
        await system.workflow_with(acts=DiesAfterSending(acts)).carry_on(request_id)
    assert len(system.snapshots(request_id)) == 1
    return request_id


async def test_what_was_sent_is_noted_as_sent_though_the_worker_died(
    system: System, sent: str
) -> None:
    (step,) = await system.store.steps(sent)
    assert (step.state, step.attempts) == (StepState.SENT, 1)


async def test_what_was_sent_before_a_crash_counts_as_begun_however_late(
    system: System, sent: str
) -> None:
    """Nobody is asked again for what exists already."""
    await system.later(sent, timedelta(hours=2))
    await system.at_once(sent)
    request = await system.get(sent)
    assert (request.state, request.revision) == (State.DONE, 1)
    assert len(system.snapshots(sent)) == 1


async def test_what_was_sent_before_a_crash_is_found_by_a_stop(system: System, sent: str) -> None:
    await system.press(sent, ClickKind.CANCEL, ADA.id)
    await system.at_once(sent)
    assert (await system.get(sent)).state is State.DONE
    assert len(await system.store.points(request_id=sent)) == 1
