"""The whole inventory that one may read: every VM with everything around it, or an error.

For what is true of all or of none: a bill in which a vault was not read would be a wrong one.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import NamedTuple

from advisor.azure.live import LiveInventory
from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms
from advisor.inventory.graph_records import read_rows
from advisor.inventory.joining import Resources
from advisor.inventory.resource_graph import queries
from advisor.model import KnownVm, NotRead, Reading


class WholeInventory(NamedTuple):
    """Everything as read, the VMs joined with it, and the single rows that could not be read."""

    resources: Resources
    vms: tuple[KnownVm, ...]
    unread: tuple[NotRead, ...]


async def whole_inventory(inventory: LiveInventory, now: datetime) -> WholeInventory:
    """Three queries side by side. Raises AzureRefused and AzureUnreachable where one fails."""
    await inventory.connection.sign_in()
    graph, asked = inventory.graph(), queries(None)
    answers = await asyncio.gather(*(graph.ask(query) for query in asked))
    found: dict[str, tuple[object, ...]] = {}
    unread: list[NotRead] = []
    at_once: dict[InventoryPart, Reading] = {}
    for query, rows in zip(asked, answers, strict=True):
        read = read_rows(rows)
        found |= read.found
        unread += read.unread
        at_once |= dict.fromkeys(query.parts, Reading.READ)
        at_once |= dict.fromkeys(read.incomplete, Reading.FAILED)
    resources = Resources(**found)  # type: ignore[arg-type]
    looked = InventoryRead(at_once=at_once, unclear=tuple(unread))
    return WholeInventory(resources, known_vms(resources, looked, now), tuple(unread))
