"""Every verb by its name: the only ways in which Azure is changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.actions.disks import MakeDisk
from bot.actions.machines import DataDisk, Power, SwapOsDisk
from bot.actions.restore_points import DeleteRestorePoint, MakeCollection, TakeRestorePoint
from bot.actions.retag import Retag
from bot.actions.snapshots import DeleteOfDisks, MakeSnapshot
from bot.actions.verb import Verb

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
