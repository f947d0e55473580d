"""ARM bodies of Microsoft.RecoveryServices: vaults, policies, backup items and replicated items.

Shapes as REST has them, with the few properties that only Resource Graph shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from advisor.regions import display_name
from deploy.local.azure.replication_states import told_of
from deploy.local.azure.world import Body
from deploy.local.fleet.compute import compute_id, moment, unique_id

VAULT_TYPE = "Microsoft.RecoveryServices/vaults"
ITEM_TYPE = f"{VAULT_TYPE}/backupFabrics/protectionContainers/protectedItems"
_FABRIC_TYPE = f"{VAULT_TYPE}/replicationFabrics"
_CONTAINER_TYPE = f"{_FABRIC_TYPE}/replicationProtectionContainers"
REPLICATED_TYPE = f"{_CONTAINER_TYPE}/replicationProtectedItems"

_REDUNDANCY = {
    "lrs": ("LocallyRedundant", "Disabled"),
    "zrs": ("ZoneRedundant", "Disabled"),
    "grs": ("GeoRedundant", "Disabled"),
    "grs-crr": ("GeoRedundant", "Enabled"),
}
_SCHEDULE_TIME = "2025-01-06T22:00:00Z"
_WINDOW_START = "2025-01-06T00:00:00Z"
#: What Azure keeps of a deleted backup where nobody changed it (backup-azure-security-feature).
SOFT_DELETE_DAYS = 14


class PolicySpec(NamedTuple):
    """A backup policy for VMs. `every_hours` 24 is daily, 168 weekly; less needs Enhanced."""

    name: str
    enhanced: bool = False
    every_hours: int = 24
    instant_days: int = 2
    daily: int = 30
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0

    @property
    def reach_days(self) -> int:
        """How old the oldest point is at most; nothing here is older than two years."""
        reach = max(self.daily, 7 * self.weekly, 31 * self.monthly, 366 * self.yearly)
        return min(reach, 730)


class ItemState(NamedTuple):
    """What a backup item says of itself, in REST's words and in Resource Graph's."""

    protection: str
    current: str
    status: str = "Completed"
    health: str = "Passed"
    keeps_policy: bool = True
    is_deleted: bool = False


ITEM_STATES = {
    "active": ItemState("Protected", "ProtectionConfigured"),
    "failed": ItemState("ProtectionError", "ProtectionError", "Failed", "ActionRequired"),
    "pending": ItemState("IRPending", "ConfiguringProtection", ""),
    "stopped": ItemState("ProtectionStopped", "ProtectionStopped", keeps_policy=False),
    "soft-deleted": ItemState(
        "ProtectionStopped", "SoftDeleted", keeps_policy=False, is_deleted=True
    ),
}


def vault_id(subscription: str, group: str, name: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{VAULT_TYPE}/{name}"


def vault_body(arm_id: str, region: str, redundancy: str, tags: dict[str, str]) -> Body:
    """`redundancy`: lrs, zrs, grs or grs-crr."""
    storage, across_regions = _REDUNDANCY[redundancy]
    return _resource(
        arm_id,
        VAULT_TYPE,
        {
            "provisioningState": "Succeeded",
            "privateEndpointStateForBackup": "None",
            "privateEndpointStateForSiteRecovery": "None",
            "publicNetworkAccess": "Enabled",
            "redundancySettings": {
                "standardTierStorageRedundancy": storage,
                "crossRegionRestore": across_regions,
            },
            "securitySettings": {
                "softDeleteSettings": {
                    "softDeleteState": "Enabled",
                    "softDeleteRetentionPeriodInDays": SOFT_DELETE_DAYS,
                    "enhancedSecurityState": "Enabled",
                },
                "immutabilitySettings": {"state": "Disabled"},
                "multiUserAuthorization": "Disabled",
            },
            "restoreSettings": {
                "crossSubscriptionRestoreSettings": {"crossSubscriptionRestoreState": "Enabled"}
            },
        },
        location=region,
        sku={"name": "RS0", "tier": "Standard"},
        tags=tags,
    )


def policy_body(vault: Body, spec: PolicySpec, items: int = 0) -> Body:
    return _resource(
        f"{vault['id']}/backupPolicies/{spec.name}",
        f"{VAULT_TYPE}/backupPolicies",
        {
            "backupManagementType": "AzureIaasVM",
            "policyType": "V2" if spec.enhanced else "V1",
            "instantRPDetails": {},
            "instantRpRetentionRangeInDays": spec.instant_days,
            "schedulePolicy": _schedule(spec),
            "retentionPolicy": _retention(spec),
            "tieringPolicy": {
                "ArchivedRP": {"tieringMode": "DoNotTier", "duration": 0, "durationType": "Invalid"}
            },
            "timeZone": "UTC",
            "protectedItemsCount": items,
        },
    )


def _schedule(spec: PolicySpec) -> Body:
    if not spec.enhanced:
        body: Body = {"schedulePolicyType": "SimpleSchedulePolicy", "scheduleWeeklyFrequency": 0}
        weekly = {"scheduleRunFrequency": "Weekly", "scheduleRunDays": ["Sunday"]}
        body |= weekly if spec.every_hours == 168 else {"scheduleRunFrequency": "Daily"}
        return body | {"scheduleRunTimes": [_SCHEDULE_TIME]}
    body = {"schedulePolicyType": "SimpleSchedulePolicyV2"}
    if spec.every_hours < 24:
        return body | {
            "scheduleRunFrequency": "Hourly",
            "hourlySchedule": {
                "interval": spec.every_hours,
                "scheduleWindowStartTime": _WINDOW_START,
                "scheduleWindowDuration": 24,
            },
        }
    daily = {"scheduleRunTimes": [_SCHEDULE_TIME]}
    return body | {"scheduleRunFrequency": "Daily", "dailySchedule": daily}


def _retention(spec: PolicySpec) -> Body:
    body: Body = {"retentionPolicyType": "LongTermRetentionPolicy"}
    week = {"daysOfTheWeek": ["Sunday"], "weeksOfTheMonth": ["First"]}
    parts: tuple[tuple[str, int, str, Body], ...] = (
        ("daily", spec.daily, "Days", {}),
        ("weekly", spec.weekly, "Weeks", {"daysOfTheWeek": ["Sunday"]}),
        (
            "monthly",
            spec.monthly,
            "Months",
            {"retentionScheduleFormatType": "Weekly", "retentionScheduleWeekly": week},
        ),
        (
            "yearly",
            spec.yearly,
            "Years",
            {
                "retentionScheduleFormatType": "Weekly",
                "monthsOfYear": ["January"],
                "retentionScheduleWeekly": week,
            },
        ),
    )
    for name, count, unit, more in parts:
        if count:
            duration = {"count": count, "durationType": unit}
            times = [_SCHEDULE_TIME]
            body[f"{name}Schedule"] = {
                "retentionTimes": times,
                "retentionDuration": duration,
                **more,
            }
    return body


def item_body(
    vault: Body, vm: Body, policy_name: str, state: ItemState, last: datetime | None, points: int
) -> Body:
    """The backup item of a VM. `last`: its last recovery point, None for none yet."""
    group, name = vm["id"].split("/")[4], vm["name"]
    container = f"iaasvmcontainerv2;{group};{name}"
    properties: Body = {
        "protectedItemType": "Microsoft.Compute/virtualMachines",
        "friendlyName": name,
        "virtualMachineId": vm["id"],
        "sourceResourceId": vm["id"],
        "backupManagementType": "AzureIaasVM",
        "workloadType": "VM",
        "containerName": container,
        "vaultId": vault["id"],
        "protectionStatus": "Healthy" if state.health == "Passed" else "Unhealthy",
        "protectionState": state.protection,
        "currentProtectionState": state.current,
        "healthStatus": state.health,
        "lastBackupStatus": state.status,
        "policyId": f"{vault['id']}/backupPolicies/{policy_name}" if state.keeps_policy else "",
        "policyName": policy_name if state.keeps_policy else "",
        "isScheduledForDeferredDelete": state.is_deleted,
        "protectedItemDataId": str(int(unique_id(vm["id"])[:12].replace("-", ""), 16)),
        "dataSourceInfo": {
            "resourceID": vm["id"],
            "resourceLocation": vm["location"],
            "datasourceType": "Microsoft.Compute/virtualMachines",
        },
        "extendedInfo": {"recoveryPointCount": points, "policyInconsistent": False},
    }
    return _resource(
        f"{vault['id']}/backupFabrics/Azure/protectionContainers/IaasVMContainer;{container}"
        f"/protectedItems/VM;{container}",
        ITEM_TYPE,
        properties | _times(state, last),
    )


def _times(state: ItemState, last: datetime | None) -> Body:
    if last is None:
        return {}
    times: Body = {"lastBackupTime": moment(last), "lastRecoveryPoint": moment(last)}
    if state.is_deleted:
        # Deleted two days after the last backup, kept for as long as soft delete keeps it.
        times["deferredDeleteTimeInUTC"] = moment(last + timedelta(days=2))
        times["deferredDeleteTimeRemaining"] = f"{SOFT_DELETE_DAYS - 2}.00:00:00"
    return times


def replication_bodies(
    vault: Body, policy_name: str, history: timedelta, pairs: Sequence[tuple[str, str]]
) -> Iterator[Body]:
    """The policy, fabrics and containers of Azure-to-Azure replication between those regions."""
    yield _resource(
        f"{vault['id']}/replicationPolicies/{policy_name}",
        f"{VAULT_TYPE}/replicationPolicies",
        {
            "friendlyName": policy_name,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointThresholdInMinutes": 0,
                "recoveryPointHistory": int(history.total_seconds() // 60),
                "appConsistentFrequencyInMinutes": 240,
                "crashConsistentFrequencyInMinutes": 5,
                "multiVmSyncStatus": "Enabled",
            },
        },
    )
    for region in dict.fromkeys(region for pair in pairs for region in pair):
        yield from _fabric(vault, region)


def _fabric(vault: Body, region: str) -> Iterator[Body]:
    name = f"asr-a2a-default-{region}"
    arm_id = f"{vault['id']}/replicationFabrics/{name}"
    custom = {"instanceType": "Azure", "location": region, "containerIds": [], "zones": []}
    yield _resource(
        arm_id,
        _FABRIC_TYPE,
        {
            "friendlyName": display_name(region),
            "internalIdentifier": unique_id(arm_id),
            "bcdrState": "Valid",
            "customDetails": custom,
            "healthErrorDetails": [],
            "health": "Normal",
        },
    )
    yield _resource(
        f"{arm_id}/replicationProtectionContainers/{name}-container",
        _CONTAINER_TYPE,
        {
            "fabricFriendlyName": display_name(region),
            "friendlyName": f"{name}-container",
            "fabricType": "Azure",
            "protectedItemCount": 0,
            "pairingStatus": "Paired",
            "role": "",
            "fabricSpecificDetails": None,
        },
    )


class Replication(NamedTuple):
    """How a VM is replicated. `state` is one of Site Recovery's STATES."""

    policy: str
    to_region: str
    to_zone: str = ""
    state: str = "Protected"
    health: str = "Normal"
    rpo_seconds: int | None = 142
    last_drill: datetime | None = None


def replicated_body(vault: Body, vm: Body, how: Replication, now: datetime) -> Body:
    """The replicated item of a VM: its `fabricObjectId` is lower-cased, as Azure has it."""
    source, target = (f"asr-a2a-default-{region}" for region in (vm["location"], how.to_region))
    fabric = f"{vault['id']}/replicationFabrics/{source}"
    properties: Body = {
        "friendlyName": vm["name"],
        "protectedItemType": "",
        "primaryFabricFriendlyName": display_name(vm["location"]),
        "primaryFabricProvider": "AzureFabric",
        "recoveryFabricFriendlyName": display_name(how.to_region),
        "recoveryFabricId": f"{vault['id']}/replicationFabrics/{target}",
        "primaryProtectionContainerFriendlyName": f"{source}-container",
        "recoveryProtectionContainerFriendlyName": f"{target}-container",
        **told_of(how.state),
        "testFailoverState": "None",
        "testFailoverStateDescription": "None",
        "replicationHealth": how.health,
        "failoverHealth": how.health,
        "healthErrors": [],
        "policyId": f"{vault['id']}/replicationPolicies/{how.policy}",
        "policyFriendlyName": how.policy,
        "currentScenario": {"scenarioName": "None", "jobId": "None"},
        "providerSpecificDetails": _a2a(vm, how, now),
    }
    if how.last_drill:
        properties["lastSuccessfulTestFailoverTime"] = moment(how.last_drill)
    arm_id = f"{fabric}/replicationProtectionContainers/{source}-container"
    return _resource(
        f"{arm_id}/replicationProtectedItems/{vm['name']}", REPLICATED_TYPE, properties
    )


def _a2a(vm: Body, how: Replication, now: datetime) -> Body:
    storage = vm["properties"]["storageProfile"]
    details: Body = {
        "instanceType": "A2A",
        "fabricObjectId": vm["id"].lower(),
        "dataSourceInfo": {"datasourceType": "AzureVm", "resourceId": vm["id"]},
        "primaryFabricLocation": vm["location"],
        "recoveryFabricLocation": how.to_region,
        "primaryAvailabilityZone": (vm.get("zones") or [""])[0],
        "recoveryAvailabilityZone": how.to_zone,
        "recoveryAzureVMName": vm["name"],
        "osType": storage["osDisk"]["osType"],
        "vmProtectionState": how.state,
        "churnOptionSelected": "Normal",
        "agentVersion": "9.66.7567.1",
        "isReplicationAgentUpdateRequired": False,
        "protectedManagedDisks": [
            _protected_disk(vm, how, disk) for disk in (storage["osDisk"], *storage["dataDisks"])
        ],
    }
    if how.rpo_seconds is not None:
        details["rpoInSeconds"] = how.rpo_seconds
        details["lastRpoCalculatedTime"] = moment(now - timedelta(minutes=3))
    return details


def _protected_disk(vm: Body, how: Replication, disk: Body) -> Body:
    parts = vm["id"].split("/")
    replica = compute_id(parts[2], f"{parts[4]}-asr", "disks", f"{disk['name']}-ASRReplica")
    return {
        "diskId": disk["managedDisk"]["id"].lower(),
        "diskName": disk["name"],
        "diskCapacityInBytes": disk["diskSizeGB"] * 2**30,
        "recoveryResourceGroupId": replica.split("/providers/")[0],
        "recoveryReplicaDiskId": replica,
        "recoveryReplicaDiskAccountType": disk["managedDisk"]["storageAccountType"],
        "recoveryTargetDiskAccountType": disk["managedDisk"]["storageAccountType"],
        "dataPendingInStagingStorageAccountInMB": 12.5,
        "dataPendingAtSourceAgentInMB": 0.0,
        "resyncRequired": how.health == "Critical",
        "monitoringJobType": "Resync" if how.health == "Critical" else "None",
    }


def _resource(arm_id: str, kind: str, properties: Body, **top: Any) -> Body:
    return {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[-1],
        "type": kind,
        "properties": properties,
        **top,
    }
