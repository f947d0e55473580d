"""Azure Backup that was found on a VM, as protections: of the VM, and of databases in it.

Pure: the present moment is passed in, and decides only what is overdue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from advisor.inventory.arm import split_id
from advisor.inventory.recovery_services import BackupItem, RecoveryPoint, vault_named_in
from advisor.model import (
    BackupPolicy,
    Consistency,
    Disk,
    Protection,
    ProtectionKind,
    ProtectionState,
    Vault,
    Vm,
)
from advisor.words import duration

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

_SUSPENDED = "backupssuspended"

#: recoveryPointType of a VM's recovery point (recoveryservicesbackup 2026-10-01).
_CONSISTENCY = {
    "crashconsistent": Consistency.CRASH,
    "filesystemconsistent": Consistency.FILE_SYSTEM,
    "appconsistent": Consistency.APPLICATION,
}
_BACKUP_DETAIL = {
    ProtectionState.SOFT_DELETED: "The backup was deleted; soft delete still keeps its points.",
    ProtectionState.STOPPED: "Backups were stopped; the points taken so far are kept.",
    ProtectionState.PENDING: "Backup is set up, but there is no recovery point yet.",
    ProtectionState.OVERDUE: "The last recovery point is older than the schedule allows.",
    ProtectionState.UNKNOWN: "Azure did not say in what state this backup is.",
}


def backup_protection(
    vm: Vm,
    item: BackupItem,
    vault: Vault | None,
    policy: BackupPolicy | None,
    points: Sequence[RecoveryPoint],
    now: datetime,
) -> Protection:
    """A backup item with its vault and policy; those that were not read keep only their names.

    `points`: the item's recovery points where they were read: the newest tells what it holds.
    """
    state = backup_state(item, policy.every if policy else None, now)
    newest = max((one for one in points if one.made), key=lambda one: str(one.made), default=None)
    left_out = frozenset(disk.key for disk in vm.disks if _is_left_out(disk, item, newest))
    return Protection(
        kind=ProtectionKind.BACKUP,
        state=state,
        id=item.id,
        last_point=item.last_point,
        vault=vault or vault_named_in(item.id, item.vault_id),
        policy=policy or _named_policy(item),
        left_out=left_out,
        # A list that takes every disk in makes points of the whole VM.
        selective=item.disks is not None and bool(left_out),
        later_disks=item.disks is None or not item.disks.inclusion,
        consistency=_CONSISTENCY.get(newest.kind) if newest else None,
        every=policy.every if policy else None,
        since=item.since,
        oldest_point=item.oldest_point,
        health=(*item.health, *(sentence for one in points for sentence in one.health)),
        detail=_backup_detail(item, state, policy),
    )


def _is_left_out(disk: Disk, item: BackupItem, newest: RecoveryPoint | None) -> bool:
    """Whether the backup does not hold a disk that could hold data.

    The OS disk is always held; a shared disk never (backup-support-matrix-iaas, 2026-01-28).
    """
    if disk.is_os or disk.ephemeral:
        return False
    listed_out = item.disks is not None and not item.disks.takes_in(disk.lun)
    not_in_newest = newest is not None and disk.lun in newest.left_out_luns
    return listed_out or not_in_newest or (disk.max_shares or 1) > 1


def database_protections(
    items: Sequence[BackupItem],
    vaults: Mapping[str, Vault],
    policies: Mapping[str, BackupPolicy],
    now: datetime,
) -> list[Protection]:
    """The databases of a VM that Azure Backup protects, as one protection for each state."""
    by_state: dict[ProtectionState, list[BackupItem]] = {}
    for item in items:
        policy = policies.get(item.policy_id or "")
        state = backup_state(item, policy.every if policy else None, now)
        by_state.setdefault(state, []).append(item)
    return [_databases(state, by_state[state], vaults, policies) for state in sorted(by_state)]


def _databases(
    state: ProtectionState,
    items: Sequence[BackupItem],
    vaults: Mapping[str, Vault],
    policies: Mapping[str, BackupPolicy],
) -> Protection:
    first = items[0]
    every = [policies[one.policy_id or ""].every for one in items if one.policy_id in policies]
    points = [point for one in items if (point := _last_point(one))]
    return Protection(
        kind=ProtectionKind.DATABASE_BACKUP,
        state=state,
        id=first.id,
        last_point=min(points) if points else None,
        vault=vaults.get(first.vault_id) or vault_named_in(first.id, first.vault_id),
        policy=policies.get(first.policy_id or "") or _named_policy(first),
        every=max((one for one in every if one), default=None),
        health=tuple(dict.fromkeys(sentence for one in items for sentence in one.health)),
        databases=tuple(sorted({one.name for one in items if one.name})),
        detail=_backup_detail(first, state, None),
    )


def _last_point(item: BackupItem) -> datetime | None:
    """Items of databases name their last backup and no recovery point."""
    return item.last_point or (item.last_backup if item.of_database else None)


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
    last = _last_point(item)
    if last is None:
        return ProtectionState.PENDING
    overdue = now - last > (every or LONGEST_SCHEDULE) + SLACK
    return ProtectionState.OVERDUE if overdue else ProtectionState.ACTIVE


def made_by_backup(arm_id: str) -> bool:
    """Whether a snapshot or a restore point is one of Azure Backup's own."""
    parts = split_id(arm_id)
    if parts is None:
        return False
    collection = arm_id.lower().partition("/restorepointcollections/")[2]
    return parts.resource_group.lower().startswith(_BACKUP_GROUP) or collection.startswith(
        _BACKUP_COLLECTION
    )


def _named_policy(item: BackupItem) -> BackupPolicy | None:
    name = item.policy_name or (item.policy_id or "").rsplit("/", 1)[-1]
    return BackupPolicy(name=name, id=item.policy_id) if name else None


def _backup_detail(item: BackupItem, state: ProtectionState, policy: BackupPolicy | None) -> str:
    if state is ProtectionState.ERROR:
        failed = item.last_status.lower() == "failed"
        return "The last backup failed." if failed else "Azure Backup reports an error."
    if state is ProtectionState.STOPPED and _SUSPENDED in (
        item.state.lower(),
        item.current_state.lower(),
    ):
        return "Azure suspended the backups; the points taken so far are kept."
    if state is ProtectionState.ACTIVE and policy:
        return _policy_detail(policy)
    return _BACKUP_DETAIL.get(state, "")


def _policy_detail(policy: BackupPolicy) -> str:
    """What a schedule or a retention gives where it is not what it seems."""
    return " ".join((*_window(policy), *_several_points(policy)))


def _window(policy: BackupPolicy) -> list[str]:
    if not policy.interval or not policy.every or policy.interval == policy.every:
        return []
    worst = policy.every_at_worst
    or_worse = (
        f", or {duration(worst)} if none runs just as the window ends"
        if worst and worst > policy.every
        else ""
    )
    return [
        f"It runs every {duration(policy.interval)} in a window of the day only: up to "
        f"{duration(policy.every)} lie between two points{or_worse}."
    ]


def _several_points(policy: BackupPolicy) -> list[str]:
    keep = policy.retention
    if keep is None:
        return []
    kinds = (
        ("weekly", keep.weekly, keep.more_weekly),
        ("monthly", keep.monthly, keep.more_monthly),
        ("yearly", keep.yearly, keep.more_yearly),
    )
    said = [f"{count * (1 + more)} {name}" for name, count, more in kinds if more]
    if not said:
        return []
    return [f"It keeps several points of a period: {' and '.join(said)} points."]
