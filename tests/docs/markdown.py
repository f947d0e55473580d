"""Tables in Markdown, and where in a document they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

Row = Sequence[str]
Tables = Mapping[str, Callable[[], str]]


def written(text: str, tables: Tables) -> str:
    """The document with everything between its markers made anew. Raises ValueError."""
    for name, table in tables.items():
        begin, end = f"<!-- {name}: written by make docs -->", f"<!-- {name}: end -->"
        between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(between.findall(text)) != 1:
            raise ValueError(f"The document has no place, or several, for the table {name}.")
        fresh = f"{begin}\n\n{table()}\n{end}"
        text = between.sub(lambda _, fresh=fresh: fresh, text)
    return text


def table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
