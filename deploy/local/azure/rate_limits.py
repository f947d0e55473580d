"""Microsoft.Compute's own limits as its answers name them: `x-ms-ratelimit-remaining-resource`.

Names and counts are those of recorded answers (azure-cli, 2022 to 2023; of lists: Microsoft's
article on throttling in Compute). Operations of which none was found have no such header here.
The counts only tell: nothing is refused, which is what faults are for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

HEADER = "x-ms-ratelimit-remaining-resource"
_SECONDS = (("30Min", 1800.0), ("3Min", 180.0))
_SECONDS_OF_A_BUCKET = 60.0


class Policy(NamedTuple):
    """How many requests a window takes: those of a subscription, or of one path."""

    name: str
    most: int

    @property
    def of_one_path(self) -> bool:
        return self.name.endswith("Resource")

    @property
    def seconds(self) -> float:
        found = (seconds for ending, seconds in _SECONDS if self.name.endswith(ending))
        return next(found, _SECONDS_OF_A_BUCKET)


_DISK_WRITES = (Policy("CreateUpdateDisks3Min", 3000), Policy("CreateUpdateDisks30Min", 25000))
_INSTANCES = (Policy("GetVMScaleSetVM3Min", 1000), Policy("GetVMScaleSetVM30Min", 5000))
_LISTS = (Policy("HighCostGet3Min", 160),)

#: By the operation's name.
POLICIES: dict[str, tuple[Policy, ...]] = {
    "Disks_CreateOrUpdate": _DISK_WRITES,
    "Disks_Update": _DISK_WRITES,
    "Snapshots_CreateOrUpdate": (
        Policy("HighCostSnapshotCreateHydrate3Min", 1000),
        Policy("HighCostSnapshotCreateHydrate30Min", 8000),
    ),
    "DiskOperations_Get": (
        Policy("GetOperation3Min", 50000),
        Policy("GetOperation30Min", 400000),
    ),
    "Operations_Get": (
        Policy("GetOperationResource", 60),
        Policy("GetOperationSubscriptionMaximum", 15000),
    ),
    "VirtualMachines_Get": (
        Policy("LowCostGetSubscriptionMaximum", 40000),
        Policy("LowCostGetResource", 45),
    ),
    "VirtualMachines_List": _LISTS,
    "VirtualMachines_ListAll": _LISTS,
    "VirtualMachines_Delete": (Policy("DeleteVM3Min", 240), Policy("DeleteVM30Min", 1200)),
    "RestorePoints_Create": (
        Policy("PutRestorePointResource", 6),
        Policy("PutRestorePointSubscriptionMaximum", 150),
    ),
    "RestorePointCollections_CreateOrUpdate": (
        Policy("PutRestorePointCollectionResource", 15),
        Policy("PutRestorePointCollectionSubscriptionMaximum", 150),
    ),
    "VirtualMachineScaleSetVMs_List": _INSTANCES,
    "VirtualMachineScaleSetVMs_Get": _INSTANCES,
}


@dataclass
class RateLimits:
    """What was used of each policy; a window begins with its first request, in real time."""

    clock: Callable[[], float] = time.monotonic
    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def take(self, operation: str, path: str) -> dict[str, str]:
        """The header of an answer to this operation, this request counted; none where it has no
        policy."""
        policies = POLICIES.get(operation, ())
        if not policies:
            return {}
        left = (f"Microsoft.Compute/{one.name};{self._left(one, path)}" for one in policies)
        return {HEADER: ",".join(left)}

    def _left(self, policy: Policy, path: str) -> int:
        now = self.clock()
        scope = path.lower() if policy.of_one_path else path.lower().split("/")[2]
        began, used = self._windows.get((policy.name, scope), (now, 0))
        if now - began >= policy.seconds:
            began, used = now, 0
        self._windows[policy.name, scope] = (began, used + 1)
        return max(0, policy.most - used - 1)
