"""A fleet billed by other prices than the book's, on every core where it is large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from advisor.fleet.cores import CHUNK, WORTH_IT, Work, on_all_cores, processes_for
from advisor.fleet.price_moves import VmCost, cost_of
from advisor.fleet.report import fleet_rows
from advisor.model import KnownVm, Meter
from advisor.prices.book import Price
from advisor.prices.pricing import Pricer


class _ByOtherPrices(NamedTuple):
    """What every chunk shares. `held`: the prices that count instead of the book's."""

    work: Work
    held: Mapping[Meter, Price]


_shared: list[_ByOtherPrices] = []  # of a process of the pool: set once, as it starts


def billed_again(
    vms: Sequence[KnownVm], work: Work, held: Mapping[Meter, Price], cores: int | None = None
) -> Iterator[tuple[str, VmCost]]:
    """Each VM's lower-cased id with its cost, in order. The VMs have what bills told already."""
    by = _ByOtherPrices(work, held)
    if len(vms) < WORTH_IT:
        yield from _billed(vms, by)
        return
    chunks = [vms[start : start + CHUNK] for start in range(0, len(vms), CHUNK)]
    for billed in on_all_cores(_of_chunk, chunks, processes_for(cores), _begin, by):
        yield from billed


def _begin(by: _ByOtherPrices) -> None:
    _shared[:] = [by]


def _of_chunk(vms: Sequence[KnownVm]) -> list[tuple[str, VmCost]]:
    return list(_billed(vms, _shared[0]))


def _billed(vms: Sequence[KnownVm], by: _ByOtherPrices) -> Iterator[tuple[str, VmCost]]:
    work = by.work
    pricer = Pricer(work.book, work.currency, work.now.date(), by.held)
    rows = fleet_rows(vms, work.currency, work.tiers, pricer, work.now)
    yield from ((known.vm.key, cost_of(row)) for known, row in zip(vms, rows, strict=True))
