"""Failing over: a test and its clean-up, the real one, commit, and replication back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from deploy.local.azure import locks
from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.places import same
from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.replication_states import (
    AWAITING_CLEANUP,
    COMMITTED,
    FAILED_OVER,
    PROTECTED,
    STATES,
    told_of,
)
from deploy.local.azure.site_recovery.bodies import Where, item_body, no_scenario
from deploy.local.azure.site_recovery.items import (
    forget,
    rest,
    start_replication,
    target,
)
from deploy.local.azure.site_recovery.jobs import finish_job, start_job
from deploy.local.azure.site_recovery.machines import (
    make_vm,
    remove_vm,
    shut_down,
    target_vm_id,
)
from deploy.local.azure.site_recovery.pieces import (
    CONTAINER,
    ITEM,
    ITEM_TYPE,
    PLAN_TYPE,
    accepted,
    container_of,
    failure,
    item_of,
    missing,
    not_now,
)
from deploy.local.azure.site_recovery.replication import begin, points, refresh
from deploy.local.azure.world import Body, World

#: How long Azure is taken to need; the RTO's agreement is one hour, mostly it is minutes.
FAILOVER = timedelta(minutes=5)
CLEANUP = timedelta(minutes=1)
COMMIT = timedelta(seconds=2)


def demand(item: Body, operation: str) -> None:
    """Raises Refusal where the item's state does not allow an operation."""
    if operation not in (item["properties"].get("allowedOperations") or []):
        raise not_now(operation, str(item["properties"].get("protectionState")))


def _chosen_point(world: World, item: Body, asked: Body) -> Body:
    """The point asked for, or the latest. Raises Refusal for one there is not."""
    wanted = (asked.get("providerSpecificDetails") or {}).get("recoveryPointId")
    known = points(world, item)
    if not wanted:
        if not known:
            raise missing("recoveryPoint")
        return known[0]
    for point in known:
        if same(point["id"], wanted) or point["name"] == wanted:
            return point
    raise missing(str(wanted).rsplit("/", 1)[-1])


def _start(
    call: Call,
    item: Body,
    scenario: str,
    takes: timedelta,
    done: Callable[[datetime], None],
    results_of: str | None = None,
    result: Body | None = None,
) -> Answer:
    """A job on an item: no other is allowed until it ends; 202 with both headers."""
    begin(call.world)
    properties = item["properties"]
    job = start_job(call.world, item["id"], scenario, target(item), call.world.now)
    before = list(properties["allowedOperations"])
    properties["allowedOperations"] = []
    properties["currentScenario"] = {
        "scenarioName": scenario,
        "jobId": job["id"],
        "startTime": job["properties"]["startTime"],
    }

    def finish(when: datetime) -> None:
        properties["allowedOperations"] = before
        properties["currentScenario"] = no_scenario(item["id"])
        done(when)
        finish_job(job, when)

    return accepted(
        call,
        results_of or item["id"],
        takes=takes,
        done=finish,
        result=lambda: rest(result or item),
        job=job,
    )


def start_test(call: Call, item: Body, asked: Body) -> Answer:
    """Make the test VM and its disks in the recovery region; production goes on."""
    demand(refresh(call.world, item), "TestFailover")
    _chosen_point(call.world, item, asked)
    if asked.get("networkType") == "VmNetworkAsInput" and not asked.get("networkId"):
        told = "A network is needed for a test failover with VmNetworkAsInput."
        raise failure(400, "InvalidParameter", told, "No network is given.", "Give its id.")
    vm_id = target_vm_id(item, "tfoAzureVMName")
    if call.world.get(vm_id) is not None:
        told = f"A virtual machine '{vm_id.rsplit('/', 1)[1]}' exists in the recovery group."
        raise failure(
            400, "TargetVmExists", told, "An earlier test was not cleaned up.", "Delete it."
        )
    locks.refuse_if_locked(call.world, "PUT", vm_id)

    def done(when: datetime) -> None:
        make_vm(call.world, item, vm_id, "tfoDiskName", when)
        details = item["properties"]["providerSpecificDetails"]
        details["testFailoverRecoveryFabricObjectId"] = vm_id.lower()
        errors = [e for e in item["properties"]["healthErrors"] if e.get("errorCode") != "161011"]
        item["properties"] |= {
            "testFailoverState": "WaitingForCompletion",
            "testFailoverStateDescription": "Waiting for user input",
            "protectionStateDescription": AWAITING_CLEANUP,
            "allowedOperations": ["TestFailoverCleanup"],
            "lastSuccessfulTestFailoverTime": stamp(when),
            "healthErrors": errors,
            "failoverHealth": "Normal" if not errors else item["properties"]["failoverHealth"],
        }

    return _start(call, item, "TestFailover", FAILOVER, done)


def clean_up(call: Call, item: Body, asked: Body) -> Answer:
    """Delete what the test failover made."""
    demand(item, "TestFailoverCleanup")

    def done(when: datetime) -> None:
        vm_id = target_vm_id(item, "tfoAzureVMName")
        remove_vm(call.world, vm_id)
        item["properties"]["providerSpecificDetails"]["testFailoverRecoveryFabricObjectId"] = None
        item["properties"] |= {
            "testFailoverState": "None",
            "testFailoverStateDescription": "None",
            "protectionStateDescription": STATES[PROTECTED].told,
            "allowedOperations": list(STATES[PROTECTED].operations),
        }

    return _start(call, item, "TestFailoverCleanup", CLEANUP, done)


def fail_over(call: Call, item: Body, asked: Body) -> Answer:
    """The real one: the VM runs in the recovery region; the source is shut down if asked."""
    demand(refresh(call.world, item), "UnplannedFailover")
    point = _chosen_point(call.world, item, asked)
    vm_id = target_vm_id(item, "recoveryAzureVMName")
    locks.refuse_if_locked(call.world, "PUT", vm_id)

    def done(when: datetime) -> None:
        if asked.get("sourceSiteOperations") == "Required":
            shut_down(call.world, item["properties"]["providerSpecificDetails"]["fabricObjectId"])
        make_vm(call.world, item, vm_id, "failoverDiskName", when)
        details = item["properties"]["providerSpecificDetails"]
        details |= {"recoveryFabricObjectId": vm_id.lower(), "rpoInSeconds": None}
        item["properties"] |= {
            **told_of(FAILED_OVER),
            "failoverRecoveryPointId": point["id"],
            "lastSuccessfulFailoverTime": stamp(when),
        }

    return _start(call, item, "UnplannedFailover", FAILOVER, done)


def commit(call: Call, item: Body, asked: Body) -> Answer:
    """Keep the failed-over state: other points cannot be chosen any more."""
    demand(item, "Commit")

    def done(when: datetime) -> None:
        item["properties"] |= told_of(COMMITTED)

    return _start(call, item, "CommitFailover", COMMIT, done)


def _apply_point(call: Call, item: Body, asked: Body) -> Answer:
    demand(item, "ChangePit")
    wanted = str(asked.get("recoveryPointId") or "")
    if not wanted.lower().startswith(item["id"].lower()):
        raise missing(wanted.rsplit("/", 1)[-1])

    def done(when: datetime) -> None:
        item["properties"]["failoverRecoveryPointId"] = wanted

    return _start(call, item, "ApplyRecoveryPoint", FAILOVER, done)


def _switch(call: Call) -> Answer:
    """Replicate back: the item moves to the other container, and copies anew (recorded)."""
    container_of(call)
    asked = call.body.get("properties") or {}
    details = asked.get("providerSpecificDetails") or {}
    name = str(asked.get("replicatedItemName") or asked.get("replicationProtectedItemName") or "")
    item = call.world.get(f"{container_of(call)['id']}/replicationProtectedItems/{name}")
    if item is None:
        raise missing(name)
    return switch(call, item, details)


def switch(call: Call, item: Body, details: Body) -> Answer:
    """Reverse an item that was failed over and committed. `details` is the A2A input, or {}."""
    demand(item, "ReProtect")
    world = call.world
    old = item["properties"]["providerSpecificDetails"]
    vm = world.get(str(old.get("recoveryFabricObjectId")))
    if vm is None:
        told = "The failed-over virtual machine does not exist."
        raise failure(400, "VmNotFound", told, "It was moved or deleted.", "Replicate it anew.")
    where = _reverse(world, item, details)
    turned = item_body(world, item["name"], vm, where)
    for field in ("initialPrimaryFabricLocation", "initialRecoveryFabricLocation"):
        turned["properties"]["providerSpecificDetails"][field] = old.get(field)

    def done(when: datetime) -> None:
        forget(world, item)
        start_replication(world, turned, vm, when)
        _follow_in_plans(world, item["id"], turned["id"])

    container = item["id"].split("/replicationProtectedItems/", 1)[0]
    return _start(call, item, "SwitchProtection", COMMIT, done, container, turned)


def _follow_in_plans(world: World, old_id: str, new_id: str) -> None:
    """The recovery plans that have the item go on having it where it is now."""
    for plan in world.of_type(PLAN_TYPE):
        for group in plan["properties"]["groups"]:
            for member in group["replicationProtectedItems"]:
                if same(member["id"], old_id):
                    member["id"] = new_id


def _reverse(world: World, item: Body, details: Body) -> Where:
    source_path = item["id"].split("/replicationProtectedItems/", 1)[0]
    back = world.resources[source_path.lower()]
    other = str(item["properties"].get("recoveryContainerId") or "")
    now_primary = world.resources.get(other.lower()) or _container_in(world, item)
    policy = world.resources.get(
        str(details.get("policyId") or item["properties"]["policyId"]).lower()
    )
    if policy is None:
        raise missing(str(details.get("policyId")).rsplit("/", 1)[-1])
    source_vm = str(item["properties"]["providerSpecificDetails"]["fabricObjectId"])
    group = str(details.get("recoveryResourceGroupId") or source_vm.split("/providers/")[0])
    disks = tuple(details.get("vmManagedDisks") or ())
    return Where(now_primary, back, policy, group, disks=disks)


def _container_in(world: World, item: Body) -> Body:
    """The container of the recovery fabric, for an item that does not name it."""
    scope = str(item["properties"]["recoveryFabricId"])
    kind = ITEM_TYPE.rsplit("/", 1)[0].lower()
    for body in world.resources.values():
        below = body["id"].lower().startswith(scope.lower() + "/")
        if below and str(body["type"]).lower() == kind:
            return body
    raise missing(scope.rsplit("/", 1)[-1])


Action = Callable[[Call, Body, Body], Answer]


def _on_item(action: Action) -> Callable[[Call], Answer]:
    def handler(call: Call) -> Answer:
        begin(call.world)
        return action(call, item_of(call), call.body.get("properties") or {})

    return handler


OPERATIONS = (
    Operation(
        "ReplicationProtectedItems_TestFailover",
        "POST",
        f"{ITEM}/testFailover",
        _on_item(start_test),
    ),
    Operation(
        "ReplicationProtectedItems_TestFailoverCleanup",
        "POST",
        f"{ITEM}/testFailoverCleanup",
        _on_item(clean_up),
    ),
    Operation(
        "ReplicationProtectedItems_UnplannedFailover",
        "POST",
        f"{ITEM}/unplannedFailover",
        _on_item(fail_over),
    ),
    Operation(
        "ReplicationProtectedItems_FailoverCommit",
        "POST",
        f"{ITEM}/failoverCommit",
        _on_item(commit),
    ),
    Operation(
        "ReplicationProtectedItems_ApplyRecoveryPoint",
        "POST",
        f"{ITEM}/applyRecoveryPoint",
        _on_item(_apply_point),
    ),
    Operation(
        "ReplicationProtectionContainers_SwitchProtection",
        "POST",
        f"{CONTAINER}/switchprotection",
        _switch,
    ),
)
