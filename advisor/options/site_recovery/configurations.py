"""Which configurations of Site Recovery there are: proposed, said on the command line, found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from advisor.errors import UsageError
from advisor.model import Protection, Reason, Verdict
from advisor.options.case import Case, is_premium_v2, judge, once, verdict_of
from advisor.options.disks_left_out import keys_of, not_needed, written
from advisor.options.site_recovery.bill import DRILLS_PER_YEAR, ReplicationConfiguration
from advisor.options.site_recovery.churn import churn_reason
from advisor.options.site_recovery.rules import VM_RULES
from advisor.options.site_recovery.target_rules import ONLY_SOURCE, SOURCE_RULES
from advisor.options.site_recovery.words import parse_recovery_points
from advisor.regions import nearest_open, region

#: azure-to-azure-common-questions, 2025-07-25
DEFAULT_RECOVERY_POINTS = timedelta(days=1)
ZONES = ("1", "2", "3")


#: How many regions are proposed where there is no pair, or only one that must be asked for: the
#: cheapest of them is told from their prices, which are not known here.
MOST_TARGETS = 8


def configurations(case: Case) -> Sequence[ReplicationConfiguration]:
    """To the region asked for; else to the pair, to the nearest open regions where the pair is not
    open to every subscription or there is none, and to another zone where the VM is zonal. Of a VM
    that may be replicated nowhere one target stands for all.
    """
    common = {"churn": churn_mode(case), **_left_out(case, not_needed(case))}
    if case.to:
        return [ReplicationConfiguration(to=case.to, **common)]
    if verdict_of(once(case, vm_reasons)) is Verdict.NO:
        return [ReplicationConfiguration(to=targets(case)[0], **common)]
    chosen = [ReplicationConfiguration(to=to, **common) for to in targets(case)]
    if case.has_zones and case.vm.zones:
        other = next(zone for zone in ZONES if zone not in case.vm.zones[:2])
        chosen.append(ReplicationConfiguration(to=f"zone:{other}", **common))
    return chosen


def vm_reasons(case: Case) -> tuple[Reason, ...]:
    """What the VM itself allows or forbids, wherever it would be replicated to."""
    return judge((*VM_RULES, *SOURCE_RULES), case)


def targets(case: Case) -> tuple[str, ...]:
    """ARM's names, the pair first; one empty name where none is known."""
    pair = case.paired_region
    if pair and region(pair).open is Verdict.YES and pair not in ONLY_SOURCE:
        return (pair,)
    near = nearest_open(case.vm.region, ONLY_SOURCE)[:MOST_TARGETS]
    return ((pair, *near) if pair else near) or ("",)


def _left_out(case: Case, keys: frozenset[str]) -> dict[str, Any]:
    return {"left_out": keys, "leave_out": written(case, keys)}


def churn_mode(case: Case) -> str:
    """High Churn where Premium SSD v2 wants it or where normal churn would not keep up."""
    if any(is_premium_v2(disk) for disk in case.vm.disks):
        return "high"
    return "high" if churn_reason(case, "normal").verdict is Verdict.NO else "normal"


def said_configuration(case: Case, said: Mapping[str, Any]) -> ReplicationConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    to = str(said.get("to") or case.paired_region)
    if not to and "to" not in said:
        raise UsageError("This region has no pair: name the target with --to REGION.")
    drills, said_points = said.get("drills"), said.get("recovery_points")
    return ReplicationConfiguration(
        to=to,
        recovery_points=DEFAULT_RECOVERY_POINTS
        if said_points is None
        else parse_recovery_points(str(said_points)),
        churn=str(said.get("churn_mode") or churn_mode(case)),
        drills_per_year=DRILLS_PER_YEAR if drills is None else int(drills),
        **_left_out(case, keys_of(case, str(said.get("leave_out") or ""))),
    )


def found_configuration(case: Case, found: Protection) -> ReplicationConfiguration | None:
    """The configuration of a replication that is in place; None where its target was not read."""
    if not found.target:
        return None
    return ReplicationConfiguration(
        to=found.target,
        recovery_points=DEFAULT_RECOVERY_POINTS
        if found.recovery_points is None
        else found.recovery_points,  # none at all is a setting, too
        churn=churn_mode(case),
        **_left_out(case, found.left_out),
    )
