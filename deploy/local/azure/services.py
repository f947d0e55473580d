"""Every service of the stand-in: what it answers stands in each one's OPERATIONS."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.local.azure import identity, locks, metadata, operations
from deploy.local.azure.calls import Operation

SERVICES: tuple[Sequence[Operation], ...] = (
    identity.OPERATIONS,
    metadata.OPERATIONS,
    locks.OPERATIONS,
    operations.OPERATIONS,
)
