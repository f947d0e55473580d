"""Which configurations of Site Recovery there are: proposed, said on the command line, found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from advisor.errors import UsageError
from advisor.model import Protection, Verdict
from advisor.options.case import Case, is_premium_v2
from advisor.options.site_recovery.bill import DRILLS_PER_YEAR, ReplicationConfiguration
from advisor.options.site_recovery.churn import churn_reason
from advisor.options.site_recovery.words import parse_recovery_points

#: azure-to-azure-common-questions, 2025-07-25
DEFAULT_RECOVERY_POINTS = timedelta(days=1)
ZONES = ("1", "2", "3")


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


def said_configuration(case: Case, said: Mapping[str, Any]) -> ReplicationConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    to = str(said.get("to") or case.paired_region)
    if not to:
        raise UsageError("This region has no pair: name the target with --to REGION.")
    drills, said_points = said.get("drills"), said.get("recovery_points")
    return ReplicationConfiguration(
        to=to,
        recovery_points=DEFAULT_RECOVERY_POINTS
        if said_points is None
        else parse_recovery_points(str(said_points)),
        churn=str(said.get("churn_mode") or churn_mode(case)),
        drills_per_year=DRILLS_PER_YEAR if drills is None else int(drills),
    )


def found_configuration(case: Case, found: Protection) -> ReplicationConfiguration | None:
    """The configuration of a replication that is in place; None where its target was not read."""
    if not found.target:
        return None
    return ReplicationConfiguration(
        to=found.target,
        recovery_points=found.recovery_points or DEFAULT_RECOVERY_POINTS,
        churn=churn_mode(case),
    )
