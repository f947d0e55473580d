"""Backups on demand, recovery points as REST lists them, and files from a mounted point."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.clock import read
from deploy.local.azure.backup.filters import time_of
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import (
    ITEM,
    JOB_TYPE,
    VAULT,
    item_of,
    same,
    vault_id_of,
    vault_of,
)
from deploy.local.azure.backup.points import Point, Points, points_of, policy_of, shown
from deploy.local.azure.backup.running import SCHEDULED_STATES, begin, locked_scopes, take_backup
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

#: Attempts in a day of UTC (Azure Backup FAQ: 3 supported, 9 attempts the hard limit).
MOST_ON_DEMAND_A_DAY = 9
#: An on-demand point without its own date stays this long (the portal's default).
ON_DEMAND_DAYS = 30
#: A point mounted for files stays so for 12 hours.
MOUNTED = timedelta(hours=12)
_NOT_MOUNTED = ("UltraSSD_LRS", "PremiumV2_LRS")


def _backup(call: Call) -> Answer:
    """Back up now: 202; the job's name comes with the operation's status."""
    item = item_of(call)
    begin(call.world)
    asked = call.body.get("properties") or {}
    if asked.get("objectType") != "IaasVMBackupRequest":
        raise Refusal(400, "BMSUserErrorInvalidInput", "Input provided for the call is invalid.")
    policy = _refuse_if_not_possible(call.world, item)
    until = _expiry(call.world, asked)
    world, locked = call.world, locked_scopes(call.world)
    job = take_backup(world, item, policy, world.now, by_user=True, locked=locked, until=until)
    return started(call, item, tracking.job_reference(job["name"]))


def _refuse_if_not_possible(world: World, item: Body) -> Body:
    policy = policy_of(world, item)
    stopped = item["properties"].get("protectionState") not in SCHEDULED_STATES
    if policy is None or stopped or item["properties"].get("isScheduledForDeferredDelete"):
        raise Refusal(
            400,
            "BMSUserErrorBackupOnStoppedProtection",
            "Backup cannot be triggered as protection of the item is stopped.",
        )
    backups = [
        job["properties"]
        for job in world.of_type(JOB_TYPE, vault_id_of(item["id"]))
        if job["properties"].get("operation") == "Backup"
        and same(job["properties"]["entityFriendlyName"], item["properties"]["friendlyName"])
    ]
    if any(job["status"] == "InProgress" for job in backups):
        raise Refusal(
            400,
            "UserErrorBackupOperationInProgress",
            "Unable to initiate backup as another backup operation is currently in progress.",
        )
    _refuse_beyond_a_day(world, backups)
    return policy


def _refuse_beyond_a_day(world: World, backups: list[Body]) -> None:
    today = [
        job
        for job in backups
        if job.get("isUserTriggered")
        and (began := read(job.get("startTime"))) is not None
        and began.date() == world.now.date()
    ]
    if len(today) >= MOST_ON_DEMAND_A_DAY:
        raise Refusal(
            400,
            "UserErrorOnDemandBackupLimitReached",
            f"At most {MOST_ON_DEMAND_A_DAY} on-demand backups of a virtual machine are allowed "
            "in a day. Try again tomorrow.",
        )


def _expiry(world: World, asked: Body) -> datetime:
    text = asked.get("recoveryPointExpiryTimeInUTC")
    until = read(text) if text else world.now + timedelta(days=ON_DEMAND_DAYS)
    if until is None or until <= world.now:
        raise Refusal(
            400,
            "BMSUserErrorInvalidRecoveryPointExpiryTime",
            "The expiry time of the recovery point must be in the future.",
        )
    return until


def started(call: Call, item: Body, properties: Body) -> Answer:
    """202 for an operation on an item that only starts a job."""
    operation = tracking.track(call, properties=properties)
    where = item["id"]
    return tracking.accepted(
        call,
        f"{where}/operationsStatus/{operation.id}",
        f"{where}/operationResults/{operation.id}",
    )


_PERIOD = re.compile(r"(startDate|endDate)\s+(?:eq|ge|le)\s+'([^']+)'", re.IGNORECASE)


def _list(call: Call) -> Answer:
    """Newest first; `$filter=startDate eq '...' and endDate eq '...'`."""
    item = item_of(call)
    begin(call.world)
    times = {
        name.lower(): time_of(text) for name, text in _PERIOD.findall(call.query.get("$filter", ""))
    }
    points = [
        point
        for point in points_of(call.world, item, policy_of(call.world, item))
        if times.get("startdate", point.taken) <= point.taken <= times.get("enddate", point.taken)
    ]
    return paged(call, [shown(call.world, item, point) for point in reversed(points)])


def point_of(call: Call, item: Body) -> Point:
    """The recovery point of the path, or 404."""
    for point in points_of(call.world, item, policy_of(call.world, item)):
        if point.name == call.params["point"]:
            return point
    raise Refusal(
        404,
        "BMSUserErrorRecoveryPointNotFound",
        f"The recovery point '{call.params['point']}' was not found.",
    )


def _get(call: Call) -> Answer:
    item = item_of(call)
    return Answer(200, shown(call.world, item, point_of(call, item)))


def _provision(call: Call) -> Answer:
    """Mount a point for its files: the status then carries the script that connects to it."""
    item = item_of(call)
    point = point_of(call, item)
    asked = call.body.get("properties") or {}
    if asked.get("objectType") != "IaasVMILRRegistrationRequest":
        raise Refusal(400, "BMSUserErrorInvalidInput", "Input provided for the call is invalid.")
    if point.vm.encrypted or any(disk.sku in _NOT_MOUNTED for disk in point.vm.disks):
        raise Refusal(
            400,
            "UserErrorItemLevelRecoveryNotSupported",
            "File recovery is not supported for encrypted virtual machines and for those with "
            "Ultra disks or Premium SSD v2 disks.",
        )
    windows = point.vm.os_type == "Windows"
    script = {
        "scriptContent": "",
        "scriptExtension": "exe" if windows else "py",
        "osType": point.vm.os_type,
        "url": None,
        "scriptNameSuffix": item["properties"]["friendlyName"],
    }
    extended = {
        "objectType": "OperationStatusProvisionILRExtendedInfo",
        "recoveryTarget": {"clientScripts": [script]},
    }
    mounted = f"{item['id']}/recoveryPoints/{point.name}".lower()
    call.world.part(Points).recovering[mounted] = call.world.now + MOUNTED
    return started(call, item, extended)


def _revoke(call: Call) -> Answer:
    item = item_of(call)
    point = point_of(call, item)
    mounted = f"{item['id']}/recoveryPoints/{point.name}".lower()
    if call.world.part(Points).recovering.pop(mounted, None) is None:
        raise Refusal(
            400,
            "UserErrorItemLevelRecoverySessionNotActive",
            "No file recovery is in progress for the recovery point.",
        )
    return started(call, item, {"objectType": "OperationStatusJobExtendedInfo", "jobId": None})


def _extended(call: Call) -> Answer:
    """Name, size, LUN and type of the disks of recovery points, by an operation of its own."""
    vault = vault_of(call)
    rows = [_disks_of_point(call, arm_id) for arm_id in _asked_points(call)]
    operation = tracking.track(call, result=lambda: {"value": rows})
    fabric = f"{vault['id']}/backupFabrics/{call.params['fabric']}"
    return tracking.accepted(
        call,
        f"{fabric}/operationsStatus/{operation.id}",
        f"{fabric}/getRPExtendedInfoOperationResult/{operation.id}",
    )


def _asked_points(call: Call) -> list[str]:
    ids = (call.body.get("properties") or {}).get("recoveryPointIds")
    if not ids or not isinstance(ids, list):
        raise Refusal(400, "BMSUserErrorInvalidInput", "Recovery point ids are needed.")
    return [str(one) for one in ids]


def _disks_of_point(call: Call, arm_id: str) -> Body:
    item_path, _, name = arm_id.rpartition("/recoveryPoints/")
    item = call.world.get(item_path)
    points = points_of(call.world, item, policy_of(call.world, item)) if item else []
    for point in points:
        if point.name == name and item is not None:
            disks = [
                {"diskSizeInGB": d.size_gib, "lun": d.lun, "name": d.name, "storageType": d.sku}
                for d in point.vm.disks
            ]
            properties = {
                "objectType": "IaasVMRPExtendedInfo",
                "osDisk": next((d for d in disks if d["lun"] == -1), None),
                "dataDisks": [d for d in disks if d["lun"] != -1],
            }
            whole = shown(call.world, item, point)
            return {key: whole[key] for key in ("id", "name", "type")} | {"properties": properties}
    raise Refusal(
        404, "BMSUserErrorRecoveryPointNotFound", f"The recovery point '{arm_id}' was not found."
    )


_POINTS = f"{ITEM}/recoveryPoints"
POINT = f"{_POINTS}/{{point}}"
_FABRIC = f"{VAULT}/backupFabrics/{{fabric}}"

OPERATIONS = (
    Operation("Backups_Trigger", "POST", f"{ITEM}/backup", _backup),
    Operation("RecoveryPoints_List", "GET", _POINTS, _list),
    Operation("RecoveryPoints_Get", "GET", POINT, _get),
    Operation(
        "ItemLevelRecoveryConnections_Provision",
        "POST",
        f"{POINT}/provisionInstantItemRecovery",
        _provision,
    ),
    Operation(
        "ItemLevelRecoveryConnections_Revoke", "POST", f"{POINT}/revokeInstantItemRecovery", _revoke
    ),
    Operation(
        "RecoveryPoints_GetRPExtendedInfo", "POST", f"{_FABRIC}/getRPExtendedInfo", _extended
    ),
    Operation(
        "RecoveryPoints_GetRPExtendedInfoOperationResult",
        "GET",
        f"{_FABRIC}/getRPExtendedInfoOperationResult/{{operation}}",
        tracking.result,
    ),
    Operation(
        "FabricOperationStatuses_Get",
        "GET",
        f"{_FABRIC}/operationsStatus/{{operation}}",
        tracking.status,
    ),
    Operation(
        "FabricOperationResults_Get",
        "GET",
        f"{_FABRIC}/operationResults/{{operation}}",
        tracking.result,
    ),
)
