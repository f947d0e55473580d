"""What many VMs write to their disks: Azure Monitor's metrics in batches of 50.

A batch is of one subscription and one region, at the region's own host (azure-monitor,
migrate-to-batch-api, 2025-03; Metrics Batch - Batch, 2024-02-01). Two calls for each batch: the OS
disks, and the data disks split by LUN.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from advisor.azure.connection import AzureConnection
from advisor.azure.data_planes import DataReader, metrics_plane
from advisor.azure.monitor import (
    DATA_DISK_METRIC,
    DAYS,
    MOST_LUNS,
    OS_DISK_METRIC,
    PERMISSION,
    WHAT,
    Hourly,
    disk_writes,
    moment,
)
from advisor.errors import AzureRefused, AzureUnreachable, VmbackupError
from advisor.model import DiskWrites, NotRead, Vm

MOST_IDS = 50  #: Metrics Batch - Batch, 2024-02-01
_API_VERSION = "2024-02-01"
_NAMESPACE = "microsoft.compute/virtualMachines"
_TRIES = 3
#: Whoever waits for an answer waits so long for a window to open again, and no longer.
LONGEST_WAIT_SECONDS = 30.0
_WAIT_UNNAMED_SECONDS = 5.0

#: What was measured of a VM, why there is too little of it, or the error that leaves it unknown.
Written = DiskWrites | NotRead | VmbackupError


class MetricsBatch:
    """Metrics of many VMs over one connection. Raises UsageError for an address that may not be."""

    def __init__(self, connection: AzureConnection) -> None:
        self._plane = metrics_plane(connection.base_url)
        self._reader = DataReader(connection, self._plane)

    async def writes(self, vms: Sequence[Vm], now: datetime) -> Mapping[str, Written]:
        """By `Vm.key`. A batch that fails leaves its own VMs unknown and no others."""
        found: dict[str, Written] = {}
        for batch in batches(vms):
            try:
                os_disks, data_disks = await self._both(batch, now)
            except (AzureRefused, AzureUnreachable) as error:
                found |= dict.fromkeys((vm.key for vm in batch), error)
                continue
            for vm in batch:
                found[vm.key] = _written(vm, os_disks, data_disks)
        return found

    async def _both(self, batch: Sequence[Vm], now: datetime) -> tuple[_Answer, _Answer]:
        """One after the other: both would meet the same limit."""
        os_disks = await self._series(batch, now, OS_DISK_METRIC)
        split = [vm for vm in batch if not all(disk.is_os for disk in vm.disks)]
        return os_disks, (await self._series(split, now, DATA_DISK_METRIC) if split else {})

    async def _series(self, batch: Sequence[Vm], now: datetime, metric: str) -> _Answer:
        first, until = batch[0], now.replace(minute=0, second=0, microsecond=0)
        host = self._plane.of_region(first.region)
        parameters = {
            "api-version": _API_VERSION,
            "starttime": moment(until - timedelta(days=DAYS)),
            "endtime": moment(until),
            "interval": "PT1H",
            "metricnamespace": _NAMESPACE,
            "metricnames": metric,
            "aggregation": "average",
        }
        if metric == DATA_DISK_METRIC:
            parameters |= {"filter": "LUN eq '*'", "top": str(MOST_LUNS)}
        address = f"{host}/subscriptions/{first.subscription_id}/metrics:getBatch"
        body = {"resourceids": [vm.id for vm in batch]}
        return _parsed(await self._posted(address, body, parameters), metric)

    async def _posted(
        self, address: str, body: Mapping[str, Any], parameters: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Asked for again where it was asked too often, after the wait that the answer names."""
        for left in reversed(range(_TRIES)):
            try:
                return await self._reader.posted(address, body, WHAT, PERMISSION, parameters)
            except AzureRefused as error:
                if not error.reason.startswith("429"):
                    raise
                named = error.retry_after_seconds
                wait = _WAIT_UNNAMED_SECONDS if named is None else named
                if not left or wait > LONGEST_WAIT_SECONDS:
                    raise
            await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")


def batches(vms: Sequence[Vm]) -> Iterator[Sequence[Vm]]:
    """At most MOST_IDS of one subscription and one region each."""
    together: dict[tuple[str, str], list[Vm]] = defaultdict(list)
    for vm in vms:
        together[vm.subscription_id.lower(), vm.region].append(vm)
    for group in together.values():
        yield from (group[at : at + MOST_IDS] for at in range(0, len(group), MOST_IDS))


#: By the lower-cased id of a VM: hourly means by LUN, "" unsplit; or what Azure says against it.
_Answer = Mapping[str, Mapping[str, Hourly] | str]


def _written(vm: Vm, os_disks: _Answer, data_disks: _Answer) -> Written:
    series: dict[str, Hourly] = {}
    for answer in (os_disks.get(vm.key), data_disks.get(vm.key)):
        if isinstance(answer, str):
            return AzureRefused(WHAT, answer)
        series |= answer or {}
    return disk_writes(vm, series)


def _parsed(body: Mapping[str, Any], metric: str) -> _Answer:
    """Raises AzureUnreachable for an answer of another shape: part of one is none."""
    try:
        return {str(one["resourceid"]).lower(): _of_vm(one["value"]) for one in body["values"]}
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise AzureUnreachable(WHAT, f"its answer on {metric} is of another shape.") from error


def _of_vm(metrics: Any) -> Mapping[str, Hourly] | str:
    series: dict[str, Hourly] = {}
    for one in metrics:
        if one.get("errorCode", "Success") != "Success":
            return f"{one['name']['value']}: {one['errorCode']}."
        for line in one.get("timeseries") or ():
            series[_lun(line)] = {
                datetime.fromisoformat(point["timeStamp"]): Decimal(str(point["average"]))
                for point in line.get("data") or ()
                if point.get("average") is not None
            }
    return series


def _lun(line: Mapping[str, Any]) -> str:
    for entry in line.get("metadatavalues") or ():
        if str(entry["name"]["value"]).lower() == "lun":
            return str(entry["value"])
    return ""
