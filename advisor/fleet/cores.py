"""The advice on many VMs, on every core: the same rows in the same order as on one."""

from __future__ import annotations

import copyreg
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from types import MappingProxyType
from typing import Any, NamedTuple

from advisor.fleet.report import fleet_rows
from advisor.model import KnownVm
from advisor.model.fleet import FleetRow
from advisor.needs import Tiers
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer

#: VMs that are handed to a process at once; fewer than so many in all are not worth a second one.
CHUNK, WORTH_IT = 250, 1_000
#: Chunks that wait for each process: enough to keep it busy, and few enough for the memory.
_AHEAD = 2


class _Work(NamedTuple):
    """What every chunk shares."""

    currency: str
    tiers: Tiers
    book: Book
    now: datetime


_shared: list[_Work] = []  # of a process of the pool: set once, as it starts


def advised(
    vms: Sequence[KnownVm], work_of: tuple[str, Tiers, Book, datetime], cores: int | None = None
) -> Iterator[FleetRow]:
    """A row of each VM, in order. `work_of`: currency, tiers, book and time."""
    work = _Work(*work_of)
    processes = cores or os.cpu_count() or 1
    if processes == 1 or len(vms) < WORTH_IT:
        yield from _rows(vms, work)
        return
    # A process that is forked would hold what other threads hold: a fresh one is safe everywhere.
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (work,)) as pool:
        waiting: deque[Future[list[FleetRow]]] = deque()
        for start in range(0, len(vms), CHUNK):
            waiting.append(pool.submit(_of_chunk, vms[start : start + CHUNK]))
            if len(waiting) > processes * _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _read_only(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(values)


def _as_it_is(tags: MappingProxyType[str, Any]) -> tuple[Any, tuple[Mapping[str, Any]]]:
    """How a mapping that is not to be written to goes to another process: Python knows no way."""
    return _read_only, (dict(tags),)


copyreg.pickle(MappingProxyType, _as_it_is)


def _begin(work: _Work) -> None:
    _shared[:] = [work]


def _of_chunk(vms: Sequence[KnownVm]) -> list[FleetRow]:
    return list(_rows(vms, _shared[0]))


def _rows(vms: Sequence[KnownVm], work: _Work) -> Iterator[FleetRow]:
    pricer = Pricer(work.book, work.currency, work.now.date())
    return fleet_rows(vms, work.currency, work.tiers, pricer, work.now)
