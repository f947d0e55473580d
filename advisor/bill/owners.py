"""Whose a charge is: from what was read of vaults, snapshots, restore points and replicas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from advisor.bill.kinds import BillPart
from advisor.inventory.joining import Resources
from advisor.inventory.points_found import traced
from advisor.inventory.protections import made_by_backup
from advisor.model import Vm


class Owned(NamedTuple):
    """What a resource is for, and of which VM: lower-cased ARM id, empty where nobody knows."""

    part: BillPart
    vm: str


class VaultItem(NamedTuple):
    """One thing that a vault protects. `vm`: as in Owned; `name` is shown."""

    key: str  #: lower-cased ARM id
    part: BillPart
    vm: str
    name: str
    is_vm: bool = True  #: False: a database, a file share
    holds_data: bool = True  #: False: it waits for its first point, and costs nothing


def item_billed(resource_id: str, items: Iterable[VaultItem]) -> VaultItem | None:
    """The item that a charge stands on, or in which it does; None: on no item of these.

    `resource_id`: lower-cased. The id of `app-10` begins as that of `app-1`, whose it is not.
    """
    return next((one for one in items if f"{resource_id}/".startswith(f"{one.key}/")), None)


class Owners(NamedTuple):
    """Everything that a charge may stand for, by lower-cased ids."""

    resources: Mapping[str, Owned]
    items: Mapping[str, Sequence[VaultItem]]  #: by the vault's id
    names: Mapping[str, str]  #: of the VMs that stand


def owners_of(found: Resources) -> Owners:
    """Whose everything is that was read."""
    of_disk = {disk.key: vm.key for vm in found.vms for disk in vm.disks}
    resources: dict[str, Owned] = {}
    resources.update(_snapshots(found, of_disk))
    resources.update(_collections(found, {vm.key for vm in found.vms}))
    resources.update(_replicas(found))
    items: dict[str, list[VaultItem]] = defaultdict(list)
    for vault, item in _items(found):
        items[vault].append(item)
    return Owners(resources, dict(items), {vm.key: vm.name for vm in found.vms})


def _snapshots(found: Resources, of_disk: Mapping[str, str]) -> Iterator[tuple[str, Owned]]:
    for one in traced(found.snapshots):
        # Azure Backup's own in the subscription are part of what Backup costs.
        part = BillPart.BACKUP if made_by_backup(one.id) else BillPart.SNAPSHOTS
        yield one.key, Owned(part, of_disk.get(one.source_id or "", ""))


def _collections(found: Resources, vms: Iterable[str]) -> Iterator[tuple[str, Owned]]:
    by_id, standing = {one.key: one for one in found.collections}, set(vms)
    for one in found.collections:
        part = BillPart.BACKUP if made_by_backup(one.id) else BillPart.SNAPSHOTS
        copied_from = by_id.get(one.source_id or "")
        source = (copied_from.source_id if copied_from else one.source_id) or ""
        yield one.key, Owned(part, source if source in standing else "")


def _replicas(found: Resources) -> Iterator[tuple[str, Owned]]:
    standing = {vm.key for vm in found.vms}
    for one in found.replicated:
        vm = one.source_id if one.source_id in standing else ""
        yield from ((disk, Owned(BillPart.SITE_RECOVERY, vm or "")) for disk in one.replica_ids)


def _items(found: Resources) -> Iterator[tuple[str, VaultItem]]:
    standing = {vm.key: vm for vm in found.vms}
    for item in found.items:
        vm = standing.get(item.source_id or "") if item.of_vm else None
        yield (
            item.vault_id,
            VaultItem(
                key=item.key,
                part=BillPart.BACKUP,
                vm=vm.key if vm else "",
                name=_name(vm, item.name or item.id),
                is_vm=item.of_vm,
                holds_data=_holds_data(item.state, item.last_point is not None),
            ),
        )
    for replica in found.replicated:
        vm = standing.get(replica.source_id or "")
        name = _name(vm, (replica.source_id or replica.id))
        yield (
            replica.vault_id,
            VaultItem(replica.key, BillPart.SITE_RECOVERY, vm.key if vm else "", name),
        )


def _holds_data(state: str, has_point: bool) -> bool:
    """Billing begins with the first point (azure-backup-pricing)."""
    return has_point or state.lower() != "irpending"


def _name(vm: Vm | None, otherwise: str) -> str:
    return vm.name if vm else otherwise.rstrip("/").rsplit("/", 1)[-1].rsplit(";", 1)[-1]
