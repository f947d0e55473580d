"""Planning: the worker reads the requester and the VM, makes the plan and finds its rule.

The state ends with a card that waits for approvers, with an approval that nobody needs to give,
or with a refusal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.messages import request_notes as notes
from bot.requests.action import Effect
from bot.requests.approval.choose_rule import choose_rule, may_post, needs_approval, no_rule, ruled
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import Rule
from bot.requests.approval.who_may import may_ask
from bot.requests.changes import AuditEntry, Change, LiveElsewhere, Note, OverBudget, UsedUp
from bot.requests.model import Request, RequestPlan
from bot.requests.states import State
from bot.workflow import transitions
from bot.workflow.break_glass import approve_by_break_glass
from bot.workflow.deletion import deletion_refused
from bot.workflow.lease import Lease
from bot.workflow.plan_request import PlannedRequest, make_plan
from bot.workflow.ports import NotNow, Ports
from bot.workflow.refused import Refused, require
from bot.workflow.reservation import reservation_for, why_over


async def handle_planning(ports: Ports, request: Request, lease: Lease) -> None:
    """Make the plan and put it before the approvers. Raises NotNow."""
    try:
        change = await _plan(ports, request)
    except Refused as refusal:
        change = transitions.refused(request, refusal.why)
        if request.row.facts.effect is Effect.DELETES:
            change = await deletion_refused(ports, request, refusal.why)
    await lease.hold()
    try:
        await ports.store.move(request, change, lease.token)
    except LiveElsewhere as other:
        await _point_to(ports, request, other.request_id, lease)
    except (OverBudget, UsedUp) as over:
        await ports.store.move(request, transitions.refused(request, why_over(over)), lease.token)


async def _plan(ports: Ports, request: Request) -> Change:
    groups = await ports.people.groups(ports.rules.group_ids)
    requester = await _read_requester(ports, request, groups)
    now = await ports.store.now()
    plan = await make_plan(ports, request, request.revision, now)
    if request.row.facts.is_approved_before(request, plan):
        return _without_approval(request, plan, None, "It was planned so when it was made.")
    planned = PlannedRequest(
        request=request, requester=requester, groups=groups, plan=plan, now=now
    )
    return await _under_rule(ports, planned)


async def _read_requester(ports: Ports, request: Request, groups: Membership) -> Person | None:
    """The requester, read from Slack; None where vmbackup itself asks. Raises Refused, NotNow."""
    if not request.requester.user_id:
        return None
    person = await ports.people.person(request.requester.user_id)
    if request.row.facts.effect is not Effect.DELETES:  # a deletion was judged with its button
        require(may_ask(person, request.row.facts.privilege, ports.rules, groups))
    return person


async def _under_rule(ports: Ports, planned: PlannedRequest) -> Change:
    request, rule = planned.request, choose_rule(planned.plan, ports.rules)
    if rule is None:
        raise Refused(no_rule(planned.plan, ports.rules).sentence)
    plan = ruled(planned.plan, rule.name, ports.rules.digest)
    if request.wish.break_glass:
        return await approve_by_break_glass(ports, replace(planned, plan=plan), rule)
    require(may_post(rule, await ports.people.channel(rule.channel)))
    reserve = reservation_for(ports, planned.requester, planned.groups, plan, planned.now)
    if not needs_approval(rule, plan):
        change = _without_approval(request, plan, rule, _why_no_approval(rule))
        button = {"button": ports.new_token()}  # to cancel, to resume, to clean up
        return replace(change, reserve=reserve, fields={**change.fields, **button})
    return Change(
        to=State.WAITING,
        entry=AuditEntry(kind="planned", detail=transitions.audited_plan(plan)),
        fields={
            "plan": plan,
            "channel_id": rule.channel,
            "button": ports.new_token(),
            "decide_by": planned.now + rule.wait,
        },
        reserve=reserve,
        new_card=True,
        wake_in=transitions.first_check(rule),
    )


def _without_approval(request: Request, plan: RequestPlan, rule: Rule | None, why: str) -> Change:
    """A plan that needs no approval is approved at once; the card, where it has one, says why."""
    planned = replace(request, plan=plan)
    fields: dict[str, Any] = {"plan": plan, "why": why}
    thread: tuple[Note, ...] = ()
    if rule is not None:
        fields["channel_id"] = rule.channel
        thread = (
            transitions.thread(
                f"free-{plan.revision}",
                lambda head: transitions.body(notes.without_approval(planned, why, head)),
            ),
        )
    return Change(
        to=State.APPROVED,
        entry=AuditEntry(
            kind="needs no approval", detail={"why": why, **transitions.audited_plan(plan)}
        ),
        fields=fields,
        notes=thread,
        new_card=rule is not None,
    )


def _why_no_approval(rule: Rule) -> str:
    return f"The rule {rule.name} asks for none below its cost and life."


async def _point_to(ports: Ports, request: Request, first_id: str, lease: Lease) -> None:
    """A VM has one live request for each action: the requester is shown the first."""
    first = await ports.store.get(first_id)
    if first is None:
        raise NotNow(f"{first_id} is under way and could not be read.")
    why = f"{first_id} is under way for the same."
    change = replace(
        transitions.refused(request, why),
        notes=transitions.whisper("pointed", request, notes.pointed_to(first, request.requester)),
    )
    await ports.store.move(request, change, lease.token)
