"""Break-glass: a snapshot without approval, announced at once and reviewed afterwards."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import request_notes as notes
from bot.requests.approval.break_glass import WEEK, may_break_glass, review_deadline
from bot.requests.approval.choose_rule import channel_ruling
from bot.requests.approval.rules import BreakGlass, Rule
from bot.requests.changes import AuditEntry, Change, Quota
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow.plan_request import PlannedRequest
from bot.workflow.plan_thread import plan_thread
from bot.workflow.ports import Ports
from bot.workflow.refused import Refused, require
from bot.workflow.reservation import reservation_for
from bot.workflow.transitions import audited_plan, body, thread


async def approve_by_break_glass(ports: Ports, planned: PlannedRequest, rule: Rule) -> Change:
    """The approval that nobody gave, with its card in the channel of the settings.

    Raises Refused, and NotNow where Slack cannot be read.
    """
    terms = await _terms(ports, planned)
    escalates_to, _ = await escalation_channel(ports, terms)
    review_by = review_deadline(planned.now, terms)
    request, user_id = planned.request, planned.request.requester.user_id
    shown = replace(request, plan=planned.plan, look_by=review_by)
    called = (*rule.approver_groups, *rule.approver_users)
    reserve = reservation_for(ports, planned.requester, planned.groups, planned.plan, planned.now)
    plan = await plan_thread(ports, shown, planned.plan, rule, reserve)
    announced = thread("broken-glass", lambda head: body(notes.break_glass(shown, called, head)))
    return Change(
        to=State.APPROVED,
        entry=AuditEntry(
            kind="broke the glass",
            who=user_id,
            detail={**audited_plan(planned.plan), "escalates_to": escalates_to},
        ),
        fields={
            "plan": planned.plan,
            "channel_id": terms.channel,
            "button": ports.new_token(),
            "look_by": review_by,
            "why": "The glass was broken: nobody approved it.",
        },
        notes=(announced, plan),
        quota=Quota(user_id=user_id, since=planned.now - WEEK, most=terms.per_week),
        reserve=reserve,
        new_card=True,
    )


async def is_superseded(ports: Ports, request: Request, change: Change, first: Request) -> bool:
    """Whether a break-glass request takes the place of `first`, which is live for the same.

    It does where nobody decided `first` yet and nothing of it exists; whoever asked for it. One
    that is approved or runs takes the same snapshot already, so it is followed instead.
    """
    breaks_glass = request.wish.break_glass and change.to is State.APPROVED
    if not breaks_glass or first.state is not State.WAITING:
        return False
    return not await ports.store.points(request_id=first.id, alive=True)


async def _terms(ports: Ports, planned: PlannedRequest) -> BreakGlass:
    """The settings of break-glass, where this requester may use them. Raises Refused, NotNow."""
    user_id = planned.request.requester.user_id
    used = await ports.store.break_glass_count(user_id, planned.now - WEEK)
    ruling = may_break_glass(planned.requester, planned.plan, used, ports.rules, planned.groups)
    require(ruling)
    terms = ports.rules.break_glass
    if terms is None:
        raise Refused(ruling.sentence)
    channel = await ports.people.channel(terms.channel)
    require(channel_ruling("break_glass", terms.channel, channel, external=False))
    return terms


async def escalation_channel(ports: Ports, terms: BreakGlass) -> tuple[str, str]:
    """The channel that a missing review is escalated to, and why it is not that of the settings.

    Nothing is posted into a channel that another organisation shares, or that Slack does not
    show; the break-glass channel takes its place.
    """
    facts = await ports.people.channel(terms.escalate_to)
    ruling = channel_ruling("break_glass", terms.escalate_to, facts, external=False)
    return (terms.escalate_to, "") if ruling.allowed else (terms.channel, ruling.sentence)
