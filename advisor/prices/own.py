"""The prices of one's own agreement, kept in the state directory: they stand over the price list.

The file's shape is `{"schema": 1, "kind", "source", "read_at", "prices": [[service, product, sku,
meter, region, currency, unit, minimum_units, amount, starts, ends], ...]}`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from advisor.errors import InputUnreadable, UsageError
from advisor.prices.quote import Quote, key_of
from advisor.quantities import plain
from advisor.state_folder import STATE_DIR_VARIABLE

SCHEMA = 1
OWN_NAME = "own-prices.json"
_CONFIDENCE = "A"


@dataclass(frozen=True, slots=True)
class OwnPrices:
    """What was read of a sheet. `kind` and `source` are shown beside each price."""

    kind: str
    source: str
    read_at: datetime
    quotes: tuple[Quote, ...]

    @property
    def words(self) -> str:
        """`your price sheet prices.csv (enterprise agreement), read on 2026-11-30`."""
        return f"your price sheet {self.source} ({self.kind}), read on {self.read_at:%Y-%m-%d}"


def read_own(directory: Path) -> OwnPrices | None:
    """One's own prices; None where there are none. Raises InputUnreadable for a damaged file."""
    path = directory / OWN_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputUnreadable(str(path), "", f"it cannot be read: {error.strerror}.") from error
    try:
        return _own(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        problem = "it holds no prices. Read the sheet again: vmbackup prices sheet FILE."
        raise InputUnreadable(str(path), "", problem) from error


def write_own(directory: Path, own: OwnPrices) -> Path:
    """Replace one's own prices as a whole; returns the file. Raises UsageError."""
    from advisor.prices.saved import replace_file

    path = directory / OWN_NAME
    document = {
        "schema": SCHEMA,
        "kind": own.kind,
        "source": own.source,
        "read_at": own.read_at.isoformat(),
        "prices": [_row(quote) for quote in own.quotes],
    }
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(path, json.dumps(document, separators=(",", ":")))
    except OSError as error:
        raise UsageError(
            f"The prices cannot be kept in {directory}: {error.strerror}. "
            f"Name a folder that can be written in {STATE_DIR_VARIABLE}."
        ) from error
    return path


def forget_own(directory: Path) -> bool:
    """Delete one's own prices; whether there were any. Raises UsageError."""
    path = directory / OWN_NAME
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(f"{path} cannot be deleted: {error.strerror}.") from error
    return True


def _own(document: Any) -> OwnPrices:
    if document["schema"] != SCHEMA:
        raise ValueError("another version")
    read_at = datetime.fromisoformat(document["read_at"])
    stamp = read_at.date().isoformat(), str(document["source"])
    quotes = tuple(_quote(row, *stamp) for row in document["prices"])
    return OwnPrices(str(document["kind"]), stamp[1], read_at, quotes)


def _row(quote: Quote) -> tuple[str, ...]:
    numbers = (plain(quote.minimum_units), plain(quote.amount))
    return (*quote.key, quote.unit, *numbers, quote.starts, quote.ends)


def _quote(row: Any, true_on: str, source: str) -> Quote:
    service, product, sku, meter, region, currency, unit, minimum, amount, starts, ends = row
    key = key_of(service, product, sku, meter, region, currency)
    numbers = Decimal(minimum), Decimal(amount)
    if not all(number.is_finite() and number >= 0 for number in numbers):
        raise ValueError("no price")
    return Quote(key, unit, *numbers, true_on, _CONFIDENCE, source, starts, ends)
