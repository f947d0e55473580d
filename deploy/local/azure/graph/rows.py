"""Resources as Resource Graph shows them: its tables, its columns, its lower-case spellings."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from deploy.local.azure.access import allowed
from deploy.local.azure.fingerprint import fingerprint
from deploy.local.azure.world import Body, World

TEXT_COLUMNS = (
    "id",
    "name",
    "type",
    "tenantId",
    "kind",
    "location",
    "resourceGroup",
    "subscriptionId",
    "managedBy",
)
OBJECT_COLUMNS = ("sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation")
COLUMNS = TEXT_COLUMNS + OBJECT_COLUMNS

RESOURCES = "resources"
RECOVERY_SERVICES = "recoveryservicesresources"
CONTAINERS = "resourcecontainers"
#: Holds the instances of scale sets, and nothing else.
COMPUTE = "computeresources"
#: Tables that Resource Graph has and of which this world holds nothing
#: (governance/resource-graph/reference/supported-tables-resources, 2025-05).
_EMPTY = (
    "advisorresources alertsmanagementresources appserviceresources authorizationresources "
    "batchresources desktopvirtualizationresources extensibilityresources "
    "featureresources guestconfigurationresources healthresources insightsresources "
    "kubernetesconfigurationresources maintenanceresources managedserviceresources "
    "migrateresources networkresources patchassessmentresources patchinstallationresources "
    "policyresources quotaresources securityresources servicehealthresources spotresources "
    "supportresources tagsresources"
)
TABLES = (RESOURCES, RECOVERY_SERVICES, CONTAINERS, COMPUTE, *_EMPTY.split())

#: What lies in a vault; a vault itself is a resource like others.
_VAULT_PARTS = ("microsoft.recoveryservices/vaults/", "microsoft.dataprotection/backupvaults/")
_CONTAINER_TYPES = {
    "microsoft.resources/subscriptions",
    "microsoft.resources/subscriptions/resourcegroups",
    "microsoft.management/managementgroups",
}
#: What ARM serves and Resource Graph does not show.
_NOT_SHOWN = ("microsoft.authorization/locks", "/recoverypoints", "/protectioncontainers")
_VM_TYPE = "microsoft.compute/virtualmachines"
_INSTANCE_TYPE = "microsoft.compute/virtualmachinescalesets/virtualmachines"


@dataclass
class HiddenTypes:
    """Lower-cased types of a world that Resource Graph does not show, beside those it never
    shows. Microsoft's list of supported types (2025-05) names restorePointCollections and not
    their restorePoints, while the portal's own query reads them: both are tried."""

    types: set[str] = field(default_factory=set)


@dataclass
class Lagging:
    """Lower-cased ids of a world that Azure Resource Manager shows, and Resource Graph not yet or
    not for a while: it follows by what it is told of, and at times is told late
    (governance/resource-graph/overview, 2025-04-30: "How Resource Graph is kept current")."""

    ids: set[str] = field(default_factory=set)


class Row(NamedTuple):
    """One row: the table it is in and its columns."""

    key: str
    table: str
    columns: Body

    def as_json(self) -> Body:
        return {"row_key": self.key, "arg_table": self.table, **self.columns}


class Changes(NamedTuple):
    """What has to be written to and removed from the tables."""

    rows: list[Row]
    removed: list[str]

    def __bool__(self) -> bool:
        return bool(self.rows or self.removed)


#: In a world larger than this a change shows in the tables only after a while, as in Azure's own:
#: a look at all of it takes as long as a page, and is made in so small a share of the time.
_LARGE_RESOURCES, _LOOKS_SHARE = 10_000, 0.05


class Seen:
    """What was seen of a world, as a fingerprint of each resource: finds what has changed."""

    def __init__(self) -> None:
        self._prints: dict[str, int] = {}
        self._next_look = 0.0  #: by time.monotonic

    def changes(self, world: World) -> Changes:
        """What changed since the last time. Resources that may not be read are not there."""
        world.catch_up()
        began = time.monotonic()
        if began < self._next_look and len(world.resources) > _LARGE_RESOURCES:
            return Changes([], [])
        found = self._changes(world)
        took = time.monotonic() - began
        self._next_look = began + took / _LOOKS_SHARE
        return found

    def _changes(self, world: World) -> Changes:
        hidden, late = world.part(HiddenTypes).types, world.part(Lagging).ids
        now = {
            key: fingerprint(body)
            for key, body in world.resources.items()
            if (not world.forbidden or allowed(world, key))
            and not (hidden and str(body.get("type", "")).lower() in hidden)
            and key not in late
        }
        before, self._prints = self._prints, now
        if now == before:
            return Changes([], [])
        changed = [key for key, mark in now.items() if before.get(key) != mark]
        rows = (row_of(key, world.resources[key], world.tenant_id) for key in changed)
        shown = [row for row in rows if row]
        return Changes(shown, [key for key in before if key not in now])


def row_of(key: str, body: Body, tenant_id: str) -> Row | None:
    """The row of a resource, or None for what Resource Graph does not show."""
    kind = str(body.get("type", "")).lower()
    if any(kind.endswith(one) for one in _NOT_SHOWN):
        return None
    parts = str(body["id"]).split("/")
    texts = {name: str(body.get(name) or "") for name in TEXT_COLUMNS}
    texts |= {
        "type": kind,
        "tenantId": tenant_id,
        "location": texts["location"].lower(),
        "resourceGroup": parts[4].lower() if len(parts) > 4 else "",
        "subscriptionId": parts[2] if len(parts) > 2 else "",
    }
    objects = {name: body.get(name) for name in OBJECT_COLUMNS}
    if kind == _VM_TYPE:
        objects["properties"] = _vm_properties(body.get("properties") or {})
    return Row(key, table_of(kind), {**texts, **objects})


def table_of(kind: str) -> str:
    """The table that a lower-case type is in."""
    if kind in _CONTAINER_TYPES:
        return CONTAINERS
    if kind == _INSTANCE_TYPE:
        return COMPUTE
    return RECOVERY_SERVICES if kind.startswith(_VAULT_PARTS) else RESOURCES


def rows_as_json(rows: list[Row]) -> str:
    return json.dumps([row.as_json() for row in rows])


def _vm_properties(properties: Body) -> Body:
    """With what REST calls the instance view under `extended`, the power state picked out."""
    view = properties.get("instanceView")
    if not view:
        return properties
    shown: dict[str, Any] = {key: value for key, value in view.items() if key != "statuses"}
    for status in view.get("statuses", ()):
        if str(status.get("code", "")).startswith("PowerState/"):
            shown["powerState"] = {
                name: status[name] for name in ("code", "displayStatus", "level") if name in status
            }
    rest = {key: value for key, value in properties.items() if key != "instanceView"}
    return rest | {"extended": {"instanceView": shown}}
