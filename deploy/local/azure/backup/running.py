"""Backups that run: by schedule as the world's clock moves, and on demand.

A backup is a snapshot first, which is when its recovery point appears, and then a copy to the
vault; the copy is made once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from deploy.local.azure import locks
from deploy.local.azure.backup import schedule
from deploy.local.azure.backup.clock import read, stamp
from deploy.local.azure.backup.jobs import JobPlan, finish_job, forget_old_jobs, start_job
from deploy.local.azure.backup.places import ITEM_TYPE, parts, vault_id_of
from deploy.local.azure.backup.points import (
    Point,
    add_point,
    consistency,
    copy_of,
    forget_points,
    make_point,
    mark_vaulted,
    points_of,
    policy_of,
)
from deploy.local.azure.backup.tracking import lasting
from deploy.local.azure.billing import CHANGED_SHARE_A_DAY, used_by
from deploy.local.azure.world import Body, World

#: How long a snapshot and a copy to the vault are taken to last (assumed; up to 8 h at peak).
SNAPSHOT = timedelta(minutes=5)
COPY_BASE = timedelta(minutes=15)
COPY_PER_GIB = timedelta(seconds=10)  #: about 100 MB/s
COPY_MOST = timedelta(hours=8)

#: The clockwork looks at least this often, for items and policies put into the world directly.
LOOK_EVERY = timedelta(hours=6)

#: Soft delete keeps a deleted item this long unless the vault says more (free for 14 days).
SOFT_DELETE_DAYS = 14

SCHEDULED_STATES = ("IRPending", "Protected", "ProtectionError")


@dataclass
class Clockwork:
    """Whether schedules run in this world, and up to when they have run."""

    ran_until: datetime | None = None
    began: datetime | None = None


def begin(world: World) -> None:
    """Let the schedules of this world run from now on; again is the same as once."""
    clockwork = world.part(Clockwork)
    if clockwork.ran_until is None:
        clockwork.ran_until = clockwork.began = world.now
        _plan_next(world, clockwork.ran_until)


def _plan_next(world: World, after: datetime) -> None:
    policies = _policies_of(world, _scheduled_items(world))
    times = [schedule.next_run(policy, after) for policy in policies.values()]
    when = min([*times, after + LOOK_EVERY])
    world.at(when, lambda: _tick(world, when))


def _tick(world: World, when: datetime) -> None:
    clockwork = world.part(Clockwork)
    since, clockwork.ran_until = clockwork.ran_until or when, when
    items = _scheduled_items(world)
    policies = _policies_of(world, items)
    locked = locked_scopes(world)
    due = {key: schedule.runs(policy, since, when) for key, policy in policies.items()}
    for item in items:
        policy = policy_of(world, item)
        for run in due.get(str(item["properties"].get("policyId")).lower(), []):
            if policy is not None:
                take_backup(world, item, policy, run, by_user=False, locked=locked)
    forget_old_jobs(world, when)
    _delete_what_is_due(world, when)
    _plan_next(world, when)


def _scheduled_items(world: World) -> list[Body]:
    """Items whose backups run. Reads the resources directly: this is work of the clock itself."""
    return [
        body
        for body in list(world.resources.values())
        if str(body.get("type", "")).lower() == ITEM_TYPE.lower()
        and body["properties"].get("backupManagementType") == "AzureIaasVM"
        and body["properties"].get("protectionState") in SCHEDULED_STATES
        and not body["properties"].get("isScheduledForDeferredDelete")
    ]


def _policies_of(world: World, items: list[Body]) -> dict[str, Body]:
    found = {}
    for item in items:
        policy = policy_of(world, item)
        if policy is not None:
            found[str(item["properties"]["policyId"]).lower()] = policy
    return found


def _delete_what_is_due(world: World, now: datetime) -> None:
    """Soft-deleted items leave for good when their days are over."""
    for key, body in list(world.resources.items()):
        is_item = str(body.get("type", "")).lower() == ITEM_TYPE.lower()
        if is_item and body["properties"].get("isScheduledForDeferredDelete"):
            leaves = read(body["properties"].get("deferredDeleteTimeInUTC"))
            begun = world.part(Clockwork).began or now
            if leaves is not None and leaves < begun:  # it says when it was deleted
                leaves += timedelta(days=SOFT_DELETE_DAYS)
            if leaves is not None and leaves <= now:
                del world.resources[key]
                forget_points(world, key)


def take_backup(
    world: World,
    item: Body,
    policy: Body,
    when: datetime,
    *,
    by_user: bool,
    locked: set[str],
    until: datetime | None = None,
) -> Body:
    """Start a backup; returns its job. `until` is when an on-demand point leaves; `locked` are
    the scopes with locks."""
    vm = world.resources.get(str(item["properties"]["sourceResourceId"]).lower())
    error = _what_stops(item, vm, locked)
    vaulted = by_user or schedule.goes_to_vault(policy, when)
    copy = copy_of(world, vm or {}, item)
    first = not read(item["properties"].get("lastRecoveryPoint"))
    tasks = [("Take Snapshot", lasting(world, SNAPSHOT))]
    if vaulted:
        tasks.append(("Transfer data to vault", lasting(world, _copy_time(copy.disks, first))))
    copied = used_by(vm) if vm else Decimal(sum(disk.size_gib for disk in copy.disks))
    size_mb = round(copied * (1 if first else CHANGED_SHARE_A_DAY) * 1024)
    plan = JobPlan(
        vault_id_of(item["id"]),
        item["properties"]["friendlyName"],
        "Backup",
        tasks,
        {"Backup Size": f"{size_mb} MB"} if vaulted else {},
        by_user,
    )
    job = start_job(world, plan, when)
    if error or vm is None:
        ends = when + tasks[0][1]
        world.at(ends, lambda: _fail(world, item, job, ends, error or {}))
        return job
    point = make_point(world, copy, policy, when, consistency(vm, policy), until)
    _plan_completion(world, item, job, point, tasks)
    return job


def _copy_time(disks: tuple[object, ...], first: bool) -> timedelta:
    sizes = [getattr(disk, "size_gib", 0) for disk in disks]
    share = 1 if first else 20  # later copies carry the changed blocks alone
    return min(COPY_BASE + COPY_PER_GIB * (sum(sizes) // share), COPY_MOST)


def _plan_completion(
    world: World,
    item: Body,
    job: Body,
    point: Point,
    tasks: list[tuple[str, timedelta]],
) -> None:
    snapshot_done = point.taken + tasks[0][1]
    all_done = snapshot_done + sum((span for _, span in tasks[1:]), timedelta())

    def snapshot() -> None:
        if job["properties"]["status"] == "InProgress":
            add_point(world, item, point)
            item["properties"] |= {
                "lastRecoveryPoint": stamp(point.taken),
                "protectionState": "Protected",
                "currentProtectionState": "ProtectionConfigured",
            }

    def complete() -> None:
        if job["properties"]["status"] == "InProgress":
            if len(tasks) > 1:
                mark_vaulted(world, item, point.name, all_done)
            item["properties"] |= {
                "lastBackupStatus": "Completed",
                "lastBackupTime": stamp(point.taken),
                "healthStatus": "Passed",
                "protectionStatus": "Healthy",
            }
        finish_job(world, job, all_done)

    world.at(snapshot_done, snapshot)
    world.at(all_done, complete)


def _fail(world: World, item: Body, job: Body, when: datetime, error: Body) -> None:
    item["properties"] |= {
        "lastBackupStatus": "Failed",
        "lastBackupTime": stamp(when),
        "healthStatus": "ActionRequired",
        "protectionStatus": "Unhealthy",
    }
    finish_job(world, job, when, error)


def locked_scopes(world: World) -> set[str]:
    """The lower-cased ids of everything that has a lock of its own."""
    found = [body for body in world.resources.values() if body.get("type") == locks.KIND]
    return {locks.scope_of_lock(lock).lower() for lock in found}


def _what_stops(item: Body, vm: Body | None, locked: set[str]) -> Body | None:
    """Why a backup would fail now: the VM is gone, its agent is silent (an item that was in error
    stays so), or restore points may not be deleted."""
    if vm is None:
        return {
            "code": "UserErrorVmNotFound",
            "message": "Backup failed as the virtual machine could not be found.",
            "advice": "Stop protecting the virtual machine if it was deleted on purpose.",
        }
    if item["properties"].get("protectionState") == "ProtectionError":
        return {
            "code": "UserErrorGuestAgentStatusUnavailable",
            "message": "VM agent unable to communicate with Azure Backup.",
            "advice": "Ensure the VM agent is running and has network access, then try again.",
        }
    where = parts(vm["id"])
    geo = str(vm.get("location", ""))
    group = f"/subscriptions/{where.subscription}/resourceGroups/AzureBackupRG_{geo}_1"
    if group.lower() in locked:
        return {
            "code": "UserErrorRpCollectionLimitReached",
            "message": "The Restore Point collection max limit has reached.",
            "advice": f"Remove the lock on the resource group AzureBackupRG_{geo}_1.",
        }
    return None


def latest_state(world: World, item: Body) -> Body:
    """`extendedInfo` of an item: how many points there are and the oldest."""
    points = points_of(world, item, policy_of(world, item))
    in_vault = [point for point in points if point.in_vault(world.now)]
    return {
        **({"oldestRecoveryPoint": stamp(points[0].taken)} if points else {}),
        **({"oldestRecoveryPointInVault": stamp(in_vault[0].taken)} if in_vault else {}),
        **({"newestRecoveryPointInVault": stamp(in_vault[-1].taken)} if in_vault else {}),
        "recoveryPointCount": len(points),
        "policyInconsistent": False,
    }
