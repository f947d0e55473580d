"""Restore points of VMs: all disks of a VM at one moment.

Limits: virtual-machines-create-restore-points and concepts-restore-points (2023-11-06, 2022-07-05).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal, page
from deploy.local.azure.compute.common import (
    VMS,
    arm_id,
    conflict,
    invalid,
    moment,
    require,
    resource_id,
    within,
)
from deploy.local.azure.compute.disks import is_direct, point_location
from deploy.local.azure.compute.restore_point_collections import COLLECTIONS, POINTS, shown_point
from deploy.local.azure.operations import RESTORE_POINT, VM, begin
from deploy.local.azure.world import Body, World

CREATED_IN_WINDOW, WINDOW = 3, timedelta(hours=1)
POINTS_PER_VM = 500
APPLICATION, CRASH, FILE_SYSTEM = "ApplicationConsistent", "CrashConsistent", "FileSystemConsistent"


@dataclass
class PointsTaken:
    """When restore points were begun, by lower-cased VM id and consistency."""

    at: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)


# --- points ----------------------------------------------------------------------------------


def _point_id(call: Call) -> str:
    return f"{resource_id(call, COLLECTIONS)}/restorePoints/{call.params['point']}"


def _require_point(call: Call) -> Body:
    body = call.world.get(_point_id(call))
    if body is None:
        require(call, COLLECTIONS)
        message = f"Restore point '{call.params['point']}' is not found."
        raise Refusal(404, "NotFound", message)
    return body


def _get_point(call: Call) -> Answer:
    point = shown_point(_require_point(call))
    if call.query.get("$expand", "").lower() != "instanceview":
        return Answer(200, point)
    shown = point["properties"] | {"instanceView": _view(point)}
    return Answer(200, point | {"properties": shown})


def _view(point: Body) -> Body:
    storage = point["properties"]["sourceMetadata"]["storageProfile"]
    ids = [disk["diskRestorePoint"]["id"] for disk in _kept_disks(storage)]
    status = {"code": "ReplicationState/succeeded", "level": "Info", "displayStatus": "Succeeded"}
    replication = {"status": status, "completionPercent": 100}
    disks = [{"id": one, "replicationStatus": replication} for one in ids]
    return {"diskRestorePoints": disks, "statuses": [status]}


def _kept_disks(storage: Body) -> list[Body]:
    disks = (storage.get("osDisk"), *storage.get("dataDisks", ()))
    return [disk for disk in disks if disk and disk.get("diskRestorePoint")]


def _put_point(call: Call) -> Answer:
    collection, asked = require(call, COLLECTIONS), call.fields.get("properties") or {}
    if call.world.get(_point_id(call)):
        raise conflict(
            f"Restore point '{call.params['point']}' already exists in collection "
            f"'{collection['name']}'. A restore point cannot be changed."
        )
    made = _copy_of if (asked.get("sourceRestorePoint") or {}).get("id") else _taken_now
    point = call.world.put(
        {
            "id": _point_id(call),
            "name": call.params["point"],
            "type": POINTS,
            "location": collection["location"],
            "properties": made(call, collection, asked) | {"provisioningState": "Creating"},
        }
    )

    def finish() -> None:
        point["properties"]["provisioningState"] = "Succeeded"

    def failed(_: Body) -> None:
        point["properties"]["provisioningState"] = "Failed"

    where, shown = collection["location"], _shown_first(point, asked)
    return begin(call, RESTORE_POINT, where, finish, status=201, body=shown, failed=failed)


def _shown_first(point: Body, asked: Body) -> Body:
    """A point as it is answered while it is being created: its disks have no restore points of
    their own yet, and it has no consistency but one that was asked for."""
    shown = copy.deepcopy(shown_point(point))
    properties = shown["properties"]
    for disk in _kept_disks(properties["sourceMetadata"]["storageProfile"]):
        del disk["diskRestorePoint"]
    if not asked.get("consistencyMode"):
        del properties["consistencyMode"]
    return {name: shown[name] for name in ("name", "id", "properties")}


def _taken_now(call: Call, collection: Body, asked: Body) -> Body:
    vm = call.world.get(str(collection["properties"]["source"]["id"]))
    if vm is None or vm["type"] != VMS:
        raise Refusal(404, "NotFound", "The VM of the restore point collection is not found.")
    mode = asked.get("consistencyMode") or APPLICATION
    excluded = {arm_id(one.get("id")).lower() for one in asked.get("excludeDisks") or ()}
    _check_taking(call.world, vm, mode, excluded)
    call.world.part(PointsTaken).at.setdefault((vm["id"].lower(), mode), []).append(call.world.now)
    properties: Body = {
        "sourceMetadata": _metadata(call, vm, excluded),
        "consistencyMode": mode,
        "timeCreated": moment(call.world.now),
    }
    return properties | ({"excludeDisks": asked["excludeDisks"]} if excluded else {})


def _copy_of(call: Call, collection: Body, asked: Body) -> Body:
    """A point copied from another region's collection."""
    source = call.world.get(arm_id(asked["sourceRestorePoint"]["id"]))
    if source is None or source["type"] != POINTS:
        raise Refusal(404, "NotFound", "The source restore point is not found.")
    if point_location(call.world, source) == collection["location"]:
        raise invalid("A restore point is copied into a collection in another region.")
    metadata = copy.deepcopy(source["properties"]["sourceMetadata"])
    for disk in _kept_disks(metadata["storageProfile"]):
        disk["diskRestorePoint"] = {"id": _disk_point_id(call, str(disk["name"]))}
    return {
        "sourceRestorePoint": {"id": source["id"]},
        "sourceMetadata": metadata,
        "consistencyMode": source["properties"]["consistencyMode"],
        "timeCreated": moment(call.world.now),
    }


def _check_taking(world: World, vm: Body, mode: str, excluded: set[str]) -> None:
    if mode not in (APPLICATION, CRASH, FILE_SYSTEM):
        raise invalid(f"The value '{mode}' of parameter 'consistencyMode' is not valid.")
    disks = _profile_disks(vm)
    unknown = excluded - {_managed_id(disk) for disk in disks}
    if unknown:
        raise invalid(f"Disk '{min(unknown)}' of excludeDisks is not attached to the VM.")
    _check_frequency(world, vm, mode)
    if mode == CRASH:
        _check_crash(world, [disk for disk in disks if _managed_id(disk) not in excluded])


def _check_frequency(world: World, vm: Body, mode: str) -> None:
    taken = world.part(PointsTaken).at.get((vm["id"].lower(), mode), [])
    recent = within(world, taken, WINDOW)
    if len(recent) >= CREATED_IN_WINDOW:
        seconds = int((recent[0] + WINDOW - world.now).total_seconds()) + 1
        raise Refusal(
            429,
            "TooManyRequests",
            f"At most {CREATED_IN_WINDOW} restore points of a VM can be created in an hour. "
            f"Please try again after '{seconds}' seconds.",
            headers={"Retry-After": str(seconds)},
        )
    points = [one for one in world.of_type(POINTS) if _is_of(one, vm)]
    if any(one["properties"]["provisioningState"] == "Creating" for one in points):
        raise conflict(f"Another restore point of VM '{vm['name']}' is being created.")
    if len(points) >= POINTS_PER_VM:
        raise conflict(f"A VM can have at most {POINTS_PER_VM} restore points.")


def _is_of(point: Body, vm: Body) -> bool:
    return bool(point["properties"]["sourceMetadata"].get("vmId") == vm["properties"].get("vmId"))


def _check_crash(world: World, disks: list[Body]) -> None:
    for disk in disks:
        resource = world.get(_managed_id(disk)) or {}
        shared = int((resource.get("properties") or {}).get("maxShares") or 1) > 1
        if is_direct(resource) or shared or disk.get("writeAcceleratorEnabled"):
            raise Refusal(
                400,
                "OperationNotAllowed",
                f"Disk '{disk['name']}' cannot be part of a crash-consistent restore point: "
                "Ultra, Premium SSD v2, shared and write-accelerated disks are not supported.",
            )


def _profile_disks(vm: Body) -> list[Body]:
    """The VM's disks that can be in a point: an ephemeral one cannot."""
    storage = vm["properties"]["storageProfile"]
    disks = (storage.get("osDisk"), *storage.get("dataDisks", ()))
    return [disk for disk in disks if disk and disk.get("managedDisk")]


def _managed_id(disk: Body) -> str:
    return str((disk.get("managedDisk") or {}).get("id", "")).lower()


_METADATA = ("vmId", "hardwareProfile", "osProfile", "diagnosticsProfile", "securityProfile")


def _metadata(call: Call, vm: Body, excluded: set[str]) -> Body:
    properties = vm["properties"]
    storage = properties["storageProfile"]
    data = [disk for disk in storage.get("dataDisks", ()) if _managed_id(disk) not in excluded]
    metadata: Body = {name: properties[name] for name in _METADATA if name in properties}
    metadata["storageProfile"] = {
        "osDisk": _kept(call, storage["osDisk"]),
        "dataDisks": [_kept(call, disk) for disk in data if disk.get("managedDisk")],
    }
    if "diskControllerType" in storage:
        metadata["storageProfile"]["diskControllerType"] = storage["diskControllerType"]
    return copy.deepcopy(metadata | {"location": vm["location"]})


_DISK = ("lun", "osType", "name", "caching", "diskSizeGB", "managedDisk", "writeAcceleratorEnabled")


def _kept(call: Call, disk: Body) -> Body:
    kept = {name: disk[name] for name in _DISK if name in disk}
    if disk.get("managedDisk"):
        kept["diskRestorePoint"] = {"id": _disk_point_id(call, str(disk["name"]))}
    return kept


def _disk_point_id(call: Call, disk_name: str) -> str:
    return f"{_point_id(call)}/diskRestorePoints/{disk_name}_{call.world.new_guid()}"


def _delete_point(call: Call) -> Answer:
    point = call.world.get(_point_id(call))
    if point is None:
        return Answer(204)
    point["properties"]["provisioningState"] = "Deleting"

    def finish() -> None:
        call.world.remove(point["id"])

    return begin(call, VM, point_location(call.world, point), finish)


# --- the disks in a point --------------------------------------------------------------------


def _list_disk_points(call: Call) -> Answer:
    return page(_disk_points(call))


def _get_disk_point(call: Call) -> Answer:
    wanted = call.params["diskpoint"].lower()
    for one in _disk_points(call):
        if one["name"].lower() == wanted:
            return Answer(200, one)
    raise Refusal(404, "NotFound", f"Disk restore point '{wanted}' is not found.")


def _disk_points(call: Call) -> list[Body]:
    point = _require_point(call)
    storage = point["properties"]["sourceMetadata"]["storageProfile"]
    return [_disk_point(call.world, point, disk) for disk in _kept_disks(storage)]


def _disk_point(world: World, point: Body, disk: Body) -> Body:
    arm = str(disk["diskRestorePoint"]["id"])
    origin = (world.get(_managed_id(disk)) or {}).get("properties", {})
    properties: Body = {
        "timeCreated": point["properties"]["timeCreated"],
        "sourceResourceId": disk["managedDisk"]["id"],
        "familyId": origin.get("uniqueId", ""),
        "sourceUniqueId": origin.get("uniqueId", ""),
        "encryption": origin.get("encryption", {"type": "EncryptionAtRestWithPlatformKey"}),
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
        "completionPercent": 100.0,
    }
    taken = ("osType", "hyperVGeneration", "supportedCapabilities", "securityProfile")
    properties |= {name: origin[name] for name in taken if name in origin}
    return {"id": arm, "name": arm.rsplit("/", 1)[-1], "properties": properties}


_COLLECTION = f"{RESOURCE_GROUP}/providers/{COLLECTIONS}/{{name}}"
_POINT = f"{_COLLECTION}/restorePoints/{{point}}"
_ROWS = (
    ("RestorePoints_Get", "GET", _POINT, _get_point),
    ("RestorePoints_Create", "PUT", _POINT, _put_point),
    ("RestorePoints_Delete", "DELETE", _POINT, _delete_point),
    (
        "DiskRestorePoint_ListByRestorePoint",
        "GET",
        f"{_POINT}/diskRestorePoints",
        _list_disk_points,
    ),
    ("DiskRestorePoint_Get", "GET", f"{_POINT}/diskRestorePoints/{{diskpoint}}", _get_disk_point),
)
OPERATIONS = tuple(Operation(*row) for row in _ROWS)
