"""Where Site Recovery's operations are asked after: one status, and results beside each thing."""

from __future__ import annotations

from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.places import VAULT
from deploy.local.azure.calls import Operation
from deploy.local.azure.site_recovery.pieces import CONTAINER, FABRIC, ITEM, status

_PLACES = (
    FABRIC,
    CONTAINER,
    ITEM,
    f"{CONTAINER}/replicationProtectionContainerMappings/{{mapping}}",
    f"{FABRIC}/replicationNetworks/{{network}}/replicationNetworkMappings/{{mapping}}",
    f"{VAULT}/replicationPolicies/{{policy}}",
    f"{VAULT}/replicationRecoveryPlans/{{plan}}",
    f"{VAULT}/replicationJobs/{{job}}",
)

OPERATIONS = (
    Operation(
        "ReplicationOperationStatus_Get",
        "GET",
        f"{VAULT}/replicationOperationStatus/{{operation}}",
        status,
    ),
    *(
        Operation(
            "ReplicationOperationResults_Get",
            "GET",
            f"{place}/operationresults/{{operation}}",
            tracking.result,
        )
        for place in _PLACES
    ),
)
