"""What a meter of a bill is for, so that a charge and a line of an estimate meet.

Bills, the price list and the years spell a meter differently (`Azure VM Protected Instances`,
`LRS Data Stored`, `Snapshots ZRS Snapshots`): what they have in common is what they are for.
Labels: bills of 2023-10 and 2026-08, usage feeds of 2021.
"""

from __future__ import annotations

from enum import StrEnum


class BillPart(StrEnum):
    """Which protection a charge is for, in the names of the options."""

    BACKUP = "azure-backup"
    SITE_RECOVERY = "site-recovery"
    SNAPSHOTS = "snapshots"
    TRAFFIC = "traffic"  #: between regions: whatever of the VM causes it


class MeterPurpose(StrEnum):
    """What is counted by a meter. The values are shown."""

    INSTANCES = "protected instances"
    STORED = "vault storage"
    ARCHIVED = "archive storage"
    REPLICATION = "replication fee"
    REPLICA_DISKS = "replica disks"
    SNAPSHOTS = "snapshots"
    CACHE = "cache storage"
    TRAFFIC = "traffic between regions"
    COMPUTE = "the VM of a drill"
    OTHER = "other meters"


#: The services of the price list that are billed on a vault.
OF_VAULTS = ("Backup", "Azure Site Recovery")
VAULT_TYPE = "microsoft.recoveryservices/vaults"
SNAPSHOT_TYPE = "microsoft.compute/snapshots"
COLLECTION_TYPE = "microsoft.compute/restorepointcollections"
DISK_TYPE = "microsoft.compute/disks"


def is_under_vault(resource_id: str) -> bool:
    """Whether a charge is a vault's own or that of something in a vault."""
    return f"/providers/{VAULT_TYPE}/" in resource_id.lower()


def meter_kind(meter: str, *, of_vault: bool) -> MeterPurpose:
    """What a meter counts. `of_vault`: it is billed on a vault, or its service is a vault's."""
    label = meter.lower()
    found = _on_vault(label) if of_vault else _elsewhere(label)
    return found or MeterPurpose.OTHER


def _on_vault(label: str) -> MeterPurpose | None:
    if "replicated to" in label:
        return MeterPurpose.REPLICATION
    if "vm protected instance" in label and "sql" not in label and "hana" not in label:
        return MeterPurpose.INSTANCES
    if "data stored" in label:
        return MeterPurpose.ARCHIVED if "archive" in label else MeterPurpose.STORED
    return None


def _elsewhere(label: str) -> MeterPurpose | None:
    if "snapshot" in label:
        return MeterPurpose.SNAPSHOTS
    if "data transfer" in label or "inter-region" in label:
        return MeterPurpose.TRAFFIC
    if label.endswith(" compute"):
        return MeterPurpose.COMPUTE
    if "data stored" in label:
        return MeterPurpose.CACHE
    if label.endswith((" disk", " disks")) or " provisioned " in label:
        return MeterPurpose.REPLICA_DISKS
    return None
