"""How much each VM of a world writes: by its profile, its id and the hour; never at random."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from deploy.local.azure.world import Body, World
from deploy.local.fleet.compute import WRITE_PROFILE_TAG

_BYTES_PER_MB = 10**6
_DISK_TYPE = "microsoft.compute/disks"

#: Bytes a second in the hour that a moment is in.
Rate = Callable[[datetime], float]


class Profile(NamedTuple):
    """How a VM writes: MB/s on average over its disks, and how that moves over the day."""

    mb_per_s: float
    by_day: float  #: how much more than average at the height of a working day
    nightly_mb_per_s: float  #: in addition between 01:00 and 03:00 UTC


PROFILES = {
    "quiet": Profile(0.008, 0.2, 0.03),
    "steady": Profile(0.06, 0.3, 0.1),
    "office-hours": Profile(0.09, 1.6, 0.4),
    "database": Profile(0.9, 1.0, 6.0),
    "heavy": Profile(7.0, 0.6, 38.0),
}
DEFAULT_PROFILE = PROFILES["steady"]
_OS_SHARE = 0.15  #: of all writes, where there are data disks


def by_lun(vm: Body) -> Mapping[str, Rate]:
    """Bytes a second of each disk by LUN, "" for the OS disk: the first data disks write most."""
    disks = vm["properties"]["storageProfile"]["dataDisks"]
    weights = {str(disk["lun"]): 1.0 / (place + 1) for place, disk in enumerate(disks)}
    whole = sum(weights.values())
    shares = {lun: (1 - _OS_SHARE) * weight / whole for lun, weight in weights.items()}
    shares = {"": _OS_SHARE if disks else 1.0} | shares
    return {lun: _writes(vm, lun, share) for lun, share in shares.items()}


def of_disk(world: World, disk: Body) -> Rate:
    """A disk writes what its VM writes to it; one that hangs on none writes nothing."""
    vm = world.get(str(disk.get("managedBy") or ""))
    rates = by_lun(vm) if vm else {}
    for lun, rate in rates.items():
        if vm and _disk_id(vm, lun) == disk["id"].lower():
            return rate
    return lambda at: 0.0


def _disk_id(vm: Body, lun: str) -> str:
    storage = vm["properties"]["storageProfile"]
    for disk in [storage["osDisk"]] if not lun else storage["dataDisks"]:
        if not lun or str(disk["lun"]) == lun:
            return str(disk.get("managedDisk", {}).get("id", "")).lower()
    return ""


def _writes(vm: Body, lun: str, share: float) -> Rate:
    profile = PROFILES.get((vm.get("tags") or {}).get(WRITE_PROFILE_TAG, ""), DEFAULT_PROFILE)
    key = f"{vm['id'].lower()}|{lun}"

    def at(moment: datetime) -> float:
        hour = moment.replace(minute=0, second=0, microsecond=0)
        return _mb_per_s(profile, hour) * share * _BYTES_PER_MB * wobble(f"{key}|{hour}")

    return at


def _mb_per_s(profile: Profile, hour: datetime) -> float:
    """The profile's rate in that hour of the week."""
    is_working = hour.weekday() < 5 and 7 <= hour.hour < 18
    rate = profile.mb_per_s * (1 + profile.by_day if is_working else 1 - profile.by_day / 3)
    return rate + (profile.nightly_mb_per_s if 1 <= hour.hour < 3 else 0)


def wobble(key: str) -> float:
    """Between 0.8 and 1.2, always the same for a key."""
    return 0.8 + 0.4 * zlib.crc32(key.encode()) / 2**32


def mean(parts: Sequence[Rate]) -> Rate:
    """The mean of several rates."""
    return lambda at: sum(part(at) for part in parts) / len(parts)


def measured_since(world: World, body: Body) -> datetime | None:
    """From when there are measurements of a VM or a disk; None where its VM is not running."""
    vm = body
    if body["type"].lower() == _DISK_TYPE:
        vm = world.get(str(body.get("managedBy") or "")) or {}
    properties = vm.get("properties") or {}
    codes = [one["code"] for one in properties.get("instanceView", {}).get("statuses", ())]
    if "PowerState/running" not in codes:
        return None
    return datetime.fromisoformat(properties["timeCreated"][:19] + "+00:00")
