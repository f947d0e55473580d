"""Budgets: whose team pays, in which month, and whether a plan still fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from advisor.words import money
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import RequestRules, Team, Within, limit_of
from bot.requests.approval.rulings import Ruling, RulingReason, no, yes
from bot.requests.approval.who_may import unfit, unreadable
from bot.requests.model import RequestPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """The team that pays; None: no budget applies, or nobody can tell (`refused` says why)."""

    team: Team | None = None
    refused: Ruling | None = None


def team_of(person: Person | None, rules: RequestRules, groups: Membership) -> Paying:
    """The first team of the file that somebody is in; a group before it that is unread: unknown."""
    against = unfit(person)
    if against is not None or person is None:
        return Paying(refused=against)
    for team in rules.teams:
        within = team.circle.has(person.user_id, groups)
        if within is Within.YES:
            return Paying(team=team)
        if within is Within.UNKNOWN:
            return Paying(refused=unreadable(team.circle.unread(groups), rules))
    return Paying()


def month_of(at: datetime) -> str:
    """`2026-11`: the month, in UTC, whose budget a request is reserved from."""
    return at.astimezone(UTC).strftime("%Y-%m")


def fits(limit: Decimal, reserved: Decimal, amount: Decimal | None) -> bool:
    """Whether an amount fits beside what is reserved; one that nobody knows does not."""
    return amount is not None and amount >= 0 and reserved + amount <= limit


def within_budget(team: Team | None, plan: RequestPlan, reserved: Decimal) -> Ruling:
    """Whether the plan's high end (`limit_of`) fits into what the team has left of the month."""
    if team is None:
        return yes(RulingReason.NO_BUDGET)
    cost = limit_of(plan)
    if cost is None:
        return no(RulingReason.COST_UNKNOWN, team=team.name)
    if plan.cost.currency != team.currency:
        return no(
            RulingReason.OTHER_CURRENCY,
            team=team.name,
            currency=plan.cost.currency,
            budget=team.currency,
        )
    left = max(team.a_month - reserved, Decimal(0))
    fitting = fits(team.a_month, reserved, cost)
    answer, reason = (
        (yes, RulingReason.WITHIN_BUDGET) if fitting else (no, RulingReason.OVER_BUDGET)
    )
    return answer(
        reason,
        team=team.name,
        cost=money(cost, team.currency),
        left=money(left, team.currency),
        budget=money(team.a_month, team.currency),
    )
