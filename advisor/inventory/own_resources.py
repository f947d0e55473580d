"""What vmbackup made itself: snapshots, restore points and disks named as it names things.

Everything may be read apart from who made it, so a resource counts by its own name or by that of
the collection it lies in; the ledger says which of them vmbackup really made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from advisor.inventory.arm import (
    DISK_TYPE,
    RESTORE_POINT_TYPE,
    SNAPSHOT_TYPE,
    VM_TYPE,
    lowered_id,
    opened,
    split_id,
)
from advisor.inventory.compute_points import immutable_until
from advisor.inventory.fields import LARGEST_DISK_GIB, Fields
from advisor.inventory.resource_graph import GraphQuery, quoted
from advisor.model import no_tags
from advisor.regions import region_name

_SOURCE = "Resource Graph's answer"
#: How many ids one query names: with ids of up to 260 characters a query stays below 32 KiB.
IDS_A_QUERY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRecord:
    """A snapshot, restore point or disk that is named as ours."""

    id: str
    type: str  #: lower-cased: one of `arm`'s types
    region: str
    sku: str = ""
    size_gib: int | None = None  #: provisioned; of a restore point that of all its disks
    created: datetime | None = None
    unique_id: str = ""
    source_id: str = ""  #: lower-cased: the disk or snapshot; of a restore point its VM
    attached: bool = False  #: a disk that is attached to a VM
    percent: int | None = None  #: of a copy in the background
    immutable_until: datetime | None = None  #: of a snapshot under a policy that still holds
    tags: Mapping[str, str] = field(default_factory=no_tags)

    @property
    def key(self) -> str:
        return self.id.lower()


def made_query(prefix: str) -> GraphQuery:
    """Everything whose name, or whose collection's name, begins with `prefix`."""
    types = ", ".join(quoted(one) for one in (SNAPSHOT_TYPE, RESTORE_POINT_TYPE, DISK_TYPE))
    collection = quoted(f"/restorepointcollections/{prefix}")
    return GraphQuery(
        what="the snapshots, restore points and disks made here",
        text=(
            f"resources\n| where type in~ ({types})"
            f"\n| where name startswith {quoted(prefix)} or id contains {collection}"
            "\n| project id, name, type, location, sku, managedBy, tags, properties"
            "\n| order by id asc"
        ),
        permission="Microsoft.Compute/snapshots/read, Microsoft.Compute/disks/read and "
        "Microsoft.Compute/restorePointCollections/read, as the role Reader has them",
        parts=(),
        file_name="made.json",
    )


def standing_queries(vm_ids: Sequence[str]) -> tuple[GraphQuery, ...]:
    """Which of these VMs there are; so many ids a query."""
    wanted = sorted({vm_id.lower() for vm_id in vm_ids})
    return tuple(
        _standing(wanted[start : start + IDS_A_QUERY])
        for start in range(0, len(wanted), IDS_A_QUERY)
    )


def made_records(rows: Sequence[Mapping[str, Any]]) -> tuple[MadeRecord, ...]:
    """The rows of `made_query`. Raises InputUnreadable naming the row and the key."""
    return tuple(_record(row, f"$.data[{number}]") for number, row in enumerate(rows))


def _standing(vm_ids: Sequence[str]) -> GraphQuery:
    listed = ", ".join(quoted(one) for one in vm_ids)
    return GraphQuery(
        what="whether the VMs are still there",
        text=(
            f"resources\n| where type =~ {quoted(VM_TYPE)}\n| where id in~ ({listed})"
            "\n| project id\n| order by id asc"
        ),
        permission="Microsoft.Compute/virtualMachines/read, as the role Reader has it",
        parts=(),
        file_name="standing.json",
    )


def _record(row: Mapping[str, Any], place: str) -> MadeRecord:
    top, properties = opened(row, _SOURCE, place)
    arm_id = top.needed("id")
    parts = split_id(arm_id)
    if parts is None:
        raise top.refusal("id", f"id is not the id of a resource: “{arm_id[:200]}”.")
    point = parts.type == RESTORE_POINT_TYPE
    storage = properties.inner("sourceMetadata").inner("storageProfile")
    return MadeRecord(
        id=arm_id,
        type=parts.type,
        region=region_name(_location(top, properties)),
        sku=top.inner("sku").text("name") or "",
        size_gib=_points_gib(storage) if point else _size_gib(properties),
        created=properties.moment("timeCreated"),
        unique_id=properties.text("uniqueId") or "",
        source_id=_source(properties, point=point),
        attached=top.text("managedBy") is not None,
        percent=_percent(properties),
        immutable_until=immutable_until(properties.inner("immutabilityPolicy")),
        tags=top.tags(),
    )


def _location(top: Fields, properties: Fields) -> str:
    """A restore point has none of its own: where its VM is, unless it is a copy of another."""
    said = top.text("location")
    if said or properties.has("sourceRestorePoint"):
        return said or ""
    return properties.inner("sourceMetadata").text("location") or ""


def _source(properties: Fields, *, point: bool) -> str:
    """A restore point names no VM by its id; its collection does."""
    if point:
        return ""
    return lowered_id(properties.inner("creationData").text("sourceResourceId")) or ""


def _points_gib(storage: Fields) -> int | None:
    """All disks of a restore point; None where the size of one is not said."""
    disks = [storage.inner("osDisk")] if storage.has("osDisk") else []
    sizes = [_size_gib(disk) for disk in (*disks, *storage.each("dataDisks"))]
    return None if None in sizes or not sizes else sum(size or 0 for size in sizes)


def _size_gib(disk: Fields) -> int | None:
    return disk.whole("diskSizeGB", LARGEST_DISK_GIB)


def _percent(properties: Fields) -> int | None:
    """Azure writes it as a number with decimals."""
    value = properties.raw("completionPercent")
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value)
