"""The rules of who may decide, said a second time and naively: what the walk is held against."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import Circle, Rule
from bot.requests.model import RequestPlan


def matching(plan: RequestPlan, rules: Iterable[Rule]) -> list[Rule]:
    """Every rule that speaks of the plan; none where only tagged ones do.

    Of a plan that leaves its region unallowed: every rule for its action and subscription.
    """
    every = list(rules)
    found = [rule for rule in every if _speaks_of(rule, plan)]
    plain = [rule for rule in found if not rule.tags]
    leaves = plan.region != plan.target_region
    if plain and leaves and plan.target_region not in {r for x in plain for r in x.target_regions}:
        return [rule for rule in every if _is_for(rule, plan)]
    return found if plain else []


def _is_for(rule: Rule, plan: RequestPlan) -> bool:
    if rule.actions and plan.action not in rule.actions:
        return False
    return not rule.subscriptions or plan.subscription_id in rule.subscriptions


def _speaks_of(rule: Rule, plan: RequestPlan) -> bool:
    cost = plan.cost.limit_a_month if plan.keep is None else plan.cost.limit_until_expiry
    known = cost if cost is not None else Decimal("Infinity")
    if not _is_for(rule, plan) or known < (rule.cost_at_least or 0):
        return False
    if rule.target_regions and plan.target_region not in rule.target_regions:
        return False
    return not [tag for tag, wanted in rule.tags.items() if plan.vm_tags.get(tag) not in wanted]


def belongs(user_id: str, circle: Circle, groups: Membership) -> bool:
    """As far as anybody can tell."""
    return user_id in circle.users or any(user_id in (groups.get(g) or ()) for g in circle.groups)


def is_fit(person: Person | None) -> bool:
    """Known, and one of the workspace's own people."""
    if person is None:
        return False
    return not (person.is_deleted or person.is_bot or person.is_guest or person.is_stranger)


def decides(
    person: Person | None, requester: str, found: Iterable[Rule], groups: Membership
) -> bool:
    """Whether this person may say yes or no to what the requester asked for."""
    if person is None or person.user_id == requester or not is_fit(person):
        return False
    circles = [demand.circle for rule in found for demand in rule.demands]
    return any(belongs(person.user_id, circle, groups) for circle in circles)


def suffices(user_ids: Iterable[str], found: Iterable[Rule], groups: Membership) -> bool:
    """Whether so many distinct people of each rule said yes."""
    people = set(user_ids)
    demands = [demand for rule in found for demand in rule.demands]
    return bool(demands) and all(
        len([one for one in people if belongs(one, demand.circle, groups)]) >= demand.approvals
        for demand in demands
    )
