"""Since when a vault's costs are billed by protected item, where they are.

backup-azure-granular-billing, 2026-04-13: only what is charged after the change is charged so, and
totals and meters stay. That such a charge's resource is the protected item is assumed: the article
shows the portal alone, and no answer was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from deploy.local.azure.world import Body, World

_BY_ITEM = ("ProtectedItemLevel", "ProtectedItemWithParentTag")


@dataclass
class BilledByItem:
    """The first day of each vault's charges by item, by the vault's lower-cased id."""

    since: dict[str, date] = field(default_factory=dict)


def note_granularity(world: World, vault: Body, asked: Body) -> None:
    """Notes a change of the vault's setting that a request asks for."""
    level = (asked.get("costManagementSettings") or {}).get("granularityLevel")
    noted, key = world.part(BilledByItem).since, str(vault["id"]).lower()
    if level in _BY_ITEM:
        noted.setdefault(key, world.now.date())
    elif level is not None:
        noted.pop(key, None)
