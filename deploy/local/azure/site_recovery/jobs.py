"""Site Recovery's jobs: what was started, its tasks, and how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.local.azure.backup.clock import read, stamp
from deploy.local.azure.backup.places import VAULT, vault_id_of, vault_of
from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.site_recovery.pieces import JOB_TYPE, accepted, found_at, listed, not_now
from deploy.local.azure.world import Body, World

#: Scenario, what a person reads, and the tasks it is made of.
SCENARIOS = {
    "EnableDr": ("Enable replication", ("Prerequisites check", "Enable replication")),
    "DisableDr": ("Disable replication", ("Disable replication",)),
    "TestFailover": (
        "Test failover",
        ("Prerequisites check", "Create test virtual machine", "Start the virtual machine"),
    ),
    "TestFailoverCleanup": ("Test failover cleanup", ("Delete the test virtual machine",)),
    "UnplannedFailover": (
        "Failover",
        ("Prerequisites check", "Start failover", "Create the virtual machine"),
    ),
    "CommitFailover": ("Commit", ("Commit failover",)),
    "ApplyRecoveryPoint": ("Change recovery point", ("Apply recovery point",)),
    "SwitchProtection": ("Reprotect", ("Reverse the direction of replication",)),
    "CreateRecoveryPlan": ("Create a recovery plan", ("Create a recovery plan task",)),
    "DeleteRecoveryPlan": ("Delete a recovery plan", ("Delete a recovery plan task",)),
}


@dataclass(frozen=True)
class Target:
    """What a job is about."""

    object_id: str
    name: str
    kind: str = "ProtectionEntity"
    affected: dict[str, str] = field(default_factory=dict)


def start_job(world: World, owner_id: str, scenario: str, target: Target, when: datetime) -> Body:
    """Put a job in progress into the world; `owner_id` is anything below the vault."""
    friendly, tasks = SCENARIOS[scenario]
    name = world.new_guid()
    arm_id = f"{vault_id_of(owner_id)}/replicationJobs/{name}"
    properties = {
        "activityId": f"{world.new_guid()} ActivityId: {world.new_guid()}",
        "scenarioName": scenario,
        "friendlyName": friendly,
        "state": "InProgress",
        "stateDescription": "InProgress",
        "tasks": [_task(task, when) for task in tasks],
        "errors": [],
        "startTime": stamp(when),
        "endTime": None,
        "allowedActions": ["Cancel"],
        "targetObjectId": target.object_id,
        "targetObjectName": target.name,
        "targetInstanceType": target.kind,
        "customDetails": {
            "instanceType": "AsrJobDetails",
            "affectedObjectDetails": target.affected,
        },
    }
    return world.put({"id": arm_id, "name": name, "type": JOB_TYPE, "properties": properties})


def _task(name: str, when: datetime) -> Body:
    plain = re.sub(r"\W+", "", name.title())
    return {
        "taskId": f"{plain}Task",
        "name": f"{plain}Task",
        "startTime": stamp(when),
        "endTime": None,
        "allowedActions": [],
        "friendlyName": name,
        "state": "InProgress",
        "stateDescription": "InProgress",
        "taskType": "TaskDetails",
        "customDetails": {"instanceType": "TaskDetails"},
        "groupTaskCustomDetails": None,
        "errors": [],
    }


def finish_job(job: Body, when: datetime, error: Body | None = None) -> None:
    """End a job; `error` has code, message, possibleCauses, recommendedAction."""
    state, told = ("Failed", "Failed") if error else ("Succeeded", "Completed")
    ended = {"state": state, "stateDescription": told, "endTime": stamp(when)}
    job["properties"] |= ended | {"allowedActions": ["Restart"] if error else []}
    for task in job["properties"]["tasks"]:
        task |= ended
    if error:
        job["properties"]["errors"] = [
            {
                "serviceErrorDetails": error,
                "errorLevel": "Error",
                "creationTime": stamp(when),
                "taskId": job["properties"]["tasks"][-1]["taskId"],
            }
        ]


def _list(call: Call) -> Answer:
    """Newest first, without tasks; `$filter` as the portal sends it: a period and a state."""
    vault = vault_of(call)
    wanted = dict(re.findall(r"(\w+) eq '([^']*)'", call.query.get("$filter", "")))
    since, until = read(wanted.get("startTime")), read(wanted.get("endTime"))
    rows = []
    for job in call.world.of_type(JOB_TYPE, vault["id"]):
        began = read(job["properties"]["startTime"])
        in_time = began and (not since or began >= since) and (not until or began <= until)
        fits = wanted.get("jobStatus") in (None, job["properties"]["state"])
        if in_time and fits:
            hidden: Body = {"tasks": [], "activityId": None, "customDetails": None}
            rows.append(job | {"properties": job["properties"] | hidden})
    rows.sort(key=lambda job: str(job["properties"]["startTime"]), reverse=True)
    return listed(rows)


def _get(call: Call) -> Answer:
    return Answer(200, found_at(call, f"replicationJobs/{call.params['job']}"))


def _restart(call: Call) -> Answer:
    """A job that failed is tried again: here it succeeds, which is what a restart hopes for."""
    job = found_at(call, f"replicationJobs/{call.params['job']}")
    if job["properties"]["state"] != "Failed":
        raise not_now("Restart", job["properties"]["state"])
    job["properties"] |= {"state": "InProgress", "stateDescription": "InProgress", "errors": []}

    def done(when: datetime) -> None:
        finish_job(job, when)

    return accepted(call, job["id"], done=done, takes=timedelta(seconds=1), job=job)


_JOB = f"{VAULT}/replicationJobs/{{job}}"

OPERATIONS = (
    Operation("ReplicationJobs_List", "GET", f"{VAULT}/replicationJobs", _list),
    Operation("ReplicationJobs_Get", "GET", _JOB, _get),
    Operation("ReplicationJobs_Restart", "POST", f"{_JOB}/restart", _restart),
)
