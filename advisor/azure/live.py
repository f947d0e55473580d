"""The inventory read live: one VM by name, with all that protects it, in three rounds of calls.

Round one is three Resource Graph queries side by side, round two one call for each collection of
restore points that they name, round three at most two calls of Azure Monitor, and beside them the
jobs of the vaults that protect it: five calls for a VM without restore points and vaults, as long
as each answer is one page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any

from advisor.asked import AdviceAsked
from advisor.azure import monitor
from advisor.azure.collections import Collections
from advisor.azure.connection import ANSWER_SECONDS, Around, AzureConnection, Observe
from advisor.azure.estate_reading import EstateReading, GatheredEstate, Watched
from advisor.azure.graph import TRIES, AzureScope, ResourceGraph
from advisor.azure.kept_pages import KeptPages
from advisor.azure.restore_times import NotListed, OtherVm, RestoreTimes
from advisor.azure.subscription_standing import SubscriptionStanding, standing_of
from advisor.azure.vm_standing import VmStanding, vm_standings
from advisor.azure_address import PUBLIC_AZURE
from advisor.errors import (
    AzureRefused,
    AzureUnreachable,
    InputUnreadable,
    NotSignedIn,
    UsageError,
    VmbackupError,
    VmNotFound,
)
from advisor.inventory.compute_points import CollectionRecord
from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms, points_of
from advisor.inventory.estate import Estate
from advisor.inventory.find import Fleet, nearest_names
from advisor.inventory.graph_records import RowsRead, read_rows
from advisor.inventory.joining import Resources
from advisor.inventory.own_resources import MadeRecord, made_query, made_records, standing_queries
from advisor.inventory.protections import made_by_backup
from advisor.inventory.recovery_services import vault_id_of
from advisor.inventory.resource_graph import (
    GraphQuery,
    WantedVm,
    names_query,
    queries,
    regions_query,
    wanted_vm,
)
from advisor.model import KnownVm, NotRead, Reading, RestoreMeasured
from advisor.retries import retries_to_the_log
from advisor.sizing import size
from advisor.stated_sizes import stated_sizes

#: What fails in reading one part without failing the whole: it is unknown then, and named.
_UNREAD = (AzureRefused, AzureUnreachable, InputUnreadable)


class LiveInventory:
    """VMs read from Azure when asked for; an async context manager.

    Looks at the subscriptions and management groups given, by default at everything one may
    read. `credential` is an azure-core AsyncTokenCredential (default: azure-identity's chain);
    plain HTTP is for a loopback `base_url` only, and only when allowed (else UsageError).
    One request may take `answer_seconds`. Resource Graph is asked `tries` times where it is asked
    too often, with the waits that it names between; with 1 the error carries the wait.
    """

    def __init__(
        self,
        subscriptions: Sequence[str] = (),
        management_groups: Sequence[str] = (),
        *,
        credential: Any = None,
        base_url: str = PUBLIC_AZURE,
        allow_plain_http: bool = False,
        answer_seconds: float = ANSWER_SECONDS,
        tries: int = TRIES,
        observe: Observe | None = None,
        around: Around | None = None,
    ) -> None:
        self._tries = tries
        self._scope = AzureScope(
            subscriptions=tuple(subscriptions), management_groups=tuple(management_groups)
        )
        self._connection = AzureConnection(
            credential=credential,
            base_url=base_url,
            allow_plain_http=allow_plain_http,
            answer_seconds=answer_seconds,
            observe=observe,
            around=around,
        )

    async def __aenter__(self) -> LiveInventory:
        await asyncio.to_thread(_load_sdks)
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def asking_once(self) -> LiveInventory:
        """The same inventory without waits: the caller keeps the wait that Azure names."""
        twin = copy(self)
        twin._tries = 1
        return twin

    async def close(self) -> None:
        """Ends the connections; may be called twice."""
        await self._connection.close()

    @property
    def connection(self) -> AzureConnection:
        """What everything is asked over; for readers of what is no inventory."""
        return self._connection

    def graph(self) -> ResourceGraph:
        """Resource Graph over the same connection and in the same scope."""
        return ResourceGraph(self._connection, self._scope, self._tries)

    async def find(self, wanted: str, now: datetime) -> KnownVm:
        """The VM called `web-01`, `rg/web-01` or by its full ARM id, with what is around it.

        What could not be read besides the VM is FAILED in the coverage and named in `not_read`.
        Raises UsageError for what is no VM's name, VmNotFound with the nearest names,
        VmAmbiguous, and AzureRefused or AzureUnreachable where the VM itself cannot be read.
        """
        known = await self.find_unmeasured(wanted, now)
        # Each names what it could not read and raises nothing of Azure's.
        writes, restores = await asyncio.gather(
            self._measured(known, now), self.with_restores(known, now)
        )
        return _together(known, writes, restores)

    async def find_unmeasured(self, wanted: str, now: datetime) -> KnownVm:
        """As `find`, without Azure Monitor and the jobs of vaults: for what measures by itself."""
        meant = wanted_vm(wanted)
        await self._connection.sign_in()
        graph = ResourceGraph(self._connection, self._scope, self._tries)
        fleet = await self._fleet(graph, meant, now)
        if not fleet.vms:
            raise VmNotFound(wanted.strip(), await _nearest(graph, meant))
        return fleet.find(wanted)

    async def with_restores(self, known: KnownVm, now: datetime) -> KnownVm:
        """With how long restores took, by the jobs of its vaults; what failed is named in it."""

        async def other(name: str, vault: str) -> OtherVm | None:
            return await self._other(name, vault, now)

        restores, unread = await RestoreTimes(self._connection, other, self.named_in).of(known)
        measured = known.measured._replace(restores=restores, read_at=now)
        named = tuple(map(_not_listed, unread))
        return replace(known, measured=measured, not_read=(*known.not_read, *named))

    async def restores_in(
        self, known: KnownVm, vaults: Sequence[str], now: datetime
    ) -> tuple[tuple[RestoreMeasured, ...], tuple[NotRead, ...]]:
        """How long restores of other VMs took in vaults that do not protect this one."""

        async def other(name: str, vault: str) -> OtherVm | None:
            return await self._other(name, vault, now)

        found, unread = await RestoreTimes(self._connection, other, self.named_in).elsewhere(
            known, vaults
        )
        return found, tuple(map(_not_listed, unread))

    async def named_in(self, name: str, vault: str) -> frozenset[str]:
        """The lower-cased ids of the VMs of that name that the vault protects, also of those that
        are gone.

        `vault`: its lower-cased id. Raises AzureRefused, AzureUnreachable, InputUnreadable.
        """
        graph = ResourceGraph(self._connection, self._scope, self._tries)
        _, protection, _ = queries(wanted_vm(name))
        found = read_rows(await graph.ask(protection)).found
        held = (*found.get("items", ()), *found.get("replicated", ()))
        sources = (each.source_id for each in held if each.vault_id == vault)
        return frozenset(source for source in sources if source)

    async def _other(self, name: str, vault: str, now: datetime) -> OtherVm | None:
        """The one VM of that name that the vault protects."""
        try:
            meant = wanted_vm(name)
        except UsageError:
            return None
        graph = ResourceGraph(self._connection, self._scope, self._tries)
        found = [
            (each, backup)
            for each in (await self._fleet(graph, meant, now)).vms
            for backup in each.protections
            if vault_id_of(backup.id or "") == vault and backup.policy is not None
        ]
        if len(found) != 1:
            return None
        [(known, backup)] = found
        if not meant.group and await self.named_in(name, vault) != {known.vm.key}:
            return None
        try:
            sizing = size(known, stated_sizes(AdviceAsked(vm=known.vm.id), known.vm.tags))
        except UsageError:
            return None  # a tag that cannot be read: how much it holds is not known
        days = backup.policy.instant_restore_days if backup.policy else None
        return OtherVm(sizing.used_gib.range, days)

    @property
    def calls(self) -> int:
        """How many requests were sent to Azure."""
        return self._connection.calls

    async def everything(
        self, now: datetime, kept: KeptPages | None = None, watched: Watched | None = None
    ) -> Estate:
        """Every VM one may read, with everything around it; without what Azure Monitor measured.

        `kept` holds the pages of a reading that broke off. What could not be read is FAILED in the
        coverage and named; raises as `find` where not one VM could be read.
        """
        await self._connection.sign_in()
        return await EstateReading(self.graph(), kept, watched).read(now)

    async def gathered(self, kept: KeptPages, watched: Watched | None = None) -> GatheredEstate:
        """As `everything`, of a fleet of any size: a large one stays on the disk, in `kept`.

        Whoever asks forgets what is kept, once it is no longer needed.
        """
        await self._connection.sign_in()
        return await EstateReading(self.graph(), kept, watched).gathered()

    async def standing_of(self, subscription_id: str) -> SubscriptionStanding:
        """What became of a subscription of which nothing came. Raises nothing of Azure's."""
        return await standing_of(self._connection, self._scope, subscription_id)

    async def vm_standings(
        self, vm_ids: Iterable[str], listed: Collection[str]
    ) -> list[VmStanding]:
        """What became of VMs that are not among those `listed`. Raises nothing of Azure's."""
        return await vm_standings(self._connection, vm_ids, listed, self._tries)

    async def made(self, prefix: str) -> tuple[MadeRecord, ...]:
        """Every snapshot, restore point and disk whose name begins so, as Azure shows them now.

        Raises AzureRefused, AzureUnreachable and InputUnreadable: part of it would be no answer.
        """
        await self._connection.sign_in()
        graph = ResourceGraph(self._connection, self._scope, self._tries)
        return made_records(await graph.ask(made_query(prefix)))

    async def standing(self, vm_ids: Sequence[str]) -> frozenset[str]:
        """Those of the VMs that are found, lower-cased. Raises AzureRefused, AzureUnreachable.

        One that may not be read is not found either: nothing is to be deleted because of it.
        """
        await self._connection.sign_in()
        graph = ResourceGraph(self._connection, self._scope, self._tries)
        answers = [await graph.ask(query) for query in standing_queries(vm_ids)]
        return frozenset(str(row.get("id", "")).lower() for rows in answers for row in rows)

    async def regions(self) -> frozenset[str]:
        """ARM's names of the regions that have VMs. Raises AzureRefused, AzureUnreachable."""
        await self._connection.sign_in()
        rows = await ResourceGraph(self._connection, self._scope, self._tries).ask(regions_query())
        names = (str(row.get("location") or "").strip().lower() for row in rows)
        return frozenset(name for name in names if name)

    async def names(self) -> tuple[str, ...]:
        """The ids of all VMs one may read. Raises AzureRefused, AzureUnreachable."""
        await self._connection.sign_in()
        rows = await ResourceGraph(self._connection, self._scope, self._tries).ask(names_query())
        return tuple(str(row.get("id") or "") for row in rows)

    async def _fleet(self, graph: ResourceGraph, meant: WantedVm, now: datetime) -> Fleet:
        """Every VM that is called as meant; more than one where the name does not decide."""
        asked = queries(meant)
        answers = await asyncio.gather(*(_read(graph, query) for query in asked))
        if isinstance(answers[0], VmbackupError):
            raise answers[0]
        found: dict[str, tuple[Any, ...]] = {}
        at_once: dict[InventoryPart, Reading] = {}
        unclear: list[NotRead] = []
        for query, answer in zip(asked, answers, strict=True):
            if isinstance(answer, VmbackupError):
                at_once |= dict.fromkeys(query.parts, Reading.FAILED)
                unclear.append(not_read(query.what, answer))
            else:
                at_once |= dict.fromkeys(query.parts, Reading.READ)
                at_once |= dict.fromkeys(answer.incomplete, Reading.FAILED)
                unclear.extend(answer.unread)
                found |= answer.found
        found, unread = await self._with_points(found)
        if unread:
            at_once[InventoryPart.RESTORE_POINTS] = Reading.FAILED
            unclear.extend(unread)
        looked = InventoryRead(at_once=at_once, unclear=tuple(unclear), narrowed=True)
        return Fleet(known_vms(Resources(**found), looked, now))

    async def _with_points(
        self, found: Mapping[str, tuple[Any, ...]]
    ) -> tuple[dict[str, tuple[Any, ...]], list[NotRead]]:
        """The same with every collection's points, and the collections whose points are unknown.

        Where a collection cannot be read, the points that Resource Graph showed of it are all
        that is known of it.
        """
        named = {one.key: one for one in found.get("collections", ()) if not made_by_backup(one.id)}
        answers = await Collections(self._connection).read([one.id for one in named.values()])
        read = [one for one in answers if isinstance(one, CollectionRecord)]
        unread = [
            not_read(points_of(one.id), answer)
            for one, answer in zip(named.values(), answers, strict=True)
            if isinstance(answer, VmbackupError)
        ]
        collections = {**named, **{one.key: one for one in read}}
        return {**found, "collections": tuple(collections.values())}, unread

    async def _measured(self, known: KnownVm, now: datetime) -> KnownVm:
        """With the disk writes that Azure Monitor measured, or with why there are none."""
        reading = Reading.READ
        try:
            writes = await monitor.AzureMonitor(self._connection).writes(known.vm, now)
        except (AzureRefused, AzureUnreachable) as error:
            reading = Reading.FAILED
            writes = not_read(monitor.WHAT, error)
        coverage = replace(known.coverage, metrics=reading)
        if isinstance(writes, NotRead):
            return replace(known, coverage=coverage, not_read=(*known.not_read, writes))
        return replace(known, coverage=coverage, writes=writes)


def _together(known: KnownVm, writes: KnownVm, restores: KnownVm) -> KnownVm:
    """What two readings beside each other found out about the same VM."""
    before = len(known.not_read)
    unread = (*writes.not_read, *restores.not_read[before:])
    return replace(writes, measured=restores.measured, not_read=unread)


def _load_sdks() -> None:
    """Half a second of imports, made here so that no first question waits for them."""
    import azure.mgmt.core
    import azure.mgmt.monitor.aio  # noqa: F401 - loaded, not used

    retries_to_the_log()


async def _read(graph: ResourceGraph, query: GraphQuery) -> RowsRead | VmbackupError:
    """The records of a query, or the error that leaves them unknown."""
    try:
        return read_rows(await graph.ask(query))
    except _UNREAD as error:
        return error


async def _nearest(graph: ResourceGraph, meant: WantedVm) -> tuple[str, ...]:
    """The nearest names; none where the names cannot be read: the VM is not found either way."""
    try:
        rows = await graph.first_page(names_query())
    except _UNREAD:
        return ()
    return nearest_names([str(row.get("name", "")) for row in rows], meant.name)


def _not_listed(jobs: NotListed) -> NotRead:
    """Jobs that say nothing, and why."""
    if isinstance(jobs.error, VmbackupError):
        return not_read(jobs.what, jobs.error)
    return NotRead(jobs.what, str(jobs.error), "")


def not_read(what: str, error: VmbackupError) -> NotRead:
    """A part that failed: why, and what would supply it."""
    why, remedy = str(error), ""
    if isinstance(error, NotSignedIn):
        why, remedy = error.reason, "a new sign-in"
    elif isinstance(error, AzureRefused):
        why, remedy = error.reason, error.permission
    elif isinstance(error, AzureUnreachable):
        why, remedy = error.reason, "try again in a minute"
    return NotRead(what=what, why=why.rstrip("."), remedy=remedy, failed=True)
