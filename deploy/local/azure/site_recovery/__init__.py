"""Site Recovery between Azure regions (A2A), as the stand-in plays it.

`begin(world)` lets replication go on as the clock moves; every request here does it too.
"""

from deploy.local.azure.site_recovery import (
    failover,
    infrastructure,
    intents,
    items,
    jobs,
    networks,
    plans,
    refusals,
    results,
)
from deploy.local.azure.site_recovery.replication import begin

OPERATIONS = (
    *results.OPERATIONS,
    *infrastructure.OPERATIONS,
    *networks.OPERATIONS,
    *intents.OPERATIONS,
    *items.OPERATIONS,
    *failover.OPERATIONS,
    *plans.OPERATIONS,
    *jobs.OPERATIONS,
    *refusals.OPERATIONS,
)

__all__ = ["OPERATIONS", "begin"]
