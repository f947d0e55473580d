"""What holds for every request for snapshots."""

from __future__ import annotations

from bot.requests.action import Action, Effect, RuledBy
from bot.requests.approval.rules import ASK
from bot.requests.request import ActionFacts, never_approved_before

FACTS = ActionFacts(
    action=Action.SNAPSHOT,
    privilege=ASK,
    ruled_by=RuledBy.NAMED_OR_UNNAMED,
    fewest_approvals=1,
    may_skip_approval=True,
    may_break_glass=True,
    can_be_undone=True,
    needs_reason=True,
    effect=Effect.MAKES,
    is_rolled_back=False,
    verbs=frozenset(
        {
            "take-snapshot",
            "delete-snapshot",
            "make-collection",
            "take-restore-point",
            "delete-restore-point",
        }
    ),
    is_approved_before=never_approved_before,
)
