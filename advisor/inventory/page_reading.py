"""A page of a reading of Azure that was put by on the disk, sorted as a piece of a file is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from advisor.inventory.coverage import InventoryPart, InventoryRead
from advisor.inventory.export_text import ExportRow, OpenedExport
from advisor.inventory.exports import Parsed
from advisor.inventory.graph_records import SOURCE, read_rows
from advisor.inventory.piece_reading import PieceRead, sorted_piece
from advisor.model import NotRead


class PagePlace(NamedTuple):
    """Where the page is: a line of a file, from byte `start` to before `end`."""

    path: str
    start: int
    end: int


class PageRead(NamedTuple):
    """What it holds, and what of its rows is unknown."""

    piece: PieceRead
    unread: tuple[NotRead, ...]
    incomplete: frozenset[InventoryPart]


def read_page(place: PagePlace, bounds: Sequence[str]) -> PageRead:
    """The records of a page. `bounds` as of `piece_reading.read_piece`.

    Raises InputUnreadable for a VM that cannot be read; another row that cannot be read is named.
    """
    import orjson

    with Path(place.path).open("rb") as file:
        file.seek(place.start)
        rows = orjson.loads(file.read(place.end - place.start))["rows"]
    read = read_rows(rows)
    row = ExportRow(SOURCE, "", {}, from_graph=True, listed=True)
    parsed = [Parsed(row, kind, one) for kind, records in read.found.items() for one in records]
    piece = sorted_piece(place.path, [OpenedExport(place.path, (row,))], parsed, bounds)
    return PageRead(piece._replace(looked=InventoryRead()), read.unread, read.incomplete)
