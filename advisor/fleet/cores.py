"""The advice on many VMs, on every core: the same rows in the same order as on one."""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import advisor.inventory.packing  # noqa: F401 - tags go to other processes and back
from advisor.collecting import seek_cycles_seldom
from advisor.earlier import NOTHING_EARLIER, Earlier, with_earlier
from advisor.fleet.report import fleet_rows
from advisor.model import KnownVm
from advisor.model.fleet import FleetRow
from advisor.needs import Tiers
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer

Given = TypeVar("Given")
Made = TypeVar("Made")

#: VMs that are handed to a process at once; fewer than so many in all are not worth a second one.
CHUNK, WORTH_IT = 250, 1_000
#: Chunks that wait for each process: enough to keep it busy, and few enough for the memory.
_AHEAD = 2


class Work(NamedTuple):
    """By what every VM of a fleet is judged; `earlier` by the VM's lower-cased id."""

    currency: str
    tiers: Tiers
    book: Book
    now: datetime
    earlier: Mapping[str, Earlier] = MappingProxyType({})


_shared: list[Work] = []  # of a process of the pool: set once, as it starts


def processes_for(cores: int | None) -> int:
    """So many as there are processors that this process may use, unless it is said."""
    if cores is not None:
        return cores
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def advised(vms: Sequence[KnownVm], work: Work, cores: int | None = None) -> Iterator[FleetRow]:
    """A row of each VM, in order."""
    if len(vms) < WORTH_IT:
        yield from rows_of(vms, work)
        return
    chunks = [vms[start : start + CHUNK] for start in range(0, len(vms), CHUNK)]
    for rows in on_all_cores(_of_chunk, chunks, processes_for(cores), _begin, work):
        yield from rows


def on_all_cores(
    does: Callable[[Given], Made],
    each: Iterable[Given],
    processes: int,
    begin: Callable[..., None] | None = None,
    *arguments: Any,
) -> Iterator[Made]:
    """What is made of each, in order; few are made ahead, for the memory.

    `begin` is called with `arguments` as a process starts.
    """
    if processes == 1:
        if begin is not None:
            begin(*arguments)
        yield from map(does, each)
        return
    # A process that is forked would hold what other threads hold: a fresh one is safe everywhere.
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, _start, (begin, arguments)) as pool:
        waiting: deque[Future[Made]] = deque()
        for one in each:
            waiting.append(pool.submit(does, one))
            if len(waiting) > processes * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _start(begin: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    """A fresh process of the pool, which looks for garbage never in what it starts with."""
    seek_cycles_seldom()
    if begin is not None:
        begin(*arguments)
    gc.freeze()


def _begin(work: Work) -> None:
    _shared[:] = [work]


def _of_chunk(vms: Sequence[KnownVm]) -> list[FleetRow]:
    return list(rows_of(vms, _shared[0]))


def rows_of(vms: Iterable[KnownVm], work: Work) -> Iterator[FleetRow]:
    """A row of each VM, by this process alone."""
    pricer = Pricer(work.book, work.currency, work.now.date())
    before = ((known, work.earlier.get(known.vm.key, NOTHING_EARLIER)) for known in vms)
    told = (with_earlier(known, earlier, work.now) for known, earlier in before)
    return fleet_rows(told, work.currency, work.tiers, pricer, work.now)
