"""The card of an advice: one message in the order of the terminal's short form.

The state with a sign and a word, what to do, what stays uncovered, the options in a small table,
the buttons, the small print. Before the buttons stand at most MOST_WORDS words; what has no room
there follows after them, and the message's text has all of it for whoever hears it.

The phrases are those of the terminal (`advisor.present`); this module selects and arranges them.
A sentence that asks for a command of a terminal is left out: who reads here may have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.model import Advice, Estimate, StateNow
from advisor.present.short_form import SIGNS, ShortForm, short_form
from advisor.present.short_table import ASSUMED, OptionRow, sentence_of
from advisor.words import capital, need_origin, need_words, quantity, sentence
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
    table,
    top_level,
    width,
)
from bot.messages.inputs import VALUE_LIMIT, actions, button

#: The action_id of the button that opens the form for a snapshot.
SNAPSHOT_ACTION = "advise:snapshot"
#: What is read in ten seconds or so. A choice of ours.
MOST_WORDS = 150
#: Slack refused mixed blocks of about 13,200 characters (bolt-js #2509, undocumented). The table,
#: the lead and the small print take under 6,000; the two lists share what is below.
LISTS_BUDGET = 5000
LEAD_LIMIT = 600
SENTENCE_LIMIT = 400
#: In the lists: they are read at a glance or not at all.
ITEM_LIMIT = 200
MOST_ITEMS = 8
_NAME_LIMIT = 40

#: How the header says each state of a VM.
_STATES = {
    StateNow.UNPROTECTED: "{} is unprotected",
    StateNow.PARTLY: "{} is partly protected",
    StateNow.PROTECTED: "{} is protected",
    StateNow.SETTING_UP: "{}: protection is being set up",
    StateNow.BROKEN: "{}: protection is broken",
    StateNow.UNKNOWN: "{}: protection unknown",
}
#: What only a terminal or a shell takes.
_COMMANDS = ("vmbackup prices", "vmbackup inventory", "vmbackup advise", "az backup", "az snapshot")


def card(advice: Advice, asked: str = "", *, offers_snapshot: bool = False) -> Message:
    """The advice for the channel; `asked` names the requester and the command, for the small print.

    `offers_snapshot`: with the button that opens the form for a snapshot.
    """
    vm = advice.known.vm
    form = short_form(advice)
    before, left_out = _before_the_buttons(form)
    room = MOST_WORDS - _words(before)
    uncovered, room = _fitting(("Not covered", *form.not_covered), room)
    notes, _ = _fitting(_slack(form.notes), room)
    shown = {*uncovered, *notes}
    rest = (*left_out, *form.notes, *form.not_covered, *_beside(advice, form))
    lead, options = before[:2], before[2:]
    blocks = [
        *lead,
        *_titled("", notes),
        *_titled("Not covered", [each for each in uncovered if each != "Not covered"]),
        *options,
        *(_snapshot_button(vm.id, vm.name) if offers_snapshot else ()),
        context(*_small_print(advice, form, asked)),
        *_titled("More", _slack(each for each in rest if each not in shown)),
    ]
    return Message(text=top_level(_spoken(advice, form)), blocks=tuple(blocks), public=True)


def _snapshot_button(vm_id: str, name: str) -> Iterator[Block]:
    """The button. Its value is the VM's full id, because two VMs can have the same name."""
    if width(vm_id) <= VALUE_LIMIT:
        label = f"Ask for a snapshot of {cut(name, _NAME_LIMIT)}"
        yield actions(button("Ask for a snapshot …", SNAPSHOT_ACTION, vm_id, label=label))


# --- before the buttons ---------------------------------------------------------------------


class _Room(NamedTuple):
    """How much of the lead and of the table is shown."""

    settings: bool = True
    rows: int = 4
    why_not: int = 110  #: characters of the reason against an option
    lead: int = LEAD_LIMIT  #: characters of the state and of what to do


#: From the widest to the narrowest; with the last any advice has room for the buttons.
_ROOMS = (
    _Room(),
    _Room(settings=False),
    _Room(settings=False, why_not=60),
    _Room(settings=False, why_not=60, rows=3),
    _Room(settings=False, why_not=60, rows=2, lead=250),
    _Room(settings=False, why_not=40, rows=1, lead=150),
    _Room(settings=False, why_not=40, rows=1, lead=80),
)


def _before_the_buttons(form: ShortForm) -> tuple[list[Block], tuple[str, ...]]:
    """Header, lead and table in no more than MOST_WORDS, and what had to be left out of them."""
    for room in _ROOMS:
        blocks = [_header(form), _lead(form, room), *_options_table(form, room)]
        if _words(blocks) <= MOST_WORDS:
            break
    rows = tuple(sentence_of(row, form.table.head) for row in form.table.rows[room.rows :])
    cut_off = (f"Now: {form.now.words}.", form.todo) if room.lead < LEAD_LIMIT else ()
    return blocks, (*(() if room.settings else form.settings), *cut_off, *rows)


def _header(form: ShortForm) -> Block:
    return header(f"{SIGNS[form.now.state].emoji} {_state(form)}")


def _state(form: ShortForm) -> str:
    return _STATES[form.now.state].format(form.name)


def _lead(form: ShortForm, room: _Room) -> Block:
    """What is in place, what to do, its settings, and which need it meets."""
    lines: list[Element] = []
    if form.now.words:
        lines.append(paragraph(run(f"Now: {form.now.words}.", min(room.lead, SENTENCE_LIMIT))))
    lines.append(paragraph(run(form.todo, room.lead, bold=True)))
    if room.settings:
        lines += [paragraph(run(text, SENTENCE_LIMIT)) for text in form.settings]
    if form.meets:
        lines.append(paragraph(run(form.meets, min(room.lead, SENTENCE_LIMIT))))
    return rich_text(*lines)


def _options_table(form: ShortForm, room: _Room) -> Iterator[Block]:
    rows = [_row(row, room.why_not) for row in form.table.rows[: room.rows]]
    if rows:
        yield table([form.table.head, *rows])


def _row(row: OptionRow, most: int) -> tuple[str, str, str, str]:
    name = f"{'→ ' if row.chosen else ''}{' '.join(row.names)}"
    if row.why_not:
        return name, cut(row.why_not, most), "-", row.monthly or "-"
    return name, row.cells[0].text, row.cells[1].text, row.monthly or "-"


# --- the lists ------------------------------------------------------------------------------


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


def _fitting(items: Sequence[str], room: int) -> tuple[list[str], int]:
    """Those from the first on that have room, and the words that are left."""
    kept: list[str] = []
    for each in items[:MOST_ITEMS]:
        words = len(cut(each, ITEM_LIMIT).split())
        if words > room:
            break
        kept.append(each)
        room -= words
    return kept, room


def _titled(title: str, items: Sequence[str]) -> Iterator[Block]:
    """A list under its title: no more than has room, and how many there are besides."""
    kept: list[str] = []
    room = LISTS_BUDGET // 2
    for each in items[:MOST_ITEMS]:
        shown = cut(each, ITEM_LIMIT)
        room -= width(shown)
        if room < 0:
            break
        kept.append(shown)
    if not kept:
        return
    more = len(items) - len(kept)
    kept += [f"and {more} more in the text of this message"] if more else []
    listed = bullets([paragraph(run(line, ITEM_LIMIT)) for line in kept])
    yield rich_text(*([paragraph(run(title, ITEM_LIMIT, bold=True))] if title else []), listed)


def _slack(texts: Iterable[str]) -> list[str]:
    """The texts without those that name a command of a terminal."""
    return [text for text in texts if not any(each in text for each in _COMMANDS)]


def _beside(advice: Advice, form: ShortForm) -> Iterator[str]:
    """What was found, what would narrow the range, and why: after all that matters more."""
    yield from (sentence(each.sentence) for each in advice.in_place)
    yield from filter(None, (form.narrowing,))
    yield from (sentence(text) for text in advice.reasons)


# --- the small print and the spoken text ----------------------------------------------------


def _small_print(advice: Advice, form: ShortForm, asked: str) -> Iterator[str]:
    """Where the VM is, the need, the prices, and who asked."""
    yield f"{form.machine}, subscription {advice.known.vm.subscription_id}"
    yield _need(advice)
    yield " ".join(
        filter(
            None, (capital(ASSUMED) if form.table.assumed else "", form.prices, *advice.price_notes)
        )
    )
    if asked:
        yield asked


def _need(advice: Advice) -> str:
    origin = need_origin(advice.need.origin)
    return f"Need: {need_words(advice.need)}" + (f" ({origin})" if origin else "")


def _sizes(advice: Advice) -> str:
    sizing = advice.sizing
    return (
        f"Sizes: {_size(sizing.used_gib)} in use, {_size(sizing.changed_gib_per_day)} changed "
        f"a day, {_size(sizing.written_gib_per_day)} written a day."
    )


def _size(estimate: Estimate) -> str:
    return f"{quantity(estimate.range.likely)} GB ({estimate.source})"


def _spoken(advice: Advice, form: ShortForm) -> Iterator[str]:
    """The whole meaning in plain sentences, for notifications and screen readers."""
    words = f": {form.now.words}" if form.now.words else ""
    yield cut(f"{_state(form)}{words}.", SENTENCE_LIMIT)
    yield cut(form.todo, LEAD_LIMIT)
    yield from (
        cut(sentence(text), SENTENCE_LIMIT) for text in (*form.settings, form.meets) if text
    )
    yield from (cut(text, SENTENCE_LIMIT) for text in _slack(form.notes))
    for number, text in enumerate(_slack(form.not_covered)):
        yield ("" if number else "Not covered: ") + cut(text, SENTENCE_LIMIT)
    yield from (cut(sentence_of(row, form.table.head), SENTENCE_LIMIT) for row in form.table.rows)
    yield cut(_need(advice), SENTENCE_LIMIT) + "."
    yield cut(form.prices or "Prices of an unknown date.", SENTENCE_LIMIT)
    yield from (cut(text, SENTENCE_LIMIT) for text in _slack(_beside(advice, form)))
    yield from (cut(sentence(text), SENTENCE_LIMIT) for text in _slack(advice.break_evens))
    yield _sizes(advice)
