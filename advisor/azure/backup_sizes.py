"""What changes a day, by what Azure Backup says that it copied.

The details of a backup have `Backup Size` in their property bag: what the job copied to the vault
(documentation of `az backup job show`, 2018-05: "2332 MB"; no specification lists the keys).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote

from advisor.azure.arm_reader import ArmReader
from advisor.azure.connection import AzureConnection
from advisor.azure.restore_times import (
    BACKUP_JOBS,
    BACKUP_VERSION,
    FindNamed,
    not_told_apart,
)
from advisor.inventory.fields import Fields
from advisor.inventory.recovery_services import vault_id_of
from advisor.inventory.restore_jobs import group_of
from advisor.model import NotRead, Protection, Range, SizeMeasured, Source, Vm

_BACKUPS = (
    "operation eq 'Backup' and status eq 'Completed' and backupManagementType eq 'AzureIaasVM'"
)
#: How many of the newest are looked at: each costs a reading of its own (150 an hour, recorded).
MOST_BACKUPS = 8
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(MB|GB|TB)\s*", re.IGNORECASE)
_IN_GIB = {"mb": Decimal(1) / 1024, "gb": Decimal(1), "tb": Decimal(1024)}
_SECONDS_PER_DAY = Decimal(86400)


class Copied(NamedTuple):
    """One backup that copied data to the vault."""

    at: datetime
    gib: Decimal


class BackupSizes:
    """Sizes of backups over one connection."""

    def __init__(self, connection: AzureConnection, find_named: FindNamed) -> None:
        self._reader, self._find_named = ArmReader(connection), find_named

    async def changed(self, vm: Vm, backup: Protection) -> SizeMeasured | NotRead:
        """GiB a day between the newest backups that copied something.

        Raises AzureRefused and AzureUnreachable.
        """
        vault = vault_id_of(backup.id or "") or ""
        name = vault.rsplit("/", 1)[-1]
        what = f"what changes, by the backups in vault {name}"
        path = f"{quote(vault)}/backupJobs"
        rows = await self._reader.all(
            path, BACKUP_VERSION, what, BACKUP_JOBS, **{"$filter": _BACKUPS}
        )
        own = [row for row in rows if _may_be_of(vm, row)]
        if not all(map(_group, own)) and await self._find_named(vm.name, vault) != {vm.key}:
            own = [row for row in own if _group(row)]
            if not own:
                return NotRead(what, not_told_apart(vm.name), "")
        newest = sorted(own, key=_started, reverse=True)[:MOST_BACKUPS]
        copied = []
        for row in newest:
            job = quote(str(row.get("id", "")).rsplit("/", 1)[-1], safe="")
            body = await self._reader.one(f"{path}/{job}", BACKUP_VERSION, what, BACKUP_JOBS)
            if (size := copied_by(body)) is not None:
                copied.append(size)
        return changed_between(copied, name, what)


def _properties(row: Mapping[str, Any]) -> Fields:
    return Fields(row, "Azure's answer", "$").inner("properties")


def _may_be_of(vm: Vm, row: Mapping[str, Any]) -> bool:
    """By its name, and by its resource group where the job says it."""
    name = _properties(row).text("entityFriendlyName") or ""
    return name.lower() == vm.name.lower() and _group(row) in ("", vm.resource_group.lower())


def _group(row: Mapping[str, Any]) -> str:
    return group_of(_properties(row).text("containerName"))


def _started(row: Mapping[str, Any]) -> str:
    return _properties(row).text("startTime") or ""


def copied_by(body: Mapping[str, Any]) -> Copied | None:
    """None: the job says no size, or copied nothing: a point that stayed beside the disks."""
    properties = _properties(body)
    bag = properties.inner("extendedInfo").raw("propertyBag")
    at = properties.moment("startTime")
    if not isinstance(bag, Mapping) or at is None:
        return None
    written = {str(key).strip().lower(): str(value) for key, value in bag.items()}
    match = _SIZE.fullmatch(written.get("backup size", ""))
    gib = Decimal(match[1]) * _IN_GIB[match[2].lower()] if match else Decimal(0)
    return Copied(at, gib) if gib else None


def changed_between(copied: Sequence[Copied], vault: str, what: str) -> SizeMeasured | NotRead:
    """All that was copied after the oldest over the time since; the oldest may be the first."""
    ordered = sorted(copied)
    rates, whole, time = [], Decimal(0), Decimal(0)
    for before, after in pairwise(ordered):
        days = Decimal((after.at - before.at).total_seconds()) / _SECONDS_PER_DAY
        if days <= 0:
            continue
        rates.append(after.gib / days)
        whole, time = whole + after.gib, time + days
    if not rates:
        return NotRead(what, "fewer than two backups say how much they copied", "")
    value = Range.spanning(min(rates), whole / time, max(rates))
    return SizeMeasured(
        value, Source.BACKUP_DATA, f"what backups copied to {vault}", ordered[-1].at
    )
