"""One page of a list: groups with their buttons, within what a message of Slack holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from advisor.words import CENT, listed
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    context,
    cut,
    header,
    paragraph,
    rich_text,
    section,
    top_level,
    width,
)
from bot.messages.inputs import actions, button
from bot.messages.money_words import amount_words
from bot.messages.request_words import LINE_LIMIT, NAME_LIMIT
from bot.requests.model import Money

PAGE_SIZE = 20  #: groups: with a row of buttons under each and the frame, 44 of Slack's 50 blocks
#: Of about 12,500 characters that a whole message may have; the frame takes the rest.
GROUPS_BUDGET = 9_500
NOTES = 5
_MISSING = 3  #: names of what has no price
#: The prefix of the action_ids that turn the pages of a list.
PAGE_PREFIX = "list:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAsked:
    """Which part of which list: it stands in the button of the next page, and is read again."""

    name: str  #: "requests" or "snapshots"
    vm: str = ""  #: as typed; empty: every VM
    everything: bool = False
    start: int = 0  #: of the first group, from 0

    def as_value(self) -> str:
        """The value of a button."""
        short = cut(self.vm, 4 * NAME_LIMIT) if self.vm else ""
        return json.dumps([self.name, short, self.everything, self.start], ensure_ascii=False)

    @classmethod
    def read(cls, value: str) -> ListAsked | None:
        """From the value of a button, which may be forged; None where it is none of ours."""
        try:
            name, vm, everything, start = json.loads(value)
        except (ValueError, TypeError, RecursionError):
            return None
        is_whole = isinstance(start, int) and not isinstance(start, bool)
        known = isinstance(name, str) and isinstance(vm, str) and isinstance(everything, bool)
        if not (known and is_whole and 0 <= start < 10**6):
            return None
        return cls(name=name, vm=vm, everything=everything, start=start)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListGroup:
    """What belongs to one request: its lines, its buttons, and what it reads aloud as."""

    lines: Sequence[Sequence[Element]]  #: the runs of each line
    buttons: Sequence[Element] = ()
    spoken: str

    @property
    def width(self) -> int:
        """The characters that Slack counts, each line and button."""
        runs = [run for line in self.lines for run in line]
        shown = [str(run.get("text") or run.get("fallback") or "x" * 20) for run in runs]
        return sum(map(width, shown)) + sum(width(each["text"]["text"]) for each in self.buttons)


class Frame(NamedTuple):
    """What stands around the groups."""

    title: str
    summary: str
    first: Sequence[str] = ()  #: what needs somebody's eye, before the groups
    notes: Sequence[str] = ()


def listed_page(
    frame: Frame, groups: Sequence[ListGroup], asked: ListAsked, total: int, hidden: int = 0
) -> Message:
    """The groups from `asked.start` on, of `total`. `hidden`: how many more `--all` would list."""
    shown = list(_fitting(groups))
    end = asked.start + len(shown)
    first = [cut(each, LINE_LIMIT) for each in frame.first[:NOTES]]
    notes = [cut(each, LINE_LIMIT) for each in frame.notes[:NOTES]]
    blocks: list[Block] = [header(frame.title), section(frame.summary)]
    blocks += [section(" ".join(first))] if first else []
    for group in shown:
        blocks.append(rich_text(*(paragraph(*line) for line in group.lines)))
        blocks += [actions(*group.buttons)] if group.buttons else []
    turning = list(_turning(asked, end, total, hidden))
    blocks += [actions(*turning)] if turning else []
    blocks += [context(*notes)] if notes else []
    spoken = [group.spoken for group in shown]
    return Message(
        text=top_level([frame.summary, *frame.first, *spoken, *frame.notes]), blocks=tuple(blocks)
    )


def place_words(shown: int, total: int, start: int, what: str) -> str:
    """`57 requests`, `20 of 57 requests`, `21 to 40 of 57 requests`."""
    if shown >= total:
        return f"{total:,} {what}"
    if not start:
        return f"{shown:,} of {total:,} {what}"
    if shown == 1:
        return f"Number {start + 1:,} of {total:,} {what}"
    return f"{start + 1:,} to {start + shown:,} of {total:,} {what}"


def shown_of(groups: Sequence[ListGroup]) -> int:
    """How many of the groups one message holds."""
    return sum(1 for _ in _fitting(groups))


def month_words(lines: Sequence[tuple[str, str, Money | None]]) -> str:
    """`4.31 USD a month (0.40 to 9.00)`: the sum of the lines, each a name, currency and amount.

    What has no price is named, and the sum is then the least.
    """
    by_currency: dict[str, list[Money]] = {}
    for _, currency, value in lines:
        if value is not None:
            by_currency.setdefault(currency, []).append(value)
    costs = [
        amount_words(added(each), cut(currency, 10), "a month")
        for currency, each in by_currency.items()
    ]
    unpriced = list(dict.fromkeys(cut(name, NAME_LIMIT) for name, _, each in lines if each is None))
    if not unpriced:
        return listed(costs) or "nothing a month"
    more = len(unpriced) - _MISSING
    names = [*unpriced[:_MISSING], *([f"{more} more"] if more > 0 else [])]
    missing = f"no price for {listed(names)}"
    return f"at least {listed(costs)}, {missing}" if costs else f"an unknown amount, {missing}"


def added(values: Sequence[Money]) -> Money:
    """The sum of amounts as they are shown, to the cent: so a total is the sum of its lines."""
    parts = zip(*(map(_as_shown, value) for value in values), strict=True)
    return Money(*(sum(part, Decimal(0)) for part in parts))


def _as_shown(value: Decimal) -> Decimal:
    """To the cent, but what is shown as below a cent is not taken for nothing."""
    return value.quantize(CENT, ROUND_HALF_UP) if value >= CENT / 2 else value


def _fitting(groups: Sequence[ListGroup]) -> Iterator[ListGroup]:
    room = GROUPS_BUDGET
    for number, group in enumerate(groups[:PAGE_SIZE]):
        room -= group.width
        if room < 0 and number:
            return
        yield group


def _turning(asked: ListAsked, end: int, total: int, hidden: int) -> Iterator[Element]:
    if end < total:
        more = min(PAGE_SIZE, total - end)
        yield _turn(f"Next {more}", "next", replace(asked, start=end))
    if asked.start:
        yield _turn("Back to the first", "first", replace(asked, start=0))
    if hidden and not asked.everything:
        every = replace(asked, everything=True, start=0)
        yield _turn(f"Show all, {hidden:,} more", "all", every)


def _turn(text: str, name: str, asked: ListAsked) -> Element:
    of = f" of {cut(asked.vm, 20)}" if asked.vm else ""
    label = f"{text}: {asked.name}{of}"
    return button(text, f"{PAGE_PREFIX}{name}", asked.as_value(), label=label)
