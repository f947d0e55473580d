"""A large fleet, in files or in pages of Azure: read by all cores, joined and judged in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar

from advisor.fleet.cores import Work, on_all_cores, processes_for, rows_of
from advisor.fleet.estate_findings import point_findings, vault_findings
from advisor.fleet.kinds import one_of_each_kind
from advisor.fleet.sources import Others, unread_of
from advisor.inventory.big_files import CUT_FROM_BYTES, PIECE_BYTES
from advisor.inventory.coverage import InventoryPart, InventoryRead, known_vms
from advisor.inventory.estate import Estate
from advisor.inventory.find import Fleet
from advisor.inventory.fleet_parts import (
    PART_BYTES,
    FleetParts,
    PackedPart,
    bounds_in,
    bounds_of,
    cut_files,
    parts_of,
    put_together,
    unpacked_part,
)
from advisor.inventory.page_reading import PagePlace, read_page
from advisor.inventory.piece_reading import read_piece
from advisor.model import KnownVm, Reading
from advisor.model.fleet import FleetFinding, FleetRow
from advisor.prices.pricing import Pricer

Made = TypeVar("Made")


class Sizes(NamedTuple):
    """From where on files are cut, how large a piece is, and a part; bytes."""

    cut_from: int = CUT_FROM_BYTES
    piece: int = PIECE_BYTES
    part: int = PART_BYTES


def large_fleet(
    paths: Sequence[str], now: datetime, cores: int | None = None, sizes: Sizes | None = None
) -> LargeFleet | None:
    """The fleet in large files; None where they are small, or have to be read as a whole.

    Raises InputUnreadable, also for what reading as a whole would tell of better.
    """
    sizes = sizes or Sizes()
    files = cut_files(paths, sizes.cut_from, sizes.piece)
    if not files:
        return None
    bounds, processes = bounds_of(files, sizes.part), processes_for(cores)
    pieces = [piece for one in files for piece in one.pieces]
    read = list(on_all_cores(partial(read_piece, bounds=bounds), pieces, processes))
    found = put_together(files, read, len(bounds) + 1, now)
    return LargeFleet(found, now, processes) if found else None


def fleet_of_pages(
    places: Sequence[PagePlace],
    looked: InventoryRead,
    now: datetime,
    cores: int | None = None,
    part_bytes: int = PART_BYTES,
) -> LargeFleet:
    """The fleet in pages that were put by. `looked`: what is known of all, beside single rows.

    Raises InputUnreadable for a VM that cannot be read.
    """
    paths = list(dict.fromkeys(place.path for place in places))
    bounds, processes = bounds_in(paths, part_bytes), processes_for(cores)
    read = list(on_all_cores(partial(read_page, bounds=bounds), places, processes))
    failed = frozenset[InventoryPart]().union(*(one.incomplete for one in read))
    looked = looked._replace(
        at_once={**looked.at_once, **dict.fromkeys(sorted(failed), Reading.FAILED)},
        unclear=(*(each for one in read for each in one.unread), *looked.unclear),
    )
    found = parts_of([one.piece for one in read], len(bounds) + 1, looked, taken=None)
    return LargeFleet(found, now, processes)


class LargeFleet:
    """The parts of a fleet, packed; each is unpacked by the process that judges it."""

    def __init__(self, fleet: FleetParts, now: datetime, processes: int) -> None:
        self._fleet, self._now, self._processes = fleet, now, processes
        self._others: list[FleetFinding] = []

    @property
    def count(self) -> int:
        return self._fleet.vms

    @property
    def unread(self) -> tuple[str, ...]:
        return unread_of(self._fleet.looked.unclear)

    def rows(self, work: Work) -> Iterator[FleetRow]:
        self._others.clear()
        for judged in self._of_each_part(_judged, work):
            self._others.extend(judged.others)
            yield from judged.rows
        self._others.extend(vault_findings(self._fleet.shared.vaults))

    def others(self, work: Work) -> Others:
        return lambda settled: self._others

    def one_of_each_kind(self) -> tuple[KnownVm, ...]:
        found = (known for few in self._of_each_part(_kinds, None) for known in few)
        return one_of_each_kind(found)

    def _of_each_part(
        self, does: Callable[[PackedPart], Made], work: Work | None
    ) -> Iterator[Made]:
        shared = _Around(self._fleet._replace(parts=()), self._now, work)
        return on_all_cores(does, self._fleet.parts, self._processes, _begin, shared)


# --- in each process -------------------------------------------------------------------------


class _Around(NamedTuple):
    """What every part of a fleet shares. `fleet` without its parts; no `work`: only joined."""

    fleet: FleetParts
    now: datetime
    work: Work | None


class _Judged(NamedTuple):
    """What became of a part."""

    rows: list[FleetRow]
    others: list[FleetFinding]


_around: list[_Around] = []  # set once, as the process starts


def _begin(around: _Around) -> None:
    _around[:] = [around]


def _joined(part: PackedPart) -> tuple[Estate, frozenset[str]]:
    """A part as an estate, and the ids of snapshots of which another part tells."""
    fleet, now, _ = _around[0]
    records = unpacked_part(part, fleet.shared)
    vms = known_vms(records.resources, fleet.looked, now, fleet.taken)
    return (
        Estate(Fleet(vms), records.resources, fleet.looked, fleet.taken, fleet.scopes),
        records.told_elsewhere,
    )


def _kinds(part: PackedPart) -> tuple[KnownVm, ...]:
    return one_of_each_kind(_joined(part)[0].fleet.vms)


def _judged(part: PackedPart) -> _Judged:
    estate, elsewhere = _joined(part)
    work = _around[0].work
    assert work is not None
    rows = list(rows_of(estate.fleet.vms, work))
    settled = {each.subject_id.lower() for row in rows for each in row.findings if each.counted}
    pricer = Pricer(work.book, work.currency, work.now.date())
    others = point_findings(estate, pricer, work.now, settled)
    return _Judged(rows, [one for one in others if one.subject_id.lower() not in elsewhere])
