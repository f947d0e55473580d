"""The inventory from files that engineers export with az, Resource Graph or the REST API.

The kind of each resource is read off its `type`, else its id. Several files are one inventory:
a resource that stands in two of them counts once, the more complete of the two.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory import arm, locks, powershell, replication
from advisor.inventory import compute_points as points
from advisor.inventory import data_protection as disk_backups
from advisor.inventory import recovery_services as services
from advisor.inventory.arm import kind_of
from advisor.inventory.coverage import InventoryPart, InventoryRead
from advisor.inventory.documents import too_deep
from advisor.inventory.estate import Estate, estate_of
from advisor.inventory.export_text import ExportRow, OpenedExport, open_text
from advisor.inventory.fields import Fields
from advisor.inventory.files import NamedText
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.inventory.pages import refuse_partial
from advisor.inventory.policies import POLICY_TYPE, parse_policy
from advisor.inventory.wrong_json import other_kind, unknown_row
from advisor.model import NotRead, Reading
from advisor.words import listed

#: A column of our own queries: the parts that they ask for everywhere, separated by spaces. It
#: tells of a graph answer that holds policies but no item that items were asked for.
READ_COLUMN = "vmbackupRead"
_PARTS = frozenset(InventoryPart)
_INSTANCE_TYPE = f"{arm.VMSS_TYPE}/virtualmachines"

Parser = Callable[[Mapping[str, Any], str, str], Any]

#: By lower-cased resource type: the field of Resources it fills, and what reads one.
KINDS: Mapping[str, tuple[str, Parser]] = {
    arm.VM_TYPE: ("vms", arm.parse_vm),
    _INSTANCE_TYPE: ("vms", arm.parse_vm),
    arm.DISK_TYPE: ("disks", arm.parse_disk),
    arm.SNAPSHOT_TYPE: ("snapshots", points.parse_snapshot),
    arm.COLLECTION_TYPE: ("collections", points.parse_collection),
    arm.RESTORE_POINT_TYPE: ("restore_points", points.parse_restore_point),
    services.VAULT_TYPE: ("vaults", services.parse_vault),
    POLICY_TYPE: ("policies", parse_policy),
    services.ITEM_TYPE: ("items", services.parse_backup_item),
    services.POINT_TYPE: ("recovery_points", services.parse_recovery_point),
    replication.REPLICATED_TYPE: ("replicated", replication.parse_replicated_item),
    replication.REPLICATION_POLICY_TYPE: (
        "replication_policies",
        replication.parse_replication_policy,
    ),
    locks.LOCK_TYPE: ("locks", locks.parse_lock),
    disk_backups.INSTANCE_TYPE: ("disk_backups", disk_backups.parse_instance),
    disk_backups.DISK_POLICY_TYPE: ("disk_backup_policies", disk_backups.parse_disk_policy),
}
#: What the records of each kind are called.
WHAT = {
    "vms": "VMs",
    "disks": "disks",
    "snapshots": "snapshots",
    "collections": "restore point collections",
    "restore_points": "restore points",
    "vaults": "vaults",
    "policies": "backup policies",
    "items": "backup items",
    "recovery_points": "recovery points",
    "replicated": "replicated items",
    "replication_policies": "replication policies",
    "locks": "locks",
    "disk_backups": "instances of Azure Disk Backup",
    "disk_backup_policies": "policies of Azure Disk Backup",
}
#: What lies around a VM and says how it is protected: of these the time matters.
PROTECTING = frozenset(
    {"snapshots", "collections", "restore_points", "items", "recovery_points"}
    | {"replicated", "disk_backups"}
)


class Parsed(NamedTuple):
    """One row as a typed record."""

    row: ExportRow
    kind: str  #: the field of Resources
    record: Any  #: None: a policy or an item of something other than a VM


def parse_exports(texts: Sequence[NamedText], now: datetime) -> Fleet:
    """Every VM of the exports, with what is around it and what is therefore not known.

    Raises InputUnreadable naming file, place and key for damage, for a page whose rest is
    missing and for a shape that is not known: no advice rests on half an export.
    """
    return parse_estate(texts, now).fleet


def parse_estate(texts: Sequence[NamedText], now: datetime) -> Estate:
    """As `parse_exports`, with the resources that belong to no VM, too."""
    opened = [part for one in texts for part in open_text(one)]
    refuse_partial([one.page for one in opened if one.page])
    parsed = [one for text in opened for one in _parsed_rows(text)]
    resources = Resources(**_by_kind(parsed))
    taken = _taken(opened, parsed, now)
    why_none = "" if resources.vms else _no_vm(opened, parsed)
    return estate_of(resources, looked_at(opened, parsed), now, taken, why_none)


def _taken(
    opened: Sequence[OpenedExport], parsed: Sequence[Parsed], now: datetime
) -> datetime | None:
    """When the exports that tell of protection were made; None where one does not say so.

    Where none tells of any, that of all exports.
    """
    telling = {one.row.source for one in parsed if one.kind in PROTECTING}
    exports = [text for text in opened if text.source in telling] or list(opened)
    times = [text.taken for text in exports if text.taken]
    return min(now, max(times)) if times and len(times) == len(exports) else None


def looked_at(opened: Sequence[OpenedExport], parsed: Sequence[Parsed]) -> InventoryRead:
    """What the exports cover, beyond what they hold."""
    nothing = {text.source for text in opened if text.nothing}
    at_once = {part for text in opened for part in _marked(text)}
    at_once |= {part for one in parsed for part in _covered_at_once(one)}
    return InventoryRead(
        at_once=dict.fromkeys(sorted(at_once), Reading.READ),
        subscriptions=_subscriptions(parsed),
        vaults=frozenset(
            one.record.vault_id
            for one in parsed
            if one.kind == "items" and one.row.listed and not one.row.from_graph
            if one.record.of_vm
        ),
        unclear=tuple(_unclear(name) for name in sorted(nothing)),
    )


def _parsed_rows(text: OpenedExport) -> list[Parsed]:
    parsed = parsed_rows(text)
    if text.rows and not parsed:
        raise of_other_kind(text)
    return parsed


def of_other_kind(text: OpenedExport) -> InputUnreadable:
    """The error for rows of which none is of a kind that is read."""
    first = text.rows[0]
    return InputUnreadable(text.source, first.place, other_kind(kind_of(first.body)))


def parsed_rows(text: OpenedExport) -> list[Parsed]:
    """The rows of the kinds that are read. Raises InputUnreadable for one that is no resource."""
    parsed = []
    for row in text.rows:
        kind = kind_of(row.body)
        if not kind:
            raise InputUnreadable(row.source, row.place, unknown_row(row.body))
        if kind in KINDS:
            field, parser = KINDS[kind]
            record = parser(_body(row, kind), row.source, row.place)
            parsed.append(Parsed(row, field, usable(field, record)))
    return parsed


def _body(row: ExportRow, kind: str) -> Mapping[str, Any]:
    if powershell.wrote(row.body):
        return powershell.as_az(row.body, kind, row.source, row.place)
    return row.body


def usable(field: str, record: Any) -> Any:
    """The record, or None where it is nothing of a VM: vaults hold items of much else too.

    Backup items of anything are kept: they count for their vault.
    """
    return record if field == "items" or getattr(record, "of_vm", True) else None


def _by_kind(parsed: Iterable[Parsed]) -> dict[str, tuple[Any, ...]]:
    """The records of each kind, each id once: of two, the more complete one."""
    best: dict[tuple[str, str], tuple[tuple[int, str], Any]] = {}
    first: dict[tuple[str, str], Parsed] = {}
    for one in parsed:
        if one.record is None:
            continue
        key = (one.kind, str(one.record.id).lower())
        if key not in first:
            first[key] = one
            continue
        held = best.get(key) or (_completeness(first[key].row), first[key].record)
        best[key] = max(held, (_completeness(one.row), one.record), key=lambda pair: pair[0])
    grouped: dict[str, list[Any]] = defaultdict(list)
    for key in sorted(first):
        grouped[key[0]].append(best[key][1] if key in best else first[key].record)
    return {kind: tuple(records) for kind, records in grouped.items()}


def _completeness(row: ExportRow) -> tuple[int, str]:
    """How many values a resource holds; of two that hold as many, always the same one wins."""
    try:
        return _values(row.body), json.dumps(row.body, sort_keys=True)
    except RecursionError as error:
        raise too_deep(row.source, row.place) from error


def _values(body: Any) -> int:
    if isinstance(body, Mapping):
        return sum(_values(value) for value in body.values())
    if isinstance(body, list):
        return sum(_values(value) for value in body)
    return int(body is not None)


def _marked(text: OpenedExport) -> set[InventoryPart]:
    """The parts that a bundle, or a row's column `vmbackupRead`, says were read."""
    said = dict.fromkeys(text.read, "$.vmbackup.read")
    for row in text.rows:
        if READ_COLUMN in row.body:
            column = Fields(row.body, row.source, row.place).text(READ_COLUMN) or ""
            said.update(dict.fromkeys(column.split(), f"{row.place}.{READ_COLUMN}"))
    for name, place in said.items():
        if name not in _PARTS:
            problem = f"“{name[:40]}” is not one of {', '.join(InventoryPart)}."
            raise InputUnreadable(text.source, place, problem)
    return {InventoryPart(name) for name in said}


def _covered_at_once(one: Parsed) -> list[InventoryPart]:
    """What one row of a graph answer shows to have been asked for everywhere."""
    if not one.row.from_graph or one.record is None:
        return []
    if one.kind == "items":
        return [InventoryPart.BACKUP_ITEMS] if one.record.of_vm else []
    if one.kind == "disk_backups":
        return [InventoryPart.DISK_BACKUPS]
    if one.kind == "replicated":
        return [InventoryPart.REPLICATED_ITEMS]
    if one.kind == "snapshots":
        return [InventoryPart.SNAPSHOTS]
    return [InventoryPart.RESTORE_POINTS] if one.kind == "restore_points" else []


def _subscriptions(parsed: Iterable[Parsed]) -> dict[InventoryPart, frozenset[str]]:
    """The subscriptions of which a list of snapshots or of restore points was supplied."""
    found: dict[InventoryPart, set[str]] = {
        InventoryPart.SNAPSHOTS: set(),
        InventoryPart.RESTORE_POINTS: set(),
    }
    for one in parsed:
        if not one.row.listed or one.record is None:
            continue
        if one.kind == "snapshots":
            found[InventoryPart.SNAPSHOTS].add(_subscription(one.record.id))
        if one.kind == "restore_points" or (one.kind == "collections" and one.record.points_read):
            found[InventoryPart.RESTORE_POINTS].add(_subscription(one.record.id))
    return {part: frozenset(subscriptions) for part, subscriptions in found.items()}


def _subscription(arm_id: str) -> str:
    return arm_id.lower().strip("/").split("/")[1]


def _no_vm(opened: Sequence[OpenedExport], parsed: Sequence[Parsed]) -> str:
    """Why there is no VM to be found: what the files hold in place of one, and what to do."""
    names = list(dict.fromkeys(text.source for text in opened))
    if not parsed:
        holds = "holds an empty list" if len(names) == 1 else "hold empty lists"
        return (
            f"{listed(names)} {holds}: no VM is in it. Look with az account show which "
            "subscription az is set to and with az login who you are; then export again."
        )
    held = listed(sorted({WHAT[one.kind] for one in parsed}))
    return f"The files hold {held}, but no VM. Add the file of az vm list -o json."


def _unclear(source: str) -> NotRead:
    return NotRead(
        what=f"what {source} was to hold",
        why="it is an empty list, which does not say of what",
        remedy="leave it out, or export everything at once with vmbackup inventory query",
    )
