"""Virtual machine scale sets, read: the sets, and the instances of one."""

from __future__ import annotations

from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.compute.common import VMS, listed, reads, require
from deploy.local.azure.compute.machines import with_view, without_view
from deploy.local.azure.world import Body

SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets"
INSTANCES = f"{SCALE_SETS}/virtualMachines"


def _instances(call: Call) -> list[Body]:
    """Those of a uniform set, or the VMs that name a flexible one as theirs."""
    scale_set = require(call, SCALE_SETS)
    own = call.world.of_type(INSTANCES, scale_set["id"])
    scope = "/".join(scale_set["id"].split("/")[:3])
    members = [vm for vm in call.world.of_type(VMS, scope) if _is_member(vm, scale_set)]
    return own + members


def _is_member(vm: Body, scale_set: Body) -> bool:
    named = vm["properties"].get("virtualMachineScaleSet") or {}
    return str(named.get("id", "")).lower() == str(scale_set["id"]).lower()


def _list_instances(call: Call) -> Answer:
    expanded = call.query.get("$expand", "").lower() == "instanceview"
    return listed(call, _instances(call), with_view(call.world) if expanded else without_view)


def _get_instance(call: Call) -> Answer:
    wanted = call.params["instance"].lower()
    for one in _instances(call):
        if wanted in (str(one.get("instanceId", "")).lower(), one["name"].lower()):
            return Answer(200, without_view(one))
    message = f"The entity '{wanted}' was not found in scale set '{call.params['name']}'."
    raise Refusal(404, "NotFound", message)


_PATH = f"{RESOURCE_GROUP}/providers/{SCALE_SETS}/{{name}}/virtualMachines"
OPERATIONS = (
    *reads("VirtualMachineScaleSets", SCALE_SETS, lists=("List", "ListAll")),
    Operation("VirtualMachineScaleSetVMs_List", "GET", _PATH, _list_instances),
    Operation("VirtualMachineScaleSetVMs_Get", "GET", f"{_PATH}/{{instance}}", _get_instance),
)
