"""The body of a replicated item, as recorded, and the replica disks that come with it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.places import disks_of, same, vault_id_of
from deploy.local.azure.replication_states import INITIAL
from deploy.local.azure.site_recovery.pieces import ITEM_TYPE, NO_TIME
from deploy.local.azure.world import Body, World


class Where(NamedTuple):
    """Between which places an item replicates."""

    source: Body  #: container
    target: Body  #: container
    policy: Body
    group: str  #: recovery resource group
    zone: str = ""
    network: str | None = None
    disks: tuple[Body, ...] = ()  #: as asked: types of the replica disks, staging accounts


def fabric_above(world: World, container: Body) -> Body:
    return world.resources[container["id"].lower().split("/replicationprotectioncontainers/")[0]]


def no_scenario(arm_id: str) -> Body:
    jobs = f"{vault_id_of(arm_id)}/replicationJobs"
    return {"scenarioName": "None", "jobId": f"{jobs}/None", "startTime": NO_TIME}


def item_body(world: World, name: str, vm: Body, where: Where) -> Body:
    """The body of an item whose initial replication starts."""
    source, target = (fabric_above(world, one) for one in (where.source, where.target))
    arm_id = f"{where.source['id']}/replicationProtectedItems/{name}"
    provider = f"{source['id']}/replicationRecoveryServicesProviders"
    properties = {
        "friendlyName": vm["name"],
        "protectedItemType": "",
        "protectableItemId": None,
        "recoveryServicesProviderId": f"{provider}/{source['properties']['internalIdentifier']}",
        "primaryFabricFriendlyName": source["properties"]["friendlyName"],
        "primaryFabricProvider": "AzureFabric",
        "recoveryFabricFriendlyName": target["properties"]["friendlyName"],
        "recoveryFabricId": target["id"],
        "primaryProtectionContainerFriendlyName": where.source["properties"]["friendlyName"],
        "recoveryProtectionContainerFriendlyName": where.target["properties"]["friendlyName"],
        "protectionState": INITIAL,
        "protectionStateDescription": "Initial replication is in progress",
        "activeLocation": "Primary",
        "testFailoverState": "None",
        "testFailoverStateDescription": "None",
        "switchProviderState": "None",
        "switchProviderStateDescription": None,
        "allowedOperations": ["DisableProtection"],
        "replicationHealth": "Normal",
        "failoverHealth": "Normal",
        "healthErrors": [],
        "policyId": where.policy["id"],
        "policyFriendlyName": where.policy["properties"]["friendlyName"],
        "currentScenario": no_scenario(arm_id),
        "failoverRecoveryPointId": None,
        "providerSpecificDetails": _details(world, vm, where, source, target),
        "recoveryContainerId": where.target["id"],
        "eventCorrelationId": world.new_guid(),
    }
    return {"id": arm_id, "name": name, "type": ITEM_TYPE, "properties": properties}


#: What Azure names in every item and leaves empty before the first failover.
_EMPTY = (
    "initialPrimaryExtendedLocation initialRecoveryExtendedLocation protectedDisks "
    "unprotectedDisks recoveryBootDiagStorageAccountId recoveryCloudService "
    "recoveryAvailabilitySet selectedTfoAzureNetworkId recoveryFabricObjectId lifecycleId "
    "testFailoverRecoveryFabricObjectId rpoInSeconds lastRpoCalculatedTime rtoInSeconds "
    "primaryExtendedLocation recoveryExtendedLocation recoveryProximityPlacementGroupId "
    "recoveryVirtualMachineScaleSetId recoveryCapacityReservationGroupId"
)


def _details(world: World, vm: Body, where: Where, source: Body, target: Body) -> Body:
    regions = [one["properties"]["customDetails"]["location"] for one in (source, target)]
    storage = vm["properties"].get("storageProfile", {})
    zone = (vm.get("zones") or [None])[0]
    return dict.fromkeys(_EMPTY.split()) | {
        "instanceType": "A2A",
        "fabricObjectId": vm["id"].lower(),
        "initialPrimaryZone": zone or "",
        "initialPrimaryFabricLocation": regions[0],
        "initialRecoveryZone": where.zone,
        "initialRecoveryFabricLocation": regions[1],
        "multiVmGroupId": world.new_guid(),
        "multiVmGroupName": "",
        "multiVmGroupCreateOption": "AutoCreated",
        "managementId": world.new_guid(),
        "protectedManagedDisks": [
            _disk(attached, disk, where) for attached, disk in disks_of(world, vm)
        ],
        "primaryFabricLocation": regions[0],
        "recoveryFabricLocation": regions[1],
        "osType": (storage.get("osDisk") or {}).get("osType", "Linux"),
        "recoveryAzureVMSize": vm["properties"].get("hardwareProfile", {}).get("vmSize"),
        "recoveryAzureVMName": vm["name"],
        "recoveryAzureResourceGroupId": where.group,
        "selectedRecoveryAzureNetworkId": where.network,
        "vmNics": [],
        "vmSyncedConfigDetails": {"tags": dict(vm.get("tags") or {}), "inputEndpoints": []},
        "monitoringPercentageCompletion": 0,
        "monitoringJobType": "InitialReplication",
        "lastHeartbeat": stamp(world.now),
        "agentVersion": "9.66.7567.1",
        "agentExpiryDate": "9999-12-31T23:59:59.9999999",
        "isReplicationAgentUpdateRequired": False,
        "isReplicationAgentCertificateUpdateRequired": False,
        "vmProtectionState": "UnprotectedStatesBegin",
        "vmProtectionStateDescription": "Enabling protection",
        "primaryAvailabilityZone": zone,
        "recoveryAvailabilityZone": where.zone or None,
        "vmEncryptionType": "NotEncrypted",
        "tfoAzureVMName": f"{vm['name']}-test",
        "recoveryAzureGeneration": "V2",
        "autoProtectionOfDataDisk": "Disabled",
        "churnOptionSelected": "Normal",
        "dataSourceInfo": {"datasourceType": "AzureVm", "resourceId": vm["id"]},
    }


def _disk(attached: Body, disk: Body, where: Where) -> Body:
    name, disk_id = attached["name"], str((attached.get("managedDisk") or {}).get("id"))
    asked = next((one for one in where.disks if same(one.get("diskId"), disk_id)), {})
    sku = str((disk.get("sku") or {}).get("name") or "Premium_LRS")
    kept = sku if sku in ("Standard_LRS", "StandardSSD_LRS", "Premium_LRS") else "Premium_LRS"
    group = asked.get("recoveryResourceGroupId") or where.group
    size_gib = int(disk.get("properties", {}).get("diskSizeGB") or attached.get("diskSizeGB") or 0)
    unknown = (
        "recoveryTargetDiskId recoveryOrignalTargetDiskId recoveryDiskEncryptionSetId "
        "primaryDiskEncryptionSetId monitoringPercentageCompletion secretIdentifier "
        "dekKeyVaultArmId keyIdentifier kekKeyVaultArmId"
    )
    return dict.fromkeys(unknown.split()) | {
        "diskId": disk_id.lower(),
        "recoveryResourceGroupId": group,
        "recoveryReplicaDiskId": f"{group}/providers/Microsoft.Compute/disks/{name}-ASRReplica",
        "recoveryReplicaDiskAccountType": asked.get("recoveryReplicaDiskAccountType") or kept,
        "recoveryTargetDiskAccountType": asked.get("recoveryTargetDiskAccountType") or kept,
        "diskName": name,
        "diskCapacityInBytes": size_gib * 2**30,
        "primaryStagingAzureStorageAccountId": asked.get("primaryStagingAzureStorageAccountId"),
        "diskType": "Data" if "lun" in attached else "OperatingSystem",
        "resyncRequired": False,
        "monitoringJobType": "InitialReplication",
        "dataPendingInStagingStorageAccountInMB": 0.0,
        "dataPendingAtSourceAgentInMB": 0.0,
        "diskState": "InitialReplicationPending",
        "allowedDiskLevelOperation": [],
        "isDiskEncrypted": False,
        "isDiskKeyEncrypted": False,
        "failoverDiskName": name,
        "tfoDiskName": f"{name}-ASRtest",
    }


def put_replicas(world: World, item: Body, when: datetime) -> None:
    """The replica disks beside the recovery group; marked, so that nobody takes them for a VM's."""
    details = item["properties"]["providerSpecificDetails"]
    for disk in details["protectedManagedDisks"]:
        arm_id = disk["recoveryReplicaDiskId"]
        sku = disk["recoveryReplicaDiskAccountType"]
        properties = {
            "creationData": {"createOption": "Upload"},
            "diskSizeGB": disk["diskCapacityInBytes"] // 2**30,
            "diskState": "ActiveSAS",
            "provisioningState": "Succeeded",
            "timeCreated": stamp(when),
        }
        body: Body = {"id": arm_id, "name": arm_id.rsplit("/", 1)[1]}
        body |= {"type": "Microsoft.Compute/disks", "location": details["recoveryFabricLocation"]}
        body |= {"sku": {"name": sku, "tier": sku.split("_")[0]}, "properties": properties}
        world.put(body | {"tags": {"ASR-ReplicaDisk": disk["diskId"]}})
