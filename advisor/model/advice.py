"""The answer: options judged and priced, plans, and everything there is to say about one VM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from advisor.model.basics import Event, Meets, Range, Verdict
from advisor.model.known import KnownVm, Protection
from advisor.model.need import Need, Sizing
from advisor.model.proposal import Configuration, Line, Monthly, Proposal, Rto


class Recovery(NamedTuple):
    """What an option gives for one event, read off the tier named."""

    rpo: timedelta
    rto: Rto
    tier: str


class Assessment(NamedTuple):
    """One option in one configuration, judged, priced and held against the need."""

    proposal: Proposal
    lines: tuple[Line, ...]
    monthly: Monthly
    recovery: Mapping[Event, Recovery | None]
    met: frozenset[Event]  #: the events of the need that it meets
    meets_need: bool | None  #: None: there was no need to hold it against
    unmet: tuple[str, ...]
    in_place: bool = False
    #: The events met on a condition only, with the clauses after "if".
    met_if: Mapping[Event, tuple[str, ...]] = MappingProxyType({})

    @property
    def option(self) -> str:
        return self.proposal.option

    @property
    def verdict(self) -> Verdict:
        return self.proposal.verdict


class Gap(NamedTuple):
    """A disk with data that no point of a plan holds, for these events asked for."""

    disk: str  #: its name
    size_gib: int | None  #: provisioned
    events: tuple[Event, ...]


class Adjustment(NamedTuple):
    """A change that Azure allows in place, on what protects the VM already."""

    what: str  #: what to do, as a clause: "assign a policy that runs every day"
    configuration: Configuration  #: afterwards
    chosen: Any  #: the option's own value behind `configuration`
    left_out: frozenset[str] = frozenset()  #: `Disk.key` of what it still leaves out
    takes_away: tuple[str, ...] = ()  #: what is lost by it, as sentences; empty: nothing
    irreversible: str = ""  #: a sentence, where there is no way back
    whole_vault: int | None = None  #: changes every item of the vault: so many were read
    urgent: str = ""  #: a sentence, where it can be done only for a while
    #: Takes nothing but surplus of a setting: days of instant restore, within the retention or not.
    of_setting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One option, or options together, with what they cost together."""

    parts: tuple[Assessment, ...]
    monthly: Monthly
    met: frozenset[Event]
    unmet: tuple[str, ...] = ()
    in_place: bool = False
    met_if: Mapping[Event, tuple[str, ...]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    adjusted: Adjustment | None = None  #: what is in place, after this change

    @property
    def meets(self) -> Meets:
        """Whether it meets every event asked for."""
        if self.unmet:
            return Meets.NO
        return Meets.IF if self.met_if else Meets.YES

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every clause after "if", each once."""
        return tuple(dict.fromkeys(each for clauses in self.met_if.values() for each in clauses))

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(part.option for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace:
    """A protection that was found, what it costs and whether it meets the need."""

    protection: Protection
    age: timedelta | None  #: of the last point
    assessment: Assessment | None  #: None: too little was read to price it
    sentence: str


class StateNow(StrEnum):
    """How a VM is protected now, in a word that people read."""

    UNPROTECTED = "unprotected"
    PARTLY = "partly protected"
    PROTECTED = "protected"
    SETTING_UP = "being set up"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class ProtectionNow(NamedTuple):
    """The state with what it is said of: the phrase after the colon, empty where none is needed."""

    state: StateNow
    words: str = ""  #: "Azure Backup, last point 5 h ago, 44 USD a month"


NOT_SAID = ProtectionNow(StateNow.UNKNOWN)


class Narrowing(NamedTuple):
    """What the plan would cost a month if an assumed size were known, at its likely value."""

    what: str  #: "the 144 GB in use"
    flag: str  #: the flag that states it: "--used"
    low: Decimal
    high: Decimal


class Course(StrEnum):
    """What to do about one VM: the action of a decision."""

    KEEP = "keep"
    WAIT = "wait"
    FIX = "fix"
    ADJUST = "adjust"
    ADD = "add"
    REPLACE = "replace"
    END = "end"
    PROTECT = "protect"
    NOTHING_TO_PROTECT = "nothing-to-protect"
    NOTHING_MEETS = "nothing-meets"
    CANNOT_SAY = "cannot-say"


class Alternative(NamedTuple):
    """Another plan worth naming beside the decision, with its price."""

    #: certainty, saving, may-cost-less, covers-more, at-another-size, without-the-condition
    why: str
    plan: Plan | None
    sentence: str
    brief: str = ""  #: the same in one line, without settings; empty: the sentence is short


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a senior engineer would do about this VM, and on what it rests."""

    courses: tuple[Course, ...]  #: one; two where it takes two
    plan: Plan | None  #: how the VM is protected afterwards; None: nothing, or nothing can be said
    meets: Meets
    conditions: tuple[str, ...]  #: clauses after "if"
    today: Monthly | None  #: what everything in place costs; None: not known
    difference: Decimal | None  #: a month, afterwards less today; None: not known
    gaps: tuple[Gap, ...]
    unmet: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    irreversible: tuple[str, ...] = ()  #: sentences
    #: The decision in one sentence; of one of many VMs only where `brief` is empty.
    sentence: str
    todo: tuple[str, ...] = ()  #: what to do, step by step, as sentences
    bound: str = ""  #: where prices are missing: the threshold up to which the decision holds
    brief: str = ""  #: the course in a few words, without settings, price and conditions
    steps: tuple[str, ...] = ()  #: those of `todo` that `brief` does not say


class MonthOfBill(NamedTuple):
    """The bill of one month after starting, before the steady state is reached."""

    month: int
    amount: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Everything there is to say about one VM; what has a default is not said of one of many."""

    known: KnownVm
    need: Need
    sizing: Sizing
    in_place: tuple[InPlace, ...]
    unprotected: str  #: "unprotected", "not in vault v1", or "" when something protects it
    not_read: tuple[str, ...]
    decision: Decision
    recommended: Plan | None
    reasons: tuple[str, ...] = ()
    not_covered: tuple[str, ...] = ()
    #: What a move from the protection in place would save, cost or forbid.
    changes: tuple[str, ...] = ()
    nearest: tuple[Plan, ...]  #: when nothing meets the need
    #: Every configuration, best first; of one of many VMs only what it may use.
    assessments: tuple[Assessment, ...]
    break_evens: tuple[str, ...] = ()
    drives_spread: str = ""
    by_month: tuple[MonthOfBill, ...] = ()  #: of the recommended plan
    warnings: tuple[str, ...]
    currency: str
    prices_as_of: str  #: the oldest date at which a price of what is shown was true
    prices_age_days: int | None = None  #: of that date; None where no price is shown
    price_notes: tuple[str, ...] = ()  #: why the price list was not asked, as sentences
    now: ProtectionNow = NOT_SAID
    narrowing: tuple[Narrowing, ...] = ()  #: the widest first, each with those before it known


class ReservedTerm(NamedTuple):
    """What a reservation takes off each GB: from so many GiB on, for so many years."""

    from_gib: int
    years: int
    share: Decimal  #: 0.12 for 12 %
    saves: Decimal = Decimal(0)  #: a month, of what the bill counts


class Saving(NamedTuple):
    """What could be saved beside the bill, and what it takes: it is in no total."""

    name: str
    gib: Decimal  #: how much of it the bill counts
    terms: tuple[ReservedTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """The answer of `estimate`: one option in one configuration, and its first months."""

    sizing: Sizing
    assessment: Assessment
    by_month: tuple[MonthOfBill, ...]
    drives_spread: str
    prices_as_of: str  #: the oldest date at which a price of it was true
    prices_age_days: int | None = None  #: of that date; None where it has no price
    savings: tuple[Saving, ...] = ()
