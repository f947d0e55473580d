"""Site Recovery between Azure regions or zones: what it gives, and which configurations there are.

Its limits are in `rules`, its tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from advisor.errors import UsageError
from advisor.model import (
    Consistency,
    Event,
    PointTier,
    Proposal,
    Protection,
    Reason,
    Verdict,
)
from advisor.options.case import Case, is_premium_v2, judge, verdict_of
from advisor.options.recovery import SITE_RECOVERY_RTO
from advisor.options.site_recovery.bill import (
    DRILLS_PER_YEAR,
    ReplicationConfiguration,
    usages,
)
from advisor.options.site_recovery.churn import churn_reason
from advisor.options.site_recovery.rules import VM_RULES, ZONE_RULES, target_reason
from advisor.quantities import parse_duration

NAME = "site-recovery"
__all__ = [
    "NAME",
    "configurations",
    "found_configuration",
    "propose",
    "said_configuration",
    "usages",
]

# --- figures, each with its article ----------------------------------------------------------

QUESTIONS = "azure-to-azure-common-questions, 2025-07-25"
#: QUESTIONS: a crash-consistent point every five minutes, not configurable; no RPO is promised.
RPO = timedelta(minutes=5)
LONGEST_RECOVERY_POINTS = timedelta(days=15)  # QUESTIONS
DEFAULT_RECOVERY_POINTS = timedelta(days=1)  # QUESTIONS

NOT_A_BACKUP = (
    "A deleted or corrupted disk is replicated too: the points of up to 15 days are a way to roll"
    " back, not a backup."
)
ZONES = ("1", "2", "3")


# --- what it gives ---------------------------------------------------------------------------


def _tier(chosen: ReplicationConfiguration) -> PointTier:
    return PointTier(
        name="replica",
        events=(Event.ZONE,) if chosen.to_zone else (Event.REGION,),
        rpo=RPO,
        rto=SITE_RECOVERY_RTO,
        retention_days=chosen.recovery_points.days,
        consistency=Consistency.CRASH,
        isolated=False,
        note=NOT_A_BACKUP,
    )


# --- the option ------------------------------------------------------------------------------


def configurations(case: Case) -> Sequence[ReplicationConfiguration]:
    """To the region asked for or the paired one, and to another zone where the VM is zonal."""
    churn = churn_mode(case)
    if case.to:
        return [ReplicationConfiguration(to=case.to, churn=churn)]
    chosen = [ReplicationConfiguration(to=case.paired_region, churn=churn)]
    if case.has_zones and case.vm.zones:
        other = next(zone for zone in ZONES if zone not in case.vm.zones[:2])
        chosen.append(ReplicationConfiguration(to=f"zone:{other}", churn=churn))
    return chosen


def churn_mode(case: Case) -> str:
    """High Churn where Premium SSD v2 wants it or where normal churn would not keep up."""
    if any(is_premium_v2(disk) for disk in case.vm.disks):
        return "high"
    return "high" if churn_reason(case, "normal").verdict is Verdict.NO else "normal"


def propose(case: Case, chosen: Sequence[ReplicationConfiguration]) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    common = judge(VM_RULES, case)
    return [_proposal(case, each, common) for each in chosen]


def _proposal(case: Case, chosen: ReplicationConfiguration, common: tuple[Reason, ...]) -> Proposal:
    reasons = common + tuple(_configuration_reasons(case, chosen))
    return Proposal(
        option=NAME,
        configuration=chosen.as_mapping(),
        verdict=verdict_of(reasons),
        reasons=reasons,
        tiers=(_tier(chosen),),
        usages=usages(case, chosen),
        notes=(NOT_A_BACKUP,),
        order=(chosen.to_zone, chosen.to),
        chosen=chosen,
    )


def _configuration_reasons(case: Case, chosen: ReplicationConfiguration) -> Iterator[Reason]:
    yield churn_reason(case, chosen.churn)
    if chosen.to_zone:
        yield from judge(ZONE_RULES, case)
    else:
        yield target_reason(case, chosen.to)
    if chosen.recovery_points > LONGEST_RECOVERY_POINTS:
        text = f"Points are kept at most 15 days, not {chosen.recovery_points.days}."
        yield Reason("recovery-points", Verdict.NO, text, QUESTIONS)


def said_configuration(case: Case, said: Mapping[str, Any]) -> ReplicationConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    to = str(said.get("to") or case.paired_region)
    if not to:
        raise UsageError("This region has no pair: name the target with --to REGION.")
    drills = said.get("drills")
    return ReplicationConfiguration(
        to=to,
        recovery_points=_recovery_points(said.get("recovery_points")),
        churn=str(said.get("churn_mode") or churn_mode(case)),
        drills_per_year=DRILLS_PER_YEAR if drills is None else int(drills),
    )


def _recovery_points(said: Any) -> timedelta:
    if said is None:
        return DEFAULT_RECOVERY_POINTS
    return timedelta(0) if str(said) in ("0", "0h", "0d", "0min") else parse_duration(str(said))


def found_configuration(case: Case, found: Protection) -> ReplicationConfiguration | None:
    """The configuration of a replication that is in place; None where its target was not read."""
    if not found.target:
        return None
    return ReplicationConfiguration(
        to=found.target,
        recovery_points=found.recovery_points or DEFAULT_RECOVERY_POINTS,
        churn=churn_mode(case),
    )
