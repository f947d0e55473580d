"""The permissions that each verb needs; the documentation's table is made from them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_COMPUTE = "Microsoft.Compute"


def _actions(*names: str) -> tuple[str, ...]:
    return tuple(f"{_COMPUTE}/{name}" for name in names)


#: To ask how far accepted work has come: of disks and snapshots, of VMs and restore points.
_DISK_WORK, _VM_WORK = "locations/diskOperations/read", "locations/operations/read"
_READ_POINT = ("restorePointCollections/restorePoints/read",)

#: By verb: the actions of its own requests, and `beginGetAccess` of the disk or snapshot whose
#: contents Azure reads for it, as the built-in roles Disk Snapshot Contributor and Disk Restore
#: Operator have it (2026-08-22). Azure names what is missing: LinkedAuthorizationFailed.
PERMISSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "take-snapshot": _actions(
            "snapshots/read",
            "snapshots/write",
            "disks/read",
            "disks/beginGetAccess/action",
            _DISK_WORK,
        ),
        "copy-snapshot": _actions(
            "snapshots/read", "snapshots/write", "snapshots/beginGetAccess/action", _DISK_WORK
        ),
        "delete-snapshot": _actions("snapshots/read", "snapshots/delete", _DISK_WORK),
        "make-collection": _actions(
            "restorePointCollections/read",
            "restorePointCollections/write",
            "virtualMachines/read",
        ),
        "take-restore-point": _actions(
            *_READ_POINT,
            "restorePointCollections/restorePoints/write",
            "virtualMachines/read",
            "disks/read",
            "disks/beginGetAccess/action",
            _VM_WORK,
        ),
        "delete-restore-point": _actions(
            *_READ_POINT,
            "restorePointCollections/read",
            "restorePointCollections/restorePoints/delete",
            _VM_WORK,
        ),
        "make-disk": _actions(
            "disks/read",
            "disks/write",
            "snapshots/read",
            "snapshots/beginGetAccess/action",
            *_READ_POINT,
            _DISK_WORK,
        ),
        "delete-disk": _actions("disks/read", "disks/delete", _DISK_WORK),
        "attach-disk": _actions(
            "virtualMachines/read",
            "virtualMachines/attachDetachDataDisks/action",
            "virtualMachines/write",
            "disks/read",
            "disks/write",
            _VM_WORK,
        ),
        "detach-disk": _actions(
            "virtualMachines/read",
            "virtualMachines/attachDetachDataDisks/action",
            "virtualMachines/write",
            _VM_WORK,
        ),
        "deallocate": _actions(
            "virtualMachines/read", "virtualMachines/deallocate/action", _VM_WORK
        ),
        "start-vm": _actions("virtualMachines/read", "virtualMachines/start/action", _VM_WORK),
        "swap-os-disk": _actions(
            "virtualMachines/read", "virtualMachines/write", "disks/read", "disks/write", _VM_WORK
        ),
        "retag": _actions("snapshots/read", "snapshots/write", _DISK_WORK),
    }
)
