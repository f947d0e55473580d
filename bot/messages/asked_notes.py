"""What a requester is told at once: where a request went, or that there is one already."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages.blocks import (
    Element,
    Message,
    channel,
    cut,
    link,
    paragraph,
    rich_text,
    run,
    space,
    top_level,
)
from bot.messages.request_words import COMMAND, LINE_LIMIT, title
from bot.requests.model import Requester
from bot.requests.request import Request
from bot.requests.states import State

CHANNELS = 3  #: named in one line; of more it is only said that the rules choose


def asked(
    request_id: str,
    what: str,
    channels: Sequence[str] = (),
    *,
    is_new: bool = True,
    breaks_glass: bool = False,
    url: str = "",
) -> Message:
    """The acknowledgement, one line: `Request r-392d sent to #ops for approval. ...`.

    `what` is `a snapshot of web-01`; `channels` are the ids of those that its card can go to;
    `url` leads to the card of a request that is there already.
    """
    if not is_new:
        wording = f"That was asked for already: {request_id}, {cut(what, LINE_LIMIT)}."
        return _line(run(wording, LINE_LIMIT * 2), *_card(url), space(" Nothing new was made."))
    sent = [run(f"Request {request_id} sent", LINE_LIMIT), *_where(channels)]
    why = ", without an approval and said aloud" if breaks_glass else " for approval"
    return _line(*sent, space(f"{why}. I'll tell you here if anything stops it."))


def existing_request(
    live: Request, requester: Requester | None = None, url: str = "", *, is_anew: bool = False
) -> Message:
    """The answer to a second request for the same VM and action: it shows the live one.

    `is_anew`: its card was gone and is posted again.
    """
    wording = f"{title(live)} is asked for already ({live.id})"
    if requester is not None and _is_same(requester, live.requester):
        stands = "waits for approval" if live.state is State.WAITING else "is under way"
        wording = f"You asked for one already: {live.id}, {title(live)}; it {stands}"
    anew = " Its card was gone and is posted anew." if is_anew else ""
    return _line(
        run(f"{wording}.", LINE_LIMIT * 2),
        *_card(url),
        space(f"{anew} Wait for it, or cancel it: “{COMMAND} cancel {live.id}”."),
    )


def found_card(request: Request, channel_id: str, url: str, *, is_anew: bool) -> Message:
    """The answer to whoever looks for a card: its address, or where it is posted anew."""
    named = run(f"{title(request)} ({request.id})", LINE_LIMIT)
    if not channel_id:
        return _line(named, space(" has no card."))
    if is_anew or not url:
        gone = ": its card was gone, and is posted anew in " if is_anew else ": its card comes to "
        return _line(named, space(gone), channel(channel_id), space("."))
    return _line(named, space(" is in "), channel(channel_id), space(":"), *_card(url))


def _where(channels: Sequence[str]) -> list[Element]:
    """` to #ops`, ` to #ops or #data, as its rule says`."""
    if not 0 < len(channels) <= CHANNELS:
        return [space(" to the channel of its approvers")]
    line: list[Element] = [space(" to ")]
    for number, each in enumerate(channels):
        line += [space(" or "), channel(each)] if number else [channel(each)]
    return line


def _card(url: str) -> list[Element]:
    return [space(" "), link("Its card", url), space(".")] if url else []


def _line(*elements: Element) -> Message:
    """One paragraph; its text says the same, with ids for names and the address of a card."""
    text = top_level(["".join(map(_spoken, elements))])
    return Message(text=text, blocks=(rich_text(paragraph(*elements)),))


def _spoken(element: Element) -> str:
    match element["type"]:
        case "channel":
            return f"#{element['channel_id']}"
        case "link":
            return f"{element['text']}: {element['url']}"
        case _:
            return str(element["text"])


def _is_same(one: Requester, other: Requester) -> bool:
    """Compares user id and workspace: a user id is unique only in its workspace."""
    return (one.team_id, one.user_id) == (other.team_id, other.user_id)
