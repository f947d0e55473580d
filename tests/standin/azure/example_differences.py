"""What Microsoft's examples have and the stand-in does not answer, each with its reason.

A row counts for a field and all below it. Rows that fit nothing any more fail a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class LeftOut:
    """`operation` is a pattern of names, `field` a path in a body, of one item where it lists."""

    operation: str
    field: str
    reason: str

    def covers(self, operation: str, path: str) -> bool:
        if not fnmatchcase(operation, self.operation):
            return False
        return path == self.field or path.startswith((f"{self.field}.", f"{self.field}[]"))


#: Examples of operations that are served, but compared with nothing: none.
NOT_COMPARED: dict[str, str] = {}

#: Files whose names may be absent from every answer; their types are compared all the same.
GENERATED = "*_MaximumSet_Gen"
GENERATED_REASON = "made by a program from the schema: every optional field there is, at once"

_EDGE = "there is no edge zone in the sample world"
_SOURCES = "no snapshot is made here from that kind of source"
_EXTENSIONS = "machines here have no extensions; the advisor reads none"
_VIEW = "what only the platform knows of a running machine; the advisor reads none of it"
_PROFILE = "Azure fills in what was not sent of the OS profile; here it stays as it was sent"
_PRIVATE = "vaults here have no private endpoints"
_IDENTITY = "vaults here are told an identity and are given none by Entra"
_KEYS = "Azure fills in whose identity reads a customer's key; here it stays as it was sent"
_ARCHIVE = "no point here is moved to the archive tier"
_NO_MAP = "the regions here have no place on the map"
_PLANNED = "machines in Azure have no planned failover"
_VMM = "of Hyper-V's VMM, which is not Azure to Azure"

FIELDS = (
    LeftOut("*", "nextLink", "is sent only where there is another page; the tests of pages do it"),
    LeftOut("Disks_*", "extendedLocation", _EDGE),
    LeftOut("Disks_*", "properties.creationData.imageReference", "no disk is made of an image"),
    LeftOut("Disks_Get", "properties.LastOwnershipUpdateTime", "when a disk last was attached"),
    LeftOut("Disks_Update", "properties.propertyUpdatesInProgress", "a tier changes at once here"),
    LeftOut("ResourceSkus_List", "locationInfo[].extendedLocations", _EDGE),
    LeftOut("ResourceSkus_List", "locationInfo[].type", _EDGE),
    LeftOut(
        "RestorePoint*",
        "properties.sourceMetadata.osProfile.allowExtensionOperations",
        _PROFILE,
    ),
    LeftOut(
        "RestorePoint*",
        "properties.sourceMetadata.osProfile.requireGuestProvisionSignal",
        _PROFILE,
    ),
    LeftOut(
        "RestorePointCollections_Get",
        "properties.restorePoints[].properties.sourceMetadata.osProfile.allowExtensionOperations",
        _PROFILE,
    ),
    LeftOut(
        "RestorePointCollections_Get",
        "properties.restorePoints[].properties.sourceMetadata.osProfile"
        ".requireGuestProvisionSignal",
        _PROFILE,
    ),
    LeftOut("RestorePoints_Create", "properties.sourceMetadata.userData", _PROFILE),
    LeftOut("Snapshots_*", "properties.creationData.storageAccountId", _SOURCES),
    LeftOut("Snapshots_*", "properties.creationData.sourceUri", _SOURCES),
    LeftOut("Snapshots_*", "properties.creationData.elasticSanResourceId", _SOURCES),
    LeftOut(
        "Snapshots_CreateOrUpdate",
        "properties.creationData.provisionedBandwidthCopySpeed",
        "a copy of one speed is all there is here",
    ),
    LeftOut(
        "VirtualMachines_CreateOrUpdate",
        "properties.storageProfile.dataDisks[].sourceResource",
        "no data disk is copied from another while its machine is made",
    ),
    LeftOut("VirtualMachines_*", "properties.osProfile.allowExtensionOperations", _PROFILE),
    LeftOut("VirtualMachines_Get", "etag", "machines here are not changed under a condition"),
    LeftOut("VirtualMachines_Get", "resources", _EXTENSIONS),
    LeftOut("VirtualMachines_Get", "managedBy", "no machine here belongs to a scale set"),
    LeftOut("VirtualMachines_InstanceView", "platformUpdateDomain", _VIEW),
    LeftOut("VirtualMachines_InstanceView", "platformFaultDomain", _VIEW),
    LeftOut("VirtualMachines_InstanceView", "vmAgent.extensionHandlers", _EXTENSIONS),
    LeftOut("VirtualMachines_InstanceView", "disks[].statuses[].time", _VIEW),
    LeftOut("VirtualMachines_InstanceView", "bootDiagnostics", _VIEW),
    LeftOut("VirtualMachines_InstanceView", "extensions", _EXTENSIONS),
    LeftOut("VirtualMachines_InstanceView", "patchStatus", _VIEW),
    LeftOut("VirtualMachines_InstanceView", "isVMInStandbyPool", _VIEW),
    LeftOut("VirtualMachines_InstanceView", "assignedHost", _VIEW),
    LeftOut(
        "VirtualMachines_Update",
        "properties.storageProfile.dataDisks[].detachOption",
        "a disk to be detached is gone at once here",
    ),
    LeftOut("MetricDefinitions_List", "category", "other kinds of resources have it"),
    LeftOut("MetricDefinitions_List", "metricClass", "other kinds of resources have it"),
    LeftOut("Metrics_List", "errorMessage", "no metric here is read in part"),
    LeftOut("Vaults_*", "identity.tenantId", _IDENTITY),
    LeftOut("Vaults_*", "identity.principalId", _IDENTITY),
    LeftOut("Vaults_Get", "properties.privateEndpointConnections", _PRIVATE),
    LeftOut("Vaults_*", "properties.encryption.kekIdentity.useSystemAssignedIdentity", _KEYS),
    LeftOut("Vaults_CreateOrUpdate", "sku.tier", "a vault's tier says what its name says"),
    LeftOut(
        "Vaults_Get",
        "properties.securitySettings.sourceScanConfiguration",
        "nothing here looks for malware in points",
    ),
    LeftOut("GetOperationResult", "tags", "the example's vault has tags, that one has none"),
    LeftOut("GetOperationResult", "identity", _IDENTITY),
    LeftOut("GetOperationStatus", "startTime", "the recorded answers have no times"),
    LeftOut("GetOperationStatus", "endTime", "the recorded answers have no times"),
    LeftOut("Usages_ListByVaults", "quotaPeriod", "counts of items have no period"),
    LeftOut("RecoveryPoints_*", "properties.zones", "points say in no zone where they are kept"),
    LeftOut("RecoveryPoints_*", "properties.extendedLocation", _EDGE),
    LeftOut("RecoveryPoints_List", "properties.recoveryPointMoveReadinessInfo.Archive", _ARCHIVE),
    LeftOut("RecoveryPoints_List", "properties.recoveryPointTierDetails[].extendedInfo", _ARCHIVE),
    LeftOut(
        "ProtectionPolicies_*",
        "properties.resourceGuardOperationRequests",
        "vaults here have no resource guard",
    ),
    LeftOut(
        "ResourceGraph_Resources",
        "data[].count",
        "count() is named count_ in Azure's own language and in another of these examples",
    ),
    LeftOut(
        "ReplicationEligibilityResults_Get",
        "properties.errors[]",
        "what Site Recovery refuses is a refusal of the request to replicate it",
    ),
    LeftOut(
        "ReplicationJobs_Get", "properties.customDetails.affectedObjectDetails.PrimaryVmmId", _VMM
    ),
    LeftOut(
        "ReplicationJobs_Get",
        "properties.customDetails.affectedObjectDetails.PrimaryVmmName",
        _VMM,
    ),
    LeftOut(
        "ReplicationJobs_Get",
        "properties.customDetails.affectedObjectDetails.RecoveryVmmId",
        _VMM,
    ),
    LeftOut("ReplicationRecoveryPlans_*", "properties.lastPlannedFailoverTime", _PLANNED),
    LeftOut("Subscriptions_ListLocations", "metadata.geography", _NO_MAP),
    LeftOut("Subscriptions_ListLocations", "metadata.latitude", _NO_MAP),
    LeftOut("Subscriptions_ListLocations", "metadata.longitude", _NO_MAP),
    LeftOut("Subscriptions_ListLocations", "metadata.physicalLocation", _NO_MAP),
    LeftOut("Subscriptions_*", "managedByTenants[]", "no other tenant manages a subscription"),
    LeftOut("Subscriptions_*", "tags", "subscriptions here have no tags"),
    LeftOut("Tenants_List", "tenantBrandingLogoUrl", "the tenant has no logo"),
)

_ASYNC = "azure-asyncoperation"
_ONE_ADDRESS = "Location names itself again; the status has an address of its own"

#: Of an answer, (operation, status, header) -> why it has none.
HEADERS = {
    ("GetOperationResult", 202, _ASYNC): _ONE_ADDRESS,
    ("ProtectedItemOperationResults_Get", 202, _ASYNC): _ONE_ADDRESS,
    ("RecoveryPoints_GetRPExtendedInfoOperationResult", 202, _ASYNC): _ONE_ADDRESS,
}

_GONE = "Azure answers 404 to deleting what is not there (recorded), and 202 otherwise"

#: (pattern of operations, status) -> why nothing here is answered with it.
STATUSES = {
    ("Query_Usage", 204): "every scope here has costs",
    ("Vaults_Update", 202): "a vault's change is over at once, 200, as Azure also does",
    ("JobCancellations_Result", 200): "no body is 204 here; the example lets both",
    ("ProtectedItems_Delete", 200): "deleting takes time, 202, but where there is nothing: 204",
    ("ProtectionPolicies_CreateOrUpdate", 202): "recorded sessions have a policy's PUT as 200",
    ("Replication*_Delete", 204): _GONE,
    ("Replication*_Purge", 204): _GONE,
}
