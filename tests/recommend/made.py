"""Tiers, proposals and assessments made by hand, for rules that look at nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from advisor.model import (
    Assessment,
    Consistency,
    Disk,
    Event,
    EventNeed,
    Line,
    LineKind,
    Meter,
    Monthly,
    Need,
    PointTier,
    Proposal,
    Range,
    Reason,
    Retention,
    Rto,
    Source,
    Usage,
    Verdict,
)
from advisor.prices.book import KnownPrices
from advisor.recommend.assess import Judge
from advisor.recommend.candidates import Candidate, candidate_of
from advisor.recommend.missing_prices import PriceBounds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = Rto(HOUR, HOUR, HOUR, "documented")


def assumed(low: float, likely: float, high: float) -> Rto:
    """An RTO in hours that nobody promises."""
    return Rto(low * HOUR, likely * HOUR, high * HOUR, "assumed")


def a_tier(*events: Event, **changes: Any) -> PointTier:
    """A vault's points: daily, kept 84 days, out of reach, file-system consistent."""
    facts: dict[str, Any] = {
        "name": "vault",
        "events": events or (Event.DELETION,),
        "rpo": DAY,
        "rto": SOON,
        "retention_days": 84,
        "consistency": Consistency.FILE_SYSTEM,
        "isolated": True,
    }
    return PointTier(**{**facts, **changes})


def a_need(**changes: Any) -> Need:
    """What production needs of deletion alone."""
    facts: dict[str, Any] = {
        "deletion": EventNeed(rpo=DAY),
        "retention": Retention(daily=30, weekly=12),
        "isolated": True,
        "consistency": Consistency.FILE_SYSTEM,
    }
    return Need(**{**facts, **changes})


def a_proposal(*tiers: PointTier, option: str = "azure-backup", **changes: Any) -> Proposal:
    facts: dict[str, Any] = {
        "option": option,
        "configuration": {},
        "verdict": Verdict.YES,
        "reasons": (),
        "tiers": tiers,
        "usages": (),
    }
    return Proposal(**{**facts, **changes})


def blocking(condition: str) -> Reason:
    """A rule that answers yes on a condition."""
    return Reason("rule", Verdict.YES, "It may be used.", "article", condition=condition)


def a_line(
    amount: str | None, *, meter: str = "storage", much: str = "1", region: str = "here"
) -> Line:
    """A line of so many USD a month; None: its price is missing."""
    usage = Usage(
        name=meter.capitalize(),
        kind=LineKind.RECURRING,
        meter=Meter("Backup", "Backup", "Standard", meter, region),
        unit="1 GB/Month",
        quantity=Range.exactly(Decimal(much)),
        source=Source.STATED,
        basis="said",
    )
    if amount is None:
        return Line(usage, None, None, "there is none")
    return Line(usage, Decimal(1), Range.exactly(Decimal(amount)))


def an_assessment(
    judge: Judge, proposal: Proposal, *lines: Line, in_place: bool = False
) -> Assessment:
    amounts = [line.monthly.likely for line in lines if line.monthly]
    missing = tuple(line.usage.name for line in lines if not line.monthly)
    total = sum(amounts, Decimal(0))
    monthly = Monthly("USD", total, *((None, None) if missing else (total, total)), missing)
    return judge.assess(proposal, lines, monthly, in_place=in_place)


def a_candidate(
    *lines: Line,
    need: Need | None = None,
    tiers: Sequence[PointTier] = (),
    option: str = "azure-backup",
    order: tuple[object, ...] = (),
    disks: Sequence[Disk] = (),
    in_place: bool = False,
) -> Candidate:
    """A plan of one option whose tiers meet what production needs of deletion, unless said."""
    judge = Judge(need or a_need(), disks)
    proposal = a_proposal(*(tiers or (a_tier(),)), option=option, order=order)
    return candidate_of([an_assessment(judge, proposal, *lines, in_place=in_place)], judge)


def prices(**known: tuple[str, str]) -> PriceBounds:
    """What is known anywhere of each meter by its name: the cheapest and the dearest."""

    def known_anywhere(meter: Meter, unit: str) -> KnownPrices | None:
        amounts = known.get(meter.meter)
        return KnownPrices(*map(Decimal, amounts)) if amounts else None

    return PriceBounds(known_anywhere)
