"""How a request stands, at a glance: the sign and the words of its card's header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.messages.request_words import STATUS, CardFacts, progress, title
from bot.requests.model import Approval, Point, Step
from bot.requests.request import Request
from bot.requests.states import State

#: Yellow waits or is under way, green is there, orange is in part, red is broken, white is over.
#: The word always stands beside the sign. U+FE0F asks for the sign in colour.
_SIGNS: Mapping[State, str] = {
    State.PLANNING: "🟡",
    State.WAITING: "🟡",
    State.APPROVED: "🟡",
    State.RUNNING: "🟡",
    State.HALF_DONE: "🟠",
    State.DONE: "🟢",
    State.CLEANED_UP: "⚪\ufe0f",
    State.FAILED: "🔴",
    State.REFUSED: "⚪\ufe0f",
    State.DENIED: "⚪\ufe0f",
    State.CANCELLED: "⚪\ufe0f",
    State.LAPSED: "⚪\ufe0f",
}
_GONE_SIGN = "⚪\ufe0f"


def standing(
    request: Request,
    approvals: Sequence[Approval] = (),
    steps: Sequence[Step] = (),
    facts: CardFacts = CardFacts(),  # noqa: B008  a frozen value
    *,
    is_gone: bool = False,
) -> str:
    """`Snapshot of web-01: waiting for approval (0 of 1)`: the title, the state, how far it is."""
    loud = "BREAK GLASS: " if request.wish.break_glass else ""
    word = "deleted" if is_gone else STATUS[request.state]
    return f"{loud}{title(request)}: {word}{_how_far(request, approvals, steps, facts)}"


def headline(
    request: Request,
    approvals: Sequence[Approval],
    steps: Sequence[Step],
    facts: CardFacts,
    *,
    is_gone: bool,
) -> str:
    """The standing with its sign in front."""
    sign = _GONE_SIGN if is_gone else _SIGNS[request.state]
    return f"{sign} {standing(request, approvals, steps, facts, is_gone=is_gone)}"


def points_deleted(request: Request, points: Sequence[Point]) -> bool:
    """Whether the points were deleted since; `points` are those that still exist."""
    ends = request.state is State.DONE and request.expires_at is not None
    return ends and not points and request.row.words.is_restorable


def have(approvals: Sequence[Approval]) -> int:
    """How many people approved."""
    return len({each.user_id for each in approvals})


def _how_far(
    request: Request, approvals: Sequence[Approval], steps: Sequence[Step], facts: CardFacts
) -> str:
    if request.state is State.WAITING:
        of = "so far" if facts.still_needed else f"of {facts.approvals_needed}"
        return f" ({have(approvals)} {of})"
    if request.state in (State.RUNNING, State.HALF_DONE) and steps:
        return f" ({progress(steps)})"
    return ""
