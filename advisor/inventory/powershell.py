"""What PowerShell's cmdlets write through ConvertTo-Json, as the Azure CLI would have printed it.

Their objects have the same properties in Pascal case, an enumeration as its number and a few names
of their own. Only the kinds whose shape is known are read (Az.Compute and Az.RecoveryServices as of
2026-11); of the others, what is missing would look like what is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory import arm
from advisor.inventory.fields import Fields
from advisor.inventory.recovery_services import ITEM_TYPE

_INSTANCE_TYPE = f"{arm.VMSS_TYPE}/virtualmachines"
_AS_THEY_ARE = frozenset(
    {arm.VM_TYPE, _INSTANCE_TYPE, arm.DISK_TYPE, arm.SNAPSHOT_TYPE}
    | {arm.COLLECTION_TYPE, arm.RESTORE_POINT_TYPE}
)


class Enumeration(NamedTuple):
    """A key of a backup item, and the words of its enumeration from 1 on as Azure writes them."""

    key: str
    words: tuple[str, ...]
    own_words: Mapping[str, str]  #: where PowerShell has another word than Azure


#: RecoveryServices.Backup.Models, CommonModels/Enums.cs, 2025.
_ENUMERATIONS = (
    Enumeration(
        "backupManagementType",
        (
            *("AzureIaasVM", "DPM", "AzureBackupServer", "AzureSql"),
            *("AzureStorage", "AzureWorkload", "MAB", "NA"),
        ),
        {"AzureVM": "AzureIaasVM"},
    ),
    Enumeration(
        "workloadType",
        ("VM", "AzureSqlDb", "AzureFileShare", "SQLDataBase", "FileFolder", "SAPHanaDatabase"),
        {"AzureVM": "VM", "MSSQL": "SQLDataBase"},
    ),
    Enumeration(
        "protectionState",
        ("IRPending", "ProtectionError", "Protected", "ProtectionStopped", "BackupsSuspended"),
        {},
    ),
    Enumeration("protectionStatus", ("Healthy", "Unhealthy"), {}),
    Enumeration("deleteState", ("ToBeDeleted", "NotDeleted"), {}),
)
_RENAMED = {"latestRecoveryPoint": "lastRecoveryPoint", "protectionPolicyName": "policyName"}


def wrote(body: Mapping[str, Any]) -> bool:
    """Whether a resource is in a cmdlet's shape: Azure and az write `id`, a cmdlet `Id`."""
    return "id" not in body and any(key.lower() == "id" for key in body)


def as_az(body: Mapping[str, Any], kind: str, source: str, place: str) -> Mapping[str, Any]:
    """The resource with the names of the Azure CLI. `kind`: its lower-cased type.

    Raises InputUnreadable for a kind whose shape in PowerShell is not known.
    """
    own = {_camel(key): value for key, value in body.items()}
    if kind in _AS_THEY_ARE:
        return own
    if kind == ITEM_TYPE:
        return _item(own, source, place)
    problem = (
        f"A cmdlet wrote this {kind.rsplit('/', 1)[-1]}, and only VMs, disks, snapshots, restore "
        "points and backup items are read in PowerShell's shape. Export it with az … -o json, or "
        "everything at once with vmbackup inventory query."
    )
    raise InputUnreadable(source, place, problem)


def _camel(key: str) -> str:
    return "id" if key.lower() == "id" else key[:1].lower() + key[1:]


def _item(own: Mapping[str, Any], source: str, place: str) -> Mapping[str, Any]:
    """A backup item of Get-AzRecoveryServicesBackupItem."""
    fields = Fields(own, source, place)
    item = {_RENAMED.get(key, key): value for key, value in own.items()}
    for one in _ENUMERATIONS:
        said = fields.word(one.key, one.words, first=1)
        item[one.key] = one.own_words.get(said or "", said)
    item["isScheduledForDeferredDelete"] = item.pop("deleteState") == "ToBeDeleted"
    if fields.has("diskLunList"):
        item["extendedProperties"] = {
            "diskExclusionProperties": {
                "diskLunList": own["diskLunList"],
                "isInclusionList": own.get("isInclusionList"),
            }
        }
    return item
