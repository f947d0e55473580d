"""The pieces of large files put together as parts of one fleet, each of which is joined alone."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from advisor.inventory.big_files import CUT_FROM_BYTES, PIECE_BYTES, CutFile, PieceForm, cut
from advisor.inventory.coverage import InventoryPart, InventoryRead
from advisor.inventory.export_text import GRAPH_STOPS, OpenedExport, open_text
from advisor.inventory.exports import looked_at
from advisor.inventory.files import NamedText
from advisor.inventory.joining import Resources
from advisor.inventory.packing import unpacked
from advisor.inventory.pages import refuse_partial
from advisor.inventory.piece_reading import PieceRead, Waiting
from advisor.inventory.scopes_read import ScopesRead, all_scopes
from advisor.model import Reading, Vault

#: What a part is of: about a thousand VMs with what is around them.
PART_BYTES = 8 * 1024**2
_SAMPLES, _SAMPLE_BYTES = 128, 64 * 1024
_VM_ID = re.compile(
    rb'/subscriptions/[^"/]+/resourcegroups/[^"/]+/providers/microsoft\.compute'
    rb'/virtualmachines/[^"/]+',
    re.IGNORECASE,
)

#: Copies of copies of a snapshot that are followed. Ours: Azure's users make one, or two.
_COPIES = 8
_NOWHERE: frozenset[int] = frozenset()
Place = tuple[int, int]  #: the number of a piece, and that of a part


class PackedPart(NamedTuple):
    """One part of the fleet, packed. `beside`: what other parts hold of the disks of its VMs."""

    own: tuple[bytes, ...]
    beside: tuple[bytes, ...]
    waiting: tuple[tuple[Waiting, bool], ...]  #: with whether it is told of in this part


class FleetParts(NamedTuple):
    """The parts in the order of their VMs' ids, and what all of them share."""

    parts: tuple[PackedPart, ...]
    shared: Resources
    looked: InventoryRead
    taken: datetime | None
    vms: int
    scopes: ScopesRead


class PartRecords(NamedTuple):
    """A part unpacked. `told_elsewhere`: ids of snapshots of another part, lower-cased."""

    resources: Resources
    told_elsewhere: frozenset[str]


def cut_files(
    paths: Sequence[str], from_bytes: int = CUT_FROM_BYTES, piece_bytes: int = PIECE_BYTES
) -> tuple[CutFile, ...]:
    """The files in pieces; none where they are small, or one of them cannot be cut."""
    each = tuple(dict.fromkeys(paths))
    try:
        if sum(os.stat(path).st_size for path in each) < from_bytes:
            return ()
    except (OSError, ValueError):  # whoever reads it as a whole says why
        return ()
    found = [cut(path, piece_bytes) for path in each]
    return tuple(one for one in found if one) if all(found) else ()


def bounds_of(files: Sequence[CutFile], part_bytes: int = PART_BYTES) -> tuple[str, ...]:
    """Ids of VMs that part the fleet evenly, as far as samples of the files tell."""
    return bounds_in([one.path for one in files], part_bytes)


def bounds_in(paths: Sequence[str], part_bytes: int = PART_BYTES) -> tuple[str, ...]:
    """As `bounds_of`, of files that need not be cut."""
    parts = sum(os.stat(path).st_size for path in paths) // part_bytes + 1
    ids = sorted({each for path in paths for each in _sampled(path)})
    places = (number * len(ids) // parts for number in range(1, parts))
    return tuple(dict.fromkeys(ids[place] for place in places)) if ids else ()


def _sampled(path: str) -> Iterator[str]:
    size = Path(path).stat().st_size
    with Path(path).open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(number * size // _SAMPLES)
            for found in _VM_ID.findall(file.read(_SAMPLE_BYTES)):
                yield found.decode("utf-8", errors="replace").lower()


# --- putting together ------------------------------------------------------------------------


def put_together(
    files: Sequence[CutFile], reads: Sequence[PieceRead], parts: int, now: datetime
) -> FleetParts | None:
    """The fleet of all pieces; None where the files have to be read as a whole to be understood.

    So it is where a resource stands in them twice, and where one of them holds nothing that is
    read or may not be whole. Raises InputUnreadable for pages of which some are missing.
    """
    if not any(one.vms for one in reads) or any(_is_odd(one, reads) for one in files):
        return None
    refuse_partial([page for one in reads for page in one.pages])
    ids = sum(len(one.ids) for one in reads)
    if len(set(chain.from_iterable(one.ids for one in reads))) < ids:
        return None
    heads = [opened for one in files if one.head for opened in _head(one)]
    looked = _looked([one.looked for one in reads] + [looked_at(heads, ())])
    return parts_of(reads, parts, looked, _taken(reads, heads, now))


def parts_of(
    reads: Sequence[PieceRead], parts: int, looked: InventoryRead, taken: datetime | None
) -> FleetParts:
    """The fleet of pieces in which each resource stands once."""
    return FleetParts(
        parts=tuple(_packed_parts(reads, parts)),
        shared=_shared(reads, looked),
        looked=looked,
        taken=taken,
        vms=sum(one.vms for one in reads),
        scopes=all_scopes(one.scopes for one in reads),
    )


def _is_odd(file: CutFile, reads: Sequence[PieceRead]) -> bool:
    own = [one for one in reads if one.source == file.path]
    rows = sum(one.rows for one in own)
    if not any(one.kinds for one in own):
        return True
    listed = file.pieces[0].form is PieceForm.LIST
    return listed and rows in GRAPH_STOPS and all(one.from_graph for one in own)


def _head(file: CutFile) -> Iterator[OpenedExport]:
    for opened in open_text(NamedText(file.path, file.head)):
        yield opened._replace(nothing=False)


def _looked(every: Sequence[InventoryRead]) -> InventoryRead:
    at_once = {part for one in every for part in one.at_once}
    subscriptions: dict[InventoryPart, frozenset[str]] = {}
    for one in every:
        for part, found in one.subscriptions.items():
            subscriptions[part] = subscriptions.get(part, frozenset()) | found
    return InventoryRead(
        at_once=dict.fromkeys(sorted(at_once), Reading.READ),
        subscriptions=subscriptions,
        vaults=frozenset().union(*(one.vaults for one in every)),
        unclear=tuple(dict.fromkeys(each for one in every for each in one.unclear)),
    )


def _taken(
    reads: Sequence[PieceRead], heads: Sequence[OpenedExport], now: datetime
) -> datetime | None:
    """As of files that are read as a whole: `exports.parse_estate`."""
    sources = dict.fromkeys(one.source for one in reads)
    telling = {one.source for one in reads if one.telling} or set(sources)
    said = {one.source: one.taken for one in reads if one.taken}
    said |= {one.source: one.taken for one in heads if one.taken}
    times = [said[each] for each in telling if each in said]
    return min(now, max(times)) if times and len(times) == len(telling) else None


def _shared(reads: Sequence[PieceRead], looked: InventoryRead) -> Resources:
    found: dict[str, list[Any]] = defaultdict(list)
    for one in reads:
        for kind, records in one.shared.items():
            found[kind].extend(records)
    whole = Resources(**{kind: _in_order(records) for kind, records in found.items()})
    items = sum((one.in_vaults for one in reads), Counter[str]())
    pointed = sum((one.with_point for one in reads), Counter[str]())
    at_once = looked.at_once.get(InventoryPart.BACKUP_ITEMS) is Reading.READ
    return whole._replace(
        vaults=tuple(
            _with_items(one, items[key], pointed[key], at_once or key in looked.vaults)
            for one in whole.vaults
            for key in [one.id.lower()]
        )
    )


def _with_items(vault: Vault, items: int, pointed: int, all_read: bool) -> Vault:
    """As `coverage.with_items`, of items that were counted piece by piece."""
    if vault.items is not None or not (items or all_read):
        return vault
    first = bool(pointed) or (False if all_read else None)
    return replace(vault, items=items, has_first_backup=first)


def _in_order(records: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(records, key=lambda one: str(one.id).lower()))


# --- what belongs to which part --------------------------------------------------------------


class _Places:
    """Which parts of the fleet hold what a record waits for."""

    def __init__(self, reads: Sequence[PieceRead]) -> None:
        self._waiting = {one.own: one for read in reads for one in read.waiting}
        wanted = {each for one in self._waiting.values() for each in one.waits_for}
        self._of_vms, self._of_others = (
            defaultdict[int, set[int]](set),
            defaultdict[int, set[int]](set),
        )
        self._disks = defaultdict[int, set[Place]](set)
        for number, read in enumerate(reads):
            for each, part in zip(*read.disks, strict=True):
                self._disks[each].add((number, part))
            for found, places in ((self._of_vms, read.vm_disks), (self._of_others, read.known)):
                for each, part in zip(*places, strict=True):
                    if each in wanted:
                        found[each].add(part)

    def disks_elsewhere(self, reads: Sequence[PieceRead]) -> dict[int, set[Place]]:
        """By part: where disks of its VMs lie otherwise, as where two VMs share one."""
        found = defaultdict[int, set[Place]](set)
        for read in reads:
            for each, part in zip(*read.vm_disks, strict=True):
                found[part] |= {place for place in self._disks.get(each, ()) if place[1] != part}
        return found

    def of(self, one: Waiting, depth: int = _COPIES) -> set[int]:
        """Every part where it may matter."""
        found = set[int]()
        for each in one.waits_for:
            found |= self._of_vms.get(each, _NOWHERE) | self._of_others.get(each, _NOWHERE)
            if each in self._waiting and depth:
                found |= self.of(self._waiting[each], depth - 1)
        return found

    def home(self, one: Waiting, depth: int = _COPIES) -> int | None:
        """The part that tells of it: where its VM is, the last of several; else its disk."""
        for found in (self._of_vms, self._of_others):
            for each in one.waits_for:
                if each in found:
                    return max(found[each])
        copied = (self._waiting[each] for each in one.waits_for if each in self._waiting)
        homes = (self.home(each, depth - 1) for each in copied if depth)
        return next((each for each in homes if each is not None), None)

    def disks_of(self, one: Waiting) -> Iterator[Place]:
        """Where the disks lie that it waits for."""
        for each in one.waits_for:
            yield from self._disks.get(each, ())


def _packed_parts(reads: Sequence[PieceRead], parts: int) -> Iterator[PackedPart]:
    places = _Places(reads)
    beside = places.disks_elsewhere(reads)
    waiting = defaultdict[int, list[tuple[Waiting, bool]]](list)
    for one in (each for read in reads for each in read.waiting):
        home = places.home(one)
        home = one.own % parts if home is None else home
        for part in sorted(places.of(one) | {home}):
            waiting[part].append((one, part == home))
        beside[home] |= {place for place in places.disks_of(one) if place[1] != home}
    for number in range(parts):
        yield PackedPart(
            own=tuple(read.parts[number] for read in reads if number in read.parts),
            beside=tuple(reads[piece].parts[part] for piece, part in sorted(beside[number])),
            waiting=tuple(waiting[number]),
        )


def unpacked_part(part: PackedPart, shared: Resources) -> PartRecords:
    """The records of a part, each kind in the order of its ids, with what all parts share."""
    found: dict[str, list[Any]] = defaultdict(list)
    for content in part.own:
        for kind, records in unpacked(content).items():
            found[kind].extend(records)
    disks = {one.id.lower() for one in found["disks"]}
    for content in part.beside:
        others = unpacked(content).get("disks", ())
        new = {one.id.lower(): one for one in others if one.id.lower() not in disks}
        found["disks"].extend(new.values())
        disks |= new.keys()
    elsewhere = set()
    for one, told in part.waiting:
        record = unpacked(one.packed)
        found[one.kind].append(record)
        if not told:
            elsewhere.add(record.id.lower())
    records = {kind: _in_order(each) for kind, each in found.items()}
    return PartRecords(shared._replace(**records), frozenset(elsewhere))
