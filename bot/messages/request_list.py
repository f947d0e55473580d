"""The list of requests: each with its state, what it keeps, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from advisor.words import counted, listed, sentence
from bot.messages.blocks import Element, Message, cut, moment, person, run, space
from bot.messages.list_page import (
    Frame,
    ListAsked,
    ListGroup,
    listed_page,
    month_words,
    place_words,
    shown_of,
)
from bot.messages.made_buttons import made_buttons, verbs_for
from bot.messages.request_words import (
    COMMAND,
    LINE_LIMIT,
    NAME_LIMIT,
    STATUS,
    short_name,
    standing_in_azure,
    title,
)
from bot.requests.action import Effect
from bot.requests.found import LedgerLook
from bot.requests.model import InAzure, Money, Point
from bot.requests.moments import moment_words
from bot.requests.request import Request
from bot.requests.states import State

_NAMED = 5  #: resources that a sentence names
_TITLE, _LINE = 120, 240


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsFound:
    """A page of requests with their points in the ledger, as the last look at Azure showed them."""

    requests: Sequence[Request]
    points: Mapping[str, Sequence[Point]] = field(default_factory=dict)  #: by request, all ever
    look: LedgerLook | None = None
    total: int = 0  #: of the list of which this is a page
    every: int = 0  #: with those that `--all` lists besides
    kept: Sequence[Point] = ()  #: all points that exist, of this list and not only of the page


def requests_listing(found: RequestsFound, asked: ListAsked | None = None) -> Message:
    """`/vmbackup requests`: what is under way first, then what is kept by expiry, then the rest."""
    asked = asked or ListAsked(name="requests")
    of = f" of {cut(asked.vm, NAME_LIMIT)}" if asked.vm else ""
    groups = [_group(each, found.points.get(each.id, ())) for each in found.requests]
    total = max(found.total, asked.start + len(groups))
    hidden = max(found.every - total, 0)
    if groups:
        place = place_words(shown_of(groups), total, asked.start, f"requests{of}")
        place = f"1 request{of}" if total == 1 else place
        summary = f"{place}. What they keep costs {month_words(cost_lines(standing(found.kept)))}."
    elif hidden:
        summary = f"Nothing{of} is asked for or kept, and nothing was asked for lately."
    else:
        summary = f"Nothing{of} was ever asked for."
    frame = Frame(
        title="Requests", summary=summary, first=tuple(_beside(found.look)), notes=_notes(found)
    )
    return listed_page(frame, groups, asked, total, hidden)


def request_state(request: Request, points: Sequence[Point]) -> str:
    """`waits for approval`, `deleted on 25 Nov 2026, 16:20 UTC`, `done; 1 of 2 deleted`."""
    if deleted_at := _deleted_at(request, points):
        return f"deleted on {moment_words(deleted_at)}"
    gone = [point for point in points if point.deleted_at is not None]
    if request.state is State.DONE and request.row.facts.effect is Effect.MAKES and gone:
        return f"done; {len(gone)} of {len(points)} deleted"
    alive = [point for point in points if point.deleted_at is None]
    return standing_in_azure(request, alive) or STATUS[request.state]


def cost_lines(points: Sequence[Point]) -> list[tuple[str, str, Money | None]]:
    """A line for each point: its disk, the currency, and the cost a month."""
    return [
        (point.disk_name or short_name(point.arm_id), point.currency, point.cost_a_month)
        for point in points
    ]


def standing(points: Sequence[Point]) -> list[Point]:
    """The points that cost something: neither deleted nor gone from Azure."""
    return [
        point for point in points if point.deleted_at is None and point.in_azure is not InAzure.GONE
    ]


def _group(request: Request, points: Sequence[Point]) -> ListGroup:
    state, there = request_state(request, points), standing(points)
    first = [run(title(request), _TITLE, bold=True), *_state(request, points, state)]
    kept = kept_words(there)
    until = _until(request, there)
    second: list[Element] = [run(kept, _LINE)] if kept else []
    if until:
        second += [space(f"{', ' if kept else ''}{until[0]} "), moment(until[1])]
    requester = request.requester.user_id
    third = [run(request.id, NAME_LIMIT)]  # first in its line, where no phone breaks it
    third += [space(" · asked for by "), person(requester)]
    third += [space(" on "), moment(request.asked_at)]
    aloud = f"{request.id}: {title(request)}, {state}"
    aloud += f", {kept}" if kept else ""
    aloud += f", {until[0]} {moment_words(until[1])}" if until else ""
    verbs = verbs_for([each.kind for each in there], [each.expires_at for each in there])
    buttons = tuple(made_buttons(request.id, title(request), verbs))
    lines = (first, *([second] if second else []), third)
    return ListGroup(lines=lines, buttons=buttons, spoken=f"{aloud}.")


def _state(request: Request, points: Sequence[Point], state: str) -> list[Element]:
    """The state beside the title; a deletion's time as every other time stands here."""
    deleted_at = _deleted_at(request, points)
    if deleted_at is None:
        return [run(f": {state}", _LINE)]
    return [space(": deleted on "), moment(deleted_at)]


def _deleted_at(request: Request, points: Sequence[Point]) -> datetime | None:
    """When the last of what a request made was deleted; None: some of it is there, or none was."""
    gone = [point.deleted_at for point in points if point.deleted_at is not None]
    made = request.state is State.DONE and request.row.facts.effect is Effect.MAKES
    return max(gone) if made and gone and len(gone) == len(points) else None


def kept_words(points: Sequence[Point]) -> str:
    """`2 snapshots (192 GB), 0.31 USD a month (0.10 to 0.90)`."""
    if not points:
        return ""
    size = sum(point.size_gib for point in points)
    what = counted(len(points), str(points[0].kind))
    return f"{what} ({size:,} GB), {month_words(cost_lines(points))}"


def _until(request: Request, points: Sequence[Point]) -> tuple[str, datetime] | None:
    if request.state is State.WAITING and request.decide_by:
        return "to be decided until", request.decide_by
    expiries = [point.expires_at for point in points if point.expires_at is not None]
    return ("kept until", min(expiries)) if expiries else None


def _beside(look: LedgerLook | None) -> Iterator[str]:
    """What Azure has and the ledger lacks: nobody else looks after it."""
    if look is None or not look.unrecorded:
        return
    names = listed(short_name(one.arm_id) for one in look.unrecorded[:_NAMED])
    more = len(look.unrecorded) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    yield (
        f"In Azure and not in the ledger, as of {moment_words(look.looked_at)}: {names}{rest}. "
        f"Nothing deletes them by itself; see {COMMAND} snapshots."
    )


def _notes(found: RequestsFound) -> tuple[str, ...]:
    """When Azure was last compared with the ledger, and what of it could not be read."""
    notes: list[str] = []
    look = found.look
    if look is not None and look.not_read:
        when = moment_words(look.looked_at)
        notes.append(f"Azure could not be read on {when}. {sentence(look.not_read)}")
    elif look is not None and not look.unrecorded:
        notes.append(f"Azure was compared with the ledger on {moment_words(look.looked_at)}.")
    notes += [
        cut(f"{short_name(point.arm_id)}: not read. {sentence(point.not_read)}", LINE_LIMIT)
        for each in found.requests
        for point in found.points.get(each.id, ())
        if point.in_azure is InAzure.UNKNOWN and point.deleted_at is None
    ]
    return tuple(notes)
