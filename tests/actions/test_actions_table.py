"""Every row of the table of actions: its plan, its card in every state, its steps, its rights."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from bot.azure.permissions import PERMISSIONS
from bot.azure.undo import undo_of
from bot.azure.verbs import VERBS
from bot.composition.actions import action_rows, steps_of
from bot.messages.request_card import request_card
from bot.messages.request_notes import result
from bot.requests.action import Action
from bot.requests.model import Point, Requester, RequestPlan, Step, StepState, Wish
from bot.requests.request import ActionFacts, ActionRow, ActionWords, PlanOfVm, Request
from bot.requests.states import State
from bot.requests.tags import tags_of
from tests.requests.planning_samples import REQUEST, ground_of, known, points_of, the_vm, vm_ground
from tests.strategies import NOW

ROWS = list(action_rows().values())
every_row = pytest.mark.parametrize("row", ROWS, ids=[str(row.facts.action) for row in ROWS])
GROUND = ground_of()
POINTS = points_of(GROUND.origin)


def a_wish(row: ActionRow) -> Wish:
    """All that any action may want to be told."""
    return Wish(
        action=row.facts.action,
        vm="web-01",
        of_request="" if isinstance(row.plan, PlanOfVm) else REQUEST,
        keep=timedelta(days=1),
        reason="the drill",
        to_region="northeurope",
    )


def a_plan(row: ActionRow) -> RequestPlan:
    if isinstance(row.plan, PlanOfVm):
        return row.plan.make(vm_ground(known(the_vm())), a_wish(row))
    return row.plan.make(GROUND, a_wish(row))


def a_request(row: ActionRow, state: State = State.WAITING) -> Request:
    return Request(
        id=REQUEST,
        row=row,
        state=state,
        revision=1,
        version=1,
        wish=a_wish(row),
        requester=Requester(team_id="T1", user_id="U1", user_name="ada"),
        plan=None if state is State.PLANNING else a_plan(row),
        channel_id="C1",
        asked_at=NOW,
        expires_at=NOW + timedelta(days=1),
        button="b-1",
    )


def its_steps(row: ActionRow, points: tuple[Point, ...] = POINTS) -> tuple[Step, ...]:
    plan = a_plan(row)
    return steps_of(plan, tags_of(a_request(row), plan, ()), points)


# --- the row ---------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [ActionFacts, ActionWords, ActionRow])
def test_a_row_says_everything_itself(part: Any) -> None:
    """No default anywhere: what a new action does not say is an error, not another's answer."""
    lenient = [
        each.name
        for each in fields(part)
        if each.default is not MISSING or each.default_factory is not MISSING
    ]
    assert lenient == []


@pytest.mark.parametrize(
    "part", [ROWS[0].facts, ROWS[0].words, ROWS[0]], ids=["facts", "words", "row"]
)
def test_a_row_that_lacks_an_attribute_is_refused_by_its_name(part: Any) -> None:
    values = {each.name: getattr(part, each.name) for each in fields(part)}
    for name in values:
        with pytest.raises(TypeError, match=name):
            type(part)(**{key: value for key, value in values.items() if key != name})


def test_every_member_of_the_enum_has_the_row_of_its_own_folder() -> None:
    assert list(action_rows()) == list(Action)
    assert [row.facts.action for row in ROWS] == list(Action)


@every_row
def test_what_cannot_be_undone_never_goes_without_an_approval_of_its_own(row: ActionRow) -> None:
    assert row.facts.can_be_undone or not row.facts.may_skip_approval
    assert row.facts.can_be_undone or not row.facts.may_break_glass
    assert row.facts.fewest_approvals >= 1


# --- plan and words --------------------------------------------------------------------------


@every_row
def test_the_plan_of_a_row_is_of_its_action(row: ActionRow) -> None:
    plan = a_plan(row)
    assert plan.action is row.facts.action
    assert plan.disks
    assert all(disk.target_id for disk in plan.disks)


@every_row
@pytest.mark.parametrize("state", list(State))
def test_the_card_of_a_row_speaks_of_its_action_in_every_state(
    row: ActionRow, state: State
) -> None:
    request = a_request(row, state)
    card = request_card(request, steps=its_steps(row), points=POINTS)
    assert card.text.startswith(row.words.title(request))
    if request.plan is not None:
        done = state is State.DONE
        own = row.words.happened(request.plan) if done else row.words.wanted(request.plan)
        assert own in card.text
    assert not [other for other in ROWS if other is not row and says_of(other, request, card.text)]


def says_of(other: ActionRow, request: Request, text: str) -> bool:
    """Whether a text has the sentence of another action about the same plan."""
    plan = request.plan
    return plan is not None and (
        other.words.wanted(plan) in text or other.words.happened(plan) in text
    )


def test_no_two_actions_read_the_same() -> None:
    plan = a_plan(ROWS[0])
    for one, other in combinations(ROWS, 2):
        assert one.words.happens(plan) != other.words.happens(plan)
        assert one.words.wanted(plan) != other.words.wanted(plan)
        assert one.words.done != other.words.done
        wish = a_wish(one)
        assert one.words.phrase(wish) != other.words.phrase(wish)


@every_row
def test_the_result_says_that_the_action_of_the_row_is_done(row: ActionRow) -> None:
    request = a_request(row, State.DONE)
    said = result(request, POINTS).text
    assert said.startswith(f"{row.words.done}: {row.words.title(request)}")


# --- steps and rights ------------------------------------------------------------------------


@every_row
def test_the_steps_of_a_row_do_and_undo_by_the_verbs_that_it_names(row: ActionRow) -> None:
    steps = its_steps(row)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    done = [replace(step, state=StepState.THERE, unique_id="u", time_created="t") for step in steps]
    undone = [undo.verb for undo in map(undo_of, done) if undo is not None]
    assert {step.verb for step in steps} | set(undone) <= row.facts.verbs
    assert steps


@every_row
def test_every_verb_of_a_row_exists_and_has_its_permissions(row: ActionRow) -> None:
    assert row.facts.verbs
    assert row.facts.verbs <= set(VERBS)
    assert all(PERMISSIONS[verb] for verb in row.facts.verbs)


def test_every_verb_is_of_some_action() -> None:
    assert frozenset().union(*(row.facts.verbs for row in ROWS)) == set(VERBS)
