"""Snapshots of disks and restore points of VMs, as ARM has them, each as a frozen type.

Like `arm.py`: REST, Resource Graph and the Azure CLI's shape; a shape that is not known raises
InputUnreadable naming the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, NamedTuple

from advisor.inventory.arm import (
    COLLECTION_TYPE,
    RESTORE_POINT_TYPE,
    SNAPSHOT_TYPE,
    lowered_id,
    opened,
    parts_of,
)
from advisor.inventory.fields import LARGEST_DISK_GIB, Fields
from advisor.model import no_tags
from advisor.regions import region_name

#: diskState of a snapshot whose content is being read by a SAS (rest/api/compute, Snapshots).
_EXPORTED = "activesas"


class SnapshotRecord(NamedTuple):
    """A snapshot, not yet matched to a disk."""

    id: str
    region: str
    source_id: str | None  #: lower-cased id of the disk, or of the snapshot it was copied from
    source_unique_id: str | None = None  #: the disk's uniqueId, lower-cased
    incremental: bool = False
    size_gib: int | None = None
    created: datetime | None = None
    sku: str | None = None
    copied: bool = False  #: from another snapshot: its time is that of the copy
    exported: bool = False  #: an export is open, and Azure refuses to delete it meanwhile
    immutable_until: datetime | None = None  #: under a policy that still holds: nobody deletes it
    tags: Mapping[str, str] = field(default_factory=no_tags)

    @property
    def key(self) -> str:
        return self.id.lower()


class RestorePointRecord(NamedTuple):
    """A restore point of a VM."""

    id: str
    collection_id: str  #: lower-cased
    created: datetime | None = None
    consistency: str | None = None  #: ApplicationConsistent, CrashConsistent, ...
    excluded: frozenset[str] = frozenset()  #: lower-cased ids of disks that were left out
    held: frozenset[str] | None = None  #: lower-cased ids of the disks in it; None: not said

    @property
    def key(self) -> str:
        return self.id.lower()

    def leaves_out(self, disk_id: str) -> bool:
        """Whether a disk (its lower-cased id) is known not to be in it."""
        return disk_id in self.excluded or (self.held is not None and disk_id not in self.held)


class CollectionRecord(NamedTuple):
    """A restore point collection with the restore points printed inside it.

    `points_read` is false where the export does not say which points there are: a list of
    collections without `$expand=restorePoints`.
    """

    id: str
    region: str
    source_id: str | None  #: lower-cased id of the VM, or of the collection it was copied from
    points: tuple[RestorePointRecord, ...] = ()
    points_read: bool = False

    @property
    def key(self) -> str:
        return self.id.lower()


def parse_snapshot(body: Mapping[str, Any], source: str, place: str) -> SnapshotRecord:
    """A snapshot of a disk, or a copy of a snapshot."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    parts_of(top, arm_id, SNAPSHOT_TYPE, "a snapshot")
    creation = properties.inner("creationData")
    source_id = lowered_id(creation.text("sourceResourceId"))
    return SnapshotRecord(
        id=arm_id,
        region=region_name(top.needed("location")),
        source_id=source_id,
        source_unique_id=(creation.text("sourceUniqueId") or "").lower() or None,
        incremental=properties.flag("incremental") or False,
        size_gib=properties.whole("diskSizeGB", LARGEST_DISK_GIB),
        created=properties.moment("timeCreated"),
        sku=top.inner("sku").text("name"),
        copied=f"/{SNAPSHOT_TYPE}/" in (source_id or ""),
        exported=(properties.text("diskState") or "").lower() == _EXPORTED,
        immutable_until=immutable_until(properties.inner("immutabilityPolicy")),
        tags=top.tags(),
    )


def immutable_until(policy: Fields) -> datetime | None:
    """Until then Azure deletes the snapshot for nobody: `immutabilityPolicy` of a snapshot."""
    holds = policy.flag("isPolicyExpired") is False
    return policy.moment("policyExpirationTime") if holds else None


def parse_restore_point(body: Mapping[str, Any], source: str, place: str) -> RestorePointRecord:
    """A restore point; the collection is read off its id."""
    top, properties = opened(body, source, place)
    return _restore_point(top, properties)


def parse_collection(body: Mapping[str, Any], source: str, place: str) -> CollectionRecord:
    """A restore point collection, with its restore points where they are printed inside it."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    parts_of(top, arm_id, COLLECTION_TYPE, "a restore point collection")
    points = tuple(
        _restore_point(one, one.inner("properties") if one.has("properties") else one)
        for one in properties.each("restorePoints")
    )
    return CollectionRecord(
        id=arm_id,
        region=region_name(top.needed("location")),
        source_id=lowered_id(properties.inner("source").text("id")),
        points=points,
        points_read=properties.has("restorePoints"),
    )


def _restore_point(top: Fields, properties: Fields) -> RestorePointRecord:
    arm_id = top.needed("id")
    parts_of(top, arm_id, RESTORE_POINT_TYPE, "a restore point")
    excluded = (lowered_id(one.text("id")) for one in properties.each("excludeDisks"))
    return RestorePointRecord(
        id=arm_id,
        collection_id=arm_id.rsplit("/", 2)[0].lower(),
        created=properties.moment("timeCreated"),
        consistency=properties.text("consistencyMode"),
        excluded=frozenset(one for one in excluded if one),
        held=_held(properties.inner("sourceMetadata").inner("storageProfile")),
    )


def _held(storage: Fields) -> frozenset[str] | None:
    """The disks that a point says it holds: it names each by the managed disk it was taken of."""
    disks = [storage.inner("osDisk"), *storage.each("dataDisks")]
    ids = {lowered_id(one.inner("managedDisk").text("id")) for one in disks}
    named = frozenset(one for one in ids if one)
    return named or None
