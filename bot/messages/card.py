"""The card of an advice: what a tired person reads in five seconds.

The state with a sign and a word, what to do and what it costs, what stays uncovered, the options in
a small table, the buttons, one line of small print. Before the buttons stand at most MOST_WORDS
words; everything else is behind "Why" and "The bill", and the message's text has all of it for
whoever hears it.

The phrases are those of the terminal (`advisor.present`); this module selects and arranges them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from advisor.model import StateNow
from advisor.present.short_form import SIGNS, ShortForm
from advisor.present.short_table import ASSUMED, OptionRow
from advisor.words import after_colon, capital
from bot.messages.advice_told import AdviceTold, in_slack
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    bullets,
    context,
    cut,
    header,
    paragraph,
    rich_text,
    run,
    space,
    table,
    top_level,
    width,
)
from bot.messages.inputs import VALUE_LIMIT, actions, button

#: Every button of a card of an advice has an action_id that begins like this.
ADVICE_PREFIX = "advice:"
SNAPSHOT_ACTION = "advise:snapshot"
WHY_ACTION, BILL_ACTION = f"{ADVICE_PREFIX}why", f"{ADVICE_PREFIX}bill"
SIZES_ACTION, SHARE_ACTION = f"{ADVICE_PREFIX}sizes", f"{ADVICE_PREFIX}share"
#: What is read in ten seconds or so. A choice of ours.
MOST_WORDS = 150
LEAD_LIMIT = 600
SENTENCE_LIMIT = 400
#: Of what is not covered and of a note: read at a glance or not at all.
ITEM_LIMIT = 200
MOST_UNCOVERED, MOST_NOTES, MOST_ROWS = 3, 2, 3
_NAME_LIMIT = 40
_MEETS = "Meets "

#: How the header says each state of a VM.
_STATES = {
    StateNow.UNPROTECTED: "{} is unprotected",
    StateNow.PARTLY: "{} is partly protected",
    StateNow.PROTECTED: "{} is protected",
    StateNow.SETTING_UP: "{}: protection is being set up",
    StateNow.BROKEN: "{}: protection is broken",
    StateNow.UNKNOWN: "{}: protection unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """How one card is shown.

    `advice_id` is empty where the advice could not be stored: its buttons would find nothing.
    """

    advice_id: str = ""
    public: bool = False  #: for the whole channel
    asked: str = ""  #: the requester and the command, or who shared it
    notes: Sequence[str] = ()  #: what changed since
    private_because: str = ""  #: why it is not public, where that was wanted
    offers_snapshot: bool = False


PLAIN = CardShown()


def card(told: AdviceTold, shown: CardShown = PLAIN) -> Message:
    """The advice as one message."""
    blocks = [
        *_before_the_buttons(told, shown.notes),
        *_buttons(told, shown),
        context(*_small_print(told, shown)),
    ]
    spoken = top_level((*shown.notes, *filter(None, (shown.private_because,)), *_spoken(told)))
    return Message(text=spoken, blocks=tuple(blocks), public=shown.public)


# --- before the buttons ---------------------------------------------------------------------


class _Room(NamedTuple):
    """How much of the lead and of the table is shown."""

    settings: bool = True
    rows: int = MOST_ROWS
    why_not: int = 110  #: characters of the reason against an option
    lead: int = LEAD_LIMIT  #: characters of the state and of what to do
    notes: int = SENTENCE_LIMIT  #: characters of what changed since


#: From the widest to the narrowest; with the last any advice has room for the buttons.
_ROOMS = (
    _Room(),
    _Room(settings=False),
    _Room(settings=False, why_not=60),
    _Room(settings=False, why_not=60, rows=2, lead=250, notes=250),
    _Room(settings=False, why_not=40, rows=1, lead=150, notes=150),
    _Room(settings=False, why_not=40, rows=1, lead=60, notes=60),
)


def _before_the_buttons(told: AdviceTold, changed: Sequence[str]) -> list[Block]:
    """Header, lead, what is not covered, and the table in no more than MOST_WORDS."""
    form, gaps = told.form, in_slack(told.form.not_covered)
    for room in _ROOMS:
        lead = [_header(form), *_changed(changed, room), _lead(form, room)]
        options = list(_options_table(form, room))
        left = MOST_WORDS - _words([*lead, *options])
        uncovered, rest = _fitting(gaps, left - _UNCOVERED_WORDS, MOST_UNCOVERED)
        if left >= 0 and (uncovered or not gaps):
            break
    notes, _ = _fitting(in_slack(form.notes), rest if uncovered else left, MOST_NOTES)
    return [*lead, *_notes(notes), *_uncovered(uncovered, len(gaps)), *options]


def _header(form: ShortForm) -> Block:
    return header(f"{SIGNS[form.now.state].emoji} {_state(form)}")


def _state(form: ShortForm) -> str:
    return _STATES[form.now.state].format(form.name)


def _changed(notes: Sequence[str], room: _Room) -> Iterator[Block]:
    """What is not as it was when this was said: before what was said."""
    if notes:
        yield rich_text(paragraph(run(" ".join(notes), room.notes, bold=True)))


def _lead(form: ShortForm, room: _Room) -> Block:
    """What is in place, what to do, its settings, and the need where it is not simply met."""
    lines: list[Element] = []
    if form.now.words:
        said = capital(form.now.words)
        lines.append(paragraph(run(f"{said}.", min(room.lead, SENTENCE_LIMIT))))
    lines.append(paragraph(run(form.todo, room.lead, bold=True)))
    if room.settings:
        lines += [paragraph(run(f"{text}.", SENTENCE_LIMIT)) for text in form.settings]
    if form.meets and not _simply_meets(form):
        lines.append(paragraph(run(form.meets, min(room.lead, SENTENCE_LIMIT))))
    return rich_text(*lines)


def _simply_meets(form: ShortForm) -> bool:
    """Then the small print says so."""
    return form.meets.startswith(_MEETS) and " if " not in form.meets


def _notes(notes: Sequence[str]) -> Iterator[Block]:
    if notes:
        yield rich_text(*(paragraph(run(text, ITEM_LIMIT)) for text in notes))


def _uncovered(items: Sequence[str], of: int) -> Iterator[Block]:
    """What the plan does not cover, the gaps first; how many more there are stands under Why."""
    if not items:
        return
    more = of - len(items)
    rest = f"and {more} more under Why" if more > 0 else ""
    title = run("Not covered", ITEM_LIMIT, bold=True)
    if len(items) == 1 and not rest:
        said = run(after_colon(items[0]), ITEM_LIMIT)
        yield rich_text(paragraph(title, space(": "), said))
        return
    lines = [paragraph(run(text, ITEM_LIMIT)) for text in (*items, *filter(None, (rest,)))]
    yield rich_text(paragraph(title), bullets(lines))


def _options_table(form: ShortForm, room: _Room) -> Iterator[Block]:
    rows = [_row(row, room.why_not) for row in form.table.rows[: room.rows]]
    if rows:
        yield table([form.table.head, *rows])


def _row(row: OptionRow, most: int) -> tuple[str, str, str, str]:
    name = f"{'→ ' if row.chosen else ''}{' '.join(row.names)}"
    if row.why_not:
        return name, cut(row.why_not, most), "-", row.monthly or "-"
    return name, row.cells[0].text, row.cells[1].text, row.monthly or "-"


def _words(blocks: Iterable[Block]) -> int:
    return sum(len(text.split()) for block in blocks for text in _texts(block))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


#: `Not covered:` before and `and 12 more under Why` after the list.
_UNCOVERED_WORDS = 7


def _fitting(items: Sequence[str], room: int, most: int) -> tuple[list[str], int]:
    """Those from the first on that have room, and the words that are left."""
    kept: list[str] = []
    for each in items[:most]:
        words = len(cut(each, ITEM_LIMIT).split())
        if words > room:
            break
        kept.append(each)
        room -= words
    return kept, room


# --- the buttons, the small print and the spoken text ---------------------------------------


def _buttons(told: AdviceTold, shown: CardShown) -> Iterator[Block]:
    """The value is opaque, or the VM's full id, because two VMs can have the same name."""
    name, buttons = cut(told.form.name, _NAME_LIMIT), []
    if shown.offers_snapshot and width(told.vm_id) <= VALUE_LIMIT:
        label = f"Ask for a snapshot of {name}"
        buttons.append(button("Ask for a snapshot", SNAPSHOT_ACTION, told.vm_id, label=label))
    if shown.advice_id:
        offered = [
            ("Why", WHY_ACTION, f"Why, for {name}"),
            ("The bill", BILL_ACTION, f"The bill of {name}"),
            ("Sizes are known", SIZES_ACTION, f"State the sizes of {name} and ask again"),
        ]
        if not shown.public:
            offered.append(("Share here", SHARE_ACTION, f"Show this channel the advice on {name}"))
        buttons += [
            button(text, action, shown.advice_id, label=label) for text, action, label in offered
        ]
    if buttons:
        yield actions(*buttons)


def _small_print(told: AdviceTold, shown: CardShown) -> Iterator[str]:
    """The need, the VM, the date of the prices; then who asked."""
    form = told.form
    start = "meets " if _simply_meets(form) else ""
    prices = form.prices[:1].lower() + form.prices[1:].rstrip(".")
    yield " · ".join(filter(None, (f"{start}{told.tier}", told.place, prices)))
    if shown.advice_id:
        yield f"To see it again: /vmbackup advice {shown.advice_id}"
    if form.table.assumed:
        yield capital(ASSUMED)
    if form.measured:
        yield form.measured
    if form.measure and not shown.public:
        yield f"To measure what is assumed, for you alone: /{form.measure}"
    yield from told.price_notes[:2]
    if not shown.advice_id:
        yield "This advice could not be stored: to see why and the bill, ask again."
    yield from filter(None, (shown.asked, shown.private_because))


def _spoken(told: AdviceTold) -> Iterator[str]:
    """The whole meaning in plain sentences, for notifications and screen readers."""
    form = told.form
    words = f": {form.now.words}" if form.now.words else ""
    yield cut(f"{_state(form)}{words}.", SENTENCE_LIMIT)
    yield cut(form.todo, LEAD_LIMIT)
    yield from (cut(text, SENTENCE_LIMIT) for text in told.spoken)
