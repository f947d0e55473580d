"""Network mappings: which network of the recovery region stands for which of the source's."""

from __future__ import annotations

from deploy.local.azure.backup.places import VAULT, vault_of
from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.site_recovery.infrastructure import body_of, put
from deploy.local.azure.site_recovery.pieces import (
    FABRIC,
    NETWORK_MAPPING_TYPE,
    fabric_of,
    found_at,
    listed,
)

_NETWORK = f"{FABRIC}/replicationNetworks/{{network}}/replicationNetworkMappings"
_ONE = f"{_NETWORK}/{{mapping}}"


def _put_network_mapping(call: Call) -> Answer:
    fabric = fabric_of(call)
    asked = call.body.get("properties") or {}
    primary = str((asked.get("fabricSpecificDetails") or {}).get("primaryNetworkId") or "").lower()
    recovery = str(asked.get("recoveryNetworkId") or "").lower()
    name = str(asked.get("recoveryFabricName") or "")
    target = found_at(call, f"replicationFabrics/{name}")
    arm_id = (
        f"{fabric['id']}/replicationNetworks/{call.params['network']}"
        f"/replicationNetworkMappings/{call.params['mapping']}"
    )
    settings = {
        "instanceType": "AzureToAzure",
        "primaryFabricLocation": fabric["properties"]["customDetails"]["location"],
        "recoveryFabricLocation": target["properties"]["customDetails"]["location"],
    }
    properties = {
        "state": "Paired",
        "primaryNetworkFriendlyName": primary.rsplit("/", 1)[-1],
        "primaryNetworkId": primary,
        "primaryFabricFriendlyName": fabric["properties"]["friendlyName"],
        "recoveryNetworkFriendlyName": recovery.rsplit("/", 1)[-1],
        "recoveryNetworkId": recovery,
        "recoveryFabricArmId": target["id"],
        "recoveryFabricFriendlyName": target["properties"]["friendlyName"],
        "fabricSpecificSettings": settings,
    }
    return put(call, body_of(arm_id, NETWORK_MAPPING_TYPE, properties))


def _get_network_mapping(call: Call) -> Answer:
    p = call.params
    return Answer(
        200,
        found_at(
            call,
            f"replicationFabrics/{p['fabric']}/replicationNetworks/{p['network']}"
            f"/replicationNetworkMappings/{p['mapping']}",
        ),
    )


def _list_network_mappings(call: Call) -> Answer:
    scope = fabric_of(call)["id"] if "fabric" in call.params else vault_of(call)["id"]
    return listed(call.world.of_type(NETWORK_MAPPING_TYPE, scope))


OPERATIONS = (
    Operation("ReplicationNetworkMappings_Create", "PUT", _ONE, _put_network_mapping),
    Operation("ReplicationNetworkMappings_Get", "GET", _ONE, _get_network_mapping),
    Operation(
        "ReplicationNetworkMappings_ListByReplicationNetworks",
        "GET",
        _NETWORK,
        _list_network_mappings,
    ),
    Operation(
        "ReplicationNetworkMappings_List",
        "GET",
        f"{VAULT}/replicationNetworkMappings",
        _list_network_mappings,
    ),
)
