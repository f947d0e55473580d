"""Azure Backup into a Recovery Services vault: what it gives, and which configurations there are.

Its limits are in `backup_rules`, its tariff in `backup_bill`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Any

from advisor.errors import UsageError
from advisor.model import (
    Consistency,
    Event,
    PointTier,
    Proposal,
    Protection,
    Reason,
    Retention,
    Rto,
    Usage,
    Verdict,
)
from advisor.options.backup_bill import (
    DEFAULT_KEEP,
    BackupConfiguration,
    Bill,
    archived_points,
    usages,
)
from advisor.options.backup_rules import (
    AGENTLESS_RULES,
    ENHANCED_RULES,
    LONGEST_INSTANT_RESTORE_DAYS,
    LONGEST_STANDARD_INSTANT_RESTORE_DAYS,
    POLICIES,
    STANDARD_RULES,
    VM_RULES,
    agent_supported,
    vault_reason,
)
from advisor.options.case import Case, judge, verdict_of
from advisor.options.recovery import (
    FROM_SECONDARY_VAULT,
    FROM_SNAPSHOTS,
    FROM_VAULT,
    restore_time,
)
from advisor.quantities import parse_days, parse_duration, parse_retention
from advisor.regions import display_name
from advisor.retention import span_days

NAME = "azure-backup"
__all__ = [
    "NAME",
    "configurations",
    "found_configuration",
    "propose",
    "said_configuration",
    "usages",
]

# --- figures, each with its article ----------------------------------------------------------

#: backup-instant-restore-capability, 2025-06-16
DEFAULT_INSTANT_RESTORE_DAYS = {"standard": 2, "enhanced": 7}
SHORTEST_DAILY_RETENTION_DAYS = 7  # backup-azure-vm-backup-faq, 2025-12-09
DAY = timedelta(days=1)
VAULT_RPO = DAY  # backup-azure-vms-enhanced-policy, 2025-06-11: one copy to the vault a day
SECONDARY_RPO = timedelta(hours=36)  # backup-azure-arm-restore-vms, 2026-01-23: 24 h + 12 h
ENHANCED_FREQUENCIES = tuple(timedelta(hours=hours) for hours in (4, 6, 8, 12, 24))
REDUNDANCIES = ("lrs", "zrs", "grs", "grs-crr")

ARCHIVE_REDUNDANCIES = ("lrs", "grs", "grs-crr")

VAULT_EVENTS: Mapping[str, tuple[Event, ...]] = {
    "lrs": (Event.DELETION,),
    "zrs": (Event.DELETION, Event.ZONE),
    "grs": (Event.DELETION,),
    "grs-crr": (Event.DELETION,),
}
GRS_NOTE = (
    "Without cross-region restore a region is survived only if Microsoft declares a disaster."
)


# --- what it gives ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gives:
    """What does not depend on the configuration: worked out once for a VM."""

    consistency: Consistency
    from_snapshots: Rto
    from_vault: Rto
    from_secondary: Rto


def _gives(case: Case) -> _Gives:
    used = case.sizing.used_gib.range
    return _Gives(
        consistency(case),
        restore_time(used, FROM_SNAPSHOTS),
        restore_time(used, FROM_VAULT),
        restore_time(used, FROM_SECONDARY_VAULT),
    )


def consistency(case: Case) -> Consistency:
    """Windows: application, by VSS. Linux without scripts: file system. Stopped: crash.

    A system that the agent does not support is backed up agentless, crash-consistent
    (backup-azure-vms-introduction, 2026-01-28).
    """
    if case.vm.power_state in ("deallocated", "stopped") or agent_supported(case) is Verdict.NO:
        return Consistency.CRASH
    if case.vm.os_type == "Windows":
        return Consistency.APPLICATION
    return Consistency.FILE_SYSTEM


def _instant_restore_tier(chosen: BackupConfiguration, gives: _Gives) -> PointTier:
    return PointTier(
        name="instant-restore",
        events=(Event.DELETION,),
        rpo=chosen.every,
        rto=gives.from_snapshots,
        retention_days=chosen.instant_restore_days,
        consistency=gives.consistency,
        isolated=False,
        note="Snapshots beside the disks: whoever can delete the VM can delete them too.",
    )


def _vault_tier(redundancy: str, keep: Retention, gives: _Gives) -> PointTier:
    return PointTier(
        name="vault",
        events=VAULT_EVENTS[redundancy],
        rpo=VAULT_RPO,
        rto=gives.from_vault,
        retention_days=span_days(keep),
        consistency=gives.consistency,
        isolated=True,
        note=GRS_NOTE if redundancy == "grs" else "",
    )


def _secondary_tier(case: Case, keep: Retention, gives: _Gives) -> PointTier:
    return PointTier(
        name="vault-secondary-region",
        events=(Event.REGION,),
        rpo=SECONDARY_RPO,
        rto=gives.from_secondary,
        retention_days=span_days(keep),
        consistency=gives.consistency,
        isolated=True,
        note=f"Restored in {display_name(case.paired_region)}, the paired region, and only there.",
    )


# --- the option ------------------------------------------------------------------------------


def configurations(case: Case) -> Sequence[BackupConfiguration]:
    """Every policy into every vault, kept as the need says; with archive where it may pay."""
    keep = vault_retention(case.need.retention)
    archives = (False, True) if archived_points(keep)[0] else (False,)
    return [
        BackupConfiguration(
            policy=policy,
            every=every,
            redundancy=redundancy,
            instant_restore_days=_instant_restore_days(case, policy, every),
            keep=keep,
            archive=archive,
        )
        for (policy, every), redundancy, archive in product(_schedules(), REDUNDANCIES, archives)
        if not archive or redundancy in ARCHIVE_REDUNDANCIES
    ]


def _schedules() -> Iterator[tuple[str, timedelta]]:
    yield "standard", DAY
    for every in ENHANCED_FREQUENCIES:
        yield "enhanced", every


def vault_retention(wanted: Retention) -> Retention:
    """The need's retention within what a daily policy allows: at least seven daily points."""
    return replace(wanted, daily=max(wanted.daily, SHORTEST_DAILY_RETENTION_DAYS))


def _instant_restore_days(case: Case, policy: str, every: timedelta) -> int:
    """The default, or as long as the need where these snapshots alone could meet it."""
    default = DEFAULT_INSTANT_RESTORE_DAYS[policy]
    need = case.need
    if need.isolated or need.deletion is None or need.deletion.rpo >= VAULT_RPO:
        return default
    wanted = span_days(need.retention)
    return max(default, wanted) if wanted <= longest_instant_restore(policy, every) else default


def longest_instant_restore(policy: str, every: timedelta) -> int:
    """Days that instant-restore snapshots can be kept at that frequency."""
    if policy == "standard":
        return LONGEST_STANDARD_INSTANT_RESTORE_DAYS
    return LONGEST_INSTANT_RESTORE_DAYS[int(every.total_seconds() // 3600)]


def propose(case: Case, chosen: Sequence[BackupConfiguration]) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    gives, bill = _gives(case), Bill(case)
    common = judge(VM_RULES, case)
    by_policy = {
        "standard": common + judge(STANDARD_RULES, case),
        "enhanced": common + judge(ENHANCED_RULES, case) + _agentless(case),
    }
    tiers: dict[tuple[str, Retention], tuple[PointTier, ...]] = {}
    for each in chosen:
        key = (each.redundancy, each.keep)
        if key not in tiers:
            tiers[key] = _kept_tiers(case, each, gives)
    return [
        _proposal(
            case,
            each,
            by_policy[each.policy],
            (_instant_restore_tier(each, gives), *tiers[each.redundancy, each.keep]),
            bill.of(each),
        )
        for each in chosen
    ]


def _agentless(case: Case) -> tuple[Reason, ...]:
    return judge(AGENTLESS_RULES, case) if agent_supported(case) is Verdict.NO else ()


def _kept_tiers(case: Case, chosen: BackupConfiguration, gives: _Gives) -> tuple[PointTier, ...]:
    vault = _vault_tier(chosen.redundancy, chosen.keep, gives)
    if chosen.redundancy == "grs-crr" and case.paired_region:
        return vault, _secondary_tier(case, chosen.keep, gives)
    return (vault,)


def _proposal(
    case: Case,
    chosen: BackupConfiguration,
    common: tuple[Reason, ...],
    tiers: tuple[PointTier, ...],
    lines: tuple[Usage, ...],
) -> Proposal:
    reasons = common + tuple(_configuration_reasons(case, chosen))
    return Proposal(
        option=NAME,
        configuration=chosen.as_mapping(),
        verdict=verdict_of(reasons),
        reasons=reasons,
        tiers=tiers,
        usages=lines,
        notes=(GRS_NOTE,) if chosen.redundancy == "grs" else (),
    )


def _configuration_reasons(case: Case, chosen: BackupConfiguration) -> Iterator[Reason]:
    for policy in POLICIES:
        found = policy(case, chosen.policy, chosen.every, chosen.instant_restore_days, chosen.keep)
        if found is not None:
            yield found
    if chosen.redundancy != "lrs":
        yield vault_reason(case, chosen.redundancy)


def said_configuration(case: Case, said: Mapping[str, Any]) -> BackupConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    policy = str(said.get("policy") or "enhanced")
    redundancy = str(said.get("redundancy") or "grs")
    if policy not in DEFAULT_INSTANT_RESTORE_DAYS:
        raise UsageError(f"A policy is standard or enhanced, not {policy}.")
    if redundancy not in REDUNDANCIES:
        raise UsageError(f"A vault is one of {', '.join(REDUNDANCIES)}, not {redundancy}.")
    every = parse_duration(str(said.get("every") or "24h"))
    if every not in ENHANCED_FREQUENCIES:
        raise UsageError("Azure Backup runs every 4h, 6h, 8h, 12h or 24h.")
    days = said.get("instant_restore")
    keep = said.get("keep")
    return BackupConfiguration(
        policy=policy,
        every=every,
        redundancy=redundancy,
        instant_restore_days=(
            parse_days(str(days)) if days else DEFAULT_INSTANT_RESTORE_DAYS[policy]
        ),
        keep=parse_retention(str(keep)) if keep else DEFAULT_KEEP,
        archive=bool(said.get("archive")),
    )


def found_configuration(case: Case, found: Protection) -> BackupConfiguration | None:
    """The configuration of a backup that is in place; None where too little was read."""
    vault, policy = found.vault, found.policy
    if vault is None or vault.redundancy not in REDUNDANCIES or policy is None:
        return None
    if policy.enhanced is None or policy.retention is None:
        return None
    kind = "enhanced" if policy.enhanced else "standard"
    return BackupConfiguration(
        policy=kind,
        every=policy.every or DAY,
        redundancy=vault.redundancy,
        instant_restore_days=policy.instant_restore_days or DEFAULT_INSTANT_RESTORE_DAYS[kind],
        keep=policy.retention,
        archive=bool(policy.archive),
    )
