"""The rows of Resource Graph as records; one that cannot be read leaves the others as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory.arm import kind_of
from advisor.inventory.coverage import InventoryPart
from advisor.inventory.exports import KINDS, usable
from advisor.inventory.recovery_services import vault_id_of
from advisor.model import NotRead

SOURCE = "Resource Graph's answer"

#: The part that is not known to be complete once a row of these kinds could not be read. Disks
#: are not among them: the VM names each of its disks, so that an absent one is noticed.
_PARTS = {
    "items": InventoryPart.BACKUP_ITEMS,
    "replicated": InventoryPart.REPLICATED_ITEMS,
    "snapshots": InventoryPart.SNAPSHOTS,
    "collections": InventoryPart.RESTORE_POINTS,
    "restore_points": InventoryPart.RESTORE_POINTS,
    "disk_backups": InventoryPart.DISK_BACKUPS,
}


class RowsRead(NamedTuple):
    """The records by the field of `joining.Resources`, and what of the rows is unknown."""

    found: Mapping[str, tuple[Any, ...]]
    unread: tuple[NotRead, ...] = ()
    incomplete: frozenset[InventoryPart] = frozenset()


def read_rows(rows: Sequence[Mapping[str, Any]]) -> RowsRead:
    """The rows of an answer, parsed; a row with a word or shape we do not know is named.

    Raises InputUnreadable naming the row and the key where the row is a VM: nothing is known
    of a VM that cannot be read.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    unread: list[NotRead] = []
    incomplete: set[InventoryPart] = set()
    for number, row in enumerate(rows):
        if (kind := kind_of(row)) not in KINDS:
            continue
        field, parser = KINDS[kind]
        try:
            record = parser(row, SOURCE, f"$.data[{number}]")
        except InputUnreadable as error:
            if field == "vms":
                raise
            unread.append(_unread(field, row, error))
            incomplete |= {_PARTS[field]} if field in _PARTS else set()
            continue
        if usable(field, record) is not None:
            found[field].append(record)
    parsed = {field: tuple(records) for field, records in found.items()}
    return RowsRead(parsed, tuple(unread), frozenset(incomplete))


def _unread(field: str, row: Mapping[str, Any], error: InputUnreadable) -> NotRead:
    what = _WHAT[field](str(row.get("id") or ""))
    return NotRead(what=what, why=error.problem.rstrip("."), remedy="", failed=True)


def _policy(arm_id: str) -> str:
    return f"the policy {_last(arm_id)} of vault {_last(vault_id_of(arm_id) or '')}"


def _last(arm_id: str) -> str:
    return arm_id.rsplit("/", 1)[-1]


#: What a person calls a row of each kind. A vault and a policy are named as the coverage names
#: those that nobody supplied, so that one is not named twice.
_WHAT: Mapping[str, Callable[[str], str]] = {
    "disks": lambda arm_id: f"the disk {_last(arm_id)}",
    "snapshots": lambda arm_id: f"the snapshot {_last(arm_id)}",
    "collections": lambda arm_id: f"the restore point collection {_last(arm_id)}",
    "restore_points": lambda arm_id: f"the restore point {_last(arm_id)}",
    "vaults": lambda arm_id: f"the redundancy of vault {_last(arm_id)}",
    "policies": _policy,
    "items": lambda arm_id: f"the backup item {_last(arm_id)}",
    "replicated": lambda arm_id: f"the replicated item {_last(arm_id)}",
    "recovery_points": lambda arm_id: f"the recovery point {_last(arm_id)}",
    "replication_policies": lambda arm_id: f"the replication policy {_last(arm_id)}",
    "disk_backups": lambda arm_id: f"the instance {_last(arm_id)} of Azure Disk Backup",
    "locks": lambda arm_id: f"the lock {_last(arm_id)}",
    "disk_backup_policies": lambda arm_id: f"the policy {_last(arm_id)} of Azure Disk Backup",
}
