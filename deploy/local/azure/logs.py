"""The query API of Log Analytics: used and free space of VMs' file systems, as VM insights has it.

No answer of Azure was at hand: the frame is that of the documentation (azure-monitor logs api/
response-format, 2025-01), and so is a workspace that is not there. A query is not executed: it is
read for the table and the VM that it names, and answered in the columns that it projects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC

from deploy.local.azure.billing import used_gib
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body, World

_TABLE = re.compile(r"^\s*(\w+)")
_OF_VM = re.compile(r"_ResourceId =~ '([^']+)'")
_COLUMNS = (
    ("mount", "string"),
    ("freeMB", "real"),
    ("sizeMB", "real"),
    ("TimeGenerated", "datetime"),
)
#: File systems are a little smaller than their disks.
_FORMATTED = 0.97
_TEMPORARY_MB = 64 * 1024.0


@dataclass
class Workspaces:
    """Workspaces by their ids: in which table each VM keeps its figures, by lower-cased id."""

    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    #: an answer that is only a part of one, as the API marks it
    is_partial: bool = False


def query(call: Call) -> Answer:
    """The rows of one VM. Refuses as documented: a workspace that nobody has, a query of none."""
    found = call.world.part(Workspaces)
    tables = found.tables.get(call.params["workspace"].lower())
    if tables is None:
        raise Refusal(404, "WorkspaceNotFoundError", "The workspace could not be found.")
    text = str(call.fields.get("query") or "")
    table, vm_id = _TABLE.match(text), _OF_VM.search(text)
    if table is None or vm_id is None:
        raise Refusal(400, "BadArgumentError", "The request had some invalid properties.")
    vm = call.world.get(vm_id[1]) if tables.get(vm_id[1].lower()) == table[1] else None
    rows = [list(row) for row in _file_systems(call.world, vm)] if vm else []
    columns = [{"name": name, "type": kind} for name, kind in _COLUMNS]
    answer: Body = {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}
    if found.is_partial:
        message = "There were some errors when processing your query."
        answer["error"] = {"code": "PartialError", "message": message}
    return Answer(200, answer)


def _file_systems(world: World, vm: Body) -> Iterator[tuple[str, float, float, str]]:
    """One for each disk, and the temporary one, which is in no backup."""
    storage, at = vm["properties"]["storageProfile"], world.now.astimezone(UTC).isoformat()
    is_windows = storage["osDisk"].get("osType") == "Windows"
    for place, disk in enumerate([storage["osDisk"], *storage["dataDisks"]]):
        size = disk["diskSizeGB"] * 1024 * _FORMATTED
        used = min(size, float(used_gib(disk["managedDisk"]["id"], disk["diskSizeGB"])) * 1024)
        mount = f"{'CEFGHIJKLM'[place]}:" if is_windows else f"/data{place}" if place else "/"
        yield mount, size - used, size, at
    yield "D:" if is_windows else "/mnt", _TEMPORARY_MB - 512, _TEMPORARY_MB, at


OPERATIONS = (
    Operation(
        "Logs_Query", "POST", "/api.loganalytics.azure.com/v1/workspaces/{workspace}/query", query
    ),
)
