"""What a wish must hold, whatever the VM is: the right action, a reason that can be read."""

from __future__ import annotations

from advisor.words import clean
from bot.requests.model import Wish
from bot.requests.refusals import PlanRefused
from bot.requests.request import ActionFacts

#: Our own limit, for a few sentences. The reason is shown on a card (Slack: 3,000 characters a
#: text) and, cut to 256 characters, in a tag.
LONGEST_REASON = 500


def check_wish(wish: Wish, facts: ActionFacts) -> None:
    """Raises PlanRefused for a wish that is refused whatever the VM is."""
    if wish.action is not facts.action:
        raise ValueError(f"A wish to {wish.action} is not planned as {facts.action}.")
    if facts.needs_reason and not clean(wish.reason):
        raise PlanRefused("Say why: whoever approves it reads the reason.")
    if len(wish.reason) > LONGEST_REASON:
        raise PlanRefused(
            f"The reason has {len(wish.reason):,} characters. Say it in {LONGEST_REASON}."
        )
    if wish.break_glass and not facts.may_break_glass:
        raise PlanRefused("Break-glass is for snapshots only. Ask for this without it.")
