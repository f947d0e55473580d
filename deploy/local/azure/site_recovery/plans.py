"""Recovery plans: groups of replicated items that fail over together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.places import VAULT, vault_of
from deploy.local.azure.backup.tracking import Operations
from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.site_recovery import failover
from deploy.local.azure.site_recovery.jobs import Target, finish_job, start_job
from deploy.local.azure.site_recovery.pieces import (
    PLAN_TYPE,
    accepted,
    failure,
    found_at,
    listed,
    missing,
)
from deploy.local.azure.site_recovery.replication import begin, refresh
from deploy.local.azure.world import Body, World

#: A plan has at most this many items and groups of machines (Site Recovery docs).
MOST_ITEMS = 100
MOST_GROUPS = 7

_PLANS = f"{VAULT}/replicationRecoveryPlans"
_PLAN = f"{_PLANS}/{{plan}}"


def _plan_of(call: Call) -> Body:
    return found_at(call, f"replicationRecoveryPlans/{call.params['plan']}")


def _items(world: World, plan: Body) -> list[Body]:
    """The plan's items in the order of its groups. Raises Refusal for one that is gone."""
    found = []
    for path in _paths(plan):
        item = world.get(path)
        if item is None:
            raise missing(path.rsplit("/", 1)[1])
        found.append(refresh(world, item))
    return found


def _paths(plan: Body) -> list[str]:
    groups = plan["properties"]["groups"]
    return [str(one["id"]) for group in groups for one in group["replicationProtectedItems"]]


def _put(call: Call) -> Answer:
    vault = vault_of(call)
    asked = call.body.get("properties") or {}
    arm_id = f"{vault['id']}/replicationRecoveryPlans/{call.params['plan']}"
    fabrics = [call.world.get(str(asked.get(f"{one}FabricId"))) for one in ("primary", "recovery")]
    if fabrics[0] is None or fabrics[1] is None:
        raise missing("primaryFabricId" if fabrics[0] is None else "recoveryFabricId")
    properties = {
        "friendlyName": call.params["plan"],
        "primaryFabricId": fabrics[0]["id"],
        "primaryFabricFriendlyName": fabrics[0]["properties"]["friendlyName"],
        "recoveryFabricId": fabrics[1]["id"],
        "recoveryFabricFriendlyName": fabrics[1]["properties"]["friendlyName"],
        "failoverDeploymentModel": asked.get("failoverDeploymentModel", "ResourceManager"),
        "replicationProviders": ["A2A"],
        "allowedOperations": [],
        "currentScenario": None,
        "currentScenarioStatus": None,
        "currentScenarioStatusDescription": None,
        "groups": _groups(call.world, asked.get("groups") or []),
        "providerSpecificDetails": asked.get("providerSpecificInput") or [],
    }
    name = call.params["plan"]
    plan = {"id": arm_id, "name": name, "type": PLAN_TYPE, "properties": properties}
    _items(call.world, plan)
    job = _job(call, plan, "CreateRecoveryPlan")

    def done(when: datetime) -> None:
        call.world.put(plan)
        finish_job(job, when)

    return accepted(call, arm_id, done=done, result=lambda: _shown(call.world, plan), job=job)


def _groups(world: World, asked: list[Body]) -> list[Body]:
    """Shutdown and failover come first, then the boot groups as asked (recorded)."""
    boots = [group for group in asked if group.get("groupType") == "Boot"]
    count = sum(len(group.get("replicationProtectedItems") or []) for group in boots)
    if not boots or not count or count > MOST_ITEMS or len(boots) > MOST_GROUPS:
        raise failure(
            400,
            "InvalidRecoveryPlan",
            f"A recovery plan has 1 to {MOST_ITEMS} items in 1 to {MOST_GROUPS} groups.",
            "There are none, or too many.",
            "Change the groups of the plan.",
        )
    empty = [_group("Shutdown", {}, []), _group("Failover", {}, [])]
    return empty + [_group("Boot", group, _members(world, group)) for group in boots]


def _group(kind: str, asked: Body, members: list[Body]) -> Body:
    return {
        "groupType": kind,
        "replicationProtectedItems": members,
        "startGroupActions": asked.get("startGroupActions") or [],
        "endGroupActions": asked.get("endGroupActions") or [],
    }


def _members(world: World, group: Body) -> list[Body]:
    rows = []
    for one in group.get("replicationProtectedItems") or []:
        item = world.get(str(one.get("id")))
        if item is None:
            raise missing(str(one.get("id")).rsplit("/", 1)[-1])
        vm = item["properties"].get("eventCorrelationId") or item["name"]
        rows.append({"id": item["id"], "virtualMachineId": vm})
    return rows


def _job(call: Call, plan: Body, scenario: str) -> Body:
    about = Target(plan["name"], plan["name"], "RecoveryPlan")
    return start_job(call.world, plan["id"], scenario, about, call.world.now)


def _shown(world: World, plan: Body) -> Body:
    """With the operations that all its items allow; one whose replication was disabled, none."""
    allowed = [
        set(refresh(world, item)["properties"]["allowedOperations"]) if item else set()
        for item in (world.get(path) for path in _paths(plan))
    ]
    every = set.intersection(*allowed) if allowed else set()
    order = ("UnplannedFailover", "TestFailover", "TestFailoverCleanup", "Commit", "ReProtect")
    shown = plan["properties"] | {"allowedOperations": [one for one in order if one in every]}
    return plan | {"properties": shown}


def _get(call: Call) -> Answer:
    begin(call.world)
    return Answer(200, _shown(call.world, _plan_of(call)))


def _list(call: Call) -> Answer:
    """A list leaves the groups empty (recorded)."""
    begin(call.world)
    rows = [
        _shown(call.world, plan) for plan in call.world.of_type(PLAN_TYPE, vault_of(call)["id"])
    ]
    return listed([row | {"properties": row["properties"] | {"groups": []}} for row in rows])


def _patch(call: Call) -> Answer:
    plan = _plan_of(call)
    groups = _groups(call.world, (call.body.get("properties") or {}).get("groups") or [])

    def done(when: datetime) -> None:
        plan["properties"]["groups"] = groups

    return accepted(call, plan["id"], done=done, result=lambda: _shown(call.world, plan))


def _delete(call: Call) -> Answer:
    plan = _plan_of(call)
    job = _job(call, plan, "DeleteRecoveryPlan")

    def done(when: datetime) -> None:
        call.world.remove(plan["id"])
        finish_job(job, when)

    return accepted(call, plan["id"], done=done, job=job)


def _act(
    action: Callable[[Call, Body, Body], Answer], scenario: str, needs: str, call: Call
) -> Answer:
    """Do it to every item, side by side; the plan's operation ends with the last of them."""
    begin(call.world)
    plan = _plan_of(call)
    items = _items(call.world, plan)
    asked = {k: v for k, v in (call.body.get("properties") or {}).items() if k != _DETAILS}
    for item in items:
        failover.demand(item, needs)
    job = _job(call, plan, scenario)
    _show_scenario(plan, job, "InProgress")
    known = set(call.world.part(Operations))
    for item in items:
        action(call, item, asked)
    ends = [one.ends for name, one in call.world.part(Operations).items() if name not in known]

    def done(when: datetime) -> None:
        _show_scenario(plan, job, "Succeeded")
        plan["properties"][_LAST[scenario]] = stamp(when)
        finish_job(job, when)

    takes = max(ends) - call.world.now
    return accepted(
        call,
        plan["id"],
        takes=takes / (call.world.pace or 1),
        done=done,
        result=lambda: _shown(call.world, plan),
        job=job,
    )


_DETAILS = "providerSpecificDetails"
_LAST = {
    "TestFailover": "lastTestFailoverTime",
    "TestFailoverCleanup": "lastTestFailoverCleanupTime",
    "UnplannedFailover": "lastUnplannedFailoverTime",
    "CommitFailover": "lastCommitTime",
    "SwitchProtection": "lastReprotectTime",
}


def _show_scenario(plan: Body, job: Body, status: str) -> None:
    properties = plan["properties"]
    properties["currentScenario"] = {
        "scenarioName": job["properties"]["scenarioName"],
        "jobId": job["id"],
        "startTime": job["properties"]["startTime"],
    }
    properties["currentScenarioStatus"] = status
    properties["currentScenarioStatusDescription"] = {"Succeeded": "Completed"}.get(status, status)


_ACTIONS = (
    ("TestFailover", "testFailover", failover.start_test, "TestFailover", "TestFailover"),
    (
        "TestFailoverCleanup",
        "testFailoverCleanup",
        failover.clean_up,
        "TestFailoverCleanup",
        "TestFailoverCleanup",
    ),
    (
        "UnplannedFailover",
        "unplannedFailover",
        failover.fail_over,
        "UnplannedFailover",
        "UnplannedFailover",
    ),
    ("FailoverCommit", "failoverCommit", failover.commit, "CommitFailover", "Commit"),
    ("Reprotect", "reProtect", failover.switch, "SwitchProtection", "ReProtect"),
)

OPERATIONS = (
    Operation("ReplicationRecoveryPlans_Create", "PUT", _PLAN, _put),
    Operation("ReplicationRecoveryPlans_Update", "PATCH", _PLAN, _patch),
    Operation("ReplicationRecoveryPlans_Get", "GET", _PLAN, _get),
    Operation("ReplicationRecoveryPlans_List", "GET", _PLANS, _list),
    Operation("ReplicationRecoveryPlans_Delete", "DELETE", _PLAN, _delete),
    *(
        Operation(
            f"ReplicationRecoveryPlans_{name}",
            "POST",
            f"{_PLAN}/{path}",
            partial(_act, action, scenario, needs),
        )
        for name, path, action, scenario, needs in _ACTIONS
    ),
)
