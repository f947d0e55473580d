"""The card of a request: one message in the channel that shows the stored state at a glance.

While it is open: the sign and the state, what is asked for and what that costs, the buttons, then
the small print. Once it is decided: the header, one section, and the small print. Names, ids and
the rule stand in the thread (`bot.messages.plan_note`). So the buttons are on the first screen of
a phone, however many disks there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.words import sentence
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    bullets,
    header,
    moment,
    paragraph,
    person,
    rich_text,
    run,
    space,
    top_level,
    user_group,
)
from bot.messages.request_buttons import buttons
from bot.messages.request_money import kept_cost, planned_cost
from bot.messages.request_phrases import (
    OPEN,
    STEP_LIMIT,
    STEPS,
    ended,
    extends,
    in_line,
    kept_and_cost,
    lost_in_azure,
    to_weigh,
)
from bot.messages.request_spoken import spoken
from bot.messages.request_standing import headline, points_deleted, standing
from bot.messages.request_words import (
    LINE_LIMIT,
    REASON_LIMIT,
    CardFacts,
    old_disk,
)
from bot.messages.small_print import joined, small_print
from bot.requests.model import Approval, Point, RequestPlan, Step, StepState
from bot.requests.request import Request
from bot.requests.states import MEANING, State

NOTES, PEOPLE = 5, 5  #: notes of the plan, approvers by name
NOTES_LIMIT = 300
_NO_FACTS = CardFacts()


def request_card(
    request: Request,
    approvals: Sequence[Approval] = (),
    steps: Sequence[Step] = (),
    facts: CardFacts = _NO_FACTS,
    points: Sequence[Point] = (),
) -> Message:
    """The card of the stored request; `approvals` may include those of earlier revisions."""
    valid = [each for each in approvals if each.revision == request.revision]
    is_gone = points_deleted(request, points)
    title = headline(request, valid, steps, facts, is_gone=is_gone)
    shown = _open(request, steps) if request.state in OPEN else _decided(request, steps, points)
    blocks = [
        header(title),
        *shown,
        *buttons(request, points),
        _context(request, valid, facts),
        *_to_know(request),
    ]
    said = standing(request, valid, steps, facts, is_gone=is_gone)
    text = top_level([f"{said}.", *spoken(request, valid, steps, facts, points)])
    return Message(text=text, blocks=tuple(blocks), public=True)


# --- while it is open ------------------------------------------------------------------------


def _open(request: Request, steps: Sequence[Step]) -> Iterator[Block]:
    lines = [*_loud(request), paragraph(*_ask(request))]
    if request.wish.reason:
        lines.append(_named("Reason", request.wish.reason))
    yield rich_text(*lines)
    more = [paragraph(run(sentence(request.why), REASON_LIMIT, bold=True))] if request.why else []
    more += [paragraph(run(each, LINE_LIMIT)) for each in to_weigh(request)]
    more += _progress(request, steps)
    if more:
        yield rich_text(*more)


def _ask(request: Request) -> Iterator[Element]:
    yield person(request.requester.user_id)
    plan = request.plan
    if plan is None:
        yield from (space(" asks for "), run(request.row.words.phrase(request.wish), LINE_LIMIT))
        yield space(". The plan is being made.")
        return
    yield from (space(" asks for "), run(request.row.words.wanted(plan), LINE_LIMIT))
    yield from kept_and_cost(request, plan)
    yield space(".")


def _progress(request: Request, steps: Sequence[Step]) -> Iterator[Element]:
    there = [step for step in steps if step.state is StepState.THERE]
    rest = [step for step in steps if step.state is not StepState.THERE]
    if request.state is State.RUNNING:
        if rest:
            yield _named("Still to come", in_line(rest), STEP_LIMIT * STEPS)
        if request.cancel_asked_by:
            stops = space(" asked to stop before the next disk.")
            yield paragraph(person(request.cancel_asked_by), stops)
    elif request.state is State.HALF_DONE:
        for name, some in (("There", there), ("Not there", rest)):
            yield _named(name, in_line(some) or "nothing", STEP_LIMIT * STEPS)


# --- once it is decided ----------------------------------------------------------------------


def _decided(request: Request, steps: Sequence[Step], points: Sequence[Point]) -> Iterator[Block]:
    lines = [*_loud(request)]
    if request.state is State.DONE:
        lines += _done(request, points)
    else:
        lines.append(paragraph(run(ended(request, steps), REASON_LIMIT)))
        if request.plan is not None:
            lines.append(paragraph(*_would_have_been(request, request.plan)))
    yield rich_text(*lines)


def _done(request: Request, points: Sequence[Point]) -> Iterator[Element]:
    """What is there, until when and for how much; what of it is gone is said, too."""
    plan = request.plan
    if plan is None:
        yield paragraph(run(MEANING[State.DONE], LINE_LIMIT))
        return
    if points_deleted(request, points):
        happened = request.row.words.happened(plan).removesuffix(".")
        yield paragraph(run(f"{happened}, and what was made has been deleted since.", LINE_LIMIT))
        return
    line = [run(request.row.words.happened(plan), LINE_LIMIT)]
    if request.row.words.shows_cost and (terms := list(_terms(request, plan, points))):
        line += [space(" "), *terms, space(".")]
    yield paragraph(*line)
    for lost in lost_in_azure(request, points):
        yield paragraph(run(lost, LINE_LIMIT, bold=True))
    if old := old_disk(plan):
        yield paragraph(run(old, LINE_LIMIT))


def _terms(request: Request, plan: RequestPlan, points: Sequence[Point]) -> Iterator[Element]:
    """`Kept until 2 Dec, about 0.71 USD (0.14 to 1.55)`: one expiry, the one that holds now."""
    if request.expires_at is not None:
        differ = len({point.expires_at for point in points}) > 1
        yield space("Kept until " if not differ else "Kept at least until ")
        yield from (moment(request.expires_at), space(": "))
    else:
        yield space("Cost: ")
    if extends(request):
        yield from planned_cost(plan, "more")
    else:
        yield from kept_cost(plan, points)


def _would_have_been(request: Request, plan: RequestPlan) -> Iterator[Element]:
    yield space("It would have been ")
    yield run(request.row.words.wanted(plan), LINE_LIMIT)
    yield from kept_and_cost(request, plan)
    yield space(".")


# --- the small print -------------------------------------------------------------------------


def _context(request: Request, approvals: Sequence[Approval], facts: CardFacts) -> Block:
    parts = [*_by_state(request, approvals, facts), [run(request.id, LINE_LIMIT)]]
    if request.revision > 1:
        parts.append([space(f"revision {request.revision} of its plan")])
    reason = request.wish.reason if request.state not in OPEN else ""
    said = [run(f"Reason: {reason}", REASON_LIMIT)] if reason else []
    return small_print(joined(parts), said)


def _by_state(
    request: Request, approvals: Sequence[Approval], facts: CardFacts
) -> Iterator[list[Element]]:
    asker = person(request.requester.user_id)
    approved = _approved_by(approvals)
    if request.state is State.WAITING:
        yield _who_may(request, facts)
        yield approved
        if facts.still_needed:
            yield [run(f"still needed: {facts.still_needed}", LINE_LIMIT)]
        if request.decide_by is not None:
            yield [space("until "), moment(request.decide_by)]
        return
    if request.state not in OPEN:
        yield [space("asked for by "), asker]
    yield approved
    if request.state is State.APPROVED and request.begin_by is not None:
        yield [space("begins before "), moment(request.begin_by), space(", or asks again")]


def _who_may(request: Request, facts: CardFacts) -> list[Element]:
    named = [*map(user_group, facts.approver_groups), *map(person, facts.approver_users)]
    line = _together(named) if named else [space("those whom the rule names")]
    return [*line, space(" may approve, "), person(request.requester.user_id), space(" may not")]


def _approved_by(approvals: Sequence[Approval]) -> list[Element]:
    people = dict.fromkeys(each.user_id for each in approvals)
    return [space("approved by "), *_together(list(map(person, people)))] if people else []


def _together(elements: Sequence[Element]) -> list[Element]:
    line: list[Element] = []
    for number, element in enumerate(elements[:PEOPLE]):
        line += [space(", "), element] if number else [element]
    if len(elements) > PEOPLE:
        line.append(space(f" and {len(elements) - PEOPLE} more"))
    return line


def _to_know(request: Request) -> Iterator[Block]:
    """The notes of the plan, under the buttons, while they can still change somebody's mind."""
    notes = request.plan.notes if request.plan else ()
    if not notes or request.state not in (State.PLANNING, State.WAITING):
        return
    shown = [paragraph(run(sentence(note), NOTES_LIMIT)) for note in notes[:NOTES]]
    if len(notes) > NOTES:
        shown.append(paragraph(run(f"and {len(notes) - NOTES} more", LINE_LIMIT)))
    yield rich_text(paragraph(run("To know", LINE_LIMIT, bold=True)), bullets(shown))


def _loud(request: Request) -> Iterator[Element]:
    if not request.wish.break_glass:
        return
    line = [run("Nobody approved this: the glass was broken.", LINE_LIMIT, bold=True)]
    if request.looked_by:
        line += [space(" Looked at by "), person(request.looked_by), space(".")]
    elif request.look_by is not None:
        line += [space(" Somebody else looks at it before "), moment(request.look_by)]
        line.append(space(" and presses the button, or it is escalated."))
    yield paragraph(*line)


def _named(name: str, wording: str, limit: int = REASON_LIMIT) -> Element:
    return paragraph(run(f"{name}:", LINE_LIMIT, bold=True), space(), run(wording, limit))
