"""Write the shipped book from a CSV of observed prices: `python -m advisor.prices.build CSV`.

The CSV has the Retail Prices API's field names and, beside them, `trueOn`, `source` and
`confidence`. Only consumption prices of the meters in use are taken; the same CSV gives the
same bytes.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from advisor.errors import InputUnreadable, UsageError, VmbackupError
from advisor.prices.quote import Quote, key_of
from advisor.prices.scope import is_wanted
from advisor.prices.shipped import SCHEMA, SHIPPED
from advisor.quantities import plain
from advisor.regions import region_name

_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_CONFIDENCES = ("A", "B", "C")
_Group = tuple[str, str, str, str, str]


def read_observed(path: Path) -> list[Quote]:
    """The rows of the CSV that the book takes. Raises InputUnreadable."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(enumerate(csv.DictReader(file), start=2))
    except (OSError, UnicodeDecodeError) as error:
        raise InputUnreadable(str(path), "", f"it cannot be read: {error}") from error
    return [_quote(path, line, row) for line, row in rows if _is_taken(path, line, row)]


def book_text(quotes: Iterable[Quote]) -> str:
    """The shipped book as text: one price a line, in a fixed order."""
    groups: dict[_Group, set[tuple[str, ...]]] = {}
    for quote in quotes:
        groups.setdefault((*quote.key[:4], quote.unit), set()).add(_price_row(quote))
    meters = ",\n".join(_meter_text(group, groups[group]) for group in sorted(groups))
    return f'{{"schema": {SCHEMA}, "meters": [\n{meters}\n]}}\n'


def main(arguments: Sequence[str]) -> None:
    """Build the book from the one file named. Raises UsageError or InputUnreadable."""
    if len(arguments) != 1:
        raise UsageError("Say which file: python -m advisor.prices.build OBSERVED_CSV")
    quotes = read_observed(Path(arguments[0]))
    SHIPPED.write_text(book_text(quotes), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{len(quotes)} prices written to {SHIPPED}\n")


def _is_taken(path: Path, line: int, row: Mapping[str, str]) -> bool:
    names = ("serviceName", "productName", "skuName", "meterName")
    service, product, sku, meter = (_field(path, line, row, name) for name in names)
    is_consumption = _field(path, line, row, "type") == "Consumption"
    return is_consumption and is_wanted(service, product, sku, meter)


def _quote(path: Path, line: int, row: Mapping[str, str]) -> Quote:
    key = key_of(
        row["serviceName"],
        row["productName"],
        row["skuName"],
        row["meterName"],
        region_name(_field(path, line, row, "armRegionName")),
        _field(path, line, row, "currencyCode"),
    )
    return Quote(
        key=key,
        unit=_field(path, line, row, "unitOfMeasure"),
        minimum_units=_decimal(path, line, row, "tierMinimumUnits", empty="0"),
        amount=_decimal(path, line, row, "retailPrice"),
        true_on=_true_on(path, line, row),
        confidence=_confidence(path, line, row),
        source=_source(_field(path, line, row, "source")),
    )


def _field(path: Path, line: int, row: Mapping[str, str | None], name: str) -> str:
    value = row.get(name)
    if not value:
        raise InputUnreadable(str(path), f"line {line}, {name}", "the column is missing or empty.")
    return value


def _decimal(
    path: Path, line: int, row: Mapping[str, str], name: str, *, empty: str = ""
) -> Decimal:
    text = row.get(name) or empty
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or number < 0:
        raise InputUnreadable(str(path), f"line {line}, {name}", f"“{text}” is not a price.")
    return number


def _true_on(path: Path, line: int, row: Mapping[str, str]) -> str:
    """The last day of `2026-07-15..2026-08-22`; the year of `2026 (undated)`."""
    text = _field(path, line, row, "trueOn")
    found = _DATE.match(text.split("..")[-1])
    if not found:
        raise InputUnreadable(str(path), f"line {line}, trueOn", f"“{text}” is not a date.")
    return found[0]


def _confidence(path: Path, line: int, row: Mapping[str, str]) -> str:
    text = _field(path, line, row, "confidence")
    if text not in _CONFIDENCES:
        raise InputUnreadable(str(path), f"line {line}, confidence", f"“{text}” is not A, B or C.")
    return text


def _source(text: str) -> str:
    if text.startswith("derived"):
        return "retail API, converted from EUR"
    return "retail API" if "retail API" in text else "published price"


def _price_row(quote: Quote) -> tuple[str, ...]:
    return (
        quote.key.region,
        quote.key.currency,
        quote.true_on,
        quote.confidence,
        quote.source,
        plain(quote.minimum_units),
        plain(quote.amount),
    )


def _meter_text(group: _Group, rows: Iterable[tuple[str, ...]]) -> str:
    names = ("service", "product", "sku", "meter", "unit")
    head = json.dumps(dict(zip(names, group, strict=True)))
    ordered = sorted(rows, key=lambda row: (*row[:5], Decimal(row[5]), row[6]))
    prices = ",\n".join(f"  {json.dumps(row)}" for row in ordered)
    return f'{head[:-1]}, "prices": [\n{prices}]}}'


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except VmbackupError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
