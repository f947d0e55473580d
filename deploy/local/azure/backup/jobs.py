"""Backup jobs: bodies of the world (Resource Graph sees them), their clockwork, and reading them.

A job shows as Resource Graph and REST show it; tasks and percent are worked out when it is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.clock import duration, read, stamp
from deploy.local.azure.backup.filters import filtered, time_of
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import JOB_TYPE, VAULT, vault_of
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

#: A key of a restore's property bag, as `az backup job show` prints it (backup-cli, restore-disks,
#: 2019-12): with the blank at its end, and a time as people in the United States write it.
POINT_TIME = "Recovery point time "

#: Jobs older than this are forgotten; Resource Graph itself shows 14 days.
KEPT = timedelta(days=30)


@dataclass
class Progress:
    """What the body of a job does not show: its tasks and when each is over."""

    started: datetime
    tasks: list[tuple[str, datetime]]  #: name, planned end
    facts: dict[str, str]
    cancelled: bool = False
    error: Body | None = None

    @property
    def planned_end(self) -> datetime:
        return self.tasks[-1][1]


@dataclass
class Jobs:
    """Progress by the job's lower-cased id."""

    running: dict[str, Progress] = field(default_factory=dict)


@dataclass(frozen=True)
class JobPlan:
    """A job about to start: `tasks` are (name, how long), already at the world's pace."""

    vault: str
    vm_name: str
    operation: str  #: Backup, ConfigureBackup, Restore, DeleteBackupData, ...
    tasks: list[tuple[str, timedelta]]
    facts: dict[str, str] = field(default_factory=dict)
    by_user: bool = True


def bag_time(at: datetime) -> str:
    """`12/25/2019 10:07:11 PM`, in UTC."""
    hour = at.hour % 12 or 12
    return f"{at.month}/{at.day}/{at.year} {hour}:{at:%M:%S %p}"


def start_job(world: World, plan: JobPlan, when: datetime) -> Body:
    """Put a job in progress into the world; `finish_job` ends it."""
    name = world.new_guid()
    ends, tasks = when, []
    for task, takes in plan.tasks:
        ends += takes
        tasks.append((task, ends))
    properties = {
        "jobType": "AzureIaaSVMJob",
        "duration": "PT0S",
        "actionsInfo": [1] if plan.operation in ("Backup", "Restore") else [],
        "virtualMachineVersion": "Compute",
        "isUserTriggered": plan.by_user,
        "entityFriendlyName": plan.vm_name,
        "backupManagementType": "AzureIaasVM",
        "operation": plan.operation,
        "status": "InProgress",
        "startTime": stamp(when),
        "activityId": world.new_guid(),
    }
    job_id = f"{plan.vault}/backupJobs/{name}"
    facts = {"VM Name": plan.vm_name, **plan.facts}
    world.part(Jobs).running[job_id.lower()] = Progress(when, tasks, facts)
    return world.put({"id": job_id, "name": name, "type": JOB_TYPE, "properties": properties})


def finish_job(world: World, job: Body, when: datetime, error: Body | None = None) -> None:
    """End a job that is still in progress; `error` has code, message and advice."""
    properties = job["properties"]
    if properties["status"] not in ("InProgress", "Cancelling"):
        return
    progress = world.part(Jobs).running[job["id"].lower()]
    progress.error = error
    done = "Cancelled" if progress.cancelled else "Failed" if error else "Completed"
    properties |= {"status": done, "endTime": stamp(when), "actionsInfo": []}
    properties["duration"] = duration(when - progress.started)
    if error:
        properties["errorDetails"] = [
            {
                "errorCode": 400,
                "errorTitle": error["code"],
                "errorString": error["message"],
                "recommendations": [error["advice"]] if error.get("advice") else [],
            }
        ]


def forget_old_jobs(world: World, now: datetime) -> None:
    """Drop what ended longer ago than jobs are kept."""
    old = [
        key
        for key, body in world.resources.items()
        if body.get("type") == JOB_TYPE
        and (ended := read(body["properties"].get("endTime"))) is not None
        and ended < now - KEPT
    ]
    for key in old:
        del world.resources[key]
        world.part(Jobs).running.pop(key, None)


def _shown(world: World, job: Body, *, with_details: bool) -> Body:
    """The job as read now: duration so far, and with details tasks and percent."""
    properties = dict(job["properties"])
    progress = world.part(Jobs).running.get(job["id"].lower())
    running = properties["status"] == "InProgress"
    if running and progress:
        properties["duration"] = duration(world.now - progress.started)
    if with_details:
        properties["extendedInfo"] = _details(world, properties, progress, running)
    return job | {"properties": properties}


def _details(world: World, properties: Body, progress: Progress | None, running: bool) -> Body:
    if progress is None:
        return {"tasksList": [], "propertyBag": {"VM Name": properties["entityFriendlyName"]}}
    ended = read(properties.get("endTime")) or world.now
    body: Body = {"tasksList": _tasks(progress, properties["status"], ended)}
    body["propertyBag"] = dict(progress.facts)
    if running:
        whole = (progress.planned_end - progress.started).total_seconds() or 1
        share = (world.now - progress.started).total_seconds() / whole
        body["progressPercentage"] = round(min(max(share, 0), 0.99) * 100, 1)
        body["estimatedRemainingDuration"] = duration(progress.planned_end - world.now)
    if progress.error:
        body["dynamicErrorMessage"] = progress.error["message"]
    return body


def _tasks(progress: Progress, status: str, now: datetime) -> list[Body]:
    shown, began = [], progress.started
    for name, ends in progress.tasks:
        if now >= ends and not progress.error:
            state = "Completed"
        elif now >= began:
            state = status if status != "Completed" else "Completed"
        else:
            state = "NotStarted" if status == "InProgress" else "Skipped"
        spent = min(now, ends) - began
        shown.append({"taskId": name, "duration": duration(spent), "status": state})
        began = ends
    return shown


def _job_of(call: Call) -> Body:
    vault = vault_of(call)
    job = call.world.get(f"{vault['id']}/backupJobs/{call.params['job']}")
    if job is None:
        raise Refusal(404, "JobNotFound", f"The job '{call.params['job']}' was not found.")
    return job


def _get(call: Call) -> Answer:
    return Answer(200, _shown(call.world, _job_of(call), with_details=True))


def _list(call: Call) -> Answer:
    """Newest first; `$filter` on status, operation, startTime, endTime, backupManagementType."""
    vault = vault_of(call)
    condition, since, until = _period(call.query.get("$filter", ""))
    jobs = [
        job
        for job in call.world.of_type(JOB_TYPE, vault["id"])
        if (began := read(job["properties"].get("startTime"))) is None
        or ((since is None or began >= since) and (until is None or began <= until))
    ]
    jobs = filtered(jobs, condition)
    jobs.sort(key=lambda job: str(job["properties"].get("startTime")), reverse=True)
    return paged(call, [_shown(call.world, job, with_details=False) for job in jobs])


_TIME = re.compile(r"(startTime|endTime)\s+eq\s+'([^']*)'", re.IGNORECASE)


def _period(text: str) -> tuple[str, datetime | None, datetime | None]:
    """Azure's filter gives a period as startTime eq '...' and endTime eq '...'."""
    times = {name.lower(): time_of(value) for name, value in _TIME.findall(text)}
    rest = " and ".join(part for part in re.split(r"\s+and\s+", text) if not _TIME.search(part))
    return rest, times.get("starttime"), times.get("endtime")


def _cancel(call: Call) -> Answer:
    job = _job_of(call)
    if job["properties"]["status"] != "InProgress":
        raise Refusal(
            400,
            "BMSUserErrorJobNotCancellable",
            "The job is not in a state in which it can be cancelled.",
        )
    job["properties"]["status"] = "Cancelling"
    call.world.part(Jobs).running[job["id"].lower()].cancelled = True

    def done(when: datetime) -> None:
        finish_job(call.world, job, when)

    operation = tracking.track(call, done=done)
    where = f"{job['id']}/operationResults/{operation.id}"
    return Answer(202, None, {"Location": tracking.link(call, where)} | tracking.patience(call))


_JOB = f"{VAULT}/backupJobs/{{job}}"

OPERATIONS = (
    Operation("BackupJobs_List", "GET", f"{VAULT}/backupJobs", _list),
    Operation("JobDetails_Get", "GET", _JOB, _get),
    Operation("JobCancellations_Trigger", "POST", f"{_JOB}/cancel", _cancel),
    Operation(
        "JobCancellations_Result", "GET", f"{_JOB}/operationResults/{{operation}}", tracking.result
    ),
)
