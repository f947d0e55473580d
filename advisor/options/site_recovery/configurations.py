"""Which configurations of Site Recovery there are: proposed, said on the command line, found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from advisor.errors import UsageError
from advisor.model import Protection, Reason, Verdict
from advisor.options.case import Case, is_premium_v2, judge, once, verdict_of
from advisor.options.disks_left_out import keys_of, not_needed, written
from advisor.options.site_recovery.chosen import DRILLS_PER_YEAR, ReplicationConfiguration
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
    left_out = not_needed(case)
    return _configurations(_where(case), churn_mode(case), left_out, written(case, left_out))


def _where(case: Case) -> tuple[str, ...]:
    if case.to:
        return (case.to,)
    if once(case, vm_ruling)[1] is Verdict.NO:
        return targets(case)[:1]
    if case.has_zones and case.vm.zones:
        other = next(zone for zone in ZONES if zone not in case.vm.zones[:2])
        return (*targets(case), f"zone:{other}")
    return targets(case)


@lru_cache(maxsize=1024)
def _configurations(
    targets: tuple[str, ...], churn: str, left_out: frozenset[str], leave_out: str
) -> tuple[ReplicationConfiguration, ...]:
    return tuple(
        ReplicationConfiguration(to=to, churn=churn, left_out=left_out, leave_out=leave_out)
        for to in targets
    )


_RULES_OF_VM = (*VM_RULES, *SOURCE_RULES)


def vm_ruling(case: Case) -> tuple[tuple[Reason, ...], Verdict]:
    """What the VM itself allows or forbids, wherever it would be replicated to."""
    reasons = judge(_RULES_OF_VM, case)
    return reasons, verdict_of(reasons)


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
