"""The third chapter: it is approved. Does that still hold, and is the plan still the same?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.azure.refusals import RefusedForGood
from bot.requests.action import Effect
from bot.requests.approval.break_glass import by_glass, may_break_glass
from bot.requests.approval.choose_rule import choose_rule, may_post, needs_approval, no_rule, ruled
from bot.requests.approval.rules import Rule
from bot.requests.approval.who_may import begin_check, counted_approvals, may_ask, still_allowed
from bot.requests.changes import AuditEntry, Change, LiveElsewhere, OverBudget, Reserve
from bot.requests.model import Approval, Point, Request, RequestPlan, Step, StepState
from bot.requests.plan_changes import what_changed
from bot.requests.plan_hash import plan_hash
from bot.requests.states import State
from bot.requests.tags import expiry_of, tags_of
from bot.workflow import transitions
from bot.workflow.deletion import refused_deletion
from bot.workflow.lease import Lease
from bot.workflow.ports import NotNow, Ports
from bot.workflow.state_planning import (
    Refused,
    made_plan,
    points_of,
    reserve_for,
    settled,
    why_over,
)
from bot.workflow.step_results import MAKES

#: What was to be deleted is kept by those who want it: nobody has to see to that.
_EXTENDED = "It was extended meanwhile."
_GONE_ON_WITH = "It is gone on with, so nothing of it is deleted now."
_BEING_DELETED = "What it is about is being deleted."
_UNDER_WAY = (State.APPROVED, State.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begin:
    """A request that is to begin: as it was approved, and what exists of it from before."""

    ports: Ports
    request: Request
    plan: RequestPlan
    points: tuple[Point, ...]  #: of the request itself: it was half done
    now: datetime

    @property
    def deletes(self) -> bool:
        return self.request.row.facts.effect is Effect.DELETES


async def beginning(ports: Ports, request: Request, lease: Lease) -> None:
    """Begin, or put it before people again with what is different. Raises NotNow."""
    plan = request.plan
    if plan is None:
        raise ValueError(f"{request.id} is approved without a plan.")
    it = _Begin(
        ports=ports,
        request=request,
        plan=plan,
        points=await ports.store.points(request_id=request.id, alive=True),
        now=await ports.store.now(),
    )
    try:
        change = await _begun(it)
    except Refused as refusal:
        change = await _refused(it, refusal.why)
    await lease.hold()
    try:
        await ports.store.move(request, change, lease.token)
    except OverBudget as over:
        await ports.store.move(request, _not_begun(it, why_over(over)), lease.token)
    except LiveElsewhere as other:
        why = f"{other.request_id} is under way for the same."
        await ports.store.move(request, _not_begun(it, why), lease.token)


async def _refused(it: _Begin, why: str) -> Change:
    if it.deletes and why not in (_EXTENDED, _GONE_ON_WITH):
        return await refused_deletion(it.ports, it.request, why)
    return _not_begun(it, why)


def _not_begun(it: _Begin, why: str) -> Change:
    if it.points:
        return transitions.not_gone_on(it.request, why)
    return transitions.refused(it.request, why, to=State.FAILED)


async def _begun(it: _Begin) -> Change:
    ports, request, plan = it.ports, it.request, it.plan
    if request.row.facts.is_approved_before(request, plan):
        return await _steps(it, ())
    if not it.deletes:
        await _unless_deleted(it)
        await _requester_may(it)
    approvals = await ports.store.approvals(request.id, request.revision)
    counted = counted_approvals(approvals, request.revision, plan_hash(plan), request.requester)
    void = await _void(it, counted)
    try:
        again = await made_plan(ports, request, request.revision, it.now)
    except NotNow:
        if void and _is_too_old(it):
            return await _asked_again(it, plan, _rule_for(it, plan), void)
        raise
    rule = _rule_for(it, again)
    again = ruled(again, rule.name, ports.rules.digest)
    changes = (*void, *what_changed(plan, again, ports.rules.price_rise_percent))
    if not changes and _lacks_approval(request, rule, again, counted):
        changes = ("It needs an approval now: it costs more than what goes without one.",)
    if not changes:
        return await _steps(it, counted)
    return await _asked_again(it, again, rule, changes)


def _rule_for(it: _Begin, plan: RequestPlan) -> Rule:
    rule = choose_rule(plan, it.ports.rules)
    if rule is None:
        raise Refused(no_rule(plan, it.ports.rules).sentence)
    return rule


def _is_too_old(it: _Begin) -> bool:
    within = it.ports.rules.begin_within
    return not begin_check(it.request.approved_at, within, it.now).allowed


def _lacks_approval(
    request: Request, rule: Rule, plan: RequestPlan, counted: tuple[Approval, ...]
) -> bool:
    """Nobody approved it because nobody had to, and now somebody has to."""
    return not counted and not by_glass(request) and needs_approval(rule, plan)


async def _requester_may(it: _Begin) -> None:
    """Raises Refused where whoever asked may not any more, NotNow where that is not known.

    An approval that is too old is void in any case: it is not waited for to be read.
    """
    ports, request = it.ports, it.request
    if not request.requester.user_id:
        return
    groups = await ports.people.groups(ports.rules.group_ids, fresh=True)
    person = await ports.people.person(request.requester.user_id, fresh=True)
    rulings = [may_ask(person, request.row.facts.privilege, ports.rules, groups)]
    if by_glass(request):
        rulings.append(may_break_glass(person, it.plan, 0, ports.rules, groups))
    for ruling in rulings:
        if not (ruling.is_unknown and _is_too_old(it)):
            settled(ruling)


async def _void(it: _Begin, counted: tuple[Approval, ...]) -> tuple[str, ...]:
    """Why the approval holds no longer, as far as it is about people and time. Raises NotNow."""
    ports, request = it.ports, it.request
    age = begin_check(request.approved_at, ports.rules.begin_within, it.now)
    if not age.allowed:
        return (age.sentence,)
    if by_glass(request):
        return ()
    rule = _rule_for(it, it.plan)
    if not needs_approval(rule, it.plan):
        return ()
    groups = await ports.people.groups(ports.rules.group_ids, fresh=True)
    people = {one.user_id: await ports.people.person(one.user_id, fresh=True) for one in counted}
    ruling = still_allowed(counted, people, groups, rule, request.requester, ports.rules)
    if ruling.is_unknown:
        raise NotNow(ruling.sentence)
    return () if ruling.allowed else (ruling.sentence,)


async def _unless_deleted(it: _Begin) -> None:
    """Raises Refused where what it goes on with, or is about, is being deleted."""
    about = [one for one in (it.request.id, it.plan.of_request) if one]
    live = await it.ports.store.live_about(about)
    if any(one.row.facts.effect is Effect.DELETES for one in live):
        raise Refused(_BEING_DELETED)


# --- asked again -----------------------------------------------------------------------------


async def _asked_again(it: _Begin, plan: RequestPlan, rule: Rule, changes: Sequence[str]) -> Change:
    ports, request = it.ports, it.request
    settled(may_post(rule, await ports.people.channel(rule.channel)))
    return transitions.asked_again(
        request,
        replace(plan, revision=request.revision + 1),
        rule,
        changes,
        now=it.now,
        button=ports.new_token(),
        reserve=await _reserve(it, plan),
        look_by=request.look_by if it.points else None,
    )


async def _reserve(it: _Begin, plan: RequestPlan) -> Reserve | None:
    """What the plan takes now, in the place of what the one before took."""
    people = it.ports.people
    requester = await people.person(it.request.requester.user_id)
    groups = await people.groups(it.ports.rules.group_ids)
    return reserve_for(it.ports, requester, groups, plan, it.now)


# --- the steps -------------------------------------------------------------------------------


async def _steps(it: _Begin, approvals: tuple[Approval, ...]) -> Change:
    """The plan as steps; what an earlier try did to the VM is not done again."""
    request, plan = it.request, it.plan
    if it.deletes:
        await _unless_kept(it)
    named = replace(request, expires_at=await _expiry(it))
    before = await it.ports.store.steps(request.id)
    try:
        points = await points_of(it.ports, request)
        steps = it.ports.steps_of(plan, tags_of(named, plan, approvals), points)
    except RefusedForGood as error:
        raise Refused(error.sentence) from error
    done = {_key(step): step for step in before if _stays(step)}
    return Change(
        to=State.RUNNING,
        entry=AuditEntry(kind="begun", detail={"plan": plan_hash(plan), "steps": len(steps)}),
        fields={
            "expires_at": named.expires_at,
            "why": "",
            "cancel_asked_by": "",
            "reminded_at": None,
        },
        steps=tuple(_kept(step, done.get(_key(step))) for step in steps),
    )


async def _expiry(it: _Begin) -> datetime | None:
    """The life counts from now on; what was half done and kept longer meanwhile keeps that."""
    by_plan = expiry_of(it.plan, await it.ports.store.now())
    before = it.request.expires_at if it.points else None
    return max(by_plan, before) if by_plan and before else by_plan


def _stays(step: Step) -> bool:
    """What makes something looks again: it may be gone by now. What changes the VM must not."""
    return step.state is StepState.THERE and step.verb not in MAKES


def _key(step: Step) -> tuple[str, str, str]:
    """One VM is the target of several steps, of one verb even: a disk each."""
    return step.verb, step.target_id.lower(), step.disk_id.lower()


def _kept(step: Step, before: Step | None) -> Step:
    return step if before is None else replace(before, number=step.number, after=step.after)


async def _unless_kept(it: _Begin) -> None:
    """Raises Refused where what expired was extended, or what was half done resumed, since then."""
    source = await it.ports.store.get(it.request.wish.of_request)
    if source is not None and source.state in _UNDER_WAY:
        raise Refused(_GONE_ON_WITH)
    ours = {disk.source_id.lower() for disk in it.plan.disks}
    points = await points_of(it.ports, it.request)
    meant = [point for point in points if point.arm_id.lower() in ours]
    if not it.request.requester.user_id and any(_is_kept(point, it.now) for point in meant):
        raise Refused(_EXTENDED)


def _is_kept(point: Point, now: datetime) -> bool:
    return point.expires_at is None or point.expires_at > now
