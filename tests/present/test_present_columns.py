"""How many columns a text takes, where it folds and how it is coloured: as rich does it."""

from __future__ import annotations

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from advisor.present.columns import Piece, TextLine, columns_of, cut, wrapped

texts = st.text(alphabet="ab cdé·→≈“日本😀\u0301", max_size=60).map(str.strip)
widths = st.integers(min_value=4, max_value=30)


@given(texts)
def test_columns_are_those_of_rich(text: str) -> None:
    assert columns_of(text) == cell_len(text)


@given(texts, widths)
def test_a_text_folds_where_rich_folds_it(text: str, width: int) -> None:
    console = Console(file=StringIO(), width=width)
    theirs = Text(text, overflow="fold").wrap(console, width, overflow="fold")
    assert wrapped(text, width) == [line.plain.rstrip() for line in theirs]


@given(texts, widths)
def test_what_is_cut_fits_and_is_the_beginning(text: str, width: int) -> None:
    assert columns_of(cut(text, width)) <= width
    assert text.startswith(cut(text, width))


def test_colours_are_those_that_every_terminal_knows() -> None:
    line = TextLine((Piece("web-01", "bold"), Piece(" unprotected  ", "bold red"), Piece(" ", "")))
    assert line.drawn(color=False) == "web-01 unprotected"
    assert line.drawn(color=True) == "\x1b[1mweb-01\x1b[0m\x1b[1;31m unprotected\x1b[0m"
