"""What a check found: yes, no or unknown, and what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.doctor.surroundings import Surroundings


class Diagnosis(StrEnum):
    """Whether it is right. What could not be asked is unknown, which is no yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One answer. `said` is a sentence; `to_do` is empty where there is nothing to do."""

    answer: Diagnosis
    said: str
    to_do: str = ""
    missing: tuple[str, ...] = ()  #: such as the actions that a role lacks


Run = Callable[[Surroundings], Awaitable[Sequence[CheckAnswer]]]


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table. `how` says how it is asked.

    Without a needed one the bot does not work; any other is told and fails nothing.
    """

    name: str
    how: str
    run: Run
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A check with one of its findings."""

    check: Check
    finding: CheckAnswer

    @property
    def is_right(self) -> bool:
        """Whether a probe may take the bot for working, as far as this row goes."""
        return self.finding.answer is Diagnosis.YES or not self.check.is_needed


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything that was found, in the order of the table."""

    rows: tuple[Row, ...] = field(default=())

    @property
    def wrong(self) -> tuple[Row, ...]:
        """The rows for which the bot does not work, or may not."""
        return tuple(row for row in self.rows if not row.is_right)


def yes(said: str) -> tuple[CheckAnswer, ...]:
    return (CheckAnswer(Diagnosis.YES, said),)


def no(said: str, to_do: str, missing: Sequence[str] = ()) -> tuple[CheckAnswer, ...]:
    return (CheckAnswer(Diagnosis.NO, said, to_do, tuple(missing)),)


def unknown(said: str, to_do: str = "") -> tuple[CheckAnswer, ...]:
    return (CheckAnswer(Diagnosis.UNKNOWN, said, to_do),)
