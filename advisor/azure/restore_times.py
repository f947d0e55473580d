"""How long restores and failovers took, from the jobs of the vaults that protect a VM.

One list of each vault, and the details of the newest few restores: Azure Backup answers 150
readings of jobs an hour (a recorded 429, `ResourceRequestsThrottled`). How far back the lists reach
is Azure's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote

from advisor.azure.arm_reader import ArmReader
from advisor.azure.connection import AzureConnection
from advisor.errors import VmbackupError
from advisor.inventory.recovery_services import vault_id_of
from advisor.inventory.restore_jobs import (
    FAILOVERS,
    TimedJob,
    failover_job,
    restore_details,
    restore_job,
    restored_from,
)
from advisor.model import (
    KnownVm,
    Protection,
    ProtectionKind,
    ProtectionState,
    Range,
    RestoredFrom,
    RestoreMeasured,
)

BACKUP_VERSION, _REPLICATION_VERSION = "2026-10-01", "2025-08-01"
BACKUP_JOBS = "Microsoft.RecoveryServices/vaults/backupJobs/read"
REPLICATION_JOBS = "Microsoft.RecoveryServices/vaults/replicationJobs/read"
_RESTORES = (
    "operation eq 'Restore' and status eq 'Completed' and backupManagementType eq 'AzureIaasVM'"
)
#: Newest first, of each vault.
MOST_OWN, MOST_OTHERS = 3, 2
#: Whose jobs are looked at for a VM that no vault protects.
MOST_VAULTS = 3


class OtherVm(NamedTuple):
    """Another VM that was restored: its data in use, and how long its policy keeps points near."""

    used_gib: Range
    instant_days: int | None


#: The one VM of that name (`app-01`, `rg/app-01`) that a vault protects; None: there is not just
#: one, so its restore says nothing.
FindOther = Callable[[str, str], Awaitable[OtherVm | None]]
#: The lower-cased ids of the VMs of a name that a vault protects. Raises VmbackupError.
FindNamed = Callable[[str, str], Awaitable[frozenset[str]]]


class NotToldApart(Exception):
    """The jobs of a vault name a VM, and it does not protect just the one of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(not_told_apart(name))


class NotListed(NamedTuple):
    """Jobs that could not be read, or could not be told apart, and why."""

    what: str
    error: VmbackupError | NotToldApart


class RestoreTimes:
    """Times of restores over one connection."""

    def __init__(
        self, connection: AzureConnection, find_other: FindOther, find_named: FindNamed
    ) -> None:
        self._reader, self._find_other = ArmReader(connection), find_other
        self._find_named = find_named

    async def of(self, known: KnownVm) -> tuple[tuple[RestoreMeasured, ...], tuple[NotListed, ...]]:
        """What was measured, the newest first, and the vaults whose jobs are not known."""
        asked = [
            self._tried(each, read, known)
            for kind, read in (
                (ProtectionKind.BACKUP, self._restores),
                (ProtectionKind.SITE_RECOVERY, self._failovers),
            )
            for each in _one_for_each_vault(known.protections, kind)
        ]
        answers = await asyncio.gather(*asked)
        found = [one for restores, _ in answers for one in restores]
        unread = tuple(failed for _, failed in answers if failed is not None)
        return tuple(sorted(found, key=lambda one: one.ended, reverse=True)), unread

    async def elsewhere(
        self, known: KnownVm, vaults: Sequence[str]
    ) -> tuple[tuple[RestoreMeasured, ...], tuple[NotListed, ...]]:
        """Restores of other VMs in vaults that do not protect this one; `vaults`: their ids."""
        nothing = Protection(kind=ProtectionKind.BACKUP, state=ProtectionState.UNKNOWN)
        asked = [
            self._tried(replace(nothing, id=vault), self._restores, known)
            for vault in vaults[:MOST_VAULTS]
        ]
        answers = await asyncio.gather(*asked)
        found = tuple(one for restores, _ in answers for one in restores)
        return found, tuple(failed for _, failed in answers if failed is not None)

    async def _tried(
        self, found: Protection, read: _Read, known: KnownVm
    ) -> tuple[list[RestoreMeasured], NotListed | None]:
        vault = vault_id_of(found.id or "") or ""
        what = f"how long restores took, by the jobs of vault {vault.rsplit('/', 1)[-1]}"
        try:
            return await read(vault, what, found, known), None
        except (VmbackupError, NotToldApart) as error:
            return [], NotListed(what, error)

    async def _own_and_others(
        self, jobs: Iterable[TimedJob | None], known: KnownVm, vault: str
    ) -> tuple[list[TimedJob], list[TimedJob]]:
        """Those of the VM and those of other VMs, the newest first. Raises NotToldApart."""
        newest = sorted((job for job in jobs if job), key=lambda job: job.ended, reverse=True)
        name, group = known.vm.name.lower(), known.vm.resource_group.lower()
        own = [job for job in newest if job.vm.lower() == name and job.group in ("", group)]
        others = [job for job in newest if job not in own]
        if all(job.group for job in own):
            return own, others
        protected = await self._find_named(name, vault)
        if protected == {known.vm.key}:
            return own, others
        if len(protected) == 1 and known.vm.key not in protected:
            return [job for job in own if job.group], [job for job in newest if not job.group]
        if sure := [job for job in own if job.group]:
            return sure, others
        raise NotToldApart(known.vm.name)

    # --- Azure Backup --------------------------------------------------------------------------

    async def _restores(
        self, vault: str, what: str, found: Protection, known: KnownVm
    ) -> list[RestoreMeasured]:
        path = f"{quote(vault)}/backupJobs"
        rows = await self._reader.all(
            path, BACKUP_VERSION, what, BACKUP_JOBS, **{"$filter": _RESTORES}
        )
        own, others = await self._own_and_others(map(restore_job, rows), known, vault)
        days = found.policy.instant_restore_days if found.policy else None
        measured = [await self._restore(each, vault, what, days) for each in own[:MOST_OWN]]
        told = [one._replace(is_own=True) for one in measured if one is not None]
        return told or await self._of_others(others[:MOST_OTHERS], vault, what)

    async def _of_others(
        self, jobs: Sequence[TimedJob], vault: str, what: str
    ) -> list[RestoreMeasured]:
        found = []
        for each in jobs:
            named = f"{each.group}/{each.vm}" if each.group else each.vm
            other = await self._find_other(named, vault)
            if other is None:
                continue
            measured = await self._restore(each, vault, what, other.instant_days)
            if measured is not None:
                found.append(measured._replace(used_gib=other.used_gib))
        return found

    async def _restore(
        self, job: TimedJob, vault: str, what: str, instant_days: int | None
    ) -> RestoreMeasured | None:
        """With its details, which alone say from which tier it was."""
        name = quote(job.id.rsplit("/", 1)[-1], safe="")
        body = await self._reader.one(
            f"{quote(vault)}/backupJobs/{name}", BACKUP_VERSION, what, BACKUP_JOBS
        )
        details = restore_details(body)
        place = restored_from(job, details, instant_days)
        if place is None:
            return None
        makes_vm = details is not None and details.makes_vm
        said = "a restore" if makes_vm else "a restore of the disks"
        return _measured(job, vault, place, said)._replace(makes_vm=makes_vm)

    # --- Site Recovery -------------------------------------------------------------------------

    async def _failovers(
        self, vault: str, what: str, _: Protection, known: KnownVm
    ) -> list[RestoreMeasured]:
        path = f"{quote(vault)}/replicationJobs"
        rows = await self._reader.all(path, _REPLICATION_VERSION, what, REPLICATION_JOBS)
        own, others = await self._own_and_others(map(failover_job, rows), known, vault)
        chosen = own[:MOST_OWN] or others[:MOST_OTHERS]
        return [
            _measured(each, vault, RestoredFrom.REPLICA, FAILOVERS[each.operation])._replace(
                is_own=bool(own)
            )
            for each in chosen
        ]


_Read = Callable[[str, str, Protection, KnownVm], Awaitable[list[RestoreMeasured]]]


def _one_for_each_vault(
    protections: Iterable[Protection], kind: ProtectionKind
) -> Iterable[Protection]:
    by_vault: dict[str, Protection] = {}
    for each in protections:
        vault = vault_id_of(each.id or "") if each.kind is kind else None
        if vault:
            by_vault.setdefault(vault, each)
    return by_vault.values()


def not_told_apart(name: str) -> str:
    """Why jobs are nobody's, as the end of a sentence."""
    return f"they name {name}, and it does not protect just the one VM of that name"


def _measured(job: TimedJob, vault: str, place: RestoredFrom, what: str) -> RestoreMeasured:
    return RestoreMeasured(
        vm=job.vm,
        is_own=False,
        place=place,
        what=what,
        by=f"vault {vault.rsplit('/', 1)[-1]}",
        took=job.took,
        ended=job.ended,
    )
