"""One VM measured by everything that is there: writes, used and changed data, restores.

Each reading stands for itself: one that fails is named and measures nothing, and the others count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.bill.billed_snapshots import SnapshotSizes, billed_sizes
from advisor.bill.months import last_final
from advisor.bill.owners import owners_of
from advisor.bill.vault_growth import grown, growth_days
from advisor.errors import VmbackupError
from advisor.inventory.points_found import traced
from advisor.inventory.recovery_services import vault_id_of
from advisor.model import (
    NOTHING_MEASURED,
    DiskWrites,
    KnownVm,
    Measurements,
    NotRead,
    Protection,
    ProtectionKind,
    RestoredFrom,
    RestoreMeasured,
    SizeMeasured,
)
from advisor.model.measure_report import MeasureReport
from advisor.needs import Tiers
from advisor.prices.book import Book

if TYPE_CHECKING:
    from advisor.azure.cost_cache import CostCache
    from advisor.azure.live import LiveInventory
    from advisor.azure.whole import WholeInventory

_BILLED = "the used size by the bill of snapshots"
_CHANGES = "what changes, by "


class _Found(NamedTuple):
    """Sizes that one reading found, and why it found no more."""

    used: tuple[SizeMeasured, ...] = ()
    changed: tuple[SizeMeasured, ...] = ()
    unread: tuple[NotRead, ...] = ()


class Measuring:
    """Measurements over a live inventory. `workspace`: of Log Analytics; empty: none is asked."""

    def __init__(
        self,
        inventory: LiveInventory,
        book: Book,
        cache: CostCache,
        workspace: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        own_restores: Callable[[str], Awaitable[tuple[RestoreMeasured, ...]]] | None = None,
    ) -> None:
        self._own_restores = own_restores
        self._inventory, self._book, self._cache = inventory, book, cache
        self._workspace, self._clock = workspace, clock

    async def of_vm(self, asked: AdviceAsked, tiers: Tiers) -> MeasureReport:
        """Raises what finding the VM raises, and UsageError for its tags."""
        now = self._clock()
        bare = await self._inventory.find_unmeasured(asked.vm, now)
        whole = await self._whole(now)
        sizes = asyncio.gather(
            self._guest(bare),
            self._copied(bare),
            self._by_costs(bare, whole, now),
        )
        written, known, found, elsewhere = await asyncio.gather(
            self._written(bare, now),
            self._inventory.with_restores(bare, now),
            sizes,
            self._elsewhere(bare, whole, now),
        )
        done = await self._own_restores(bare.vm.key) if self._own_restores else ()
        used = tuple(one for each in found for one in each.used)
        changed = tuple(one for each in found for one in each.changed)
        measured = Measurements(
            used=used[0] if used else None,
            changed=changed[0] if changed else None,
            restores=(*known.measured.restores, *elsewhere.measured.restores, *done),
            read_at=now,
        )
        before = replace(bare, measured=NOTHING_MEASURED, writes=None)
        after = replace(written, measured=measured, not_read=bare.not_read)
        unread = [one for each in (written, known, elsewhere) for one in _new(each, bare)]
        unread += [one for each in found for one in each.unread if _is_missed(one, changed)]
        return MeasureReport(
            before=advise_known(before, asked, tiers, self._book, now),
            after=advise_known(after, asked, tiers, self._book, now),
            used=used,
            changed=changed,
            unread=tuple(dict.fromkeys(unread)),
            asks_workspace=bool(self._workspace),
        )

    # --- each reading --------------------------------------------------------------------------

    async def _written(self, known: KnownVm, now: datetime) -> KnownVm:
        """With what Azure Monitor says in a batch of one."""
        from advisor.azure.live import not_read
        from advisor.azure.metrics_batch import MetricsBatch
        from advisor.azure.monitor import WHAT

        answer = (await MetricsBatch(self._inventory.connection).writes([known.vm], now))[
            known.vm.key
        ]
        if isinstance(answer, DiskWrites):
            return replace(known, writes=answer)
        failed = answer if isinstance(answer, NotRead) else not_read(WHAT, answer)
        return replace(known, not_read=(*known.not_read, failed))

    async def _guest(self, known: KnownVm) -> _Found:
        if not self._workspace:
            return _Found()
        from advisor.azure.guest_metrics import GuestMetrics

        guest = GuestMetrics(self._inventory.connection, self._workspace)
        return await _tried(guest.what, _as_used(guest.used(known.vm)))

    async def _copied(self, known: KnownVm) -> _Found:
        from advisor.azure.backup_sizes import BackupSizes

        backup = _backup_of(known)
        if backup is None:
            return _Found()
        sizes = BackupSizes(self._inventory.connection, self._inventory.named_in)
        what = f"{_CHANGES}the backups in its vault"
        return await _tried(what, _as_changed(sizes.changed(known.vm, backup)))

    async def _by_costs(
        self, known: KnownVm, whole: WholeInventory | NotRead, now: datetime
    ) -> _Found:
        """By what is billed of it: one query after the other, for the tenant's query units."""
        if isinstance(whole, NotRead):
            return _Found(unread=(whole,))
        billed = await self._billed(known, whole, now)
        if billed.changed:
            return billed
        grew = await self._grown(known, whole, now)
        return billed._replace(changed=grew.changed, unread=(*billed.unread, *grew.unread))

    async def _billed(self, known: KnownVm, whole: WholeInventory, now: datetime) -> _Found:
        """By the bill of the newest final month, where any snapshot of its disks stands."""
        keys = {disk.key for disk in known.vm.disks}
        snapshots = [one for one in traced(whole.resources.snapshots) if one.source_id in keys]
        if not snapshots:
            return _Found()
        month = last_final(now.date())
        subscriptions = sorted({one.id.split("/")[2].lower() for one in snapshots})

        async def read() -> _Found:
            charges = await self._cache.charges(
                self._inventory.connection, subscriptions, month, now
            )
            return _of_bill(billed_sizes(known.vm, snapshots, charges, month))

        return await _tried(_BILLED, read())

    async def _grown(self, known: KnownVm, whole: WholeInventory, now: datetime) -> _Found:
        """By the growth of its vault, as long as none of its points has expired."""
        backup = _backup_of(known)
        if backup is None:
            return _Found()
        vault = vault_id_of(backup.id or "") or ""
        what = f"{_CHANGES}the growth of vault {vault.rsplit('/', 1)[-1]}"
        days = growth_days(backup, now)
        if isinstance(days, str):
            return _Found(unread=(NotRead(what, days, ""),))
        items = owners_of(whole.resources).items.get(vault, ())

        async def read() -> SizeMeasured | NotRead:
            connection, subscription = self._inventory.connection, vault.split("/")[2]
            stored = await self._cache.stored_by_day(connection, subscription, *days, now)
            return grown(what, known.vm.key, backup, items, stored, days)

        return await _tried(what, _as_changed(read()))

    async def _elsewhere(
        self, known: KnownVm, whole: WholeInventory | NotRead, now: datetime
    ) -> KnownVm:
        """For a VM that no vault protects: restores of others in the vaults of its region."""
        own = any(one.kind is ProtectionKind.BACKUP for one in known.protections)
        if own or isinstance(whole, NotRead):
            return known
        near = [one.id.lower() for one in whole.resources.vaults if one.region == known.vm.region]
        found, unread = await self._inventory.restores_in(known, sorted(near), now)
        of_vault = tuple(one for one in found if one.place is not RestoredFrom.REPLICA)
        measured = Measurements(restores=of_vault, read_at=now)
        return replace(known, measured=measured, not_read=(*known.not_read, *unread))

    async def _whole(self, now: datetime) -> WholeInventory | NotRead:
        from advisor.azure.live import not_read
        from advisor.azure.whole import whole_inventory

        try:
            return await whole_inventory(self._inventory, now)
        except VmbackupError as error:
            return not_read("the snapshots and vaults around it", error)


def _backup_of(known: KnownVm) -> Protection | None:
    backups = (p for p in known.protections if p.kind is ProtectionKind.BACKUP and p.id)
    return next(backups, None)


async def _tried(what: str, reading: Awaitable[_Found]) -> _Found:
    """What a reading found; where it failed, that it failed and why."""
    from advisor.azure.live import not_read

    try:
        return await reading
    except VmbackupError as error:
        return _Found(unread=(not_read(what, error),))


async def _as_used(answer: Awaitable[SizeMeasured | NotRead]) -> _Found:
    found = await answer
    return _Found(unread=(found,)) if isinstance(found, NotRead) else _Found(used=(found,))


async def _as_changed(answer: Awaitable[SizeMeasured | NotRead]) -> _Found:
    found = await answer
    return _Found(unread=(found,)) if isinstance(found, NotRead) else _Found(changed=(found,))


def _of_bill(sizes: SnapshotSizes) -> _Found:
    used = (sizes.used,) if sizes.used else ()
    changed = (sizes.changed,) if sizes.changed else ()
    if used:
        return _Found(used, changed)
    why = "not every disk has a snapshot that was billed for a week of the month"
    return _Found(unread=(NotRead(_BILLED, why, ""),))


def _is_missed(one: NotRead, changed: Sequence[SizeMeasured]) -> bool:
    """What one reading does not measure is not missed where another one did; a failure is."""
    return one.failed or not (changed and one.what.startswith(_CHANGES))


def _new(known: KnownVm, bare: KnownVm) -> Sequence[NotRead]:
    return known.not_read[len(bare.not_read) :]
