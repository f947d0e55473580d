"""The ledger of the terminal: a file of JSON lines in the state directory, bounded.

One line for each advice, in the order in which it was given. Where the file is larger than
LARGEST_BYTES the older half is dropped. `VMBACKUP_LEDGER=0` keeps none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from advisor.bill.ledger import EntryUnreadable, LedgerEntry, entry_from, entry_to_dict
from advisor.errors import InputUnreadable
from advisor.file_lock import locked
from advisor.prices.saved import replace_file

LEDGER_NAME = "estimates.jsonl"
LEDGER_VARIABLE = "VMBACKUP_LEDGER"
LARGEST_BYTES = 8 * 1024**2  #: some three thousand advices


def is_kept() -> bool:
    """Whether estimates are kept: unless VMBACKUP_LEDGER is 0."""
    return os.environ.get(LEDGER_VARIABLE, "").strip() != "0"


def keep(directory: Path, entry: LedgerEntry, largest_bytes: int = LARGEST_BYTES) -> None:
    """Add one entry to the end of the file. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / LEDGER_NAME
    line = json.dumps(entry_to_dict(entry), separators=(",", ":"))
    with locked(path.with_suffix(".lock")):
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        if path.stat().st_size > largest_bytes:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            replace_file(path, "".join(lines[len(lines) // 2 :]))


def kept(directory: Path) -> tuple[LedgerEntry, ...]:
    """Every entry, the oldest first; none where there is no file.

    The last line may be half written, by a process that was killed: it is no entry. Any other
    line that cannot be read raises InputUnreadable, which names it.
    """
    path = directory / LEDGER_NAME
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise InputUnreadable(str(path), "", f"it cannot be read: {why}.") from error
    whole = [line for line in lines if line.endswith("\n")]
    return tuple(_entries(path, whole))


def _entries(path: Path, lines: Iterable[str]) -> Iterable[LedgerEntry]:
    for number, line in enumerate(lines, 1):
        try:
            yield entry_from(json.loads(line))
        except (EntryUnreadable, ValueError) as error:
            problem = "it is no entry of the ledger. Delete the line, or the file."
            raise InputUnreadable(str(path), f"line {number}", problem) from error
