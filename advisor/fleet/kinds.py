"""One VM of each kind of a fleet: enough to know which prices all of it wants."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model import KnownVm


def one_of_each_kind(vms: Iterable[KnownVm]) -> tuple[KnownVm, ...]:
    """The first VM of each region, tags, kinds of disks and vaults: they differ in no meter.

    What a VM's need is depends on its tags, and what its disks are billed at on their SKU, size and
    where its vaults lie.
    """
    first: dict[object, KnownVm] = {}
    for known in vms:
        first.setdefault(_kind(known), known)
    return tuple(first.values())


def _kind(known: KnownVm) -> object:
    vm = known.vm
    tags = frozenset((key.lower(), value.lower()) for key, value in vm.tags.items())
    disks = frozenset((disk.sku, disk.size_gib, disk.is_os) for disk in vm.disks)
    vaults = frozenset(
        (found.kind, found.target, found.vault.region, found.vault.redundancy)
        if found.vault
        else (found.kind, found.target, "", "")
        for found in known.protections
    )
    return vm.region, vm.size, vm.os_type, vm.security_type, tags, disks, vaults
