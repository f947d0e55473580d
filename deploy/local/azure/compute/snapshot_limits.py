"""What Azure refuses of snapshots: how many, how often, of which disks, copied from where.

Figures: disks-incremental-snapshots, restrictions (2024-12-11), unless another article is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.local.azure.calls import Refusal
from deploy.local.azure.compute.common import SNAPSHOTS, at_region, conflict, invalid, within
from deploy.local.azure.compute.disks import is_direct
from deploy.local.azure.world import Body, World

INCREMENTAL_PER_DISK = 500
CREATED_IN_WINDOW, WINDOW = 7, timedelta(minutes=5)
PENDING_PER_DIRECT_DISK = 3
PENDING_PER_SUBSCRIPTION = 50
#: disks-copy-incremental-snapshot-across-regions, 2024-07-08
COPIES_PER_REGION = 100


@dataclass
class Taken:
    """When incremental snapshots of a disk were begun, by lower-cased disk id; deleted ones too."""

    at: dict[str, list[datetime]] = field(default_factory=dict)

    def note(self, world: World, disk_id: str) -> None:
        recent = within(world, self.at.get(disk_id.lower(), []), WINDOW)
        self.at[disk_id.lower()] = [*recent, world.now]


def check_disk(world: World, snapshot_id: str, disk: Body, incremental: bool) -> None:
    """Raises Refusal 400 or 409 where no snapshot of this disk can be taken."""
    if subscription(disk["id"]) != subscription(snapshot_id):
        raise invalid(
            f"The source disk '{disk['id']}' is in another subscription. A snapshot must be "
            "created in the subscription of its disk."
        )
    if not incremental:
        return _check_full(disk)
    _check_numbers(world, disk)
    return _check_pending(world, disk) if is_direct(disk) else None


def _check_full(disk: Body) -> None:
    if is_direct(disk):
        raise Refusal(
            400,
            "OperationNotAllowed",
            f"Full snapshots are not supported for disks with the sku {disk['sku']['name']}. "
            "Use an incremental snapshot instead.",
        )


def _check_numbers(world: World, disk: Body) -> None:
    if len(_incrementals(world, disk)) >= INCREMENTAL_PER_DISK:
        raise conflict(
            f"The maximum number of incremental snapshots ({INCREMENTAL_PER_DISK}) of disk "
            f"'{disk['name']}' has been reached. Delete some of them and try again."
        )
    taken = world.part(Taken).at.get(disk["id"].lower(), [])
    if len(within(world, taken, WINDOW)) >= CREATED_IN_WINDOW:
        raise conflict(
            f"At most {CREATED_IN_WINDOW} incremental snapshots of disk '{disk['name']}' can be "
            "created within 5 minutes. Please try again later."
        )


def _incrementals(world: World, disk: Body) -> list[Body]:
    return [one for one in world.of_type(SNAPSHOTS) if _is_of(one, disk)]


def _is_of(snapshot: Body, disk: Body) -> bool:
    """An incremental snapshot taken of this very disk, not of an earlier one of its name."""
    properties = snapshot["properties"]
    creation = properties["creationData"]
    return (
        properties.get("incremental") is True
        and creation.get("createOption") == "Copy"
        and creation.get("sourceResourceId", "").lower() == disk["id"].lower()
        and creation.get("sourceUniqueId") in (None, disk["properties"].get("uniqueId"))
    )


def _check_pending(world: World, disk: Body) -> None:
    if sum(map(pending, _incrementals(world, disk))) >= PENDING_PER_DIRECT_DISK:
        raise conflict(
            f"At most {PENDING_PER_DIRECT_DISK} snapshots of disk '{disk['name']}' can be copied "
            "in the background at a time."
        )
    everything = world.of_type(SNAPSHOTS, f"/subscriptions/{subscription(disk['id'])}")
    if sum(map(pending, everything)) >= PENDING_PER_SUBSCRIPTION:
        raise conflict(
            f"At most {PENDING_PER_SUBSCRIPTION} snapshots of a subscription can be copied in "
            "the background at a time."
        )


def check_copy(world: World, snapshot_id: str, region: str, source: Body) -> None:
    """Raises Refusal 400 or 409 where a snapshot cannot be copied (CopyStart) into a region."""
    properties = source["properties"]
    if not properties.get("incremental"):
        raise Refusal(
            400,
            "OperationNotAllowed",
            f"The source snapshot '{source['name']}' is a full snapshot. Only incremental "
            "snapshots can be copied with CopyStart.",
        )
    if pending(source) or properties["provisioningState"] != "Succeeded":
        raise conflict(f"The source snapshot '{source['name']}' is not complete yet.")
    copies = [one for one in world.of_type(SNAPSHOTS) if _is_copying(one)]
    scope = f"/subscriptions/{subscription(snapshot_id)}/"
    there = [one for one in copies if one["id"].lower().startswith(scope)]
    if sum(at_region(one) == region for one in there) >= COPIES_PER_REGION:
        raise conflict(f"At most {COPIES_PER_REGION} snapshots can be copied into a region.")
    if any(_disk_of(one) == _disk_of(source) and at_region(one) == region for one in copies):
        raise conflict(f"Another snapshot of the disk of '{source['name']}' is being copied.")


def _disk_of(snapshot: Body) -> str:
    creation = snapshot["properties"]["creationData"]
    return str(creation.get("sourceUniqueId") or creation.get("sourceResourceId")).lower()


def _is_copying(snapshot: Body) -> bool:
    return snapshot["properties"]["creationData"]["createOption"] == "CopyStart" and pending(
        snapshot
    )


def pending(snapshot: Body) -> bool:
    """Whether its background copy is still going on."""
    properties = snapshot["properties"]
    percent = float(properties.get("completionPercent", 100))
    return percent < 100 and "copyCompletionError" not in properties


def subscription(arm: str) -> str:
    return arm.split("/")[2].lower()
