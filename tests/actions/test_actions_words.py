"""Whatever Azure answers has a sentence; what is sent is what Azure's own SDK would send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.azure.connection import AzureActs
from bot.azure.documented import GIVEN_UP, TRIED_AGAIN, rows
from bot.azure.permissions import PERMISSIONS
from bot.azure.refusals import (
    BY_WORDS,
    REFUSALS,
    RefusedForGood,
    RefusedForNow,
    refused,
    retry_after,
)
from bot.azure.standing import LookState, noted
from bot.azure.undo import undo_of
from bot.azure.verbs import VERBS
from bot.composition.actions import steps_of
from bot.requests.model import RequestPlan, Step, StepState
from deploy.local.azure.access import action
from deploy.local.azure.server import AzureStandIn
from tests.actions.acting import (
    a_plan,
    carried_out,
    one_look,
    point_plan,
    tags_for,
)
from tests.standin.azure.running_azure import arm_id

RECORDED = Path(__file__).parents[3] / "shared/azure-rest/recorded/errors"
LONGEST_SENTENCE = 600


@dataclass
class Response:
    body: Any
    headers: Mapping[str, str]

    def json(self) -> Any:
        return self.body


class Answer(Exception):
    """An answer of 400 or more, as azure-core hands it on."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self.status_code, self.response = status, Response(body, headers or {})
        super().__init__(str(status))


def error(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


texts = st.text(max_size=600)
spoken = st.sampled_from(
    ["At most 500 restore points.", "the Cores quota", "It has an immutability policy."]
)
bodies = st.one_of(
    st.none(),
    texts,
    st.lists(texts),
    st.builds(error, texts, texts),
    st.builds(error, texts, spoken),
    st.builds(error, st.sampled_from(sorted(REFUSALS)), texts),
    st.builds(error, st.sampled_from(sorted(REFUSALS)), texts.map(lambda text: f"'{text}'")),
)


@given(st.integers(400, 599), bodies, st.dictionaries(st.just("Retry-After"), texts))
def test_every_answer_is_for_now_or_never_in_a_short_sentence(
    status: int, body: Any, headers: dict[str, str]
) -> None:
    refusal = refused(Answer(status, body, headers))
    assert isinstance(refusal, RefusedForNow | RefusedForGood)
    assert 0 < len(str(refusal)) <= LONGEST_SENTENCE
    assert "{" not in str(refusal) or "{" in str(body)


@given(st.sampled_from(sorted({429, 408, 500, 502, 503, 504})), bodies)
def test_a_busy_or_broken_azure_is_never_a_no(status: int, body: Any) -> None:
    """Whatever stands in the answer."""
    assert isinstance(refused(Answer(status, body)), RefusedForNow)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_row_of_the_table_speaks_for_itself(code: str) -> None:
    row = REFUSALS[code]
    refusal = refused(Answer(409, error(code)))
    assert isinstance(refusal, RefusedForNow if row.passes else RefusedForGood)
    assert str(refusal).endswith((".", "…"))
    assert ("{found}" in row.sentence) == bool(row.find)


def test_every_row_known_by_words_is_a_sentence() -> None:
    assert all(row.sentence_for("").endswith((".", "…")) or row.find for _, row in BY_WORDS)


def test_a_locks_scope_may_hold_any_words() -> None:
    """A resource group called `quota` is no quota."""
    message = "The scope '/x' cannot perform write operation because following scope(s) are "
    refusal = refused(Answer(409, error("ScopeLocked", f"{message}locked: '/rg/quota'. Please")))
    assert "A lock on /rg/quota forbids this" in str(refusal)


def test_what_azure_says_holds_no_signs_that_turn_or_hide_text() -> None:
    refusal = refused(Answer(400, error("Odd", "left\u202eright\u0007\nand on")))
    assert isinstance(refusal, RefusedForGood)
    assert str(refusal).isprintable()


def test_the_documentation_has_a_row_for_everything() -> None:
    table = list(rows())
    assert {row.code for row in table} == {*REFUSALS, "operationnotallowed"}
    assert all("{" not in row.sentence for row in table)
    assert {row.then for row in table} == {TRIED_AGAIN, GIVEN_UP}


def test_every_recorded_answer_has_a_sentence() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers are not beside this repository")
    seen = 0
    for path in sorted(RECORDED.glob("*.json")):
        for answer in _answers(json.loads(path.read_text(encoding="utf-8"))):
            refusal = refused(Answer(answer["status"], answer.get("body")))
            expected = (
                RefusedForNow if answer["status"] in (401, 429, 500, 502, 503, 504) else object
            )
            assert isinstance(refusal, expected), answer
            assert 0 < len(str(refusal)) <= LONGEST_SENTENCE
            seen += 1
    assert seen > 50


def _answers(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, list):
        return [one for one in document if isinstance(one, dict) and "status" in one]
    return [one for value in document.values() for one in _answers(value)] if document else []


# --- what is sent ----------------------------------------------------------------------------


async def test_what_is_sent_is_the_step_that_was_stored(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    for plan in every_plan(azure):
        for step in steps_of(plan, tags_for(plan)):
            azure.forget()
            await carried_out(acts, [step])
            (sent,) = [asked for asked in azure.requests if asked.method == "PUT"]
            assert json.loads(sent.body) == step.body["send"]


async def test_the_sdk_reads_what_is_sent_to_a_vm_as_it_was_meant(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    from azure.mgmt.compute import models

    plan = a_plan(azure)
    disk_id = arm_id("disks", "loose")
    expect = {"vm_uuid": plan.vm_uuid, "disk_id": plan.disks[0].id}
    for verb in ("attach-disk", "detach-disk"):
        body = {"send": {"disk_id": disk_id, "lun": 9}, "expect": expect}
        await carried_out(
            acts, [Step(number=1, verb=verb, target_id=plan.vm_id, body=body, what="")]
        )
    attached, detached = (
        models.AttachDetachDataDisksRequest(json.loads(request.body))
        for request in azure.asked("VirtualMachines_AttachDetachDataDisks")
    )
    (disk,) = attached.data_disks_to_attach
    assert (disk.disk_id, disk.lun) == (disk_id, 9)
    assert [one.disk_id for one in detached.data_disks_to_detach] == [disk_id]


def every_plan(azure: AzureStandIn) -> list[RequestPlan]:
    return [a_plan(azure), point_plan(azure)]


async def test_a_step_is_kept_as_json_and_comes_back_the_same(azure: AzureStandIn) -> None:
    adapter = TypeAdapter(Step)
    for plan in every_plan(azure):
        for step in steps_of(plan, tags_for(plan)):
            assert adapter.validate_json(adapter.dump_json(step)) == step


async def test_the_same_plan_gives_the_same_steps(azure: AzureStandIn) -> None:
    for plan in every_plan(azure):
        first, second = (steps_of(plan, tags_for(plan)) for _ in range(2))
        assert first == second
        assert [step.number for step in first] == list(range(1, len(first) + 1))
        assert {step.verb for step in first} <= set(VERBS)


async def test_what_is_noted_stays_where_a_later_look_shows_nothing(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    step = steps_of(plan, tags_for(plan))[0]
    assert noted(step, await one_look(acts, step)) == step
    made = (await carried_out(acts, [step]))[0]
    azure.world.remove(step.target_id)
    standing = await one_look(acts, made)
    again = noted(made, standing)
    assert standing.state is LookState.ABSENT
    assert (again.unique_id, again.state) == (made.unique_id, StepState.THERE)


# --- what it may do --------------------------------------------------------------------------


def test_every_verb_says_which_permissions_it_needs() -> None:
    assert set(PERMISSIONS) == set(VERBS)


@pytest.mark.parametrize("kind", [a_plan, point_plan])
async def test_no_verb_sends_what_its_permissions_do_not_name(
    azure: AzureStandIn, acts: AzureActs, kind: Any
) -> None:
    plan = kind(azure)
    done: list[Step] = []
    for step in steps_of(plan, tags_for(plan)):
        done += await _within_permissions(azure, acts, step)
    for step in done:
        if undo := undo_of(step):
            await _within_permissions(azure, acts, undo)


async def test_no_verb_on_a_vm_sends_what_its_permissions_do_not_name(
    azure: AzureStandIn, acts: AzureActs
) -> None:
    plan = a_plan(azure)
    body = {"send": {"disk_id": "", "lun": 9}, "expect": {"vm_uuid": plan.vm_uuid, "ran": True}}
    for verb in ("deallocate", "start-vm"):
        step = Step(number=1, verb=verb, target_id=plan.vm_id, body=body, what="")
        await _within_permissions(azure, acts, step)


async def _within_permissions(azure: AzureStandIn, acts: AzureActs, step: Step) -> list[Step]:
    azure.forget()
    done = await carried_out(acts, [step])
    used = {action(request.method, request.path) for request in azure.requests}
    assert used <= set(PERMISSIONS[step.verb]), step.verb
    return done


@pytest.mark.parametrize(("seconds", "milliseconds"), [("5", "7000"), ("7", "5000")])
def test_of_two_waits_that_an_answer_names_the_longer_holds(
    seconds: str, milliseconds: str
) -> None:
    found = retry_after({"Retry-After": seconds, "x-ms-retry-after-ms": milliseconds})
    assert found == timedelta(seconds=7)
