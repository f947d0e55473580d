"""Cross Region Restore: from the vault's copy in the paired region, and there only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from advisor.regions import REGIONS
from deploy.local.azure.backup import tracking
from deploy.local.azure.backup.clock import stamp
from deploy.local.azure.backup.places import LOCATION, item_of
from deploy.local.azure.backup.points import Point, points_of, policy_of
from deploy.local.azure.backup.recovery import POINT, point_of
from deploy.local.azure.backup.restores import allowed, refused, start
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

#: The vault's secondary region has a point this long after the vault (24 h + 12 h RPO).
REACHES_PAIR_AFTER = timedelta(hours=12)


def _cross_region(call: Call) -> Answer:
    """Restore in the vault's pair: geo-redundant, switched on, and only from the vault."""
    access = call.body.get("crossRegionRestoreAccessDetails") or {}
    asked = call.body.get("restoreRequest") or {}
    item = _item_of_access(call, access)
    vault = call.world.resources[item["id"].lower().split("/backupfabrics/")[0]]
    region = call.params["region"].replace(" ", "").lower()
    _check_pair(vault, region)
    point = _replicated_point(call.world, item, str(asked.get("recoveryPointId") or ""))
    if asked.get("recoveryType") == "OriginalLocation":
        raise refused(
            "UserErrorReplaceDisksNotSupportedInSecondaryRegion",
            "Disks cannot be replaced by Cross Region Restore.",
        )
    wanted = allowed(call, item, point, asked, region)
    job = start(replace(wanted, in_pair=True), vault, "CrossRegionRestore")
    operation = tracking.track(call, properties=tracking.job_reference(job["name"]))
    where = LOCATION.format(subscription=call.params["subscription"], region=region)
    return tracking.accepted(
        call,
        f"{where}/backupCrrOperationsStatus/{operation.id}",
        f"{where}/backupCrrOperationResults/{operation.id}",
    )


def _item_of_access(call: Call, access: Body) -> Body:
    vault = (
        f"/subscriptions/{access.get('subscriptionId')}/resourceGroups/"
        f"{access.get('resourceGroupName')}/providers/Microsoft.RecoveryServices/vaults/"
        f"{access.get('resourceName')}"
    )
    item = call.world.get(
        f"{vault}/backupFabrics/Azure/protectionContainers/{access.get('protectionContainerName')}"
        f"/protectedItems/{access.get('protectedItemName')}"
    )
    if item is None:
        raise refused("BMSUserErrorInvalidInput", "The access token names no backup item.")
    return item


def _check_pair(vault: Body, region: str) -> None:
    known = REGIONS.get(str(vault["location"]))
    pair = known.pair if known else ""
    if not pair or region != pair:
        told = f"its pair is '{pair}'" if pair else "it has no pair"
        raise refused(
            "UserErrorCrossRegionRestoreRegionNotPaired",
            f"Cross Region Restore restores to the paired region only: the vault is in "
            f"'{vault['location']}', {told}.",
        )
    if vault["properties"].get("redundancySettings", {}).get("crossRegionRestore") != "Enabled":
        raise refused(
            "UserErrorCrossRegionRestoreNotEnabled",
            "Cross Region Restore is not enabled for this vault.",
        )


def _replicated_point(world: World, item: Body, name: str) -> Point:
    for point in points_of(world, item, policy_of(world, item)):
        reached = point.vaulted is not None and point.vaulted + REACHES_PAIR_AFTER <= world.now
        if point.name == name and reached:
            return point
    raise Refusal(
        404,
        "BMSUserErrorRecoveryPointNotFound",
        f"The recovery point '{name}' is not in the secondary region.",
    )


def _access_token(call: Call) -> Answer:
    """What Cross Region Restore wants to be shown: where the recovery point is."""
    item = item_of(call)
    point = point_of(call, item)
    properties = {
        "objectType": "CrrAccessToken",
        "subscriptionId": call.params["subscription"],
        "resourceGroupName": call.params["group"],
        "resourceName": call.params["vault"],
        "protectionContainerName": call.params["container"],
        "protectedItemName": item["name"],
        "recoveryPointId": point.name,
        "recoveryPointTime": stamp(point.taken),
        "datasourceId": item["properties"]["sourceResourceId"],
    }
    return Answer(200, {"id": call.path, "name": point.name, "properties": properties})


OPERATIONS = (
    Operation("RecoveryPoints_GetAccessToken", "POST", f"{POINT}/accessToken", _access_token),
    Operation(
        "CrossRegionRestore_Trigger", "POST", f"{LOCATION}/backupCrossRegionRestore", _cross_region
    ),
    Operation(
        "CrrOperationStatus_Get",
        "GET",
        f"{LOCATION}/backupCrrOperationsStatus/{{operation}}",
        tracking.status,
    ),
    Operation(
        "CrrOperationResults_Get",
        "GET",
        f"{LOCATION}/backupCrrOperationResults/{{operation}}",
        tracking.result,
    ),
)
