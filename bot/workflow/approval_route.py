"""How a planned request is approved: by break-glass, by nobody, or by the approvers of its rule."""

from __future__ import annotations

from dataclasses import replace

from advisor.words import counted
from bot.messages import request_notes as notes
from bot.requests.approval.choose_rule import (
    choose_rule,
    may_post,
    needs_approval,
    no_rule,
    with_rule,
)
from bot.requests.approval.rules import DAY, Rule
from bot.requests.changes import AuditEntry, Change, FreeQuota
from bot.requests.model import RequestPlan
from bot.requests.states import State
from bot.workflow.break_glass import approve_by_break_glass
from bot.workflow.plan_request import PlannedRequest
from bot.workflow.plan_thread import plan_thread
from bot.workflow.ports import Ports
from bot.workflow.refused import Refused, require
from bot.workflow.reservation import reservation_for
from bot.workflow.transitions import audited_plan, body, first_check, thread


async def route_by_rule(ports: Ports, planned: PlannedRequest) -> Change:
    """The change to `approved` or `waiting` under the rule that holds. Raises Refused, NotNow."""
    rule = choose_rule(planned.plan, ports.rules)
    if rule is None:
        raise Refused(no_rule(planned.plan, ports.rules).sentence)
    planned = replace(planned, plan=with_rule(planned.plan, rule.name, ports.rules.digest))
    if planned.request.wish.break_glass:
        return await approve_by_break_glass(ports, planned, rule)
    require(may_post(rule, await ports.people.channel(rule.channel)))
    reserve = reservation_for(ports, planned.requester, planned.groups, planned.plan, planned.now)
    routed = await _routed(ports, planned, rule)
    plan = await plan_thread(ports, planned.request, planned.plan, rule, reserve)
    button = {"button": ports.new_token()}  # also without approval: to cancel, resume, clean up
    return replace(
        routed,
        reserve=reserve,
        fields={**routed.fields, **button},
        notes=(plan, *routed.notes),
        new_card=True,
    )


def approved_before(plan: RequestPlan) -> Change:
    """A plan that people approved with another request is approved at once, without a card."""
    return _without_approval(plan, "It was planned so when it was made.")


async def _routed(ports: Ports, planned: PlannedRequest, rule: Rule) -> Change:
    """By the approvers, or at once where the rule asks for none and the VM's count allows it."""
    terms = rule.without_approval
    if terms is None or needs_approval(rule, planned.plan):
        return _wait_for_approvers(planned, rule)
    free = FreeQuota(vm_key=planned.plan.vm_key, since=planned.now - DAY, most=terms.per_vm_a_day)
    used = await ports.store.free_count(planned.request.id, free)
    if used < free.most:
        return replace(_approve_at_once(planned, rule), free=free)
    waits = _wait_for_approvers(planned, rule)
    why = (
        f"It needs an approval: {counted(used, 'request')} for this VM went without one in the "
        f"last 24 hours, and the rule allows {free.most}."
    )
    return replace(waits, fields={**waits.fields, "why": why})


def _wait_for_approvers(planned: PlannedRequest, rule: Rule) -> Change:
    return Change(
        to=State.WAITING,
        entry=AuditEntry(kind="planned", detail=audited_plan(planned.plan)),
        fields={
            "plan": planned.plan,
            "channel_id": rule.channel,
            "decide_by": planned.now + rule.wait,
        },
        wake_in=first_check(rule),
    )


def _approve_at_once(planned: PlannedRequest, rule: Rule) -> Change:
    """The rule asks for no approval of this plan; the thread of the card says why."""
    why = f"The rule {rule.name} asks for none below its cost and life."
    shown = replace(planned.request, plan=planned.plan)
    change = _without_approval(planned.plan, why)
    note = thread(
        f"free-{planned.plan.revision}",
        lambda head: body(notes.without_approval(shown, why, head)),
    )
    return replace(change, fields={**change.fields, "channel_id": rule.channel}, notes=(note,))


def _without_approval(plan: RequestPlan, why: str) -> Change:
    return Change(
        to=State.APPROVED,
        entry=AuditEntry(kind="needs no approval", detail={"why": why, **audited_plan(plan)}),
        fields={"plan": plan, "why": why},
    )
