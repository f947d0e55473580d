"""Virtual machines, read: get and the lists, with and without the instance view."""

from __future__ import annotations

from advisor.regions import region_name
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation
from deploy.local.azure.compute.common import VMS, Show, in_scope, invalid, listed, moment, require
from deploy.local.azure.metadata import SUBSCRIPTION, require_subscription
from deploy.local.azure.world import Body, World

POWER_STATES = {
    "starting": "VM starting",
    "running": "VM running",
    "stopping": "VM stopping",
    "stopped": "VM stopped",
    "deallocating": "VM deallocating",
    "deallocated": "VM deallocated",
}
#: Level and words of the view's status while provisioning has not succeeded.
_PROVISIONING = {
    "Creating": ("Info", "Creating"),
    "Updating": ("Info", "Updating"),
    "Failed": ("Error", "Provisioning failed"),
}


def without_view(body: Body) -> Body:
    """The VM as a read without `$expand` gives it."""
    if "instanceView" not in body["properties"]:
        return body
    kept = {name: value for name, value in body["properties"].items() if name != "instanceView"}
    return body | {"properties": kept}


def view(world: World, vm: Body) -> Body:
    """The VM's instance view; one that is running has its agent and its disks in it."""
    kept: Body = vm["properties"].get("instanceView") or {}
    kept.setdefault("statuses", _statuses(world, "running"))
    statuses = [_as_provisioned(status, vm) for status in kept["statuses"]]
    disks = [_disk_view(disk) for disk in _disks(vm)]
    full: Body = {**kept, "statuses": statuses, "disks": disks}
    if power_state(vm) == "running" and "vmAgent" not in full:
        full["vmAgent"] = _agent(world)
    return full


def with_view(world: World) -> Show:
    """The VM as a read with `$expand=instanceView` gives it."""

    def show(body: Body) -> Body:
        return body | {"properties": body["properties"] | {"instanceView": view(world, body)}}

    return show


def power_state(vm: Body) -> str:
    """running, stopped, deallocated, ...: a VM that says nothing is running."""
    statuses = (vm["properties"].get("instanceView") or {}).get("statuses") or []
    codes = [str(status["code"]) for status in statuses]
    states = [code.partition("/")[2] for code in codes if code.lower().startswith("powerstate/")]
    return states[0] if states else "running"


def set_power_state(world: World, vm: Body, state: str) -> list[Body]:
    """The statuses that the VM's instance view has from now on."""
    kept = vm["properties"].setdefault("instanceView", {})
    statuses: list[Body] = _statuses(world, state)
    kept["statuses"] = statuses
    return statuses


def _as_provisioned(status: Body, vm: Body) -> Body:
    """A status of the view; the one about provisioning says what `provisioningState` says."""
    state = str(vm["properties"].get("provisioningState") or "Succeeded")
    if state not in _PROVISIONING or not status["code"].startswith("ProvisioningState/"):
        return status
    level, display = _PROVISIONING[state]
    code = f"ProvisioningState/{state.lower()}"
    return status | {"code": code, "level": level, "displayStatus": display}


def _statuses(world: World, state: str) -> list[Body]:
    provisioning = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
        "time": moment(world.now),
    }
    power = {"code": f"PowerState/{state}", "level": "Info", "displayStatus": POWER_STATES[state]}
    return [provisioning, power]


def _disks(vm: Body) -> list[Body]:
    storage = vm["properties"].get("storageProfile") or {}
    return [disk for disk in (storage.get("osDisk"), *storage.get("dataDisks", ())) if disk]


def _disk_view(disk: Body) -> Body:
    status = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
    }
    return {"name": disk["name"], "statuses": [status]}


def _agent(world: World) -> Body:
    status = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Ready",
        "message": "Guest Agent is running",
        "time": moment(world.now),
    }
    return {"vmAgentVersion": "2.7.41491.1139", "statuses": [status]}


# --- the reads -------------------------------------------------------------------------------


def _show(call: Call) -> Show:
    """What `$expand` and statusOnly ask for."""
    expand = call.query.get("$expand", "").lower()
    if expand not in ("", "instanceview", "userdata"):
        raise invalid(f"The value '{expand}' of parameter '$expand' is not supported.")
    wanted = expand == "instanceview" or call.query.get("statusOnly", "").lower() == "true"
    return with_view(call.world) if wanted else without_view


def _get(call: Call) -> Answer:
    return Answer(200, _show(call)(require(call, VMS)))


def _list(call: Call) -> Answer:
    return listed(call, in_scope(call, VMS), _show(call))


def _list_by_location(call: Call) -> Answer:
    here = region_name(call.params["location"])

    found = [
        vm
        for vm in call.world.of_type(VMS, f"/subscriptions/{require_subscription(call)}")
        if region_name(vm["location"]) == here
    ]
    return listed(call, found, without_view)


def _instance_view(call: Call) -> Answer:
    return Answer(200, view(call.world, require(call, VMS)))


_PATH = f"{RESOURCE_GROUP}/providers/{VMS}"
OPERATIONS = (
    Operation("VirtualMachines_Get", "GET", f"{_PATH}/{{name}}", _get),
    Operation("VirtualMachines_List", "GET", _PATH, _list),
    Operation("VirtualMachines_ListAll", "GET", f"{SUBSCRIPTION}/providers/{VMS}", _list),
    Operation(
        "VirtualMachines_ListByLocation",
        "GET",
        f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/{{location}}/virtualMachines",
        _list_by_location,
    ),
    Operation(
        "VirtualMachines_InstanceView", "GET", f"{_PATH}/{{name}}/instanceView", _instance_view
    ),
)
