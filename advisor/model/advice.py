"""The answer: options judged and priced, plans, and everything there is to say about one VM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from advisor.model.basics import Event, Range, Verdict
from advisor.model.known import KnownVm, Protection
from advisor.model.need import Need, Sizing
from advisor.model.proposal import Line, Monthly, Proposal, Rto


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

    @property
    def option(self) -> str:
        return self.proposal.option

    @property
    def verdict(self) -> Verdict:
        return self.proposal.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One option, or options together, with what they cost together."""

    parts: tuple[Assessment, ...]
    monthly: Monthly
    met: frozenset[Event]
    unmet: tuple[str, ...] = ()
    in_place: bool = False

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfBill:
    """The bill of one month after starting, before the steady state is reached."""

    month: int
    amount: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Everything there is to say about one VM."""

    known: KnownVm
    need: Need
    sizing: Sizing
    in_place: tuple[InPlace, ...]
    unprotected: str  #: "unprotected", "not in vault v1", or "" when something protects it
    not_read: tuple[str, ...]
    recommended: Plan | None
    reasons: tuple[str, ...]
    not_covered: tuple[str, ...]
    changes: tuple[str, ...]  #: what a move from the protection in place would save, cost or forbid
    nearest: tuple[Plan, ...]  #: when nothing meets the need
    assessments: tuple[Assessment, ...]  #: every configuration, best first
    break_evens: tuple[str, ...]
    drives_spread: str
    by_month: tuple[MonthOfBill, ...]  #: of the recommended plan
    warnings: tuple[str, ...]
    currency: str
    prices_as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """The answer of `estimate`: one option in one configuration, and its first months."""

    sizing: Sizing
    assessment: Assessment
    by_month: tuple[MonthOfBill, ...]
    drives_spread: str
    prices_as_of: str
