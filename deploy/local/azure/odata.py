"""The part of OData's $filter that the price list understands, read into a function of a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Keeps = Callable[[Row], bool]

_TOKEN = re.compile(r"\s*(\(|\)|,|'(?:''|[^'])*'|[A-Za-z_][\w.]*|-?\d+(?:\.\d+)?)")
_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
}
#: The filter's names of fields whose rows call them otherwise.
_NAMES = {"pricetype": "type"}
_DEEPEST = 20


class FilterUnreadable(Exception):
    """A filter that is not one."""


def parsed_filter(text: str, fields: Sequence[str], *, is_exact: bool) -> Keeps:
    """`eq`, `ne`, `and`, `or`, `not`, brackets and contains, startswith, endswith.

    `is_exact`: values are held against each other case for case. Raises FilterUnreadable.
    """
    return _Parser(text, fields, is_exact).whole()


class _Parser:
    def __init__(self, text: str, fields: Sequence[str], is_exact: bool) -> None:
        self._tokens = _tokens(text)
        self._fields = {name.lower(): name for name in fields} | _NAMES
        self._is_exact = is_exact
        self._at = 0
        self._depth = 0

    def whole(self) -> Keeps:
        keeps = self._either()
        if self._at < len(self._tokens):
            raise FilterUnreadable(f"unexpected “{self._tokens[self._at]}”")
        return keeps

    def _either(self) -> Keeps:
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda row: any(keeps(row) for keeps in parts)

    def _both(self) -> Keeps:
        parts = [self._term()]
        while self._took("and"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda row: all(keeps(row) for keeps in parts)

    def _term(self) -> Keeps:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FilterUnreadable("too many brackets")
        try:
            if self._took("not"):
                inner = self._term()
                return lambda row: not inner(row)
            if self._took("("):
                keeps = self._either()
                self._need(")")
                return keeps
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Keeps:
        word = self._next()
        function = _FUNCTIONS.get(word.lower())
        if function:
            self._need("(")
            name = self._field(self._next())
            self._need(",")
            value = self._value()
            self._need(")")
            return lambda row: function(self._folded(row[name]), value)
        name, operator, value = self._field(word), self._next().lower(), self._value()
        if operator not in ("eq", "ne"):
            raise FilterUnreadable(f"“{operator}” is no operator")
        return lambda row: (self._folded(row[name]) == value) is (operator == "eq")

    def _field(self, name: str) -> str:
        if name.lower() not in self._fields:
            raise FilterUnreadable(f"there is no field “{name}”")
        return self._fields[name.lower()]

    def _value(self) -> str:
        token = self._next()
        text = token[1:-1].replace("''", "'") if token.startswith("'") else token
        return self._folded(text)

    def _folded(self, value: Any) -> str:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return text if self._is_exact else text.lower()

    def _took(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at].lower() == word:
            self._at += 1
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._took(word):
            raise FilterUnreadable(f"“{word}” is missing")

    def _next(self) -> str:
        if self._at == len(self._tokens):
            raise FilterUnreadable("the filter ends too early")
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise FilterUnreadable(f"unreadable at “{text[at : at + 20]}”")
        found.append(token[1])
        at = token.end()
    return found
