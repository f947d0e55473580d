"""Managed disks: made empty or from a snapshot, a disk or a restore point; changed; deleted."""

from __future__ import annotations

import copy

from deploy.local.azure.access import check_linked
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.compute.common import (
    DISKS,
    GIB,
    SNAPSHOTS,
    VMS,
    arm_id,
    as_asked,
    at_region,
    check_new,
    check_tags,
    check_unchanged,
    conflict,
    invalid,
    merged,
    moment,
    reads,
    require,
    resource_id,
)
from deploy.local.azure.compute.grants import ACTIVE, grant_operations
from deploy.local.azure.compute.tiers import performance_tier, with_tier
from deploy.local.azure.operations import DISK, begin
from deploy.local.azure.world import Body, World

#: Disks whose snapshots are copied in the background and have 4096-byte sectors.
DIRECT_SKUS = ("UltraSSD_LRS", "PremiumV2_LRS")
_SKUS = {
    "Standard_LRS": "Standard",
    "StandardSSD_LRS": "Standard",
    "StandardSSD_ZRS": "Standard",
    "Premium_LRS": "Premium",
    "Premium_ZRS": "Premium",
    "PremiumV2_LRS": "Premium",
    "UltraSSD_LRS": "Ultra",
}
#: What a disk made from another takes over from it.
INHERITED = ("osType", "hyperVGeneration", "supportedCapabilities", "purchasePlan")
_INHERITED = (*INHERITED, "securityProfile", "supportsHibernation")
_POINT_MARK = "/diskrestorepoints/"


def is_direct(disk: Body) -> bool:
    return disk.get("sku", {}).get("name") in DIRECT_SKUS


def found(call: Call, kind: str, source_id: str, label: str) -> Body:
    """A resource that a request names. Raises Refusal 403 or 404."""
    check_linked(call, source_id, f"{kind}/read")
    if kind in (DISKS, SNAPSHOTS):  # Azure reads their contents in the caller's name
        check_linked(call, source_id, f"{kind}/beginGetAccess/action")
    source = call.world.get(source_id)
    if source is None or str(source["type"]).lower() != kind.lower():
        name = source_id.rsplit("/", 1)[-1]
        raise Refusal(404, "NotFound", f"{label} {name} is not found.")
    return source


# --- making one ------------------------------------------------------------------------------


def _put(call: Call) -> Answer:
    asked = check_new(call, DISKS)
    known = call.world.get(resource_id(call, DISKS))
    if known is not None:
        return _put_again(call, known, asked)
    body = _new(call, asked)
    call.world.put(body)
    return _accepted(call, body)


def _accepted(call: Call, body: Body, before: Body | None = None) -> Answer:
    """Answers with the disk as Updating, and lets it succeed in its time; where the work fails
    the disk is as it was `before` the change, or stays as it was made, and says Failed."""
    body["properties"]["provisioningState"] = "Updating"

    def finish() -> Body:
        body["properties"]["provisioningState"] = "Succeeded"
        return body

    def failed(_: Body) -> None:
        if before is not None:
            body.clear()
            body.update(before)
        body["properties"]["provisioningState"] = "Failed"

    shown = as_asked(call, body) if call.method == "PUT" else body
    return begin(call, DISK, body["location"], finish, body=shown, failed=failed)


def _put_again(call: Call, known: Body, asked: Body) -> Answer:
    old = known["properties"]["creationData"]
    new = (asked.get("properties") or {}).get("creationData") or old
    for name in ("createOption", "sourceResourceId"):
        check_unchanged(f"creationData.{name}", old.get(name), new.get(name))
    before = copy.deepcopy(known)
    _change(known, asked)
    return _accepted(call, known, before)


def _new(call: Call, asked: Body) -> Body:
    wanted = dict(asked.get("properties") or {})
    creation = dict(wanted.get("creationData") or {})
    sku = _sku(asked)
    inherited, least_gib = _from_source(call, asked, creation, sku)
    size_gib = wanted.get("diskSizeGB") or least_gib
    if not isinstance(size_gib, int) or size_gib < max(least_gib, 1):
        raise invalid(f"The value '{size_gib}' of disk parameter 'diskSizeGB' is out of range.")
    if sku in DIRECT_SKUS:
        creation.setdefault("logicalSectorSize", 4096)
    properties = inherited | wanted | {"creationData": creation, "diskSizeGB": size_gib}
    body: Body = {
        "id": resource_id(call, DISKS),
        "name": call.params["name"],
        "type": DISKS,
        "location": at_region(asked),
        "sku": {"name": sku, "tier": _SKUS[sku]},
        "properties": with_tier(sku, size_gib) | _filled(call.world, properties),
    }
    return body | {name: asked[name] for name in ("zones", "tags") if asked.get(name)}


def _filled(world: World, properties: Body) -> Body:
    """With what Azure fills in."""
    return {
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
        **properties,
        "diskSizeBytes": properties["diskSizeGB"] * GIB,
        "diskState": "Unattached",
        "timeCreated": moment(world.now),
        "uniqueId": world.new_guid(),
    }


def _sku(asked: Body) -> str:
    sku = str((asked.get("sku") or {}).get("name") or "Standard_LRS")
    if sku not in _SKUS:
        raise invalid(f"The value '{sku}' of parameter 'sku.name' is not valid.")
    return sku


def _from_source(call: Call, asked: Body, creation: Body, sku: str) -> tuple[Body, int]:
    """What the disk takes over from its source, and the least size in GiB."""
    option, source_id = creation.get("createOption"), arm_id(creation.get("sourceResourceId"))
    match option:
        case "Empty" | "FromImage":
            return {}, 1 if option == "Empty" else 30
        case "Copy" if f"/{SNAPSHOTS}/".lower() in source_id.lower():
            source = found(call, SNAPSHOTS, source_id, "Snapshot")
            _check_snapshot(source, sku)
        case "Copy":
            source = found(call, DISKS, source_id, "Disk")
        case "Restore" if _POINT_MARK in source_id.lower():
            source = _restored(call, source_id)
        case _:
            raise invalid(f"The value '{option}' of 'creationData.createOption' is not supported.")
    if at_region(source) != at_region(asked):
        raise invalid(
            f"The source '{source_id}' is in location '{source['location']}' and the disk in "
            f"'{asked['location']}': they must be in the same location."
        )
    properties = source["properties"]
    creation |= {"sourceResourceId": source_id, "sourceUniqueId": properties.get("uniqueId", "")}
    taken = {name: properties[name] for name in _INHERITED if name in properties}
    return taken, int(properties["diskSizeGB"])


def _check_snapshot(snapshot: Body, sku: str) -> None:
    properties = snapshot["properties"]
    if properties["provisioningState"] != "Succeeded":
        raise conflict(f"The snapshot '{snapshot['name']}' is not in the state Succeeded.")
    if properties.get("completionPercent", 100) < 100:
        raise conflict(
            f"The snapshot '{snapshot['name']}' is still being copied in the background "
            f"(completionPercent {properties['completionPercent']})."
        )
    is_4096 = properties["creationData"].get("logicalSectorSize") == 4096
    if is_4096 and sku not in DIRECT_SKUS:
        message = f"A snapshot with a sector size of 4096 cannot make a disk of {sku}."
        raise Refusal(400, "OperationNotAllowed", message)


def _restored(call: Call, source_id: str) -> Body:
    """The disk inside a restore point, as a source: the point's own record of it."""
    point = call.world.get(source_id[: source_id.lower().index(_POINT_MARK)])
    if point is None:
        raise Refusal(404, "NotFound", f"Disk restore point {source_id} is not found.")
    storage = point["properties"]["sourceMetadata"]["storageProfile"]
    for disk in (storage["osDisk"], *storage["dataDisks"]):
        if str((disk.get("diskRestorePoint") or {}).get("id")).lower() == source_id.lower():
            origin = call.world.get(str(disk["managedDisk"]["id"])) or {"properties": {}}
            size_gib = disk.get("diskSizeGB") or origin["properties"].get("diskSizeGB", 1)
            properties = origin["properties"] | {"diskSizeGB": size_gib}
            return {"location": point_location(call.world, point), "properties": properties}
    raise Refusal(404, "NotFound", f"Disk restore point {source_id} is not found.")


def point_location(world: World, point: Body) -> str:
    """Where a restore point lies: where its collection does."""
    collection = world.get(str(point["id"]).rsplit("/", 2)[0])
    return str(collection["location"]) if collection else str(point.get("location", ""))


# --- changing and deleting -------------------------------------------------------------------


_CHANGEABLE = frozenset(
    {
        "diskSizeGB",
        "diskIOPSReadWrite",
        "diskMBpsReadWrite",
        "tier",
        "burstingEnabled",
        "networkAccessPolicy",
        "publicNetworkAccess",
        "diskAccessId",
        "dataAccessAuthMode",
        "encryption",
        "maxShares",
        "osType",
        "supportsHibernation",
        "supportedCapabilities",
        "purchasePlan",
        "securityProfile",
    }
)


def _patch(call: Call) -> Answer:
    body = require(call, DISKS)
    before = copy.deepcopy(body)
    _change(body, call.fields)
    return _accepted(call, body, before)


def _change(body: Body, asked: Body) -> None:
    check_tags(asked.get("tags"))
    wanted, old = asked.get("properties") or {}, body["properties"]
    new = {name: value for name, value in wanted.items() if name in _CHANGEABLE}
    if new.get("diskSizeGB", old["diskSizeGB"]) < old["diskSizeGB"]:
        raise invalid(
            f"Disk '{body['name']}' cannot be made smaller: it has {old['diskSizeGB']} GB.",
            "ResizeDiskError",
        )
    usual_before = _usual_tier(body)
    if asked.get("sku"):
        sku = _sku(asked)
        body["sku"] = {"name": sku, "tier": _SKUS[sku]}
    body["properties"] = merged(old, new)
    body["properties"]["diskSizeBytes"] = body["properties"]["diskSizeGB"] * GIB
    if "tier" not in new and old.get("tier") == usual_before:
        body["properties"] = merged(body["properties"], {"tier": _usual_tier(body)})
    if asked.get("tags") is not None:
        body["tags"] = dict(asked["tags"])


def _usual_tier(disk: Body) -> str | None:
    """The tier that follows from size and kind: it moves with them unless another was chosen."""
    return performance_tier(disk["sku"]["name"], disk["properties"]["diskSizeGB"])


def _delete(call: Call) -> Answer:
    arm = resource_id(call, DISKS)
    body = call.world.get(arm)
    if body is None:
        return Answer(204)
    if body.get("managedBy"):
        raise conflict(f"Disk {body['name']} is attached to VM {body['managedBy']}.")
    check_no_grant(body)

    def finish() -> None:
        call.world.remove(arm)

    return begin(call, DISK, body["location"], finish)


def check_no_grant(body: Body) -> None:
    """Raises Refusal 409 for a disk or snapshot whose access is granted."""
    if body["properties"].get("diskState") == ACTIVE:
        raise conflict(
            f"There is an active shared access signature outstanding for {body['name']}. Call "
            "EndGetAccess before deleting it."
        )


# --- on a VM ---------------------------------------------------------------------------------


def set_owner(disk: Body, vm: Body | None, running: bool = True) -> None:
    """Attaches a disk to a VM, or takes it off every VM."""
    if vm is None:
        disk.pop("managedBy", None)
        disk.pop("managedByExtended", None)
        disk["properties"]["diskState"] = "Unattached"
        return
    disk["managedBy"] = vm["id"]
    disk["properties"]["diskState"] = "Attached" if running else "Reserved"


def check_attachable(world: World, disk_id: str, vm: Body) -> Body:
    """The disk, free for that VM. Raises Refusal 404 or 409."""
    disk = world.get(disk_id)
    if disk is None or disk["type"] != DISKS:
        name = disk_id.rsplit("/", 1)[-1]
        raise Refusal(404, "NotFound", f"Disk {name} is not found.")
    owner = str(disk.get("managedBy") or "")
    if owner and owner.lower() != str(vm["id"]).lower() and _shares(disk) < 2:
        raise conflict(
            f"Disk '{disk['name']}' cannot be attached as the disk is already owned by VM "
            f"'{owner}'.",
            "ConflictingUserInput",
        )
    if at_region(disk) != at_region(vm):
        raise conflict(
            f"Disk '{disk['name']}' in location '{disk['location']}' cannot be attached to a "
            f"{VMS.rpartition('/')[2]} in '{vm['location']}'."
        )
    return disk


def _shares(disk: Body) -> int:
    return int(disk["properties"].get("maxShares") or 1)


_PATH = f"{RESOURCE_GROUP}/providers/{DISKS}/{{name}}"
OPERATIONS = (
    *reads("Disks", DISKS, lists=("ListByResourceGroup", "List")),
    Operation("Disks_CreateOrUpdate", "PUT", _PATH, _put),
    Operation("Disks_Update", "PATCH", _PATH, _patch),
    Operation("Disks_Delete", "DELETE", _PATH, _delete),
    *grant_operations("Disks", DISKS),
)
