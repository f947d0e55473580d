"""ARM-shaped sample resources, spelled as Resource Graph spells them."""

from __future__ import annotations

from typing import Any

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
OTHER_SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
Row = dict[str, Any]


def group_id(group: str, subscription: str = SUBSCRIPTION) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def vm_id(name: str, group: str = "shop", subscription: str = SUBSCRIPTION) -> str:
    return f"{group_id(group, subscription)}/providers/Microsoft.Compute/virtualMachines/{name}"


def disk_id(name: str, group: str = "shop", subscription: str = SUBSCRIPTION) -> str:
    return f"{group_id(group, subscription)}/providers/Microsoft.Compute/disks/{name}"


def snapshot_id(name: str, group: str = "snapshots") -> str:
    return f"{group_id(group)}/providers/Microsoft.Compute/snapshots/{name}"


def vault_id(name: str, group: str = "vaults") -> str:
    return f"{group_id(group)}/providers/Microsoft.RecoveryServices/vaults/{name}"


def resource(arm_id: str, kind: str, properties: Row, **top: Any) -> Row:
    """A row of Resource Graph: types and groups lower-cased, ids as they were made."""
    parts = arm_id.split("/")
    return {
        "id": arm_id,
        "name": parts[-1],
        "type": kind,
        "location": "westeurope",
        "resourceGroup": parts[4].lower(),
        "subscriptionId": parts[2],
        "tenantId": "33333333-3333-4333-8333-333333333333",
        "kind": "",
        "managedBy": "",
        "sku": None,
        "plan": None,
        "identity": None,
        "zones": None,
        "tags": None,
        "extendedLocation": None,
        "properties": properties,
        **top,
    }


def vm(name: str, group: str = "shop", *, data_disks: tuple[str, ...] = (), **more: Any) -> Row:
    """A running Linux VM with an OS disk called NAME-os and data disks from lun 0 up."""
    subscription = more.pop("subscription", SUBSCRIPTION)
    properties = {
        "vmId": "44444444-4444-4444-8444-444444444444",
        "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
        "storageProfile": {
            "imageReference": {"publisher": "Canonical", "offer": "ubuntu", "sku": "22_04"},
            "osDisk": {
                "name": f"{name}-os",
                "osType": "Linux",
                "caching": "ReadWrite",
                "createOption": "FromImage",
                "managedDisk": {"id": disk_id(f"{name}-os", group, subscription)},
            },
            "dataDisks": [
                {
                    "lun": lun,
                    "name": disk,
                    "caching": "None",
                    "createOption": "Attach",
                    "managedDisk": {"id": disk_id(disk, group, subscription)},
                }
                for lun, disk in enumerate(data_disks)
            ],
            "diskControllerType": "SCSI",
        },
        "extended": {"instanceView": {"powerState": {"code": "PowerState/running"}}},
    }
    arm_id = vm_id(name, group, subscription)
    return resource(arm_id, "microsoft.compute/virtualmachines", properties, **more)


def disk(name: str, group: str = "shop", *, size_gib: int = 128, **more: Any) -> Row:
    arm_id = disk_id(name, group, more.pop("subscription", SUBSCRIPTION))
    properties = {"diskSizeGB": size_gib, "diskState": "Attached", "uniqueId": f"unique-{name}"}
    more.setdefault("sku", {"name": "Premium_LRS"})
    return resource(arm_id, "microsoft.compute/disks", properties, **more)


def snapshot_copy(name: str, copied_from: str, *, region: str) -> Row:
    """A copy names the snapshot it was copied from, not the disk."""
    return snapshot(name, snapshot_id(copied_from), region=region, option="CopyStart")


def snapshot(name: str, source: str, *, region: str = "westeurope", option: str = "Copy") -> Row:
    properties = {
        "creationData": {
            "createOption": option,
            "sourceResourceId": source,
        },
        "incremental": True,
        "diskSizeGB": 128,
        "timeCreated": "2026-11-20T02:00:00Z",
    }
    kind = "microsoft.compute/snapshots"
    sku = {"name": "Standard_ZRS"}
    return resource(snapshot_id(name), kind, properties, location=region, sku=sku)


def collection(name: str, source_vm: str) -> Row:
    arm_id = f"{group_id('points')}/providers/Microsoft.Compute/restorePointCollections/{name}"
    return resource(
        arm_id, "microsoft.compute/restorepointcollections", {"source": {"id": source_vm}}
    )


def restore_point(name: str, collection_name: str) -> Row:
    within = f"{group_id('points')}/providers/Microsoft.Compute/restorePointCollections"
    return resource(
        f"{within}/{collection_name}/restorePoints/{name}",
        "microsoft.compute/restorepointcollections/restorepoints",
        {"timeCreated": "2026-11-21T02:00:00Z", "consistencyMode": "CrashConsistent"},
    )


def vault(name: str) -> Row:
    redundancy = {"standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Enabled"}
    kind = "microsoft.recoveryservices/vaults"
    return resource(vault_id(name), kind, {"redundancySettings": redundancy})


def policy(name: str, vault_name: str) -> Row:
    return resource(
        f"{vault_id(vault_name)}/backupPolicies/{name}",
        "microsoft.recoveryservices/vaults/backuppolicies",
        {
            "backupManagementType": "AzureIaasVM",
            "policyType": "V2",
            "instantRpRetentionRangeInDays": 7,
            "schedulePolicy": {
                "schedulePolicyType": "SimpleSchedulePolicyV2",
                "scheduleRunFrequency": "Hourly",
                "hourlySchedule": {"interval": 4},
            },
            "retentionPolicy": {
                "retentionPolicyType": "LongTermRetentionPolicy",
                "dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}},
            },
        },
    )


def backup_item(source_vm: str, vault_name: str, policy_name: str) -> Row:
    name = source_vm.rsplit("/", 1)[-1]
    container = f"IaasVMContainer;iaasvmcontainerv2;shop;{name}"
    return resource(
        f"{vault_id(vault_name)}/backupFabrics/Azure/protectionContainers/{container}"
        f"/protectedItems/VM;iaasvmcontainerv2;shop;{name}",
        "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems",
        {
            "backupManagementType": "AzureIaasVM",
            "workloadType": "VM",
            "sourceResourceId": source_vm,
            "friendlyName": name,
            "policyId": f"{vault_id(vault_name)}/backupPolicies/{policy_name}",
            "policyName": policy_name,
            "protectionState": "Protected",
            "healthStatus": "Passed",
            "lastBackupStatus": "Completed",
            "lastBackupTime": "2026-11-22T08:00:00Z",
            "lastRecoveryPoint": "2026-11-22T08:00:00Z",
        },
    )


def replicated_item(source_vm: str, vault_name: str, policy_name: str) -> Row:
    return resource(
        f"{vault_id(vault_name)}/replicationFabrics/f/replicationProtectionContainers/c"
        f"/replicationProtectedItems/{source_vm.rsplit('/', 1)[-1]}",
        "microsoft.recoveryservices/vaults/replicationfabrics/replicationprotectioncontainers"
        "/replicationprotecteditems",
        {
            "protectionState": "Protected",
            "replicationHealth": "Normal",
            "activeLocation": "Primary",
            "policyId": f"{vault_id(vault_name)}/replicationPolicies/{policy_name}",
            "policyFriendlyName": policy_name,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "fabricObjectId": source_vm,
                "primaryFabricLocation": "westeurope",
                "recoveryFabricLocation": "northeurope",
                "rpoInSeconds": 120,
                "lastRpoCalculatedTime": "2026-11-22T11:58:00Z",
            },
        },
    )


def replication_policy(name: str, vault_name: str) -> Row:
    return resource(
        f"{vault_id(vault_name)}/replicationPolicies/{name}",
        "microsoft.recoveryservices/vaults/replicationpolicies",
        {"providerSpecificDetails": {"instanceType": "A2A", "recoveryPointHistory": 1440}},
    )


def backup_vault_id(name: str, group: str = "vaults") -> str:
    return f"{group_id(group)}/providers/Microsoft.DataProtection/backupVaults/{name}"


def disk_backup(disk: str, vault_name: str, policy_name: str, kind: str = "compute/disks") -> Row:
    """An instance of Azure Disk Backup; with another kind one of something else."""
    return resource(
        f"{backup_vault_id(vault_name)}/backupInstances/{disk.rsplit('/', 1)[-1]}-i",
        "microsoft.dataprotection/backupvaults/backupinstances",
        {
            "currentProtectionState": "ProtectionConfigured",
            "dataSourceInfo": {"datasourceType": f"Microsoft.{kind}", "resourceID": disk},
            "policyInfo": {
                "policyId": f"{backup_vault_id(vault_name)}/backupPolicies/{policy_name}"
            },
        },
        location="global",
    )


def disk_backup_policy(name: str, vault_name: str) -> Row:
    every = {"repeatingTimeIntervals": ["R/2026-01-01T01:00:00+00:00/PT4H"]}
    return resource(
        f"{backup_vault_id(vault_name)}/backupPolicies/{name}",
        "microsoft.dataprotection/backupvaults/backuppolicies",
        {
            "datasourceTypes": ["Microsoft.Compute/disks"],
            "policyRules": [
                {"name": "BackupHourly", "trigger": {"schedule": every}},
                {
                    "name": "Default",
                    "isDefault": True,
                    "lifecycles": [{"deleteAfter": {"duration": "P7D"}}],
                },
            ],
        },
        location="global",
    )


def database_item(source_vm: str, vault_name: str, name: str, *, says_vm: bool = True) -> Row:
    """A SQL Server database in a VM; the container names the VM, and usually the item does."""
    vm_name = source_vm.rsplit("/", 1)[-1]
    container = f"VMAppContainer;Compute;shop;{vm_name}"
    return resource(
        f"{vault_id(vault_name)}/backupFabrics/Azure/protectionContainers/{container}"
        f"/protectedItems/SQLDataBase;mssqlserver;{name}",
        "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems",
        {
            "backupManagementType": "AzureWorkload",
            "workloadType": "SQLDataBase",
            "sourceResourceId": source_vm if says_vm else "",
            "friendlyName": name,
            "protectionState": "Protected",
            "lastBackupStatus": "Completed",
            "lastBackupTime": "2026-11-22T08:00:00Z",
        },
    )


def shop() -> list[Row]:
    """A shop: web-01 protected in every way, web-02 in none, and another team's web-02;
    of sql-01 the databases and the data disk."""
    return [
        vm("web-01", data_disks=("web-01-data",), tags={"environment": "prod"}),
        disk("web-01-os", managedBy=vm_id("web-01")),
        disk("web-01-data", size_gib=512, managedBy=vm_id("web-01")),
        snapshot("web-01-before-update", disk_id("WEB-01-OS")),
        snapshot_copy("web-01-elsewhere", "web-01-before-update", region="norwayeast"),
        collection("web-01-points", vm_id("web-01")),
        restore_point("monday", "web-01-points"),
        vault("vault-1"),
        policy("four-hourly", "vault-1"),
        policy("unused", "vault-1"),
        backup_item(vm_id("web-01"), "vault-1", "four-hourly"),
        vault("vault-2"),
        policy("other", "vault-2"),
        replicated_item(vm_id("WEB-01"), "vault-2", "a-day"),
        replication_policy("a-day", "vault-2"),
        vm("sql-01", data_disks=("sql-01-data",)),
        disk("sql-01-os"),
        disk("sql-01-data"),
        database_item(vm_id("sql-01"), "vault-1", "orders"),
        database_item(vm_id("sql-01"), "vault-1", "stock", says_vm=False),
        disk_backup(disk_id("SQL-01-data"), "disks-1", "four-hourly"),
        disk_backup(disk_id("someone-elses-disk"), "disks-1", "unused"),
        disk_backup_policy("four-hourly", "disks-1"),
        disk_backup_policy("unused", "disks-1"),
        vault("vault-3"),
        vm("web-02"),
        disk("web-02-os"),
        snapshot("web-02-old", disk_id("someone-elses-disk")),
        vm("web-02", "lab", subscription=OTHER_SUBSCRIPTION),
        disk("web-02-os", "lab", subscription=OTHER_SUBSCRIPTION),
        vm("db-01", data_disks=("shared-quorum",)),
        vm("db-02", data_disks=("shared-quorum",)),
        disk("db-01-os"),
        disk("db-02-os"),
        disk("shared-quorum", managedBy=vm_id("db-01")),
    ]
