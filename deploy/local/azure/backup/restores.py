"""Restoring from a recovery point: disks, a new virtual machine, or in place of the old disks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.local.azure import locks
from deploy.local.azure.access import check_linked
from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.jobs import POINT_TIME, JobPlan, bag_time, finish_job, start_job
from deploy.local.azure.backup.places import (
    REPLICATED_ITEM_TYPE,
    VM_TYPE,
    item_of,
    parts,
    same,
    vault_of,
)
from deploy.local.azure.backup.points import (
    DiskCopy,
    Point,
    replica_of,
)
from deploy.local.azure.backup.recovery import POINT, point_of, started
from deploy.local.azure.backup.running import begin
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

#: How long restores are taken to last (assumed): from snapshots, and from the vault by size.
FROM_SNAPSHOTS = timedelta(minutes=10)
FROM_VAULT = timedelta(minutes=30)
FROM_VAULT_PER_GIB = timedelta(seconds=10)
CREATE_VM = timedelta(minutes=5)


@dataclass(frozen=True)
class Wanted:
    """A restore that was asked for and is allowed."""

    world: World
    item: Body
    point: Point
    asked: Body
    region: str
    disks: tuple[DiskCopy, ...]
    target_group: str  #: "" leaves VHDs in the storage account and makes no disks
    zones: list[str]
    in_pair: bool = False  #: from the vault's copy in the paired region

    @property
    def source_id(self) -> str:
        return str(self.item["properties"]["sourceResourceId"])


def refused(code: str, message: str) -> Refusal:
    return Refusal(400, code, message)


def _restore(call: Call) -> Answer:
    """202 with both headers; the disks and the VM are there when the job is completed."""
    vault, item = vault_of(call), item_of(call)
    begin(call.world)
    point, asked = point_of(call, item), call.body.get("properties") or {}
    region = _region(vault, asked)
    if region != vault["location"]:
        raise refused(
            "UserErrorRestoreRegionNotSupported",
            f"The vault is in region '{vault['location']}'; it cannot restore to '{region}' here. "
            "Use Cross Region Restore for the paired region.",
        )
    wanted = allowed(call, item, point, asked, region)
    job = start(wanted, vault)
    return started(call, item, tracking.job_reference(job["name"]))


def _region(vault: Body, asked: Body) -> str:
    return str(asked.get("region") or vault["location"]).replace(" ", "").lower()


def allowed(call: Call, item: Body, point: Point, asked: Body, region: str) -> Wanted:
    if asked.get("objectType") not in (
        "IaasVMRestoreRequest",
        "IaasVMRestoreWithRehydrationRequest",
    ):
        raise refused("BMSUserErrorInvalidInput", "Input provided for the call is invalid.")
    group = str(asked.get("targetResourceGroupId") or "")
    zones = list(asked.get("zones") or [])
    disks = _chosen(point, asked)
    wanted = Wanted(call.world, item, point, asked, region, disks, group, zones)
    check = _CHECKS.get(str(asked.get("recoveryType")))
    if check is None:
        raise refused(
            "BMSUserErrorInvalidInput",
            f"The recovery type '{asked.get('recoveryType')}' is not supported.",
        )
    if group:
        check_linked(call, group, "Microsoft.Compute/disks/write")
        locks.refuse_if_locked(call.world, "PUT", f"{group}/providers/Microsoft.Compute/disks")
    check(wanted)
    return wanted


def _chosen(point: Point, asked: Body) -> tuple[DiskCopy, ...]:
    luns = asked.get("restoreDiskLunList")
    if luns is None:
        return point.vm.disks
    known = {disk.lun for disk in point.vm.disks}
    if unknown := set(luns) - known:
        raise refused(
            "UserErrorInvalidDiskLunList",
            f"The recovery point has no disks with these LUNs: {sorted(unknown)}.",
        )
    return tuple(disk for disk in point.vm.disks if disk.lun in (-1, *luns))


def _check_disks(wanted: Wanted) -> None:
    if not wanted.asked.get("storageAccountId"):
        raise refused(
            "UserErrorStorageAccountNeeded", "A staging storage account is needed to restore disks."
        )


def _check_new_vm(wanted: Wanted) -> None:
    _refuse_selection(wanted.point)
    asked = wanted.asked
    if not (asked.get("targetVirtualMachineId") and wanted.target_group):
        raise refused(
            "BMSUserErrorInvalidInput",
            "A target virtual machine and a target resource group are needed.",
        )
    if not (asked.get("virtualNetworkId") and asked.get("subnetId")):
        raise refused("BMSUserErrorInvalidInput", "A virtual network and a subnet are needed.")
    if wanted.world.get(str(asked["targetVirtualMachineId"])) is not None:
        name = parts(str(asked["targetVirtualMachineId"])).name
        raise refused(
            "UserErrorTargetVmAlreadyExists",
            f"A virtual machine '{name}' exists in the target resource group.",
        )


def _check_in_place(wanted: Wanted) -> None:
    _refuse_selection(wanted.point)
    vm = wanted.world.get(wanted.source_id)
    if vm is None:
        raise refused(
            "UserErrorVmNotFound",
            "The original virtual machine does not exist; its disks cannot be replaced.",
        )
    if wanted.point.vm.encrypted:
        raise refused(
            "UserErrorReplaceDisksNotSupportedForEncryptedVM",
            "Replacing the disks of an encrypted virtual machine is not supported.",
        )
    if not wanted.point.in_vault(wanted.world.now):
        raise refused(
            "UserErrorRecoveryPointNotInVault",
            "Disks can be replaced once the transfer of the recovery point to the vault is "
            "completed.",
        )
    if _is_replicated(wanted.world, vm["id"]):
        raise refused(
            "UserErrorReplaceDisksNotSupportedForReplicatedVM",
            "Disable replication of the virtual machine before replacing its disks.",
        )


def _refuse_selection(point: Point) -> None:
    if point.vm.excluded:
        raise refused(
            "UserErrorRestoreNotSupportedWithDiskExclusion",
            "Disks of the virtual machine were excluded from backup; only restoring disks is "
            "supported.",
        )


def _is_replicated(world: World, vm_id: str) -> bool:
    return any(
        same(item["properties"].get("providerSpecificDetails", {}).get("fabricObjectId"), vm_id)
        for item in world.of_type(REPLICATED_ITEM_TYPE)
    )


_CHECKS: dict[str, Callable[[Wanted], None]] = {
    "RestoreDisks": _check_disks,
    "AlternateLocation": _check_new_vm,
    "OriginalLocation": _check_in_place,
}


def start(wanted: Wanted, vault: Body, operation: str = "Restore") -> Body:
    world, now = wanted.world, wanted.world.now
    tasks = [("Transfer data from vault", tracking.lasting(world, _takes(wanted)))]
    if wanted.asked["recoveryType"] != "RestoreDisks":
        tasks.append(("Create the restored virtual machine", tracking.lasting(world, CREATE_VM)))
    account = str(wanted.asked.get("storageAccountId") or "")
    facts = {
        "Job Type": _JOB_TYPES[wanted.asked["recoveryType"]],
        POINT_TIME: bag_time(wanted.point.taken),
        "Target Storage Account Name": account.rsplit("/", 1)[-1],
        "Target resource group": wanted.target_group.rsplit("/", 1)[-1],
    }
    vm_name = wanted.item["properties"]["friendlyName"]
    job = start_job(world, JobPlan(vault["id"], vm_name, operation, tasks, facts), now)
    ends = now + sum((span for _, span in tasks), timedelta())

    def done() -> None:
        if job["properties"]["status"] == "InProgress":
            _make(wanted, ends)
        finish_job(world, job, ends)

    world.at(ends, done)
    return job


_JOB_TYPES = {
    "RestoreDisks": "Recover disks",
    "AlternateLocation": "Recover to an alternate virtual machine",
    "OriginalLocation": "Recover to the original virtual machine",
}


def _takes(wanted: Wanted) -> timedelta:
    near = wanted.point.in_snapshots(wanted.world.now)
    if near and not wanted.in_pair:
        return FROM_SNAPSHOTS
    return FROM_VAULT + FROM_VAULT_PER_GIB * sum(disk.size_gib for disk in wanted.disks)


def _make(wanted: Wanted, when: datetime) -> None:
    made = _make_disks(wanted, when)
    if wanted.asked["recoveryType"] == "AlternateLocation":
        _make_vm(wanted, made, when)
    elif wanted.asked["recoveryType"] == "OriginalLocation":
        _replace_disks(wanted, made)


def _make_disks(wanted: Wanted, when: datetime) -> list[tuple[DiskCopy, Body]]:
    group = wanted.target_group
    if wanted.asked["recoveryType"] == "OriginalLocation":
        where = parts(wanted.source_id)
        group = f"/subscriptions/{where.subscription}/resourceGroups/{where.group}"
    if not group:
        return []
    made = []
    for disk in wanted.disks:
        disk_id = f"{group}/providers/Microsoft.Compute/disks/{_name(wanted, disk, when)}"
        zones = wanted.zones or list(disk.zones)
        body = replica_of(disk, disk_id, wanted.region, when, zones)
        made.append((disk, wanted.world.put(body)))
    return made


def _name(wanted: Wanted, disk: DiskCopy, when: datetime) -> str:
    """web01-osdisk-20261122-140530 and web01-datadisk-000-20261122-140530, as Azure names them."""
    vm = wanted.item["properties"]["friendlyName"].replace("-", "").lower()
    kind = "osdisk" if disk.lun < 0 else f"datadisk-{disk.lun:03d}"
    return f"{vm}-{kind}-{when:%Y%m%d-%H%M%S}"


def _make_vm(wanted: Wanted, made: list[tuple[DiskCopy, Body]], when: datetime) -> None:
    vm_id = str(wanted.asked["targetVirtualMachineId"])
    storage: Body = {"dataDisks": []}
    for copy, disk in made:
        attached: Body = {
            "name": disk["name"],
            "createOption": "Attach",
            "caching": "ReadWrite" if copy.lun < 0 else "None",
            "managedDisk": {"id": disk["id"], "storageAccountType": copy.sku},
            "diskSizeGB": copy.size_gib,
        }
        disk |= {"managedBy": vm_id}
        disk["properties"]["diskState"] = "Attached"
        if copy.lun < 0:
            storage["osDisk"] = attached | {"osType": copy.os_type}
        else:
            storage["dataDisks"].append(attached | {"lun": copy.lun})
    properties = {
        "vmId": wanted.world.new_guid(),
        "hardwareProfile": {"vmSize": wanted.point.vm.size},
        "storageProfile": storage,
        "provisioningState": "Succeeded",
        "timeCreated": stamp(when),
    }
    body: Body = {"id": vm_id, "name": parts(vm_id).name, "type": VM_TYPE}
    body |= {"location": wanted.region, "tags": dict(wanted.point.vm.tags)}
    wanted.world.put(body | {"properties": properties})


def _replace_disks(wanted: Wanted, made: list[tuple[DiskCopy, Body]]) -> None:
    """The VM gets the new disks; the old ones stay, attached to nothing."""
    vm = wanted.world.resources.get(wanted.source_id.lower())
    if vm is None:
        return
    storage = vm["properties"]["storageProfile"]
    slots = {-1: storage["osDisk"]} | {one["lun"]: one for one in storage.get("dataDisks") or []}
    for copy, disk in made:
        slot = slots.get(copy.lun)
        if slot is None:
            continue
        old = wanted.world.resources.get(str(slot["managedDisk"]["id"]).lower())
        if old is not None:
            old.pop("managedBy", None)
            old["properties"]["diskState"] = "Unattached"
        slot |= {"name": disk["name"], "managedDisk": slot["managedDisk"] | {"id": disk["id"]}}
        disk |= {"managedBy": vm["id"]}
        disk["properties"]["diskState"] = "Attached"


OPERATIONS = (Operation("Restores_Trigger", "POST", f"{POINT}/restore", _restore),)
