"""Which rule holds: by action, place, tags and cost; the strictest of all that match."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.requests.action import Action
from bot.requests.approval.choose_rule import (
    channel_ruling,
    choose_rule,
    may_post,
    needs_approval,
    no_rule,
)
from bot.requests.approval.rules import Rule, WithoutApproval, limit_of
from bot.requests.approval.rulings import RulingReason
from bot.requests.approval.who_may import tally
from bot.requests.model import RequestPlan
from tests.requests.rule_samples import APPROVERS, DBAS, HOUR, demand, plan, rule, rules
from tests.requests.rule_strategies import GROUP_IDS, PLANS, RULES, USERS, memberships

FREE = WithoutApproval(cost_below=Decimal(2), keep_at_most=timedelta(days=3))


def chosen(of: RequestPlan, *some: Rule) -> Rule | None:
    return choose_rule(of, rules(*some))


@pytest.mark.parametrize(
    ("by", "matches"),
    [
        ({}, True),
        ({"actions": frozenset({Action.SNAPSHOT})}, True),
        ({"actions": frozenset({Action.COPY})}, False),
        ({"subscriptions": ("s-2", "s-1")}, True),
        ({"subscriptions": ("s-2",)}, False),
        ({"resource_groups": ("web",)}, True),
        ({"resource_groups": ("data",)}, False),
        ({"cost_at_least": Decimal("1.20")}, True),
        ({"cost_at_least": Decimal("1.21")}, False),
    ],
)
def test_a_rule_is_chosen_by_action_place_and_cost(by: dict[str, Any], matches: bool) -> None:
    assert (chosen(plan(), rule(**by)) is not None) is matches


def test_a_cost_that_nobody_knows_is_above_every_threshold() -> None:
    dear = rule("dear", cost_at_least=Decimal(10**9))
    assert chosen(plan(until_expiry=None), dear) is not None
    assert chosen(plan(currency="EUR"), dear) is not None


def test_what_is_kept_without_an_end_counts_by_the_month() -> None:
    assert limit_of(plan(keep=None)) == Decimal(12)
    assert limit_of(plan(keep=None, a_month=None)) is None
    assert limit_of(plan()) == Decimal("1.20")


@pytest.mark.parametrize(
    ("tags", "matches"),
    [
        ({"Tier": "Gold", "ENV": "prod"}, True),
        ({"tier": "silver", "env": "prod", "more": "x"}, True),
        ({"Tier": "Gold"}, False),
        ({"Tier": "bronze", "env": "prod"}, False),
        ({}, False),
    ],
)
def test_tags_match_in_any_case_and_need_every_tag_and_one_value_of_each(
    tags: dict[str, str], matches: bool
) -> None:
    tagged = rule("tagged", demand(DBAS), tags={"tier": ("gold", "silver"), "env": ("prod",)})
    found = chosen(plan(vm_tags=tags), rule(), tagged)
    assert found is not None
    assert (demand(DBAS) in found.demands) is matches


def test_a_rule_with_tags_never_stands_alone() -> None:
    """Whoever may tag a VM would otherwise allow themselves what nobody may."""
    tagged = rule("tagged", tags={"mine": ("yes",)})
    assert chosen(plan(vm_tags={"mine": "yes"}), tagged) is None


def test_no_rule_says_what_to_configure() -> None:
    ruling = no_rule(plan(), rules())
    assert (ruling.allowed, ruling.reason) == (False, RulingReason.NO_RULE)
    for word in ("web-01", "s-1", "Web", "[[requests.rules]]"):
        assert word in ruling.sentence


def test_of_two_rules_everything_strict_holds() -> None:
    one = rule("one", wait=8 * HOUR, external_channel=True, without_approval=FREE, channel="C1")
    two = rule(
        "two", demand(DBAS, approvals=2), wait=4 * HOUR, reminders=(HOUR, 3 * HOUR), channel="C2"
    )
    found = chosen(plan(), one, two)
    assert found is not None
    assert (found.name, found.channel, found.wait) == ("two + one", "C2", 4 * HOUR)
    assert (found.external_channel, found.without_approval) == (False, None)
    assert found.demands == (demand(DBAS, approvals=2), demand(APPROVERS))
    assert (found.approvals, found.approver_groups) == (2, (DBAS, APPROVERS))
    assert found.reminders == (HOUR, 3 * HOUR)


def test_of_two_demands_for_the_same_people_the_larger_holds() -> None:
    found = chosen(plan(), rule("a"), rule("b", demand(APPROVERS, approvals=2)))
    assert found is not None
    assert found.demands == (demand(APPROVERS, approvals=2),)


def test_the_order_in_the_file_changes_nothing() -> None:
    one, two = rule("one", channel="C1"), rule("two", demand(DBAS), channel="C2")
    assert chosen(plan(), one, two) == chosen(plan(), two, one)


def test_a_deletion_goes_where_a_rule_of_any_action_would_send_it() -> None:
    found = chosen(plan(action=Action.DELETE), rule(actions=frozenset({Action.SNAPSHOT})))
    assert found is not None


# --- without approval ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "needed"),
    [
        (plan(until_expiry="1.99"), False),
        (plan(until_expiry="2"), True),
        (plan(until_expiry="1", keep=timedelta(days=3, minutes=1)), True),
        (plan(until_expiry=None), True),
        (plan(keep=None, a_month="0.01"), True),
        (plan(currency="EUR"), True),
    ],
)
def test_approval_is_needed_from_the_cost_or_beyond_the_life(of: RequestPlan, needed: bool) -> None:
    assert needs_approval(rule(without_approval=FREE), of) is needed
    assert needs_approval(rule(), of)


def test_of_two_lives_and_costs_without_approval_the_lesser_hold() -> None:
    long = WithoutApproval(cost_below=Decimal(1), keep_at_most=timedelta(days=9), per_vm_a_day=2)
    found = chosen(
        plan(), rule("a", without_approval=FREE), rule("b", demand(DBAS), without_approval=long)
    )
    assert found is not None
    assert found.without_approval == WithoutApproval(
        cost_below=Decimal(1), keep_at_most=timedelta(days=3), per_vm_a_day=2
    )


def test_what_was_spent_before_an_extension_counts_for_its_rule() -> None:
    of = plan(until_expiry="1.20")
    longer = replace(of, cost=replace(of.cost, limit_before=Decimal(1)))
    assert not needs_approval(rule(without_approval=FREE), of)
    assert needs_approval(rule(without_approval=FREE), longer)
    dear = rule("dear", demand(DBAS), cost_at_least=Decimal(2))
    found = chosen(longer, rule(), dear)
    assert found is not None
    assert demand(DBAS) in found.demands
    unknown = replace(of, cost=replace(of.cost, limit_before=None))
    assert needs_approval(rule(without_approval=FREE), unknown)


# --- the channel -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    exists: bool = True
    is_member: bool = True
    is_ext_shared: bool = False
    is_archived: bool = False


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (Facts(), RulingReason.CHANNEL_FINE),
        (None, RulingReason.CHANNEL_UNREADABLE),
        (Facts(exists=False), RulingReason.CHANNEL_MISSING),
        (Facts(is_archived=True), RulingReason.CHANNEL_ARCHIVED),
        (Facts(is_member=False), RulingReason.CHANNEL_NOT_JOINED),
        (Facts(is_ext_shared=True), RulingReason.CHANNEL_EXTERNAL),
    ],
)
def test_a_card_is_posted_only_where_the_bot_is_and_strangers_are_not(
    facts: Facts | None, reason: RulingReason
) -> None:
    ruling = may_post(rule(), facts)
    assert (ruling.allowed, ruling.reason) == (reason is RulingReason.CHANNEL_FINE, reason)


def test_a_shared_channel_is_allowed_where_the_rule_says_so() -> None:
    assert may_post(rule(external_channel=True), Facts(is_ext_shared=True)).allowed
    assert not channel_ruling(
        "break-glass", "C1", Facts(is_ext_shared=True), external=False
    ).allowed


# --- laws ------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    PLANS,
    st.lists(RULES, max_size=4),
    RULES,
    st.frozensets(USERS, max_size=4),
    memberships(),
)
def test_one_rule_more_never_lets_through_what_was_not_without_it(
    of: RequestPlan, some: list[Rule], more: Rule, people: frozenset[str], groups: dict[str, Any]
) -> None:
    """Unless it is the first without tags that matches: then something is allowed at all.

    Or it names the region that the data goes to, which allows this region.
    """
    before, after = choose_rule(of, rules(*some)), choose_rule(of, rules(*some, more))
    allows = of.target_region != of.region and of.target_region in more.target_regions
    if before is None or not some or (allows and not more.tags):
        return
    assert after is not None
    assert needs_approval(after, of) or not needs_approval(before, of)
    assert tally(people, before, groups).enough or not tally(people, after, groups).enough
    assert after.wait <= before.wait
    assert before.external_channel or not after.external_channel


@settings(max_examples=100, deadline=None)
@given(PLANS, st.lists(RULES, min_size=1, max_size=4), st.frozensets(USERS, max_size=4))
def test_the_tags_of_a_vm_never_loosen_what_holds_without_them(
    of: RequestPlan, some: list[Rule], people: frozenset[str]
) -> None:
    bare, groups = replace(of, vm_tags={}), {group: frozenset(people) for group in GROUP_IDS}
    without, tagged = choose_rule(bare, rules(*some)), choose_rule(of, rules(*some))
    assert (without is None) is (tagged is None)
    if without is None or tagged is None:
        return
    assert needs_approval(tagged, of) or not needs_approval(without, bare)
    assert tally(people, without, groups).enough or not tally(people, tagged, groups).enough
