"""Every VM one may read, with everything around it: three queries, page by page, side by side.

A page that cannot be had ends its query: what came before it counts, what it was to bring is
unknown and named. Pages are kept on disk, so that the reading can go on later.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from advisor.azure.graph import ResourceGraph
from advisor.azure.kept_pages import KeptPage, KeptPages
from advisor.errors import AzureRefused, AzureUnreachable, VmbackupError
from advisor.inventory.arm import VM_TYPE, kind_of
from advisor.inventory.big_files import CUT_FROM_BYTES
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
    vms: int
    total: int | None  #: None: not one page came
    failed: VmbackupError | None = None


#: Told as pages come: rows that came, and rows in all as far as Azure has counted them.
Watched = Callable[[int, int], None]


class GatheredEstate(NamedTuple):
    """Every page that came: as records, or where there are many, on the disk (`is_large`)."""

    answers: tuple[QueryRead, ...]
    is_large: bool

    @property
    def is_whole(self) -> bool:
        return not any(one.failed for one in self.answers)

    @property
    def looked(self) -> InventoryRead:
        """What was read; of pages on the disk without the rows that cannot be read."""
        return _looked(self.answers)

    def estate(self, now: datetime) -> Estate:
        """The records joined; not where `is_large`."""
        found: dict[str, tuple[Any, ...]] = {}
        for one in self.answers:
            found |= one.found.found
        return estate_of(Resources(**found), self.looked, now)


class EstateReading:
    """One reading of everything; `kept` is where its pages go.

    From `large_bytes` of pages on nothing is held in memory that is on the disk.
    """

    def __init__(
        self,
        graph: ResourceGraph,
        kept: KeptPages | None,
        watched: Watched | None = None,
        large_bytes: int = CUT_FROM_BYTES,
    ) -> None:
        self._graph, self._kept, self._watched = graph, kept, watched
        self._needs_disk = True
        self._large_bytes, self._bytes = large_bytes, 0
        self._under_way: list[_Gathered] = []

    async def read(self, now: datetime) -> Estate:
        """The estate in memory, partial where a query broke off. Raises as `gathered`.

        A disk that takes no further page ends nothing; it is emptied, as others need it too.
        """
        self._large_bytes, self._needs_disk = sys.maxsize, False
        gathered = await self.gathered()
        if self._kept is not None and (gathered.is_whole or self._kept.unwritten):
            self._kept.forget()
        return gathered.estate(now)

    async def gathered(self) -> GatheredEstate:
        """All pages, those that are kept first. Raises where not one VM could be read, and OSError
        where the disk takes no page."""
        answers = await asyncio.gather(*(self._all_of(query) for query in queries(None)))
        vms = answers[0]
        if vms.failed is not None and not vms.vms:
            raise vms.failed
        return GatheredEstate(tuple(answers), self._is_large)

    @property
    def _is_large(self) -> bool:
        return self._bytes >= self._large_bytes

    async def _all_of(self, query: GraphQuery) -> QueryRead:
        """All pages of a query, those that are kept first."""
        gathered, token = self._of_before(query)
        try:
            if not gathered.pages or token:
                await self._rest_of(query, token, gathered)
        except _UNREAD as error:
            return gathered.read(query, error)
        return gathered.read(query, None)

    def _of_before(self, query: GraphQuery) -> tuple[_Gathered, str | None]:
        """What is kept of a query, and the token of what is not."""
        gathered, token = _Gathered(), None
        self._under_way.append(gathered)
        for page in self._kept.pages(query) if self._kept else ():
            self._add(gathered, page)
            token = page.token
        if self._kept is not None and gathered.is_short and not token:
            # Azure has no rest of it: it is read anew.
            self._kept.start_over(query)
            self._under_way.remove(gathered)
            return self._of_before(query)
        return gathered, token

    async def _rest_of(self, query: GraphQuery, token: str | None, gathered: _Gathered) -> None:
        async for page in self._graph.pages(query, token):
            kept = KeptPage(gathered.new_of(page.rows), page.token, page.total)
            if self._kept is not None:
                keep = self._kept.keep if self._needs_disk else self._kept.keep_if_possible
                kept = await asyncio.to_thread(keep, query, kept)
            self._add(gathered, kept)

    def _add(self, gathered: _Gathered, page: KeptPage) -> None:
        self._bytes += page.size
        gathered.add(page, hold=not self._is_large)
        if self._is_large:
            for each in self._under_way:
                each.let_go()
        if self._watched is not None:
            came = sum(each.rows for each in self._under_way)
            self._watched(came, sum(each.total or 0 for each in self._under_way))


class _Gathered:
    """The records of pages, each page parsed as it comes and then let go."""

    def __init__(self) -> None:
        self.pages = self.rows = self.vms = 0
        self.total: int | None = None
        self._last: frozenset[str] = frozenset()
        self._found: dict[str, list[Any]] = defaultdict(list)
        self._unread: list[NotRead] = []
        self._incomplete: set[InventoryPart] = set()

    @property
    def is_short(self) -> bool:
        """Fewer rows came than Azure counted."""
        return self.total is not None and self.rows < self.total

    def new_of(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Without rows of the page before: what is made meanwhile moves the rest one on."""
        return [row for row in rows if _id(row) not in self._last] if self._last else rows

    def add(self, page: KeptPage, *, hold: bool) -> None:
        """Raises InputUnreadable for a VM that cannot be read. `hold`: its records too."""
        if hold:
            read = read_rows(page.rows)
            for field, records in read.found.items():
                self._found[field].extend(records)
            self._unread.extend(read.unread)
            self._incomplete |= read.incomplete
        self._last = frozenset(map(_id, page.rows))
        self.vms += sum(kind_of(row) == VM_TYPE for row in page.rows)
        self.pages += 1
        self.rows += len(page.rows)
        self.total = page.total

    def let_go(self) -> None:
        """Forget the records: they are on the disk."""
        self._found.clear()
        self._unread.clear()
        self._incomplete.clear()

    def read(self, query: GraphQuery, failed: VmbackupError | None) -> QueryRead:
        """What came; short of what Azure counted it is not whole either."""
        if failed is None and self.total is not None and self.is_short:
            reason = f"Resource Graph gave {self.rows:,} of {self.total:,} rows and no next page."
            failed = AzureRefused(query.what, reason)
        found: Mapping[str, tuple[Any, ...]] = {
            field: tuple(records) for field, records in self._found.items()
        }
        rows = RowsRead(found, tuple(self._unread), frozenset(self._incomplete))
        return QueryRead(query, rows, self.rows, self.vms, self.total, failed)


def _id(row: Mapping[str, Any]) -> str:
    return str(row.get("id") or "").lower()


def _looked(answers: Sequence[QueryRead]) -> InventoryRead:
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
