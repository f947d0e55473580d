"""What reading needs of Azure: the actions of every question that an advice asks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from advisor.inventory.arm import (
    COLLECTION_TYPE,
    DISK_TYPE,
    RESTORE_POINT_TYPE,
    SNAPSHOT_TYPE,
    VM_TYPE,
)
from advisor.inventory.data_protection import DISK_POLICY_TYPE, INSTANCE_TYPE
from advisor.inventory.policies import POLICY_TYPE
from advisor.inventory.recovery_services import ITEM_TYPE, VAULT_TYPE
from advisor.inventory.replication import REPLICATED_TYPE, REPLICATION_POLICY_TYPE

#: How Azure spells what these types are made of; its comparison ignores case.
_SPELT = {
    "microsoft.compute": "Microsoft.Compute",
    "microsoft.dataprotection": "Microsoft.DataProtection",
    "microsoft.recoveryservices": "Microsoft.RecoveryServices",
    "virtualmachines": "virtualMachines",
    "restorepointcollections": "restorePointCollections",
    "restorepoints": "restorePoints",
    "backupvaults": "backupVaults",
    "backupinstances": "backupInstances",
    "backuppolicies": "backupPolicies",
    "backupfabrics": "backupFabrics",
    "protectioncontainers": "protectionContainers",
    "protecteditems": "protectedItems",
    "replicationfabrics": "replicationFabrics",
    "replicationprotectioncontainers": "replicationProtectionContainers",
    "replicationprotecteditems": "replicationProtectedItems",
    "replicationpolicies": "replicationPolicies",
}


def read_of(resource_type: str) -> str:
    """The action that reads a type: Resource Graph shows only rows that the caller may read."""
    return "/".join([*(_SPELT.get(part, part) for part in resource_type.split("/")), "read"])


#: By what is read. Resource Graph's query itself needs no action of its own
#: (governance/resource-graph/overview, 2025-04-30: "permissions in Azure Resource Graph").
READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "VMs and their disks": (read_of(VM_TYPE), read_of(DISK_TYPE)),
        "snapshots and restore points": (
            read_of(SNAPSHOT_TYPE),
            read_of(COLLECTION_TYPE),
            read_of(RESTORE_POINT_TYPE),
        ),
        "vaults, backups and replication": tuple(
            read_of(each)
            for each in (
                VAULT_TYPE,
                ITEM_TYPE,
                POLICY_TYPE,
                REPLICATED_TYPE,
                REPLICATION_POLICY_TYPE,
                INSTANCE_TYPE,
                DISK_POLICY_TYPE,
            )
        ),
        # How long restores took: optional, so an advice without it assumes them and says so.
        "jobs of vaults": (
            "Microsoft.RecoveryServices/vaults/backupJobs/read",
            "Microsoft.RecoveryServices/vaults/replicationJobs/read",
        ),
        "metrics of disks and VMs": (
            "Microsoft.Insights/metrics/read",
            "Microsoft.Insights/metricDefinitions/read",
        ),
        # Where a workspace is named: `vmbackup measure` reads these two tables of it.
        "figures of VM insights": (
            "Microsoft.OperationalInsights/workspaces/query/read",
            "Microsoft.OperationalInsights/workspaces/query/InsightsMetrics/read",
            "Microsoft.OperationalInsights/workspaces/query/Perf/read",
        ),
        # What was billed: optional, so an advice without it says that it is not known.
        "costs": ("Microsoft.CostManagement/query/read",),
    }
)
#: To find subscriptions and groups at all.
FINDS = (
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
)
#: So that `vmbackup doctor` can ask Azure what the identity may do, instead of trying it.
ASKS_WHAT_IT_MAY = "Microsoft.Authorization/permissions/read"
