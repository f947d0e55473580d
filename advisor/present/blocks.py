"""The blocks that an advice is made of: paragraphs, lists and tables of plain text.

Text and Markdown are rendered from the same blocks, so both say the same; each escapes them.
"""

from __future__ import annotations

from typing import NamedTuple

Cell = tuple[str, ...]
"""The lines of one cell of a table."""


class Paragraph(NamedTuple):
    """One or more sentences. The `strong` one is the answer in short."""

    text: str
    strong: bool = False


class BulletList(NamedTuple):
    """A title and sentences under it."""

    title: str
    items: tuple[str, ...]


class Command(NamedTuple):
    """A command to be copied: it is never broken over lines, however narrow the terminal."""

    text: str


class GridRow(NamedTuple):
    """One row of a table; a strong one is a total, a judged one is held against the need."""

    cells: tuple[Cell, ...]
    strong: bool = False
    judged: bool = False


class Grid(NamedTuple):
    """A table. `numbers` are the columns set to the right, `details` those that a narrow
    terminal leaves out."""

    title: str
    head: tuple[Cell, ...]
    rows: tuple[GridRow, ...]
    numbers: frozenset[int] = frozenset()
    details: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


Block = Paragraph | BulletList | Command | Grid


class Document(NamedTuple):
    """A title and its blocks, in reading order."""

    title: str
    blocks: tuple[Block, ...]
