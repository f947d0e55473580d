"""A large file of resources, cut between them: pieces that are read apart, and by all cores.

What is cut is a list `[…]`, the bundle of `vmbackup inventory query`, or documents one after the
other, as lines of JSON. A piece ends behind a resource: so many brackets open as close before it.
A bracket in a text may deceive that count; then the piece is no JSON, whoever reads it says so,
and the file is read as a whole instead. So a wrong cut costs time and never an answer.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory.export_text import ExportRow, OpenedExport, graph_type, open_text
from advisor.inventory.files import NamedText
from advisor.inventory.wrong_json import not_a_row

#: Smaller files are read as a whole: two processes that start take longer. Ours.
CUT_FROM_BYTES = 24 * 1024**2
PIECE_BYTES = 4 * 1024**2
#: A resource that is larger than this is not cut: nothing in Azure is.
_LARGEST_PIECE_BYTES = 16 * PIECE_BYTES
_HEAD_BYTES = 64 * 1024
_MARK = b"\xef\xbb\xbf"
_BUNDLE = re.compile(rb'\s*(\{\s*"vmbackup"\s*:\s*\{[^{}]*\}\s*,\s*"resources"\s*:\s*\[)')


class PieceForm(StrEnum):
    """How the resources of a piece stand in it."""

    LIST = "list"  #: with commas between them
    BUNDLE = "bundle"  #: the same, from Resource Graph
    SERIES = "series"  #: documents one after the other


class FilePiece(NamedTuple):
    """Bytes of a file, from `start` to before `end`."""

    path: str
    start: int
    end: int
    form: PieceForm


class CutFile(NamedTuple):
    """A file in pieces. `head`: the bundle without its resources; empty where it is none."""

    path: str
    pieces: tuple[FilePiece, ...]
    head: str = ""


class _Form(NamedTuple):
    """What stands between two resources, and behind the last of them."""

    between: re.Pattern[bytes]
    end: re.Pattern[bytes]


_FORMS = {
    PieceForm.LIST: _Form(re.compile(rb"\s*,\s*\{"), re.compile(rb"\]\s*\Z")),
    PieceForm.BUNDLE: _Form(re.compile(rb"\s*,\s*\{"), re.compile(rb"\]\s*\}\s*\Z")),
    PieceForm.SERIES: _Form(re.compile(rb"\s*\{"), re.compile(rb"\Z")),
}


def cut(path: str, piece_bytes: int = PIECE_BYTES) -> CutFile | None:
    """The pieces of a file in UTF-8; None where it is nothing that can be cut, or cannot be read.

    Whoever gets None reads the file as a whole, and says what is wrong with it.
    """
    try:
        with Path(path).open("rb") as file:
            return _cut(file, path, piece_bytes)
    except (OSError, ValueError):
        return None


def _cut(file: BinaryIO, path: str, piece_bytes: int) -> CutFile | None:
    head = file.read(_HEAD_BYTES)
    start = len(_MARK) if head.startswith(_MARK) else 0
    if bundle := _BUNDLE.match(head, start):
        form, start = PieceForm.BUNDLE, bundle.end()
    elif head[start:].lstrip()[:1] == b"[":
        form, start = PieceForm.LIST, head.index(b"[", start) + 1
    elif head[start:].lstrip()[:1] == b"{":
        form = PieceForm.SERIES
    else:
        return None
    ends = _ends(file, start, _FORMS[form], piece_bytes)
    if not ends:
        return None
    pieces = tuple(FilePiece(path, *each, form) for each in ends)
    said = bundle[1].decode() + "]}" if bundle else ""
    return CutFile(path, pieces, said)


def _ends(file: BinaryIO, start: int, form: _Form, size: int) -> list[tuple[int, int]]:
    """Where each piece begins and ends; none where it cannot be cut."""
    found: list[tuple[int, int]] = []
    while size <= _LARGEST_PIECE_BYTES:
        file.seek(start)
        block = file.read(size)
        if len(block) < size:
            last = form.end.search(block)
            return [*found, (start, start + last.start())] if last else []
        between = _last_between(block, form.between)
        if between is None:
            size *= 2
            continue
        found.append((start, start + between.start()))
        start += between.end() - 1
    return []


def _last_between(block: bytes, between: re.Pattern[bytes]) -> re.Match[bytes] | None:
    """What stands between the last two resources that are whole in a block."""
    end = len(block)
    depth = block.count(b"{") - block.count(b"}")
    while (at := block.rfind(b"}", 0, end)) >= 0:
        depth -= block.count(b"{", at, end)
        if depth == 0 and (found := between.match(block, at + 1)):
            return found
        depth, end = depth + 1, at
    return None


# --- reading a piece -------------------------------------------------------------------------


def opened_piece(piece: FilePiece) -> tuple[OpenedExport, ...]:
    """The rows of a piece. Raises InputUnreadable where it was not cut between resources."""
    with Path(piece.path).open("rb") as file:
        file.seek(piece.start)
        content = file.read(piece.end - piece.start)
    if piece.form is PieceForm.SERIES:
        return _series(piece, content)
    import orjson  # three times as quick as json: loaded where it pays

    try:
        values = orjson.loads(b"[" + content + b"]")
    except orjson.JSONDecodeError as error:
        raise InputUnreadable(piece.path, _place(piece), str(error)) from error
    from_graph = piece.form is PieceForm.BUNDLE
    return (OpenedExport(piece.path, tuple(_row(piece, each, from_graph) for each in values)),)


def _series(piece: FilePiece, content: bytes) -> tuple[OpenedExport, ...]:
    try:
        return open_text(NamedText(piece.path, content.decode("utf-8").removeprefix("\ufeff")))
    except UnicodeDecodeError as error:
        raise InputUnreadable(piece.path, _place(piece), str(error)) from error


def _row(piece: FilePiece, value: object, from_graph: bool) -> ExportRow:
    if not isinstance(value, dict):
        raise InputUnreadable(piece.path, _place(piece), not_a_row(value))
    return ExportRow(piece.path, _place(piece), value, from_graph or graph_type(value), True)


def _place(piece: FilePiece) -> str:
    return f"after byte {piece.start:,}"
