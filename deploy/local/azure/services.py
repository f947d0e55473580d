"""Every service of the stand-in: what it answers stands in each one's OPERATIONS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deploy.local.azure import (
    access,
    backup,
    costs,
    identity,
    locations,
    locks,
    logs,
    metadata,
    metrics,
    operations,
    price_sheet,
    retail,
    site_recovery,
)
from deploy.local.azure.calls import Operation
from deploy.local.azure.compute import (
    disks,
    machine_changes,
    machines,
    restore_point_collections,
    restore_points,
    scale_sets,
    skus,
    snapshots,
)
from deploy.local.azure.graph import service as graph
from deploy.local.azure.world import World

SERVICES: tuple[Sequence[Operation], ...] = (
    identity.OPERATIONS,
    access.OPERATIONS,
    metadata.OPERATIONS,
    locations.OPERATIONS,
    locks.OPERATIONS,
    operations.OPERATIONS,
    disks.OPERATIONS,
    snapshots.OPERATIONS,
    machines.OPERATIONS,
    machine_changes.OPERATIONS,
    restore_point_collections.OPERATIONS,
    restore_points.OPERATIONS,
    scale_sets.OPERATIONS,
    skus.OPERATIONS,
    graph.OPERATIONS,
    metrics.OPERATIONS,
    logs.OPERATIONS,
    costs.OPERATIONS,
    price_sheet.OPERATIONS,
    retail.OPERATIONS,
    backup.OPERATIONS,
    site_recovery.OPERATIONS,
)

#: What goes on by itself as the world's clock moves: schedules of backups, replication.
BEGINNINGS: tuple[Callable[[World], None], ...] = (backup.begin, site_recovery.begin)
