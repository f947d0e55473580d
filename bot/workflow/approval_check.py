"""Whether an approval still holds when the steps are about to begin: people, time, deletions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.requests.action import Effect
from bot.requests.approval.break_glass import break_glass_decides, may_break_glass
from bot.requests.approval.choose_rule import needs_approval
from bot.requests.approval.people import Membership, People, SlackThrottled
from bot.requests.approval.rules import Rule
from bot.requests.approval.who_may import begin_check, counted_approvals, may_ask, still_allowed
from bot.requests.model import Approval, RequestPlan
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.workflow.approved_request import ApprovedRequest
from bot.workflow.ports import NotNow
from bot.workflow.refused import Refused, require

_BEING_DELETED = "What it is about is being deleted."


async def require_requester(approved: ApprovedRequest) -> None:
    """Raises Refused where the requester may not ask any more, NotNow where Slack does not say.

    An approval that is too old is void in any case: no worker waits for Slack then.
    """
    ports, request = approved.ports, approved.request
    if not request.requester.user_id:
        return
    user_id = request.requester.user_id
    try:
        people, groups = await _read(approved, (user_id,), _requester_groups(approved))
    except NotNow:
        if approved.is_too_old:
            return
        raise
    person = people[user_id]
    rulings = [may_ask(person, request.row.facts.privilege, ports.rules, groups)]
    if break_glass_decides(request):
        rulings.append(may_break_glass(person, approved.plan, 0, ports.rules, groups))
    for ruling in rulings:
        if not (ruling.is_unknown and approved.is_too_old):
            require(ruling)


def _requester_groups(approved: ApprovedRequest) -> frozenset[str]:
    """The user groups that decide whether the requester may still ask."""
    rules, request = approved.ports.rules, approved.request
    groups = rules.requester_groups(request.row.facts.privilege)
    return groups | rules.break_glass_groups if break_glass_decides(request) else groups


async def _read(
    approved: ApprovedRequest, user_ids: Iterable[str], group_ids: Iterable[str]
) -> tuple[People, Membership]:
    """People and groups, as recent as decisions need. Raises NotNow with the wait Slack names."""
    slack = approved.ports.people
    try:
        groups = await slack.groups(group_ids, fresh=True)
        people = {one: await slack.person(one, fresh=True) for one in user_ids}
    except SlackThrottled as throttled:
        raise NotNow(str(throttled), timedelta(seconds=throttled.seconds)) from throttled
    return people, groups


async def require_no_deletion(approved: ApprovedRequest) -> None:
    """Raises Refused while a deletion is under way of what the request made or is about."""
    about = [one for one in (approved.request.id, approved.plan.of_request) if one]
    live = await approved.ports.store.live_about(about)
    if any(one.row.facts.effect is Effect.DELETES for one in live):
        raise Refused(_BEING_DELETED)


async def read_approvals(approved: ApprovedRequest) -> tuple[Approval, ...]:
    """The approvals of exactly this plan, one a person, without the requester's own."""
    request = approved.request
    stored = await approved.ports.store.approvals(request.id, request.revision)
    return counted_approvals(stored, request.revision, plan_hash(approved.plan), request.requester)


async def why_void(approved: ApprovedRequest, counted: tuple[Approval, ...]) -> tuple[str, ...]:
    """Why the approval holds no longer, as far as people and time go. Raises Refused, NotNow."""
    ports, request = approved.ports, approved.request
    age = begin_check(request.approved_at, ports.rules.begin_within, approved.now)
    if not age.allowed:
        return (age.sentence,)
    if break_glass_decides(request):
        return ()
    rule = approved.rule_for(approved.plan)
    if is_free(request, rule, approved.plan):
        return ()
    people, groups = await _read(approved, [one.user_id for one in counted], rule.approver_groups)
    ruling = still_allowed(counted, people, groups, rule, request.requester, ports.rules)
    if ruling.is_unknown:
        raise NotNow(ruling.sentence)
    return () if ruling.allowed else (ruling.sentence,)


def lacks_approval(
    request: Request, rule: Rule, plan: RequestPlan, counted: tuple[Approval, ...]
) -> bool:
    """Whether the plan needs an approval now and has none, because it needed none before."""
    return not (counted or break_glass_decides(request) or is_free(request, rule, plan))


def is_free(request: Request, rule: Rule, plan: RequestPlan) -> bool:
    """Whether the request went without an approval, and the rule still asks for none."""
    return request.free_at is not None and not needs_approval(rule, plan)
