"""Vaults that were deleted: kept softly for their retention, listed by region, and undeleted.

A deleted vault goes into the soft-deleted state by itself and can be recovered from there
(backup-azure-security-feature-cloud, 2026); its address and fields are those of the SDK's
deleted_vaults (2025-08-01 and later).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import LOCATION, parts, same
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

#: Of a vault that says nothing else, days (14 to 180 can be set).
RETENTION_DAYS = 14
_TYPE = "Microsoft.RecoveryServices/locations/deletedVaults"


@dataclass(frozen=True)
class DeletedVault:
    """A vault with everything that lay below it, and until when it can be had back."""

    name: str  #: a GUID: several vaults of one name may be deleted
    vault: Body
    below: tuple[Body, ...]
    deleted: datetime
    purged: datetime


class DeletedVaults(dict[str, DeletedVault]):
    """Every deleted vault of a world, by its lower-cased name."""


def delete(world: World, vault: Body) -> None:
    """Take a vault, and all that lies below it, out of the world, and keep it for a while."""
    prefix = vault["id"].lower() + "/"
    below = [body for key, body in world.resources.items() if key.startswith(prefix)]
    for body in (*below, vault):
        world.remove(body["id"])
    soft = vault["properties"].get("securitySettings", {}).get("softDeleteSettings", {})
    days = int(soft.get("softDeleteRetentionPeriodInDays") or RETENTION_DAYS)
    until = world.now + timedelta(days=days)
    kept = DeletedVault(world.new_guid(), vault, tuple(below), world.now, until)
    world.part(DeletedVaults)[kept.name] = kept


def _kept_at(call: Call) -> list[DeletedVault]:
    """Those of the path's subscription and region that are not purged."""
    call.world.catch_up()
    return [
        one
        for one in call.world.part(DeletedVaults).values()
        if one.purged > call.world.now
        and same(one.vault["location"], call.params["region"])
        and same(parts(one.vault["id"]).subscription, call.params["subscription"])
    ]


def _shown(one: DeletedVault) -> Body:
    subscription = parts(one.vault["id"]).subscription
    place = LOCATION.format(subscription=subscription, region=one.vault["location"])
    return {
        "id": f"{place}/deletedVaults/{one.name}",
        "name": one.name,
        "type": _TYPE,
        "properties": {
            "vaultId": one.vault["id"],
            "vaultDeletionTime": stamp(one.deleted),
            "purgeAt": stamp(one.purged),
        },
    }


def _wanted(call: Call) -> DeletedVault:
    for one in _kept_at(call):
        if same(one.name, call.params["deleted"]):
            return one
    name = call.params["deleted"]
    raise Refusal(404, "ResourceNotFound", f"The deleted vault '{name}' was not found.")


def _list(call: Call) -> Answer:
    return paged(call, [_shown(one) for one in _kept_at(call)])


def _get(call: Call) -> Answer:
    return Answer(200, _shown(_wanted(call)))


def _undelete(call: Call) -> Answer:
    """Back into the group that is named, with its policies."""
    one = _wanted(call)
    target = _target(call, one)
    if call.world.get(target) is not None:
        told = f"A vault of the name '{one.vault['name']}' is in that resource group already."
        raise Refusal(409, "VaultAlreadyExists", told)

    def done(when: datetime) -> None:
        if call.world.part(DeletedVaults).pop(one.name, None) is None:
            return
        for body in (one.vault, *one.below):
            call.world.put(_moved(body, one.vault["id"], target))

    operation = tracking.track(call, done=done)
    place = _shown(one)["id"]
    return tracking.accepted(
        call, f"{place}/operations/{operation.id}", f"{place}/operationResults/{operation.id}"
    )


def _target(call: Call, one: DeletedVault) -> str:
    """The id of the vault in the group asked for. Raises Refusal 400 for what is no group."""
    group = (call.fields.get("properties") or {}).get("recoveryResourceGroupId")
    if not re.fullmatch(r"/subscriptions/[^/]+/resourceGroups/[^/]+/?", str(group), re.IGNORECASE):
        told = "recoveryResourceGroupId must be the id of a resource group."
        raise Refusal(400, "InvalidRequestContent", told)
    return f"{str(group).rstrip('/')}/providers/{one.vault['type']}/{one.vault['name']}"


def _moved(body: Body, old_id: str, new_id: str) -> Body:
    """The body with the vault's id, wherever it stands in it, replaced."""
    text = re.sub(re.escape(old_id), lambda _: new_id, json.dumps(body), flags=re.IGNORECASE)
    moved: Body = json.loads(text)
    return moved


_ALL = f"{LOCATION}/deletedVaults"
_ONE = f"{_ALL}/{{deleted}}"
_STATUS, _RESULT = (f"{_ONE}/{kind}/{{operation}}" for kind in ("operations", "operationResults"))
OPERATIONS = (
    Operation("DeletedVaults_ListBySubscriptionId", "GET", _ALL, _list),
    Operation("DeletedVaults_Get", "GET", _ONE, _get),
    Operation("DeletedVaults_Undelete", "POST", f"{_ONE}/undelete", _undelete),
    Operation("DeletedVaults_GetOperationStatus", "GET", _STATUS, tracking.status),
    Operation("DeletedVaults_GetOperationResult", "GET", _RESULT, tracking.result),
)
