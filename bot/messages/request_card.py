"""The card of a request: one message in the channel that shows the stored state.

The largest card stays under the 12,500 characters that Slack was seen to accept: the table of
disks has at most 5,000, and every other part has a limit of length and number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.words import counted, listed, sentence
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    bullets,
    context,
    cut,
    header,
    moment,
    moment_words,
    paragraph,
    person,
    rich_text,
    run,
    space,
    table,
    top_level,
    user_group,
    width,
)
from bot.messages.request_buttons import buttons
from bot.messages.request_words import (
    LINE_LIMIT,
    REASON_LIMIT,
    CardFacts,
    consistency,
    cost,
    counted_amount,
    disk_role,
    headline,
    how_to_restore,
    old_disk,
    place,
    point_words,
    progress,
    requester_name,
    retention,
    short_name,
    step_words,
    with_full_stop,
)
from bot.requests.model import Approval, PlannedDisk, Point, RequestPlan, Step, StepState
from bot.requests.request import Request
from bot.requests.states import MEANING, State

TABLE_BUDGET = 5000  #: of Slack's 10,000 for a table: the rest of the card needs room, too
LINES, NOTES, PEOPLE = 16, 5, 10  #: steps or points, notes of the plan, approvers by name
POINT_LIMIT, ID_LIMIT = 200, 260
_COLUMNS = ("Disk", "What it is", "Size", "Kind", "What is made")
_NO_FACTS = CardFacts()
_NOT_UNDONE = "not possible: nobody can bring back what this does away with"
_UNAPPROVED = "It begins without an approval; nothing has been changed yet."
_GONE = "Everything that was planned was made, and has been deleted since."
_DECIDED = (State.DENIED, State.CANCELLED, State.LAPSED, State.REFUSED, State.FAILED)
_BEFORE = (State.PLANNING, State.WAITING, State.APPROVED, *_DECIDED)


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
    blocks = [
        header(headline(request, is_gone=is_gone)),
        rich_text(*_lead(request)),
        *_disks(request),
        *_progress_and_result(request, steps, points),
        *_plan_facts(request, facts),
        *_decision(request, valid, facts),
        *buttons(request),
        context(*_small_print(request, is_gone=is_gone)),
    ]
    text = top_level(_spoken(request, valid, steps, facts, points))
    return Message(text=text, blocks=tuple(blocks), public=True)


def points_deleted(request: Request, points: Sequence[Point]) -> bool:
    """Whether the points were deleted since; `points` are those that still exist."""
    ends = request.state is State.DONE and request.expires_at is not None
    return ends and not points and request.row.words.is_restorable


# --- the requester and the reason ------------------------------------------------------------


def _lead(request: Request) -> Iterator[Element]:
    if request.wish.break_glass:
        yield paragraph(*_break_glass(request))
    yield paragraph(person(request.requester.user_id), space(" "), *_ask(request))
    if request.wish.reason:
        yield _fact("Reason", request.wish.reason, REASON_LIMIT)
    if request.why and request.state not in (State.PLANNING, State.DONE):
        yield paragraph(run(sentence(request.why), REASON_LIMIT, bold=True))


def _ask(request: Request) -> tuple[Element, ...]:
    plan = request.plan
    what = _sentence_of(request, plan) if plan else MEANING[request.state]
    return space("asked for this. "), run(what, LINE_LIMIT)


def _sentence_of(request: Request, plan: RequestPlan) -> str:
    words = request.row.words
    return words.happened(plan) if request.state is State.DONE else words.happens(plan)


def _break_glass(request: Request) -> Iterator[Element]:
    yield run("Nobody approved this: the glass was broken.", LINE_LIMIT, bold=True)
    if request.looked_by:
        yield from (space(" Looked at by "), person(request.looked_by), space("."))
    elif request.look_by is not None:
        yield space(" Somebody else looks at it before ")
        yield moment(request.look_by)
        yield space(" and presses the button, or it is escalated.")


# --- the plan --------------------------------------------------------------------------------


def _disks(request: Request) -> Iterator[Block]:
    plan = request.plan
    if plan is None or not plan.disks or request.state not in _BEFORE:
        return
    yield table([_COLUMNS, *disk_rows(plan)])


def disk_rows(plan: RequestPlan) -> list[tuple[str, ...]]:
    """One row for each disk while there is room, and one that counts the others."""
    rows: list[tuple[str, ...]] = []
    room = TABLE_BUDGET
    for number, disk in enumerate(plan.disks):
        row = _row(disk, plan)
        room -= sum(min(width(cell), 110) for cell in row)
        if room < 0:
            left = plan.disks[number:]
            more = f"and {counted(len(left), 'more disk')}"
            return [*rows, (more, "-", f"{sum(each.size_gib for each in left):,} GB", "-", "-")]
        rows.append(row)
    return rows


def _row(disk: PlannedDisk, plan: RequestPlan) -> tuple[str, ...]:
    made = short_name(disk.target_id) if disk.target_id else str(plan.kind)
    slow = ", copied in the background" if disk.in_background else ""
    return disk.name, disk_role(disk), f"{disk.size_gib:,} GB", disk.sku, f"{made}{slow}"


def _plan_facts(request: Request, facts: CardFacts) -> Iterator[Block]:
    plan = request.plan
    if plan is None:
        return
    lines, words = [_fact("Where", place(plan))], request.row.words
    if words.shows_consistency:
        wording = consistency(plan, is_settled=_is_settled(request))
        lines.append(_fact("Consistency", wording, REASON_LIMIT))
    if words.shows_cost:
        lines += [_fact("Cost", _cost(plan), REASON_LIMIT), _fact("Kept", retention(plan))]
    if request.state in _BEFORE and words.shows_cost:
        lines.append(
            _fact("Counted for rules and budgets", _counted_cost(plan, facts), REASON_LIMIT)
        )
    if request.state is State.WAITING and not request.row.facts.can_be_undone:
        lines.append(_fact("Undo", _NOT_UNDONE))
    yield rich_text(*lines)
    if plan.notes and request.state in _BEFORE:
        notes = [paragraph(run(sentence(note), LINE_LIMIT)) for note in plan.notes[:NOTES]]
        yield rich_text(paragraph(run("To know", LINE_LIMIT, bold=True)), bullets(notes))


def _is_settled(request: Request) -> bool:
    return request.state not in (State.PLANNING, State.WAITING)


def _cost(plan: RequestPlan) -> str:
    never = _never_expires(plan)
    return cost(plan.cost, never_expires=never, sent_to=plan.target_region)


def _counted_cost(plan: RequestPlan, facts: CardFacts) -> str:
    wording = with_full_stop(counted_amount(plan.cost, never_expires=_never_expires(plan)))
    return f"{wording} {sentence(facts.budget)}".strip()


def _never_expires(plan: RequestPlan) -> bool:
    return plan.keep is None and plan.expires_at is None


def _fact(name: str, wording: str, limit: int = LINE_LIMIT) -> Element:
    return paragraph(
        run(f"{name}:", LINE_LIMIT, bold=True), space(), run(with_full_stop(wording), limit)
    )


# --- the decision ----------------------------------------------------------------------------


def _decision(request: Request, approvals: Sequence[Approval], facts: CardFacts) -> Iterator[Block]:
    lines = []
    if request.state is State.WAITING:
        lines.append(paragraph(*_who_may(request, facts)))
        lines.append(paragraph(*_how_many(request, approvals, facts)))
    lines += [paragraph(*_approval(each)) for each in approvals[:PEOPLE]]
    if request.state is State.APPROVED and request.begin_by is not None:
        begin = (space("It is begun before "), moment(request.begin_by), space(", or asked again."))
        lines.append(paragraph(*begin))
    if lines:
        yield rich_text(*lines)


def _who_may(request: Request, facts: CardFacts) -> Iterator[Element]:
    yield run("Who may approve:", LINE_LIMIT, bold=True)
    named = [*map(user_group, facts.approver_groups), *map(person, facts.approver_users)]
    for number, element in enumerate(named[:PEOPLE]):
        yield space(" " if number == 0 else ", ")
        yield element
    if len(named) > PEOPLE:
        yield space(f" and {len(named) - PEOPLE} more")
    yield space(", but not " if named else " nobody but those the rule names, and not ")
    yield from (person(request.requester.user_id), space(", who asked."))
    if facts.rule_name:
        yield space(" ")
        yield run(_why_rule(facts), REASON_LIMIT)


def _why_rule(facts: CardFacts) -> str:
    why = f": {facts.why_rule}" if facts.why_rule else ""
    names = listed(f"“{name}”" for name in facts.rule_name.split(" + "))  # as rules are combined
    who = f"The rules {names} say" if " + " in facts.rule_name else f"The rule {names} says"
    return sentence(f"{who} so{why}")


def _how_many(
    request: Request, approvals: Sequence[Approval], facts: CardFacts
) -> Iterator[Element]:
    yield run("Approvals:", LINE_LIMIT, bold=True)
    yield space(" ")
    yield run(_approval_count(approvals, facts, "needed"), REASON_LIMIT)
    if request.decide_by is not None:
        yield from (space(", until "), moment(request.decide_by))
    yield space(". One denial ends it.")


def _approval_count(approvals: Sequence[Approval], facts: CardFacts, what: str) -> str:
    have = len({each.user_id for each in approvals})
    if facts.still_needed:
        return f"{counted(have, 'approval')} so far; still needed: {facts.still_needed}"
    return f"{have} of {facts.approvals_needed} {what}"


def _approval(approval: Approval) -> Iterator[Element]:
    yield from (space("Approved by "), person(approval.user_id), space(" on "))
    yield from (moment(approval.at), space(" ("), run(approval.why_allowed, LINE_LIMIT), space(")"))


# --- the progress and the result -------------------------------------------------------------


def _progress_and_result(
    request: Request, steps: Sequence[Step], points: Sequence[Point]
) -> Iterator[Block]:
    if request.state is State.RUNNING:
        yield _list(f"Progress: {progress(steps)}", [step_words(step) for step in steps])
        if request.cancel_asked_by:
            stop = (person(request.cancel_asked_by), space(" asked to stop before the next disk."))
            yield rich_text(paragraph(*stop))
    elif request.state in (State.HALF_DONE, State.CLEANED_UP, State.FAILED) and steps:
        yield from _half_done_lists(steps)
    elif request.state is State.DONE:
        yield from _result(request, points)


def _half_done_lists(steps: Sequence[Step]) -> Iterator[Block]:
    there = [step_words(step) for step in steps if step.state is StepState.THERE]
    absent = [step_words(step) for step in steps if step.state is not StepState.THERE]
    for name, lines in (("What exists", there), ("What does not", absent)):
        yield _list(name, lines or ["nothing"], LINES // 2)


def _result(request: Request, points: Sequence[Point]) -> Iterator[Block]:
    if points:
        lines = [_point(point) for point in points[:LINES]]
        if len(points) > LINES:
            lines.append(paragraph(run(f"and {len(points) - LINES} more", LINE_LIMIT)))
        yield rich_text(paragraph(run("What was made", LINE_LIMIT, bold=True)), bullets(lines))
    if request.plan is not None and (old := old_disk(request.plan)):
        yield rich_text(paragraph(run(old, LINE_LIMIT)))
    is_kept = request.row.words.shows_cost and not points_deleted(request, points)
    if request.expires_at is not None and is_kept:
        expiry = (space(" "), moment(request.expires_at), space("."))
        yield rich_text(paragraph(run("Expires:", LINE_LIMIT, bold=True), *expiry))


def _point(point: Point) -> Element:
    named = run(short_name(point.arm_id), ID_LIMIT, code=True)
    return paragraph(named, space(": "), run(point_words(point), POINT_LIMIT))


def _list(name: str, lines: Sequence[str], most: int = LINES) -> Block:
    shown = [paragraph(run(line, LINE_LIMIT)) for line in lines[:most]]
    if len(lines) > most:
        shown.append(paragraph(run(f"and {len(lines) - most} more", LINE_LIMIT)))
    heading = paragraph(run(name, LINE_LIMIT, bold=True))
    return rich_text(heading, bullets(shown)) if shown else rich_text(heading)


# --- the small print and the spoken text -----------------------------------------------------


def _small_print(request: Request, *, is_gone: bool) -> Iterator[str]:
    revision = f", revision {request.revision} of its plan" if request.revision > 1 else ""
    done_meaning = request.row.words.done_meaning if request.state is State.DONE else ""
    meaning = done_meaning or (_GONE if is_gone else _meaning(request))
    yield f"Request {request.id}{revision}. {meaning}"
    plan = request.plan
    if plan is not None and plan.cost.prices_as_of:
        yield f"Prices as of {plan.cost.prices_as_of}. {plan.cost.basis}".strip()
    restorable = request.row.words.is_restorable and not is_gone
    if request.state is State.DONE and restorable:
        yield f"To restore: {how_to_restore(request.id)}"


def _meaning(request: Request) -> str:
    unapproved = request.look_by is not None and request.state is State.APPROVED
    return _UNAPPROVED if unapproved else MEANING[request.state]


def _spoken(
    request: Request,
    approvals: Sequence[Approval],
    steps: Sequence[Step],
    facts: CardFacts,
    points: Sequence[Point],
) -> Iterator[str]:
    """The whole meaning in plain sentences, for notifications and screen readers."""
    is_gone = points_deleted(request, points)
    yield f"{headline(request, is_gone=is_gone)}."
    if request.wish.break_glass:
        yield "Nobody approved this: the glass was broken."
    reason = f": {request.wish.reason}" if request.wish.reason else ""
    yield with_full_stop(
        cut(f"{requester_name(request.requester)} asked for it{reason}", REASON_LIMIT)
    )
    if request.why and request.state is not State.DONE:
        yield sentence(cut(request.why, REASON_LIMIT))
    yield from _spoken_plan(request, is_gone=is_gone)
    if request.state is State.WAITING:
        yield from _spoken_decision(request, approvals, facts)
    if request.state is State.RUNNING:
        yield f"Progress: {progress(steps)}."
    if request.state is State.HALF_DONE:
        yield from (sentence(cut(step_words(step), LINE_LIMIT)) for step in steps[:LINES])
    yield from (sentence(point_words(point)) for point in points[:LINES])
    yield f"Request {request.id}."


def _spoken_plan(request: Request, *, is_gone: bool) -> Iterator[str]:
    plan = request.plan
    if plan is None:
        return
    yield cut(_sentence_of(request, plan), LINE_LIMIT)
    yield f"Where: {with_full_stop(cut(place(plan), REASON_LIMIT))}"
    words = request.row.words
    if request.state is State.WAITING and not request.row.facts.can_be_undone:
        yield f"Undo: {_NOT_UNDONE}."
    if not words.shows_cost:
        return
    for name, wording in (("Cost", _cost(plan)), ("Kept", retention(plan))):
        yield f"{name}: {with_full_stop(cut(wording, REASON_LIMIT))}"
    if words.shows_consistency:
        wording = consistency(plan, is_settled=_is_settled(request))
        yield f"Consistency: {with_full_stop(cut(wording, REASON_LIMIT))}"
    if request.state is State.DONE and request.expires_at is not None and not is_gone:
        yield f"Expires {moment_words(request.expires_at)}."


def _spoken_decision(
    request: Request, approvals: Sequence[Approval], facts: CardFacts
) -> Iterator[str]:
    until = f", until {moment_words(request.decide_by)}" if request.decide_by else ""
    yield f"{_approval_count(approvals, facts, 'approvals')}{until}."
    if facts.rule_name:
        yield f"Those named by the rule “{cut(facts.rule_name, LINE_LIMIT)}” may approve."
    yield f"Not {requester_name(request.requester)}, who asked."
