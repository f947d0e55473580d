"""One ARM-shaped dict of Microsoft.RecoveryServices into a frozen type: vaults, items, points.

Like `arm.py`: REST, Resource Graph and the Azure CLI's shape; a shape that is not known raises
InputUnreadable naming the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from advisor.inventory.arm import VM_TYPE, lowered_id, opened, split_id
from advisor.inventory.fields import Fields
from advisor.inventory.health import backup_health, point_health
from advisor.inventory.policies import VM_MANAGEMENT, WORKLOAD_MANAGEMENT
from advisor.model import Vault
from advisor.regions import region_name

VAULT_TYPE = "microsoft.recoveryservices/vaults"
ITEM_TYPE = "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"
POINT_TYPE = f"{ITEM_TYPE}/recoverypoints"

#: Columns that our own query adds to a vault: how many backup items it holds, and how many of
#: them have a recovery point.
ITEMS_COLUMN = "vmbackupItems"
BACKED_UP_COLUMN = "vmbackupBackedUp"

#: recoveryservicesbackup 2026-10-01, workloadType of databases in a VM.
_DATABASES = {"sqldatabase", "saphanadatabase", "sqldb", "sqlinstance", "saphanadbinstance"}
#: The container of a VM's databases: VMAppContainer;Compute;GROUP;VM.
_APP_CONTAINER = re.compile(r"/protectioncontainers/vmappcontainer;compute;([^;/]+);([^;/]+)/")
#: recoveryservices vaults 2024-04-01: standardTierStorageRedundancy. "Invalid" says nothing.
_REDUNDANCY = {
    "locallyredundant": "lrs",
    "zoneredundant": "zrs",
    "georedundant": "grs",
    "invalid": None,
}


class DiskList(NamedTuple):
    """The data disks, by LUN, that a backup takes in (`inclusion`) or leaves out.

    `extendedProperties.diskExclusionProperties` of the item; the OS disk is always taken in
    (selective-disk-backup-restore, 2026-01-23).
    """

    luns: frozenset[int]
    inclusion: bool

    def takes_in(self, lun: int | None) -> bool:
        """Whether the data disk at a LUN is backed up."""
        return (lun in self.luns) is self.inclusion


class BackupItem(NamedTuple):
    """A protected item of a vault, not yet matched to a VM."""

    id: str
    vault_id: str  #: lower-cased
    management: str  #: azureiaasvm for VMs, azureworkload for databases, lower-cased
    source_id: str | None  #: lower-cased id of the VM
    workload: str = ""  #: workloadType, lower-cased
    name: str = ""  #: friendlyName: of the VM, or of the database
    policy_id: str | None = None  #: lower-cased
    policy_name: str | None = None
    state: str = ""  #: protectionState
    current_state: str = ""  #: currentProtectionState, of Resource Graph
    soft_deleted: bool = False
    last_status: str = ""  #: lastBackupStatus
    last_backup: datetime | None = None
    last_point: datetime | None = None
    oldest_point: datetime | None = None
    since: datetime | None = None
    disks: DiskList | None = None  #: None: every disk, those attached later too
    health: tuple[str, ...] = ()  #: sentences, where it is not good

    @property
    def key(self) -> str:
        return self.id.lower()

    @property
    def of_vm(self) -> bool:
        return self.management == VM_MANAGEMENT

    @property
    def of_database(self) -> bool:
        return self.management == WORKLOAD_MANAGEMENT and self.workload in _DATABASES


class RecoveryPoint(NamedTuple):
    """A recovery point of a VM's backup item, as `az backup recoverypoint list` prints it."""

    id: str
    item_id: str  #: lower-cased
    made: datetime | None
    kind: str = ""  #: recoveryPointType: AppConsistent, CrashConsistent, FileSystemConsistent
    left_out_luns: frozenset[int] = frozenset()
    health: tuple[str, ...] = ()  #: sentences, where a threat was seen

    @property
    def key(self) -> str:
        return self.id.lower()


def vault_id_of(arm_id: str) -> str | None:
    """The lower-cased id of the vault that an id lies under."""
    # A resource group may be called “vaults” too.
    head, found, rest = arm_id.lower().partition(f"/providers/{VAULT_TYPE}/")
    name = rest.split("/", 1)[0]
    return f"{head}{found}{name}" if found and name and split_id(f"{head}{found}{name}") else None


def vault_named_in(arm_id: str, vault_id: str) -> Vault:
    """A vault of which only the id of something in it tells, as that spells it."""
    spelled = arm_id[: len(vault_id)]
    arm_id = spelled if spelled.lower() == vault_id else vault_id
    return Vault(id=arm_id, name=arm_id.rsplit("/", 1)[-1])


_BILLED_TOGETHER = "VaultLevel"  #: ARM's default (backup-azure-granular-billing, 2026-04-13)


def parse_vault(body: Mapping[str, Any], source: str, place: str) -> Vault:
    """A Recovery Services vault."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    parts = split_id(arm_id)
    if parts is None or parts.type != VAULT_TYPE:
        raise top.refusal("id", f"id is not the id of a Recovery Services vault: “{arm_id[:200]}”.")
    security = properties.inner("securitySettings")
    backed_up = top.whole(BACKED_UP_COLUMN)
    return Vault(
        id=arm_id,
        name=top.text("name") or parts.name,
        region=region_name(top.needed("location")),
        redundancy=_redundancy(properties.inner("redundancySettings")),
        soft_delete=security.inner("softDeleteSettings").text("softDeleteState"),
        immutability=security.inner("immutabilitySettings").text("state"),
        granularity=properties.inner("costManagementSettings").text("granularityLevel")
        or _BILLED_TOGETHER,
        items=top.whole(ITEMS_COLUMN),
        has_first_backup=None if backed_up is None else backed_up > 0,
    )


def parse_backup_item(body: Mapping[str, Any], source: str, place: str) -> BackupItem:
    """A protected item. One of a VM must say which VM."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    management = properties.needed("backupManagementType").lower()
    source_id = _item_source(properties)
    if management == VM_MANAGEMENT and source_id is None:
        raise properties.refusal(
            "", "sourceResourceId is missing: which VM is backed up is not known."
        )
    if management == WORKLOAD_MANAGEMENT:
        source_id = _vm_of_databases(arm_id, source_id)
    return BackupItem(
        id=arm_id,
        vault_id=needed_vault(top, arm_id, properties.text("vaultId")),
        management=management,
        workload=(properties.text("workloadType") or "").lower(),
        name=properties.text("friendlyName") or "",
        source_id=source_id,
        policy_id=lowered_id(properties.text("policyId")),
        policy_name=properties.text("policyName") or properties.inner("policyInfo").text("name"),
        state=properties.text("protectionState") or "",
        current_state=properties.text("currentProtectionState") or "",
        soft_deleted=properties.flag("isScheduledForDeferredDelete") or False,
        last_status=properties.text("lastBackupStatus") or "",
        last_backup=properties.moment("lastBackupTime"),
        last_point=properties.moment("lastRecoveryPoint"),
        oldest_point=properties.inner("extendedInfo").moment("oldestRecoveryPoint"),
        since=top.inner("systemData").moment("createdAt"),
        disks=_disk_list(properties.inner("extendedProperties")),
        health=tuple(backup_health(properties)),
    )


def parse_recovery_point(body: Mapping[str, Any], source: str, place: str) -> RecoveryPoint:
    """A recovery point: which disks it holds (LUN -1 is the OS disk) and whether it is clean."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    disks = properties.inner("recoveryPointDiskConfiguration")
    return RecoveryPoint(
        id=arm_id,
        item_id=arm_id.lower().rpartition("/recoverypoints/")[0],
        made=properties.moment("recoveryPointTime"),
        kind=(properties.text("recoveryPointType") or "").lower(),
        left_out_luns=_luns(disks, "excludedDiskList"),
        health=tuple(point_health(properties)),
    )


def _redundancy(settings: Fields) -> str | None:
    said = settings.text("standardTierStorageRedundancy")
    if said is None:
        return None
    if said.lower() not in _REDUNDANCY:
        raise settings.refusal(
            "standardTierStorageRedundancy",
            f"standardTierStorageRedundancy is “{said}”, a redundancy we do not know.",
        )
    redundancy = _REDUNDANCY[said.lower()]
    cross_region = (settings.text("crossRegionRestore") or "").lower() == "enabled"
    return "grs-crr" if redundancy == "grs" and cross_region else redundancy


def _item_source(properties: Fields) -> str | None:
    in_graph = properties.inner("dataSourceInfo").text("resourceID")
    said = properties.text("sourceResourceId") or properties.text("virtualMachineId") or in_graph
    return lowered_id(said)


def needed_vault(top: Fields, arm_id: str, otherwise: str | None) -> str:
    """The lower-cased id of the vault that something lies in, by its id or by what it says."""
    vault = vault_id_of(arm_id) or vault_id_of(otherwise or "")
    if vault is None:
        raise top.refusal("id", f"id is not the id of something in a vault: “{arm_id[:200]}”.")
    return vault


def _vm_of_databases(arm_id: str, said: str | None) -> str | None:
    """The VM that databases run in: named by the item, else by the container that it lies in."""
    if said and f"/providers/{VM_TYPE}/" in said:
        return said
    container, vault = _APP_CONTAINER.search(arm_id.lower()), split_id(vault_id_of(arm_id) or "")
    if container is None or vault is None:
        return None
    group, name = container.groups()
    return f"/subscriptions/{vault.subscription}/resourcegroups/{group}/providers/{VM_TYPE}/{name}"


def _disk_list(extended: Fields) -> DiskList | None:
    """None where every disk is backed up: without a list, and with an empty one of exclusions."""
    if not extended.has("diskExclusionProperties"):
        return None
    chosen = extended.inner("diskExclusionProperties")
    luns = frozenset(chosen.wholes("diskLunList"))
    inclusion = chosen.flag("isInclusionList") or False
    return DiskList(luns, inclusion) if luns or inclusion else None


def _luns(disks: Fields, key: str) -> frozenset[int]:
    """The LUNs of data disks in a list of disks; the OS disk has -1."""
    found = (one.raw("lun") for one in disks.each(key))
    return frozenset(lun for lun in found if isinstance(lun, int) and lun >= 0)
