"""Made-up resources in the shapes that az, Resource Graph and the REST API print, for the tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from advisor.inventory.exports import parse_exports
from advisor.inventory.files import NamedText
from advisor.inventory.find import Fleet

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SUBSCRIPTION = "2d7f1c3a-5b86-4c19-9f04-8a6e3b1d7c52"
OTHER_SUBSCRIPTION = "91c4e0d8-7a35-4b62-8d1f-0c9b5e2a6f47"
VAULTS = "Microsoft.RecoveryServices/vaults"


def arm_id(kind: str, name: str, group: str = "rg-a", subscription: str = SUBSCRIPTION) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}"


def vm(name: str = "web-01", group: str = "rg-a", **changes: Any) -> dict[str, Any]:
    """As `az vm list -o json` prints it: flattened, one OS disk and one data disk."""
    disk = "Microsoft.Compute/disks"
    body = {
        "id": arm_id("Microsoft.Compute/virtualMachines", name, group),
        "name": name,
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "resourceGroup": group,
        "tags": None,
        "zones": ["1"],
        "hardwareProfile": {"vmSize": "Standard_D4s_v5", "vmSizeProperties": None},
        "storageProfile": {
            "imageReference": {"publisher": "Canonical", "offer": "jammy", "sku": "22_04-gen2"},
            "osDisk": {
                "name": f"{name}-os",
                "osType": "Linux",
                "caching": "ReadWrite",
                "diskSizeGb": 64,
                "managedDisk": {
                    "id": arm_id(disk, f"{name}-os", group),
                    "storageAccountType": "Premium_LRS",
                },
            },
            "dataDisks": [
                {
                    "lun": 0,
                    "name": f"{name}-data",
                    "caching": "ReadOnly",
                    "managedDisk": {"id": arm_id(disk, f"{name}-data", group)},
                }
            ],
        },
        "timeCreated": "2025-03-11T08:14:52.118000+00:00",
    }
    return {**body, **changes}


def rest(flat: dict[str, Any]) -> dict[str, Any]:
    """The REST shape of a resource in the Azure CLI's shape."""
    top = {"id", "name", "type", "location", "tags", "zones", "sku", "managedBy", "plan"}
    return {
        **{key: value for key, value in flat.items() if key in top},
        "properties": {key: value for key, value in flat.items() if key not in top},
    }


def disk(name: str = "web-01-os", group: str = "rg-a", **changes: Any) -> dict[str, Any]:
    """As `az disk list -o json` prints it."""
    body = {
        "id": arm_id("Microsoft.Compute/disks", name, group),
        "name": name,
        "type": "Microsoft.Compute/disks",
        "location": "westeurope",
        "sku": {"name": "Premium_LRS", "tier": "Premium"},
        "diskSizeGb": 256,
        "diskIopsReadWrite": 1100,
        "diskMBpsReadWrite": 125,
        "creationData": {"createOption": "Empty"},
    }
    return {**body, **changes}


def disks_of(name: str = "web-01", group: str = "rg-a") -> list[dict[str, Any]]:
    return [disk(f"{name}-os", group, osType="Linux"), disk(f"{name}-data", group)]


def snapshot(name: str, source: str, taken: datetime, **changes: Any) -> dict[str, Any]:
    """As `az snapshot list -o json` prints it."""
    body = {
        "id": arm_id("Microsoft.Compute/snapshots", name),
        "name": name,
        "type": "Microsoft.Compute/snapshots",
        "location": "westeurope",
        "sku": {"name": "Standard_ZRS"},
        "creationData": {"createOption": "Copy", "sourceResourceId": source},
        "incremental": True,
        "diskSizeGb": 64,
        "timeCreated": taken.isoformat(),
    }
    return {**body, **changes}


def vault(name: str = "v1", region: str = "westeurope", **changes: Any) -> dict[str, Any]:
    """As `az backup vault list -o json` prints it."""
    redundancy = {"standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Enabled"}
    body = {
        "id": arm_id(VAULTS, name, "rg-backup"),
        "name": name,
        "type": VAULTS,
        "location": region,
        "properties": {
            "redundancySettings": redundancy,
            "securitySettings": {"softDeleteSettings": {"softDeleteState": "AlwaysON"}},
        },
    }
    return {**body, **changes}


def policy(name: str = "daily", vault_name: str = "v1", **properties: Any) -> dict[str, Any]:
    """As `az backup policy list -o json` prints it: daily, kept for 30 days."""
    body = {
        "backupManagementType": "AzureIaasVM",
        "policyType": "V1",
        "schedulePolicy": {
            "schedulePolicyType": "SimpleSchedulePolicy",
            "scheduleRunFrequency": "Daily",
        },
        "retentionPolicy": {
            "retentionPolicyType": "LongTermRetentionPolicy",
            "dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}},
        },
    }
    return {
        "id": arm_id(VAULTS, vault_name, "rg-backup") + f"/backupPolicies/{name}",
        "name": name,
        "type": f"{VAULTS}/backupPolicies",
        "properties": {**body, **properties},
    }


def item(
    of: dict[str, Any], vault_name: str = "v1", policy_name: str = "daily", **properties: Any
) -> dict[str, Any]:
    """As `az backup item list -o json` prints it."""
    in_vault = arm_id(VAULTS, vault_name, "rg-backup")
    key = f"iaasvmcontainerv2;{of['resourceGroup']};{of['name']}".lower()
    body = {
        "backupManagementType": "AzureIaasVM",
        "workloadType": "VM",
        "friendlyName": of["name"],
        "sourceResourceId": of["id"],
        "policyId": f"{in_vault}/backupPolicies/{policy_name}",
        "protectionState": "Protected",
        "lastBackupStatus": "Completed",
        "lastRecoveryPoint": (NOW - timedelta(hours=8)).isoformat(),
    }
    return {
        "id": f"{in_vault}/backupFabrics/Azure/protectionContainers/IaasVMContainer;{key}"
        f"/protectedItems/VM;{key}",
        "name": f"VM;{key}",
        "type": f"{VAULTS}/backupFabrics/protectionContainers/protectedItems",
        "properties": {**body, **properties},
    }


def replicated(of: dict[str, Any], **details: Any) -> dict[str, Any]:
    """A replication protected item in the REST shape."""
    in_vault = arm_id(VAULTS, "dr", "rg-dr")
    kind = "replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems"
    body = {
        "instanceType": "A2A",
        "fabricObjectId": of["id"].lower(),
        "primaryFabricLocation": "westeurope",
        "recoveryFabricLocation": "northeurope",
        "rpoInSeconds": 120,
        "lastRpoCalculatedTime": (NOW - timedelta(minutes=3)).isoformat(),
    }
    return {
        "id": f"{in_vault}/{kind}/{of['name']}",
        "name": of["name"],
        "type": f"{VAULTS}/replicationFabrics/replicationProtectionContainers"
        "/replicationProtectedItems",
        "properties": {
            "protectionState": "Protected",
            "replicationHealth": "Normal",
            "policyId": f"{in_vault}/replicationPolicies/p",
            "providerSpecificDetails": {**body, **details},
        },
    }


def graph(row: dict[str, Any]) -> dict[str, Any]:
    """A row as Resource Graph prints it: `properties`, the type in lower case."""
    whole = row if "properties" in row else rest(row)
    return {**whole, "type": whole["type"].lower()}


def graph_page(rows: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """As `az graph query -o json` prints an answer."""
    body = {"count": len(rows), "data": rows, "skip_token": None, "total_records": len(rows)}
    return {**body, **changes}


def bundle(resources: list[dict[str, Any]], *read: str) -> dict[str, Any]:
    return {"vmbackup": {"version": 1, "read": list(read)}, "resources": resources}


def text(body: Any, name: str = "export.json") -> NamedText:
    return NamedText(name, json.dumps(body))


def fleet(*bodies: Any, now: datetime = NOW) -> Fleet:
    """The fleet of several files, named 1.json, 2.json, ... in their order."""
    texts = [text(body, f"{number}.json") for number, body in enumerate(bodies, 1)]
    return parse_exports(texts, now)
