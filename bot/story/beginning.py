"""The third chapter: it is approved. Does that still hold, and is the plan still the same?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.actions.refusals import Never
from bot.actions.steps import steps_of
from bot.requests.changes import Change, Entry
from bot.requests.choosing import choose_rule, may_post, needs_approval, no_rule
from bot.requests.deciding import begin_check, counted_approvals, still_allowed
from bot.requests.model import Action, Approval, Plan, Request, Step, StepState
from bot.requests.plan_changes import what_changed
from bot.requests.plan_hash import plan_hash
from bot.requests.planning import ruled
from bot.requests.rules import Rule
from bot.requests.states import State
from bot.requests.tags import expiry_of, tags_of
from bot.story import ends
from bot.story.lease import Lease
from bot.story.planning import Refused, made_plan, points_of, settled
from bot.story.tools import NotNow, Tools


async def beginning(tools: Tools, request: Request, lease: Lease) -> None:
    """Begin, or put it before people again with what is different. Raises NotNow."""
    plan = request.plan
    if plan is None:
        raise ValueError(f"{request.id} is approved without a plan.")
    try:
        change = await _begun(tools, request, plan, lease)
    except Refused as refusal:
        change = ends.refused(request, refusal.why, to=State.FAILED)
    await lease.hold()
    await tools.store.move(request, change, lease.token)


async def _begun(tools: Tools, request: Request, plan: Plan, lease: Lease) -> Change:
    if request.action is Action.DELETE:
        return await _deletion(tools, request, plan)
    now = await tools.store.now()
    approvals = await tools.store.approvals(request.id, request.revision)
    counted = counted_approvals(approvals, request.revision, plan_hash(plan), request.asker)
    void = await _void(tools, request, plan, counted, now)
    try:
        async with lease.kept():
            again = await made_plan(tools, request, request.revision, now)
    except NotNow:
        if void and _is_too_old(tools, request, now):
            return await _expired_meanwhile(tools, request, plan, void, now)
        raise
    rule = choose_rule(again, tools.rules)
    if rule is None:
        raise Refused(no_rule(again).sentence)
    again = ruled(again, rule.name, tools.rules.digest)
    changes = (*void, *what_changed(plan, again, tools.rules.price_rise_percent))
    if not changes:
        return await _steps(tools, request, plan, counted)
    return await _asked_again(tools, request, again, rule, changes, now)


def _is_too_old(tools: Tools, request: Request, now: datetime) -> bool:
    return not begin_check(request.approved_at, tools.rules.begin_within, now).allowed


async def _void(
    tools: Tools, request: Request, plan: Plan, counted: tuple[Approval, ...], now: datetime
) -> tuple[str, ...]:
    """Why the approval holds no longer, as far as it is about people and time. Raises NotNow."""
    age = begin_check(request.approved_at, tools.rules.begin_within, now)
    if not age.allowed:
        return (age.sentence,)
    if request.wish.break_glass:
        return ()
    rule = choose_rule(plan, tools.rules)
    if rule is None:
        raise Refused(no_rule(plan).sentence)
    if not needs_approval(rule, plan):
        return ()
    groups = await tools.people.groups(tools.rules.group_ids, fresh=True)
    people = {one.user_id: await tools.people.person(one.user_id) for one in counted}
    ruling = still_allowed(counted, people, groups, rule, request.asker, tools.rules)
    if ruling.is_unknown:
        raise NotNow(ruling.sentence)
    return () if ruling.allowed else (ruling.sentence,)


async def _expired_meanwhile(
    tools: Tools, request: Request, plan: Plan, void: tuple[str, ...], now: datetime
) -> Change:
    """Azure could not be read until the approval was too old: the old plan is asked for again."""
    rule = choose_rule(plan, tools.rules)
    if rule is None:
        raise Refused(no_rule(plan).sentence)
    return await _asked_again(tools, request, plan, rule, void, now)


async def _asked_again(
    tools: Tools,
    request: Request,
    plan: Plan,
    rule: Rule,
    changes: tuple[str, ...],
    now: datetime,
) -> Change:
    settled(may_post(rule, await tools.people.channel(rule.channel)))
    return ends.asked_again(
        request,
        replace(plan, revision=request.revision + 1),
        rule,
        changes,
        now=now,
        button=tools.new_token(),
    )


# --- the steps -------------------------------------------------------------------------------


async def _steps(
    tools: Tools, request: Request, plan: Plan, approvals: tuple[Approval, ...]
) -> Change:
    """The plan as steps; those that an earlier try brought about are kept as they are."""
    named = replace(request, expires_at=expiry_of(request, plan))
    before = await tools.store.steps(request.id)
    try:
        points = await points_of(tools, request)
        steps = steps_of(plan, named, tags_of(named, plan, approvals), points)
    except Never as error:
        raise Refused(error.sentence) from error
    done = {step.target_id.lower(): step for step in before if step.state is StepState.THERE}
    return Change(
        to=State.RUNNING,
        entry=Entry(kind="begun", detail={"plan": plan_hash(plan), "steps": len(steps)}),
        fields={"expires_at": named.expires_at, "why": "", "cancel_asked_by": ""},
        steps=tuple(_kept(step, done.get(step.target_id.lower())) for step in steps),
    )


def _kept(step: Step, before: Step | None) -> Step:
    if before is None or before.verb != step.verb:
        return step
    return replace(before, number=step.number, after=step.after)


async def _deletion(tools: Tools, request: Request, plan: Plan) -> Change:
    """What expired may have been extended since: then there is nothing to delete yet."""
    source = await tools.store.get(request.wish.of_request)
    now = await tools.store.now()
    ends_at = source.expires_at if source is not None else None
    if not request.asker.user_id and ends_at is not None and ends_at > now:
        raise Refused("It was extended meanwhile.")
    return await _steps(tools, request, plan, ())
