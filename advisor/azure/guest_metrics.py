"""The used size of a VM as its own file systems say, from a Log Analytics workspace.

VM insights keeps it in InsightsMetrics, the older agents in Perf (azure-monitor, vminsights-log-
query, 2025-01). Asked only where somebody names the workspace. No recorded answer of the query API
was at hand: its shape is that of the documentation (api/response-format, 2025-01).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from advisor.azure.connection import AzureConnection
from advisor.azure.data_planes import DataReader, logs_plane
from advisor.errors import AzureUnreachable, UsageError
from advisor.model import NotRead, Range, SizeMeasured, Source, Vm

PERMISSION = (
    "Microsoft.OperationalInsights/workspaces/query/read, as the role Log Analytics Reader has it"
)
_WORKSPACE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: What an ARM id may hold, so that it is a text in a query and nothing else.
_ARM_ID = re.compile(r"/[\w./()\- ]+")
_LOOKED_BACK = timedelta(days=7)
#: File systems that cover less than this share of the disks leave the rest unmeasured. They are a
#: little smaller than their disks: tables, journals, reserved blocks. A choice of ours.
LEAST_COVERED = Decimal("0.90")
#: Where the temporary disk is mounted: it is in no backup (managed-disks-overview, 2024-08).
_TEMPORARY = {"Windows": ("d:",), "Linux": ("/mnt", "/mnt/resource")}
_MB_PER_GIB = Decimal(1024)

_INSIGHTS = """InsightsMetrics
| where _ResourceId =~ '{id}' and Namespace == 'LogicalDisk' and Name == 'FreeSpaceMB'
| extend mount = tostring(parse_json(Tags)['vm.azm.ms/mountId'])
| extend sizeMB = todouble(parse_json(Tags)['vm.azm.ms/diskSizeMB'])
| summarize arg_max(TimeGenerated, Val, sizeMB) by mount
| project mount, freeMB = Val, sizeMB, TimeGenerated"""
_PERF = """Perf
| where _ResourceId =~ '{id}' and ObjectName in ('LogicalDisk', 'Logical Disk')
| where InstanceName != '_Total' and CounterName in ('Free Megabytes', '% Free Space')
| summarize arg_max(TimeGenerated, CounterValue) by mount = InstanceName, CounterName
| summarize freeMB = maxif(CounterValue, CounterName == 'Free Megabytes'),
    free = maxif(CounterValue, CounterName == '% Free Space'), TimeGenerated = min(TimeGenerated)
    by mount
| where free > 0
| project mount, freeMB, sizeMB = freeMB * 100 / free, TimeGenerated"""


class FileSystem(NamedTuple):
    """One mounted file system as the guest last said it."""

    mount: str
    free_mb: Decimal
    size_mb: Decimal
    on: datetime


def checked_workspace(text: str) -> str:
    """A workspace's id. Raises UsageError for anything else."""
    if not _WORKSPACE.fullmatch(text.strip()):
        raise UsageError(
            f"“{text[:60]}” is no workspace. Give its Workspace ID, as the portal shows it: "
            "12345678-1234-1234-1234-123456789abc."
        )
    return text.strip().lower()


class GuestMetrics:
    """One workspace over one connection."""

    def __init__(self, connection: AzureConnection, workspace: str) -> None:
        plane = logs_plane(connection.base_url)
        self._reader = DataReader(connection, plane)
        self._workspace = checked_workspace(workspace)
        self._address = f"{plane.address}/v1/workspaces/{self._workspace}/query"

    @property
    def what(self) -> str:
        return f"the used size by the guest's metrics of workspace {self._workspace}"

    async def used(self, vm: Vm) -> SizeMeasured | NotRead:
        """What its file systems hold together. A NotRead where they do not cover its disks.

        Raises AzureRefused and AzureUnreachable.
        """
        if not _ARM_ID.fullmatch(vm.id):
            return NotRead(self.what, "its id holds signs that no id of Azure has", "")
        found = await self._file_systems(_INSIGHTS, vm) or await self._file_systems(_PERF, vm)
        return used_of_file_systems(vm, found, self.what)

    async def _file_systems(self, query: str, vm: Vm) -> list[FileSystem]:
        body = {
            "query": query.replace("{id}", vm.id.lower()),
            "timespan": f"P{_LOOKED_BACK.days}D",
        }
        version = {"api-version": "2022-10-27"}
        answer = await self._reader.posted(self._address, body, self.what, PERMISSION, version)
        return _parsed(answer, self.what)


def used_of_file_systems(vm: Vm, found: Sequence[FileSystem], what: str) -> SizeMeasured | NotRead:
    """Without the temporary disk. Blocks that were freed and not trimmed are stored all the same,
    so that it is a figure of the guest's and no bill's."""
    provisioned = [disk.size_gib for disk in vm.disks if not disk.ephemeral]
    if not found:
        return NotRead(what, "the workspace has nothing of this VM in the last 7 days", "")
    if None in provisioned:
        return NotRead(what, "the size of a disk is not known", "")
    held = sum(filter(None, provisioned))
    kept = _without_temporary(vm, found, Decimal(held))
    size = sum((each.size_mb for each in kept), Decimal(0)) / _MB_PER_GIB
    if size < held * LEAST_COVERED:
        why = f"its file systems have {round(size)} of the {held} GB of its disks"
        return NotRead(what, why, "")
    used = sum((each.size_mb - each.free_mb for each in kept), Decimal(0)) / _MB_PER_GIB
    on = min(each.on for each in kept)
    return SizeMeasured(Range.exactly(used), Source.GUEST, "the file systems of the VM", on)


def _without_temporary(
    vm: Vm, found: Sequence[FileSystem], held_gib: Decimal
) -> Sequence[FileSystem]:
    """All where they fit on the disks: then a disk of the VM's own is at the usual place."""
    size = sum((each.size_mb for each in found), Decimal(0)) / _MB_PER_GIB
    usual = _TEMPORARY.get(vm.os_type or "", ())
    rest = [each for each in found if each.mount.rstrip("\\").lower() not in usual]
    return found if size <= held_gib else rest


def _parsed(answer: Mapping[str, Any], what: str) -> list[FileSystem]:
    """Raises AzureUnreachable for a part of an answer, and for another shape."""
    if answer.get("error"):
        raise AzureUnreachable(what, "its answer is only a part of one.")
    try:
        [table] = answer["tables"]
        names = [column["name"] for column in table["columns"]]
        rows = [dict(zip(names, row, strict=True)) for row in table["rows"]]
        return [_file_system(row) for row in rows]
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise AzureUnreachable(what, "its answer is of another shape.") from error


def _file_system(row: Mapping[str, Any]) -> FileSystem:
    free, size = Decimal(str(row["freeMB"])), Decimal(str(row["sizeMB"]))
    on = datetime.fromisoformat(str(row["TimeGenerated"]))
    if not (free.is_finite() and size.is_finite()) or not 0 <= free <= size or on.tzinfo is None:
        raise ValueError("no file system")
    return FileSystem(str(row["mount"]), free, size, on)
