"""What was looked at, so that "nothing found" is told from "not looked": coverage and remedies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from advisor.inventory.arm import split_id
from advisor.inventory.joining import Resources, disks_reading, index, joined_vm, protections
from advisor.inventory.recovery_services import BackupItem
from advisor.model import (
    Coverage,
    KnownVm,
    NotRead,
    Protection,
    ProtectionKind,
    Reading,
    Vault,
    Vm,
)

_NOT_SUPPLIED = "not supplied"
_EXPORT = "vmbackup inventory query"


class InventoryPart(StrEnum):
    """What stands around a VM and is read apart from it."""

    DISKS = "disks"
    BACKUP_ITEMS = "backup_items"
    REPLICATED_ITEMS = "replicated_items"
    SNAPSHOTS = "snapshots"
    RESTORE_POINTS = "restore_points"
    DISK_BACKUPS = "disk_backups"


class InventoryRead(NamedTuple):
    """What was read.

    `at_once`: parts that were read (or failed) for everything one may see, as a graph query
    does; an absent part was not supplied that way. `subscriptions`: subscriptions (lower-cased)
    of which a list of that part was supplied. `vaults`: lower-cased ids of the vaults whose
    items were read one by one. `unclear`: what else could not be used, for every VM. `narrowed`:
    of the backup items only those of the VM were asked for, so that they count for no vault.
    """

    at_once: Mapping[InventoryPart, Reading] = MappingProxyType({})
    subscriptions: Mapping[InventoryPart, frozenset[str]] = MappingProxyType({})
    vaults: frozenset[str] = frozenset()
    unclear: tuple[NotRead, ...] = ()
    narrowed: bool = False


def known_vms(
    resources: Resources, looked: InventoryRead, now: datetime, taken: datetime | None = None
) -> tuple[KnownVm, ...]:
    """Every VM with everything around it and what of that was not read, ordered by id.

    `taken`: when it was read, where that is known; states are judged then, else now.
    """
    moment = taken or now
    resources = resources._replace(vaults=with_items(resources, looked))
    found = index(resources)
    asked = looked.at_once.get(InventoryPart.DISKS, Reading.NOT_SUPPLIED)
    known = []
    for vm in sorted(resources.vms, key=lambda one: one.key):
        whole = joined_vm(vm, found, asked)
        coverage = coverage_of(whole, resources.vaults, looked)
        one = KnownVm(
            vm=whole,
            protections=protections(whole, found, moment),
            coverage=coverage,
            taken=taken,
        )
        known.append(replace(one, not_read=_unknown(one, resources.vaults, looked)))
    return tuple(known)


def with_items(resources: Resources, looked: InventoryRead) -> tuple[Vault, ...]:
    """The vaults with how many items of each were read, and whether one has a recovery point.

    That none has is known only where all items of the vault were read. A vault that says it of
    itself, as our own query has it, is left as it is.
    """
    if looked.narrowed:
        return resources.vaults
    at_once = looked.at_once.get(InventoryPart.BACKUP_ITEMS) is Reading.READ
    by_vault: dict[str, list[BackupItem]] = {}
    for item in resources.items:
        by_vault.setdefault(item.vault_id, []).append(item)
    return tuple(
        _with_items_of(one, by_vault.get(key, []), at_once or key in looked.vaults)
        for one in resources.vaults
        for key in [one.id.lower()]
    )


def _with_items_of(vault: Vault, items: list[BackupItem], all_read: bool) -> Vault:
    if vault.items is not None or not (items or all_read):
        return vault
    backed_up = any(one.last_point or one.last_backup for one in items)
    return replace(
        vault, items=len(items), has_first_backup=backed_up or (False if all_read else None)
    )


def _unknown(
    known: KnownVm, vaults: tuple[Vault, ...], looked: InventoryRead
) -> tuple[NotRead, ...]:
    """What was not read, and why; of what came and could not be used only that is said."""
    named = {one.what for one in looked.unclear}
    missing = (one for one in not_read(known, vaults, looked) if one.what not in named)
    return (*missing, *looked.unclear)


def coverage_of(vm: Vm, vaults: tuple[Vault, ...], looked: InventoryRead) -> Coverage:
    """What was looked at for one VM, its disks being joined already."""
    items = looked.at_once.get(InventoryPart.BACKUP_ITEMS, Reading.NOT_SUPPLIED)
    all_at_once = items is Reading.READ
    if items is Reading.NOT_SUPPLIED and (looked.vaults or all_vaults_read(vm, vaults, looked)):
        items = Reading.READ
    return Coverage(
        disks=disks_reading(vm),
        backup_items=items,
        replicated_items=looked.at_once.get(InventoryPart.REPLICATED_ITEMS, Reading.NOT_SUPPLIED),
        snapshots=_listed(vm, looked, InventoryPart.SNAPSHOTS),
        restore_points=_listed(vm, looked, InventoryPart.RESTORE_POINTS),
        disk_backups=looked.at_once.get(InventoryPart.DISK_BACKUPS, Reading.NOT_SUPPLIED),
        all_vaults=all_at_once or all_vaults_read(vm, vaults, looked),
        vaults_read=() if all_at_once else tuple(sorted(map(_last, looked.vaults))),
    )


def all_vaults_read(vm: Vm, vaults: tuple[Vault, ...], looked: InventoryRead) -> bool:
    """Whether every vault that could hold the VM was read one by one.

    A vault protects VMs of its own region only (backup-support-matrix-iaas, 2026-01-28). The
    vaults are known only where a list of those of the VM's subscription was supplied.
    """
    return _listed_vaults(vm, vaults) and not unread_vaults(vm, vaults, looked)


def unread_vaults(vm: Vm, vaults: tuple[Vault, ...], looked: InventoryRead) -> tuple[Vault, ...]:
    """The vaults that could hold the VM and whose items were not read."""
    return tuple(
        one
        for one in sorted(vaults, key=lambda one: one.id.lower())
        if one.region == vm.region and one.id.lower() not in looked.vaults
    )


def not_read(
    known: KnownVm, vaults: tuple[Vault, ...], looked: InventoryRead
) -> tuple[NotRead, ...]:
    """What nobody supplied, each with the command that would; what failed at once is not here."""
    vm, coverage = known.vm, known.coverage
    subscription = vm.subscription_id
    parts = [*_unread_disks(vm), *_unread_items(vm, coverage, vaults, looked)]
    if coverage.snapshots is Reading.NOT_SUPPLIED:
        parts.append(
            _missing("the snapshots", f"az snapshot list --subscription {subscription} -o json")
        )
    if coverage.replicated_items is Reading.NOT_SUPPLIED:
        parts.append(_missing("the replicated items of Site Recovery", _EXPORT))
    if coverage.restore_points is Reading.NOT_SUPPLIED:
        parts.append(_missing("the restore points", _EXPORT))
    if coverage.disk_backups is Reading.NOT_SUPPLIED:
        parts.append(_missing("what Azure Disk Backup protects", _EXPORT))
    for protection in known.protections:
        parts.extend(_unread_details(protection))
    return tuple(dict.fromkeys(parts))


def _listed_vaults(vm: Vm, vaults: tuple[Vault, ...]) -> bool:
    return any(_subscription(one.id) == vm.subscription_id.lower() for one in vaults)


def _unread_disks(vm: Vm) -> Iterator[NotRead]:
    command = f"az disk list --subscription {vm.subscription_id} -o json"
    absent = [one for one in vm.disks if one.reading is Reading.NOT_SUPPLIED and not one.unmanaged]
    managed = [one for one in vm.disks if not (one.unmanaged or one.ephemeral)]
    if absent and len(absent) == len(managed):
        yield _missing(f"the disks of {vm.name}", command)
    else:
        for one in absent:
            yield _missing(f"the disk {one.name} of {vm.name}", command)
    for one in vm.disks:
        if one.reading is Reading.FAILED:
            yield NotRead(
                what=f"the disk {one.name} of {vm.name}",
                why="it was asked for, but did not come",
                remedy="Microsoft.Compute/disks/read, as the role Reader has it",
                failed=True,
            )


def _unread_items(
    vm: Vm, coverage: Coverage, vaults: tuple[Vault, ...], looked: InventoryRead
) -> Iterator[NotRead]:
    if coverage.all_vaults or coverage.backup_items is Reading.FAILED:
        return
    unread = unread_vaults(vm, vaults, looked)
    for vault in unread:
        yield _missing(f"the backup items of vault {vault.name}", _in_vault("item", vault.id))
    if not unread or not _listed_vaults(vm, vaults):
        others = "of other vaults" if looked.vaults or unread else ""
        command = (
            "az backup vault list -o json, then for each vault "
            "az backup item list --resource-group GROUP --vault-name VAULT -o json; "
            f"or {_EXPORT}"
        )
        yield _missing(f"the backup items {others}".strip(), command)


def _unread_details(protection: Protection) -> Iterator[NotRead]:
    vault, policy = protection.vault, protection.policy
    if protection.kind is ProtectionKind.RESTORE_POINTS:
        for arm_id in protection.unread:
            yield _missing(points_of(arm_id), _in_collection(arm_id))
    if protection.kind is ProtectionKind.DISK_BACKUP and vault and policy and not policy.every:
        what = f"the policy {policy.name} of the Backup vault {vault.name}"
        yield _missing(what, _in_backup_vault(vault.id))
    if protection.kind is not ProtectionKind.BACKUP or vault is None:
        return
    if vault.redundancy is None:
        yield _missing(f"the redundancy of vault {vault.name}", "az backup vault list -o json")
    if policy and policy.every is None:
        what = f"the policy {policy.name} of vault {vault.name}"
        yield _missing(what, _in_vault("policy", vault.id))


def points_of(arm_id: str) -> str:
    """What a person calls the points in a collection."""
    return f"the restore points of collection {_last(arm_id)}"


def _in_collection(arm_id: str) -> str:
    parts = split_id(arm_id)
    group = parts.resource_group if parts else "GROUP"
    return (
        f"az restore-point collection show --resource-group {group} "
        f"--collection-name {_last(arm_id)} --restore-points -o json"
    )


def _missing(what: str, remedy: str) -> NotRead:
    return NotRead(what=what, why=_NOT_SUPPLIED, remedy=remedy)


def _in_vault(what: str, vault_id: str) -> str:
    parts = split_id(vault_id)
    group, name = (parts.resource_group, parts.name) if parts else ("GROUP", _last(vault_id))
    return f"az backup {what} list --resource-group {group} --vault-name {name} -o json"


def _in_backup_vault(vault_id: str) -> str:
    parts = split_id(vault_id)
    group, name = (parts.resource_group, parts.name) if parts else ("GROUP", _last(vault_id))
    return (
        f"az dataprotection backup-policy list --resource-group {group} --vault-name {name} -o json"
    )


def _listed(vm: Vm, looked: InventoryRead, part: InventoryPart) -> Reading:
    """Read at once, or in a list of the VM's subscription (where its snapshots must lie)."""
    if part in looked.at_once:
        return looked.at_once[part]
    listed = vm.subscription_id.lower() in looked.subscriptions.get(part, frozenset())
    return Reading.READ if listed else Reading.NOT_SUPPLIED


def _subscription(arm_id: str) -> str:
    return arm_id.lower().strip("/").split("/")[1]


def _last(arm_id: str) -> str:
    return arm_id.rsplit("/", 1)[-1]
