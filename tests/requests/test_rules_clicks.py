"""What each button comes to: every reason, what is written, and what the clicker reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.composition.actions import action_rows
from bot.requests.action import Action
from bot.requests.approval.clicks import ClickRuling, groups_to_read, judge_click
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import ASK, Circle, RequestRules
from bot.requests.approval.rulings import RulingReason
from bot.requests.model import Approval, ClickKind
from bot.requests.request import Request
from bot.requests.states import FINAL, State
from tests.requests.rule_samples import (
    ADA,
    APPROVERS,
    BARBARA,
    DBAS,
    GRACE,
    GROUPS,
    HOUR,
    LINUS,
    NOW,
    approval,
    click,
    demand,
    like,
    plan,
    request,
    rule,
    rules,
)

TWO = rules(rule("two", demand(APPROVERS, approvals=2)))
DENY, CANCEL = ClickKind.DENY, ClickKind.CANCEL
GO_ON, CLEAN_UP, LOOKED = ClickKind.GO_ON, ClickKind.CLEAN_UP, ClickKind.LOOKED
#: What is typed with the id of a request needs no button of a card.
PRESSED = [kind for kind in ClickKind if kind is not ClickKind.WITHDRAW]


def judged(
    kind: ClickKind = ClickKind.APPROVE,
    by: Person = GRACE,
    of: Request | None = None,
    *,
    approvals: tuple[Approval, ...] = (),
    groups: Membership = GROUPS,
    under: RequestRules | None = None,
    **of_click: Any,
) -> ClickRuling:
    pressed = click(kind, by, **of_click)
    return judge_click(pressed, of or request(), approvals, by, groups, under or rules(), NOW)


def refused(ruling: ClickRuling, reason: RulingReason) -> bool:
    """The reason, an answer, and nothing written."""
    assert ruling.reason is reason
    assert ruling.sentence
    return not ruling.acts


# --- which button ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(ClickKind))
def test_a_button_of_no_request_does_nothing(kind: ClickKind) -> None:
    ruling = judge_click(click(kind), None, (), GRACE, GROUPS, rules(), NOW)
    assert refused(ruling, RulingReason.UNKNOWN_BUTTON)


@pytest.mark.parametrize("kind", list(ClickKind))
def test_a_button_without_a_value_fits_no_request_that_has_none_yet(kind: ClickKind) -> None:
    assert refused(judged(kind, of=request(button=""), button=""), RulingReason.UNKNOWN_BUTTON)


@pytest.mark.parametrize("kind", PRESSED)
def test_a_button_pressed_in_another_channel_does_nothing(kind: ClickKind) -> None:
    assert refused(judged(kind, ADA, channel_id="C02RANDOM"), RulingReason.OTHER_CHANNEL)


@pytest.mark.parametrize("kind", PRESSED)
def test_a_button_of_another_revision_says_look_again(kind: ClickKind) -> None:
    ruling = judged(kind, of=request(button="b-2", revision=2))
    assert refused(ruling, RulingReason.OTHER_REVISION)
    assert "Look at the new card" in ruling.sentence


# --- approve ---------------------------------------------------------------------------------


def test_the_one_approval_that_is_needed_approves() -> None:
    ruling = judged()
    assert (ruling.reason, ruling.add_approval, ruling.move_to, ruling.why_allowed) == (
        RulingReason.ENOUGH,
        True,
        State.APPROVED,
        "member of vm-approvers",
    )


def test_the_first_of_two_is_recorded_and_moves_nothing() -> None:
    ruling = judged(under=TWO)
    assert (ruling.reason, ruling.add_approval, ruling.move_to) == (
        RulingReason.MORE_NEEDED,
        True,
        None,
    )
    assert "Still needed: 1 person of members of vm-approvers." in ruling.sentence


def test_the_second_of_two_distinct_people_approves() -> None:
    ruling = judged(by=LINUS, approvals=(approval(GRACE),), under=TWO)
    assert (ruling.add_approval, ruling.move_to) == (True, State.APPROVED)


def test_the_same_person_twice_is_one() -> None:
    ruling = judged(approvals=(approval(GRACE),), under=TWO)
    assert refused(ruling, RulingReason.ALREADY_APPROVED_BY_YOU)


def test_an_approval_that_suffices_once_a_group_can_be_read_approves_without_a_second_row() -> None:
    ruling = judged(approvals=(approval(GRACE), approval(LINUS)), under=TWO)
    assert (ruling.add_approval, ruling.move_to) == (False, State.APPROVED)


@pytest.mark.parametrize(
    "stale",
    [
        approval(LINUS, revision=0),
        approval(LINUS, plan_hash="0" * 64),
        approval(ADA),
        approval(BARBARA),
    ],
    ids=["another revision", "another plan", "the requester's own", "no approver any more"],
)
def test_approvals_that_do_not_count_do_not_count(stale: Approval) -> None:
    ruling = judged(approvals=(stale,), under=TWO)
    assert (ruling.reason, ruling.move_to) == (RulingReason.MORE_NEEDED, None)


def test_one_person_of_each_group_where_two_rules_hold() -> None:
    both = rules(rule("all"), rule("data", demand(DBAS), tags={"data": ("yes",)}))
    tagged = request(plan=plan(vm_tags={"Data": "Yes"}))
    first = judged(of=tagged, under=both)
    assert (first.reason, first.move_to) == (RulingReason.MORE_NEEDED, None)
    second = judged(by=BARBARA, of=tagged, approvals=(approval(GRACE, tagged),), under=both)
    assert second.move_to is State.APPROVED


@pytest.mark.parametrize("kind", [ClickKind.APPROVE, DENY])
@pytest.mark.parametrize(
    ("by", "reason"),
    [
        (ADA, RulingReason.OWN_REQUEST),
        (BARBARA, RulingReason.NOT_AN_APPROVER),
        (like(GRACE, is_guest=True), RulingReason.GUEST),
        (like(GRACE, is_bot=True), RulingReason.BOT),
        (like(GRACE, is_deleted=True), RulingReason.DEACTIVATED),
        (like(GRACE, is_stranger=True), RulingReason.STRANGER),
    ],
)
def test_who_may_not_decide_neither_approves_nor_denies(
    kind: ClickKind, by: Person, reason: RulingReason
) -> None:
    assert refused(judged(kind, by, text="no"), reason)


@pytest.mark.parametrize("kind", [ClickKind.APPROVE, DENY, GO_ON, CLEAN_UP])
@pytest.mark.parametrize("person", [None, LINUS])
def test_a_clicker_whom_slack_does_not_describe_decides_nothing(
    kind: ClickKind, person: Person | None
) -> None:
    """Nor one who is described by somebody else's account."""
    state = State.HALF_DONE if kind in (GO_ON, CLEAN_UP) else State.WAITING
    pressed = click(kind, GRACE, text="no")
    ruling = judge_click(pressed, request(state), (), person, GROUPS, rules(), NOW)
    assert refused(ruling, RulingReason.PERSON_UNREADABLE)


@pytest.mark.parametrize("kind", [ClickKind.APPROVE, DENY])
def test_a_group_that_cannot_be_read_is_no_and_nothing_is_recorded(kind: ClickKind) -> None:
    assert refused(judged(kind, groups={APPROVERS: None}, text="no"), RulingReason.GROUP_UNREADABLE)


def test_whether_it_is_enough_is_not_guessed_where_the_first_ones_group_is_unread() -> None:
    named = rules(rule("named", demand(APPROVERS, users=[LINUS.user_id], approvals=2)))
    ruling = judged(by=LINUS, approvals=(approval(GRACE),), groups={}, under=named)
    assert refused(ruling, RulingReason.GROUP_UNREADABLE)


def test_without_a_rule_nobody_decides() -> None:
    ruling = judged(under=rules(rule(subscriptions=("other",))))
    assert refused(ruling, RulingReason.NO_RULE)
    assert "[[requests.rules]]" in ruling.sentence


@pytest.mark.parametrize("kind", [ClickKind.APPROVE, DENY])
@pytest.mark.parametrize("decide_by", [NOW, NOW - HOUR, None])
def test_at_the_end_of_the_wait_nobody_decides_any_more(kind: ClickKind, decide_by: Any) -> None:
    assert refused(judged(kind, of=request(decide_by=decide_by), text="no"), RulingReason.EXPIRED)


def test_at_the_last_moment_somebody_still_decides() -> None:
    assert judged(of=request(decide_by=NOW + timedelta(microseconds=1))).acts


@pytest.mark.parametrize("kind", [ClickKind.APPROVE, DENY])
@pytest.mark.parametrize("state", sorted(set(State) - {State.WAITING, State.PLANNING}))
def test_the_second_of_two_at_once_reads_who_was_first(kind: ClickKind, state: State) -> None:
    ruling = judged(kind, LINUS, request(state), approvals=(approval(GRACE),), text="no")
    assert refused(ruling, RulingReason.ALREADY_DECIDED)
    assert "Grace Moreau approved it first." in ruling.sentence


def test_after_a_denial_an_approver_reads_what_became_of_it() -> None:
    ruling = judged(of=request(State.DENIED, why="Linus Berg denied it: not today."))
    assert refused(ruling, RulingReason.ALREADY_DECIDED)
    assert ruling.sentence == "This is decided already: Linus Berg denied it: not today."


def test_while_it_is_planned_there_is_nothing_to_decide() -> None:
    assert refused(judged(of=request(State.PLANNING)), RulingReason.STILL_PLANNED)


@pytest.mark.parametrize("wrong", [None, plan(revision=2)])
def test_a_request_whose_plan_is_of_another_revision_is_not_decided(wrong: Any) -> None:
    assert refused(judged(of=request(plan=wrong)), RulingReason.OTHER_REVISION)


# --- deny ------------------------------------------------------------------------------------


def test_one_denial_with_a_reason_ends_it() -> None:
    ruling = judged(DENY, text="not on a Friday", approvals=(approval(LINUS),), under=TWO)
    assert (ruling.reason, ruling.move_to, ruling.add_approval) == (
        RulingReason.DENIED,
        State.DENIED,
        False,
    )


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_denial_without_a_reason_is_none(text: str) -> None:
    assert refused(judged(DENY, text=text), RulingReason.DENIAL_WITHOUT_REASON)


# --- cancel ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PLANNING, State.WAITING, State.APPROVED])
def test_the_requester_cancels_what_has_not_begun(state: State) -> None:
    ruling = judged(CANCEL, ADA, request(state))
    assert (ruling.reason, ruling.move_to) == (RulingReason.CANCELLED, State.CANCELLED)


def test_the_requester_cancels_though_slack_cannot_be_read() -> None:
    ruling = judge_click(click(CANCEL, ADA), request(), (), None, {}, rules(), NOW)
    assert ruling.move_to is State.CANCELLED


def test_what_runs_is_asked_to_stop_once() -> None:
    first = judged(CANCEL, ADA, request(State.RUNNING))
    assert (first.reason, first.ask_cancel, first.move_to) == (RulingReason.CANCELLING, True, None)
    again = judged(CANCEL, ADA, request(State.RUNNING, cancel_asked_by=ADA.user_id))
    assert refused(again, RulingReason.ALREADY_CANCELLING)


def test_what_is_half_done_is_not_cancelled_but_gone_on_with_or_cleaned_up() -> None:
    assert refused(judged(CANCEL, ADA, request(State.HALF_DONE)), RulingReason.HALF_DONE)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_what_is_over_is_not_cancelled(state: State) -> None:
    assert refused(judged(CANCEL, ADA, request(state)), RulingReason.OVER)


STOPPABLE = (State.APPROVED, State.RUNNING)


@pytest.mark.parametrize("state", sorted(set(State) - set(STOPPABLE)))
@pytest.mark.parametrize("by", [GRACE, BARBARA, like(ADA, team_id="T99")])
def test_nobody_else_cancels(state: State, by: Person) -> None:
    """Nor somebody of another workspace with the same id."""
    assert refused(judged(CANCEL, by, request(state)), RulingReason.NOT_YOURS)


def test_those_who_may_decide_stop_what_is_approved_or_runs() -> None:
    ended = judged(CANCEL, GRACE, request(State.APPROVED))
    assert (ended.move_to, ended.why_allowed) == (State.CANCELLED, "member of vm-approvers")
    stopped = judged(CANCEL, GRACE, request(State.RUNNING))
    assert (stopped.ask_cancel, stopped.why_allowed) == (True, "member of vm-approvers")


def test_of_a_restore_the_answer_says_that_it_is_rolled_back() -> None:
    restore = request(State.RUNNING, row=action_rows()[Action.RESTORE])
    stopped = judged(CANCEL, GRACE, restore)
    assert (stopped.reason, stopped.ask_cancel) == (RulingReason.ROLLING_BACK, True)


@pytest.mark.parametrize("state", STOPPABLE)
@pytest.mark.parametrize(
    ("by", "reason"),
    [
        (BARBARA, RulingReason.NOT_AN_APPROVER),
        (like(GRACE, is_guest=True), RulingReason.GUEST),
        (like(ADA, team_id="T99"), RulingReason.OWN_REQUEST),
    ],
)
def test_who_may_not_decide_stops_nothing(state: State, by: Person, reason: RulingReason) -> None:
    assert refused(judged(CANCEL, by, request(state)), reason)


def test_the_groups_are_read_for_a_stop_by_another_than_the_requester() -> None:
    running = request(State.RUNNING)
    assert groups_to_read(click(CANCEL, GRACE), running, rules()) == {APPROVERS}
    assert groups_to_read(click(CANCEL, ADA), running, rules()) == frozenset()


def test_what_vmbackup_asked_itself_is_cancelled_by_nobody() -> None:
    own = request(requester=replace(request().requester, user_id=""))
    assert refused(judged(CANCEL, like(ADA, user_id=""), own), RulingReason.NOT_YOURS)


# --- half done -------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [ADA, GRACE])
def test_the_requester_and_approvers_go_on_or_clean_up(by: Person) -> None:
    on = judged(GO_ON, by, request(State.HALF_DONE))
    assert (on.reason, on.move_to, on.add_approval) == (RulingReason.GOES_ON, State.APPROVED, False)
    up = judged(CLEAN_UP, by, request(State.HALF_DONE))
    assert (up.reason, up.create_clean_up, up.move_to) == (RulingReason.CLEANS_UP, True, None)


@pytest.mark.parametrize("kind", [GO_ON, CLEAN_UP])
def test_somebody_else_does_neither(kind: ClickKind) -> None:
    assert refused(judged(kind, BARBARA, request(State.HALF_DONE)), RulingReason.NOT_AN_APPROVER)


@pytest.mark.parametrize("kind", [GO_ON, CLEAN_UP])
def test_an_requester_who_may_not_ask_any_more_does_neither(kind: ClickKind) -> None:
    gone = like(ADA, is_deleted=True)
    assert refused(judged(kind, gone, request(State.HALF_DONE)), RulingReason.DEACTIVATED)
    others = rules(may={ASK.table: Circle(groups=(DBAS,))})
    assert refused(
        judged(kind, ADA, request(State.HALF_DONE), under=others), RulingReason.NOT_A_REQUESTER
    )


@pytest.mark.parametrize("kind", [GO_ON, CLEAN_UP])
@pytest.mark.parametrize("state", sorted(set(State) - {State.HALF_DONE}))
def test_only_what_is_half_done_is_gone_on_with(kind: ClickKind, state: State) -> None:
    assert refused(judged(kind, GRACE, request(state)), RulingReason.NOT_HALF_DONE)


# --- break-glass -----------------------------------------------------------------------------


def broken(**more: Any) -> Request:
    wish = replace(request().wish, break_glass=True)
    return request(State.DONE, **{"wish": wish, "look_by": NOW + HOUR} | more)


@pytest.mark.parametrize("look_by", [NOW + HOUR, NOW - HOUR])
def test_somebody_else_who_may_decide_looks_at_it_soon_or_late(look_by: Any) -> None:
    ruling = judged(LOOKED, GRACE, broken(look_by=look_by))
    assert (ruling.reason, ruling.reviewed, ruling.move_to) == (RulingReason.LOOKED, True, None)


@pytest.mark.parametrize(
    ("by", "reason"), [(ADA, RulingReason.OWN_GLASS), (BARBARA, RulingReason.NOT_AN_APPROVER)]
)
def test_neither_the_requester_nor_just_anybody_looks(by: Person, reason: RulingReason) -> None:
    assert refused(judged(LOOKED, by, broken()), reason)


def test_one_look_is_enough() -> None:
    assert refused(
        judged(LOOKED, GRACE, broken(looked_by=LINUS.user_id)), RulingReason.ALREADY_LOOKED
    )


@pytest.mark.parametrize("of", [request(State.DONE), broken(look_by=None)])
def test_only_what_broke_the_glass_is_looked_at(of: Request) -> None:
    assert refused(judged(LOOKED, GRACE, of), RulingReason.NOTHING_TO_LOOK_AT)
