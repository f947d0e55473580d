"""Recovery Services vaults and Azure Backup for virtual machines, as the stand-in plays them.

`begin(world)` lets the schedules of a world run; every write here does it too.
"""

from deploy.local.azure.backup import (
    cross_region,
    deleted_vaults,
    items,
    jobs,
    policies,
    recovery,
    restores,
    status,
    vaults,
)
from deploy.local.azure.backup.running import begin

OPERATIONS = (
    *vaults.OPERATIONS,
    *deleted_vaults.OPERATIONS,
    *policies.OPERATIONS,
    *items.OPERATIONS,
    *recovery.OPERATIONS,
    *restores.OPERATIONS,
    *cross_region.OPERATIONS,
    *jobs.OPERATIONS,
    *status.OPERATIONS,
)

__all__ = ["OPERATIONS", "begin"]
