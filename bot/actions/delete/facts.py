"""What holds for every deletion, after expiry or to clean up."""

from __future__ import annotations

from bot.requests.action import Action, Effect, RuledBy
from bot.requests.approval.rules import ASK
from bot.requests.model import Kind, RequestPlan
from bot.requests.request import ActionFacts, Request


def is_approved_before(request: Request, plan: RequestPlan) -> bool:
    """Whether the approval of the points covers their deletion.

    The points were approved with their expiry, and their requester may delete them earlier. A disk
    may hold work that was done since, and another requester's points are not the person's own:
    the deletion of both needs approval. Of disks, vmbackup asks by itself only for those that
    expired and were never attached.
    """
    requester = request.requester.user_id
    if not requester:
        return True
    return plan.kind is not Kind.DISK and set(plan.of_requesters) <= {requester}


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
    is_rolled_back=False,
    verbs=frozenset({"delete-snapshot", "delete-restore-point", "delete-disk"}),
    is_approved_before=is_approved_before,
)
