"""The text of a card that notifications show and screen readers say: the whole meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.words import counted, sentence
from bot.messages.blocks import cut
from bot.messages.request_money import amount_words, kept_cost, planned_cost
from bot.messages.request_phrases import (
    OPEN,
    ended,
    extends,
    in_line,
    kept_and_cost,
    lost_in_azure,
    to_weigh,
)
from bot.messages.request_standing import have, points_deleted
from bot.messages.request_words import (
    LINE_LIMIT,
    REASON_LIMIT,
    CardFacts,
    requester_name,
    with_full_stop,
)
from bot.requests.model import Approval, Point, RequestPlan, Step, StepState
from bot.requests.moments import moment_words
from bot.requests.request import Request
from bot.requests.states import State


def spoken(
    request: Request,
    approvals: Sequence[Approval],
    steps: Sequence[Step],
    facts: CardFacts,
    points: Sequence[Point],
) -> Iterator[str]:
    """The rest of the meaning in plain sentences, for notifications and screen readers."""
    if request.wish.break_glass:
        yield "Nobody approved this: the glass was broken."
    if request.state in OPEN:
        yield from _spoken_open(request, approvals, steps, facts)
    elif request.state is State.DONE:
        yield from _spoken_done(request, points)
    else:
        yield ended(request, steps)
        if request.plan is not None:
            yield f"It would have been {_spoken_plan(request, request.plan)}."
    yield f"Request {request.id}."


def _spoken_open(
    request: Request, approvals: Sequence[Approval], steps: Sequence[Step], facts: CardFacts
) -> Iterator[str]:
    who, plan = requester_name(request.requester), request.plan
    wanted = _spoken_plan(request, plan) if plan else request.row.words.phrase(request.wish)
    yield f"{who} asks for {cut(wanted, REASON_LIMIT)}."
    if request.wish.reason:
        yield with_full_stop(cut(f"Reason: {request.wish.reason}", REASON_LIMIT))
    if request.why:
        yield sentence(cut(request.why, REASON_LIMIT))
    yield from (cut(each, REASON_LIMIT) for each in to_weigh(request))
    if request.state is State.WAITING:
        yield from _spoken_decision(request, approvals, facts)
    rest = [step for step in steps if step.state is not StepState.THERE]
    if request.state in (State.RUNNING, State.HALF_DONE) and rest:
        yield with_full_stop(in_line(rest))


def _spoken_done(request: Request, points: Sequence[Point]) -> Iterator[str]:
    plan = request.plan
    if plan is None:
        return
    yield cut(request.row.words.happened(plan), LINE_LIMIT)
    if points_deleted(request, points):
        yield "What was made has been deleted since."
    elif request.expires_at is not None and request.row.words.shows_cost:
        cost = planned_cost(plan, "more") if extends(request) else kept_cost(plan, points)
        yield f"Kept until {moment_words(request.expires_at)}: {amount_words(cost)}."
    yield from lost_in_azure(request, points)


def _spoken_plan(request: Request, plan: RequestPlan) -> str:
    terms = kept_and_cost(request, plan)
    said = "".join(str(each.get("text") or each["fallback"]) for each in terms)
    return f"{cut(request.row.words.wanted(plan), LINE_LIMIT)}{said}"


def _spoken_decision(
    request: Request, approvals: Sequence[Approval], facts: CardFacts
) -> Iterator[str]:
    if facts.still_needed:
        yield f"{counted(have(approvals), 'approval')} so far; still needed: {facts.still_needed}."
    until = f" until {moment_words(request.decide_by)}" if request.decide_by else ""
    rule = f" by the rule “{cut(facts.rule_name, LINE_LIMIT)}”" if facts.rule_name else ""
    who = requester_name(request.requester)
    yield f"Those named{rule} may approve{until}, {who} may not."
