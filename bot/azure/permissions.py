"""The permissions that each verb needs; the documentation's table is made from them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_COMPUTE = "Microsoft.Compute"


def _actions(*names: str) -> tuple[str, ...]:
    return tuple(f"{_COMPUTE}/{name}" for name in names)


_READ_POINT = ("restorePointCollections/restorePoints/read",)

#: By verb: the actions of its own requests, and `beginGetAccess` of the disk or snapshot whose
#: contents Azure reads for it, as the built-in roles Disk Snapshot Contributor and Disk Restore
#: Operator have it (2026-08-22). Azure names what is missing: LinkedAuthorizationFailed.
PERMISSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "take-snapshot": _actions(
            "snapshots/read", "snapshots/write", "disks/read", "disks/beginGetAccess/action"
        ),
        "copy-snapshot": _actions(
            "snapshots/read", "snapshots/write", "snapshots/beginGetAccess/action"
        ),
        "delete-snapshot": _actions("snapshots/read", "snapshots/delete"),
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
        ),
        "delete-restore-point": _actions(
            *_READ_POINT,
            "restorePointCollections/read",
            "restorePointCollections/restorePoints/delete",
        ),
        "make-disk": _actions(
            "disks/read",
            "disks/write",
            "snapshots/read",
            "snapshots/beginGetAccess/action",
            *_READ_POINT,
        ),
        "delete-disk": _actions("disks/read", "disks/delete"),
        "attach-disk": _actions(
            "virtualMachines/read",
            "virtualMachines/attachDetachDataDisks/action",
            "virtualMachines/write",
            "disks/read",
            "disks/write",
        ),
        "detach-disk": _actions(
            "virtualMachines/read",
            "virtualMachines/attachDetachDataDisks/action",
            "virtualMachines/write",
        ),
        "deallocate": _actions("virtualMachines/read", "virtualMachines/deallocate/action"),
        "start-vm": _actions("virtualMachines/read", "virtualMachines/start/action"),
        "swap-os-disk": _actions(
            "virtualMachines/read", "virtualMachines/write", "disks/read", "disks/write"
        ),
        "retag": _actions("snapshots/read", "snapshots/write"),
    }
)
