"""A cancellation that is typed with a request's id, and a deletion before the expiry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.requests.approval.rulings import RulingReason
from bot.requests.model import ClickKind
from bot.requests.states import State
from tests.requests.rule_samples import ADA, BARBARA, GRACE, request, rules
from tests.requests.test_rules_clicks import judged, refused

WITHDRAW, DELETE_NOW = ClickKind.WITHDRAW, ClickKind.DELETE_NOW

# --- cancel by id ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PLANNING, State.WAITING, State.APPROVED])
def test_whoever_asked_cancels_by_id_from_any_channel(state: State) -> None:
    ruling = judged(WITHDRAW, ADA, request(state), channel_id="C02RANDOM", button="typed")
    assert (ruling.reason, ruling.move_to) == (RulingReason.CANCELLED, State.CANCELLED)


@pytest.mark.parametrize("state", [State.WAITING, State.APPROVED])
def test_whoever_may_decide_cancels_by_id_also_while_it_waits(state: State) -> None:
    ruling = judged(WITHDRAW, GRACE, request(state), button="typed")
    assert (ruling.move_to, ruling.why_allowed) == (State.CANCELLED, "member of vm-approvers")


@pytest.mark.parametrize(
    "state", [State.WAITING, State.APPROVED, State.RUNNING, State.DONE, State.DENIED]
)
def test_nobody_else_cancels_by_id_or_learns_how_a_request_stands(state: State) -> None:
    ruling = judged(WITHDRAW, BARBARA, request(state), button="typed")
    assert refused(ruling, RulingReason.NOT_AN_APPROVER)


def test_before_there_is_a_plan_only_whoever_asked_cancels_by_id() -> None:
    ruling = judged(WITHDRAW, GRACE, replace(request(State.PLANNING), plan=None), button="typed")
    assert refused(ruling, RulingReason.NOT_YOURS_YET)


# --- delete now ------------------------------------------------------------------------------


def test_what_one_asked_for_oneself_is_deleted_at_once() -> None:
    ruling = judged(DELETE_NOW, ADA, request(State.DONE))
    assert (ruling.reason, ruling.create_clean_up) == (RulingReason.DELETES_OWN, True)


def test_the_deletion_of_what_another_person_asked_for_is_only_asked_for() -> None:
    ruling = judged(DELETE_NOW, GRACE, request(State.DONE))
    assert (ruling.reason, ruling.create_clean_up) == (RulingReason.ASKS_TO_DELETE, True)


def test_who_may_not_ask_may_not_ask_for_a_deletion_either() -> None:
    assert not judged(DELETE_NOW, ADA, request(State.DONE), under=rules(may={})).acts
    assert not judged(DELETE_NOW, BARBARA, request(State.DONE)).acts


@pytest.mark.parametrize("state", [each for each in State if each is not State.DONE])
def test_only_what_is_done_is_deleted_early(state: State) -> None:
    assert refused(judged(DELETE_NOW, ADA, request(state)), RulingReason.NOTHING_TO_DELETE)
