"""Every VM one may read, with everything around it: three queries, page by page, side by side.

A page that cannot be had ends its query: what came before it counts, what it was to bring is
unknown and named. Pages are kept on disk, so that the reading can go on later.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from advisor.azure.graph import ResourceGraph
from advisor.azure.kept_pages import KeptPage, KeptPages
from advisor.errors import AzureRefused, AzureUnreachable, VmbackupError
from advisor.inventory.coverage import InventoryPart, InventoryRead
from advisor.inventory.estate import Estate, estate_of
from advisor.inventory.graph_records import RowsRead, read_rows
from advisor.inventory.joining import Resources
from advisor.inventory.resource_graph import GraphQuery, queries
from advisor.model import NotRead, Reading

#: What a query may fail with and leave the others as they are.
_UNREAD = (AzureRefused, AzureUnreachable)
RESUME = "vmbackup fleet --resume"


class QueryRead(NamedTuple):
    """What came of one query. `failed`: why it broke off; None: it is whole."""

    query: GraphQuery
    found: RowsRead
    rows: int
    total: int | None  #: None: not one page came
    failed: VmbackupError | None = None


class EstateReading:
    """One reading of everything; `kept` is where its pages go."""

    def __init__(self, graph: ResourceGraph, kept: KeptPages | None) -> None:
        self._graph = graph
        self._kept = kept

    async def read(self, now: datetime) -> Estate:
        """The estate, partial where a query broke off. Raises where not one VM could be read."""
        answers = await asyncio.gather(*(self._all_of(query) for query in queries(None)))
        vms = answers[0]
        if vms.failed is not None and not vms.found.found.get("vms"):
            raise vms.failed
        if self._kept is not None and not any(one.failed for one in answers):
            self._kept.forget()
        found: dict[str, tuple[Any, ...]] = {}
        for one in answers:
            found |= one.found.found
        return estate_of(Resources(**found), _looked(answers), now)

    async def _all_of(self, query: GraphQuery) -> QueryRead:
        """All pages of a query, those that are kept first."""
        gathered = _Gathered()
        token: str | None = None
        for page in self._kept.pages(query) if self._kept else ():
            gathered.add(page)
            token = page.token
        try:
            if not gathered.pages or token:
                await self._rest_of(query, token, gathered)
        except _UNREAD as error:
            return gathered.read(query, error)
        return gathered.read(query, None)

    async def _rest_of(self, query: GraphQuery, token: str | None, gathered: _Gathered) -> None:
        async for page in self._graph.pages(query, token):
            kept = KeptPage(page.rows, page.token, page.total)
            if self._kept is not None:
                await asyncio.to_thread(self._kept.keep, query, kept)
            gathered.add(kept)


class _Gathered:
    """The records of pages, each page parsed as it comes and then let go."""

    def __init__(self) -> None:
        self.pages = self.rows = 0
        self.total: int | None = None
        self._found: dict[str, list[Any]] = defaultdict(list)
        self._unread: list[NotRead] = []
        self._incomplete: set[InventoryPart] = set()

    def add(self, page: KeptPage) -> None:
        """Raises InputUnreadable for a VM that cannot be read."""
        read = read_rows(page.rows)
        for field, records in read.found.items():
            self._found[field].extend(records)
        self._unread.extend(read.unread)
        self._incomplete |= read.incomplete
        self.pages += 1
        self.rows += len(page.rows)
        self.total = page.total

    def read(self, query: GraphQuery, failed: VmbackupError | None) -> QueryRead:
        """What came; short of what Azure counted it is not whole either."""
        short = self.total is not None and self.rows < self.total
        if failed is None and short:
            reason = f"Resource Graph gave {self.rows:,} of {self.total:,} rows and no next page."
            failed = AzureRefused(query.what, reason)
        found: Mapping[str, tuple[Any, ...]] = {
            field: tuple(records) for field, records in self._found.items()
        }
        rows = RowsRead(found, tuple(self._unread), frozenset(self._incomplete))
        return QueryRead(query, rows, self.rows, self.total, failed)


def _looked(answers: list[QueryRead]) -> InventoryRead:
    at_once: dict[InventoryPart, Reading] = {}
    unclear: list[NotRead] = []
    for one in answers:
        whole = one.failed is None
        at_once |= dict.fromkeys(one.query.parts, Reading.READ if whole else Reading.FAILED)
        at_once |= dict.fromkeys(one.found.incomplete, Reading.FAILED)
        unclear.extend(one.found.unread)
        if one.failed is not None:
            unclear.append(_broken_off(one, one.failed))
    return InventoryRead(at_once=at_once, unclear=tuple(unclear))


def _broken_off(one: QueryRead, error: VmbackupError) -> NotRead:
    """`the vaults: 8,000 of 10,000 rows came, then 429 …`."""
    reason = getattr(error, "reason", str(error)).rstrip(".")
    came = "" if one.total is None else f"{one.rows:,} of {one.total:,} rows came, then: "
    remedy = getattr(error, "permission", "") or RESUME
    return NotRead(what=one.query.what, why=f"{came}{reason}", remedy=remedy, failed=True)
