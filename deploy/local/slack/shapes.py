"""How a part of a Block Kit payload may look: small checks that name what is wrong, and where.

The words and the JSON pointers are those of Slack's own refusals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Spec(Protocol):
    """Says what is wrong with a value that stands at a JSON pointer."""

    def problems(self, value: Any, at: str) -> Iterator[str]: ...


def problem(text: str, at: str) -> str:
    return f"{text} [json-pointer:{at or '/'}]"


def length(text: str) -> int:
    """Characters in UTF-16 units, the larger of the ways in which Slack may count."""
    return len(text) + sum(ord(char) > 0xFFFF for char in text)


@dataclass(frozen=True, slots=True)
class String:
    """Text of so many characters."""

    most: int
    least: int = 0

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif length(value) > self.most:
            yield problem(f"must be less than {self.most + 1} characters", at)
        elif length(value) < self.least:
            yield problem(f"must be more than {self.least - 1} characters", at)


@dataclass(frozen=True, slots=True)
class Text:
    """A text object."""

    most: int
    kinds: tuple[str, ...] = ("plain_text", "mrkdwn")

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield problem("must be an object", at)
            return
        if value.get("type") not in self.kinds:
            yield problem(f"unsupported type: {value.get('type')}", f"{at}/type")
        if "text" not in value:
            yield problem("missing required field: text", at)
        else:
            yield from String(self.most, 1).problems(value["text"], f"{at}/text")
        for extra in sorted(set(value) - {"type", "text", "emoji", "verbatim"}):
            yield problem(f"invalid additional property: {extra}", at)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if value not in self.words:
            yield problem(f"must be a valid enum value ({', '.join(self.words)})", at)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, bool):
            yield problem("must be a boolean", at)


@dataclass(frozen=True, slots=True)
class Number:
    """A number between two others."""

    least: float
    most: float

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield problem("must be a number", at)
        elif not self.least <= value <= self.most:
            yield problem(f"must be between {self.least:g} and {self.most:g}", at)


@dataclass(frozen=True, slots=True)
class Anything:
    """A part whose inside the facts do not describe."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if value is None:
            yield problem("must be defined", at)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of so many."""

    each: Spec
    most: int
    least: int = 1

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must be an array", at)
            return
        if len(value) > self.most:
            yield problem(f"no more than {self.most} items allowed", at)
        if len(value) < self.least:
            yield problem(f"no fewer than {self.least} items allowed", at)
        for number, entry in enumerate(value):
            yield from self.each.problems(entry, f"{at}/{number}")


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: what it must have, what it may have. An `open` one may have more."""

    required: Mapping[str, Spec]
    optional: Mapping[str, Spec] = field(default_factory=dict)
    any_of: tuple[str, ...] = ()  #: at least one of these
    not_both: tuple[str, ...] = ()
    open: bool = False

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield problem("must be an object", at)
            return
        yield from self._presence(value, at)
        known = {**self.required, **self.optional}
        for name, inner in value.items():
            if name in known:
                yield from known[name].problems(inner, f"{at}/{name}")
            elif name != "type" and not self.open:
                yield problem(f"invalid additional property: {name}", at)

    def _presence(self, value: Mapping[str, Any], at: str) -> Iterator[str]:
        for name in self.required:
            if name not in value:
                yield problem(f"missing required field: {name}", at)
        if self.any_of and not any(name in value for name in self.any_of):
            yield problem(f"must define one of: {', '.join(self.any_of)}", at)
        if self.not_both and all(name in value for name in self.not_both):
            yield problem(f"only one of {' and '.join(self.not_both)} is allowed", at)


@dataclass(frozen=True, slots=True)
class Typed:
    """One of several objects, told apart by `type`. `kinds` is looked up when it is used."""

    kinds: Mapping[str, Spec]
    allowed: tuple[str, ...] = ()  #: empty: all of them

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield problem("must be an object", at)
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            yield problem("missing required field: type", at)
        elif kind not in self.kinds or (self.allowed and kind not in self.allowed):
            yield problem(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from self.kinds[kind].problems(value, at)
