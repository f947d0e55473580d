"""What holds for every request to extend the retention of points."""

from __future__ import annotations

from bot.requests.action import Action, Effect, RuledBy
from bot.requests.approval.rules import ASK
from bot.requests.request import ActionFacts, never_approved_before

FACTS = ActionFacts(
    action=Action.EXTEND,
    privilege=ASK,
    ruled_by=RuledBy.NAMED_OR_UNNAMED,
    fewest_approvals=1,
    may_skip_approval=True,
    may_break_glass=False,
    can_be_undone=True,
    needs_reason=True,
    effect=Effect.EXTENDS,
    is_rolled_back=True,
    verbs=frozenset({"retag"}),
    is_approved_before=never_approved_before,
)
