"""Azure Backup into a Recovery Services vault: what it gives, and its row.

Its limits are in `rules` and `policy_rules`, its tariff in `bill`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from advisor.model import (
    Consistency,
    Event,
    PointTier,
    Proposal,
    ProtectionKind,
    Reason,
    Verdict,
)
from advisor.needs import STOPPED
from advisor.options.azure_backup.bill import (
    BackupBill,
    BackupConfiguration,
    usages,
)
from advisor.options.azure_backup.configurations import (
    VAULT_RPO,
    configurations,
    found_configuration,
    said_configuration,
)
from advisor.options.azure_backup.in_place import forbidden, found_words
from advisor.options.azure_backup.policy_rules import (
    FEWEST_DAILY_POINTS,
    MOST_POINTS,
    vault_reason,
)
from advisor.options.azure_backup.rules import (
    AGENTLESS_RULES,
    ENHANCED_RULES,
    STANDARD_RULES,
    VM_RULES,
    agent_supported,
)
from advisor.options.azure_backup.words import FLAGS, PHRASES, need_warnings
from advisor.options.case import Case, judge, verdict_of
from advisor.options.recovery import (
    FROM_SECONDARY_VAULT,
    FROM_SNAPSHOTS,
    FROM_VAULT,
    restore_time,
)
from advisor.options.row import (
    DailyPoints,
    FoundInPlace,
    Option,
    no_adjustments,
    no_complements,
    no_warnings,
)
from advisor.regions import display_name

# --- figures, each with its article ----------------------------------------------------------

SECONDARY_LAG = timedelta(hours=12)  # backup-azure-arm-restore-vms, 2026-01-23: 24 h + 12 h
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


class _PointTiers:
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


def propose(case: Case, chosen: Sequence[BackupConfiguration]) -> list[Proposal]:
    """Judge and bill each configuration; what they share is worked out once."""
    gives, bill, rules = _PointTiers(case), BackupBill(case), _Rules(case)
    proposals = []
    for each in chosen:
        verdict, reasons = rules.of(each)
        proposals.append(
            Proposal(
                option=AZURE_BACKUP.name,
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


AZURE_BACKUP: Option[BackupConfiguration] = Option(
    name="azure-backup",
    title="Azure Backup",
    plural=False,
    flags=FLAGS,
    phrases=PHRASES,
    configurations=configurations,
    said_configuration=said_configuration,
    propose=propose,
    usages=usages,
    # backup-recovery, 2023-01-12; site-recovery-backup-interoperability, 2019-02-26: points to go
    # back to, and a replica to go on with.
    makes_plans_with=("site-recovery",),
    not_covered=(),
    proposal_warnings=no_warnings,
    need_warnings=need_warnings,
    complements=no_complements,
    daily_points=DailyPoints(
        configuration={"every": "24h", "archive": False},
        storage_line="Vault storage",
        fewest=FEWEST_DAILY_POINTS,
        most=MOST_POINTS,
    ),
    break_evens=(),
    found=FoundInPlace(
        kinds=(ProtectionKind.BACKUP,),
        configuration=found_configuration,
        words=found_words,
        forbidden=forbidden,
        adjustments=no_adjustments,
    ),
)
