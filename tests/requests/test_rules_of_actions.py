"""What the rules of a settings file mean for each action, and nothing for an action they never met.

A later action is played by copying: its facts are given what every new action has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.errors import SettingsUnreadable
from bot.actions.delete.facts import is_approved_before
from bot.composition.actions import action_facts
from bot.requests.action import Action, RuledBy, own_privilege
from bot.requests.approval.break_glass import may_break_glass
from bot.requests.approval.choose_rule import choose_rule, needs_approval, no_rule
from bot.requests.approval.rules import RequestRules, WithoutApproval
from bot.requests.approval.rules_file import load_rules
from bot.requests.approval.rulings import RulingReason
from bot.requests.approval.who_may import may_ask
from bot.requests.model import Kind, Requester
from bot.requests.request import ActionFacts
from tests.requests.rule_samples import (
    ADA,
    APPROVERS,
    DBAS,
    GLASS,
    GROUPS,
    TEAM,
    demand,
    plan,
    request,
    rule,
    rules,
)
from tests.requests.test_rules_file import WHOLE

#: The actions of the time when a rule without `actions` meant all of them; no later one joins.
TODAY = (Action.SNAPSHOT, Action.RESTORE, Action.COPY, Action.EXTEND, Action.DELETE)
NEW = Action.COPY
FREE = WithoutApproval(cost_below=Decimal(9), keep_at_most=timedelta(days=9))
EVERYTHING_OPEN = """
[requests.ask]
everybody = true
[requests.restore]
everybody = true
[[requests.rules]]
name = "everything"
channel = "C01OPS"
approver_users = ["U02GRACE", "U03LINUS"]
without_approval = { cost_below = 1000, keep_at_most = "30d" }
[requests.break_glass]
everybody = true
channel = "C01OPS"
escalate_to = "C09CHIEFS"
"""


def with_a_new_action(**more: object) -> Mapping[Action, ActionFacts]:
    """Today's facts, but copying is an action that came later."""
    today = action_facts()
    new = replace(
        today[NEW],
        privilege=own_privilege(NEW, "ask for a failover"),
        ruled_by=RuledBy.NAMED,
        may_skip_approval=False,
        **more,  # type: ignore[arg-type]
    )
    return {**today, NEW: new}


def read(directory: Path, text: str, facts: Mapping[Action, ActionFacts]) -> RequestRules:
    path = directory / "vmbackup.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path, facts)


# --- today's actions -------------------------------------------------------------------------


def test_a_file_of_before_has_the_digest_that_its_approvals_rest_on(tmp_path: Path) -> None:
    """Worked out by the version before the table of actions."""
    digest = "9aadefa4e6bc46a8b71249ed75d2ba09882923fb134ad3522d7bceaccdbc0e01"
    assert read(tmp_path, WHOLE, action_facts()).digest == digest


@pytest.mark.parametrize("action", TODAY)
def test_a_rule_without_actions_holds_for_every_action_of_today(action: Action) -> None:
    assert choose_rule(plan(action=action), rules(rule())) is not None


@pytest.mark.parametrize("action", TODAY)
def test_a_rule_with_actions_holds_for_these_and_for_deletions(action: Action) -> None:
    named = rule(actions=frozenset({Action.SNAPSHOT, Action.EXTEND}))
    holds = action in (Action.SNAPSHOT, Action.EXTEND, Action.DELETE)
    assert (choose_rule(plan(action=action), rules(named)) is not None) is holds


@pytest.mark.parametrize(
    ("action", "table"),
    [
        (Action.SNAPSHOT, "ask"),
        (Action.COPY, "ask"),
        (Action.EXTEND, "ask"),
        (Action.DELETE, "ask"),
        (Action.RESTORE, "restore"),
    ],
)
def test_each_action_of_today_is_asked_for_by_the_list_that_it_had(
    action: Action, table: str
) -> None:
    assert action_facts()[action].privilege.table == table


@pytest.mark.parametrize("action", [Action.SNAPSHOT, Action.COPY, Action.EXTEND])
def test_what_is_cheap_and_short_goes_without_approval_as_before(action: Action) -> None:
    of = plan(action=action)
    found = choose_rule(of, rules(rule(without_approval=FREE)))
    assert found is not None
    assert not needs_approval(found, of)


@pytest.mark.parametrize("action", [Action.RESTORE, Action.DELETE])
def test_a_restore_and_a_deletion_never_go_by_their_price(action: Action) -> None:
    of = plan(action=action)
    found = choose_rule(of, rules(rule(without_approval=FREE)))
    assert found is not None
    assert needs_approval(found, of)


# --- an action that came later ---------------------------------------------------------------


def test_every_later_action_is_opened_by_its_name_and_by_a_list_of_its_own() -> None:
    facts = action_facts()
    unnamed = {one for one in Action if facts[one].ruled_by is not RuledBy.NAMED}
    shared = {one for one in Action if facts[one].privilege.table != own_privilege(one, "").table}
    assert (unnamed, shared) == (set(TODAY), set(TODAY))


def test_nothing_written_before_opens_a_new_action(tmp_path: Path) -> None:
    """Not a rule for everything, not a list for everybody, not an exemption, not break-glass."""
    open_to_all = read(tmp_path, EVERYTHING_OPEN, with_a_new_action(may_break_glass=False))
    of = plan(action=NEW)
    assert choose_rule(of, open_to_all) is None
    assert no_rule(of, open_to_all).reason is RulingReason.NO_RULE_NAMES_IT
    asked = may_ask(ADA, open_to_all.facts[NEW].privilege, open_to_all, GROUPS)
    assert asked.reason is RulingReason.NOBODY_MAY
    assert f"[requests.may.{NEW}]" in asked.sentence
    glass = may_break_glass(ADA, of, 0, open_to_all, GROUPS)
    assert glass.reason is RulingReason.SNAPSHOT_ONLY


def test_an_action_that_the_rules_were_not_told_of_is_allowed_by_none() -> None:
    assert choose_rule(plan(), rules(facts={})) is None
    glass = may_break_glass(ADA, plan(), 0, rules(facts={}, break_glass=GLASS), GROUPS)
    assert glass.reason is RulingReason.SNAPSHOT_ONLY


def test_a_new_action_is_opened_by_naming_it_in_a_rule_and_in_its_own_list(tmp_path: Path) -> None:
    text = EVERYTHING_OPEN.replace('name = "everything"', f'name = "it"\nactions = ["{NEW}"]')
    text += f"[requests.may.{NEW}]\nusers = ['{ADA.user_id}']\n"
    opened = read(tmp_path, text, with_a_new_action())
    found = choose_rule(plan(action=NEW), opened)
    assert found is not None
    assert found.without_approval is None
    assert may_ask(ADA, opened.facts[NEW].privilege, opened, GROUPS).allowed


def test_a_floor_of_approvals_is_above_whatever_the_rules_say() -> None:
    facts = with_a_new_action(fewest_approvals=2)
    named = rule("one", demand(APPROVERS), actions=frozenset({NEW}))
    found = choose_rule(plan(action=NEW), rules(named, facts=facts))
    assert found is not None
    assert (found.approvals, needs_approval(found, plan(action=NEW))) == (2, True)
    more = rule("more", demand(DBAS, approvals=3), actions=frozenset({NEW}))
    found = choose_rule(plan(action=NEW), rules(named, more, facts=facts))
    assert found is not None
    assert found.demands == (demand(DBAS, approvals=3), demand(APPROVERS))


def test_a_rule_that_cannot_meet_the_floor_of_an_action_is_refused(tmp_path: Path) -> None:
    text = EVERYTHING_OPEN.replace('name = "everything"', f'name = "it"\nactions = ["{NEW}"]')
    with pytest.raises(SettingsUnreadable, match="the rule it wants 3 approvals and names 2"):
        read(tmp_path, text, with_a_new_action(fewest_approvals=3))


def test_a_list_of_its_own_is_refused_for_an_action_that_has_another(tmp_path: Path) -> None:
    text = "[requests.may.snapshot]\neverybody = true\n"
    with pytest.raises(SettingsUnreadable, match=r"stands in \[requests.ask\]"):
        read(tmp_path, text, action_facts())


# --- deletions -------------------------------------------------------------------------------

ADAS = plan(action=Action.DELETE, of_requesters=(ADA.user_id,))


@pytest.mark.parametrize(
    ("by", "of", "is_approved"),
    [
        ("", ADAS, True),
        (ADA.user_id, ADAS, True),
        ("U09OTHER", ADAS, False),
        (ADA.user_id, replace(ADAS, of_requesters=(ADA.user_id, "U09OTHER")), False),
        (ADA.user_id, replace(ADAS, kind=Kind.DISK), False),
        # Its expiry was approved with it; `bot.workflow.disk_expiry` lets no used disk come so far.
        ("", replace(ADAS, kind=Kind.DISK), True),
    ],
    ids=["expired", "one's own", "of somebody else", "of several", "a disk", "an expired disk"],
)
def test_only_what_expired_and_ones_own_points_are_deleted_unasked(
    by: str, of: object, is_approved: bool
) -> None:
    asked = request(requester=Requester(team_id=TEAM, user_id=by), plan=of)
    assert asked.plan is not None
    assert is_approved_before(asked, asked.plan) is is_approved
