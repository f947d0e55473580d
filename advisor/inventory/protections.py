"""What was found around a VM, as protections: backup items, replication, snapshots, restore points.

Pure: the present moment is passed in, and decides only what is overdue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from advisor.inventory.arm import CollectionRecord, RestorePointRecord, SnapshotRecord, split_id
from advisor.inventory.recovery_services import BackupItem, ReplicatedItem
from advisor.model import (
    BackupPolicy,
    Disk,
    Protection,
    ProtectionKind,
    ProtectionState,
    Vault,
)

#: A backup starts within two hours of its time and may take most of a day
#: (backup-azure-vm-backup-faq, 2025-12-09; backup-azure-vms-introduction, 2026-01-28): a point
#: is overdue when it is older than its schedule by more than this.
SLACK = timedelta(hours=24)
#: The longest schedule that Azure Backup takes; for what has no schedule that could be read.
LONGEST_SCHEDULE = timedelta(days=7)

#: Groups and collections in which Azure Backup keeps its own instant-restore points
#: (backup-azure-vm-backup-faq, 2025-12-09: AzureBackupRG_<geo>_<number>).
_BACKUP_GROUP = "azurebackuprg"
_BACKUP_COLLECTION = "azurebackup_"

_STOPPED = {"protectionstopped", "protectionpaused", "backupssuspended"}
_FAILED = {"protectionerror", "configuringprotectionfailed"}
_PENDING = {"irpending", "configuringprotection"}
_PROTECTED = {"protected", "protectionconfigured"}

#: Site Recovery's protectionState, by what it means: the words of recorded answers (azure-cli,
#: 2023), of Microsoft's examples (site-recovery 2024-10-01), of operators' reports, and those
#: that its twin service publishes as known values (datareplication 2024-09-01). A word that is
#: not here is unknown: “Failover” holds “fail”, and a failover is no failure.
_REPLICATION_WORDS = {
    ProtectionState.ACTIVE: "Protected",
    ProtectionState.PENDING: """UnprotectedStatesBegin EnablingProtection
        InitialReplicationStatesBegin InitialReplicationPending InitialReplicationInProgress
        InitialReplicationCompletedOnPrimary InitialReplicationCompletedOnRecovery
        InitialReplicationRecoveryCompletionPending ReprotectStatesBegin ReprotectInitiated""",
    ProtectionState.FAILED_OVER: """PlannedFailoverCommitRequired PlannedFailoverStatesBegin
        PlannedFailoverCompleted UnplannedFailoverCommitPendingStatesBegin
        UnplannedFailoverStatesBegin UnplannedFailoverCommitted UnplannedFailoverCompleted
        CommitFailoverCompleted""",
    ProtectionState.STOPPED: "ProtectionStopped DisablingProtection MarkedForDeletion",
    ProtectionState.ERROR: """EnablingFailed DisablingFailed InitialReplicationFailed
        PlannedFailoverFailed PlannedFailoverCompletionFailed UnplannedFailoverFailed
        UnplannedFailoverCompletionFailed CommitFailoverFailedOnPrimary
        CommitFailoverFailedOnRecovery ReprotectFailed""",
}
_REPLICATION_STATES = {
    word.lower(): state for state, words in _REPLICATION_WORDS.items() for word in words.split()
}
#: Of a failover that can still be moved to another recovery point.
_NOT_COMMITTED = {"plannedfailovercommitrequired", "unplannedfailovercommitpendingstatesbegin"}

_BACKUP_DETAIL = {
    ProtectionState.SOFT_DELETED: "The backup was deleted; soft delete still keeps its points.",
    ProtectionState.STOPPED: "Backups were stopped; the points taken so far are kept.",
    ProtectionState.PENDING: "Backup is set up, but there is no recovery point yet.",
    ProtectionState.OVERDUE: "The last recovery point is older than the schedule allows.",
    ProtectionState.UNKNOWN: "Azure did not say in what state this backup is.",
}
_REPLICATION_DETAIL = {
    ProtectionState.STOPPED: "Replication was stopped.",
    ProtectionState.PENDING: "The first copy is not complete: there is no recovery point yet.",
}


def backup_protection(
    item: BackupItem, vault: Vault | None, policy: BackupPolicy | None, now: datetime
) -> Protection:
    """A backup item with its vault and policy; those that were not read keep only their names."""
    state = backup_state(item, policy.every if policy else None, now)
    return Protection(
        kind=ProtectionKind.BACKUP,
        state=state,
        id=item.id,
        last_point=item.last_point,
        vault=vault or named_vault(item),
        policy=policy or _named_policy(item),
        detail=_backup_detail(item, state),
    )


def backup_state(item: BackupItem, every: timedelta | None, now: datetime) -> ProtectionState:
    """The state of a backup item. Without a schedule the longest one is allowed for."""
    said = {item.state.lower(), item.current_state.lower()}
    if item.soft_deleted or "softdeleted" in said:
        return ProtectionState.SOFT_DELETED
    if said & _STOPPED:
        return ProtectionState.STOPPED
    if said & _FAILED or item.last_status.lower() == "failed":
        return ProtectionState.ERROR
    if said & _PENDING:
        return ProtectionState.PENDING
    if not said & _PROTECTED:
        return ProtectionState.UNKNOWN
    if item.last_point is None:
        return ProtectionState.PENDING
    overdue = now - item.last_point > (every or LONGEST_SCHEDULE) + SLACK
    return ProtectionState.OVERDUE if overdue else ProtectionState.ACTIVE


def replication_protection(
    item: ReplicatedItem, vault: Vault | None, recovery_points: timedelta | None
) -> Protection:
    """A replicated VM. Its last point is the moment its RPO was calculated, less the RPO."""
    state = replication_state(item)
    return Protection(
        kind=ProtectionKind.SITE_RECOVERY,
        state=state,
        id=item.id,
        last_point=None if item.rpo_at is None or item.rpo is None else item.rpo_at - item.rpo,
        vault=vault or named_vault(item),
        target=item.target,
        rpo=item.rpo,
        recovery_points=recovery_points,
        last_test_failover=item.last_test_failover,
        detail=_replication_detail(item, state),
    )


def replication_state(item: ReplicatedItem) -> ProtectionState:
    """The state of a replicated item, from its protection state and health."""
    state = _REPLICATION_STATES.get(item.state.lower(), ProtectionState.UNKNOWN)
    critical = state is ProtectionState.ACTIVE and item.health.lower() == "critical"
    return ProtectionState.ERROR if critical else state


def made_by_backup(arm_id: str) -> bool:
    """Whether a snapshot or a restore point is one of Azure Backup's own."""
    parts = split_id(arm_id)
    if parts is None:
        return False
    collection = arm_id.lower().partition("/restorepointcollections/")[2]
    return parts.resource_group.lower().startswith(_BACKUP_GROUP) or collection.startswith(
        _BACKUP_COLLECTION
    )


def snapshots_of(
    disk: Disk,
    by_source: Mapping[str, Sequence[SnapshotRecord]],
    by_unique_id: Mapping[str, Sequence[SnapshotRecord]],
) -> tuple[SnapshotRecord, ...]:
    """The snapshots of a disk, and their copies.

    Where both unique ids are known they decide: a disk deleted and made again under its old
    name is another disk, and one that was moved to another group is the same.
    """
    unique = (disk.unique_id or "").lower()
    found = {one.key: one for one in by_unique_id.get(unique, ()) if unique}
    for one in by_source.get((disk.id or "").lower(), ()):
        if not (unique and one.source_unique_id and one.source_unique_id != unique):
            found[one.key] = one
    return tuple(found[key] for key in sorted(found))


def traced(snapshots: Iterable[SnapshotRecord]) -> tuple[SnapshotRecord, ...]:
    """The snapshots with the disk they come from as their source, through copies of copies."""
    by_id = {one.key: one for one in snapshots}
    roots = ((one, _root(one, by_id)) for one in by_id.values())
    return tuple(
        replace(one, source_id=root.source_id, source_unique_id=root.source_unique_id)
        for one, root in roots
    )


def snapshot_protection(
    by_disk: Mapping[str, Collection[SnapshotRecord]], now: datetime
) -> Protection | None:
    """The snapshots of a VM's disks (keyed by the disks' names, empty where there is none).

    The VM can be brought back only as far as its oldest disk: the last point is the oldest of
    the disks' newest snapshots.
    """
    every = [one for found in by_disk.values() for one in found]
    if not every:
        return None
    bare = sorted(name for name, found in by_disk.items() if not found)
    newest = [_newest(found) for found in by_disk.values() if found]
    times = [one for one in newest if one]
    last = min(times) if times else None
    stale = last is None or now - last > LONGEST_SCHEDULE + SLACK
    return Protection(
        kind=ProtectionKind.SNAPSHOTS,
        state=ProtectionState.OVERDUE if bare or stale else ProtectionState.ACTIVE,
        last_point=last,
        count=len(every),
        regions=tuple(sorted({one.region for one in every})),
        detail=_snapshot_detail(bare, stale=stale),
    )


def restore_point_protection(
    collections: Sequence[CollectionRecord],
    points: Sequence[RestorePointRecord],
    now: datetime,
) -> Protection | None:
    """The restore points of a VM; a collection whose points were not read is of unknown state."""
    unread = [one for one in collections if not one.points_read]
    if not points and not unread:
        return None
    times = [one.created for one in points if one.created]
    last = max(times) if times else None
    stale = last is None or now - last > LONGEST_SCHEDULE + SLACK
    state = ProtectionState.OVERDUE if stale else ProtectionState.ACTIVE
    return Protection(
        kind=ProtectionKind.RESTORE_POINTS,
        state=ProtectionState.UNKNOWN if unread and stale else state,
        id=collections[0].id if collections else None,
        last_point=last,
        count=len(points),
        regions=tuple(sorted({one.region for one in collections})),
        unread=tuple(one.id for one in unread),
        detail="The restore points of a collection were not read." if unread else "",
    )


def named_vault(item: BackupItem | ReplicatedItem) -> Vault:
    """A vault of which only the item tells."""
    end = len(item.vault_id)
    spelled = item.id[:end] if item.id[:end].lower() == item.vault_id else item.vault_id
    return Vault(id=spelled, name=spelled.rsplit("/", 1)[-1])


def _named_policy(item: BackupItem) -> BackupPolicy | None:
    name = item.policy_name or (item.policy_id or "").rsplit("/", 1)[-1]
    return BackupPolicy(name=name, id=item.policy_id) if name else None


def _backup_detail(item: BackupItem, state: ProtectionState) -> str:
    if state is ProtectionState.ERROR:
        failed = item.last_status.lower() == "failed"
        return "The last backup failed." if failed else "Azure Backup reports an error."
    return _BACKUP_DETAIL.get(state, "")


def _replication_detail(item: ReplicatedItem, state: ProtectionState) -> str:
    if state is ProtectionState.ERROR:
        return (
            "Site Recovery calls the replication critical."
            if item.health.lower() == "critical"
            else f"Site Recovery reports the state {item.state}."
        )
    if state is ProtectionState.FAILED_OVER:
        return _failed_over(item)
    if state is ProtectionState.UNKNOWN:
        return f"Site Recovery reports the state {item.state or 'nothing'}, which we do not know."
    if state is ProtectionState.ACTIVE and item.last_test_failover is None:
        return "No test failover has succeeded yet."
    return _REPLICATION_DETAIL.get(state, "")


def _failed_over(item: ReplicatedItem) -> str:
    where = f" in {item.target}" if item.target else ""
    if item.state.lower() in _NOT_COMMITTED:
        return f"The failover is not committed; the VM's copy runs{where}."
    return f"The VM's copy runs{where} and is not replicated until it is protected again."


def _root(one: SnapshotRecord, by_id: Mapping[str, SnapshotRecord]) -> SnapshotRecord:
    seen = {one.key}
    while (parent := by_id.get(one.source_id or "")) and parent.key not in seen:
        seen.add(parent.key)
        one = parent
    return one


def _newest(snapshots: Iterable[SnapshotRecord]) -> datetime | None:
    times = [one.created for one in snapshots if one.created]
    return max(times) if times else None


def _snapshot_detail(bare: Sequence[str], *, stale: bool) -> str:
    if bare:
        names = ", ".join(bare)
        return f"There is no snapshot of {names}: the VM cannot be brought back from these alone."
    return "The newest snapshot is more than a week old." if stale else ""
