"""The messages in a request's thread and to one person alone; each reports a stored fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from advisor.words import counted, sentence
from bot.messages.blocks import (
    Element,
    Message,
    bullets,
    cut,
    paragraph,
    person,
    rich_text,
    run,
    space,
    top_level,
    user_group,
)
from bot.messages.money_words import exact_words
from bot.messages.request_words import (
    COMMAND,
    LINE_LIMIT,
    NAME_LIMIT,
    REASON_LIMIT,
    CardFacts,
    how_to_restore,
    old_disk,
    point_words,
    price,
    progress,
    requester_name,
    short_name,
    step_words,
    title,
    total,
    vm_name,
    with_full_stop,
)
from bot.requests.action import Effect
from bot.requests.model import Point, Step, StepState
from bot.requests.moments import moment_words
from bot.requests.request import Request

LINES = 16
ID_LIMIT = 300
_WHAT_IS_LEFT = "What is left"
_LEFT = "What follows was begun, and could not be removed. Look at it in Azure; it may cost money."


# --- to the requester, at once -------------------------------------------------------------------


def refused(request: Request, why: str) -> Message:
    """To the requester: the request is refused, and why."""
    return answer(f"{title(request)} ({request.id}) is refused. {sentence(why)}")


def answer(wording: str) -> Message:
    """One sentence to one person: the answer to a click, a refusal."""
    element = paragraph(run(wording, REASON_LIMIT * 4))
    return Message(text=top_level([wording]), blocks=(rich_text(element),))


# --- decisions -------------------------------------------------------------------------------


def approved(
    request: Request, who: str, why_allowed: str, still_needed: str, audit_head: str
) -> Message:
    """An approver approved; `who` is a Slack id. `still_needed` empty: the approvals suffice."""
    more = f"More are needed: {with_full_stop(still_needed)}"
    rest = more if still_needed else "Enough: it is checked once more and begun."
    wording = f"approved revision {request.revision} of the plan ({why_allowed}). {rest}"
    return decision(who, wording, audit_head)


def without_approval(request: Request, why: str, audit_head: str) -> Message:
    """The rule needs no approval."""
    wording = f"No approval is needed for revision {request.revision} of the plan. {sentence(why)}"
    return decision("", wording, audit_head)


def denied(
    request: Request, who: str, reason: str, audit_head: str, *, exists: bool = False
) -> Message:
    """An approver denied. `exists`: the request was half done before."""
    why = sentence(cut(reason, REASON_LIMIT)) if reason.strip() else "No reason was given."
    wording = f"denied it. {why} {_untouched(exists)}"
    return decision(who, wording, audit_head, mentions=requester_of(request))


def requester_of(request: Request) -> tuple[str, ...]:
    """The requester to be mentioned; nobody where vmbackup itself asks."""
    return (request.requester.user_id,) if request.requester.user_id else ()


def cancelled(request: Request, who: str, audit_head: str, *, exists: bool = False) -> Message:
    """The requester cancelled, or an approver stopped it. `exists`: as in `denied`."""
    is_own = who == request.requester.user_id
    did = "took the request back" if is_own else "stopped the request"
    mentions = () if is_own else requester_of(request)
    return decision(who, f"{did}. {_untouched(exists)}", audit_head, mentions=mentions)


def _untouched(exists: bool) -> str:
    if exists:
        return "What exists of it stays. Say on the card whether to go on or to delete it."
    return "Nothing was changed in Azure."


def stopping(request: Request, who: str, audit_head: str) -> Message:
    """The requester or an approver asked to stop the running request."""
    after = "It stops before the next disk."
    if request.row.facts.is_rolled_back:
        after = "It stops before the next step, and what was done is rolled back."
    mentions = () if who == request.requester.user_id else requester_of(request)
    return decision(who, f"asked to stop. {after}", audit_head, mentions=mentions)


def resuming(request: Request, who: str, audit_head: str) -> Message:
    """A person resumed the half-done request."""
    return decision(who, "asked for the rest. The plan is checked once more first.", audit_head)


def cleaning_up(request: Request, who: str, audit_head: str) -> Message:
    """A person asked to clean up the half-done request."""
    return decision(who, "asked to delete what exists of it.", audit_head)


def reviewed(request: Request, who: str, audit_head: str) -> Message:
    """Another person reviewed the break-glass request."""
    return decision(who, "looked at it.", audit_head)


def break_glass(request: Request, team: Sequence[str], audit_head: str) -> Message:
    """A break-glass request, loudly. `team` are the ids of the groups and people to review it."""
    by = _until("Somebody else has to look at it before", request.look_by)
    wording = (
        f"broke the glass: {title(request)} is taken without an approval. "
        f"Reason: {with_full_stop(cut(request.wish.reason, REASON_LIMIT))}{by}"
    )
    return decision(request.requester.user_id, wording, audit_head, mentions=team)


def escalated(request: Request, mentions: Sequence[str], audit_head: str) -> Message:
    """Nobody reviewed the break-glass request in time; `mentions` are ids of people and groups."""
    wording = (
        f"Nobody looked in time at {title(request)} ({request.id}), for which "
        f"{requester_name(request.requester)} broke the glass, without an approval. Look at it "
        "now, and press the button on its card."
    )
    return decision("", wording, audit_head, mentions=mentions)


def voided(request: Request, changes: Sequence[str], audit_head: str) -> Message:
    """The approval is void: what changed, and that the plan needs a new approval."""
    lead = (
        f"The approval counts no longer, because something it stood on is different. Revision "
        f"{request.revision} of the plan is on the card and needs a new approval."
    )
    return _listed("", lead, "What is different", changes, (_head(audit_head),))


def decision(who: str, wording: str, audit_head: str, mentions: Sequence[str] = ()) -> Message:
    """What a person decided, in the thread, with the audit's head; `mentions` are told."""
    runs: list[Element] = []
    for number, each in enumerate(mentions[:LINES]):
        runs += [space(", ")] if number else []
        runs.append(user_group(each) if each.startswith("S") else person(each))
    runs += [space(": ")] if mentions else []
    if who:
        runs += [person(who), space(" ")]
    runs.append(run(wording, REASON_LIMIT * 3))
    head = paragraph(run(_head(audit_head), LINE_LIMIT))
    name = f"{who} " if who else ""
    text = top_level([f"{name}{wording}", _head(audit_head)])
    return Message(text=text, blocks=(rich_text(paragraph(*runs), head),), public=True)


def _head(audit_head: str) -> str:
    return f"Audit: {audit_head}"


def _until(lead: str, at: datetime | None) -> str:
    return f" {lead} {moment_words(at)}." if at is not None else ""


# --- reminders and final states --------------------------------------------------------------


def reminder(request: Request, facts: CardFacts) -> Message:
    """To the approvers: the request still waits."""
    until = _until("It lapses on", request.decide_by)
    wording = f"{title(request)} still waits for approval.{until}"
    named = [*map(user_group, facts.approver_groups), *map(person, facts.approver_users)]
    runs = [each for element in named[:LINES] for each in (element, space(" "))]
    runs.append(run(wording, REASON_LIMIT))
    return Message(text=top_level([wording]), blocks=(rich_text(paragraph(*runs)),), public=True)


def lapsed(request: Request, *, exists: bool = False) -> Message:
    """Nobody decided in time. `exists`: the request was half done before."""
    after = "" if exists else " Ask again if it is still wanted."
    return _plain(
        f"Nobody decided on {title(request)} in time, so it has lapsed. {_untouched(exists)}{after}"
    )


def failed(
    request: Request, why: str, *, left: Sequence[str] = (), stopped: bool = False
) -> Message:
    """The request failed, or a person stopped it before anything of it existed.

    `left` are ARM ids of resources that remain in Azure, or may remain.
    """
    ended = "was stopped" if stopped else "failed"
    if not left:
        return _plain(f"{title(request)} {ended}, and nothing of it exists. {sentence(why)}")
    lead = f"{title(request)} {ended}. {sentence(why)} {_LEFT}"
    return _listed(request.requester.user_id, lead, _WHAT_IS_LEFT, left, ())


def not_resumed(request: Request, why: str) -> Message:
    """The half-done request cannot be resumed."""
    return _plain(f"{title(request)} is not gone on with. {sentence(why)} {_untouched(True)}")


def half_done(
    request: Request, steps: Sequence[Step], left: Sequence[str] = (), *, stands: str = ""
) -> Message:
    """The request is half done: what exists, what does not, how the VM stands, what to do.

    `left`: as in `failed`.
    """
    there = [step_words(each) for each in steps if each.state is StepState.THERE]
    absent = [step_words(each) for each in steps if each.state is not StepState.THERE]
    lead = (
        f"{title(request)} is half done: {progress(steps)}. Say on the card whether to go on "
        "with the rest or to delete what exists."
    )
    lines = [
        *([stands] if stands else []),
        *(f"Exists: {each}" for each in there),
        *(f"Does not: {each}" for each in absent),
    ]
    lines += [f"Begun, and could not be removed: {each}" for each in left]
    return _listed(request.requester.user_id, lead, "Step by step", lines, ())


def cleaned_up(request: Request, left: Sequence[str] = ()) -> Message:
    """The half-done request is cleaned up. `left`: as in `failed`."""
    lead = f"What existed of {title(request)} is deleted."
    if not left:
        return _plain(lead)
    return _listed(request.requester.user_id, f"{lead} {_LEFT}", _WHAT_IS_LEFT, left, ())


def result(request: Request, points: Sequence[Point]) -> Message:
    """The request is done: ids, places, cost, expiry, and how to restore."""
    lead = f"{request.row.words.done}: {title(request)}."
    lines = [f"{point.arm_id}: {point_words(point)}" for point in points]
    after = list(_after(request, points))
    return _listed(request.requester.user_id, lead, "What was made", lines, after)


def _after(request: Request, points: Sequence[Point]) -> list[str]:
    if not request.row.words.keeps_points:
        old = old_disk(request.plan) if request.plan else ""
        return [old] if old else []
    sentences = []
    if points:
        together = total((point.cost_a_month for point in points), points[0].currency)
        sentences.append(f"Cost: {together} a month.")
    if request.expires_at is not None:
        sentences.append(
            f"It is deleted on {moment_words(request.expires_at)}. {_how_to_extend(request)}"
        )
    sentences.append(f"To restore it, type “{how_to_restore(_origin_id(request))}”.")
    return sentences


def expires_soon(
    request: Request,
    points: Sequence[Point],
    extension: Decimal | None = None,
    immutable_until: datetime | None = None,
) -> Message:
    """The reminder before the deletion; `extension` is the price of a day more, where known.

    What is immutable beyond the expiry is deleted only then, and no earlier deletion is promised.
    """
    when = moment_words(request.expires_at) if request.expires_at else "its expiry"
    if immutable_until and request.expires_at and immutable_until > request.expires_at:
        when = f"{when}, and what of it is immutable on {moment_words(immutable_until)}"
    currency = points[0].currency if points else ""
    a_day = f" A day more costs about {exact_words(extension, currency)}." if extension else ""
    lead = (
        f"{title(request)} is deleted on {when}: {counted(len(points), 'item')} of "
        f"{vm_name(request)}.{a_day} {_how_to_extend(request)}"
    )
    lines = [f"{short_name(each.arm_id)}: {_a_month(each)}" for each in points]
    return _listed(request.requester.user_id, lead, "What goes", lines, ())


def _how_to_extend(request: Request) -> str:
    return f"To keep it longer, type “{COMMAND} extend {_origin_id(request)} 2d REASON”."


def _origin_id(request: Request) -> str:
    """The id of the request that made the points: an extension has no points of its own."""
    extends = request.row.facts.effect is Effect.EXTENDS
    return request.plan.of_request if extends and request.plan else request.id


def deleted(request: Request, points: Sequence[Point]) -> Message:
    """The points of the request are deleted, after expiry or by a clean-up."""
    lead = f"{title(request)}: {counted(len(points), 'item')} deleted."
    return _listed("", lead, "What is gone", [short_name(each.arm_id) for each in points], ())


def not_deleted(request: Request, why: str) -> Message:
    """A resource differs from the ledger, or is locked, so that it is not deleted."""
    return _plain(
        f"{title(request)}: it was to be deleted and is still there. {sentence(why)} Look at it "
        "in Azure; it goes on costing money."
    )


def put_off(request: Request, immutable: Mapping[str, datetime]) -> Message:
    """What expired and is immutable for longer: ARM id -> until when."""
    lead = (
        f"{title(request)} expired. {counted(len(immutable), 'item')} of it can be deleted later."
    )
    lines = [f"{short_name(each)}: until {moment_words(at)}" for each, at in immutable.items()]
    return _listed("", lead, "Immutable, and deleted by itself after that", lines, ())


def _a_month(point: Point) -> str:
    known = point.cost_a_month is not None
    return f"{price(point.cost_a_month, point.currency)}{' a month' if known else ''}"


def _plain(wording: str) -> Message:
    element = paragraph(run(wording, REASON_LIMIT * 2))
    return Message(text=top_level([wording]), blocks=(rich_text(element),), public=True)


def _listed(who: str, lead: str, name: str, lines: Sequence[str], after: Sequence[str]) -> Message:
    """A sentence, addressed to `who` if given, lines under it, and sentences after them."""
    addressed = [person(who), space(" ")] if who else []
    elements = [paragraph(*addressed, run(lead, REASON_LIMIT * 2))]
    if lines:
        shown = [paragraph(run(line, ID_LIMIT)) for line in lines[:LINES]]
        if len(lines) > LINES:
            shown.append(paragraph(run(f"and {len(lines) - LINES} more", NAME_LIMIT)))
        elements += [paragraph(run(name, NAME_LIMIT, bold=True)), bullets(shown)]
    elements += [paragraph(run(wording, REASON_LIMIT)) for wording in after]
    text = top_level([lead, *map(with_full_stop, lines), *after])
    return Message(text=text, blocks=(rich_text(*elements),), public=True)
