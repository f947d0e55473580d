"""Changes of virtual machines: start, stop, create, update; attach and detach disks."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation
from deploy.local.azure.compute.common import (
    DISKS,
    GIB,
    VMS,
    arm_id,
    at_region,
    check_new,
    check_tags,
    check_unchanged,
    conflict,
    invalid,
    merged,
    moment,
    require,
    resource_id,
)
from deploy.local.azure.compute.disks import check_attachable, set_owner
from deploy.local.azure.compute.machines import power_state, set_power_state, without_view
from deploy.local.azure.compute.tiers import with_tier
from deploy.local.azure.operations import VM, VM_STATUS_ONLY, Kind, begin
from deploy.local.azure.world import Body, World

#: attachDetachDataDisks gives the new storage profile at its end.
_ATTACHING = Kind("operations", 0.4)
_STATE_OF_DISKS = {"running": "Attached", "deallocated": "Reserved"}
_DEFAULT_OS_DISK_GIB = 30


# --- power -----------------------------------------------------------------------------------


def _power(action: str, on_the_way: str, at_the_end: str) -> Operation:
    def change(call: Call) -> Answer:
        vm = require(call, VMS)
        before = power_state(vm)
        vm["properties"]["provisioningState"] = "Updating"
        shown = set_power_state(call.world, vm, on_the_way)

        def finish() -> None:
            vm["properties"]["provisioningState"] = "Succeeded"
            _set_disk_states(call.world, vm, at_the_end)
            _show_late(call.world, vm, shown, at_the_end)

        def failed(_: Body) -> None:
            set_power_state(call.world, vm, before)
            vm["properties"]["provisioningState"] = "Failed"

        return begin(call, VM, vm["location"], finish, failed=failed)

    name = f"VirtualMachines_{action[0].upper()}{action[1:]}"
    return Operation(name, "POST", f"{_PATH}/{action}", change)


def _show_late(world: World, vm: Body, shown: list[Body], state: str) -> None:
    """The instance view follows a moment after the operation, unless it shows a later one."""

    def show() -> None:
        if vm["properties"]["instanceView"]["statuses"] is shown:
            set_power_state(world, vm, state)

    world.after_work(world.power_state_late_seconds, show)


def _set_disk_states(world: World, vm: Body, state: str) -> None:
    for disk_id in _disk_ids(vm):
        disk = world.get(disk_id)
        if disk and state in _STATE_OF_DISKS:
            disk["properties"]["diskState"] = _STATE_OF_DISKS[state]


def _disks(storage: Body) -> Iterator[Body]:
    yield from (disk for disk in (storage.get("osDisk"), *storage.get("dataDisks", ())) if disk)


def _disk_ids(vm: Body) -> list[str]:
    profile = vm["properties"].get("storageProfile") or {}
    managed = ((disk.get("managedDisk") or {}).get("id") for disk in _disks(profile))
    return [str(one) for one in managed if one]


# --- create and update -----------------------------------------------------------------------


def _put(call: Call) -> Answer:
    asked = check_new(call, VMS)
    known = call.world.get(resource_id(call, VMS))
    if known is not None:
        return _update(call, known, asked)
    vm = _new(call, asked)
    storage = _checked_storage(call, vm, asked["properties"].get("storageProfile") or {})
    call.world.put(vm)
    _take_over(call.world, vm, storage)
    set_power_state(call.world, vm, "running")
    return _accepted(call, vm, 201, "Creating")


def _new(call: Call, asked: Body) -> Body:
    properties = copy.deepcopy(asked.get("properties") or {})
    if not (properties.get("hardwareProfile") or {}).get("vmSize"):
        raise invalid("Required parameter 'hardwareProfile.vmSize' is missing (null).")
    if not (properties.get("storageProfile") or {}).get("osDisk"):
        raise invalid("Required parameter 'storageProfile.osDisk' is missing (null).")
    (properties.get("osProfile") or {}).pop("adminPassword", None)
    vm: Body = {
        "id": resource_id(call, VMS),
        "name": call.params["name"],
        "type": VMS,
        "location": at_region(asked),
        "properties": {
            **properties,
            "vmId": call.world.new_guid(),
            "storageProfile": {},
            "timeCreated": moment(call.world.now),
        },
    }
    return vm | {
        name: asked[name] for name in ("zones", "tags", "identity", "plan") if asked.get(name)
    }


def _patch(call: Call) -> Answer:
    return _update(call, require(call, VMS), call.fields)


def _update(call: Call, vm: Body, asked: Body) -> Answer:
    """PUT and PATCH of a VM that is there. Properties that are not sent stay."""
    check_tags(asked.get("tags"))
    before = copy.deepcopy(vm)
    wanted = dict(asked.get("properties") or {})
    sent = wanted.pop("storageProfile", None)
    for ours in ("instanceView", "vmId", "timeCreated", "provisioningState"):
        wanted.pop(ours, None)
    if sent:
        storage = merged(vm["properties"].get("storageProfile") or {}, sent)
        _check_os_disk_swap(vm, storage)
        _take_over(call.world, vm, _checked_storage(call, vm, storage))
    vm["properties"] = merged(vm["properties"], wanted)
    if asked.get("tags") is not None:
        vm["tags"] = dict(asked["tags"])
    return _accepted(call, vm, 200, "Updating", before)


def _accepted(call: Call, vm: Body, status: int, state: str, before: Body | None = None) -> Answer:
    """Answers with the VM in that state; where the work fails, it is as it was `before`."""
    vm["properties"]["provisioningState"] = state

    def finish() -> None:
        vm["properties"]["provisioningState"] = "Succeeded"

    def failed(_: Body) -> None:
        if before is not None:
            _take_back(call.world, vm, before)
        vm["properties"]["provisioningState"] = "Failed"

    shown = without_view(vm)
    if state == "Creating":
        shown = _without_made_disks(shown, call.fields)
    return begin(
        call, VM_STATUS_ONLY, vm["location"], finish, status=status, body=shown, failed=failed
    )


def _without_made_disks(vm: Body, asked: Body) -> Body:
    """The VM as it is answered while it is being created: disks that come to be with it have no
    id yet."""
    shown = copy.deepcopy(vm)
    sent = (asked.get("properties") or {}).get("storageProfile") or {}
    attached = {arm_id(_id_of(disk)) for disk in _disks(sent)}
    for disk in _disks(shown["properties"]["storageProfile"]):
        if _id_of(disk) not in attached:
            (disk.get("managedDisk") or {}).pop("id", None)
    return shown


def _take_back(world: World, vm: Body, before: Body) -> None:
    """The VM as it was, its disks too; what its view shows of its power is not part of that."""
    _take_over(world, vm, before["properties"].get("storageProfile") or {})
    if "instanceView" in vm["properties"]:
        before["properties"]["instanceView"] = vm["properties"]["instanceView"]
    vm.clear()
    vm.update(before)


def _check_os_disk_swap(vm: Body, storage: Body) -> None:
    """Raises Refusal 409 for another OS disk under a VM that has not been stopped."""
    old = (vm["properties"].get("storageProfile") or {}).get("osDisk") or {}
    new_id = str((storage.get("osDisk") or {}).get("managedDisk", {}).get("id", ""))
    old_id = str((old.get("managedDisk") or {}).get("id", ""))
    if new_id.lower() == old_id.lower():
        return check_unchanged("osDisk.name", old.get("name"), storage["osDisk"].get("name"))
    if power_state(vm) not in ("deallocated", "stopped"):
        raise conflict(
            f"The OS disk of VM '{vm['name']}' can only be swapped while the VM is stopped "
            f"(deallocated). It is '{power_state(vm)}'."
        )
    return None


# --- disks of a VM ---------------------------------------------------------------------------


def _checked_storage(call: Call, vm: Body, storage: Body) -> Body:
    """The profile with every disk found or made. Raises Refusal 400, 404 or 409."""
    luns = [disk.get("lun") for disk in storage.get("dataDisks", ())]
    for lun in luns:
        if not isinstance(lun, int) or luns.count(lun) > 1:
            raise invalid(f"The value '{lun}' of 'dataDisk.lun' is missing or used twice.")
    kept = [disk for disk in storage.get("dataDisks", ()) if not disk.get("toBeDetached")]
    checked = dict(storage)
    if storage.get("osDisk"):
        checked["osDisk"] = _checked_disk(call, vm, storage["osDisk"], "OsDisk_1")
    checked["dataDisks"] = [
        _checked_disk(call, vm, disk, f"DataDisk_{disk['lun']}") for disk in kept
    ]
    return checked


def _checked_disk(call: Call, vm: Body, asked: Body, label: str) -> Body:
    disk = copy.deepcopy(asked)
    if "vhd" in disk or (disk.get("diffDiskSettings") or {}).get("option") == "Local":
        disk.setdefault("name", f"{vm['name']}_{label}")  # views and restore points name it
        return disk
    managed = disk.setdefault("managedDisk", {})
    if not managed.get("id"):
        return _made(call, vm, disk, label)
    found = check_attachable(call.world, arm_id(managed["id"]), vm)
    managed |= {"id": found["id"], "storageAccountType": found["sku"]["name"]}
    if label.startswith("OsDisk") and not found["properties"].get("osType"):
        raise invalid(f"Disk '{found['name']}' holds no operating system: it has no osType.")
    disk |= {"name": found["name"], "diskSizeGB": found["properties"]["diskSizeGB"]}
    return disk


def _made(call: Call, vm: Body, disk: Body, label: str) -> Body:
    """A disk that Azure makes with the VM: from an image, or empty."""
    option = disk.get("createOption")
    if option not in ("FromImage", "Empty"):
        raise invalid(f"Required parameter 'managedDisk.id' of '{disk.get('name')}' is missing.")
    name = disk.setdefault("name", f"{vm['name']}_{label}_{call.world.new_guid()[:8]}")
    size_gib = disk.setdefault("diskSizeGB", _DEFAULT_OS_DISK_GIB)
    sku = disk["managedDisk"].setdefault("storageAccountType", "Standard_LRS")
    arm = f"{vm['id'].rpartition('/providers/')[0]}/providers/{DISKS}/{name}"
    disk["managedDisk"]["id"] = arm
    properties: Body = {
        "creationData": {"createOption": option},
        "diskSizeGB": size_gib,
        "diskSizeBytes": size_gib * GIB,
        "diskState": "Attached",
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
        "timeCreated": moment(call.world.now),
        "provisioningState": "Succeeded",
        "uniqueId": call.world.new_guid(),
        **with_tier(sku, size_gib),
    }
    if option == "FromImage":
        disk.setdefault("osType", "Linux")
        properties |= {"osType": disk["osType"], "hyperVGeneration": "V2"}
    body = {"id": arm, "name": name, "type": DISKS, "location": vm["location"]}
    call.world.put(body | {"sku": {"name": sku}, "properties": properties})
    return disk


def _take_over(world: World, vm: Body, storage: Body) -> None:
    """The profile is the VM's from now on: disks that left are free, those that came are its."""
    before = {one.lower() for one in _disk_ids(vm)}
    vm["properties"]["storageProfile"] = storage
    now = {one.lower() for one in _disk_ids(vm)}
    running = power_state(vm) != "deallocated"
    for disk_id in before - now:
        disk = world.get(disk_id)
        if disk and str(disk.get("managedBy", "")).lower() == vm["id"].lower():
            set_owner(disk, None)
    for disk_id in now:
        if disk := world.get(disk_id):
            set_owner(disk, vm, running)


def _attach_detach(call: Call) -> Answer:
    vm, asked = require(call, VMS), call.fields
    storage = copy.deepcopy(vm["properties"].get("storageProfile") or {})
    detached = {str(one.get("diskId")).lower() for one in asked.get("dataDisksToDetach") or ()}
    data = [disk for disk in storage.get("dataDisks", ()) if _id_of(disk) not in detached]
    known = {_id_of(disk) for disk in storage.get("dataDisks", ())}
    if missing := detached - known:
        raise invalid(f"Disk '{min(missing)}' is not attached to VM '{vm['name']}'.")
    for one in asked.get("dataDisksToAttach") or ():
        data.append(_attached(one, data))
    checked = _checked_storage(call, vm, storage | {"dataDisks": data})
    vm["properties"]["provisioningState"] = "Updating"

    def finish() -> Body:
        _take_over(call.world, vm, checked)
        vm["properties"]["provisioningState"] = "Succeeded"
        return checked

    def failed(_: Body) -> None:
        vm["properties"]["provisioningState"] = "Failed"

    return begin(call, _ATTACHING, vm["location"], finish, failed=failed)


def _id_of(disk: Body) -> str:
    return str((disk.get("managedDisk") or {}).get("id", "")).lower()


def _attached(asked: Body, data: list[Body]) -> Body:
    used = {disk["lun"] for disk in data}
    free = next(lun for lun in range(len(used) + 1) if lun not in used)
    kept = ("caching", "deleteOption", "writeAcceleratorEnabled")
    return {
        "lun": asked.get("lun", free),
        "createOption": "Attach",
        "caching": "None",
        **{name: asked[name] for name in kept if name in asked},
        "managedDisk": {"id": arm_id(asked.get("diskId"))},
    }


# --- deleting --------------------------------------------------------------------------------


def _delete(call: Call) -> Answer:
    arm = resource_id(call, VMS)
    vm = call.world.get(arm)
    if vm is None:
        return Answer(204)

    def finish() -> None:
        call.world.remove(arm)
        for disk in _disks(vm["properties"].get("storageProfile") or {}):
            _leave(call.world, disk)
        network = vm["properties"].get("networkProfile") or {}
        for interface in network.get("networkInterfaces", ()):
            _free(call.world, interface)

    return begin(call, VM, vm["location"], finish)


def _leave(world: World, disk: Body) -> None:
    """What becomes of a disk whose VM is deleted."""
    found = world.get(_id_of(disk))
    if found and disk.get("deleteOption") == "Delete":
        world.remove(found["id"])
    elif found:
        set_owner(found, None)


def _free(world: World, interface: Body) -> None:
    """A network interface stays when its VM goes, unless it is to go with it."""
    found = world.get(str(interface.get("id", "")))
    if found and (interface.get("properties") or {}).get("deleteOption") == "Delete":
        world.remove(found["id"])
    elif found:
        found["properties"].pop("virtualMachine", None)


_PATH = f"{RESOURCE_GROUP}/providers/{VMS}/{{name}}"
OPERATIONS = (
    _power("start", "starting", "running"),
    _power("restart", "running", "running"),
    _power("powerOff", "stopping", "stopped"),
    _power("deallocate", "deallocating", "deallocated"),
    Operation("VirtualMachines_CreateOrUpdate", "PUT", _PATH, _put),
    Operation("VirtualMachines_Update", "PATCH", _PATH, _patch),
    Operation("VirtualMachines_Delete", "DELETE", _PATH, _delete),
    Operation(
        "VirtualMachines_AttachDetachDataDisks",
        "POST",
        f"{_PATH}/attachDetachDataDisks",
        _attach_detach,
    ),
)
