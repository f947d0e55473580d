"""Replicated items: enable, read, disable; their recovery points."""

from __future__ import annotations

from datetime import datetime, timedelta

from deploy.local.azure.access import check_linked
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import VAULT, same, vault_of
from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.site_recovery.bodies import Where, fabric_above, item_body, put_replicas
from deploy.local.azure.site_recovery.jobs import Target, finish_job, start_job
from deploy.local.azure.site_recovery.pieces import (
    ITEM,
    ITEM_TYPE,
    ITEMS,
    accepted,
    container_of,
    failure,
    item_of,
    listed,
    missing,
    not_now,
)
from deploy.local.azure.site_recovery.refusals import Asked, check
from deploy.local.azure.site_recovery.replication import (
    Replicas,
    begin,
    new_replica,
    points,
    refresh,
)
from deploy.local.azure.world import Body, World

#: Enabling replication installs the agent first; a job of its own.
ENABLE = timedelta(seconds=2)

#: What Resource Graph shows of an item and REST does not.
_GRAPH_ONLY = ("dataSourceInfo",)


def rest(item: Body) -> Body:
    """An item as REST shows it."""
    details = item["properties"].get("providerSpecificDetails", {})
    shown = {key: value for key, value in details.items() if key not in _GRAPH_ONLY}
    return item | {"properties": item["properties"] | {"providerSpecificDetails": shown}}


def remove_replicas(world: World, item: Body) -> None:
    details = item["properties"]["providerSpecificDetails"]
    for disk in details.get("protectedManagedDisks") or []:
        world.remove(str(disk.get("recoveryReplicaDiskId")))


def target(item: Body) -> Target:
    """What the jobs of an item are about."""
    details = item["properties"]["providerSpecificDetails"]
    affected = {
        "PrimaryFabricId": str(item["properties"].get("primaryFabricFriendlyName")),
        "RecoveryFabricId": str(item["properties"].get("recoveryFabricFriendlyName")),
        "PrimaryFabricProviderId": "AzureFabric",
        "RecoveryFabricProviderId": str(details.get("instanceType")),
    }
    object_id = item["properties"].get("eventCorrelationId") or item["name"]
    return Target(str(object_id), item["properties"]["friendlyName"], affected=affected)


def start_replication(world: World, item: Body, vm: Body, when: datetime) -> None:
    """The item is there, and its initial copy runs."""
    world.put(item)
    world.part(Replicas).of_item[item["id"].lower()] = new_replica(world, vm, when, world.pace)
    put_replicas(world, item, when)
    refresh(world, item)


def vm_to_replicate(call: Call, vm_id: str, region: str, zone: str) -> Body:
    """The VM asked for, allowed and not replicated yet. Raises Refusal."""
    check_linked(call, vm_id, "Microsoft.Compute/virtualMachines/read")
    vm = call.world.get(vm_id)
    if vm is None:
        raise missing(vm_id.rsplit("/", 1)[-1])
    check(Asked(call.world, vm, region, zone))
    for item in call.world.of_type(ITEM_TYPE):
        held = item["properties"].get("providerSpecificDetails", {}).get("fabricObjectId")
        if same(held, vm_id):
            raise failure(
                400,
                "150258",
                f"Replication is already enabled for the virtual machine '{vm['name']}'.",
                "The virtual machine is replicated, in this vault or in another.",
                "Disable its replication before enabling it again.",
            )
    return vm


def _put(call: Call) -> Answer:
    """Enable replication: 202; the item is there, copying, when the operation is over."""
    begin(call.world)
    source = container_of(call)
    asked = call.body.get("properties") or {}
    details = asked.get("providerSpecificDetails") or {}
    where = _where(call, source, asked, details)
    region = fabric_above(call.world, where.target)["properties"]["customDetails"]["location"]
    vm = vm_to_replicate(call, str(details.get("fabricObjectId") or ""), region, where.zone)
    item = item_body(call.world, call.params["item"], vm, where)
    job = start_job(call.world, item["id"], "EnableDr", target(item), call.world.now)

    def done(when: datetime) -> None:
        start_replication(call.world, item, vm, when)
        finish_job(job, when)

    return accepted(call, item["id"], takes=ENABLE, done=done, result=lambda: rest(item), job=job)


def _where(call: Call, source: Body, asked: Body, details: Body) -> Where:
    if details.get("instanceType") != "A2A":
        told = "Only replication between Azure regions (A2A) is served here."
        raise failure(400, "InvalidParameter", told, "The provider is not A2A.", "Use A2A.")
    recovery = call.world.get(str(details.get("recoveryContainerId") or ""))
    policy = call.world.get(str(asked.get("policyId") or ""))
    if recovery is None or policy is None:
        raise missing("recoveryContainerId" if recovery is None else "policyId")
    group = str(details.get("recoveryResourceGroupId") or "")
    if not group:
        told = "The recovery resource group is needed."
        raise failure(400, "InvalidParameter", told, "It is not given.", "Give it.")
    return Where(
        source,
        recovery,
        policy,
        group,
        str(details.get("recoveryAvailabilityZone") or ""),
        details.get("recoveryAzureNetworkId"),
        tuple(details.get("vmManagedDisks") or ()),
    )


def _get(call: Call) -> Answer:
    begin(call.world)
    return Answer(200, rest(refresh(call.world, item_of(call))))


def _list(call: Call) -> Answer:
    begin(call.world)
    scope = container_of(call)["id"] if "container" in call.params else vault_of(call)["id"]
    rows = [rest(refresh(call.world, item)) for item in call.world.of_type(ITEM_TYPE, scope)]
    answer = paged(call, rows)
    return Answer(200, {"nextLink": None, **answer.body})


def _disable(call: Call) -> Answer:
    """Stop replication; the VM stays, its replica disks go."""
    begin(call.world)
    item = item_of(call)
    if "TestFailoverCleanup" in item["properties"]["allowedOperations"]:
        raise not_now("DisableProtection", "test failover clean-up pending")
    job = start_job(call.world, item["id"], "DisableDr", target(item), call.world.now)

    def done(when: datetime) -> None:
        forget(call.world, item)
        finish_job(job, when)

    return accepted(call, item["id"], done=done, job=job)


def forget(world: World, item: Body) -> None:
    """The item and its replica disks are no more."""
    remove_replicas(world, item)
    world.remove(item["id"])
    world.part(Replicas).of_item.pop(item["id"].lower(), None)


def _points(call: Call) -> Answer:
    begin(call.world)
    return listed(points(call.world, refresh(call.world, item_of(call))))


def _point(call: Call) -> Answer:
    begin(call.world)
    for point in points(call.world, refresh(call.world, item_of(call))):
        if point["name"] == call.params["point"]:
            return Answer(200, point)
    raise missing(call.params["point"])


OPERATIONS = (
    Operation("ReplicationProtectedItems_Create", "PUT", ITEM, _put),
    Operation("ReplicationProtectedItems_Get", "GET", ITEM, _get),
    Operation(
        "ReplicationProtectedItems_ListByReplicationProtectionContainers", "GET", ITEMS, _list
    ),
    Operation("ReplicationProtectedItems_List", "GET", f"{VAULT}/replicationProtectedItems", _list),
    Operation("ReplicationProtectedItems_Delete", "POST", f"{ITEM}/remove", _disable),
    Operation("ReplicationProtectedItems_Purge", "DELETE", ITEM, _disable),
    Operation(
        "RecoveryPoints_ListByReplicationProtectedItems", "GET", f"{ITEM}/recoveryPoints", _points
    ),
    Operation("ReplicationRecoveryPoints_Get", "GET", f"{ITEM}/recoveryPoints/{{point}}", _point),
)
