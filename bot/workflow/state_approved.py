"""Approved: the worker reads everything again, and begins only what is still as approved."""

from __future__ import annotations

from bot.requests.approval.choose_rule import with_rule
from bot.requests.changes import Change, LiveElsewhere, OverBudget
from bot.requests.plan_changes import what_changed
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow import approval_check, transitions
from bot.workflow.approved_request import ApprovedRequest, read_approved
from bot.workflow.begin_steps import WANTED_AGAIN, begin_steps
from bot.workflow.deletion import deletion_refused
from bot.workflow.lease import Lease
from bot.workflow.new_revision import ask_again
from bot.workflow.plan_request import make_plan
from bot.workflow.ports import NotNow, Ports
from bot.workflow.refused import Refused
from bot.workflow.reservation import why_over


async def handle_approved(ports: Ports, request: Request, lease: Lease) -> None:
    """Begin the steps, or ask the approvers again and say what changed. Raises NotNow."""
    approved = await read_approved(ports, request)
    try:
        change = await _begin_or_ask(approved)
    except Refused as refusal:
        change = await _refused(approved, refusal.why)
    await lease.hold()
    try:
        await ports.store.move(request, change, lease.token)
    except OverBudget as over:
        await ports.store.move(request, _not_begun(approved, why_over(over)), lease.token)
    except LiveElsewhere as other:
        why = f"{other.request_id} is under way for the same."
        await ports.store.move(request, _not_begun(approved, why), lease.token)


async def _refused(approved: ApprovedRequest, why: str) -> Change:
    if approved.deletes and why not in WANTED_AGAIN:
        return await deletion_refused(approved.ports, approved.request, why)
    return _not_begun(approved, why)


def _not_begun(approved: ApprovedRequest, why: str) -> Change:
    if approved.points:
        return transitions.not_resumed(approved.request, why)
    return transitions.refused(approved.request, why, to=State.FAILED)


async def _begin_or_ask(approved: ApprovedRequest) -> Change:
    """Raises Refused, NotNow."""
    ports, request, plan = approved.ports, approved.request, approved.plan
    if request.row.facts.is_approved_before(request, plan):
        return await begin_steps(approved, ())
    if not approved.deletes:
        await approval_check.require_no_deletion(approved)
        await approval_check.require_requester(approved)
    counted = await approval_check.read_approvals(approved)
    void = await approval_check.why_void(approved, counted)
    try:
        again = await make_plan(ports, request, request.revision, approved.now)
    except NotNow:
        if void and approved.is_too_old:
            return await ask_again(approved, plan, approved.rule_for(plan), void)
        raise
    rule = approved.rule_for(again)
    again = with_rule(again, rule.name, ports.rules.digest)
    changes = (*void, *what_changed(plan, again, ports.rules.price_rise_percent))
    if not changes and approval_check.lacks_approval(request, rule, again, counted):
        changes = ("It needs an approval now: it costs more than what goes without one.",)
    if not changes:
        return await begin_steps(approved, counted)
    return await ask_again(approved, again, rule, changes)
