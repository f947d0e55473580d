"""What Azure Monitor measured of a VM's disk writes in the last seven days."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from advisor.azure.connection import AzureConnection
from advisor.azure.sdk_errors import translating
from advisor.errors import AzureRefused
from advisor.model import Disk, DiskWrites, NotRead, Vm

#: virtual-machines/disks-metrics, 2022-10-12: bytes a second, emitted every minute; those of
#: the data disks are split by LUN (their unsplit average is a mean over the disks, not a sum).
OS_DISK_METRIC = "OS Disk Write Bytes/Sec"
DATA_DISK_METRIC = "Data Disk Write Bytes/Sec"
_LUN = "lun"
_EVERY_LUN = "LUN eq '*'"
#: A split metric comes for ten values unless more are asked for; a VM has at most 64 data disks
#: (azure-monitor metrics list, `top`; sizes documentation).
MOST_LUNS = 64

DAYS = 7
_INTERVAL = "PT1H"
FEWEST_HOURS = 24  #: a mean over less than a day says nothing about a day

_SECONDS_PER_DAY = 86400
_BYTES_PER_GIB = 2**30
_BYTES_PER_MB = 10**6
WHAT = "the disk writes that Azure Monitor measured"
PERMISSION = "Microsoft.Insights/metrics/read, as the role Monitoring Reader or Reader has it"

#: Bytes a second by the hour's start. An hour without data is absent: it is not zero.
Hourly = Mapping[datetime, Decimal]


class AzureMonitor:
    """Azure Monitor's metrics over one connection."""

    def __init__(self, connection: AzureConnection) -> None:
        self._connection = connection

    async def writes(self, vm: Vm, now: datetime) -> DiskWrites | NotRead:
        """The writes of the last seven days, in at most two calls side by side.

        A NotRead where there is too little data to say. Raises AzureRefused and
        AzureUnreachable.
        """
        from azure.mgmt.monitor.aio import MonitorManagementClient

        client = MonitorManagementClient(
            subscription_id=vm.subscription_id, **self._connection.client_arguments()
        )
        os_call = self._series(client, vm, now, OS_DISK_METRIC, None)
        if all(disk.is_os for disk in vm.disks):
            return disk_writes(vm, await os_call)
        data_call = self._series(client, vm, now, DATA_DISK_METRIC, _EVERY_LUN)
        # Both are waited for, so that none is left behind when the other fails.
        answers = await asyncio.gather(os_call, data_call, return_exceptions=True)
        series: dict[str, Hourly] = {}
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            series |= answer
        return disk_writes(vm, series)

    async def _series(
        self, client: Any, vm: Vm, now: datetime, metric: str, split: str | None
    ) -> dict[str, Hourly]:
        """Keyed by LUN, "" for the OS disk."""
        until = now.replace(minute=0, second=0, microsecond=0)
        with translating(WHAT, PERMISSION):
            async with self._connection.deadline() as timeouts:
                answer = await client.metrics.list(
                    resource_uri=vm.id.strip("/"),
                    timespan=f"{moment(until - timedelta(days=DAYS))}/{moment(until)}",
                    interval=_INTERVAL,
                    metricnames=metric,
                    aggregation="Average",
                    filter=split,
                    top=MOST_LUNS if split else None,
                    **timeouts,
                )
            return _parsed(answer, metric)


def disk_writes(vm: Vm, series: Mapping[str, Hourly]) -> DiskWrites | NotRead:
    """Means and peaks from hourly means in bytes a second, keyed by LUN, "" for the OS disk.

    The mean of a disk is over the hours it has data for; the VM's is the sum over its disks.
    Fewer than 24 hours for any disk of the VM: nothing is said, in a NotRead.
    """
    found = {disk.key: (disk, series.get(_label(disk), {})) for disk in vm.disks}
    short = [disk for disk, hourly in found.values() if len(hourly) < FEWEST_HOURS]
    if short or not found:
        return _too_little(short)
    per_second = sum(
        (sum(hourly.values(), Decimal(0)) / len(hourly) for _, hourly in found.values()),
        Decimal(0),
    )
    hours = {hour for _, hourly in found.values() for hour in hourly}
    together = (
        sum((hourly.get(hour, Decimal(0)) for _, hourly in found.values()), Decimal(0))
        for hour in hours
    )
    return DiskWrites(
        days=max(1, min(len(hourly) for _, hourly in found.values()) // 24),
        written_gib_per_day=per_second * _SECONDS_PER_DAY / _BYTES_PER_GIB,
        peak_mb_per_s=max(together) / _BYTES_PER_MB,
        peak_mb_per_s_by_disk={
            key: max(hourly.values()) / _BYTES_PER_MB for key, (_, hourly) in found.items()
        },
    )


def _too_little(short: list[Disk]) -> NotRead:
    names = ", ".join(disk.name for disk in short[:3]) + (" and others" if len(short) > 3 else "")
    return NotRead(
        what=WHAT,
        why=f"fewer than {FEWEST_HOURS} hours of data in the last {DAYS} days"
        + (f" for {names}" if names else ""),
        remedy="state them with --written 80GB and --peak-write 12MB/s, "
        "or ask again when the VM has run for a day",
    )


def _label(disk: Disk) -> str:
    return "" if disk.is_os else str(disk.lun)


def _parsed(answer: Any, metric: str) -> dict[str, Hourly]:
    series: dict[str, Hourly] = {}
    for one in answer.value or []:
        if (one.error_code or "Success") != "Success":
            raise AzureRefused(WHAT, f"{metric}: {one.error_code}.")
        for line in one.timeseries or []:
            series[_lun(line)] = {
                point.time_stamp: Decimal(str(point.average))
                for point in line.data or []
                if point.average is not None
            }
    return series


def _lun(line: Any) -> str:
    for entry in line.metadatavalues or []:
        if entry.name is not None and (entry.name.value or "").lower() == _LUN:
            return str(entry.value)
    return ""


def moment(value: datetime) -> str:
    """`2026-11-30T12:00:00Z`, as Azure Monitor reads a time."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
