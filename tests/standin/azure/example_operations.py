"""Which operation each of Microsoft's examples is of: by its own `operationId`, or by its file.

Names are those of the REST reference where the stand-in does not serve the operation, and those
of its table where it does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.standin.azure.shape_of import SHARED

EXAMPLES = SHARED / "examples"

#: How a file's name (below its service, `newest/` aside) begins or is -> the operation. The first
#: row that fits counts. A star alone stands for the name of the file itself.
_COMPUTE = {
    "Disk_BeginGetAccess": "Disks_GrantAccess",
    "Disk_Create_*": "Disks_CreateOrUpdate",
    "Disk_Delete": "Disks_Delete",
    "Disk_EndGetAccess": "Disks_RevokeAccess",
    "Disk_Get": "Disks_Get",
    "Disk_ListByResourceGroup": "Disks_ListByResourceGroup",
    "Disk_ListBySubscription": "Disks_List",
    "Disk_Update_*": "Disks_Update",
    "ListAvailableResourceSkus*": "ResourceSkus_List",
    "RestorePointCollection_CreateOrUpdate*": "RestorePointCollections_CreateOrUpdate",
    "RestorePointCollection_Delete_*": "RestorePointCollections_Delete",
    "RestorePointCollection_Get*": "RestorePointCollections_Get",
    "RestorePointCollection_ListByResourceGroup": "RestorePointCollections_List",
    "RestorePointCollection_ListBySubscription": "RestorePointCollections_ListAll",
    "RestorePointCollection_Update_*": "RestorePointCollections_Update",
    "RestorePoint_Copy_*": "RestorePoints_Create",
    "RestorePoint_Create": "RestorePoints_Create",
    "RestorePoint_Delete_*": "RestorePoints_Delete",
    "RestorePoint_Get*": "RestorePoints_Get",
    "Snapshot_BeginGetAccess": "Snapshots_GrantAccess",
    "Snapshot_Create_*": "Snapshots_CreateOrUpdate",
    "Snapshot_Delete": "Snapshots_Delete",
    "Snapshot_EndGetAccess": "Snapshots_RevokeAccess",
    "Snapshot_Get*": "Snapshots_Get",
    "Snapshot_ListByResourceGroup": "Snapshots_ListByResourceGroup",
    "Snapshot_ListBySubscription": "Snapshots_List",
    "Snapshot_UpdateImmutabilityPolicyLock": "Snapshots_UpdateImmutabilityPolicyLock",
    "Snapshot_UpdateImmutabilityPolicy": "Snapshots_UpdateImmutabilityPolicy",
    "Snapshot_Update*": "Snapshots_Update",
    "VirtualMachineExtension_Get_*": "VirtualMachineExtensions_Get",
    "VirtualMachineExtension_List_*": "VirtualMachineExtensions_List",
    "VirtualMachine_AttachDetachDataDisks_*": "VirtualMachines_AttachDetachDataDisks",
    "VirtualMachine_Create_*": "VirtualMachines_CreateOrUpdate",
    "VirtualMachine_Deallocate_*": "VirtualMachines_Deallocate",
    "VirtualMachine_Get_InstanceView*": "VirtualMachines_InstanceView",
    "VirtualMachine_Get*": "VirtualMachines_Get",
    "VirtualMachine_ListAll_*": "VirtualMachines_ListAll",
    "VirtualMachine_ListAvailableVmSizes": "VirtualMachines_ListAvailableSizes",
    "VirtualMachine_ListBySubscription_ByLocation": "VirtualMachines_ListByLocation",
    "VirtualMachine_List_*": "VirtualMachines_List",
    "VirtualMachine_PowerOff_*": "VirtualMachines_PowerOff",
    "VirtualMachine_Restart_*": "VirtualMachines_Restart",
    "VirtualMachine_Start_*": "VirtualMachines_Start",
    "VirtualMachine_Update_*": "VirtualMachines_Update",
}
_COSTS = {
    "BenefitRecommendations*": "BenefitRecommendations_List",
    "BenefitUtilizationSummaries__*": "BenefitUtilizationSummaries_List",
    "Budgets__CreateOrUpdate__*": "Budgets_CreateOrUpdate",
    "Budgets__Get__*": "Budgets_Get",
    "Budgets__List__*": "Budgets_List",
    "CostDetailsOperationResults*": "GenerateCostDetailsReport_GetOperationResults",
    "EAPriceSheetForBillingPeriod": "PriceSheet_DownloadByBillingAccount",
    "ExportCreateOrUpdate*": "Exports_CreateOrUpdate",
    "ExportGet*": "Exports_Get",
    "ExportRun*": "Exports_Execute",
    "ExportsGet*": "Exports_List",
    "GenerateCostDetailsReportBy*": "GenerateCostDetailsReport_CreateOperation",
    "GenerateDetailedCostReportOperationResults*": (
        "GenerateDetailedCostReportOperationResults_Get"
    ),
    "GenerateDetailedCostReportOperationStatus*": "GenerateDetailedCostReportOperationStatus_Get",
    "GenerateDetailedCostReportBy*": "GenerateDetailedCostReport_CreateOperation",
    "PricesheetDownloadByBillingProfile": "PriceSheet_DownloadByBillingProfile",
    "PricesheetDownload": "PriceSheet_DownloadByInvoice",
    "*DimensionsList": "Dimensions_List",
    "*Forecast": "Forecast_Usage",
    "*Query": "Query_Usage",
    "*QueryGrouping": "Query_Usage",
    "SubscriptionAlerts": "Alerts_List",
}
_METRICS = {
    "GetMetricDefinitions*": "MetricDefinitions_List",
    "GetMetricNamespaces": "MetricNamespaces_List",
    "GetMetric*": "Metrics_List",
    "GetMultiResourceMetricDefinitions": "MetricDefinitions_ListAtSubscriptionScope",
    "GetMultiResourceMetric*": "Metrics_ListAtSubscriptionScope",
    "PostMultiResourceMetricBody": "Metrics_ListAtSubscriptionScopePost",
}
_VAULTS = {
    "CheckNameAvailability_*": "RecoveryServices_CheckNameAvailability",
    "DeleteVault": "Vaults_Delete",
    "GETVaultExtendedInfo": "VaultExtendedInfo_Get",
    "GETVault": "Vaults_Get",
    "GetOperationResult": "GetOperationResult",
    "GetOperationStatus": "GetOperationStatus",
    "ListBySubscriptionIds": "Vaults_ListBySubscriptionId",
    "ListReplicationUsages": "ReplicationUsages_List",
    "ListResources": "Vaults_ListByResourceGroup",
    "ListUsages": "Usages_ListByVaults",
    "PATCHVault*": "Vaults_Update",
    "PUTVaultCred": "VaultCertificates_Create",
    "PUTVault*": "Vaults_CreateOrUpdate",
}
_BACKUP = {
    "BackupFeature_Validate": "FeatureSupport_Validate",
    "BackupPolicies_List": "BackupPolicies_List",
    "BackupProtectableItems_List": "BackupProtectableItems_List",
    "BackupProtected*_UsageSummary_Get": "BackupUsageSummaries_List",
    "BackupProtection*_UsageSummary_Get": "BackupUsageSummaries_List",
    "BackupProtectedItems_List": "BackupProtectedItems_List",
    "BackupResourceEncryptionConfig_Get": "BackupResourceEncryptionConfigs_Get",
    "BackupResourceVaultConfigs_Patch": "BackupResourceVaultConfigs_Update",
    "BackupResourceVaultConfigs_*": "*",
    "BackupSecurityPin_Get": "SecurityPINs_Get",
    "BackupStorageConfig_Get": "BackupResourceStorageConfigs_Get",
    "BackupStorageConfig_Patch": "BackupResourceStorageConfigs_Patch",
    "BackupStorageConfig_Put": "BackupResourceStorageConfigs_Update",
    "CancelJobOperationResult": "JobCancellations_Result",
    "*_ProtectedItem_Get": "ProtectedItems_Get",
    "ConfigureProtection": "ProtectedItems_CreateOrUpdate",
    "ExportJobsOperationResult": "ExportJobsOperationResults_Get",
    "GetBackupStatus": "BackupStatus_Get",
    "GetJobDetails": "JobDetails_Get",
    "ListJobs*": "BackupJobs_List",
    "ProtectedItemOperationResults": "ProtectedItemOperationResults_Get",
    "ProtectedItemOperationStatus": "ProtectedItemOperationStatuses_Get",
    "ProtectedItem_Delete": "ProtectedItems_Delete",
    "ProtectedItem_Delete_OperationResult": "ProtectedItemOperationResults_Get",
    "ProtectedItem_Delete_OperationStatus": "ProtectedItemOperationStatuses_Get",
    "ProtectionIntent_*": "*",
    "ProtectionPolicies_CreateOrUpdate_*": "ProtectionPolicies_CreateOrUpdate",
    "ProtectionPolic*": "*",
    "Provision_Ilr": "ItemLevelRecoveryConnections_Provision",
    "RecoveryPointsRecommendedForMove_List": "RecoveryPointsRecommendedForMove_List",
    "RecoveryPoints_*": "*",
    "RefreshContainers": "ProtectionContainers_Refresh",
    "RefreshContainers_OperationResults": "FabricOperationResults_Get",
    "Revoke_Ilr": "ItemLevelRecoveryConnections_Revoke",
    "StopProtection": "ProtectedItems_CreateOrUpdate",
    "TieringCost__Fetch*": "FetchTieringCost_Post",
    "TieringCost__GetTieringCostOperationResult": "GetTieringCostOperationResult_Get",
    "TieringCost__GetTieringCostOperationStatus": "TieringCostOperationStatus_Get",
    "TriggerBackup_Post": "Backups_Trigger",
    "TriggerCancelJob": "JobCancellations_Trigger",
    "TriggerExportJobs": "Jobs_Export",
    "TriggerRecoveryPointMove_Post": "MoveRecoveryPoint",
    "TriggerRestore_*": "Restores_Trigger",
    "TriggerValidateOperation_*": "ValidateOperation_Trigger",
    "V2Policy__IaaS_*": "ProtectionPolicies_CreateOrUpdate",
    "V2Policy__v2-Get-Policy": "ProtectionPolicies_Get",
    "V2Policy__v2-List-Policies": "BackupPolicies_List",
    "ValidateOperationResults": "ValidateOperationResults_Get",
    "ValidateOperationStatus": "ValidateOperationStatuses_Get",
    "ValidateOperation_*": "Operation_Validate",
}
_SERVICES = {
    "compute": _COMPUTE,
    "costmanagement": _COSTS,
    "monitor": _METRICS,
    "monitor-dataplane": {"MetricBatchExample*": "Metrics_Batch"},
    "recoveryservices": _VAULTS,
    "recoveryservicesbackup": _BACKUP,
    "resourcegraph": {"Resources*": "ResourceGraph_Resources"},
    "siterecovery": {"RecoveryPoints_Get": "ReplicationRecoveryPoints_Get", "*": "*"},
    "subscriptions": {
        "GetLocations*": "Subscriptions_ListLocations",
        "GetSubscriptions": "Subscriptions_List",
        "GetSubscription": "Subscriptions_Get",
        "GetTenants": "Tenants_List",
    },
}


@dataclass(frozen=True)
class Example:
    """One file of Microsoft's examples."""

    file: Path

    @cached_property
    def name(self) -> str:
        """As it is spoken of: its path below the examples."""
        return self.file.relative_to(EXAMPLES).as_posix()

    @cached_property
    def whole(self) -> Any:
        return json.loads(self.file.read_text())

    @property
    def responses(self) -> dict[str, Any]:
        """By status; `default` is an error's."""
        found: dict[str, Any] = self.whole["responses"]
        return found

    @property
    def operation(self) -> str:
        """Raises KeyError, naming the file, where nobody said of which operation it is."""
        if "operationId" in self.whole:
            return str(self.whole["operationId"])
        service, stem = self.name.partition("/")[0], self.file.stem
        for pattern, operation in _SERVICES[service].items():
            if fnmatchcase(stem, pattern):
                return stem if operation == "*" else operation
        raise KeyError(f"of which operation is the example {self.name}?")


def examples() -> list[Example]:
    """Every example, ordered; none where the folder is absent."""
    return [Example(file) for file in sorted(EXAMPLES.rglob("*.json"))]
