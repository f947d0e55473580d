"""Planning: whether the requester may, what would happen, which rule holds, what it costs.

It ends in a card that waits for people, in an approval that nobody needs to give, or in a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    DatabaseUnreachable,
    InputUnreadable,
    PriceError,
    VmbackupError,
)
from advisor.model import ZERO
from bot.messages import request_notes as notes
from bot.requests.action import Effect
from bot.requests.approval.break_glass import WEEK, look_by, may_break_glass
from bot.requests.approval.budget import month_of, team_of, within_budget
from bot.requests.approval.choose_rule import (
    channel_ruling,
    choose_rule,
    may_post,
    needs_approval,
    no_rule,
    ruled,
)
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import Rule, limit_of
from bot.requests.approval.rulings import Ruling
from bot.requests.approval.who_may import may_ask
from bot.requests.changes import (
    AuditEntry,
    Change,
    LiveElsewhere,
    Note,
    OverBudget,
    Quota,
    Reserve,
    UsedUp,
)
from bot.requests.model import Point, Request, RequestPlan
from bot.requests.plan_hash import plan_hash
from bot.requests.states import State
from bot.workflow import transitions
from bot.workflow.deletion import refused_deletion
from bot.workflow.lease import Lease
from bot.workflow.origin import origin_of
from bot.workflow.ports import NotNow, Ports
from bot.workflow.reminders_and_expiry import escalation

#: What fails in reading Azure for the moment; anything else of ours is an answer.
_FOR_NOW = (AzureUnreachable,)


class Refused(Exception):
    """The request ends here, with a sentence for the requester."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """The requester as read now, and what they ask for as planned now."""

    person: Person | None
    groups: Membership
    plan: RequestPlan
    now: datetime


async def planning(ports: Ports, request: Request, lease: Lease) -> None:
    """Make the plan and put it before those who decide. Raises NotNow."""
    try:
        change = await _planned(ports, request)
    except Refused as refusal:
        change = transitions.refused(request, refusal.why)
        if request.row.facts.effect is Effect.DELETES:
            change = await refused_deletion(ports, request, refusal.why)
    await lease.hold()
    try:
        await ports.store.move(request, change, lease.token)
    except LiveElsewhere as other:
        await _point_to(ports, request, other.request_id, lease)
    except (OverBudget, UsedUp) as over:
        await ports.store.move(request, transitions.refused(request, why_over(over)), lease.token)


async def _planned(ports: Ports, request: Request) -> Change:
    groups = await ports.people.groups(ports.rules.group_ids)
    person = await _requester(ports, request, groups)
    now = await ports.store.now()
    plan = await made_plan(ports, request, request.revision, now)
    asking = _Asking(person=person, groups=groups, plan=plan, now=now)
    if request.row.facts.is_approved_before(request, plan):
        return _approved_by_nobody(request, plan, None, "It was planned so when it was made.")
    return await _by_rule(ports, request, asking)


async def _requester(ports: Ports, request: Request, groups: Membership) -> Person | None:
    """Who asks, read from Slack; nobody, where vmbackup itself does."""
    if not request.requester.user_id:
        return None
    person = await ports.people.person(request.requester.user_id)
    if request.row.facts.effect is not Effect.DELETES:  # the button that asks for it has judged
        settled(may_ask(person, request.row.facts.privilege, ports.rules, groups))
    return person


def settled(ruling: Ruling) -> None:
    """A yes. Raises Refused for a no, NotNow where it could not be read."""
    if ruling.is_unknown:
        raise NotNow(ruling.sentence)
    if not ruling.allowed:
        raise Refused(ruling.sentence)


async def made_plan(ports: Ports, request: Request, revision: int, now: datetime) -> RequestPlan:
    """The plan as Azure stands now. Raises NotNow, or Refused with the sentence."""
    points = await points_of(ports, request)
    try:
        return await ports.plans.plan(request, revision, points, now)
    except _FOR_NOW as error:
        raise NotNow(str(error), _named_wait(error)) from error
    except AzureRefused as error:
        if error.reason.startswith("429"):
            raise NotNow(str(error), _named_wait(error)) from error
        raise Refused(str(error)) from error
    except (InputUnreadable, PriceError) as error:
        raise NotNow(str(error)) from error
    except DatabaseUnreachable:
        raise  # no answer about the wish: whoever comes next plans it again
    except VmbackupError as error:
        raise Refused(str(error)) from error


def _named_wait(error: AzureRefused | AzureUnreachable) -> timedelta | None:
    """What Azure asked us to wait; None: it named nothing."""
    seconds = error.retry_after_seconds
    return None if seconds is None else timedelta(seconds=seconds)


async def points_of(ports: Ports, request: Request) -> tuple[Point, ...]:
    """What there is of the request that this one is about, or is called as it says.

    Raises Refused where a name is that of points of several requests.
    """
    wish = request.wish
    if wish.of_request:
        return await _made_by(ports, wish.of_request)
    named = [point for name in wish.points for point in await ports.store.points_named(name)]
    if len({point.request_id for point in named}) > 1:
        raise Refused("Several are called so. Name it by its full id, which its thread says.")
    return tuple(named)


async def _made_by(ports: Ports, request_id: str) -> tuple[Point, ...]:
    """Raises Refused where that request never made anything."""
    origin = await origin_of(ports.store, request_id)
    if origin is None:
        return ()
    if not await ports.store.points(request_id=origin.id, alive=False):
        raise Refused(
            f"{request_id} made nothing of its own, so nothing can be done with it. "
            "/vmbackup snapshots lists what there is."
        )
    return await ports.store.points(request_id=origin.id, alive=True)


# --- under a rule ----------------------------------------------------------------------------


async def _by_rule(ports: Ports, request: Request, asking: _Asking) -> Change:
    rule = choose_rule(asking.plan, ports.rules)
    if rule is None:
        raise Refused(no_rule(asking.plan, ports.rules).sentence)
    plan = ruled(asking.plan, rule.name, ports.rules.digest)
    if request.wish.break_glass:
        return await _broken_glass(ports, request, replace(asking, plan=plan), rule)
    settled(may_post(rule, await ports.people.channel(rule.channel)))
    reserve = reserve_for(ports, asking.person, asking.groups, plan, asking.now)
    if not needs_approval(rule, plan):
        change = _approved_by_nobody(request, plan, rule, _why_free(rule))
        button = {"button": ports.new_token()}  # to cancel it, to go on, to clean up
        return replace(change, reserve=reserve, fields={**change.fields, **button})
    return Change(
        to=State.WAITING,
        entry=AuditEntry(kind="planned", detail=_said_of(plan)),
        fields={
            "plan": plan,
            "channel_id": rule.channel,
            "button": ports.new_token(),
            "decide_by": asking.now + rule.wait,
        },
        reserve=reserve,
        new_card=True,
        wake_in=transitions.first_look(rule),
    )


def reserve_for(
    ports: Ports, requester: Person | None, groups: Membership, plan: RequestPlan, now: datetime
) -> Reserve | None:
    """What the plan takes of the team's month at the most; None where no budget applies.

    Whether it fits beside what others reserved is the store's to say, in the same transaction.
    Raises Refused, and NotNow where it could not be read who pays.
    """
    paying = team_of(requester, ports.rules, groups)
    if paying.refused is not None:
        settled(paying.refused)
    settled(within_budget(paying.team, plan, ZERO))
    cost = limit_of(plan)
    if paying.team is None or cost is None:
        return None
    return Reserve(
        team=paying.team.name,
        month=month_of(now),
        amount=cost,
        currency=paying.team.currency,
        limit=paying.team.a_month,
    )


def _approved_by_nobody(request: Request, plan: RequestPlan, rule: Rule | None, why: str) -> Change:
    """What needs no approval is approved at once; the card, where there is one, says why."""
    said = replace(request, plan=plan)
    fields: dict[str, Any] = {"plan": plan, "why": why}
    told: tuple[Note, ...] = ()
    if rule is not None:
        fields["channel_id"] = rule.channel
        told = (
            transitions.thread(
                f"free-{plan.revision}",
                lambda head: transitions.body(notes.without_approval(said, why, head)),
            ),
        )
    return Change(
        to=State.APPROVED,
        entry=AuditEntry(kind="needs no approval", detail={"why": why, **_said_of(plan)}),
        fields=fields,
        notes=told,
        new_card=rule is not None,
    )


def _why_free(rule: Rule) -> str:
    return f"The rule {rule.name} asks for none below its cost and life."


def _said_of(plan: RequestPlan) -> dict[str, Any]:
    """What the audit keeps of a plan: the hash binds all of it."""
    return {
        "plan": plan_hash(plan),
        "revision": plan.revision,
        "vm": plan.vm_id,
        "rule": plan.rule,
        "limit": limit_of(plan),
        "currency": plan.cost.currency,
    }


# --- break-glass -----------------------------------------------------------------------------


async def _broken_glass(ports: Ports, request: Request, asking: _Asking, rule: Rule) -> Change:
    """First the snapshot, then the look of somebody else; loud in the channel of the settings."""
    used = await ports.store.break_glass_count(request.requester.user_id, asking.now - WEEK)
    ruling = may_break_glass(asking.person, asking.plan, used, ports.rules, asking.groups)
    settled(ruling)
    terms = ports.rules.break_glass
    if terms is None:
        raise Refused(ruling.sentence)
    channel = await ports.people.channel(terms.channel)
    settled(channel_ruling("break_glass", terms.channel, channel, external=False))
    escalates_to, _ = await escalation(ports, terms)
    until = look_by(asking.now, terms)
    said = replace(request, plan=asking.plan, look_by=until)
    called = (*rule.approver_groups, *rule.approver_users)
    loud = transitions.thread(
        "broken-glass", lambda head: transitions.body(notes.broken_glass(said, called, head))
    )
    return Change(
        to=State.APPROVED,
        entry=AuditEntry(
            kind="broke the glass",
            who=request.requester.user_id,
            detail={**_said_of(asking.plan), "escalates_to": escalates_to},
        ),
        fields={
            "plan": asking.plan,
            "channel_id": terms.channel,
            "button": ports.new_token(),
            "look_by": until,
            "why": "The glass was broken: nobody approved it.",
        },
        notes=(loud,),
        quota=Quota(
            user_id=request.requester.user_id, since=asking.now - WEEK, most=terms.per_week
        ),
        reserve=reserve_for(ports, asking.person, asking.groups, asking.plan, asking.now),
        new_card=True,
    )


# --- what the store refuses ------------------------------------------------------------------


async def _point_to(ports: Ports, request: Request, first_id: str, lease: Lease) -> None:
    """One live request for a VM and action: the requester is shown the first."""
    first = await ports.store.get(first_id)
    if first is None:
        raise NotNow(f"{first_id} is under way and could not be read.")
    why = f"{first_id} is under way for the same."
    change = replace(
        transitions.refused(request, why),
        notes=transitions.whisper("pointed", request, notes.pointed_to(first, request.requester)),
    )
    await ports.store.move(request, change, lease.token)


def why_over(over: OverBudget | UsedUp) -> str:
    if isinstance(over, UsedUp):
        return "The glass was broken too often this week. Ask in the usual way."
    left = max(over.limit - over.reserved, ZERO)
    return (
        f"Of the team's {over.limit} a month only {left} are left. Keep it shorter, wait for the "
        "next month, or ask for a larger budget."
    )
