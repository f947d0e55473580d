"""An advice as text for a terminal: aligned columns, colour only where it was asked for."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from advisor.model import Advice, Estimated
from advisor.present.blocks import Block, BulletList, Cell, Command, Document, Grid, Paragraph
from advisor.present.document import advice_document, estimated_document
from advisor.present.short_form import short_form
from advisor.present.short_text import short_lines
from advisor.words import clean

if TYPE_CHECKING:
    from rich.box import Box
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

NARROWEST = 60  #: below this the columns would be single words
WIDE = 110  #: from here on a table shows its details

#: Only what is held against the need is good or bad; what is not known is marked everywhere.
_JUDGED_STYLES = {"yes": "green", "no": "red"}
_OPEN_STYLES = {"unknown": "yellow", "not known": "yellow"}
_TITLE, _STRONG, _QUIET = "bold cyan", "bold", "dim"

#: A rule under the head and nothing else; rich reads a box as eight rows of four characters.
_LIGHT = "    \n    \n ── \n    \n    \n    \n    \n    \n"
_PLAIN = "    \n    \n -- \n    \n    \n    \n    \n    \n"


def advice_text(advice: Advice, *, width: int, color: bool, details: bool = False) -> str:
    """The advice in short, `width` columns wide (at least 60), ending in a newline.

    `details`: everything else follows.
    """
    short = _short(advice, max(width, NARROWEST), color, details)
    return f"{short}\n{_drawn(advice_document(advice), width, color)}" if details else short


def _short(advice: Advice, width: int, color: bool, details: bool) -> str:
    lines = short_lines(short_form(advice), width, details=details)
    return "".join(f"{line.drawn(color)}\n" for line in lines)


def estimated_text(estimated: Estimated, *, width: int, color: bool) -> str:
    """The whole estimate, `width` columns wide (at least 60), ending in a newline."""
    return _drawn(estimated_document(estimated), width, color)


def document_text(document: Document, *, width: int, color: bool) -> str:
    """Any document, `width` columns wide (at least 60), ending in a newline."""
    return _drawn(document, width, color)


def _drawn(document: Document, width: int, color: bool) -> str:
    console = _console(max(width, NARROWEST), color)
    console.print(_text(document.title, _TITLE))
    for block in document.blocks:
        console.print()
        for drawn in _draw(block, console.width, color):
            console.print(drawn, soft_wrap=isinstance(block, Command))
    return _written(console)


def _written(console: Console) -> str:
    written: StringIO = console.file  # type: ignore[assignment]
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


def _console(width: int, color: bool) -> Console:
    """A console that asks the environment nothing: width and colour are the caller's."""
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        height=100,
        force_terminal=color,
        force_interactive=False,
        force_jupyter=False,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )


def _text(text: str, style: str = "") -> Text:
    """A stranger's text as it stands: never markup."""
    from rich.text import Text

    return Text(clean(text), style=style, overflow="fold")


def _draw(block: Block, width: int, color: bool) -> list[RenderableType]:
    if isinstance(block, Command):
        return [_text(block.text)]
    if isinstance(block, Paragraph):
        return [_text(block.text, _STRONG if block.strong else "")]
    if isinstance(block, BulletList):
        return [_text(block.title, _TITLE), _bullets(block.items)]
    notes = [_text(note, _QUIET) for note in block.notes]
    return [_text(block.title, _TITLE), _table(block, width, color), *notes]


def _bullets(items: tuple[str, ...]) -> Table:
    from rich.table import Table

    drawn = Table.grid(padding=(0, 1, 0, 0))
    drawn.add_column(width=1, no_wrap=True)
    drawn.add_column(overflow="fold")
    for item in items:
        drawn.add_row(_text("-"), _text(item))
    return drawn


def _table(grid: Grid, width: int, color: bool) -> Table:
    from rich.table import Table

    shown = [
        column for column in range(len(grid.head)) if width >= WIDE or column not in grid.details
    ]
    drawn = Table(box=_box(color), padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column in shown:
        drawn.add_column(
            _cell(grid.head[column]),
            justify="right" if column in grid.numbers else "left",
            overflow="fold",
        )
    for row in grid.rows:
        style = _STRONG if row.strong else ""
        cells = (_cell(row.cells[column], judged=row.judged) for column in shown)
        drawn.add_row(*cells, style=style)
    return drawn


def _box(color: bool) -> Box:
    from rich.box import Box

    return Box(_LIGHT) if color else Box(_PLAIN, ascii=True)


def _cell(lines: Cell, *, judged: bool = False) -> Text:
    from rich.text import Text

    styles = _OPEN_STYLES | (_JUDGED_STYLES if judged else {})
    style = styles.get(lines[0].partition(",")[0], "") if lines else ""
    return Text("\n", overflow="fold").join(_text(line, style) for line in lines)
