"""What holds of every deletion: of what expired, and of what is cleaned up."""

from __future__ import annotations

from bot.requests.action import Action, ActionFacts, Effect, RuledBy
from bot.requests.approval.rules import ASK
from bot.requests.model import Kind, Request, RequestPlan


def is_approved_before(request: Request, plan: RequestPlan) -> bool:
    """Whether the deletion was agreed to when the points were asked for.

    What expires was made to expire, and whoever asked for points may give them up. A disk may
    hold work that was done since, and what somebody else asked for is theirs: both are approved.
    """
    if plan.kind is Kind.DISK:
        return False
    requester = request.requester.user_id
    return not requester or set(plan.of_requesters) <= {requester}


FACTS = ActionFacts(
    action=Action.DELETE,
    privilege=ASK,
    ruled_by=RuledBy.ANY,
    fewest_approvals=1,
    may_skip_approval=False,
    may_break_glass=False,
    can_be_undone=False,
    needs_reason=False,
    effect=Effect.DELETES,
    is_taken_back=False,
    verbs=frozenset({"delete-snapshot", "delete-restore-point", "delete-disk"}),
    is_approved_before=is_approved_before,
)
