"""Break-glass: who may take a snapshot without approval, and when its review is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from advisor.quantities import format_duration
from advisor.words import counted, duration
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import BreakGlass, RequestRules
from bot.requests.approval.rulings import Ruling, RulingReason, no
from bot.requests.approval.who_may import belongs, name_of, unfit
from bot.requests.model import RequestPlan
from bot.requests.request import Request

#: The time in which `per_week` is counted: any seven days, so that no Monday doubles it.
WEEK = timedelta(days=7)
#: Break-glass decides the first revision of the plan, and no later one.
BREAK_GLASS_REVISION = 1


def may_break_glass(
    person: Person | None,
    plan: RequestPlan,
    used_this_week: int,
    rules: RequestRules,
    groups: Membership,
) -> Ruling:
    """Whether the person may have this plan carried out now and reviewed afterwards.

    `used_this_week` counts the person's break-glass requests of the last `WEEK`, without this one.
    """
    terms = rules.break_glass
    if terms is None:
        return no(RulingReason.NO_BREAK_GLASS)
    reasons = (RulingReason.BREAK_GLASS, RulingReason.NOT_FOR_BREAK_GLASS)
    who = unfit(person) or belongs(person, terms.circle, rules, groups, reasons)
    if not who.allowed or person is None:
        return who
    return _against(plan, terms, rules) or _used_up(person, used_this_week, terms) or who


def review_deadline(taken_at: datetime, terms: BreakGlass) -> datetime:
    """The time by which another person has to review the request."""
    return taken_at + terms.look_within


def break_glass_decides(request: Request) -> bool:
    """Whether break-glass decides the current revision of the request.

    A later revision needs approval like any other; the review stays due for what was made before.
    """
    is_break_glass = request.wish.break_glass and request.look_by is not None
    return is_break_glass and request.revision == BREAK_GLASS_REVISION


def must_escalate(request: Request, now: datetime) -> bool:
    """Whether the deadline of the review has passed without a review."""
    return request.look_by is not None and not request.looked_by and now >= request.look_by


def _against(plan: RequestPlan, terms: BreakGlass, rules: RequestRules) -> Ruling | None:
    facts = rules.facts.get(plan.action)
    if facts is None or not facts.may_break_glass:
        return no(RulingReason.SNAPSHOT_ONLY)
    longest, shortest = terms.keep_at_most, min(terms.look_within, terms.keep_at_most)
    if plan.keep is None or plan.keep > longest:
        flag = format_duration(longest)
        return no(RulingReason.KEPT_TOO_LONG, longest=duration(longest), flag=flag)
    if plan.keep < shortest:  # else it expires before its review is due
        flag = format_duration(shortest)
        return no(RulingReason.KEPT_TOO_SHORT, shortest=duration(shortest), flag=flag)
    return None


def _used_up(person: Person, used: int, terms: BreakGlass) -> Ruling | None:
    if used < terms.per_week:
        return None
    return no(
        RulingReason.USED_UP,
        who=name_of(person),
        used=counted(used, "time"),
        per_week=counted(terms.per_week, "time"),
    )
