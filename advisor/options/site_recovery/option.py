"""Site Recovery between Azure regions or zones: what it gives, and its row.

Its limits are in `rules`, its tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache

from advisor.model import (
    Consistency,
    Event,
    PointTier,
    Proposal,
    ProtectionKind,
    Reason,
    RestoredFrom,
    Rto,
    Verdict,
)
from advisor.needs import STOPPED
from advisor.options.case import Case, judge, once, verdict_of
from advisor.options.disks_left_out import holding_data
from advisor.options.recovery import SITE_RECOVERY_RTO, measured_or
from advisor.options.row import (
    FoundInPlace,
    Option,
    no_complements,
    no_warnings,
)
from advisor.options.site_recovery.adjustments import adjustments
from advisor.options.site_recovery.bill import usages
from advisor.options.site_recovery.chosen import ReplicationConfiguration
from advisor.options.site_recovery.churn import churn_reason
from advisor.options.site_recovery.configurations import (
    configurations,
    found_configuration,
    said_configuration,
    vm_ruling,
)
from advisor.options.site_recovery.in_place import forbidden, found_words
from advisor.options.site_recovery.target_rules import (
    ZONE_RULES,
    residency_note,
    target_reason,
)
from advisor.options.site_recovery.words import (
    BESIDE_AZURE_BACKUP,
    FLAGS,
    NOT_A_BACKUP,
    PHRASES,
    proposal_warnings,
)

# --- figures, each with its article ----------------------------------------------------------

QUESTIONS = "azure-to-azure-common-questions, 2025-07-25"
#: QUESTIONS: a crash-consistent point every five minutes, not configurable; no RPO is promised.
RPO = timedelta(minutes=5)
#: The mobility agent is put into a machine that runs, and one that is off sends nothing. No article
#: says what becomes of its points meanwhile; ours, 2026-11-29.
IF_STARTED = "the VM is started"
LONGEST_RECOVERY_POINTS = timedelta(days=15)  # QUESTIONS


# --- what it gives ---------------------------------------------------------------------------


def _tier(case: Case, chosen: ReplicationConfiguration) -> PointTier:
    left_out = holding_data(case, chosen.left_out)
    days, stopped = chosen.recovery_points.days, case.vm.power_state in STOPPED
    rto = measured_or(case.sizing, RestoredFrom.REPLICA, SITE_RECOVERY_RTO)
    return _replica(Event.ZONE if chosen.to_zone else Event.REGION, days, left_out, stopped, rto)


@lru_cache(maxsize=1024)
def _replica(
    survives: Event, days: int, left_out: frozenset[str], stopped: bool, rto: Rto
) -> PointTier:
    """One tier for all VMs whose replica gives the same."""
    return PointTier(
        name="replica",
        events=(survives,),
        rpo=RPO,
        rto=rto,
        retention_days=days,
        consistency=Consistency.CRASH,
        isolated=False,
        note=NOT_A_BACKUP,
        left_out=left_out,
        conditions=(IF_STARTED,) if stopped else (),
    )


# --- the option ------------------------------------------------------------------------------


def propose(
    case: Case, chosen: Sequence[ReplicationConfiguration], *, bill_forbidden: bool = True
) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    of_vm = once(case, vm_ruling)
    return [_proposal(case, each, of_vm, bill_forbidden) for each in chosen]


def _proposal(
    case: Case,
    chosen: ReplicationConfiguration,
    of_vm: tuple[tuple[Reason, ...], Verdict],
    bill_forbidden: bool,
) -> Proposal:
    """`of_vm`: the reasons that the VM gives, and their verdict."""
    common, verdict = of_vm
    own = tuple(_configuration_reasons(case, chosen))
    verdict = verdict_of(own, verdict)
    residency = "" if chosen.to_zone else residency_note(case, chosen.to)
    return Proposal(
        option=SITE_RECOVERY.name,
        configuration=chosen.mapping,
        verdict=verdict,
        reasons=common + own,
        tiers=(_tier(case, chosen),),
        usages=usages(case, chosen) if bill_forbidden or verdict is not Verdict.NO else (),
        notes=(NOT_A_BACKUP, residency) if residency else (NOT_A_BACKUP,),
        order=(chosen.to_zone, chosen.to != case.paired_region, chosen.to),
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


SITE_RECOVERY: Option[ReplicationConfiguration] = Option(
    name="site-recovery",
    title="Site Recovery",
    plural=False,
    flags=FLAGS,
    phrases=PHRASES,
    configurations=configurations,
    said_configuration=said_configuration,
    propose=propose,
    usages=usages,
    makes_plans_with=(),
    not_covered=(NOT_A_BACKUP,),
    proposal_warnings=proposal_warnings,
    need_warnings=no_warnings,
    complements=no_complements,
    daily_points=None,
    break_evens=(BESIDE_AZURE_BACKUP,),
    found=FoundInPlace(
        kinds=(ProtectionKind.SITE_RECOVERY,),
        configuration=found_configuration,
        words=found_words,
        forbidden=forbidden,
        leaving="",
        leaving_locked="",
        ending="",
        ending_locked="",
        adjustments=adjustments,
    ),
)
