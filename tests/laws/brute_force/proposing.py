"""Rules 3 and 4 of the design: every configuration of every option, priced, single and in pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from advisor.model import (
    DAYS_PER_MONTH,
    ZERO,
    Adjustment,
    Course,
    KnownVm,
    LineKind,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
    Verdict,
)
from advisor.options import BY_NAME, OPTIONS
from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.case import Case
from advisor.options.row import Option
from advisor.options.snapshots.option import SNAPSHOTS
from advisor.prices.pricing import Pricer
from advisor.retention import span_days
from tests.laws.brute_force.judging import Part, Plan, judge

DAY = timedelta(days=1)
#: What follows no schedule by itself: without an observed one it is no protection to speak of.
LOOSE = (ProtectionKind.SNAPSHOTS, ProtectionKind.RESTORE_POINTS)
#: An Enhanced policy runs once a day or every so many hours (backup-azure-vms-enhanced-policy).
ENHANCED_HOURS = (24, 12, 8, 6, 4)
WELL = (ProtectionState.ACTIVE,)
ENDED = (ProtectionState.STOPPED, ProtectionState.SOFT_DELETED)


def parts_of(
    option: Option[Any], case: Case, chosen: Sequence[Any], usd: Pricer, **more: Any
) -> list[Part]:
    """These configurations of one option, judged by its rules and priced."""
    every = frozenset(size.disk.key for size in case.stored_disks)
    proposals = option.propose(case, list(chosen))
    return [_part(each, usd, **more) for each in proposals if more or _holds_any(each, every)]


def _holds_any(proposal: Proposal, disks: frozenset[str]) -> bool:
    """What would hold no disk at all is no plan."""
    return not disks or any(disks - tier.left_out for tier in proposal.tiers)


def _part(proposal: Proposal, usd: Pricer, **more: Any) -> Part:
    lines = tuple(usd.line(usage) for usage in proposal.usages)
    return Part(proposal.option, proposal, lines, **more)


def everything(case: Case, usd: Pricer) -> list[Plan]:
    """All singles and all pairs."""
    singles = {each.name: parts_of(each, case, _every(each, case), usd) for each in OPTIONS}
    plans: list[Plan] = [(part,) for parts in singles.values() for part in parts]
    for first in OPTIONS:
        for part in singles[first.name]:
            for name in first.makes_plans_with:
                plans += [(part, other) for other in singles[name]]
            plans += [(part, other) for other in complements(part, case, usd)]
    return plans


def _every(option: Option[Any], case: Case) -> list[Any]:
    """Those that the option proposes, and those that it leaves out as no better."""
    chosen = list(option.configurations(case))
    if option is AZURE_BACKUP:
        also = (
            replace(each, every=timedelta(hours=hours))
            for each in chosen
            for hours in ENHANCED_HOURS
            if each.policy == "enhanced"
        )
    else:
        also = (
            replace(each, full=True, redundancy=redundancy)
            for each in chosen
            for redundancy in ("lrs", "zrs")
            if option is SNAPSHOTS and not each.by and not each.consistent and not each.to
        )
    return list(dict.fromkeys((*chosen, *also)))


def complements(part: Part, case: Case, usd: Pricer) -> list[Part]:
    """What holds just the disks that this one leaves out."""
    missed = frozenset[str]().union(*(tier.left_out for tier in part.proposal.tiers))
    if not missed:
        return []
    return [
        other
        for option in OPTIONS
        if option.name != part.option
        for other in parts_of(option, case, option.complements(case, missed), usd)
    ]


# --- what is in place --------------------------------------------------------------------------


class Mending(NamedTuple):
    """What a protection that does not work needs: to be waited for, or to be mended."""

    wait: bool


@dataclass(frozen=True)
class Standing:
    """One protection that was found and read: as it is, as it will be, as it could be."""

    now: Part
    mended: Part
    mending: Mending | None  #: None: it works
    adjusted: tuple[Part, ...]

    @property
    def ended(self) -> bool:
        """Stopped or deleted by somebody: it can be taken up again."""
        found = self.mended.found
        return found is not None and found.state in ENDED


class Found(NamedTuple):
    """Everything that protects the VM."""

    standing: tuple[Standing, ...]
    unread: bool  #: something is there of which too little was read
    loose: bool  #: points that nobody takes on a schedule


def found_of(known: KnownVm, case: Case, usd: Pricer, now: datetime) -> Found:
    standing, unread, loose = [], False, False
    for protection in known.protections:
        option = next(
            (each for each in OPTIONS if each.found and protection.kind in each.found.kinds), None
        )
        if option is None or option.found is None:
            continue
        chosen = option.found.configuration(case, protection)
        if chosen is None and protection.kind in LOOSE:
            loose = True
        elif chosen is None or protection.state is ProtectionState.UNKNOWN:
            unread = True
        else:
            standing.append(_standing(option, case, protection, chosen, usd, now))
    return Found(tuple(standing), unread, loose)


def _standing(
    option: Option[Any], case: Case, found: Protection, chosen: Any, usd: Pricer, now: datetime
) -> Standing:
    [mended] = parts_of(option, case, [chosen], usd, found=found)
    works = found.state in WELL
    behind = _behind(found, now)
    as_it_is = replace(mended, works=works, behind=behind)
    met = [judge((part,), case.need, case).met.keys() for part in (as_it_is, mended)]
    late = works and met[0] != met[1]
    mending = None if works and not late else Mending(_is_due_yet(found, now))
    assert option.found is not None
    adjusted = [
        part
        for each in option.found.adjustments(case, found)
        for part in parts_of(option, case, [each.chosen], usd, found=found, adjustment=each)
        if part.proposal.verdict is not Verdict.NO or mended.proposal.verdict is Verdict.NO
    ]
    return Standing(as_it_is, mended, mending, tuple(adjusted))


def _behind(found: Protection, now: datetime) -> timedelta:
    """Of a replica, how far it lags; all else has a state that says so."""
    if found.kind is not ProtectionKind.SITE_RECOVERY:
        return timedelta(0)
    return found.rpo or timedelta(0)


def _is_due_yet(found: Protection, now: datetime) -> bool:
    """Whether a first point is not overdue: one interval of the schedule and a day."""
    if found.state is not ProtectionState.PENDING:
        return False
    policy = found.policy
    every = (policy.every if policy else None) or found.every
    if every is None:
        every = DAY if found.kind is not ProtectionKind.SITE_RECOVERY else timedelta(0)
    return found.since is None or now <= found.since + every + DAY


# --- a year of it ------------------------------------------------------------------------------


def move_usd(before: Plan, after: Plan, case: Case, usd: Pricer) -> Decimal:
    """What the first year costs more than the steady states say: ramp and old points.

    What starts empty costs less at first; the points of what is ended are billed for as long as
    the need keeps points, those of a locked vault to their own end.
    """
    more = ZERO
    for part in after:
        if part.found is None:
            steady = _likely(part, usd)
            for month in range(12):
                day = int((month + Decimal("0.5")) * DAYS_PER_MONTH)
                usages = BY_NAME[part.option].usages(case, part.proposal.chosen, day)
                so_far = sum((_amount(usd, each) for each in usages), ZERO)
                more -= steady - so_far
    for part in before:
        if any(part.found is other.found for other in after if other.found):
            continue
        kept_days = span_days(case.need.retention)
        if part.found and part.found.vault and part.found.vault.is_locked:
            kept_days = max(kept_days, *(tier.retention_days for tier in part.tiers))
        months = min(Decimal(12), Decimal(kept_days) / DAYS_PER_MONTH)
        more += months * _likely(part, usd)
    return more


def _likely(part: Part, usd: Pricer) -> Decimal:
    return sum((_amount(usd, each) for each in part.proposal.usages), ZERO)


def _amount(usd: Pricer, usage: Any) -> Decimal:
    if usage.kind not in (LineKind.RECURRING, LineKind.DRILL):
        return ZERO
    monthly = usd.line(usage).monthly
    return monthly.likely if monthly else ZERO


def takes_only_instant_restore(change: Adjustment, now: Part) -> bool:
    """Surplus days of instant restore are a setting."""
    before, after = dict(now.proposal.configuration), dict(change.configuration)
    return {**before, "instant_restore": ""} == {**after, "instant_restore": ""}


def mending_course(each: Standing) -> Course:
    return Course.WAIT if each.mending and each.mending.wait else Course.FIX


def mended_courses(standing: Iterable[Standing]) -> frozenset[Course]:
    return frozenset(mending_course(each) for each in standing if each.mending)
