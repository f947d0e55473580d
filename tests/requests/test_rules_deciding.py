"""Who may ask and who may decide: every reason, and what cannot be read is no."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import ASK, LIST, RESTORE, Circle, RequestRules
from bot.requests.approval.rulings import Ruling, RulingReason
from bot.requests.approval.who_may import (
    begin_check,
    counted_approvals,
    may_ask,
    may_decide,
    still_allowed,
    still_needed,
    tally,
)
from tests.requests.rule_samples import (
    ADA,
    APPROVERS,
    BARBARA,
    DBAS,
    ENGINEERS,
    GRACE,
    GROUPS,
    LINUS,
    NOW,
    REQUESTER,
    approval,
    demand,
    like,
    rule,
    rules,
)

UNFIT = [
    (None, RulingReason.PERSON_UNREADABLE),
    (like(GRACE, user_id=""), RulingReason.PERSON_UNREADABLE),
    (like(GRACE, is_deleted=True), RulingReason.DEACTIVATED),
    (like(GRACE, is_bot=True), RulingReason.BOT),
    (like(GRACE, is_stranger=True), RulingReason.STRANGER),
    (like(GRACE, is_guest=True), RulingReason.GUEST),
]


def decides(
    person: Person | None, groups: Membership = GROUPS, allowed: RequestRules | None = None
) -> Ruling:
    said = allowed or rules()
    return may_decide(person, REQUESTER, said.rules[0], groups, said)


# --- asking ----------------------------------------------------------------------------------


def test_a_member_of_a_group_that_may_ask_may_and_reads_why() -> None:
    ruling = may_ask(ADA, ASK, rules(group_names={ENGINEERS: "engineers"}), GROUPS)
    assert (ruling.allowed, ruling.reason) == (True, RulingReason.MAY_ASK)
    assert ruling.why == "member of engineers"
    assert ruling.sentence == "Ada Keller may ask for snapshots: member of engineers."


def test_somebody_whom_the_settings_do_not_name_may_not_ask() -> None:
    ruling = may_ask(BARBARA, ASK, rules(group_names={ENGINEERS: "engineers"}), GROUPS)
    assert (ruling.allowed, ruling.reason) == (False, RulingReason.NOT_A_REQUESTER)
    assert ruling.sentence == (
        "Barbara Lind may not ask for snapshots. Members of engineers may; "
        "[requests.ask] of vmbackup.toml says so."
    )


def test_without_settings_nobody_may_and_the_answer_says_what_to_configure() -> None:
    ruling = may_ask(ADA, RESTORE, RequestRules(), GROUPS)
    assert (ruling.allowed, ruling.reason) == (False, RulingReason.NOBODY_MAY)
    assert "[requests.restore]" in ruling.sentence


@pytest.mark.parametrize(("person", "reason"), UNFIT)
def test_even_where_everybody_may_list_some_may_not(
    person: Person | None, reason: RulingReason
) -> None:
    ruling = may_ask(person, LIST, rules(), GROUPS)
    assert (ruling.allowed, ruling.reason) == (False, reason)


@pytest.mark.parametrize("groups", [{}, {ENGINEERS: None}])
def test_a_group_of_requesters_that_cannot_be_read_is_no(groups: Membership) -> None:
    ruling = may_ask(ADA, ASK, rules(), groups)
    assert (ruling.allowed, ruling.reason) == (False, RulingReason.GROUP_UNREADABLE)
    assert ruling.is_unknown


# --- deciding --------------------------------------------------------------------------------


def test_an_approver_may_decide_and_the_ruling_says_why() -> None:
    ruling = decides(GRACE)
    assert (ruling.allowed, ruling.reason, ruling.why) == (
        True,
        RulingReason.ALLOWED,
        "member of vm-approvers",
    )


def test_an_approver_by_id_may_decide_though_no_group_can_be_read() -> None:
    named = rules(rule("named", demand(APPROVERS, users=[GRACE.user_id])))
    ruling = decides(GRACE, {}, named)
    assert (ruling.allowed, ruling.why) == (True, "named in the settings")


def test_a_member_of_a_group_that_was_read_may_decide_though_another_was_not() -> None:
    both = rules(rule("both", demand(DBAS, APPROVERS)))
    assert decides(GRACE, {**GROUPS, DBAS: None}, both).allowed


@pytest.mark.parametrize(("person", "reason"), UNFIT)
def test_some_never_decide(person: Person | None, reason: RulingReason) -> None:
    ruling = decides(person)
    assert (ruling.allowed, ruling.reason) == (False, reason)


def test_nobody_decides_their_own_request_though_they_are_approvers() -> None:
    assert ADA.user_id in (GROUPS[APPROVERS] or ())
    assert decides(ADA).reason is RulingReason.OWN_REQUEST


def test_an_id_of_the_requester_in_another_workspace_is_still_their_own() -> None:
    assert decides(like(ADA, team_id="T99")).reason is RulingReason.OWN_REQUEST


def test_somebody_who_is_no_approver_reads_who_is() -> None:
    ruling = decides(BARBARA)
    assert (ruling.allowed, ruling.reason) == (False, RulingReason.NOT_AN_APPROVER)
    assert "Members of vm-approvers may; the rule everything says so." in ruling.sentence


def test_a_group_of_approvers_that_cannot_be_read_is_no_and_unknown() -> None:
    ruling = decides(GRACE, {APPROVERS: None})
    assert (ruling.allowed, ruling.reason) == (False, RulingReason.GROUP_UNREADABLE)
    assert "vm-approvers" in ruling.sentence
    assert ruling.is_unknown


def test_nobody_decides_under_a_rule_without_approvers() -> None:
    nobody = rules(rule("nobody", demand()))
    assert decides(GRACE, GROUPS, nobody).reason is RulingReason.NOT_AN_APPROVER


# --- counting --------------------------------------------------------------------------------


def test_only_distinct_people_on_this_revision_and_plan_count() -> None:
    good = approval(GRACE)
    others = (
        good,
        approval(LINUS, revision=0),
        approval(LINUS, plan_hash="of another plan"),
        approval(ADA),
    )
    assert counted_approvals((good, *others), 1, good.plan_hash, REQUESTER) == (good,)


def test_each_demand_of_a_rule_is_met_by_its_own_people() -> None:
    both = rule("both", demand(APPROVERS, approvals=2), demand(DBAS))
    assert tally({GRACE.user_id, LINUS.user_id, BARBARA.user_id}, both, GROUPS).enough
    assert tally({GRACE.user_id, LINUS.user_id}, both, GROUPS).missing == (demand(DBAS),)
    left = still_needed({GRACE.user_id}, both, GROUPS)
    assert left == (demand(APPROVERS), demand(DBAS))


def test_one_person_counts_for_every_demand_whose_people_they_are() -> None:
    both = rule("both", demand(APPROVERS), demand(DBAS, APPROVERS))
    assert tally({GRACE.user_id}, both, GROUPS).enough


def test_what_an_unread_group_might_decide_is_neither_met_nor_missing() -> None:
    counts = tally({GRACE.user_id}, rule(), {})
    assert (counts.enough, counts.missing, counts.unread) == (False, (), (APPROVERS,))
    assert tally({GRACE.user_id}, rule("two", demand(APPROVERS, approvals=2)), {}).missing


# --- at execution ----------------------------------------------------------------------------

PEOPLE = {person.user_id: person for person in (ADA, GRACE, LINUS, BARBARA)}


def holds(
    *by: Person, people: dict[str, Person | None] | None = None, groups: Membership = GROUPS
) -> Ruling:
    approvals = [approval(person) for person in by]
    known = PEOPLE if people is None else people
    return still_allowed(approvals, known, groups, rule(), REQUESTER, rules())


def test_an_approval_holds_while_its_approver_may_decide() -> None:
    assert holds(GRACE).reason is RulingReason.MAY_BEGIN
    assert holds(GRACE).allowed


@pytest.mark.parametrize(
    ("people", "groups", "reason"),
    [
        ({**PEOPLE, "U02GRACE": like(GRACE, is_deleted=True)}, GROUPS, RulingReason.DEACTIVATED),
        (PEOPLE, {APPROVERS: frozenset()}, RulingReason.NOT_AN_APPROVER),
    ],
)
def test_an_approver_who_may_not_any_more_voids_it(
    people: dict[str, Person | None], groups: Membership, reason: RulingReason
) -> None:
    ruling = holds(GRACE, people=people, groups=groups)
    assert (ruling.allowed, ruling.is_unknown, ruling.reason) == (False, False, reason)
    assert "Grace Moreau" in ruling.sentence


@pytest.mark.parametrize(
    ("people", "groups"), [({}, GROUPS), ({"U02GRACE": None}, GROUPS), (None, {APPROVERS: None})]
)
def test_what_cannot_be_read_at_execution_is_unknown_and_not_void(
    people: dict[str, Person | None] | None, groups: Membership
) -> None:
    ruling = holds(GRACE, people=people, groups=groups)
    assert (ruling.allowed, ruling.is_unknown) == (False, True)


def test_one_approver_who_may_not_outweighs_one_who_cannot_be_read() -> None:
    people = {"U02GRACE": None, "U03LINUS": like(LINUS, is_deleted=True)}
    assert holds(GRACE, LINUS, people=people).reason is RulingReason.DEACTIVATED


def test_the_requesters_own_approval_holds_nothing_however_it_came_there() -> None:
    assert holds(ADA).reason is RulingReason.OWN_REQUEST


def test_too_few_approvals_do_not_hold() -> None:
    assert holds().reason is RulingReason.NOT_APPROVED
    two = rule("two", demand(APPROVERS, approvals=2))
    ruling = still_allowed([approval(GRACE)], PEOPLE, GROUPS, two, REQUESTER, rules())
    assert ruling.reason is RulingReason.NOT_APPROVED
    assert "1 person of members of vm-approvers" in ruling.sentence


def test_a_rule_that_demands_nothing_holds_nothing() -> None:
    empty = replace(rule(), demands=())
    ruling = still_allowed([approval(GRACE)], PEOPLE, GROUPS, empty, REQUESTER, rules())
    assert not ruling.allowed


def test_where_an_earlier_approvers_group_is_unread_it_is_unknown_by_demand() -> None:
    """Barbara is named and may decide, but whether she is a DBA too cannot be read."""
    both = rule("both", demand(APPROVERS, users=[BARBARA.user_id]), demand(DBAS))
    ruling = still_allowed(
        [approval(BARBARA)], PEOPLE, {**GROUPS, DBAS: None}, both, REQUESTER, rules()
    )
    assert ruling.reason is RulingReason.GROUP_UNREADABLE


def test_an_approval_begins_until_the_last_moment_and_not_at_the_end_of_it() -> None:
    hour = timedelta(hours=1)
    assert begin_check(NOW, hour, NOW + hour - timedelta(microseconds=1)).allowed
    late = begin_check(NOW, hour, NOW + hour)
    assert (late.allowed, late.reason) == (False, RulingReason.APPROVAL_TOO_OLD)
    assert "within 1 h" in late.sentence
    assert begin_check(None, hour, NOW).reason is RulingReason.APPROVAL_TOO_OLD


def test_a_circle_says_itself_to_people() -> None:
    said = rules()
    assert said.circle_words(Circle()) == "nobody"
    assert said.circle_words(Circle(everybody=True)) == "everybody"
    circle = Circle(groups=(APPROVERS, DBAS), users=("U1", "U2"))
    assert said.circle_words(circle) == "members of vm-approvers or S02DBAS, U1 or U2"
