"""The notes where break-glass meets a request for the same VM and action."""

from __future__ import annotations

from advisor.words import sentence
from bot.messages.blocks import (
    Message,
    link,
    paragraph,
    person,
    rich_text,
    run,
    space,
    top_level,
)
from bot.messages.request_notes import answer, decision, requester_of
from bot.messages.request_words import REASON_LIMIT, title
from bot.requests.request import Request
from bot.requests.states import State


def superseded(former: Request, who: str, by_id: str, audit_head: str) -> Message:
    """A break-glass request takes the place of this one: nobody decides it any more."""
    wording = (
        f"broke the glass for the same. {by_id} takes the place of this request, which nobody has "
        "to decide any more."
    )
    return decision(who, wording, audit_head, mentions=requester_of(former))


def is_superseded(former: Request, why: str) -> Message:
    """To the requester: a break-glass request takes the place of theirs."""
    return answer(f"{title(former)} ({former.id}) is not decided any more. {sentence(why)}")


def followed(live: Request, who: str) -> Message:
    """In the thread of a request that begins or runs: a person needs the same in an emergency."""
    wording = f"needs it in an emergency and follows this request: {title(live)}."
    element = paragraph(person(who), space(" "), run(wording, REASON_LIMIT))
    return Message(text=top_level([f"{who} {wording}"]), blocks=(rich_text(element),), public=True)


def is_followed(live: Request, url: str = "") -> Message:
    """To whoever wanted to break the glass: a live request takes the same, and is followed.

    `url` leads to its card.
    """
    stands = "is approved" if live.state is State.APPROVED else "is in progress"
    wording = (
        f"{title(live)} {stands} already ({live.id}), so the glass is not broken and "
        "nothing is taken twice. You are named in its thread, which says how it ends."
    )
    if not url:
        return answer(wording)
    element = paragraph(run(wording, REASON_LIMIT), space(" "), link("Its card", url), space("."))
    text = top_level([wording, f"Its card: {url}"])
    return Message(text=text, blocks=(rich_text(element),))
