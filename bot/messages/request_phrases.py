"""The phrases of a card that are shown and read aloud alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.words import listed, sentence
from bot.messages.blocks import Element, cut, moment, space
from bot.messages.request_money import planned_cost
from bot.messages.request_words import DISK_LIMIT, LINE_LIMIT, consistency, kept_for, step_words
from bot.requests.action import Effect
from bot.requests.model import InAzure, Point, RequestPlan, Step, StepState
from bot.requests.moments import moment_words
from bot.requests.request import Request
from bot.requests.states import MEANING, State

STEPS, STEP_LIMIT = 4, 160  #: steps in a line
OPEN = frozenset({State.PLANNING, State.WAITING, State.APPROVED, State.RUNNING, State.HALF_DONE})
#: A request in one of these ended before anything was sent to Azure.
_UNTOUCHED = frozenset({State.DENIED, State.LAPSED, State.REFUSED})
_NOTHING = {
    Effect.MAKES: "Nothing was made.",
    Effect.EXTENDS: "Nothing was changed.",
    Effect.DELETES: "Nothing was deleted.",
}
_NOT_SEEN = {InAzure.GONE: "No longer in Azure", InAzure.UNKNOWN: "Not read"}
_NOTHING_LEFT = "Nothing of it exists, except what its thread names as left."


def kept_and_cost(request: Request, plan: RequestPlan) -> Iterator[Element]:
    """`, kept 3 days: about 0.71 USD (0.14 to 1.55)`, where the action costs anything."""
    if not request.row.words.shows_cost:
        return
    if plan.expires_at is not None:
        yield from (space(", kept until "), moment(plan.expires_at))
    elif plan.keep is not None:
        yield space(f", kept {kept_for(plan.keep)}")
    yield space(": ")
    yield from planned_cost(plan, "more" if extends(request) else "")


def to_weigh(request: Request) -> Iterator[str]:
    """What is to be weighed before the buttons, each in a sentence."""
    plan, words = request.plan, request.row.words
    if plan is None:
        return
    if effect := words.effect(plan):
        yield effect
    if words.shows_consistency and request.state in (State.WAITING, State.APPROVED):
        yield consistency(plan, is_settled=True)


def lost_in_azure(request: Request, points: Sequence[Point]) -> Iterator[str]:
    """`No longer in Azure, as of 30 Nov 2026, 05:00 UTC: web-01_OsDisk (1 of 2).`

    One sentence for what is gone and one for what could not be read; `points` are the ledger's.
    """
    if request.state is not State.DONE:
        return
    for state, words in _NOT_SEEN.items():
        found = [point for point in points if point.in_azure is state and point.looked_at]
        if not found:
            continue
        when = moment_words(max(point.looked_at for point in found if point.looked_at))
        names = [cut(point.disk_name or point.vm_name, DISK_LIMIT) for point in found]
        left = [f"{len(names) - STEPS} more"] if len(names) > STEPS else []
        which = listed(names[:STEPS] + left)
        yield f"{words}, as of {when}: {which} ({len(found)} of {len(points)})."


def in_line(steps: Sequence[Step]) -> str:
    """`snapshot of data-1: copying, 45 % · snapshot of log: not begun`; then how many more."""
    shown = steps if len(steps) <= STEPS else steps[: STEPS - 1]
    said = [cut(_brief(step), STEP_LIMIT) for step in shown]
    if left := len(steps) - len(shown):
        said.append(f"and {left} more")
    return " · ".join(said)


def _brief(step: Step) -> str:
    return step.what if step.state is StepState.THERE else step_words(step)


def ended(request: Request, steps: Sequence[Step]) -> str:
    """Why it ended, and what is left of it."""
    why = sentence(cut(request.why, LINE_LIMIT)) if request.why else MEANING[request.state]
    if request.state is State.CLEANED_UP:
        return MEANING[State.CLEANED_UP]
    untouched = request.state in _UNTOUCHED or not any(step.attempts for step in steps)
    left = _NOTHING[request.row.facts.effect] if untouched else _NOTHING_LEFT
    return f"{why} {left}"


def extends(request: Request) -> bool:
    return request.row.facts.effect is Effect.EXTENDS
