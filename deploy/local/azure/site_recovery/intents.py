"""Protection intents: replication enabled by naming a VM and a region, the rest made as needed."""

from __future__ import annotations

from datetime import datetime

from deploy.local.azure.backup.places import VAULT, vault_of
from deploy.local.azure.backup.tracking import track
from deploy.local.azure.calls import Answer, Call, Operation
from deploy.local.azure.site_recovery.bodies import Where, item_body
from deploy.local.azure.site_recovery.infrastructure import (
    container_body,
    fabric_body,
    mapping_body,
    policy_body,
)
from deploy.local.azure.site_recovery.items import (
    ENABLE,
    start_replication,
    target,
    vm_to_replicate,
)
from deploy.local.azure.site_recovery.jobs import finish_job, start_job
from deploy.local.azure.site_recovery.pieces import INTENT_TYPE, failure, found_at, listed
from deploy.local.azure.site_recovery.replication import begin
from deploy.local.azure.world import Body, World

_INTENTS = f"{VAULT}/replicationProtectionIntents"
_INTENT = f"{_INTENTS}/{{intent}}"

#: What simple enabling makes where the vault has none: points for a day.
_POLICY = "24-hour-retention-policy"


def _put(call: Call) -> Answer:
    """200 with the intent at once; its job makes what is missing and enables replication."""
    begin(call.world)
    vault = vault_of(call)
    asked = (call.body.get("properties") or {}).get("providerSpecificDetails") or {}
    if asked.get("instanceType") != "A2A" or not asked.get("recoveryLocation"):
        told = "An intent of the type A2A with a recovery location is needed."
        raise failure(400, "InvalidParameter", told, "The request is not valid.", "Correct it.")
    region = str(asked["recoveryLocation"]).replace(" ", "").lower()
    zone = str(asked.get("recoveryAvailabilityZone") or "")
    vm = vm_to_replicate(call, str(asked.get("fabricObjectId") or ""), region, zone)
    item = item_body(call.world, vm["name"], vm, _prepared(call.world, vault, vm, asked, region))
    job = start_job(call.world, item["id"], "EnableDr", target(item), call.world.now)
    intent = _body(vault, call.params["intent"], vm, asked, job)
    call.world.put(intent)

    def done(when: datetime) -> None:
        start_replication(call.world, item, vm, when)
        finish_job(job, when)
        intent["properties"]["jobState"] = "Succeeded"

    track(call, takes=ENABLE, done=done)
    return Answer(200, intent)


def _body(vault: Body, name: str, vm: Body, asked: Body, job: Body) -> Body:
    properties = {
        "friendlyName": vm["name"],
        "jobId": job["id"],
        "jobState": "InProgress",
        "isActive": True,
        "creationTimeUTC": job["properties"]["startTime"],
        "providerSpecificDetails": {
            "instanceType": "A2A",
            "fabricObjectId": vm["id"],
            "primaryLocation": asked.get("primaryLocation") or vm["location"],
            "recoveryLocation": asked["recoveryLocation"],
            "recoverySubscriptionId": asked.get("recoverySubscriptionId"),
            "recoveryAvailabilityType": asked.get("recoveryAvailabilityType", "Single"),
            "recoveryResourceGroupId": asked.get("recoveryResourceGroupId"),
        },
    }
    arm_id = f"{vault['id']}/replicationProtectionIntents/{name}"
    return {"id": arm_id, "name": name, "type": INTENT_TYPE, "properties": properties}


def _prepared(world: World, vault: Body, vm: Body, asked: Body, region: str) -> Where:
    """The fabrics, containers, policy and mapping of these two regions, made where missing."""
    source, recovery = (_container(world, vault, str(one)) for one in (vm["location"], region))
    policy_id = f"{vault['id']}/replicationPolicies/{_POLICY}"
    policy = world.get(policy_id) or world.put(
        policy_body(
            vault,
            _POLICY,
            {"recoveryPointHistory": 24 * 60, "appConsistentFrequencyInMinutes": 4 * 60},
        )
    )
    mapping = mapping_body(source, recovery, policy, f"{vm['location']}-{region}-{_POLICY}")
    if world.get(mapping["id"]) is None:
        world.put(mapping)
    group = asked.get("recoveryResourceGroupId") or f"{vm['id'].split('/providers/')[0]}-asr"
    zone = str(asked.get("recoveryAvailabilityZone") or "")
    return Where(source, recovery, policy, str(group), zone)


def _container(world: World, vault: Body, region: str) -> Body:
    name = f"asr-a2a-default-{region}"
    arm_id = f"{vault['id']}/replicationFabrics/{name}"
    fabric = world.get(arm_id) or world.put(fabric_body(arm_id, region))
    container = container_body(fabric, f"{name}-container")
    return world.get(container["id"]) or world.put(container)


def _get(call: Call) -> Answer:
    return Answer(200, found_at(call, f"replicationProtectionIntents/{call.params['intent']}"))


def _list(call: Call) -> Answer:
    return listed(call.world.of_type(INTENT_TYPE, vault_of(call)["id"]))


OPERATIONS = (
    Operation("ReplicationProtectionIntents_Create", "PUT", _INTENT, _put),
    Operation("ReplicationProtectionIntents_Get", "GET", _INTENT, _get),
    Operation("ReplicationProtectionIntents_List", "GET", _INTENTS, _list),
)
