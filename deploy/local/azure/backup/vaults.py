"""Recovery Services vaults: create, change, read, delete; their redundancy and settings."""

from __future__ import annotations

import base64
import copy
from datetime import datetime

from deploy.local.azure.backup import deleted_vaults, tracking
from deploy.local.azure.backup.clock import read, stamp
from deploy.local.azure.backup.paging import paged
from deploy.local.azure.backup.places import (
    REPLICATED_ITEM_TYPE,
    VAULT,
    VAULT_TYPE,
    VAULTS,
    items_in,
    vault_id,
    vault_of,
)
from deploy.local.azure.backup.policies import put_default_policies
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal, page
from deploy.local.azure.granular import note_granularity
from deploy.local.azure.world import Body, World

_REDUNDANCIES = ("LocallyRedundant", "ZoneRedundant", "GeoRedundant")
_SOFT_DELETE_DAYS = range(14, 181)
_GRANULARITIES = ("VaultLevel", "ProtectedItemLevel", "ProtectedItemWithParentTag")


def new_vault(world: World, arm_id: str, location: str, asked: Body) -> Body:
    """A vault's body; what is not asked for has Azure's defaults: GRS, soft delete for 14 days."""
    properties = {
        "provisioningState": "Succeeded",
        "privateEndpointStateForBackup": "None",
        "privateEndpointStateForSiteRecovery": "None",
        "publicNetworkAccess": "Enabled",
        "monitoringSettings": {
            "azureMonitorAlertSettings": {
                "alertsForAllJobFailures": "Enabled",
                "alertsForAllReplicationIssues": "Enabled",
                "alertsForAllFailoverIssues": "Enabled",
            },
            "classicAlertSettings": {
                "alertsForCriticalOperations": "Enabled",
                "emailNotificationsForSiteRecovery": "Enabled",
            },
        },
        "restoreSettings": {
            "crossSubscriptionRestoreSettings": {"crossSubscriptionRestoreState": "Enabled"}
        },
        "redundancySettings": {
            "standardTierStorageRedundancy": "GeoRedundant",
            "crossRegionRestore": "Disabled",
        },
        "securitySettings": {
            "immutabilitySettings": {"state": "Disabled"},
            "softDeleteSettings": {
                "softDeleteRetentionPeriodInDays": 14,
                "softDeleteState": "Enabled",
                "enhancedSecurityState": "Enabled",
            },
            "multiUserAuthorization": "Disabled",
        },
        "secureScore": "Adequate",
        "bcdrSecurityLevel": "Fair",
    }
    body: Body = {"location": _plain(location), "name": arm_id.rsplit("/", 1)[1]}
    body |= {"etag": _etag(world), "properties": merged(properties, asked.get("properties") or {})}
    body |= {"id": arm_id, "type": VAULT_TYPE, "sku": {"name": "Standard"}}
    return body | {key: asked[key] for key in ("tags", "identity") if asked.get(key)}


def _plain(region: str) -> str:
    return region.replace(" ", "").lower()


def _etag(world: World) -> str:
    return f"W/\"datetime'{stamp(world.now).replace(':', '%3A')}'\""


def merged(held: Body, asked: Body) -> Body:
    """`asked` laid over `held`, objects within objects too."""
    result = copy.deepcopy(held)
    for key, value in asked.items():
        inner = result.get(key)
        if isinstance(inner, dict) and isinstance(value, dict):
            result[key] = merged(inner, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def _put(call: Call) -> Answer:
    asked = call.body
    known = call.world.get(vault_id(call))
    if not asked.get("location") and known is None:
        message = "The location property is required for this definition."
        raise Refusal(400, "LocationRequired", message)
    _check_settings(call.world, known, asked.get("properties") or {})
    if known is not None:
        return Answer(200, _change(call.world, known, asked))
    vault = call.world.put(new_vault(call.world, vault_id(call), asked["location"], asked))
    put_default_policies(call.world, vault)
    vault["properties"]["provisioningState"] = "Provisioning"
    created = copy.deepcopy(vault)

    def done(when: datetime) -> None:
        vault["properties"]["provisioningState"] = "Succeeded"

    operation = tracking.track(call, done=done, result=lambda: vault)
    path = tracking.link(call, f"{vault['id']}/operationStatus/{operation.id}")
    return Answer(201, created, {"Azure-AsyncOperation": path} | tracking.patience(call))


def _patch(call: Call) -> Answer:
    vault = vault_of(call)
    _check_settings(call.world, vault, call.body.get("properties") or {})
    return Answer(200, _change(call.world, vault, call.body))


def _change(world: World, vault: Body, asked: Body) -> Body:
    note_granularity(world, vault, asked.get("properties") or {})
    vault["properties"] = merged(vault["properties"], asked.get("properties") or {})
    vault |= {key: asked[key] for key in ("tags", "identity") if key in asked}
    vault["etag"] = _etag(world)
    return vault


def _check_settings(world: World, vault: Body | None, asked: Body) -> None:
    """Raises Refusal for a redundancy, soft delete or immutability that may not be set, and for
    an unknown granularity of costs."""
    level = (asked.get("costManagementSettings") or {}).get("granularityLevel")
    if level is not None and level not in _GRANULARITIES:
        raise Refusal(400, "InvalidRequestContent", f"The granularity level '{level}' is unknown.")
    redundancy = asked.get("redundancySettings") or {}
    held = vault["properties"].get("redundancySettings", {}) if vault else {}
    kind = redundancy.get("standardTierStorageRedundancy")
    if kind is not None and kind not in _REDUNDANCIES:
        raise Refusal(400, "InvalidRequestContent", f"The storage redundancy '{kind}' is unknown.")
    now_kind = kind or held.get("standardTierStorageRedundancy", "GeoRedundant")
    _check_redundancy(world, vault, held, kind)
    if redundancy.get("crossRegionRestore") == "Enabled" and now_kind != "GeoRedundant":
        raise Refusal(
            400,
            "BMSUserErrorCrossRegionRestoreNeedsGeoRedundantVault",
            "Cross Region Restore can be enabled for vaults with geo-redundant storage only.",
        )
    if held.get("crossRegionRestore") == "Enabled" and (
        redundancy.get("crossRegionRestore") == "Disabled"
    ):
        raise Refusal(
            400,
            "BMSUserErrorCrossRegionRestoreCannotBeDisabled",
            "Cross Region Restore cannot be disabled once it was enabled.",
        )
    _check_security(vault, asked.get("securitySettings") or {})


def _check_redundancy(world: World, vault: Body | None, held: Body, kind: str | None) -> None:
    changes = kind is not None and kind != held.get("standardTierStorageRedundancy")
    if vault is not None and changes and is_locked_by_backups(world, vault):
        raise Refusal(
            400,
            "CloudStorageTypeCannotBeModified",
            "Storage replication type of the vault cannot be modified because it has protected "
            "items.",
        )


def _check_security(vault: Body | None, asked: Body) -> None:
    held = vault["properties"].get("securitySettings", {}) if vault else {}
    soft = asked.get("softDeleteSettings") or {}
    days = soft.get("softDeleteRetentionPeriodInDays")
    if soft.get("softDeleteState") == "Disabled":
        raise Refusal(
            400,
            "BMSUserErrorDisablingSoftDeleteStateNotAllowed",
            "Soft delete cannot be disabled for a Recovery Services vault.",
        )
    if days is not None and int(days) not in _SOFT_DELETE_DAYS:
        message = "The soft delete retention must be between 14 and 180 days."
        raise Refusal(400, "BMSUserErrorInvalidSoftDeleteRetention", message)
    state = (asked.get("immutabilitySettings") or {}).get("state")
    if held.get("immutabilitySettings", {}).get("state") == "Locked" and state not in (
        None,
        "Locked",
    ):
        raise Refusal(
            400,
            "UserErrorUnsupportedVaultImmutabilityStateChange",
            "The immutable vault property for this vault is locked, hence, this setting cannot be "
            "disabled.",
        )


def is_locked_by_backups(world: World, vault: Body) -> bool:
    """The redundancy is fixed by the first backup."""
    items = items_in(world, vault["id"])
    return any(read(item["properties"].get("lastRecoveryPoint")) for item in items)


def _get(call: Call) -> Answer:
    return Answer(200, vault_of(call))


def _list_of_group(call: Call) -> Answer:
    p = call.params
    scope = f"/subscriptions/{p['subscription']}/resourceGroups/{p['group']}"
    return paged(call, call.world.of_type(VAULT_TYPE, scope))


def _list_of_subscription(call: Call) -> Answer:
    scope = f"/subscriptions/{call.params['subscription']}"
    return paged(call, call.world.of_type(VAULT_TYPE, scope))


def _delete(call: Call) -> Answer:
    """204 where there is none; refused while anything is protected, also softly deleted."""
    vault = call.world.get(vault_id(call))
    if vault is None:
        return Answer(204)
    items = items_in(call.world, vault["id"])
    replicated = call.world.of_type(REPLICATED_ITEM_TYPE, vault["id"])
    if items or replicated:
        names = [i["properties"]["friendlyName"] for i in (*items, *replicated)]
        raise Refusal(
            409,
            "ServiceResourceNotEmptyWithContainerDetails",
            "Recovery Services vault cannot be deleted as there are backup items in soft deleted "
            f"state or items registered in the vault: {', '.join(names)}. Please ensure all "
            "containers have been unregistered from the vault and retry operation.",
        )

    operation = tracking.track(call, done=lambda _: deleted_vaults.delete(call.world, vault))
    return tracking.accepted(
        call,
        f"{vault['id']}/operationStatus/{operation.id}",
        f"{vault['id']}/operationResults/{operation.id}",
    )


def _status(call: Call) -> Answer:
    """A vault's operation has no times (recorded)."""
    operation = tracking.tracked(call)
    path = call.path.rsplit("/", 1)[0]
    body = {"id": f"{path}/{operation.id}", "name": operation.id, "status": operation.status}
    return Answer(200, body, {} if operation.finished else tracking.patience(call))


def _storage_config(call: Call) -> Answer:
    vault = vault_of(call)
    redundancy = vault["properties"].get("redundancySettings", {})
    kind = redundancy.get("standardTierStorageRedundancy", "GeoRedundant")
    locked = is_locked_by_backups(call.world, vault)
    properties = {
        "storageModelType": kind,
        "storageType": kind,
        "storageTypeState": "Locked" if locked else "Unlocked",
        "crossRegionRestoreFlag": redundancy.get("crossRegionRestore") == "Enabled",
    }
    return Answer(200, _setting(vault, "backupstorageconfig", "vaultstorageconfig", properties))


def _put_storage_config(call: Call) -> Answer:
    vault = vault_of(call)
    asked = call.body.get("properties") or {}
    wanted = {"standardTierStorageRedundancy": asked.get("storageModelType")}
    wanted["standardTierStorageRedundancy"] = (
        asked.get("storageType") or wanted["standardTierStorageRedundancy"]
    )
    if "crossRegionRestoreFlag" in asked:
        wanted["crossRegionRestore"] = "Enabled" if asked["crossRegionRestoreFlag"] else "Disabled"
    settings = {"redundancySettings": {k: v for k, v in wanted.items() if v is not None}}
    held = vault["properties"].get("redundancySettings", {})
    if settings["redundancySettings"].get("crossRegionRestore") == held.get("crossRegionRestore"):
        settings["redundancySettings"].pop("crossRegionRestore", None)
    _check_settings(call.world, vault, settings)
    _change(call.world, vault, {"properties": settings})
    return Answer(204) if call.method == "PATCH" else _storage_config(call)


def _vault_config(call: Call) -> Answer:
    vault = vault_of(call)
    soft = vault["properties"].get("securitySettings", {}).get("softDeleteSettings", {})
    properties = {
        "enhancedSecurityState": soft.get("enhancedSecurityState", "Enabled"),
        "softDeleteFeatureState": soft.get("softDeleteState", "Enabled"),
        "softDeleteRetentionPeriodInDays": soft.get("softDeleteRetentionPeriodInDays", 14),
        "isSoftDeleteFeatureStateEditable": False,
    }
    return Answer(200, _setting(vault, "backupconfig", "vaultconfig", properties))


def _put_vault_config(call: Call) -> Answer:
    vault = vault_of(call)
    asked = call.body.get("properties") or {}
    names = {
        "softDeleteFeatureState": "softDeleteState",
        "softDeleteRetentionPeriodInDays": "softDeleteRetentionPeriodInDays",
    }
    soft = {names[key]: value for key, value in asked.items() if key in names}
    settings = {"securitySettings": {"softDeleteSettings": soft}}
    _check_settings(call.world, vault, settings)
    _change(call.world, vault, {"properties": settings})
    return _vault_config(call)


def _setting(vault: Body, kind: str, name: str, properties: Body) -> Body:
    return {
        "id": f"{vault['id']}/{kind}/{name}",
        "name": name,
        "type": f"{VAULT_TYPE}/{kind}",
        "properties": properties,
    }


def _usages(call: Call) -> Answer:
    vault = vault_of(call)
    items = items_in(call.world, vault["id"])
    critical = sum(i["properties"].get("healthStatus") == "ActionRequired" for i in items)
    counts = (
        ("ProtectedItemCount", "Backup items/Azure virtual machine backup", len(items)),
        ("ProtectedItemCriticalCount", "Critical", critical),
        ("IaaSVMProtectedItemCount", "Azure Virtual Machines", len(items)),
        ("IaaSVMProtectedItemCriticalCount", "Critical", critical),
        ("ManagedInstances", "Protected Instances", len(items)),
    )
    rows = [
        {
            "unit": "Count",
            "currentValue": count,
            "limit": -1,
            "name": {"value": name, "localizedValue": told},
        }
        for name, told, count in counts
    ]
    return page(rows)


def _extended_info(call: Call) -> Answer:
    vault = vault_of(call)
    key = base64.b64encode(vault["name"].encode().ljust(16, b"\0")[:16]).decode()
    body = _setting(vault, "extendedInformation", "vaultExtendedInfo", {"integrityKey": key})
    body["properties"]["algorithm"] = "None"
    return Answer(200, body | {"etag": vault.get("etag", "")})


def _check_name(call: Call) -> Answer:
    scope = f"/subscriptions/{call.params['subscription']}/resourceGroups/{call.params['group']}"
    wanted = str(call.body.get("name", "")).lower()
    taken = any(v["name"].lower() == wanted for v in call.world.of_type(VAULT_TYPE, scope))
    if not taken:
        return Answer(200, {"nameAvailable": True})
    told = "Resource already exists with the same name."
    return Answer(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": told})


_IN_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.RecoveryServices/vaults"
_STORAGE = f"{VAULT}/backupstorageconfig/vaultstorageconfig"
_CONFIG = f"{VAULT}/backupconfig/vaultconfig"
_CHECK = (
    f"{RESOURCE_GROUP}/providers/Microsoft.RecoveryServices/locations/{{region}}"
    "/checkNameAvailability"
)

OPERATIONS = (
    Operation("Vaults_CreateOrUpdate", "PUT", VAULT, _put),
    Operation("Vaults_Update", "PATCH", VAULT, _patch),
    Operation("Vaults_Get", "GET", VAULT, _get),
    Operation("Vaults_Delete", "DELETE", VAULT, _delete),
    Operation("Vaults_ListByResourceGroup", "GET", VAULTS, _list_of_group),
    Operation("Vaults_ListBySubscriptionId", "GET", _IN_SUBSCRIPTION, _list_of_subscription),
    Operation("GetOperationStatus", "GET", f"{VAULT}/operationStatus/{{operation}}", _status),
    Operation(
        "GetOperationResult", "GET", f"{VAULT}/operationResults/{{operation}}", tracking.result
    ),
    Operation("BackupResourceStorageConfigs_Get", "GET", _STORAGE, _storage_config),
    Operation("BackupResourceStorageConfigs_Update", "PUT", _STORAGE, _put_storage_config),
    Operation("BackupResourceStorageConfigs_Patch", "PATCH", _STORAGE, _put_storage_config),
    Operation("BackupResourceVaultConfigs_Get", "GET", _CONFIG, _vault_config),
    Operation("BackupResourceVaultConfigs_Put", "PUT", _CONFIG, _put_vault_config),
    Operation("BackupResourceVaultConfigs_Update", "PATCH", _CONFIG, _put_vault_config),
    Operation("Usages_ListByVaults", "GET", f"{VAULT}/usages", _usages),
    Operation(
        "VaultExtendedInfo_Get",
        "GET",
        f"{VAULT}/extendedInformation/vaultExtendedInfo",
        _extended_info,
    ),
    Operation("RecoveryServices_CheckNameAvailability", "POST", _CHECK, _check_name),
)
