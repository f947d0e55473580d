"""ARM ids of compute resources: parsed, and checked before an address is made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote

from bot.azure.refusals import RefusedForGood


class Resource(StrEnum):
    """The kinds of resource that vmbackup changes, as ARM names them, in lower case."""

    DISK = "disks"
    SNAPSHOT = "snapshots"
    VM = "virtualmachines"
    COLLECTION = "restorepointcollections"
    RESTORE_POINT = "restorepoints"


#: The api-versions that azure-mgmt-compute 39.0.0 sends.
_DISK_API, _VM_API = "2026-03-02", "2026-04-01"
API_VERSIONS: Mapping[Resource, str] = MappingProxyType(
    {
        Resource.DISK: _DISK_API,
        Resource.SNAPSHOT: _DISK_API,
        Resource.VM: _VM_API,
        Resource.COLLECTION: _VM_API,
        Resource.RESTORE_POINT: _VM_API,
    }
)

_NAME = r"[\w()-]|[\w(.][\w().-]*[\w()-]"
_ID = re.compile(
    rf"/subscriptions/[0-9a-z-]+/resourceGroups/(?:{_NAME})/providers/Microsoft\.Compute/"
    rf"(?:(disks|snapshots|virtualMachines|restorePointCollections)/(?:{_NAME})"
    rf"|restorePointCollections/(?:{_NAME})/(restorePoints)/(?:{_NAME}))",
    re.IGNORECASE,
)


def resource_kind(arm_id: str) -> Resource:
    """The kind of resource that an id names; raises RefusedForGood for any other text."""
    parts = _ID.fullmatch(arm_id)
    if parts is None:
        raise RefusedForGood(f"“{arm_id[:200]}” is no id of a disk, snapshot, restore point or VM.")
    return Resource((parts[1] or parts[2]).lower())


def address(arm_id: str) -> str:
    """The id as the path of a request; raises RefusedForGood as `resource_kind` does."""
    resource_kind(arm_id)
    return quote(arm_id, safe="/()")


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
