"""ARM ids of compute resources: parsed, and checked before Azure's SDK makes an address of them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from bot.azure.refusals import RefusedForGood


class Resource(StrEnum):
    """The kinds of resource that vmbackup changes, as ARM names them, in lower case."""

    DISK = "disks"
    SNAPSHOT = "snapshots"
    VM = "virtualmachines"
    COLLECTION = "restorepointcollections"
    RESTORE_POINT = "restorepoints"


class ComputeId(NamedTuple):
    """The parts of an id. `collection` is that of a restore point; empty for other kinds."""

    kind: Resource
    subscription_id: str
    resource_group: str
    name: str
    collection: str = ""


#: The SDK lets a name such as `..` through, which leads to another address.
_NAME = r"[\w()-]|[\w(.][\w().-]*[\w()-]"
_ID = re.compile(
    rf"/subscriptions/(?P<subscription>[0-9a-z-]+)/resourceGroups/(?P<group>{_NAME})"
    r"/providers/Microsoft\.Compute/"
    rf"(?:(?P<kind>disks|snapshots|virtualMachines|restorePointCollections)/(?P<name>{_NAME})"
    rf"|restorePointCollections/(?P<collection>{_NAME})/restorePoints/(?P<point>{_NAME}))",
    re.IGNORECASE,
)


def parsed_id(arm_id: str) -> ComputeId:
    """The parts of an id; raises RefusedForGood for any text that is none of these kinds."""
    parts = _ID.fullmatch(arm_id)
    if parts is None:
        raise RefusedForGood(f"“{arm_id[:200]}” is no id of a disk, snapshot, restore point or VM.")
    return ComputeId(
        kind=Resource(parts["kind"].lower()) if parts["kind"] else Resource.RESTORE_POINT,
        subscription_id=parts["subscription"],
        resource_group=parts["group"],
        name=parts["name"] or parts["point"],
        collection=parts["collection"] or "",
    )


def resource_kind(arm_id: str) -> Resource:
    """The kind of resource that an id names; raises RefusedForGood for any other text."""
    return parsed_id(arm_id).kind


def collection_of(point_id: str) -> str:
    """The id of a restore point's collection; raises RefusedForGood for any other id."""
    if resource_kind(point_id) is not Resource.RESTORE_POINT:
        raise RefusedForGood(f"“{point_id[:200]}” is no id of a restore point.")
    return point_id.rsplit("/", 2)[0]


def name_of(arm_id: str) -> str:
    """The last part of an id: the resource's own name."""
    return arm_id.rstrip("/").rsplit("/", 1)[-1]


def same_id(one: object, other: object) -> bool:
    """Whether two ids name one resource. ARM's ids have no case, and some lack the first slash."""
    return str(one or "").strip("/").lower() == str(other or "").strip("/").lower()
