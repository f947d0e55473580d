"""The money of a team's month that a plan reserves, and the sentence where it does not fit."""

from __future__ import annotations

from datetime import datetime

from advisor.model import ZERO
from bot.requests.approval.budget import month_of, team_of, within_budget
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import limit_of
from bot.requests.changes import OverBudget, Reserve, UsedUp
from bot.requests.model import RequestPlan
from bot.workflow.ports import Ports
from bot.workflow.refused import require


def reservation_for(
    ports: Ports, requester: Person | None, groups: Membership, plan: RequestPlan, now: datetime
) -> Reserve | None:
    """What the plan takes of the team's month at the most; None where no budget applies.

    The store compares it with what other requests reserved, in the same transaction. Raises
    Refused, and NotNow where Slack does not say which team pays.
    """
    paying = team_of(requester, ports.rules, groups)
    if paying.refused is not None:
        require(paying.refused)
    require(within_budget(paying.team, plan, ZERO))
    cost = limit_of(plan)
    if paying.team is None or cost is None:
        return None
    return Reserve(
        team=paying.team.name,
        month=month_of(now),
        amount=cost,
        currency=paying.team.currency,
        limit=paying.team.a_month,
    )


def why_over(over: OverBudget | UsedUp) -> str:
    """Why the store refused the change, for the requester."""
    if isinstance(over, UsedUp):
        return "The glass was broken too often this week. Ask in the usual way."
    left = max(over.limit - over.reserved, ZERO)
    return (
        f"Of the team's {over.limit} a month only {left} are left. Keep it shorter, wait for the "
        "next month, or ask for a larger budget."
    )
