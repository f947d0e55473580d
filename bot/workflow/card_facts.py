"""What a card says besides the request: the rule, why it holds, open demands, the budget left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from advisor.model import ZERO
from advisor.words import listed, money
from bot.database.budgets import Reserved
from bot.database.store import Store
from bot.messages.request_words import CardFacts
from bot.requests.approval.break_glass import break_glass_decides
from bot.requests.approval.choose_rule import choose_rule, why_it_holds
from bot.requests.approval.people import Membership
from bot.requests.approval.rules import RequestRules, Rule
from bot.requests.approval.who_may import counted_approvals, still_needed, tally
from bot.requests.model import Approval, RequestPlan
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow.ports import ReadsPeople


async def card_facts(
    store: Store,
    people: ReadsPeople,
    request: Request,
    approvals: Sequence[Approval],
    rules: RequestRules,
) -> CardFacts:
    """The facts of a request as it stands; empty where no rule holds any more.

    Raises DatabaseUnreachable. Slack is read only where the rule has several demands: which of
    them an approval meets depends on the groups of its approver.
    """
    plan = request.plan
    rule = choose_rule(plan, rules) if plan else None
    if plan is None or rule is None:
        return CardFacts()
    facts = replace(
        facts_of(rule),
        why_rule=why_it_holds(plan, rules),
        budget=budget_words(await store.reserved_for(request.id), rules),
    )
    if break_glass_decides(request):
        return replace(facts, approvals_needed=0)
    if request.state is not State.WAITING or len(rule.demands) < 2:
        return facts
    given = approvers(request, plan, approvals)
    groups = await people.groups(rule.approver_groups) if given else {}
    return replace(facts, still_needed=_needed(given, rule, groups, rules))


def facts_of(rule: Rule) -> CardFacts:
    """What a card says of the rule that holds."""
    return CardFacts(
        rule_name=rule.name,
        approver_groups=rule.approver_groups,
        approver_users=rule.approver_users,
        approvals_needed=max(rule.approvals, 1),
    )


def approvers(
    request: Request, plan: RequestPlan, approvals: Iterable[Approval]
) -> tuple[str, ...]:
    """Who approved this very plan, each once."""
    counted = counted_approvals(approvals, request.revision, plan_hash(plan), request.requester)
    return tuple(one.user_id for one in counted)


def _needed(given: Sequence[str], rule: Rule, groups: Membership, rules: RequestRules) -> str:
    """The demands that are open, in words; a group that Slack does not show is named."""
    unread = tally(given, rule, groups).unread
    if unread:
        named = listed(map(rules.group_name, unread))
        return f"not known, because Slack does not say now who belongs to {named}"
    return rules.demand_words(still_needed(given, rule, groups)) or "nobody; press once more"


def budget_words(reserved: Reserved | None, rules: RequestRules) -> str:
    """`With this, the team shop has 41.20 USD left of its 100.00 USD for November`."""
    team = next((one for one in rules.teams if reserved and one.name == reserved.team), None)
    if reserved is None or team is None or team.currency != reserved.currency:
        return ""
    left = money(max(team.a_month - reserved.total, ZERO), team.currency)
    month = f"{datetime.strptime(reserved.month, '%Y-%m'):%B}"  # noqa: DTZ007  a month, no time
    return (
        f"With this, the team {team.name} has {left} left of its "
        f"{money(team.a_month, team.currency)} for {month}"
    )
