"""The states of a request, what each means, and the moves that are allowed between them.

This is the only place that says so: the store moves nothing that `MOVES` does not list, and the
table of the documentation is made from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a request stands. `MEANING` says each in a sentence for people."""

    PLANNING = "planning"
    WAITING = "waiting"
    APPROVED = "approved"
    RUNNING = "running"
    HALF_DONE = "half done"
    DONE = "done"
    CLEANED_UP = "cleaned up"
    FAILED = "failed"
    REFUSED = "refused"
    DENIED = "denied"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


MEANING: Mapping[State, str] = {
    State.PLANNING: "Asked for; the VM is being read and the plan made.",
    State.WAITING: "The plan is in its channel and waits for those who may approve.",
    State.APPROVED: "Enough people approved this plan; nothing has been changed yet.",
    State.RUNNING: "Azure is being changed, step by step.",
    State.HALF_DONE: "Some of it exists and some does not; somebody says whether to go on.",
    State.DONE: "Everything that was planned exists.",
    State.CLEANED_UP: "It was half done, and what existed has been deleted again.",
    State.FAILED: "Nothing of it exists in Azure; the reason is said.",
    State.REFUSED: "The rules or the VM do not allow it; nobody was asked.",
    State.DENIED: "Somebody who may decide said no.",
    State.CANCELLED: "Whoever asked for it took it back before anything was made.",
    State.LAPSED: "Nobody decided in time.",
}

_S = State
MOVES: Mapping[State, frozenset[State]] = {
    _S.PLANNING: frozenset({_S.WAITING, _S.APPROVED, _S.REFUSED, _S.FAILED, _S.CANCELLED}),
    # Waiting to waiting is a new revision of the plan, asked for again. What was half done when
    # it was asked again is so once more where nobody approves it, so that it can be cleaned up.
    _S.WAITING: frozenset(
        {_S.WAITING, _S.APPROVED, _S.DENIED, _S.CANCELLED, _S.LAPSED, _S.HALF_DONE}
    ),
    # Back to waiting: the approval is void because something it stood on is different.
    _S.APPROVED: frozenset(
        {_S.RUNNING, _S.WAITING, _S.CANCELLED, _S.REFUSED, _S.FAILED, _S.HALF_DONE}
    ),
    # Back to approved: nothing of it was brought about in time, so that its approval is void.
    _S.RUNNING: frozenset({_S.DONE, _S.HALF_DONE, _S.FAILED, _S.CANCELLED, _S.APPROVED}),
    # To approved: go on with the same plan, which is checked again before anything is made.
    _S.HALF_DONE: frozenset({_S.APPROVED, _S.CLEANED_UP}),
    _S.DONE: frozenset(),
    _S.CLEANED_UP: frozenset(),
    _S.FAILED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.DENIED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.LAPSED: frozenset(),
}

#: Nothing moves these any more.
FINAL = frozenset(state for state, after in MOVES.items() if not after)
#: A VM has at most one request per action in these (a partial unique index says the same).
LIVE = frozenset(State) - FINAL
#: These a worker carries on with; the others wait for a person or for nothing.
WORKED = frozenset({_S.PLANNING, _S.WAITING, _S.APPROVED, _S.RUNNING})
#: Ends in which the money reserved was not spent.
RELEASES_BUDGET = FINAL - {_S.DONE}


def may_move(before: State, after: State) -> bool:
    """Whether the table allows it."""
    return after in MOVES[before]
