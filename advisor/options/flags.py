"""A flag of `vmbackup estimate`, without the command line: its name, its help, what it takes.

Here stand the flags that several options have; one that a single option has stands with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from advisor.errors import UsageError
from advisor.quantities import format_duration, parse_days, parse_duration, parse_retention
from advisor.regions import parse_region, parse_target


class OneOf(NamedTuple):
    """One of a few words, in any case."""

    words: tuple[str, ...]


class WholeNumber(NamedTuple):
    """A whole number, both ends included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Switch:
    """Given or not given."""


class Measured(NamedTuple):
    """A quantity: how the help calls it, how its text is read, how the value is written again."""

    kind: str
    parse: Callable[[str], Any]  #: raises UsageError
    write: Callable[[Any], str]


class Flag(NamedTuple):
    """One flag. `key` is its name with underscores, as a configuration has it."""

    key: str
    help: str
    takes: OneOf | WholeNumber | Switch | Measured
    default: str = ""  #: what holds where it is not given, as the help says it

    def by_default(self, words: str) -> Flag:
        """The flag of an option that has this default."""
        return self._replace(default=words)

    @property
    def spelled(self) -> str:
        """As people type it: `--instant-restore`."""
        return f"--{self.key.replace('_', '-')}"

    def written(self, value: Any) -> str | bool | int:
        """A value that was read, in the configuration's own words: `4h`, `5d`, `daily=30`."""
        if isinstance(self.takes, Measured):
            return self.takes.write(value)
        return value if isinstance(value, int) else str(value)  # a bool is one, too


def parse_luns(text: str) -> str:
    """`2, 0` as `0,2`; a disk that has no LUN goes by its name. Raises UsageError for none."""
    parts = {part.strip() for part in text.split(",")} - {""}
    if not parts:
        raise UsageError("Write the LUNs of the data disks, like 0,2.")
    return ",".join(sorted(parts, key=lambda part: (not part.isdecimal(), part.zfill(2))))


DURATION = Measured("duration", parse_duration, format_duration)
DAYS = Measured("days", parse_days, lambda days: f"{days}d")
RETENTION = Measured("retention", parse_retention, str)
REGION = Measured("region", parse_region, str)
PLACE = Measured("region|zone:n", parse_target, str)

EVERY = Flag("every", "Time between two points: 4h.", DURATION)
REDUNDANCY = Flag(
    "redundancy",
    "How points are stored; a snapshot is lrs or zrs.",
    OneOf(("lrs", "zrs", "grs", "grs-crr")),
)
KEEP = Flag("keep", "Points kept: daily=30,weekly=12,monthly=12.", RETENTION)
LEAVE_OUT = Flag(
    "leave_out",
    "Data disks that are left out, by LUN: 0,2.",
    Measured("luns", parse_luns, str),
)
TO = Flag("to", "Where to replicate or copy: norwayeast, zone:2.", PLACE)


def flag_value(value: Any) -> str | int | bool | None:
    """A value as the flag takes it, in lower case; what JSON holds of a configuration."""
    if value is None or isinstance(value, int):  # a bool is one, too
        return value
    if isinstance(value, timedelta):
        return format_duration(value)
    return str(value).lower()
