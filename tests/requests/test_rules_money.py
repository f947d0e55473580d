"""Budgets and break-glass: whose team pays, what still fits, and who may go ahead at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.requests.action import Action
from bot.requests.approval.break_glass import look_by, may_break_glass, must_escalate
from bot.requests.approval.budget import fits, month_of, team_of, within_budget
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rulings import RulingReason
from bot.requests.model import RequestPlan
from tests.requests.rule_samples import (
    ADA,
    BARBARA,
    DBAS,
    ENGINEERS,
    GLASS,
    GRACE,
    GROUPS,
    HOUR,
    NOW,
    like,
    plan,
    request,
    rules,
    team,
)

# --- budgets ---------------------------------------------------------------------------------


def test_the_first_team_of_the_file_that_somebody_is_in_pays() -> None:
    teams = rules(teams=(team("web", "10", "USD", ENGINEERS), team("rest")))
    paying = [team_of(person, teams, GROUPS).team for person in (ADA, BARBARA)]
    assert [one and one.name for one in paying] == ["web", "rest"]


def test_who_is_in_no_team_has_no_budget() -> None:
    paying = team_of(BARBARA, rules(teams=(team("web", "10", "USD", ENGINEERS),)), GROUPS)
    assert (paying.team, paying.refused) == (None, None)
    assert within_budget(None, plan(until_expiry=None), Decimal(0)).reason is RulingReason.NO_BUDGET


def test_a_team_whose_people_cannot_be_read_is_not_passed_over() -> None:
    teams = rules(teams=(team("web", "10", "USD", ENGINEERS), team("rest")))
    paying = team_of(ADA, teams, {})
    assert paying.team is None
    assert paying.refused is not None
    assert paying.refused.reason is RulingReason.GROUP_UNREADABLE


def test_somebody_whom_slack_does_not_describe_has_no_team() -> None:
    refused = team_of(None, rules(teams=(team(),)), GROUPS).refused
    assert refused is not None
    assert refused.is_unknown


def test_the_month_is_that_of_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert month_of(datetime(2026, 12, 1, 1, 30, tzinfo=east)) == "2026-11"
    assert month_of(datetime(2026, 12, 1, tzinfo=UTC)) == "2026-12"


@pytest.mark.parametrize(
    ("reserved", "cost", "reason"),
    [
        ("0", "10", RulingReason.WITHIN_BUDGET),
        ("8.80", "1.20", RulingReason.WITHIN_BUDGET),
        ("8.81", "1.20", RulingReason.OVER_BUDGET),
        ("12", "0.01", RulingReason.OVER_BUDGET),
        ("0", None, RulingReason.COST_UNKNOWN),
    ],
)
def test_a_plan_fits_up_to_the_last_cent(
    reserved: str, cost: str | None, reason: RulingReason
) -> None:
    ruling = within_budget(team(), plan(until_expiry=cost), Decimal(reserved))
    assert (ruling.allowed, ruling.reason) == (reason is RulingReason.WITHIN_BUDGET, reason)


def test_what_does_not_fit_says_how_much_is_left() -> None:
    ruling = within_budget(team(), plan(), Decimal("9.50"))
    assert ruling.sentence.startswith(
        "It costs up to 1.20 USD, and of the budget of web only 0.50 USD of 10.00 USD are left"
    )


def test_another_currency_is_not_compared() -> None:
    ruling = within_budget(team(currency="EUR"), plan(), Decimal(0))
    assert (ruling.allowed, ruling.reason) == (False, RulingReason.OTHER_CURRENCY)


AMOUNTS = st.decimals(0, 1000, places=2)


@given(AMOUNTS, AMOUNTS, st.lists(AMOUNTS, max_size=10))
def test_what_is_reserved_one_after_the_other_never_exceeds_the_limit(
    limit: Decimal, first: Decimal, more: list[Decimal]
) -> None:
    reserved = Decimal(0)
    for amount in (first, *more):
        if fits(limit, reserved, amount):
            reserved += amount
    assert reserved <= limit
    assert not fits(limit, reserved, limit - reserved + Decimal("0.01"))
    assert not fits(limit, reserved, Decimal(-1))
    assert not fits(limit, reserved, None)


# --- break-glass -----------------------------------------------------------------------------

SHORT = plan(keep=24 * HOUR)
WITH_GLASS = rules(break_glass=GLASS)


@pytest.mark.parametrize(
    ("person", "of", "used", "groups", "reason"),
    [
        (ADA, SHORT, 1, GROUPS, RulingReason.BREAK_GLASS),
        (GRACE, SHORT, 0, GROUPS, RulingReason.NOT_FOR_BREAK_GLASS),
        (None, SHORT, 0, GROUPS, RulingReason.PERSON_UNREADABLE),
        (like(ADA, is_guest=True), SHORT, 0, GROUPS, RulingReason.GUEST),
        (ADA, SHORT, 0, {}, RulingReason.GROUP_UNREADABLE),
        (ADA, plan(keep=HOUR, action=Action.RESTORE), 0, GROUPS, RulingReason.SNAPSHOT_ONLY),
        (ADA, plan(keep=24 * HOUR + HOUR), 0, GROUPS, RulingReason.KEPT_TOO_LONG),
        (ADA, plan(keep=None), 0, GROUPS, RulingReason.KEPT_TOO_LONG),
        (ADA, plan(keep=4 * HOUR), 0, GROUPS, RulingReason.BREAK_GLASS),
        (ADA, plan(keep=3 * HOUR), 0, GROUPS, RulingReason.KEPT_TOO_SHORT),
        (ADA, SHORT, 2, GROUPS, RulingReason.USED_UP),
        (ADA, SHORT, 3, GROUPS, RulingReason.USED_UP),
    ],
)
def test_the_glass_is_broken_by_few_for_a_snapshot_of_a_day_seldom(
    person: Person | None, of: RequestPlan, used: int, groups: Membership, reason: RulingReason
) -> None:
    ruling = may_break_glass(person, of, used, WITH_GLASS, groups)
    assert (ruling.allowed, ruling.reason) == (reason is RulingReason.BREAK_GLASS, reason)


def test_without_the_settings_nobody_breaks_the_glass() -> None:
    assert may_break_glass(ADA, SHORT, 0, rules(), GROUPS).reason is RulingReason.NO_BREAK_GLASS


def test_what_is_kept_too_long_says_what_to_type() -> None:
    sentence = may_break_glass(ADA, plan(), 0, WITH_GLASS, GROUPS).sentence
    assert "--keep 24h or less" in sentence


def test_it_is_escalated_once_the_time_for_a_look_is_over_and_nobody_looked() -> None:
    until = look_by(NOW, GLASS)
    assert until == NOW + 4 * HOUR
    assert must_escalate(request(look_by=until), until)
    assert not must_escalate(request(look_by=until), until - HOUR)
    assert not must_escalate(request(look_by=until, looked_by="U02"), until)
    assert not must_escalate(request(), until)


def test_a_team_of_a_group_is_not_everybodys() -> None:
    paying = team_of(BARBARA, rules(teams=(team("dbas", "5", "USD", DBAS),)), GROUPS)
    assert paying.team is not None
    assert team_of(GRACE, rules(teams=(team("dbas", "5", "USD", DBAS),)), GROUPS).team is None
