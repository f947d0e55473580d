"""Snapshots of disks: full and incremental, copied across regions, changed, deleted."""

from __future__ import annotations

import copy
from datetime import timedelta

from advisor.model import Verdict
from advisor.regions import region
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.compute.common import (
    DISKS,
    GIB,
    SNAPSHOTS,
    arm_id,
    as_asked,
    at_region,
    check_new,
    check_tags,
    check_unchanged,
    conflict,
    in_steps,
    invalid,
    merged,
    moment,
    reads,
    require,
    resource_id,
)
from deploy.local.azure.compute.disks import INHERITED, check_no_grant, found, is_direct
from deploy.local.azure.compute.grants import grant_operations
from deploy.local.azure.compute.snapshot_limits import Taken, check_copy, check_disk
from deploy.local.azure.operations import DISK, begin
from deploy.local.azure.world import Body, World

#: How long a background copy takes here, and in how many steps completionPercent rises.
COPY_SECONDS, COPY_STEPS = 4.0, 4
_SKUS = {"Standard_LRS": "Standard", "Standard_ZRS": "Standard", "Premium_LRS": "Premium"}
_INHERITED = (*INHERITED, "securityProfile", "supportsHibernation", "encryptionSettingsCollection")


def _put(call: Call) -> Answer:
    asked = check_new(call, SNAPSHOTS)
    known = call.world.get(resource_id(call, SNAPSHOTS))
    if known is not None:
        return _put_again(call, known, asked)
    body, source = _new(call, asked)
    call.world.put(body)
    if body["properties"]["incremental"] and source["type"] == DISKS:
        call.world.part(Taken).note(call.world, source["id"])
    answer = _accepted(call, body)
    if "completionPercent" in body["properties"]:
        _copy_in_background(call.world, body, source["id"])
    return answer


def _accepted(call: Call, body: Body, before: Body | None = None) -> Answer:
    """Answers with the snapshot as Updating, and lets it succeed in its time; where the work fails
    the snapshot is as it was `before` the change, or stays as it was made, and says Failed."""
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
    """The same PUT again is the same snapshot; from another source it is refused."""
    wanted, old = asked.get("properties") or {}, known["properties"]
    new = wanted.get("creationData") or old["creationData"]
    for name in ("createOption", "sourceResourceId"):
        check_unchanged(f"creationData.{name}", old["creationData"].get(name), new.get(name))
    check_unchanged(
        "incremental", old.get("incremental", False), wanted.get("incremental") or _implied(new)
    )
    before = copy.deepcopy(known)
    _change(known, asked)
    return _accepted(call, known, before)


def _implied(creation: Body) -> bool:
    """A copy across regions is incremental whether the request says so or not."""
    return creation.get("createOption") == "CopyStart"


# --- making one ------------------------------------------------------------------------------


def _new(call: Call, asked: Body) -> tuple[Body, Body]:
    """The snapshot to be, and its source. Raises Refusal for whatever Azure refuses."""
    wanted = dict(asked.get("properties") or {})
    creation = dict(wanted.get("creationData") or {})
    incremental = bool(wanted.get("incremental")) or _implied(creation)
    source = _source(call, asked, creation, incremental)
    sku = _sku(asked, incremental)
    creation["sourceResourceId"] = source["id"]
    creation["sourceUniqueId"] = _unique_disk(source)
    if is_direct(source) or source["properties"]["creationData"].get("logicalSectorSize") == 4096:
        creation["logicalSectorSize"] = 4096
    wanted |= {"creationData": creation, "incremental": incremental}
    body: Body = {
        "id": resource_id(call, SNAPSHOTS),
        "name": call.params["name"],
        "type": SNAPSHOTS,
        "location": at_region(asked),
        "sku": {"name": sku, "tier": _SKUS[sku]},
        "properties": _filled(call.world, wanted, source),
    }
    return body | ({"tags": dict(asked["tags"])} if asked.get("tags") else {}), source


def _source(call: Call, asked: Body, creation: Body, incremental: bool) -> Body:
    option, source_id = creation.get("createOption"), arm_id(creation.get("sourceResourceId"))
    arm, here = resource_id(call, SNAPSHOTS), at_region(asked)
    of_snapshot = f"/{SNAPSHOTS}/".lower() in source_id.lower()
    if option not in ("Copy", "CopyStart") or (option == "CopyStart" and not of_snapshot):
        raise invalid(
            f"The value '{option}' of 'creationData.createOption' is not supported for this source."
        )
    kind, label = (SNAPSHOTS, "Snapshot") if of_snapshot else (DISKS, "Disk")
    source = found(call, kind, source_id, label)
    if option == "CopyStart":
        check_copy(call.world, arm, here, source)
        return source
    if at_region(source) != here:
        raise invalid(
            f"The source '{source_id}' is in location '{source['location']}' and the snapshot in "
            f"'{asked['location']}'. Across regions only an incremental snapshot can be copied, "
            "with createOption CopyStart."
        )
    if not of_snapshot:
        check_disk(call.world, arm, source, incremental)
    return source


def _sku(asked: Body, incremental: bool) -> str:
    """Incremental ones lie on standard storage, zone-redundant where the region has zones
    (disks-incremental-snapshots, 2024-12-09)."""
    here = at_region(asked)
    usual = "Standard_ZRS" if incremental and _has_zones(here) else "Standard_LRS"
    sku = str((asked.get("sku") or {}).get("name") or usual)
    if sku not in _SKUS:
        raise invalid(f"The value '{sku}' of parameter 'sku.name' is not valid.")
    if incremental and sku == "Premium_LRS":
        raise invalid("Incremental snapshots can only be stored on standard storage.")
    if sku == "Standard_ZRS" and not _has_zones(here):
        raise invalid(f"The sku 'Standard_ZRS' is not available in location '{here}'.")
    return sku


def _has_zones(name: str) -> bool:
    return region(name).zones is Verdict.YES


def _unique_disk(source: Body) -> str:
    """The unique id of the disk in the end, through copies of snapshots."""
    if source["type"] == DISKS:
        return str(source["properties"].get("uniqueId", ""))
    return str(source["properties"]["creationData"].get("sourceUniqueId", ""))


def _filled(world: World, wanted: Body, source: Body) -> Body:
    """The properties with what Azure takes over from the source and fills in."""
    origin = source["properties"]
    inherited = {name: origin[name] for name in _INHERITED if name in origin}
    size_gib = wanted.get("diskSizeGB") or origin["diskSizeGB"]
    properties = {
        **inherited,
        "encryption": origin.get("encryption", {"type": "EncryptionAtRestWithPlatformKey"}),
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
        **wanted,
        "diskSizeGB": size_gib,
        "diskSizeBytes": size_gib * GIB,
        "diskState": "Unattached",
        "timeCreated": moment(world.now),
        "uniqueId": world.new_guid(),
    }
    if properties["incremental"]:
        properties["incrementalSnapshotFamilyId"] = _family(world, source)
    if _implied(wanted["creationData"]) or is_direct(source):
        properties["completionPercent"] = 0.0
    return properties


def _family(world: World, source: Body) -> str:
    """One family for all incremental snapshots of one disk."""
    unique = _unique_disk(source)
    for known in world.of_type(SNAPSHOTS):
        properties = known["properties"]
        if properties["creationData"].get("sourceUniqueId") == unique and unique:
            family = properties.get("incrementalSnapshotFamilyId")
            if family:
                return str(family)
    return world.new_guid()


def _copy_in_background(world: World, body: Body, source_id: str) -> None:
    """completionPercent rises; where the source goes away meanwhile, the copy ends in an error."""

    def step(number: int) -> bool:
        properties = body["properties"]
        if world.resources.get(body["id"].lower()) is not body or _is_failed(body):
            return False
        if source_id.lower() not in world.resources:
            properties["copyCompletionError"] = {
                "errorCode": "CopySourceNotFound",
                "errorMessage": "The source was deleted while it was being copied.",
            }
            return False
        properties["completionPercent"] = 100.0 * number / COPY_STEPS
        return True

    in_steps(world, COPY_SECONDS, COPY_STEPS, step)


def _is_failed(body: Body) -> bool:
    """The request that began the copy ended as Failed: nothing is copied any more."""
    return bool(body["properties"]["provisioningState"] == "Failed")


# --- changing and deleting -------------------------------------------------------------------


_CHANGEABLE = frozenset(
    {
        "diskSizeGB",
        "networkAccessPolicy",
        "publicNetworkAccess",
        "diskAccessId",
        "dataAccessAuthMode",
        "encryption",
        "osType",
        "supportsHibernation",
        "supportedCapabilities",
    }
)


def _patch(call: Call) -> Answer:
    body = require(call, SNAPSHOTS)
    before = copy.deepcopy(body)
    _change(body, call.fields)
    return _accepted(call, body, before)


def _change(body: Body, asked: Body) -> None:
    check_tags(asked.get("tags"))
    wanted, old = asked.get("properties") or {}, body["properties"]
    new = {name: value for name, value in wanted.items() if name in _CHANGEABLE}
    if new.get("diskSizeGB", old["diskSizeGB"]) < old["diskSizeGB"]:
        raise invalid("A snapshot cannot be made smaller.", "ResizeDiskError")
    if asked.get("sku"):
        sku = _sku({**asked, "location": body["location"]}, bool(old.get("incremental")))
        body["sku"] = {"name": sku, "tier": _SKUS[sku]}
    body["properties"] = merged(old, new)
    if asked.get("tags") is not None:
        body["tags"] = dict(asked["tags"])


def _delete(call: Call) -> Answer:
    arm = resource_id(call, SNAPSHOTS)
    body = call.world.get(arm)
    if body is None:
        return Answer(204)
    check_no_grant(body)
    policy = body["properties"].get("immutabilityPolicy") or {}
    if policy.get("type") == "Locked" and not policy["isPolicyExpired"]:
        raise conflict(f"Snapshot {body['name']} has a locked immutability policy.")

    def finish() -> None:
        call.world.remove(arm)

    return begin(call, DISK, body["location"], finish)


# --- immutability ----------------------------------------------------------------------------


def _set_immutability(locking: bool) -> Operation:
    action = "updateImmutabilityPolicyLock" if locking else "updateImmutabilityPolicy"

    def update(call: Call) -> Answer:
        body, policy = require(call, SNAPSHOTS), call.fields
        _check_immutability(body["properties"].get("immutabilityPolicy") or {}, policy, locking)
        kept = {name: policy[name] for name in ("immutabilityDurationDays", "type")}

        def finish() -> Body:
            body["properties"]["immutabilityPolicy"] = _begun(call.world, body, kept)
            return kept

        return begin(call, DISK, body["location"], finish)

    name = f"Snapshots_{action[0].upper()}{action[1:]}"
    return Operation(name, "POST", f"{_PATH}/{action}", update)


def _begun(world: World, snapshot: Body, asked: Body) -> Body:
    """The policy as the snapshot shows it, from now until its days are over."""
    lasting = timedelta(days=asked["immutabilityDurationDays"])
    policy = asked | {
        "policyStartTime": moment(world.now),
        "policyExpirationTime": moment(world.now + lasting),
        "isPolicyExpired": False,
    }

    def expire() -> None:
        held = snapshot["properties"]["immutabilityPolicy"]
        if held["policyExpirationTime"] == policy["policyExpirationTime"]:  # not made longer
            held["isPolicyExpired"] = True

    world.after(lasting, expire)
    return policy


def _check_immutability(old: Body, new: Body, locking: bool) -> None:
    days, wanted = new.get("immutabilityDurationDays"), "Locked" if locking else "Unlocked"
    if not isinstance(days, int) or days < 1 or new.get("type") != wanted:
        raise invalid(f"The policy has immutabilityDurationDays and the type {wanted}.")
    if old.get("type") == "Locked" and (not locking or days < int(old["immutabilityDurationDays"])):
        raise Refusal(409, "OperationNotAllowed", "A locked policy can only be made longer.")


_PATH = f"{RESOURCE_GROUP}/providers/{SNAPSHOTS}/{{name}}"
OPERATIONS = (
    *reads("Snapshots", SNAPSHOTS, lists=("ListByResourceGroup", "List")),
    Operation("Snapshots_CreateOrUpdate", "PUT", _PATH, _put),
    Operation("Snapshots_Update", "PATCH", _PATH, _patch),
    Operation("Snapshots_Delete", "DELETE", _PATH, _delete),
    *grant_operations("Snapshots", SNAPSHOTS),
    _set_immutability(locking=False),
    _set_immutability(locking=True),
)
