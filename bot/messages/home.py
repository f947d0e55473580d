"""The App Home of one person: what waits for their decision, and their own requests. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from advisor.words import counted
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    channel,
    context,
    cut,
    header,
    link,
    moment,
    paragraph,
    person,
    rich_text,
    run,
    section,
    space,
)
from bot.messages.inputs import actions, button
from bot.messages.request_words import COMMAND, STATUS, price, title
from bot.requests.request import Request
from bot.requests.states import State

REFRESH_ACTION = "home:refresh"
#: Of a home's 100 blocks (Block Kit reference, 2026-06) two lists, their titles and the foot.
SHOWN_AT_MOST = 20
_TITLE_LIMIT, _REASON_LIMIT = 150, 300
_SIGNS = {
    State.PLANNING: "🟡",
    State.WAITING: "🟡",
    State.APPROVED: "🟡",
    State.RUNNING: "🟡",
    State.HALF_DONE: "🟠",
    State.DONE: "🟢",
}
_COMMANDS = ("advise VM", "snapshot VM REASON", "fleet", "help")
_OVER = "⚪"  #: denied, cancelled, lapsed, failed, cleaned up: the word beside it says which

Home = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeShown:
    """What one person's home shows. `unread`: why a list may lack something, as sentences."""

    to_decide: Sequence[Request] = ()
    mine: Sequence[Request] = ()
    links: Mapping[str, str] = field(default_factory=dict)  #: to the cards, by request
    more_to_decide: bool = False  #: there may be others beyond those that were looked at
    unread: Sequence[str] = ()
    at: datetime


def home_view(shown: HomeShown) -> Home:
    """The home with its lists."""
    waiting, mine = shown.to_decide, shown.mine
    blocks: list[Block] = [
        header(f"Waiting for your decision ({len(waiting)}{'+' if shown.more_to_decide else ''})"),
        *_listed(waiting, "Nothing waits for you.", partial(_to_decide, shown.links)),
        header("Your requests"),
        *_listed(mine, "You have asked for nothing yet.", partial(_mine, shown.links)),
    ]
    blocks += [section(cut(text, _REASON_LIMIT)) for text in shown.unread]
    blocks += [
        actions(button("Look again", REFRESH_ACTION, "home", label="Read this list again")),
        rich_text(paragraph(space("As of "), moment(shown.at))),
        context(" · ".join(f"{COMMAND} {each}" for each in _COMMANDS)),
    ]
    return {"type": "home", "blocks": blocks}


def home_message(message: Message) -> Home:
    """A message in the place of the lists."""
    return {"type": "home", "blocks": list(message.blocks)}


def _listed(
    requests: Sequence[Request], nothing: str, draw: Callable[[Request], Block]
) -> Iterator[Block]:
    if not requests:
        yield section(nothing)
    yield from (draw(request) for request in requests[:SHOWN_AT_MOST])
    more = len(requests) - SHOWN_AT_MOST
    if more > 0:
        yield context(f"and {counted(more, 'more request')}: {COMMAND} requests lists them.")


def _to_decide(links: Mapping[str, str], request: Request) -> Block:
    """`🟡 Snapshot of web-01, asked by @ada in #ops, until 12:00`, its cost, its reason."""
    lines = [
        paragraph(
            *_titled("🟡", request, links),
            space(", asked by "),
            person(request.requester.user_id),
            *_where(request),
            *_until(", to be decided until ", request.decide_by),
        )
    ]
    lines += [paragraph(run(text, _REASON_LIMIT)) for text in filter(None, (_cost(request),))]
    if request.wish.reason.strip():
        lines.append(paragraph(run(f"Reason: {request.wish.reason}", _REASON_LIMIT)))
    return rich_text(*lines)


def _mine(links: Mapping[str, str], request: Request) -> Block:
    """`🟢 Snapshot of web-01: done, kept until …`."""
    state = request.state
    ends = {State.WAITING: (", until ", request.decide_by)}
    ends[State.DONE] = (", kept until ", request.expires_at)
    words, until = ends.get(state, ("", None))
    runs = [*_titled(_SIGNS.get(state, _OVER), request, links), space(f": {STATUS[state]}")]
    runs += [*_until(words, until), *_where(request), space(f" ({request.id})")]
    return rich_text(paragraph(*runs))


def _titled(sign: str, request: Request, links: Mapping[str, str]) -> Iterator[Element]:
    """The title in bold; a link to the card, where Slack's address of it is known."""
    yield space(f"{sign} ")
    url = links.get(request.id, "")
    if url:
        yield link(title(request), url) | {"style": {"bold": True}}
    else:
        yield run(title(request), _TITLE_LIMIT, bold=True)


def _where(request: Request) -> Iterator[Element]:
    """The channel of the card, as a link."""
    if request.channel_id:
        yield space(" in ")
        yield channel(request.channel_id)


def _until(words: str, at: datetime | None) -> Iterator[Element]:
    if at is not None:
        yield space(words)
        yield moment(at)


def _cost(request: Request) -> str:
    plan = request.plan
    if plan is None or not request.row.words.shows_cost:
        return ""
    cost = plan.cost
    if plan.keep is not None or plan.expires_at is not None:
        return f"Cost until it expires: {price(cost.until_expiry, cost.currency)}"
    return f"Cost a month: {price(cost.a_month, cost.currency)}"
