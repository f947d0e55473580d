"""Azure Backup into a Recovery Services vault: what it gives, and which configurations there are.

Its limits are in `rules` and `policy_rules`, its tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
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
    Verdict,
)
from advisor.needs import STOPPED
from advisor.options.azure_backup.bill import (
    DEFAULT_KEEP,
    BackupConfiguration,
    Bill,
    archived_points,
    usages,
)
from advisor.options.azure_backup.policy_rules import (
    DAY,
    FEWEST_DAILY_POINTS,
    STANDARD_WEEKLY_DAYS,
    WEEK,
    instant_restore_limits,
    vault_reason,
)
from advisor.options.azure_backup.rules import (
    AGENTLESS_RULES,
    ENHANCED_RULES,
    STANDARD_RULES,
    VM_RULES,
    agent_supported,
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
VAULT_RPO = DAY  # backup-azure-vms-enhanced-policy, 2025-06-11: one copy to the vault a day
SECONDARY_LAG = timedelta(hours=12)  # backup-azure-arm-restore-vms, 2026-01-23: 24 h + 12 h
DEFAULT_WEEKLY_KEEP = Retention(weekly=12)
ENHANCED_FREQUENCIES = tuple(timedelta(hours=hours) for hours in (24, 12, 8, 6, 4))
SCHEDULES = (("standard", DAY), *(("enhanced", every) for every in ENHANCED_FREQUENCIES))
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


class _Gives:
    """The tiers of a VM's configurations, each made once and shared."""

    def __init__(self, case: Case) -> None:
        used = case.sizing.used_gib.range
        self._case = case
        self._consistency = consistency(case)
        self._from_snapshots = restore_time(used, FROM_SNAPSHOTS)
        self._from_vault = restore_time(used, FROM_VAULT)
        self._from_secondary = restore_time(used, FROM_SECONDARY_VAULT)
        self._instant: dict[tuple[timedelta, int], PointTier] = {}
        self._kept: dict[tuple[str, int, timedelta], tuple[PointTier, ...]] = {}

    def of(self, chosen: BackupConfiguration) -> tuple[PointTier, ...]:
        often = (chosen.every, chosen.instant_restore_days)
        if often not in self._instant:
            self._instant[often] = self._instant_restore(*often)
        kept = (chosen.redundancy, chosen.retention_days, max(VAULT_RPO, chosen.every))
        if kept not in self._kept:
            self._kept[kept] = self._vault(*kept)
        return self._instant[often], *self._kept[kept]

    def _instant_restore(self, every: timedelta, days: int) -> PointTier:
        return PointTier(
            name="instant-restore",
            events=(Event.DELETION,),
            rpo=every,
            rto=self._from_snapshots,
            retention_days=days,
            consistency=self._consistency,
            isolated=False,
            note="Snapshots beside the disks: whoever can delete the VM can delete them too.",
        )

    def _vault(self, redundancy: str, days: int, rpo: timedelta) -> tuple[PointTier, ...]:
        vault = PointTier(
            name="vault",
            events=VAULT_EVENTS[redundancy],
            rpo=rpo,
            rto=self._from_vault,
            retention_days=days,
            consistency=self._consistency,
            isolated=True,
            note=GRS_NOTE if redundancy == "grs" else "",
        )
        crossing = redundancy == "grs-crr" and self._case.paired_region
        return (vault, self._secondary(days, rpo)) if crossing else (vault,)

    def _secondary(self, days: int, rpo: timedelta) -> PointTier:
        pair = display_name(self._case.paired_region)
        return PointTier(
            name="vault-secondary-region",
            events=(Event.REGION,),
            rpo=rpo + SECONDARY_LAG,
            rto=self._from_secondary,
            retention_days=days,
            consistency=self._consistency,
            isolated=True,
            note=f"Restored in {pair}, the paired region, and only there.",
        )


def consistency(case: Case) -> Consistency:
    """Windows: application, by VSS. Linux without scripts: file system. Stopped: crash.

    A system that the agent does not support is backed up agentless, crash-consistent
    (backup-azure-vms-introduction, 2026-01-28).
    """
    if case.vm.power_state in STOPPED or agent_supported(case) is Verdict.NO:
        return Consistency.CRASH
    if case.vm.os_type == "Windows":
        return Consistency.APPLICATION
    return Consistency.FILE_SYSTEM


# --- the option ------------------------------------------------------------------------------


def configurations(case: Case) -> Sequence[BackupConfiguration]:
    """Every policy into every vault, kept as the need says; with archive where it may pay."""
    need = case.need
    by_snapshots = not need.isolated and need.deletion and need.deletion.rpo < VAULT_RPO
    return _configurations(need.retention, span_days(need.retention) if by_snapshots else 0)


@lru_cache(maxsize=1024)
def _configurations(
    retention: Retention, instant_restore_wanted_days: int
) -> tuple[BackupConfiguration, ...]:
    keep = vault_retention(retention)
    archives = (False, True) if archived_points(keep)[0] else (False,)
    return tuple(
        BackupConfiguration(
            policy=policy,
            every=every,
            redundancy=redundancy,
            instant_restore_days=instant_restore_days(policy, every, instant_restore_wanted_days),
            keep=keep,
            archive=archive,
        )
        for (policy, every), redundancy, archive in product(SCHEDULES, REDUNDANCIES, archives)
        if not archive or redundancy in ARCHIVE_REDUNDANCIES
    )


def vault_retention(wanted: Retention) -> Retention:
    """The need's retention within what a daily policy allows: at least seven daily points."""
    return wanted._replace(daily=max(wanted.daily, FEWEST_DAILY_POINTS))


def instant_restore_days(policy: str, every: timedelta, wanted_days: int) -> int:
    """The default, or as long as is wanted where these snapshots alone could meet the need."""
    default = DEFAULT_INSTANT_RESTORE_DAYS[policy]
    longest = instant_restore_limits(policy, every).most
    return max(default, wanted_days) if wanted_days <= longest else default


def propose(case: Case, chosen: Sequence[BackupConfiguration]) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    gives, bill, rules = _Gives(case), Bill(case), _Rules(case)
    proposals = []
    for each in chosen:
        verdict, reasons = rules.of(each)
        proposals.append(
            Proposal(
                option=NAME,
                configuration=each.mapping,
                verdict=verdict,
                reasons=reasons,
                tiers=gives.of(each),
                usages=bill.of(each),
                notes=(GRS_NOTE,) if each.redundancy == "grs" else (),
                order=each.order,
                chosen=each,
            )
        )
    return proposals


class _Rules:
    """The reasons of a VM's configurations: shared by policy and vault."""

    def __init__(self, case: Case) -> None:
        common = judge(VM_RULES, case)
        agentless = AGENTLESS_RULES if agent_supported(case) is Verdict.NO else ()
        self._case = case
        self._of_policy = {
            "standard": common + judge(STANDARD_RULES, case),
            "enhanced": common + judge((*ENHANCED_RULES, *agentless), case),
        }
        self._shared: dict[tuple[str, str], tuple[Verdict, tuple[Reason, ...]]] = {}

    def of(self, chosen: BackupConfiguration) -> tuple[Verdict, tuple[Reason, ...]]:
        key = (chosen.policy, chosen.redundancy)
        shared = self._shared.get(key)
        if shared is None:
            vault = (vault_reason(self._case, chosen.redundancy),) if key[1] != "lrs" else ()
            reasons = self._of_policy[chosen.policy] + vault
            shared = self._shared[key] = (verdict_of(reasons), reasons)
        against = chosen.policy_reasons
        return (Verdict.NO, shared[1] + against) if against else shared


def said_configuration(case: Case, said: Mapping[str, Any]) -> BackupConfiguration:
    """The configuration of `estimate`'s flags, the rest by default. Raises UsageError."""
    policy = str(said.get("policy") or "enhanced")
    redundancy = str(said.get("redundancy") or "grs")
    if policy not in DEFAULT_INSTANT_RESTORE_DAYS:
        raise UsageError(f"A policy is standard or enhanced, not {policy}.")
    if redundancy not in REDUNDANCIES:
        raise UsageError(f"A vault is one of {', '.join(REDUNDANCIES)}, not {redundancy}.")
    keep = parse_retention(str(said["keep"])) if said.get("keep") else None
    every = _said_frequency(said.get("every"), keep)
    if said.get("archive") and redundancy not in ARCHIVE_REDUNDANCIES:
        raise UsageError("Archive takes the points of lrs and grs vaults, not of zrs ones.")
    said_days = said.get("instant_restore")
    days = parse_days(str(said_days)) if said_days else _default_days(policy, every)
    if days < 1:
        raise UsageError("Instant restore keeps its snapshots for at least one day: 1d.")
    return BackupConfiguration(
        policy=policy,
        every=every,
        redundancy=redundancy,
        instant_restore_days=days,
        keep=keep or (DEFAULT_KEEP if every <= DAY else DEFAULT_WEEKLY_KEEP),
        archive=bool(said.get("archive")),
    )


def _said_frequency(said: Any, keep: Retention | None) -> timedelta:
    """Once a day, or once a week where only weekly points are kept, unless said."""
    only_weekly = keep is not None and keep.weekly and not keep.daily
    every = parse_duration(str(said)) if said else (WEEK if only_weekly else DAY)
    if every not in ENHANCED_FREQUENCIES and not (DAY < every <= WEEK and not every % DAY):
        raise UsageError("Azure Backup runs every 4h, 6h, 8h, 12h or 24h, or weekly: 7d.")
    return every


def _default_days(policy: str, every: timedelta) -> int:
    """Days of instant restore that a new policy has."""
    if policy == "standard" and every > DAY:
        return STANDARD_WEEKLY_DAYS.most
    return DEFAULT_INSTANT_RESTORE_DAYS[policy]


def found_configuration(case: Case, found: Protection) -> BackupConfiguration | None:
    """The configuration of a backup that is in place; None where too little was read."""
    vault, policy = found.vault, found.policy
    if vault is None or vault.redundancy not in REDUNDANCIES or policy is None:
        return None
    if policy.enhanced is None or not policy.retention or not any(policy.retention):
        return None
    kind, every = "enhanced" if policy.enhanced else "standard", policy.every or DAY
    return BackupConfiguration(
        policy=kind,
        every=every,
        redundancy=vault.redundancy,
        instant_restore_days=policy.instant_restore_days or _default_days(kind, every),
        keep=policy.retention,
        archive=bool(policy.archive) and vault.redundancy in ARCHIVE_REDUNDANCIES,
    )
