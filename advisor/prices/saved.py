"""The prices fetched from the live list, saved in the user's cache; they win over the shipped ones.

The file's shape is `{"schema": 1, "parts": [{region, currency, service, fetched_at, source,
prices: [[product, sku, meter, unit, minimum_units, amount, starts, ends], ...]}, ...],
"meters": [...]}`. An entry of `meters` has the shape of a part, and holds single meters of it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from advisor.errors import InputUnreadable, UsageError
from advisor.file_lock import locked
from advisor.prices.book import Book, PriceListPart
from advisor.prices.discounts import NO_DISCOUNTS, Discounts
from advisor.prices.own import read_own
from advisor.prices.quote import Key, Quote, key_of
from advisor.prices.remedy import IN_THE_TERMINAL, Remedies
from advisor.prices.shipped import shipped_quotes
from advisor.quantities import plain
from advisor.state_folder import state_directory

SCHEMA = 1
SAVED_NAME = "prices.json"
CACHE_DIR_VARIABLE = "VMBACKUP_CACHE_DIR"
_FETCHED_CONFIDENCE = "A"  # the API's own rows


class SavedPart(NamedTuple):
    """The prices of one service in one region and currency, as fetched at one time."""

    part: PriceListPart
    fetched_at: datetime
    source: str  #: where from: the price list's address
    quotes: tuple[Quote, ...]


class SavedPrices(NamedTuple):
    """Whole parts, and entries with single meters of a part. No meter is in two entries."""

    parts: tuple[SavedPart, ...] = ()
    meters: tuple[SavedPart, ...] = ()


def cache_directory() -> Path:
    """The user's cache directory, or the one named by VMBACKUP_CACHE_DIR."""
    named = os.environ.get(CACHE_DIR_VARIABLE)
    if named:
        return Path(named)
    if str(sys.platform) == "linux":  # mypy would take the rest for dead
        # What platformdirs does there; loading it takes a twentieth of an advice.
        base = os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache"
        return Path(base).expanduser() / "vmbackup"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("vmbackup", appauthor=False))


def load_book(
    cache_dir: Path | None = None,
    *,
    also: Iterable[SavedPart] = (),
    remedy: Remedies = IN_THE_TERMINAL,
    discounts: Discounts = NO_DISCOUNTS,
) -> Book:
    """The shipped book with what was fetched in place of its own parts and meters.

    The prices of one's own agreement stand over all of them; `discounts` are taken off the others.
    `also`: single meters that came just now, saved or not. Raises InputUnreadable where the
    saved file is damaged.
    """
    saved = with_meters(read_saved((cache_dir or cache_directory()) / SAVED_NAME), also)
    fetched = {each.part: _day(each) for each in saved.parts}
    alone = {quote.key: _day(each) for each in saved.meters for quote in each.quotes}
    quotes = [quote for quote in shipped_quotes() if part_of(quote) not in fetched]
    quotes.extend(quote for each in saved.parts for quote in each.quotes)
    if alone:
        quotes = [quote for quote in quotes if quote.key not in alone]
        quotes.extend(quote for each in saved.meters for quote in each.quotes)
    return Book(quotes, fetched, alone, remedy, read_own(state_directory()), discounts)


def _day(saved: SavedPart) -> str:
    return saved.fetched_at.date().isoformat()


def part_of(quote: Quote) -> PriceListPart:
    """The part that a row belongs to."""
    return PriceListPart(quote.key.region, quote.key.currency, quote.key.service)


def read_parts(path: Path) -> tuple[SavedPart, ...]:
    """The parts of a saved file; none where there is no file. Raises InputUnreadable."""
    return read_saved(path).parts


def read_saved(path: Path) -> SavedPrices:
    """What a saved file holds; nothing where there is no file. Raises InputUnreadable."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return SavedPrices()
    except OSError as error:
        raise InputUnreadable(str(path), "", f"it cannot be read: {error.strerror}.") from error
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _damaged(path, "", f"it is not JSON ({error})") from error
    return _saved(path, document)


def write_parts(path: Path, parts: Iterable[SavedPart]) -> None:
    """Replace the file as a whole, or leave the old one whole. Raises UsageError."""
    write_saved(path, SavedPrices(tuple(parts)))


def write_saved(path: Path, saved: SavedPrices) -> None:
    """Replace the file as a whole, or leave the old one whole. Raises UsageError."""
    document: dict[str, Any] = {"schema": SCHEMA, "parts": [_part_json(one) for one in saved.parts]}
    if saved.meters:
        document["meters"] = [_part_json(one) for one in saved.meters]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps(document, separators=(",", ":")))
    except OSError as error:
        raise _cannot_save(path, error) from error


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Read, change and write the file in the block while no other process does. Raises UsageError.

    What another one wrote meanwhile would be lost; the files themselves are never half written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_suffix(".lock")):
            yield
    except OSError as error:
        raise _cannot_save(path, error) from error


def merge_meters(directory: Path, found: Iterable[SavedPart]) -> None:
    """Save single meters beside what is saved; a meter replaces what was saved of it alone.

    Raises InputUnreadable, UsageError.
    """
    path = directory / SAVED_NAME
    with changing(path):
        write_saved(path, with_meters(read_saved(path), found))


def with_meters(saved: SavedPrices, found: Iterable[SavedPart]) -> SavedPrices:
    """The same with single meters; each replaces what was there of it alone."""
    new = tuple(each for each in found if each.quotes)
    keys = {quote.key for each in new for quote in each.quotes}
    kept = (_without(each, keys) for each in saved.meters)
    return saved._replace(meters=(*(each for each in kept if each.quotes), *new))


def _without(saved: SavedPart, keys: set[Key]) -> SavedPart:
    return saved._replace(quotes=tuple(each for each in saved.quotes if each.key not in keys))


def _cannot_save(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The prices cannot be saved in {path.parent}: {error.strerror}. "
        f"Name a folder that can be written in {CACHE_DIR_VARIABLE}."
    )


def replace_file(path: Path, text: str, *, lasting: bool = True) -> None:
    """Put a file in place of another as a whole. Raises OSError.

    `lasting`: also a crash of the machine right afterwards leaves one of the two.
    """
    import tempfile  # here, because every reader of the book would pay for it

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            if lasting:
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


def _saved(path: Path, document: Any) -> SavedPrices:
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise _damaged(path, "$.schema", f"it is not a price file of version {SCHEMA}")
    parts = _parts(path, "$.parts", document.get("parts"))
    return SavedPrices(parts, _parts(path, "$.meters", document.get("meters", [])))


def _parts(path: Path, place: str, parts: Any) -> tuple[SavedPart, ...]:
    if not isinstance(parts, list):
        raise _damaged(path, place, "it is not a list")
    return tuple(_part(path, f"{place}[{index}]", part) for index, part in enumerate(parts))


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
