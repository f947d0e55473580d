"""A piece of a large file as records that are put by for the part of the fleet they belong to.

The VMs are parted into ranges of their ids. What lies around a VM goes to the VM's part where the
record names the VM; a snapshot and the like name a disk, and wait (`Waiting`) until it is known in
which parts that disk is. The records are packed, so that a whole fleet fits into memory; ids are
told by checksums, which may only send too much to a part, never too little.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from advisor.inventory.big_files import FilePiece, opened_piece
from advisor.inventory.coverage import InventoryRead
from advisor.inventory.export_text import OpenedExport
from advisor.inventory.exports import PROTECTING, Parsed, looked_at, of_other_kind, parsed_rows
from advisor.inventory.packing import packed
from advisor.inventory.pages import ListPage
from advisor.inventory.protections import made_by_backup
from advisor.inventory.scopes_read import ScopesRead, scopes_read

#: Whose id says in which part a record of each kind lies.
_OWNER: Mapping[str, Callable[[Any], str]] = {
    "vms": lambda one: one.key,
    "disks": lambda one: one.managed_by or one.id.lower(),
    "items": lambda one: one.source_id or "",
    "replicated": lambda one: one.source_id or "",
    "collections": lambda one: one.source_id or "",
}
#: What a record of each kind waits for: ids that others have.
_WAITS_FOR: Mapping[str, Callable[[Any], tuple[str | None, ...]]] = {
    "snapshots": lambda one: (one.source_id, one.source_unique_id),
    "disk_backups": lambda one: (one.disk_id,),
    "restore_points": lambda one: (one.collection_id,),
    "recovery_points": lambda one: (one.item_id,),
    "collections": lambda one: (one.source_id,),
}


class Waiting(NamedTuple):
    """A packed record, the checksum of its id, and those of the ids it waits for."""

    own: int
    waits_for: tuple[int, ...]
    kind: str
    packed: bytes


class PieceRead(NamedTuple):
    """What one piece holds."""

    source: str
    rows: int
    from_graph: bool  #: every row is of Resource Graph
    kinds: frozenset[str]  #: fields of `joining.Resources`
    looked: InventoryRead
    pages: tuple[ListPage, ...]
    telling: bool  #: it tells of protection
    taken: datetime | None
    parts: Mapping[int, bytes]  #: packed records by the field of `joining.Resources`
    vms: int
    waiting: tuple[Waiting, ...]
    shared: Mapping[str, Sequence[Any]]  #: what every part needs: vaults and policies
    ids: array[int]  #: digests of all ids, with the kind
    #: Checksums of ids, and the parts where they are: of the disks that VMs name, of disks that
    #: were read, and of what else may be waited for.
    vm_disks: tuple[array[int], array[int]]
    disks: tuple[array[int], array[int]]
    known: tuple[array[int], array[int]]
    in_vaults: Counter[str]  #: items by the id of their vault
    with_point: Counter[str]  #: of those the ones with a point
    scopes: ScopesRead


def checksum(text: str) -> int:
    """What an id is told by."""
    return zlib.crc32(text.encode())


def _digest(text: str) -> int:
    """What tells ids apart for sure, among as many as there are."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def read_piece(piece: FilePiece, bounds: Sequence[str]) -> PieceRead:
    """The records of a piece. `bounds`: ids of VMs with which the second and further parts begin.

    Raises InputUnreadable for a piece that was not cut between resources, and for a resource that
    cannot be read.
    """
    opened = opened_piece(piece)
    parsed = [one for each in opened for one in _parsed(each)]
    return sorted_piece(piece.path, opened, parsed, bounds)


def sorted_piece(
    source: str, opened: Sequence[OpenedExport], parsed: Sequence[Parsed], bounds: Sequence[str]
) -> PieceRead:
    """The same of records that are parsed already."""
    return _Sorting(bounds).read(source, opened, parsed)


def _parsed(opened: OpenedExport) -> list[Parsed]:
    """Of a page all kinds are known; of a piece of a list the other pieces may hold what counts."""
    parsed = parsed_rows(opened)
    if opened.page is not None and opened.rows and not parsed:
        raise of_other_kind(opened)
    return parsed


class _Sorting:
    """One piece being sorted into parts."""

    def __init__(self, bounds: Sequence[str]) -> None:
        self._bounds = bounds
        self._parts: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._shared: dict[str, list[Any]] = defaultdict(list)
        self._waiting: list[Waiting] = []
        self._ids = array("Q")
        self._vm_disks = (array("I"), array("H"))
        self._disks = (array("I"), array("H"))
        self._known = (array("I"), array("H"))

    def read(
        self, source: str, opened: Sequence[OpenedExport], parsed: Sequence[Parsed]
    ) -> PieceRead:
        for one in parsed:
            if one.record is not None and not _of_backup(one):
                self._sort(one.kind, one.record)
        items = [one.record for one in parsed if one.kind == "items"]
        pointed = [one for one in items if one.last_point or one.last_backup]
        rows = [row for each in opened for row in each.rows]
        taken = [each.taken for each in opened if each.taken]
        return PieceRead(
            source=source,
            rows=len(rows),
            from_graph=all(row.from_graph for row in rows),
            kinds=frozenset(one.kind for one in parsed),
            looked=looked_at(opened, parsed),
            pages=tuple(each.page for each in opened if each.page),
            telling=any(one.kind in PROTECTING for one in parsed),
            taken=max(taken, default=None),
            parts={number: packed(dict(held)) for number, held in self._parts.items()},
            vms=sum(len(held.get("vms", ())) for held in self._parts.values()),
            waiting=tuple(self._waiting),
            shared=dict(self._shared),
            ids=self._ids,
            vm_disks=self._vm_disks,
            disks=self._disks,
            known=self._known,
            in_vaults=Counter(one.vault_id for one in items),
            with_point=Counter(one.vault_id for one in pointed),
            scopes=scopes_read(_ids(parsed, "vms", "disks"), _ids(parsed, "snapshots")),
        )

    def _sort(self, kind: str, record: Any) -> None:
        own_id = str(record.id).lower()
        self._ids.append(_digest(f"{kind} {own_id}"))
        if _waits(kind, record):
            wanted = tuple(checksum(each) for each in _WAITS_FOR[kind](record) if each)
            self._waiting.append(Waiting(checksum(own_id), wanted, kind, packed(record)))
        elif kind in _OWNER:
            part = bisect_right(self._bounds, _OWNER[kind](record))
            self._parts[part][kind].append(record)
            self._note(kind, record, part)
        else:
            self._shared[kind].append(record)

    def _note(self, kind: str, record: Any, part: int) -> None:
        """What others may wait for."""
        if kind == "vms":
            for disk in record.disks:
                if disk.id:
                    _add(self._vm_disks, disk.id.lower(), part)
        elif kind == "disks":
            _add(self._disks, record.id.lower(), part)
            _add(self._known, record.id.lower(), part)
            if record.disk.unique_id:
                _add(self._known, record.disk.unique_id.lower(), part)
        elif kind in ("items", "collections"):
            _add(self._known, record.key, part)


def _waits(kind: str, record: Any) -> bool:
    """A collection that was copied from another waits for that one; others name their VM."""
    copied = kind == "collections" and "/restorepointcollections/" in (record.source_id or "")
    return copied or (kind in _WAITS_FOR and kind != "collections")


def _of_backup(one: Parsed) -> bool:
    """Collections that Azure Backup made for itself, which no advice looks at."""
    if one.kind == "restore_points":
        return made_by_backup(one.record.collection_id)
    return one.kind == "collections" and made_by_backup(one.record.id)


def _add(to: tuple[array[int], array[int]], name: str, part: int) -> None:
    to[0].append(checksum(name))
    to[1].append(part)


def _ids(parsed: Iterable[Parsed], *kinds: str) -> Iterator[str]:
    return (one.record.id for one in parsed if one.kind in kinds and one.record is not None)
