"""Typed reading of JSON that Azure printed: a value, absent, or an error that names its key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from advisor.errors import InputUnreadable

#: Azure writes "no time" as the first moment of a calendar: 0001 (Backup), 1601, 1753 (Site
#: Recovery's currentScenario.startTime), 2001 (Backup's lastBackupTime before the first one). No
#: resource of Azure is older than this year.
FIRST_YEAR = 2002
#: Sixteen times the largest disk (64 TiB, "Azure managed disk types", 2026-06).
LARGEST_DISK_GIB = 2**20
#: Of IOPS and MB/s; the fastest disk has 400,000 and 10,000 (the same article).
LARGEST_RATE = 10**7
#: More than any disk, count or time in Azure; larger ones are mistakes of whatever wrote the file.
_LARGEST = 10**9
_SHOWN = 40  # characters of a wrong value that an error repeats

#: What ConvertTo-Json writes in place of what lies deeper than its -Depth, which is 2 unless said:
#: a PSCustomObject as a hash table, everything else by the name of its .NET type
#: (ConvertTo-Json, PowerShell 7.5, 2025). A list it joins with spaces, so that no sign is sure.
_CUT = re.compile(r"@\{|(?:System|Microsoft\.\w+)\.\w+")
DEEPER = "Export again with ConvertTo-Json -Depth 20."
#: Windows PowerShell writes times as milliseconds since 1970: /Date(1741680892118)/.
_MILLISECONDS = re.compile(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Fields:
    """One JSON object, where it stands, and typed access to its values.

    Keys are matched in any case: the Azure CLI prints `diskSizeGb` where ARM has `diskSizeGB`.
    `null` is absent. Every method raises InputUnreadable for a value of another type.
    """

    __slots__ = ("_body", "place", "source")

    def __init__(self, body: Mapping[str, Any], source: str, place: str) -> None:
        self._body = {key.lower(): value for key, value in body.items()} if body else {}
        self.source = source
        self.place = place

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self._body.get(key.lower()) is not None

    def raw(self, key: str) -> Any:
        """The value as it stands; None where absent."""
        return self._body.get(key.lower())

    def text(self, key: str) -> str | None:
        """A text; None where absent or empty (Azure writes "" for "none")."""
        value = self._body.get(key.lower())
        if value is None or isinstance(value, str):
            return value or None
        raise self.refusal(key, f"{key} must be a text, but is {_shown(value)}.")

    def needed(self, key: str) -> str:
        """A text that must be there."""
        value = self.text(key)
        if value is None:
            raise self.refusal("", f"{key} is missing.")
        return value

    def whole(self, key: str, most: int = _LARGEST) -> int | None:
        """A whole number from zero to `most`; None where absent."""
        value = self._body.get(key.lower())
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.refusal(key, f"{key} must be a whole number, but is {_shown(value)}.")
        if value > most:
            raise self.refusal(
                key, f"{key} is {_shown(value)}, and nothing in Azure is larger than {most:,}."
            )
        return value

    def flag(self, key: str) -> bool | None:
        """True or false; None where absent."""
        value = self._body.get(key.lower())
        if value is None or isinstance(value, bool):
            return value
        raise self.refusal(key, f"{key} must be true or false, but is {_shown(value)}.")

    def word(self, key: str, words: Sequence[str], first: int = 0) -> str | None:
        """A text, or the word that PowerShell wrote as its number in an enumeration.

        `words`: those of the enumeration, the first of which has the number `first`.
        """
        value = self._body.get(key.lower())
        if not isinstance(value, int) or isinstance(value, bool):
            return self.text(key)
        if not first <= value < first + len(words):
            raise self.refusal(
                key,
                f"{key} is {value}, a number that stands for no word we know. In PowerShell 7 "
                "export again with ConvertTo-Json -Depth 20 -EnumsAsStrings.",
            )
        return words[value - first]

    def moment(self, key: str) -> datetime | None:
        """An aware time (Azure's are UTC); None where absent or Azure's way of writing "never"."""
        if isinstance(self._body.get(key.lower()), Mapping):  # a time that PowerShell decorated
            return self.inner(key).moment("value")
        written = self.text(key)
        if written is None:
            return None
        try:
            value = _time(written)
        except (ValueError, OverflowError) as error:
            problem = f"{key} must be a time, but is {_shown(written)}."
            raise self.refusal(key, problem) from error
        if value.year < FIRST_YEAR:
            return None
        return value if value.tzinfo else value.replace(tzinfo=UTC)

    def inner(self, key: str) -> Fields:
        """The object under a key; an empty one where absent."""
        value = self._body.get(key.lower())
        if value is None:
            return Fields({}, self.source, f"{self.place}.{key}")
        if isinstance(value, Mapping):
            return Fields(value, self.source, f"{self.place}.{key}")
        raise self.refusal(key, no_object(key, value))

    def each(self, key: str) -> Iterator[Fields]:
        """The objects in a list; none where absent."""
        for index, value in enumerate(self._list(key)):
            place = f"{self.place}.{key}[{index}]"
            if not isinstance(value, Mapping):
                problem = f"{key} must hold objects, but holds {_shown(value)}."
                raise InputUnreadable(self.source, place, _cut(key, value) or problem)
            yield Fields(value, self.source, place)

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts in a list; none where absent."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, str):
                raise self.refusal(key, f"{key} must hold texts, but holds {_shown(value)}.")
        return tuple(values)

    def wholes(self, key: str) -> tuple[int, ...]:
        """The whole numbers from zero in a list; none where absent."""
        values = self._list(key)
        for value in values:
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise self.refusal(
                    key, f"{key} must hold whole numbers, but holds {_shown(value)}."
                )
        return tuple(values)

    def tags(self) -> dict[str, str]:
        """`tags`, their names as written; a tag without a value is an empty text."""
        value = self._body.get("tags")
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.refusal("tags", no_object("tags", value))
        for name, tag in value.items():
            if tag is not None and not isinstance(tag, str):
                raise self.refusal(
                    "tags", f"The tag {_shown(name)} must be a text, but is {_shown(tag)}."
                )
        return {name: tag or "" for name, tag in value.items()}

    def refusal(self, key: str, problem: str) -> InputUnreadable:
        """The error that names this place, the key and the problem: to be raised."""
        return InputUnreadable(self.source, f"{self.place}.{key}" if key else self.place, problem)

    def _list(self, key: str) -> list[Any]:
        value = self._body.get(key.lower())
        if value is None:
            return []
        if isinstance(value, Mapping):
            value = list_in(value, value)
        if isinstance(value, list):
            return value
        problem = f"{key} must be a list, but is {_shown(value)}."
        if isinstance(value, str):
            problem = _cut(key, value) or f"{problem} If PowerShell wrote it: {DEEPER}"
        raise self.refusal(key, problem)


def list_in(body: Mapping[str, Any], otherwise: Any) -> Any:
    """The list that Windows PowerShell wrapped as `{"value": [...], "Count": 2}`."""
    if {key.lower() for key in body} == {"value", "count"}:
        values = next(value for key, value in body.items() if key.lower() == "value")
        return values if isinstance(values, list) else otherwise
    return otherwise


def no_object(key: str, value: object, otherwise: str = "") -> str:
    """What is wrong with a value that has to be an object, and what to do where that is known."""
    return _cut(key, value) or otherwise or f"{key} must be an object, but is {_shown(value)}."


def _cut(key: str, value: object) -> str:
    """Of a value that PowerShell wrote where it stopped; empty for any other."""
    if not isinstance(value, str) or not _CUT.match(value):
        return ""
    what = "this" if key == "This" else key
    return f"PowerShell cut {what} off and wrote {_shown(value)} in place of it. {DEEPER}"


def _time(written: str) -> datetime:
    if in_milliseconds := _MILLISECONDS.fullmatch(written):
        return _EPOCH + timedelta(milliseconds=int(in_milliseconds[1]))
    return datetime.fromisoformat(written)


def _shown(value: object) -> str:
    kinds = {list: "a list", dict: "an object", bool: str(value).lower()}
    text = kinds.get(type(value)) or (f"“{value}”" if isinstance(value, str) else str(value))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
