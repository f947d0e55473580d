"""An advice as Markdown, for pull requests and tickets; strangers' text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from advisor.model import Advice, Estimated
from advisor.present.blocks import Block, BulletList, Cell, Command, Document, Grid, Paragraph
from advisor.present.document import advice_document, estimated_document
from advisor.present.short_form import SIGNS, ShortForm, short_form, state_words
from advisor.present.short_table import ASSUMED, OptionsTable
from advisor.words import clean

#: Everything that begins or ends markup in CommonMark and in GitHub's flavour of it.
_MARKUP = re.compile(r"([\\`*_\[\]~|$])")
_FENCE = "```"
#: HTML, as entities: a backslash does not stop every renderer.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
#: What would make a list, a heading, a rule or a quotation at the start of a line.
_LINE_START = re.compile(r"^(?:([-+=#])|(\d+)([.)])(?=\s|$))")
#: Names, issues and addresses that GitHub links after rendering, so that only an invisible
#: space between their characters stops it.
_LINKED = re.compile(r"(@|#(?=\d)|://|www(?=\.))", re.IGNORECASE)
_BREAK = "&#8203;"


MOST_NOTES = 4  #: and as many uncovered: what is more is counted, and --details shows it


def advice_markdown(advice: Advice, *, details: bool = False) -> str:
    """The advice in short, ending in a newline. `details`: everything else follows."""
    short = "\n\n".join(_short(short_form(advice), details)) + "\n"
    return f"{short}\n{_drawn(advice_document(advice))}" if details else short


def _short(form: ShortForm, details: bool) -> Iterator[str]:
    """The blocks of the short form, in the order of the terminal."""
    sign = SIGNS[form.now.state].text
    yield f"## {escaped(form.name)}: {sign} {escaped(state_words(form.now))}"
    yield escaped(form.machine)
    yield f"**{escaped(form.todo)}**"
    yield from (escaped(text) for text in (*form.settings, form.meets) if text)
    if form.notes:
        yield "\n".join(_listed(form.notes, details))
    if form.not_covered:
        yield "### Not covered"
        yield "\n".join(_listed(form.not_covered, details))
    if form.table.rows:
        yield "\n".join(_options(form.table))
    if form.table.assumed:
        yield escaped(ASSUMED)
    yield from filter(None, (escaped(form.narrowing), escaped(_last(form, details))))


def _listed(items: Sequence[str], details: bool) -> Iterator[str]:
    shown = items if len(items) <= MOST_NOTES + 1 else items[:MOST_NOTES]
    yield from (f"- {escaped(item)}" for item in shown)
    if len(items) > len(shown):
        where = "below" if details else "--details"
        yield f"- and {len(items) - len(shown)} more: {where}"


def _options(table: OptionsTable) -> Iterator[str]:
    yield _row(escaped(title) for title in table.head)
    yield _row("---" for _ in table.head)
    for row in table.rows:
        name = f"{'→ ' if row.chosen else ''}{' '.join(row.names)}"
        texts = [row.why_not, ""] if row.why_not else [cell.text for cell in row.cells]
        yield _row(_cell((text,), strong=row.chosen) for text in (name, *texts, row.monthly))


def _last(form: ShortForm, details: bool) -> str:
    if details:
        return " ".join(filter(None, (form.prices, form.measured)))
    rest = " Everything: --details." if form.command else ""
    more = f" To measure what is assumed: {form.measure}." if form.measure else ""
    said = f"Next: {form.command or form.details}.{rest}{more} {form.prices}"
    return " ".join(filter(None, (said, form.measured)))


def estimated_markdown(estimated: Estimated) -> str:
    """The whole estimate, ending in a newline."""
    return _drawn(estimated_document(estimated))


def escaped(text: str) -> str:
    """Any text as one line of Markdown that shows it and does nothing else."""
    shown = _MARKUP.sub(r"\\\1", clean(text).translate(_ENTITIES))
    shown = _LINE_START.sub(r"\\\1" if shown[:1] in "-+=#" else r"\2\\\3", shown)
    return _LINKED.sub(_parted, shown)


def _parted(found: re.Match[str]) -> str:
    first, rest = found[0][:1], found[0][1:]
    return f"{first}{_BREAK}{rest}"


def _drawn(document: Document) -> str:
    blocks = ("\n".join(_draw(block)) for block in document.blocks)
    return "\n\n".join([f"## {escaped(document.title)}", *blocks]) + "\n"


def _draw(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        text = escaped(block.text)
        yield f"**{text}**" if block.strong else text
    elif isinstance(block, BulletList):
        yield f"### {escaped(block.title)}\n"
        yield from (f"- {escaped(item)}" for item in block.items)
    elif isinstance(block, Command):
        yield f"{_FENCE}\n{clean(block.text).replace(_FENCE, '')}\n{_FENCE}"
    else:
        yield f"### {escaped(block.title)}\n"
        yield from _table(block)


def _table(grid: Grid) -> Iterator[str]:
    yield _row(_cell(cell) for cell in grid.head)
    yield _row("---:" if column in grid.numbers else "---" for column in range(len(grid.head)))
    for row in grid.rows:
        yield _row(_cell(cell, strong=row.strong) for cell in row.cells)
    for note in grid.notes:
        yield f"\n{escaped(note)}"


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(lines: Cell, *, strong: bool = False) -> str:
    shown = [escaped(line) for line in lines if line]
    return "<br>".join(f"**{line}**" if strong else line for line in shown)
