"""Where VMs are: subscription, resource group and region, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from advisor.inventory.arm import VM_TYPE
from advisor.inventory.resource_graph import GraphQuery, quoted


class VmPlace(NamedTuple):
    """A resource group with VMs in a region; ids and names lower-cased."""

    subscription_id: str
    resource_group: str
    region: str

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"


def places_query() -> GraphQuery:
    """The query for `places_of`."""
    return GraphQuery(
        what="the resource groups and regions of the VMs",
        text=(
            f"resources\n| where type =~ {quoted(VM_TYPE)}"
            "\n| distinct subscriptionId, resourceGroup, location"
        ),
        permission="Microsoft.Compute/virtualMachines/read, as the role Reader has it",
        parts=(),
        file_name="places.json",
    )


def places_of(rows: Iterable[Mapping[str, Any]]) -> tuple[VmPlace, ...]:
    """The rows of the query, sorted."""
    found = {
        VmPlace(*(str(row.get(name) or "").strip().lower() for name in _COLUMNS)) for row in rows
    }
    return tuple(sorted(place for place in found if all(place)))


_COLUMNS = ("subscriptionId", "resourceGroup", "location")
