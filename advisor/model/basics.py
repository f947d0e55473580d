"""The values that all other nouns are made of: verdicts, events, consistency, sources, ranges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import NamedTuple

HOURS_PER_MONTH = Decimal(730)  #: Azure's own month: 730 hours
DAYS_PER_MONTH = Decimal(365) / 12


def no_tags() -> Mapping[str, str]:
    """The default of a resource without tags: empty and not to be written to."""
    return MappingProxyType({})


class Verdict(StrEnum):
    """An answer of three values. What could not be read is never a no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Meets(StrEnum):
    """Whether a need is met: surely, on a condition that is said, or not."""

    YES = "yes"
    IF = "if"
    NO = "no"


class Event(StrEnum):
    """What a VM may have to survive."""

    DELETION = "deletion"  #: a file, a disk, the VM, a bad change
    ZONE = "zone"  #: a datacentre
    REGION = "region"  #: a whole region

    __hash__ = str.__hash__  # an enum's own is ten times slower, and events are keys everywhere


class Consistency(IntEnum):
    """How good a recovery point is, worst first; `label` is its name outside."""

    NONE = 0  #: separate snapshots of several disks: no common moment
    CRASH = 1  #: as after pulling the plug
    FILE_SYSTEM = 2  #: file systems flushed and frozen
    APPLICATION = 3  #: applications flushed too (VSS, scripts)

    @property
    def label(self) -> str:
        """`none`, `crash`, `file-system` or `application`."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def of(cls, label: str) -> Consistency:
        """Read a label; raises KeyError for any other text."""
        return cls[label.upper().replace("-", "_")]


class Source(StrEnum):
    """Where a size comes from, best first."""

    MEASURED = "measured"  #: Azure Monitor
    GUEST = "guest"  #: what the VM's own file systems say, in a Log Analytics workspace
    BACKUP_DATA = "backup-data"  #: what Azure Backup says it copied
    BILLED = "billed"  #: quantities of the bill
    STATED = "stated"  #: flags or tags
    ASSUMED = "assumed"  #: a documented habit, named

    @property
    def is_measured(self) -> bool:
        """Whether it was found out and neither said by a person nor assumed."""
        return self not in (Source.STATED, Source.ASSUMED)


class Reading(Enum):
    """Whether a resource was read. The three are never mixed up."""

    READ = "read"  #: read; an absent property has ARM's default
    NOT_SUPPLIED = "not supplied"  #: nobody supplied it (a VM list without the disks)
    FAILED = "failed"  #: it should have been there and could not be read


class Range(NamedTuple):
    """Low, likely and high of one quantity or amount; low <= likely <= high."""

    low: Decimal
    likely: Decimal
    high: Decimal

    def times(self, factor: Decimal) -> Range:
        """Scaled by a factor of zero or more."""
        return Range(self.low * factor, self.likely * factor, self.high * factor)

    def rounded_to(self, quantum: Decimal) -> Range:
        return Range(*(end.quantize(quantum) for end in self))

    @classmethod
    def exactly(cls, value: Decimal) -> Range:
        return cls(value, value, value)

    @classmethod
    def spanning(cls, low: Decimal, likely: Decimal, high: Decimal) -> Range:
        """Of three values of which the outer two may lie on either side of the likely one."""
        return cls(min(low, likely, high), likely, max(low, likely, high))


ZERO = Decimal(0)
NOTHING = Range(ZERO, ZERO, ZERO)


class Retention(NamedTuple):
    """How many points of each kind are kept. Zero: none of that kind.

    A policy that was found may keep several points of each week, month or year: `more_weekly` is
    how many beside the first, so that `weekly` weeks hold `weekly * (1 + more_weekly)` points.
    """

    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    more_weekly: int = 0
    more_monthly: int = 0
    more_yearly: int = 0

    def __str__(self) -> str:
        """`daily=30,weekly=12`, as `--keep` reads it."""
        parts = (
            ("daily", self.daily),
            ("weekly", self.weekly),
            ("monthly", self.monthly),
            ("yearly", self.yearly),
        )
        return ",".join([f"{name}={count}" for name, count in parts if count])


NO_RETENTION = Retention()
