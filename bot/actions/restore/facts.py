"""What holds for every request to restore points."""

from __future__ import annotations

from bot.requests.action import Action, Effect, RuledBy
from bot.requests.approval.rules import RESTORE
from bot.requests.request import ActionFacts, never_approved_before

FACTS = ActionFacts(
    action=Action.RESTORE,
    privilege=RESTORE,
    ruled_by=RuledBy.NAMED_OR_UNNAMED,
    fewest_approvals=1,
    may_skip_approval=False,  # a disk may hold work, so no rule's retention covers it
    may_break_glass=False,
    can_be_undone=True,
    needs_reason=True,
    effect=Effect.MAKES,
    is_rolled_back=True,
    verbs=frozenset(
        {
            "make-disk",
            "delete-disk",
            "attach-disk",
            "detach-disk",
            "deallocate",
            "start-vm",
            "swap-os-disk",
        }
    ),
    is_approved_before=never_approved_before,
)
