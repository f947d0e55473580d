"""A mistake of ours wedges nothing: it is counted, put off, and ends with the id of the error."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.composition.request_parts import ports_of
from bot.requests.model import ClickKind, Step
from bot.requests.states import State
from deploy.local.slack.people import GRACE
from tests.workflow.told import QUICK, Told


class Broken:
    """Plans, Azure and a part of the store in which something breaks that nobody foresaw."""

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
    """The id that people are told is in the log, with the traceback."""
    found = re.search(r"error ([0-9a-f]{8}) is in", text)
    assert found
    assert f"Error {found[1]}:" in log
    assert "KeyError: 'shape'" in log
    return found[1]


async def test_a_plan_that_breaks_is_tried_again_and_fails_after_its_time(
    tale: Told, caplog: pytest.LogCaptureFixture
) -> None:
    tale.workflow = tale.told_with(plans=Broken())
    request_id = await tale.ask()
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert (request.state, request.attempts) == (State.PLANNING, 2)
    await tale.later(request_id, timedelta(minutes=16))
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert "could not be planned for 15 minutes" in request.why
    assert said_id(request.why, caplog.text) in await tale.notes(request_id)


async def test_what_breaks_while_it_begins_ends_when_it_is_void(
    tale: Told, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await tale.ask("dev-04")
    await tale.approve(request_id, begin=False)
    tale.workflow = tale.told_with(plans=Broken())
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.APPROVED
    await tale.later(request_id, timedelta(hours=2))
    await tale.execute("UPDATE requests SET attempts = 60 WHERE id = %s", request_id)
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    said_id(request.why, caplog.text)
    assert await tale.reserved() == 0


async def test_what_breaks_while_it_runs_ends_after_a_day_and_names_what_was_sent(
    tale: Told, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await tale.ask("dev-04")
    await tale.approve(request_id, begin=False)
    await tale.told_with(acts=Broken()).carry_on(request_id)
    assert (await tale.get(request_id)).state is State.RUNNING
    await tale.execute("UPDATE steps SET state = 'sent', attempts = 1")
    await tale.later(request_id, timedelta(hours=25))
    tale.workflow = tale.told_with(acts=Broken())
    await tale.at_once(request_id)
    request = await tale.get(request_id)
    assert request.state is State.FAILED
    assert "could not be finished within 24 h" in request.why
    said_id(request.why, caplog.text)
    (step,) = await tale.store.steps(request_id)
    assert step.target_id in await tale.notes(request_id)


async def test_a_deletion_that_breaks_while_it_runs_is_tried_again_and_ends(tale: Told) -> None:
    request_id = await tale.done("dev-04")
    await tale.later(request_id, timedelta(days=4))
    tale.workflow = tale.told_with(acts=Broken())
    (deletion,) = await tale.swept(request_id)
    assert (await tale.get(deletion)).state is State.RUNNING
    await tale.later(deletion, timedelta(hours=25))
    await tale.at_once(deletion)
    assert (await tale.get(deletion)).state is State.FAILED
    assert len(tale.snapshots(request_id)) == 1


async def test_what_breaks_while_it_waits_lapses_all_the_same(
    tale: Told, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await tale.ask("dev-04")
    ports = ports_of(tale.connections, tale.acts, QUICK)
    tale.workflow = tale.told_with(rules=Broken(ports.rules, "rules"))
    await tale.later(request_id, timedelta(hours=2))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.WAITING
    assert "KeyError: 'shape'" in caplog.text
    await tale.later(request_id, timedelta(hours=7))
    await tale.at_once(request_id)
    assert (await tale.get(request_id)).state is State.LAPSED


async def test_a_press_that_cannot_be_judged_is_answered_after_a_few_tries(
    tale: Told, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await tale.ask("dev-04")
    ports = ports_of(tale.connections, tale.acts, QUICK)
    tale.workflow = tale.told_with(people=Broken(ports.people, "person"))
    click_id = await tale.press(request_id, ClickKind.APPROVE, GRACE.id)
    await tale.workflow.judge(click_id)
    assert await tale.store.due_clicks(10) == [click_id]
    await tale.workflow.judge(click_id)
    assert await tale.store.due_clicks(10) == []
    said_id(await tale.answer(click_id), caplog.text)
    assert (await tale.get(request_id)).state is State.WAITING
