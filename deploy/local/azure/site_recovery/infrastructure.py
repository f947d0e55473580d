"""What replication stands on: fabrics, containers, mappings, policies, network mappings."""

from __future__ import annotations

import uuid
from datetime import datetime

from advisor.regions import REGIONS
from deploy.local.azure.backup.places import VAULT, same, vault_of
from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.site_recovery.pieces import (
    CONTAINER,
    CONTAINER_TYPE,
    CONTAINERS,
    FABRIC,
    FABRIC_TYPE,
    FABRICS,
    ITEM_TYPE,
    MAPPING_TYPE,
    POLICY_TYPE,
    accepted,
    container_of,
    fabric_of,
    failure,
    found_at,
    listed,
)
from deploy.local.azure.world import Body, World

_MAPPINGS = f"{CONTAINER}/replicationProtectionContainerMappings"
_MAPPING = f"{_MAPPINGS}/{{mapping}}"
_POLICIES = f"{VAULT}/replicationPolicies"
_POLICY = f"{_POLICIES}/{{policy}}"


def fabric_body(arm_id: str, region: str) -> Body:
    encryption = {"kekState": "None", "kekCertThumbprint": None}
    known = REGIONS.get(region)
    return body_of(
        arm_id,
        FABRIC_TYPE,
        {
            "friendlyName": known.display_name if known else region,
            "encryptionDetails": encryption,
            "rolloverEncryptionDetails": dict(encryption),
            "internalIdentifier": str(uuid.uuid5(uuid.NAMESPACE_URL, arm_id.lower())),
            "bcdrState": "Valid",
            "customDetails": {
                "instanceType": "Azure",
                "location": region,
                "containerIds": [],
                "zones": [],
            },
            "healthErrorDetails": [],
            "health": "Normal",
        },
    )


def container_body(fabric: Body, name: str) -> Body:
    return body_of(
        f"{fabric['id']}/replicationProtectionContainers/{name}",
        CONTAINER_TYPE,
        {
            "fabricFriendlyName": fabric["properties"]["friendlyName"],
            "friendlyName": name,
            "fabricType": "Azure",
            "protectedItemCount": 0,
            "pairingStatus": "NotPaired",
            "role": "",
            "fabricSpecificDetails": None,
        },
    )


def policy_body(vault: Body, name: str, asked: Body) -> Body:
    """`asked` is the input's providerSpecificInput; minutes, as Site Recovery counts history."""
    consistent = asked.get("multiVmSyncStatus") == "Enable"
    details = {
        "instanceType": "A2A",
        "recoveryPointThresholdInMinutes": 0,
        "recoveryPointHistory": int(asked.get("recoveryPointHistory") or 0),
        "appConsistentFrequencyInMinutes": int(asked.get("appConsistentFrequencyInMinutes") or 0),
        "multiVmSyncStatus": "Enabled" if consistent else "Disabled",
        "crashConsistentFrequencyInMinutes": 5,
        "status": False,
        "associatedItemsCount": 0,
        "dataSourceType": "VM",
    }
    properties = {"friendlyName": name, "providerSpecificDetails": details}
    return body_of(f"{vault['id']}/replicationPolicies/{name}", POLICY_TYPE, properties)


def mapping_body(source: Body, target: Body, policy: Body, name: str) -> Body:
    details = {
        "instanceType": "A2A",
        "agentAutoUpdateStatus": "Disabled",
        "automationAccountAuthenticationType": "RunAsAccount",
        "automationAccountArmId": None,
        "scheduleName": None,
        "jobScheduleName": None,
    }
    return body_of(
        f"{source['id']}/replicationProtectionContainerMappings/{name}",
        MAPPING_TYPE,
        {
            "targetProtectionContainerId": target["id"],
            "targetProtectionContainerFriendlyName": target["properties"]["friendlyName"],
            "providerSpecificDetails": details,
            "health": "Normal",
            "healthErrorDetails": [],
            "policyId": policy["id"],
            "state": "Paired",
            "sourceProtectionContainerFriendlyName": source["properties"]["friendlyName"],
            "sourceFabricFriendlyName": source["properties"]["fabricFriendlyName"],
            "targetFabricFriendlyName": target["properties"]["fabricFriendlyName"],
            "policyFriendlyName": policy["properties"]["friendlyName"],
        },
    )


def body_of(arm_id: str, kind: str, properties: Body) -> Body:
    name = arm_id.rsplit("/", 1)[1]
    return {"id": arm_id, "name": name, "type": kind, "properties": properties}


def put(call: Call, body: Body) -> Answer:
    """202; the body is there when the operation is over."""

    def done(when: datetime) -> None:
        call.world.put(body)

    return accepted(call, body["id"], done=done, result=lambda: body)


def _remove(call: Call, body: Body) -> Answer:
    def done(when: datetime) -> None:
        call.world.remove(body["id"])

    return accepted(call, body["id"], done=done)


def _invalid(told: str) -> Exception:
    return failure(400, "InvalidParameter", told, "The request is not valid.", "Correct it.")


def _put_fabric(call: Call) -> Answer:
    vault = vault_of(call)
    custom = (call.body.get("properties") or {}).get("customDetails") or {}
    region = str(custom.get("location") or "").replace(" ", "").lower()
    if custom.get("instanceType") != "Azure" or not region:
        raise _invalid("Only fabrics of the type Azure are served here, and need a location.")
    return put(
        call, fabric_body(f"{vault['id']}/replicationFabrics/{call.params['fabric']}", region)
    )


def _list_fabrics(call: Call) -> Answer:
    rows = call.world.of_type(FABRIC_TYPE, vault_of(call)["id"])
    return listed([_without_containers(row) for row in rows])


def _without_containers(fabric: Body) -> Body:
    """A list leaves the zones out and has null for the containers (recorded)."""
    custom = {k: v for k, v in fabric["properties"]["customDetails"].items() if k != "zones"}
    shown = fabric["properties"] | {"customDetails": custom | {"containerIds": None}}
    return fabric | {"properties": shown}


def _delete_fabric(call: Call) -> Answer:
    fabric = fabric_of(call)
    _refuse_if_used(call.world, fabric)
    return _remove(call, fabric)


def _refuse_if_used(world: World, body: Body) -> None:
    if world.of_type(ITEM_TYPE, body["id"]):
        raise failure(
            400,
            "ResourceInUse",
            f"'{body['name']}' cannot be deleted as replicated items are in it.",
            "Replication is enabled for virtual machines.",
            "Disable their replication first.",
        )


def _put_container(call: Call) -> Answer:
    return put(call, container_body(fabric_of(call), call.params["container"]))


def _shown_container(world: World, container: Body) -> Body:
    mapped = world.of_type(MAPPING_TYPE, container["id"])
    count = len(world.of_type(ITEM_TYPE, container["id"]))
    paired = {"pairingStatus": "Paired" if mapped else "NotPaired", "protectedItemCount": count}
    return container | {"properties": container["properties"] | paired}


def _get_container(call: Call) -> Answer:
    return Answer(200, _shown_container(call.world, container_of(call)))


def _list_containers(call: Call) -> Answer:
    scope = fabric_of(call)["id"] if "fabric" in call.params else vault_of(call)["id"]
    found = call.world.of_type(CONTAINER_TYPE, scope)
    return listed([_shown_container(call.world, row) for row in found])


def _remove_container(call: Call) -> Answer:
    container = container_of(call)
    _refuse_if_used(call.world, container)
    return _remove(call, container)


def _put_mapping(call: Call) -> Answer:
    source = container_of(call)
    asked = call.body.get("properties") or {}
    target = call.world.get(str(asked.get("targetProtectionContainerId") or ""))
    policy = call.world.get(str(asked.get("policyId") or ""))
    if target is None or policy is None:
        raise _invalid("The target container or the policy does not exist.")
    return put(call, mapping_body(source, target, policy, call.params["mapping"]))


def _mapping_of(call: Call) -> Body:
    container = container_of(call)
    path = container["id"].split("/vaults/", 1)[1].split("/", 1)[1]
    name = call.params["mapping"]
    return found_at(call, f"{path}/replicationProtectionContainerMappings/{name}")


def _get_mapping(call: Call) -> Answer:
    return Answer(200, _mapping_of(call))


def _list_mappings(call: Call) -> Answer:
    scope = container_of(call)["id"] if "container" in call.params else vault_of(call)["id"]
    return listed(call.world.of_type(MAPPING_TYPE, scope))


def _remove_mapping(call: Call) -> Answer:
    return _remove(call, _mapping_of(call))


def _put_policy(call: Call) -> Answer:
    vault = vault_of(call)
    asked = (call.body.get("properties") or {}).get("providerSpecificInput") or {}
    if asked.get("instanceType") != "A2A":
        raise _invalid("Only policies of the type A2A are served here.")
    hours = int(asked.get("recoveryPointHistory") or 0) / 60
    if not 0 <= hours <= 15 * 24:
        raise failure(
            400,
            "150261",
            "Replication policy creation failed.",
            "Recovery points are kept for 0 to 15 days.",
            "Use a history of at most 21600 minutes.",
        )
    return put(call, policy_body(vault, call.params["policy"], asked))


def _shown_policy(world: World, policy: Body) -> Body:
    items = world.of_type(ITEM_TYPE, policy["id"].rsplit("/replicationPolicies/", 1)[0])
    used = sum(same(item["properties"].get("policyId"), policy["id"]) for item in items)
    details = policy["properties"]["providerSpecificDetails"] | {"associatedItemsCount": used}
    return policy | {"properties": policy["properties"] | {"providerSpecificDetails": details}}


def _policy_of(call: Call) -> Body:
    return found_at(call, f"replicationPolicies/{call.params['policy']}")


def _get_policy(call: Call) -> Answer:
    return Answer(200, _shown_policy(call.world, _policy_of(call)))


def _list_policies(call: Call) -> Answer:
    found = call.world.of_type(POLICY_TYPE, vault_of(call)["id"])
    return listed([_shown_policy(call.world, row) for row in found])


def _delete_policy(call: Call) -> Answer:
    policy = _shown_policy(call.world, _policy_of(call))
    if policy["properties"]["providerSpecificDetails"]["associatedItemsCount"]:
        raise failure(
            400,
            "ResourceInUse",
            f"The policy '{policy['name']}' cannot be deleted as replicated items use it.",
            "Replication of virtual machines uses the policy.",
            "Disable their replication first.",
        )
    return _remove(call, policy)


OPERATIONS = (
    Operation("ReplicationFabrics_Create", "PUT", FABRIC, _put_fabric),
    Operation("ReplicationFabrics_Get", "GET", FABRIC, lambda call: Answer(200, fabric_of(call))),
    Operation("ReplicationFabrics_List", "GET", FABRICS, _list_fabrics),
    Operation("ReplicationFabrics_Purge", "DELETE", FABRIC, _delete_fabric),
    Operation("ReplicationFabrics_Delete", "POST", f"{FABRIC}/remove", _delete_fabric),
    Operation("ReplicationProtectionContainers_Create", "PUT", CONTAINER, _put_container),
    Operation("ReplicationProtectionContainers_Get", "GET", CONTAINER, _get_container),
    Operation(
        "ReplicationProtectionContainers_ListByReplicationFabrics",
        "GET",
        CONTAINERS,
        _list_containers,
    ),
    Operation(
        "ReplicationProtectionContainers_List",
        "GET",
        f"{VAULT}/replicationProtectionContainers",
        _list_containers,
    ),
    Operation(
        "ReplicationProtectionContainers_Delete", "POST", f"{CONTAINER}/remove", _remove_container
    ),
    Operation("ReplicationProtectionContainerMappings_Create", "PUT", _MAPPING, _put_mapping),
    Operation("ReplicationProtectionContainerMappings_Get", "GET", _MAPPING, _get_mapping),
    Operation(
        "ReplicationProtectionContainerMappings_ListByReplicationProtectionContainers",
        "GET",
        _MAPPINGS,
        _list_mappings,
    ),
    Operation(
        "ReplicationProtectionContainerMappings_List",
        "GET",
        f"{VAULT}/replicationProtectionContainerMappings",
        _list_mappings,
    ),
    Operation("ReplicationProtectionContainerMappings_Purge", "DELETE", _MAPPING, _remove_mapping),
    Operation(
        "ReplicationProtectionContainerMappings_Delete",
        "POST",
        f"{_MAPPING}/remove",
        _remove_mapping,
    ),
    Operation("ReplicationPolicies_Create", "PUT", _POLICY, _put_policy),
    Operation("ReplicationPolicies_Get", "GET", _POLICY, _get_policy),
    Operation("ReplicationPolicies_List", "GET", _POLICIES, _list_policies),
    Operation("ReplicationPolicies_Delete", "DELETE", _POLICY, _delete_policy),
)
