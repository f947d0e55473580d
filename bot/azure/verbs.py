"""Every verb by its name: only these change Azure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.azure.disks import MakeDisk
from bot.azure.machines import DataDisk, Power, SwapOsDisk
from bot.azure.restore_points import DeleteRestorePoint, MakeCollection, TakeRestorePoint
from bot.azure.retag import Retag
from bot.azure.snapshots import DeleteOfDisks, MakeSnapshot
from bot.azure.verb import Verb

_ALL: tuple[Verb, ...] = (
    MakeSnapshot("take-snapshot", of_snapshot=False),
    MakeSnapshot("copy-snapshot", of_snapshot=True),
    DeleteOfDisks("delete-snapshot"),
    MakeCollection(),
    TakeRestorePoint(),
    DeleteRestorePoint(),
    MakeDisk(),
    DeleteOfDisks("delete-disk"),
    DataDisk("attach-disk", attaches=True),
    DataDisk("detach-disk", attaches=False),
    Power("deallocate", "deallocate", "deallocated", "deallocating"),
    Power("start-vm", "start", "running", "starting"),
    SwapOsDisk(),
    Retag(),
)

VERBS: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in _ALL})
