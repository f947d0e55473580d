"""One option as a row: everything in which one way of protecting a VM differs from another.

No attribute has a default, so a row that leaves one out does not load and mypy names it. What
reads the rows (`recommend`, `present`, `cli`) knows no option by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from advisor.model import (
    Adjustment,
    Configuration,
    Event,
    Need,
    Proposal,
    Protection,
    ProtectionKind,
    Usage,
)
from advisor.options.case import Case
from advisor.options.flags import Flag
from advisor.options.phrases import Phrase

Chosen = TypeVar("Chosen")
"""An option's own configuration."""

_Billed = TypeVar("_Billed", contravariant=True)


class UsagesOf(Protocol[_Billed]):
    """The bill lines of a configuration, in the steady state or so many days after the start."""

    def __call__(
        self, case: Case, chosen: _Billed, running_days: int | None = None
    ) -> tuple[Usage, ...]: ...


class Proposes(Protocol[_Billed]):
    """Each configuration judged. Without `bill_forbidden` what the VM may not use has no usages:
    nobody reads them of every VM of a fleet, and `UsagesOf` tells them later."""

    def __call__(
        self, case: Case, chosen: Sequence[_Billed], *, bill_forbidden: bool = True
    ) -> list[Proposal]: ...


# --- break-evens -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPoints:
    """How the cost of an option grows with each further daily point it keeps."""

    configuration: Mapping[str, Any]  #: what its configurations have that take a point a day
    storage_line: str  #: the line of the bill that grows
    fewest: int  #: points that are billed at least
    most: int  #: points that Azure keeps at most: beyond them nothing is to be compared


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionBreakEven:
    """Up to how many daily points this option is cheaper than another one."""

    against: str
    never: str  #: the sentence where the other is always cheaper
    always: str  #: the sentence where this one is
    up_to: str  #: the sentence in between, with `{days}`


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBreakEven:
    """What must be asked of an event before this option pays, beside another one."""

    against: str
    event: Event
    sentence: str  #: with `{price}` of this option, `{rto}` and `{rpo}` of the other


# --- the row ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInPlace(Generic[Chosen]):
    """What is known of an option where it protects the VM already."""

    kinds: tuple[ProtectionKind, ...]
    #: The configuration in place; None where too little of it was read to price it.
    configuration: Callable[[Case, Protection], Chosen | None]
    words: Callable[[Protection], str]  #: the subject of the sentence that says its state
    #: Of two configurations, today's and the wanted: what Azure forbids on the way, as sentences.
    forbidden: Callable[[Configuration, Configuration], Iterable[str]]
    #: What becomes of its points when it is set up anew elsewhere, as sentences with `{price}`,
    #: the words for what they cost; empty: nothing is left behind.
    leaving: str
    #: The same where their vault is locked, with `{days}`, too: how long the last of them stays.
    leaving_locked: str
    #: What becomes of its points when it is ended for good, in the same two ways.
    ending: str
    ending_locked: str
    #: What Azure allows to change in place on a protection that was found, for this case.
    adjustments: Callable[[Case, Protection], Sequence[Adjustment]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Generic[Chosen]):
    """One way of protecting a VM."""

    name: str  #: as people type it
    title: str  #: as Microsoft calls it, inside a sentence
    plural: bool  #: whether the title wants a verb in the plural
    flags: tuple[Flag, ...]  #: what `vmbackup estimate` has for it
    phrases: Mapping[str, Phrase]  #: one for each flag, in the order in which they are read

    configurations: Callable[[Case], Sequence[Chosen]]  #: those worth pricing for a need
    #: Of `estimate`'s flags, the rest by default. Raises UsageError.
    said_configuration: Callable[[Case, Mapping[str, Any]], Chosen]
    #: Each configuration judged, with its tiers of points and its usages.
    propose: Proposes[Chosen]
    usages: UsagesOf[Chosen]

    makes_plans_with: tuple[str, ...]  #: options that stand after it in a plan of two
    not_covered: tuple[str, ...]  #: what no plan with it saves the VM from, as sentences
    proposal_warnings: Callable[[Proposal], Iterable[str]]  #: of a configuration recommended
    need_warnings: Callable[[Need], Iterable[str]]  #: of the need, where it is recommended
    #: Configurations that hold just these disks (by `Disk.key`), beside another option that leaves
    #: them out; empty where the option takes the whole VM or nothing.
    complements: Callable[[Case, frozenset[str]], Sequence[Chosen]]
    daily_points: DailyPoints | None  #: None: not compared by how long points are kept
    break_evens: tuple[RetentionBreakEven | TimeBreakEven, ...]
    found: FoundInPlace[Chosen] | None  #: None: the inventory does not find it


def no_complements(_: Case, __: frozenset[str]) -> tuple[Any, ...]:
    """For an option that holds the whole VM or nothing."""
    return ()


def no_adjustments(_: Case, __: Protection) -> tuple[Adjustment, ...]:
    """For an option that changes nothing in place."""
    return ()


def no_warnings(_: Proposal | Need) -> tuple[str, ...]:
    """For an option that warns of nothing."""
    return ()
