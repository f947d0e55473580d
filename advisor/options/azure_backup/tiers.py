"""The tiers of points of Azure Backup: beside the disks, in the vault, its archive, its pair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from advisor.model import Consistency, Event, PointTier, RestoredFrom, Rto, Verdict
from advisor.needs import STOPPED
from advisor.options.azure_backup.agent_rules import agent_supported
from advisor.options.azure_backup.archive import ARCHIVE_RPO, REHYDRATION, archived_points
from advisor.options.azure_backup.bill import shared_disks
from advisor.options.azure_backup.chosen import BackupConfiguration
from advisor.options.azure_backup.vault_rules import VAULT_RPO, pair_conditions, pair_of
from advisor.options.case import Case, once
from advisor.options.disks_left_out import holding_data
from advisor.options.operating_system import agent_certainty, agent_condition
from advisor.options.recovery import (
    FROM_SECONDARY_VAULT,
    FROM_SNAPSHOTS,
    FROM_VAULT,
    measured_or,
    restore_time,
)
from advisor.regions import display_name
from advisor.words import back_within, counted

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
_BESIDE_NOTE = "Snapshots beside the disks: whoever can delete the VM can delete them too."
_ARCHIVE_NOTE = (
    "A point of the archive is put back first, up to 15 h, and is not restored in another region."
)


class _Quality(NamedTuple):
    """What the points of a configuration hold, and how good they are."""

    consistency: Consistency
    sure: Consistency | None
    condition: str
    conditions: tuple[str, ...]
    left_out: frozenset[str]


class BackupTiers:
    """The tiers of a VM's configurations, each made once and shared."""

    def __init__(self, case: Case) -> None:
        used = case.sizing.used_gib.range
        self._case = case
        self._shared = once(case, shared_disks)
        took = partial(measured_or, case.sizing)
        self._put_back = restore_time(used, FROM_VAULT)  # what was measured is no archive's
        self._from_snapshots = took(RestoredFrom.INSTANT, restore_time(used, FROM_SNAPSHOTS))
        self._from_vault = took(RestoredFrom.VAULT, self._put_back)
        second = restore_time(used, FROM_SECONDARY_VAULT)
        self._from_secondary = took(RestoredFrom.SECONDARY, second)
        self._qualities: dict[str, _Quality] = {}
        self._instant: dict[str, PointTier] = {}
        self._kept: dict[str, tuple[PointTier, ...]] = {}
        self._phases: dict[int, tuple[str, ...]] = {}

    def of(self, chosen: BackupConfiguration) -> tuple[PointTier, ...]:
        instant, kept = self._instant.get(chosen.instant), self._kept.get(chosen.kept)
        if instant is None:
            quality, days = self._quality(chosen), chosen.instant_restore_days
            instant = self._instant_restore(chosen.every, days, quality)
            self._instant[chosen.instant] = instant
        if kept is None:
            rpo, quality = max(VAULT_RPO, chosen.every), self._quality(chosen)
            kept = self._kept[chosen.kept] = self._in_vault(chosen, rpo, quality)
        return instant, *kept

    def phases(self, chosen: BackupConfiguration) -> tuple[str, ...]:
        """How soon from the newest points, which lie beside the disks, and from all others."""
        days = chosen.instant_restore_days
        if days not in self._phases:
            span = "day" if days == 1 else counted(days, "day")
            self._phases[days] = (
                f"{back_within(self._from_snapshots)} from the last {span}",
                f"{back_within(self._from_vault)} from the vault",
            )
        return self._phases[days]

    # --- what points hold ----------------------------------------------------------------------

    def _quality(self, chosen: BackupConfiguration) -> _Quality:
        known = self._qualities.get(chosen.holds)
        if known is None:
            known = self._qualities[chosen.holds] = _quality(self._case, chosen, self._shared)
        return known

    def _tier(
        self,
        name: str,
        events: tuple[Event, ...],
        rpo: timedelta,
        rto: Rto,
        days: int,
        quality: _Quality,
        *,
        isolated: bool = True,
        note: str = "",
        conditions: tuple[str, ...] = (),
    ) -> PointTier:
        return PointTier(
            name=name,
            events=events,
            rpo=rpo,
            rto=rto,
            retention_days=days,
            consistency=quality.consistency,
            isolated=isolated,
            note=note,
            left_out=quality.left_out,
            sure_consistency=quality.sure,
            consistency_condition=quality.condition,
            conditions=quality.conditions + conditions,
        )

    # --- where they lie ------------------------------------------------------------------------

    def _instant_restore(self, every: timedelta, days: int, quality: _Quality) -> PointTier:
        return self._tier(
            "instant-restore",
            (Event.DELETION,),
            every,
            self._from_snapshots,
            days,
            quality,
            isolated=False,
            note=_BESIDE_NOTE,
        )

    def _in_vault(
        self, chosen: BackupConfiguration, rpo: timedelta, quality: _Quality
    ) -> tuple[PointTier, ...]:
        redundancy = chosen.redundancy
        note = GRS_NOTE if redundancy == "grs" else ""
        events = VAULT_EVENTS[redundancy]
        tiers = [
            self._tier(
                "vault", events, rpo, self._from_vault, chosen.vault_days, quality, note=note
            )
        ]
        if chosen.archive and archived_points(chosen.keep)[0]:
            tiers.append(self._archived(chosen.retention_days, quality))
        pair = pair_of(self._case, chosen.vault_region)
        if redundancy == "grs-crr" and pair:
            tiers.append(self._secondary(chosen, rpo, quality, pair))
        return tuple(tiers)

    def _archived(self, days: int, quality: _Quality) -> PointTier:
        rto = self._put_back
        put_back = Rto(
            rto.low, rto.likely + REHYDRATION, rto.high + REHYDRATION, rto.source
        )  # how much sooner than 15 h is not said anywhere
        return self._tier(
            "archive", (Event.DELETION,), ARCHIVE_RPO, put_back, days, quality, note=_ARCHIVE_NOTE
        )

    def _secondary(
        self, chosen: BackupConfiguration, rpo: timedelta, quality: _Quality, pair: str
    ) -> PointTier:
        name = display_name(pair)
        return self._tier(
            "vault-secondary-region",
            (Event.REGION,),
            rpo + SECONDARY_LAG,
            self._from_secondary,
            chosen.vault_days,
            quality,
            note=f"Restored in {name}, the paired region, and only there.",
            conditions=pair_conditions(self._case, pair),
        )


# --- consistency -----------------------------------------------------------------------------


def is_stopped(case: Case) -> bool:
    """Whether nothing runs in the VM: its points lack nothing, whatever Azure labels them."""
    return case.vm.power_state in STOPPED


def consistency(case: Case) -> Consistency:
    """Windows: application, by VSS. Linux without scripts: file system.

    A system that the agent does not support is backed up agentless, crash-consistent. Of a VM that
    is shut down Azure labels the points crash-consistent, too, but nothing was in flight
    (backup-azure-vms-introduction, 2026-01-28).
    """
    if is_stopped(case):
        return Consistency.APPLICATION
    if agent_supported(case) is Verdict.NO:
        return Consistency.CRASH
    if case.vm.os_type == "Windows":
        return Consistency.APPLICATION
    return Consistency.FILE_SYSTEM


def _quality(case: Case, chosen: BackupConfiguration, shared: frozenset[str]) -> _Quality:
    left_out = holding_data(case, shared | chosen.left_out)
    if is_stopped(case):
        return _Quality(Consistency.APPLICATION, None, "", (), left_out)
    level = Consistency.CRASH if chosen.crash_only else consistency(case)
    if chosen.seen is not None:
        return _Quality(chosen.seen, None, "", (), left_out)
    condition = agent_condition(case) if agent_certainty(case) is not Verdict.YES else ""
    if not condition or level <= Consistency.CRASH:
        return _Quality(level, None, "", (), left_out)
    # Standard has no agentless fall-back: without the agent it makes no point at all.
    rests = chosen.policy == "standard" and not chosen.found
    return _Quality(level, Consistency.CRASH, condition, (condition,) if rests else (), left_out)
