"""The prices fetched from the live list, saved in the user's cache; they win over the shipped ones.

The file's shape is `{"schema": 1, "parts": [{region, currency, service, fetched_at, source,
prices: [[product, sku, meter, unit, minimum_units, amount, starts, ends], ...]}, ...]}`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from advisor.errors import InputUnreadable, UsageError
from advisor.prices.book import Book, PriceListPart
from advisor.prices.quote import Quote, key_of
from advisor.prices.shipped import shipped_quotes
from advisor.quantities import plain

SCHEMA = 1
SAVED_NAME = "prices.json"
CACHE_DIR_VARIABLE = "VMBACKUP_CACHE_DIR"
_FETCHED_CONFIDENCE = "A"  # the API's own rows


@dataclass(frozen=True, slots=True)
class SavedPart:
    """The prices of one service in one region and currency, as fetched at one time."""

    part: PriceListPart
    fetched_at: datetime
    source: str  #: where from: the price list's address
    quotes: tuple[Quote, ...]


def cache_directory() -> Path:
    """The user's cache directory, or the one named by VMBACKUP_CACHE_DIR."""
    named = os.environ.get(CACHE_DIR_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("vmbackup", appauthor=False))


def load_book(cache_dir: Path | None = None) -> Book:
    """The shipped book with what was fetched in place of its own parts.

    Raises InputUnreadable where the saved file is damaged.
    """
    saved = read_parts((cache_dir or cache_directory()) / SAVED_NAME)
    fetched = {each.part: each.fetched_at.date().isoformat() for each in saved}
    quotes = [quote for quote in shipped_quotes() if part_of(quote) not in fetched]
    quotes.extend(quote for each in saved for quote in each.quotes)
    return Book(quotes, fetched)


def part_of(quote: Quote) -> PriceListPart:
    """The part that a row belongs to."""
    return PriceListPart(quote.key.region, quote.key.currency, quote.key.service)


def read_parts(path: Path) -> tuple[SavedPart, ...]:
    """The parts of a saved file; none where there is no file. Raises InputUnreadable."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputUnreadable(str(path), "", f"it cannot be read: {error.strerror}.") from error
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _damaged(path, "", f"it is not JSON ({error})") from error
    return tuple(_parts(path, document))


def write_parts(path: Path, parts: Iterable[SavedPart]) -> None:
    """Replace the file as a whole, or leave the old one whole. Raises UsageError."""
    document = {"schema": SCHEMA, "parts": [_part_json(part) for part in parts]}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, json.dumps(document, separators=(",", ":")))
    except OSError as error:
        raise UsageError(
            f"The prices cannot be saved in {path.parent}: {error.strerror}. "
            f"Name a folder that can be written in {CACHE_DIR_VARIABLE}."
        ) from error


def _replace(path: Path, text: str) -> None:
    import tempfile  # here, because every reader of the book would pay for it

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _damaged(path: Path, place: str, problem: str) -> InputUnreadable:
    return InputUnreadable(
        str(path), place, f"{problem}. Delete the file, or run `vmbackup prices update`."
    )


def _parts(path: Path, document: Any) -> Iterable[SavedPart]:
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise _damaged(path, "$.schema", f"it is not a price file of version {SCHEMA}")
    parts = document.get("parts")
    if not isinstance(parts, list):
        raise _damaged(path, "$.parts", "it is not a list")
    for index, part in enumerate(parts):
        yield _part(path, f"$.parts[{index}]", part)


def _part(path: Path, place: str, value: Any) -> SavedPart:
    if not isinstance(value, dict):
        raise _damaged(path, place, "it is not an object")
    names = ("region", "currency", "service", "fetched_at", "source")
    region, currency, service, fetched_at, source = (
        _text(path, f"{place}.{name}", value.get(name)) for name in names
    )
    part, moment = PriceListPart(region, currency, service), _moment(path, place, fetched_at)
    rows = value.get("prices")
    if not isinstance(rows, list):
        raise _damaged(path, f"{place}.prices", "it is not a list")
    stamp = (moment.date().isoformat(), source)
    quotes = (_quote(path, f"{place}.prices[{i}]", part, stamp, row) for i, row in enumerate(rows))
    return SavedPart(part, moment, source, tuple(quotes))


def _quote(path: Path, place: str, part: PriceListPart, stamp: tuple[str, str], row: Any) -> Quote:
    if not (isinstance(row, list) and all(isinstance(cell, str) for cell in row)):
        raise _damaged(path, place, "it is not a list of text")
    try:
        product, sku, meter, unit, minimum, amount, starts, ends = row
        key = key_of(part.service, product, sku, meter, part.region, part.currency)
        numbers = _number(minimum), _number(amount)
        for day in filter(None, (starts, ends)):
            date.fromisoformat(day)
    except (ValueError, InvalidOperation) as error:
        raise _damaged(path, place, "it is not a price") from error
    true_on, source = stamp
    return Quote(key, unit, *numbers, true_on, _FETCHED_CONFIDENCE, source, starts, ends)


def _number(text: str) -> Decimal:
    """A finite number of zero or more. Raises ValueError or InvalidOperation."""
    number = Decimal(text)
    if not number.is_finite() or number < 0:
        raise ValueError(text)
    return number


def _text(path: Path, place: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _damaged(path, place, "it is not text")
    return value


def _moment(path: Path, place: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _damaged(path, f"{place}.fetched_at", "it is not a time") from error
    if moment.tzinfo is None:
        raise _damaged(path, f"{place}.fetched_at", "it has no time zone")
    return moment


def _part_json(saved: SavedPart) -> Mapping[str, Any]:
    return {
        **saved.part._asdict(),
        "fetched_at": saved.fetched_at.isoformat(),
        "source": saved.source,
        "prices": [_row(quote) for quote in saved.quotes],
    }


def _row(quote: Quote) -> tuple[str, ...]:
    numbers = (plain(quote.minimum_units), plain(quote.amount))
    return (*quote.key[1:4], quote.unit, *numbers, quote.starts, quote.ends)
