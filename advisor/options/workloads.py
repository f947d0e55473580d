"""What runs in a VM, where that decides more than its disks do: nodes, databases, appliances.

Pure: a VM and what was found on it in, a `Workload` or None out. Some are the answer by themselves
(there is nothing to protect), the others are a notice beside the VM's plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from advisor.model import Disk, Image, Protection, ProtectionKind, Vm
from advisor.options.operating_system import is_appliance
from advisor.words import listed

AKS = "azure-kubernetes-service-cluster-backup, read 2026-11-29"
SQL = "backup-azure-sql-database, 2026-04-06"
HANA = "sap-hana-database-manage, 2024-06-11"
SCALE_SETS = "backup-support-matrix-iaas, 2026-03-26"
EPHEMERAL = "ephemeral-os-disks, 2026-09-08"
APPLIANCE = "azure-to-azure-support-matrix, 2026-02-27"

#: Tags that Azure Kubernetes Service puts on its nodes and their scale sets.
AKS_TAGS = "aks-managed-"
#: Publishers of the images of its nodes.
AKS_PUBLISHERS = frozenset({"microsoft-aks"})

#: Words of a marketplace image (publisher, offer, SKU) that say SQL Server or SAP HANA is in it.
#: SUSE and Red Hat sell "for SAP" images on which any SAP system may run: HANA perhaps.
SQL_PUBLISHERS = frozenset({"microsoftsqlserver"})
HANA_PUBLISHERS = frozenset({"sap", "sap-hana"})
FOR_SAP = ("sles-sap", "rhel-sap", "sap-hana", "hana")

LOG_INTERVAL_MINUTES = 15  # SQL, HANA: the shortest time between two log backups


class WorkloadKind(StrEnum):
    """What decides."""

    AKS_NODE = "aks-node"
    SCALE_SET = "stateless-scale-set"
    NOTHING_KEPT = "nothing-kept"
    SQL_SERVER = "sql-server"
    SAP_HANA = "sap-hana"
    APPLIANCE = "appliance"


class Workload(NamedTuple):
    """What runs in a VM, and what that means for protecting it."""

    kind: WorkloadKind
    notice: str  #: sentences to say beside the plan, or instead of one
    article: str  #: with its date
    nothing_to_protect: bool = False  #: the notice is the answer
    protected_by: str = ""  #: what protects it instead, or its data better
    copy_only: bool = False  #: the VM's backup must leave the logs of its database alone


def workload_of(
    vm: Vm, protections: Iterable[Protection] = (), leave_out: frozenset[str] = frozenset()
) -> Workload | None:
    """What runs in the VM, where it is known to decide; None: nothing that is known does.

    `leave_out`: `Disk.key` of disks that need no protection.
    """
    found = tuple(protections)
    return (
        _aks_node(vm)
        or _scale_set(vm, found)
        or _nothing_kept(vm, leave_out)
        or _database(vm, found)
        or _appliance(vm)
    )


# --- nothing to protect ----------------------------------------------------------------------


def _aks_node(vm: Vm) -> Workload | None:
    """A node is made anew; what is worth keeping lies in volumes and in the cluster."""
    tagged = any(name.lower().startswith(AKS_TAGS) for name in vm.tags)
    publisher = (vm.image.publisher or "").lower() if vm.image else ""
    if not tagged and publisher not in AKS_PUBLISHERS:
        return None
    return Workload(
        kind=WorkloadKind.AKS_NODE,
        notice="There is nothing to protect here: a node of Azure Kubernetes Service is stateless"
        " and made anew. Azure Backup for AKS protects the cluster and its volumes.",
        article=AKS,
        nothing_to_protect=True,
        protected_by="Azure Backup for AKS",
    )


def _scale_set(vm: Vm, found: tuple[Protection, ...]) -> Workload | None:
    """An instance that is one of many and holds no disk of data.

    Of a flexible scale set any VM may be a member, so it is stateless only where its OS disk is
    all it has and nobody protects it.
    """
    if not vm.scale_set_id or not vm.disks or any(not disk.is_os for disk in vm.disks):
        return None
    if vm.scale_set_mode == "Uniform":
        return _instance("A uniform scale set makes its instances anew from its model")
    if vm.scale_set_mode == "Flexible" and not found and _is_numbered(vm):
        return _instance("Its scale set made it from a model and makes another in its place")
    return None


def _is_numbered(vm: Vm) -> bool:
    """Whether the scale set gave the name: its own, an underscore and eight characters."""
    base = (vm.scale_set_id or "").rpartition("/")[2].lower()
    rest = vm.name.lower().removeprefix(f"{base}_")
    return bool(base) and rest != vm.name.lower() and len(rest) == 8 and rest.isalnum()


def _instance(why: str) -> Workload:
    return Workload(
        kind=WorkloadKind.SCALE_SET,
        notice=f"{why} and it has no data disk: there is nothing to protect here. Keep the image"
        " and the model; if something is kept on its OS disk, protect that where it comes from.",
        article=SCALE_SETS,
        nothing_to_protect=True,
        protected_by="the image and the model of its scale set",
    )


def _nothing_kept(vm: Vm, leave_out: frozenset[str]) -> Workload | None:
    """Every disk lies on the host, or was said to need no protection."""
    for disk in vm.disks:
        if not disk.ephemeral and disk.key not in leave_out:
            return None
    if not vm.disks:
        return None
    on_host = [disk for disk in vm.disks if disk.ephemeral and disk.key not in leave_out]
    said = [disk for disk in vm.disks if disk.key in leave_out]
    parts = [*_on_host(on_host), *_left_out(said)]
    return Workload(
        kind=WorkloadKind.NOTHING_KEPT,
        notice=f"There is nothing to protect here: {', and '.join(parts)}. Deploy it anew from"
        " its image.",
        article=EPHEMERAL,
        nothing_to_protect=True,
        protected_by="its image",
    )


def _on_host(disks: list[Disk]) -> list[str]:
    if not disks:
        return []
    verbs = ("lies", "is") if len(disks) == 1 else ("lie", "are")
    return [f"{_named(disks)} {verbs[0]} on the host and {verbs[1]} lost with it"]


def _left_out(disks: list[Disk]) -> list[str]:
    verb = "needs" if len(disks) == 1 else "need"
    return [f"{_named(disks)} {verb} no protection, as was said"] if disks else []


def _named(disks: list[Disk]) -> str:
    return listed(disk.name for disk in disks)


# --- databases and appliances ----------------------------------------------------------------


def _database(vm: Vm, found: tuple[Protection, ...]) -> Workload | None:
    """By what was found first: a database that is backed up is there."""
    saved = [each for each in found if each.kind is ProtectionKind.DATABASE_BACKUP]
    publisher = (vm.image.publisher or "").lower() if vm.image else ""
    if any(_is_hana(each) for each in saved) or publisher in HANA_PUBLISHERS:
        return _hana(saved)
    if saved or publisher in SQL_PUBLISHERS:
        return _sql(saved)
    return _hana(saved) if vm.image and _is_for_sap(vm.image) else None


@lru_cache(maxsize=4096)
def _is_for_sap(image: Image) -> bool:
    words = " ".join(filter(None, (image.publisher, image.offer))).lower()
    return any(word in words for word in FOR_SAP)


def _is_hana(found: Protection) -> bool:
    return "hana" in f"{found.detail} {found.policy.name if found.policy else ''}".lower()


def _sql(saved: list[Protection]) -> Workload:
    return Workload(
        kind=WorkloadKind.SQL_SERVER,
        notice=f"SQL Server: {_own_backup(saved, 'the databases', '')} Then set the VM's backup to"
        " copy-only: a full VSS backup truncates the logs.",
        article=SQL,
        protected_by="Azure Backup for SQL Server in the VM",
        copy_only=True,
    )


def _hana(saved: list[Protection]) -> Workload:
    sure = "SAP HANA" if saved else "Made for SAP: if HANA runs in it"
    between = ": " if saved else ", "
    return Workload(
        kind=WorkloadKind.SAP_HANA,
        notice=f"{sure}{between}{_own_backup(saved, 'its databases', ' by Backint')}"
        " Points of the VM hold no consistent database.",
        article=HANA,
        protected_by="Azure Backup for SAP HANA in the VM",
    )


def _own_backup(saved: list[Protection], what: str, by: str) -> str:
    names = sorted({name for each in saved for name in each.databases})
    logs = f"their logs every {LOG_INTERVAL_MINUTES} min"
    if not saved:
        return f"back up {what}, too: Azure Backup{by} takes {logs}."
    which = listed(names) if names else "its databases"
    return (
        f"{which} {'is' if len(names) == 1 else 'are'} backed up by Azure Backup already; {logs}."
    )


def _appliance(vm: Vm) -> Workload | None:
    if not is_appliance(vm):
        return None
    return Workload(
        kind=WorkloadKind.APPLIANCE,
        notice="An appliance, by its image: its configuration is better exported than restored.",
        article=APPLIANCE,
        protected_by="an export of its configuration",
    )
