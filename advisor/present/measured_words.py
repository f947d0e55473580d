"""The small print of what was measured: which figures, how old, and what would measure more."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.measured_sizes import days_ago
from advisor.model import Advice, DiskWrites, Measurements, Reading, Source
from advisor.words import clean, counted, listed

#: Ours: as many days as a snapshot has to be billed for until it tells more.
MEASURED_LATELY_DAYS = 7


def measured_words(advice: Advice) -> str:
    """`Measured: changed data (yesterday), writes (7 days), back from the vault (crm-01, …).`"""
    said = list(_said(advice))
    return f"Measured: {listed(said)}." if said else ""


def _said(advice: Advice) -> Iterator[str]:
    known, sizing = advice.known, advice.sizing
    measured = known.measured
    for name, estimate, found in (
        ("used size", sizing.used_gib, measured.used),
        ("changed data", sizing.changed_gib_per_day, measured.changed),
    ):
        if found is not None and estimate.source is found.source:
            yield f"{name} ({days_ago(measured.age_days(found.on))})"
    if known.writes is not None and sizing.written_gib_per_day.source is Source.MEASURED:
        yield f"writes ({_writes_when(known.writes, measured)})"
    plan = advice.decision.plan
    tiers = [tier for part in plan.parts for tier in part.proposal.tiers] if plan else []
    if any(tier.rto.source == "measured" for tier in tiers):
        newest = max(measured.restores, key=lambda one: one.ended, default=None)
        if newest is not None:
            whose = "this VM" if newest.is_own else clean(newest.vm)
            yield f"restores ({whose}, {days_ago(measured.age_days(newest.ended))})"


def _writes_when(writes: DiskWrites, measured: Measurements) -> str:
    """`the last 7 days`, or of a reading that was kept `7 days, until 12 days ago`."""
    days = counted(writes.days, "day")
    if writes.until is None:
        return f"the last {days}"
    return f"{days}, until {days_ago(measured.age_days(writes.until))}"


def can_be_measured(advice: Advice) -> bool:
    """Whether a size is assumed that reading Azure may tell: not of what files alone say, nor where
    all was read within MEASURED_LATELY_DAYS: a snapshot is billed for as long until it tells."""
    measured = advice.known.measured
    if measured.whole_on and measured.age_days(measured.whole_on) < MEASURED_LATELY_DAYS:
        return False
    if advice.known.coverage.metrics is Reading.NOT_SUPPLIED or advice.decision.plan is None:
        return False
    sizing = advice.sizing
    return Source.ASSUMED in (sizing.used_gib.source, sizing.changed_gib_per_day.source)
