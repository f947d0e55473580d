"""The states of a request, what each means, and the moves that are allowed between them.

This is the only place that says so: the store refuses a move that `MOVES` does not list, and the
table in the documentation is made from this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """How far a request came. `MEANING` has a sentence for people about each state."""

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
    State.CLEANED_UP: (
        "It was half done, and what existed has been deleted again, except what its thread names "
        "as left."
    ),
    State.FAILED: (
        "Nothing of it exists in Azure, except what its thread names as left; the reason is said."
    ),
    State.REFUSED: "The rules or the VM do not allow it; nobody was asked.",
    State.DENIED: "Somebody who may decide said no.",
    State.CANCELLED: (
        "It was taken back, stopped or superseded before anything was made, except what its "
        "thread names as left."
    ),
    State.LAPSED: "Nobody decided in time.",
}

_S = State
MOVES: Mapping[State, frozenset[State]] = {
    _S.PLANNING: frozenset({_S.WAITING, _S.APPROVED, _S.REFUSED, _S.FAILED, _S.CANCELLED}),
    # Waiting to waiting: a new revision of the plan needs approval. A half-done request that is
    # resumed and not approved becomes half done again, so that it can be cleaned up.
    _S.WAITING: frozenset(
        {_S.WAITING, _S.APPROVED, _S.DENIED, _S.CANCELLED, _S.LAPSED, _S.HALF_DONE}
    ),
    # Back to waiting: the approval is void because something that it relied on changed.
    _S.APPROVED: frozenset(
        {_S.RUNNING, _S.WAITING, _S.CANCELLED, _S.REFUSED, _S.FAILED, _S.HALF_DONE}
    ),
    # Back to approved: Azure did nothing of the plan in time, so that the approval is void.
    _S.RUNNING: frozenset({_S.DONE, _S.HALF_DONE, _S.FAILED, _S.CANCELLED, _S.APPROVED}),
    # To approved: the request is resumed with its plan, which is checked again first.
    _S.HALF_DONE: frozenset({_S.APPROVED, _S.CLEANED_UP}),
    _S.DONE: frozenset(),
    _S.CLEANED_UP: frozenset(),
    _S.FAILED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.DENIED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.LAPSED: frozenset(),
}

#: No move leads out of these.
FINAL = frozenset(state for state, after in MOVES.items() if not after)
#: A VM has at most one request per action in these (a partial unique index enforces it).
LIVE = frozenset(State) - FINAL
#: A worker has something to do in these; a request in another state waits for a person or is over.
WORKED = frozenset({_S.PLANNING, _S.WAITING, _S.APPROVED, _S.RUNNING})
#: Final states in which the reserved amount was not spent, so that the budget gets it back.
RELEASES_BUDGET = FINAL - {_S.DONE}


def may_move(before: State, after: State) -> bool:
    """Whether `MOVES` allows the move."""
    return after in MOVES[before]
