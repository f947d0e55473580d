"""A void approval: a new revision of the plan and a new card, and the approvers decide again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.messages import request_notes as notes
from bot.requests.approval.choose_rule import may_post
from bot.requests.approval.rules import Rule
from bot.requests.changes import AuditEntry, Change, Reserve
from bot.requests.model import RequestPlan
from bot.requests.states import State
from bot.workflow.approved_request import ApprovedRequest
from bot.workflow.plan_thread import plan_thread
from bot.workflow.refused import require
from bot.workflow.reservation import reservation_for
from bot.workflow.transitions import body, first_check, thread


async def ask_again(
    approved: ApprovedRequest, plan: RequestPlan, rule: Rule, changes: Sequence[str]
) -> Change:
    """Back to `waiting` with this plan; `changes` are sentences that say what is different.

    The approvers decide in the usual way from here on, but the points that a break-glass request
    made are still reviewed in time. Raises Refused, NotNow.
    """
    ports, request = approved.ports, approved.request
    require(may_post(rule, await ports.people.channel(rule.channel)))
    revised = replace(plan, revision=request.revision + 1)
    shown = replace(request, revision=revised.revision, plan=revised)
    reserve = await _reservation(approved, plan)
    return Change(
        to=State.WAITING,
        entry=AuditEntry(
            kind="voided", detail={"changes": list(changes), "revision": revised.revision}
        ),
        fields={
            "plan": revised,
            "revision": revised.revision,
            "button": ports.new_token(),
            "decide_by": approved.now + rule.wait,
            "channel_id": rule.channel,
            "approved_at": None,
            "begin_by": None,
            "reminded_at": None,
            "free_at": None,
            "look_by": request.look_by if approved.points else None,
            "why": "The plan changed after it was approved: " + " ".join(changes),
        },
        notes=(
            thread(
                f"voided-{revised.revision}",
                lambda head: body(notes.voided(shown, changes, head)),
            ),
            await plan_thread(ports, shown, revised, rule, reserve),
        ),
        reserve=reserve,
        new_card=True,
        wake_in=first_check(rule),
    )


async def _reservation(approved: ApprovedRequest, plan: RequestPlan) -> Reserve | None:
    """What this plan reserves, in place of what the plan before it reserved."""
    people = approved.ports.people
    requester = await people.person(approved.request.requester.user_id)
    groups = await people.groups(approved.ports.rules.team_groups)
    return reservation_for(approved.ports, requester, groups, plan, approved.now)
