"""What is said directly to whoever asked and is not in the channel of the card.

Each names the request, as it stands alone; the sender adds the link to the card.
"""

from __future__ import annotations

from collections.abc import Sequence

from advisor.words import sentence
from bot.messages.blocks import (
    Element,
    Message,
    moment,
    paragraph,
    person,
    rich_text,
    run,
    space,
    top_level,
)
from bot.messages.request_words import LINE_LIMIT, REASON_LIMIT, title
from bot.requests.model import Point
from bot.requests.request import Request


def approved(request: Request, who: str) -> Message:
    """Enough people approved; `who` is the Slack id of the last one."""
    return _said(request, "is approved by", person(who), rest="It is checked once more and begun.")


def denied(request: Request, who: str, reason: str) -> Message:
    """An approver denied, with a reason."""
    return _said(request, "is denied by", person(who), rest=reason)


def stopped(request: Request, who: str, reason: str = "") -> Message:
    """Somebody who may decide cancelled it."""
    return _said(request, "is stopped by", person(who), rest=reason)


def expired(request: Request) -> Message:
    """Nobody decided in time."""
    return _said(request, "has expired", rest="Nobody decided in time. Ask again if it is wanted.")


def done(request: Request, points: Sequence[Point]) -> Message:
    """It is done; until when what was made is kept."""
    happened = request.row.words.happened(request.plan) if request.plan else ""
    until = request.expires_at if points or request.row.words.keeps_points else None
    kept = [space(" Kept until "), moment(until), space(".")] if until else []
    return _said(request, "is done", rest=happened, after=kept)


def half_done(request: Request, why: str) -> Message:
    """Some of it exists: its requester says whether to go on."""
    todo = "Say on its card whether to go on or to delete what exists."
    return _said(request, "is half done", rest=f"{sentence(why)} {todo}".strip())


def failed(request: Request, why: str) -> Message:
    """It ended without a result."""
    return _said(request, "failed", rest=why)


def expires_soon(request: Request) -> Message:
    """The reminder before the deletion."""
    at = [space(" "), moment(request.expires_at), space(".")] if request.expires_at else []
    keep = "Keep it longer by the button on its card."
    return _said(request, "is deleted when it expires", rest=keep, after=at)


def _said(
    request: Request,
    what: str,
    who: Element | None = None,
    *,
    rest: str = "",
    after: Sequence[Element] = (),
) -> Message:
    lead = run(f"{title(request)} ({request.id}) {what}", LINE_LIMIT)
    line: list[Element] = [lead, *([space(" "), who] if who else []), space(".")]
    if rest.strip():
        line += [space(" "), run(sentence(rest), REASON_LIMIT)]
    line += after
    text = top_level(["".join(map(_spoken, line))])
    return Message(text=text, blocks=(rich_text(paragraph(*line)),))


def _spoken(element: Element) -> str:
    return str(element.get("text") or element.get("fallback") or element.get("user_id"))
