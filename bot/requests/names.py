"""The names and ids of the resources that are made, derived from the request and the source.

A worker that tries again must find what an earlier attempt made, so a name contains no time and
nothing random.
"""

from __future__ import annotations

import hashlib
import re

#: Snapshots, disks, restore points and their collections: up to 80 letters, digits,
#: underscores, periods and hyphens (azure-resource-manager/management/resource-name-rules).
LONGEST_NAME = 80
PREFIX = "vmbackup"
_HASH_DIGITS = 10  #: 40 bits: the names of one request or one resource group never meet
_NOT_ALLOWED = re.compile(r"[^a-z0-9_.-]")
_REQUEST = re.compile(rf"{PREFIX}-(r-[0-9a-f]{{12}})-")
_COMPUTE = "/providers/Microsoft.Compute"


def snapshot_name(request_id: str, disk_id: str) -> str:
    """`vmbackup-r-0123456789ab-web-01_osdisk-1f2e3d4c5b`: a snapshot, or its copy."""
    return _named(request_id, _last(disk_id), disk_id)


def restored_disk_name(request_id: str, disk_id: str) -> str:
    """The name of a restored disk; `disk_id` is the disk that the point was taken of."""
    return _named(request_id, _last(disk_id), disk_id)


def restore_point_name(request_id: str, vm_id: str) -> str:
    """The name of the restore point of a VM that a request makes."""
    return _named(request_id, _last(vm_id), vm_id)


def collection_name(vm_id: str, vm_uuid: str, region: str) -> str:
    """The name of the collection that holds vmbackup's restore points of one VM in one region.

    Another VM of the same name has another `vm_uuid`, and a collection of its own.
    """
    return _named("", _last(vm_id), f"{vm_id}#{vm_uuid}#{region}")


def snapshot_id(subscription_id: str, resource_group: str, name: str) -> str:
    return _id(subscription_id, resource_group, "snapshots", name)


def disk_id(subscription_id: str, resource_group: str, name: str) -> str:
    return _id(subscription_id, resource_group, "disks", name)


def restore_point_id(subscription_id: str, resource_group: str, collection: str, point: str) -> str:
    parent = _id(subscription_id, resource_group, "restorePointCollections", collection)
    return f"{parent}/restorePoints/{point}"


def request_of(arm_id: str) -> str:
    """The id of the request in a resource's name; empty where the name has none."""
    named = _REQUEST.match(_last(arm_id).lower())
    return named[1] if named else ""


def _id(subscription_id: str, resource_group: str, kind: str, name: str) -> str:
    group = f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"
    return f"{group}{_COMPUTE}/{kind}/{name}"


def _named(request_id: str, label: str, key: str) -> str:
    """Azure matches names in any case and spells ids in several, so both are lower-cased."""
    digest = hashlib.sha256(key.lower().encode()).hexdigest()[:_HASH_DIGITS]
    start = f"{PREFIX}-{request_id}-" if request_id else f"{PREFIX}-"
    room = LONGEST_NAME - len(start) - len(digest) - 1
    readable = _NOT_ALLOWED.sub("-", label.lower())[:room]
    return f"{start}{readable}-{digest}"


def _last(arm_id: str) -> str:
    return arm_id.rstrip("/").rsplit("/", 1)[-1]
