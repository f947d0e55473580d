"""The short form for a terminal: at most MOST_LINES lines of WIDTH columns, whatever the VM.

What has no room is counted, and `--details` shows it. Nothing is coloured red but a state that is
bad and a cell that gives less than the need asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from advisor.model import StateNow
from advisor.present.columns import Piece, TextLine, columns_of, cut, wrapped
from advisor.present.short_form import SIGNS, ShortForm, state_words
from advisor.present.short_table import ASSUMED, OptionRow, OptionsTable
from advisor.words import clean

WIDTH = 100  #: columns for which the bounds hold; a narrower terminal folds more
USUAL_LINES = 24
MOST_LINES = 32

NAME_WIDTH = 40
OPTION_WIDTH, EVENT_WIDTH, MONTH_WIDTH = 18, 34, 24  #: at most
NARROWEST_EVENT = 12
_ARROW, _GAP = 3, 2
_BULLET = "· "
_CUT = "…"

_STATE_STYLES = {
    StateNow.UNPROTECTED: "bold red",
    StateNow.BROKEN: "bold red",
    StateNow.PARTLY: "bold yellow",
    StateNow.SETTING_UP: "bold yellow",
    StateNow.PROTECTED: "bold green",
    StateNow.UNKNOWN: "bold",
}
_STRONG, _QUIET, _UNMET = "bold", "dim", "red"


class _Room(NamedTuple):
    """How many notes and gaps are shown, and how many lines each kind of text may take."""

    notes: int = 4
    note_lines: int = 2
    covers: int = 3
    cover_lines: int = 2
    meets: int = 3
    settings: int = 2
    row: int = 3


#: From the widest to the narrowest; with the last any advice has at most MOST_LINES lines.
_ROOMS = (
    _Room(),
    _Room(note_lines=1, cover_lines=1),
    _Room(notes=3, note_lines=1, cover_lines=1, meets=2),
    _Room(notes=3, note_lines=1, covers=2, cover_lines=1, meets=2, row=2),
    _Room(notes=2, note_lines=1, covers=2, cover_lines=1, meets=2, settings=1, row=2),
    _Room(notes=1, note_lines=1, covers=1, cover_lines=1, meets=1, settings=1, row=2),
)
_ENOUGH = 3  #: of them say enough; what needs a narrower one has more than USUAL_LINES instead


def short_lines(form: ShortForm, width: int, *, details: bool) -> list[TextLine]:
    """The lines, as much as there is room for. `details`: they follow, so nothing names them."""
    scale = max(1.0, WIDTH / width)
    every = [list(_lines(form, width, room, details)) for room in _ROOMS]
    for most, tried in ((USUAL_LINES, every[:_ENOUGH]), (MOST_LINES, every)):
        for lines in tried:
            if len(lines) <= most * scale:
                return lines
    return every[-1]


def _lines(form: ShortForm, width: int, room: _Room, details: bool) -> Iterator[TextLine]:
    draw = _Drawing(width, details)
    yield from draw.title(form)
    yield TextLine.of("")
    yield from draw.folded(form.todo, 3, _STRONG)
    for part in form.settings:
        yield from draw.folded(part, room.settings if len(form.settings) == 1 else 1)
    yield from draw.folded(form.meets, room.meets)
    yield from draw.listing(form.notes, room.notes, room.note_lines)
    if form.not_covered:
        yield TextLine.of("")
        yield TextLine.of("Not covered", _STRONG)
        yield from draw.listing(form.not_covered, room.covers, room.cover_lines)
    if form.table.rows:
        yield TextLine.of("")
        yield from draw.table(form.table, room.row)
    yield TextLine.of("")
    yield from draw.folded(form.narrowing, 2)
    yield from draw.last(form)


class _Drawing(NamedTuple):
    """The lines of one advice in so many columns."""

    width: int
    details: bool

    def folded(self, text: str, most: int, style: str = "") -> Iterator[TextLine]:
        if text:
            yield from (TextLine.of(line, style) for line in _fold(text, self.width, most))

    def title(self, form: ShortForm) -> Iterator[TextLine]:
        """The name, the state with its sign, and the VM in one line."""
        [name] = _fold(form.name or "(no name)", NAME_WIDTH, 1)
        said = f"{SIGNS[form.now.state].text} {state_words(form.now)}"
        lines = _fold(f"{name}   {said}", self.width, 2)
        style = _STATE_STYLES[form.now.state]
        rest = lines[0][len(name) :]
        yield TextLine((Piece(lines[0][: len(name)], _STRONG), Piece(rest, style)))
        yield from (TextLine.of(line, style) for line in lines[1:])
        yield from self.folded(form.machine, 1, _QUIET)

    def listing(self, items: Sequence[str], most: int, lines: int) -> Iterator[TextLine]:
        """Bullets, and how many there is no room for."""
        shown = items if len(items) <= most + 1 and lines > 1 else items[:most]
        for item in shown:
            folded = _fold(item, self.width - len(_BULLET), lines)
            for number, line in enumerate(folded):
                yield TextLine.of(f"{' ' * len(_BULLET) if number else _BULLET}{line}")
        more = len(items) - len(shown)
        if more:
            where = "below" if self.details else "--details"
            yield TextLine.of(f"{_BULLET}and {more} more: {where}", _QUIET)

    def table(self, table: OptionsTable, most: int) -> Iterator[TextLine]:
        widths = _widths(table, self.width)
        head = [_fold(title, width, 2) for title, width in zip(table.head, widths, strict=True)]
        yield from self._row(head, widths, ("", "", ""), chosen=False, style=_QUIET)
        for row in table.rows:
            yield from self._option(row, widths, most)
        if table.assumed:
            yield from self.folded(ASSUMED, 1, _QUIET)

    def _option(
        self, row: OptionRow, widths: tuple[int, int, int, int], most: int
    ) -> Iterator[TextLine]:
        name, first, second, month = widths
        names = [line for each in row.names for line in _fold(each, name, 1)][:most]
        monthly = _fold(row.monthly, month, most)
        if row.why_not:
            merged = first + _GAP + second
            cells = [names, _fold(row.why_not, merged, most), monthly]
            yield from self._row(cells, (name, merged, month), ("", "", ""), row.chosen)
            return
        texts = [
            self._halves(cell.text, each, most)
            for cell, each in zip(row.cells, (first, second), strict=True)
        ]
        styles = tuple(_UNMET if cell.unmet else "" for cell in row.cells)
        yield from self._row([names, *texts, monthly], widths, (*styles, ""), row.chosen)

    def _halves(self, text: str, width: int, most: int) -> list[str]:
        """`lose 24 h,` over `back in ~4 h` where it does not fit in one line."""
        lost, comma, back = text.partition(", back in ")
        if not comma or len(text) <= width:
            return _fold(text, width, most)
        return [*_fold(f"{lost},", width, 1), *_fold(f"back in {back}", width, most - 1)]

    def _row(
        self,
        cells: Sequence[list[str]],
        widths: Sequence[int],
        styles: Sequence[str],
        chosen: bool,
        style: str = "",
    ) -> Iterator[TextLine]:
        """The lines of one row; the arrow stands between the name and the first cell."""
        for number, lines in enumerate(zip_longest(*cells, fillvalue="")):
            pieces = []
            for place, (text, width) in enumerate(zip(lines, widths, strict=True)):
                mark = styles[place - 1] if place else ""
                arrow = "→" if chosen and not number else ""
                gap = arrow.ljust(_ARROW) if not place else " " * _GAP
                padding = " " * (width - columns_of(text))
                base = style or (_STRONG if chosen else "")
                pieces += [Piece(text + padding, f"{base} {mark}".strip()), Piece(gap, base)]
            yield TextLine(tuple(pieces))

    def last(self, form: ShortForm) -> Iterator[TextLine]:
        """The next command, the rest and the prices: in one line where they fit."""
        said = [form.prices] if form.prices else []
        if not self.details:
            said.insert(0, f"Next: {form.command or form.details}")
            if form.command:
                said.insert(1, "Everything: --details")
        if sum(len(each) + 4 for each in said) - 4 <= self.width:
            yield TextLine.of("    ".join(said))
        else:
            for each in said[:1]:
                yield from self.folded(each, 2)
            yield from self.folded("    ".join(said[1:]), 1)
        yield from self.folded(form.measured, 2)
        if form.measure and not self.details:
            yield from self.folded(f"To measure what is assumed: {form.measure}", 1)


def _widths(table: OptionsTable, width: int) -> tuple[int, int, int, int]:
    """Of the four columns: as wide as their texts, and where that is too much, the two events
    share what names and prices leave."""
    names = [name for row in table.rows for name in row.names]
    name = min(OPTION_WIDTH, max(map(len, (table.head[0], *names))))
    month = min(MONTH_WIDTH, max(map(len, (table.head[3], *(row.monthly for row in table.rows)))))
    month = min(month, width - name - _ARROW - 2 * _GAP - 2 * NARROWEST_EVENT)  # it folds
    left = width - name - _ARROW - month - 2 * _GAP
    wanted = [
        min(EVENT_WIDTH, max(map(len, (table.head[1 + place], *_texts(table, place)))))
        for place in (0, 1)
    ]
    if sum(wanted) > left:
        half = max(NARROWEST_EVENT, left // 2)
        first = min(wanted[0], max(half, left - wanted[1]))
        wanted = [first, max(NARROWEST_EVENT, left - first)]
    return name, wanted[0], wanted[1], month


def _texts(table: OptionsTable, place: int) -> Iterator[str]:
    return (row.cells[place].text for row in table.rows if not row.why_not)


def _fold(text: str, width: int, most: int) -> list[str]:
    """A text in at most so many lines of so many columns; what is left out is an ellipsis."""
    lines = wrapped(clean(text), width)
    if len(lines) <= most:
        return lines
    last = cut(f"{lines[most - 1]} ", width - 1).rstrip(" ,;:(")
    return [*lines[: most - 1], f"{last}{_CUT}"]
