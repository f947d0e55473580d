"""A mistake of ours blocks no request: it is counted and put off, and ends with an error id."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind, Step
from bot.requests.states import State
from deploy.local.slack.people import GRACE
from tests.workflow.workflow_system import QUICK, System


class Broken:
    """Plans, Azure and a part of the store that raise an error which nobody foresaw."""

    def __init__(self, rest: Any = None, *breaks: str) -> None:
        self._rest, self._breaks = rest, breaks

    def __getattr__(self, name: str) -> Any:
        if name in self._breaks:
            raise KeyError("shape")
        return getattr(self._rest, name)

    async def plan(self, *arguments: object) -> object:
        raise KeyError("shape")

    async def look(self, step: Step) -> object:
        raise KeyError("shape")


def said_id(text: str, log: str) -> str:
    """The id in the text for people; the log has it, with the traceback."""
    found = re.search(r"error ([0-9a-f]{8}) is in", text)
    assert found
    assert f"Error {found[1]}:" in log
    assert "KeyError: 'shape'" in log
    return found[1]


async def test_a_plan_that_breaks_is_tried_again_and_fails_after_its_time(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    system.workflow = system.workflow_with(plans=Broken())
    request_id = await system.ask()
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert (request.state, request.attempts) == (State.PLANNING, 2)
    await system.later(request_id, timedelta(minutes=16))
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "could not be planned for 15 minutes" in request.why
    assert said_id(request.why, caplog.text) in await system.notes(request_id)


async def test_a_request_that_breaks_at_its_beginning_ends_when_it_is_void(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await system.ask("dev-04")
    await system.approve(request_id, begin=False)
    system.workflow = system.workflow_with(plans=Broken())
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.APPROVED
    await system.later(request_id, timedelta(hours=2))
    await system.execute("UPDATE requests SET attempts = 60 WHERE id = %s", request_id)
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    said_id(request.why, caplog.text)
    assert await system.reserved() == 0


async def test_a_running_request_that_breaks_ends_after_a_day_and_names_what_was_sent(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await system.ask("dev-04")
    await system.approve(request_id, begin=False)
    await system.workflow_with(acts=Broken()).carry_on(request_id)
    assert (await system.get(request_id)).state is State.RUNNING
    await system.execute("UPDATE steps SET state = 'sent', attempts = 1")
    await system.later(request_id, timedelta(hours=25))
    system.workflow = system.workflow_with(acts=Broken())
    await system.at_once(request_id)
    request = await system.get(request_id)
    assert request.state is State.FAILED
    assert "could not be finished within 24 h" in request.why
    said_id(request.why, caplog.text)
    (step,) = await system.store.steps(request_id)
    assert step.target_id in await system.notes(request_id)


async def test_a_deletion_that_breaks_while_it_runs_is_tried_again_and_ends(system: System) -> None:
    request_id = await system.complete("dev-04")
    await system.later(request_id, timedelta(days=4))
    system.workflow = system.workflow_with(acts=Broken())
    (deletion,) = await system.sweep(request_id)
    assert (await system.get(deletion)).state is State.RUNNING
    await system.later(deletion, timedelta(hours=25))
    await system.at_once(deletion)
    assert (await system.get(deletion)).state is State.FAILED
    assert len(system.snapshots(request_id)) == 1


async def test_a_waiting_request_that_breaks_lapses_all_the_same(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await system.ask("dev-04")
    ports = ports_of(system.connections, system.acts, QUICK)
    system.workflow = system.workflow_with(rules=Broken(ports.rules, "rules"))
    await system.later(request_id, timedelta(hours=2))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.WAITING
    assert "KeyError: 'shape'" in caplog.text
    await system.later(request_id, timedelta(hours=7))
    await system.at_once(request_id)
    assert (await system.get(request_id)).state is State.LAPSED


async def test_a_press_that_cannot_be_judged_is_answered_after_a_few_tries(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await system.ask("dev-04")
    ports = ports_of(system.connections, system.acts, QUICK)
    system.workflow = system.workflow_with(people=Broken(ports.people, "person"))
    click_id = await system.press(request_id, ClickKind.APPROVE, GRACE.id)
    await system.workflow.judge(click_id)
    assert await system.store.due_clicks(10) == [click_id]
    await system.workflow.judge(click_id)
    assert await system.store.due_clicks(10) == []
    said_id(await system.answer(click_id), caplog.text)
    assert (await system.get(request_id)).state is State.WAITING
