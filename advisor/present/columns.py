"""Lines of a terminal: how many columns a text takes, where it folds, how it is coloured.

Plain lines need no library, so an answer in short does not wait for rich to be imported. What is
wider or narrower than a letter (Chinese, emoji, combining accents) is measured by rich.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

#: One column each: ASCII and the signs that vmbackup writes itself.
_ONE_COLUMN = frozenset({*map(chr, range(0x20, 0x7F)), *"·→✓●○…≈≤≥–—−“”‘’×"})

_WORD = re.compile(r"\S+\s*")
#: ECMA-48, Select Graphic Rendition.
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_ESCAPE, _RESET = "\x1b[{}m", "\x1b[0m"


class Piece(NamedTuple):
    """Some of a line in one style: no, one or several words of _CODES."""

    text: str
    style: str = ""


class TextLine(NamedTuple):
    """One line, from left to right."""

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, text: str, style: str = "") -> TextLine:
        return cls((Piece(text, style),))

    def drawn(self, color: bool) -> str:
        """The line without blanks at its end; with `color`, in ANSI's colours."""
        plain = "".join(piece.text for piece in self.pieces)
        left = len(plain.rstrip())
        if not color:
            return plain[:left]
        return "".join(_colored(self._until(left)))

    def _until(self, left: int) -> Iterator[Piece]:
        for text, style in self.pieces:
            if shown := text[:left]:
                yield Piece(shown, style)
            left -= len(shown)


def _colored(pieces: Iterable[Piece]) -> Iterator[str]:
    for style, alike in groupby(pieces, key=attrgetter("style")):
        text = "".join(piece.text for piece in alike)
        codes = ";".join(_CODES[word] for word in style.split())
        yield f"{_ESCAPE.format(codes)}{text}{_RESET}" if codes else text


def columns_of(text: str) -> int:
    """How many columns a text takes."""
    if _ONE_COLUMN.issuperset(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """What fits of a text into so many columns."""
    if _ONE_COLUMN.issuperset(text):
        return text[:width]
    from rich.cells import set_cell_size

    return set_cell_size(text, width).rstrip(" ")


def wrapped(text: str, width: int) -> list[str]:
    """One line of text folded at its words; a word that is wider than the line is broken."""
    lines, line = [], ""
    for word in _WORD.findall(text):
        if columns_of(line + word.rstrip()) <= width:
            line += word
            continue
        if line:
            lines.append(line.rstrip())
        *whole, line = _broken(word, width)
        lines += [each.rstrip() for each in whole]
    return [*lines, line.rstrip()]


def _broken(word: str, width: int) -> list[str]:
    if columns_of(word.rstrip()) <= width:
        return [word]
    if _ONE_COLUMN.issuperset(word):
        return [word[start : start + width] for start in range(0, len(word), width)]
    from rich.cells import chop_cells

    return chop_cells(word, width)
