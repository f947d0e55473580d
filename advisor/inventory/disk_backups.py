"""Azure Disk Backup that was found on the disks of a VM, as protections of it.

Pure: the present moment is passed in, and decides only what is overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from advisor.inventory.compute_points import SnapshotRecord
from advisor.inventory.data_protection import DiskBackupInstance, DiskBackupPolicy
from advisor.inventory.protections import SLACK
from advisor.inventory.recovery_services import vault_named_in
from advisor.model import (
    BackupPolicy,
    Consistency,
    Disk,
    Protection,
    ProtectionKind,
    ProtectionState,
)
from advisor.words import listed

#: currentProtectionState of a backup instance (dataprotection 2024-04-01; answers recorded by
#: azure-cli-extensions, 2023). A word that is not here is unknown.
_STATES = {
    "protectionconfigured": ProtectionState.ACTIVE,
    "updatingprotection": ProtectionState.ACTIVE,
    "backupschedulesandretentionsuspended": ProtectionState.STOPPED,
    "backupssuspended": ProtectionState.STOPPED,
    "protectionstopped": ProtectionState.STOPPED,
    "retentionsuspended": ProtectionState.ACTIVE,
    "softdeleted": ProtectionState.SOFT_DELETED,
    "softdeleting": ProtectionState.SOFT_DELETED,
    "configuringprotection": ProtectionState.PENDING,
    "configuringprotectionfailed": ProtectionState.ERROR,
    "protectionerror": ProtectionState.ERROR,
}
_DETAIL = {
    ProtectionState.OVERDUE: "Its newest snapshots are older than the schedule allows.",
    ProtectionState.STOPPED: "Backups were stopped; the snapshots taken so far are kept.",
    ProtectionState.SOFT_DELETED: "The backup was deleted; soft delete still keeps its points.",
    ProtectionState.PENDING: "It is being set up.",
    ProtectionState.ERROR: "Azure Disk Backup reports an error.",
    ProtectionState.UNKNOWN: "Azure did not say in what state this backup is.",
}
#: What Azure Disk Backup calls its snapshots: AzureBackup_GUID_TIME, where the instance does not
#: say in which group it keeps them. Assumed of its portal's lists; no article names it.
_NAME_BEGINS = "azurebackup_"


class DiskInstance(NamedTuple):
    """One disk, its instance, and the snapshots that the instance made."""

    disk: Disk
    instance: DiskBackupInstance
    snapshots: Sequence[SnapshotRecord]


def made_by_disk_backup(snapshot: SnapshotRecord, instance: DiskBackupInstance) -> bool:
    """Whether a snapshot of the instance's disk is one of its own: incremental, in its group."""
    if not snapshot.incremental:
        return False
    if instance.snapshot_group_id:
        return snapshot.key.startswith(f"{instance.snapshot_group_id}/")
    return snapshot.key.rsplit("/", 1)[-1].startswith(_NAME_BEGINS)


def disk_backup_protections(
    found: Sequence[DiskInstance],
    holding: Iterable[Disk],
    policies: Mapping[str, DiskBackupPolicy],
    now: datetime,
) -> list[Protection]:
    """The disks that are backed up alike, as one protection for each state and policy.

    `holding`: the disks of the VM that hold data; those that are not among the disks of a
    protection are left out of it.
    """
    by_state: dict[ProtectionState, list[DiskInstance]] = {}
    for one in found:
        by_state.setdefault(_state(one, policies, now), []).append(one)
    keys = frozenset(disk.key for disk in holding)
    return [_protection(state, by_state[state], keys, policies) for state in sorted(by_state)]


def _protection(
    state: ProtectionState,
    found: Sequence[DiskInstance],
    keys: frozenset[str],
    policies: Mapping[str, DiskBackupPolicy],
) -> Protection:
    """The slowest schedule and the shortest retention of its disks are those of the VM."""
    read = [policies.get(one.instance.policy_id or "") for one in found]
    every = [one.every if one else None for one in read]
    kept = [one.kept if one else None for one in read]
    slowest = max((one for one in every if one), default=None)
    shortest = min((one for one in kept if one), default=None)
    sinces = [one.instance.since for one in found if one.instance.since]
    health = (sentence for one in found for sentence in one.instance.health)
    return Protection(
        kind=ProtectionKind.DISK_BACKUP,
        state=state,
        id=found[0].instance.id,
        last_point=_last_point(found),
        vault=vault_named_in(found[0].instance.id, found[0].instance.vault_id),
        policy=_policy(found[0].instance, policies),
        count=sum(len(one.snapshots) for one in found),
        regions=tuple(sorted({snap.region for one in found for snap in one.snapshots})),
        left_out=keys - {one.disk.key for one in found},
        later_disks=False,
        consistency=Consistency.CRASH if len(keys) == 1 else Consistency.NONE,
        every=None if None in every else slowest,
        kept=None if None in kept else shortest,
        since=min(sinces) if sinces else None,
        health=tuple(dict.fromkeys(health)),
        detail=_detail(state, found, len(keys)),
    )


def _state(
    one: DiskInstance, policies: Mapping[str, DiskBackupPolicy], now: datetime
) -> ProtectionState:
    """What the instance says; and overdue where its snapshots were found and are too old."""
    state = _STATES.get(one.instance.state, ProtectionState.UNKNOWN)
    policy, last = policies.get(one.instance.policy_id or ""), _newest(one)
    if state is ProtectionState.ACTIVE and policy and policy.every and last:
        return ProtectionState.OVERDUE if now - last > policy.every + SLACK else state
    return state


def _detail(state: ProtectionState, found: Sequence[DiskInstance], disks: int) -> str:
    names = listed(one.disk.name for one in found)
    of = "" if len(found) == disks else f"It holds {names} alone."
    return " ".join(part for part in (_DETAIL.get(state, ""), of) if part)


def _last_point(found: Sequence[DiskInstance]) -> datetime | None:
    """The oldest of the disks' newest snapshots; None where those of a disk were not found."""
    newest = [_newest(one) for one in found]
    times = [one for one in newest if one]
    return min(times) if len(times) == len(newest) else None


def _newest(one: DiskInstance) -> datetime | None:
    return max((snap.created for snap in one.snapshots if snap.created), default=None)


def _policy(
    instance: DiskBackupInstance, policies: Mapping[str, DiskBackupPolicy]
) -> BackupPolicy | None:
    read = policies.get(instance.policy_id or "")
    if read:
        return BackupPolicy(
            name=read.name,
            id=read.id,
            every=read.every,
            crash_only=True,
            retention=read.retention,
        )
    if instance.policy_id is None:
        return None
    return BackupPolicy(name=instance.policy_id.rsplit("/", 1)[-1], id=instance.policy_id)
