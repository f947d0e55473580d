"""What Resource Graph refuses before it runs a query: counted in the query's own text.

governance/resource-graph/concepts/query-language, 2024-03-20: three join and union legs, three
mv-expand, and the same table at most once on the right-hand sides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

MOST_JOINS_AND_UNIONS = 3
MOST_MV_EXPANDS = 3
MOST_USES_OF_A_RIGHT_HAND_TABLE = 1

_LITERAL_OR_COMMENT = re.compile(
    r"""@'(?:''|[^'])*'|@"(?:""|[^"])*"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|//[^\n]*"""
)
_JOIN_OR_UNION = re.compile(r"\b(?:join|union)\b(?:\s+[\w.]+\s*=\s*\w+)*", re.IGNORECASE)
_MV_EXPAND = re.compile(r"\bmv-?expand\b", re.IGNORECASE)
_FIRST_NAME = re.compile(r"[\s(]*(\w+)")


class Limits(NamedTuple):
    """What a query uses of what Resource Graph allows."""

    joins_and_unions: int
    mv_expands: int
    most_uses_of_a_right_hand_table: int
    tables_joined_across: int


class Excess(NamedTuple):
    """A limit that a query goes beyond: Azure's code, and its sentence."""

    code: str
    message: str


def limits(query: str) -> Limits:
    """Counted in the text, without its literals and comments."""
    bare = without_literals(query)
    first = _FIRST_NAME.match(bare)
    left = first[1].lower() if first else ""
    legs = list(_legs(bare))
    right = Counter(leg for leg in legs if leg)
    return Limits(
        len(legs),
        len(_MV_EXPAND.findall(bare)),
        max(right.values(), default=0),
        sum(count for table, count in right.items() if table != left),
    )


def excess(query: str) -> Excess | None:
    """The first limit the query goes beyond."""
    used = limits(query)
    checks = (
        ("Joins", used.joins_and_unions, MOST_JOINS_AND_UNIONS, "join and union operators"),
        ("MvExpands", used.mv_expands, MOST_MV_EXPANDS, "mv-expand operators"),
        (
            "RemoteTables",
            used.most_uses_of_a_right_hand_table,
            MOST_USES_OF_A_RIGHT_HAND_TABLE,
            "uses of one table as the right-hand side of join and union",
        ),
    )
    for name, found, most, what in checks:
        if found > most:
            message = f"The query has {found} {what}. The maximum allowed is {most}."
            return Excess(f"DisallowedMaxNumberOf{name}", message)
    return None


def without_literals(query: str) -> str:
    """The query with its string literals empty and without its comments."""
    return _LITERAL_OR_COMMENT.sub(lambda m: "" if m[0].startswith("//") else "''", query)


def _legs(bare: str) -> Iterator[str]:
    """The right-hand table of every join and of every leg of a union, lower-cased."""
    for found in _JOIN_OR_UNION.finditer(bare):
        is_union = found[0].lower().startswith("union")
        for leg in _split(bare[found.end() :]) if is_union else [bare[found.end() :]]:
            name = _FIRST_NAME.match(leg)
            yield name[1].lower() if name else ""


def _split(text: str) -> Iterator[str]:
    """The operands of a union: split at commas, up to the next pipe or closing bracket."""
    depth, start = 0, 0
    for index, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        if depth < 0 or (not depth and character in ",|;"):
            yield text[start:index]
            start = index + 1
            if depth < 0 or character != ",":
                return
    yield text[start:]
