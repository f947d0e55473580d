"""The audit in a file where the bot cannot write: JSON lines, in the order of the chain."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from advisor.errors import DatabaseUnusable, InputUnreadable
from bot.database.audit import GENESIS, Audit, AuditRow, hash_of


class Exported(NamedTuple):
    """How many rows were added, how many there are now, and the hash of the last one."""

    added: int
    rows: int
    head: str


async def export(audit: Audit, path: Path) -> Exported:
    """Add to the file what the audit has beyond it, after both were checked.

    Raises InputUnreadable for a file that is no chain, DatabaseUnusable where the audit is not the
    one that was exported before: it was rewritten, or it is another database's. Nothing is added
    then.
    """
    rows, head = _read(path)
    if rows and await audit.hash_at(rows) != head:
        raise DatabaseUnusable(
            f"The audit is not the one that {path} holds: row {rows} differs, or is not there. It "
            "was rewritten, or the file is of another database. Keep the file, and compare with a "
            "backup of the database."
        )
    new = await audit.after(rows)
    _check(new, rows, head)
    if new:
        _add(path, new)
        rows, head = new[-1].seq, new[-1].hash
    return Exported(len(new), rows, head)


def _check(new: list[AuditRow], rows: int, head: str) -> None:
    for number, row in enumerate(new, rows + 1):
        if row.seq != number or row.previous != head or row.hash != hash_of(row):
            raise DatabaseUnusable(
                f"The audit is broken at row {number}, so nothing was exported. See “vmbackup "
                "audit verify”."
            )
        head = row.hash


def _read(path: Path) -> tuple[int, str]:
    """The number and hash of the last row of the file; every line is checked on the way."""
    count, previous = 0, GENESIS
    try:
        with path.open("rb") as file:
            for row in _rows(path, file):
                count += 1
                if row.seq != count or row.previous != previous or row.hash != hash_of(row):
                    raise _damaged(path, count, "the chain is broken there")
                previous = row.hash
    except FileNotFoundError:
        return 0, GENESIS
    except OSError as error:
        raise InputUnreadable(str(path), "", f"it cannot be read: {error.strerror}.") from error
    return count, previous


def _rows(path: Path, file: BinaryIO) -> Iterator[AuditRow]:
    for number, line in enumerate(file, 1):
        if not line.endswith(b"\n"):
            raise _damaged(path, number, "the line is cut off; delete it and export again")
        try:
            yield _row(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(path, number, "it is no row of an audit") from error


def _row(said: dict[str, Any]) -> AuditRow:
    return AuditRow(**{**said, "at": datetime.fromisoformat(said["at"])})


def _line(row: AuditRow) -> bytes:
    shown = {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "request_id": row.request_id,
        "kind": row.kind,
        "who": row.who,
        "detail": row.detail,
        "previous": row.previous,
        "hash": row.hash,
    }
    return json.dumps(shown, ensure_ascii=False).encode() + b"\n"


def _add(path: Path, new: list[AuditRow]) -> None:
    """Only ever append, so that the file may lie where nothing else is allowed."""
    try:
        with path.open("ab") as file:
            file.write(b"".join(map(_line, new)))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputUnreadable(str(path), "", f"it cannot be written: {error.strerror}.") from error


def _damaged(path: Path, number: int, problem: str) -> InputUnreadable:
    return InputUnreadable(str(path), f"line {number}", f"{problem}.")
