"""A price sheet of one's own agreement, read: an enrolment's (EA) or a billing profile's (MCA).

Columns: price sheet schemas 2023-05-01 (EA) and 2023-05-01 (MCA) of the FinOps toolkit, read in any
case and order. An enrolment is priced in blocks of units (`100 GB/Month`, 382 units in the FinOps
toolkit's PricingUnits of 2025), in some agreements in the words of another language; a unit that is
not known leaves its row out, because a price of the wrong size is worse than none.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from advisor.errors import InputUnreadable
from advisor.options.meters import PER_GB, PER_GB_MONTH, PER_GIB_HOUR, PER_HOUR, PER_MONTH
from advisor.prices.choose import Disagreement, best_quotes, tiers_of
from advisor.prices.quote import Key, Quote, key_of, spellings
from advisor.prices.sheet_regions import sheet_region

CONFIDENCE = "A"
_LARGEST_BYTES = 1024**3  #: a sheet has some hundred MB; more is no sheet
_NEEDED = ("metername", "metercategory", "meterregion", "unitofmeasure", "unitprice")
#: What is bought for a term, or for development alone, is not what the advice prices.
_CONSUMPTION = ("", "consumption")
#: The block may be left out: `Gb / Month`.
_UNIT = re.compile(r"\s*(\d[\d,]*)?\s*(.*?)\s*")
#: Units after the block, in the languages that were seen, lower-cased without spaces.
_UNITS = {
    "gb/month": PER_GB_MONTH,
    "gib/month": PER_GB_MONTH,
    "gb/mes": PER_GB_MONTH,
    "gb/月": PER_GB_MONTH,
    "gb": PER_GB,
    "gib": PER_GB,
    "/month": PER_MONTH,
    "/mes": PER_MONTH,
    "/月": PER_MONTH,
    "/hour": PER_HOUR,
    "/hora": PER_HOUR,
    "/小时": PER_HOUR,
    "hour": PER_HOUR,
    "hours": PER_HOUR,
    "gib/hour": PER_GIB_HOUR,
    "gibhour": PER_GIB_HOUR,
}


class SheetKind(StrEnum):
    """Whose sheet it is."""

    EA = "enterprise agreement"
    MCA = "customer agreement"


class Sheet(NamedTuple):
    """What a sheet says of meters that the price list has. `left_out` counts rows by the reason."""

    kind: SheetKind
    quotes: tuple[Quote, ...]
    left_out: Mapping[str, int]


def sheet_text(content: bytes, source: str) -> str:
    """The CSV of a file that is one, or a zip of one. Raises InputUnreadable."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        content = _unzipped(content, source)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with suppress(UnicodeError):
        text = content.decode(encoding)
        if "\x00" not in text:
            return text
    raise InputUnreadable(source, "", "it is no text. Download the price sheet again, as CSV.")


def _unzipped(content: bytes, source: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            inside = [one for one in packed.infolist() if one.filename.lower().endswith(".csv")]
            if len(inside) != 1:
                problem = f"it holds {len(inside)} CSV files, and must hold one."
                raise InputUnreadable(source, "", problem)
            if inside[0].file_size > _LARGEST_BYTES:
                raise InputUnreadable(source, "", "what it holds is too large for a price sheet.")
            return packed.read(inside[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputUnreadable(source, "", f"it cannot be unpacked: {error}.") from error


def read_sheet(text: str, source: str, known: Iterable[Key], today: date) -> Sheet:
    """The prices of a sheet for meters of the price list, whose keys are `known`.

    Raises InputUnreadable for what is no price sheet, and for one without any known meter.
    """
    rows = csv.DictReader(io.StringIO(text, newline=""))
    head = {str(name).strip().lower() for name in rows.fieldnames or ()}
    if missing := [name for name in _NEEDED if name not in head]:
        problem = f"it has no column {missing[0]}: it is no price sheet of Azure."
        raise InputUnreadable(source, "line 1", problem)
    kind = SheetKind.MCA if "billingprofileid" in head else SheetKind.EA
    meters, left_out, quotes = _by_meter(known), Counter[str](), list[Quote]()
    try:
        for row in rows:
            cells = {
                str(name).strip().lower(): (value or "") for name, value in row.items() if name
            }
            found = _quotes(cells, meters, source, today)
            if isinstance(found, str):
                left_out[found] += 1
            else:
                quotes += found
    except csv.Error as error:
        problem = f"it is no CSV: {error}."
        raise InputUnreadable(source, f"line {rows.line_num}", problem) from error
    agreed = tuple(_agreed(quotes, left_out, today))
    if not agreed:
        raise InputUnreadable(source, "", "it has no price of a meter that protection uses.")
    return Sheet(kind, agreed, dict(left_out))


_Meters = Mapping[tuple[str, str, str], frozenset[str]]
"""(service, product, meter), lower-cased -> the SKUs under which the price list has it."""


def _by_meter(known: Iterable[Key]) -> tuple[_Meters, Mapping[tuple[str, ...], Key]]:
    skus: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    spelled: dict[tuple[str, ...], Key] = {}
    for key in known:
        for name in (*spellings(key), f"{key.sku} {key.meter}", key.meter):
            place = (key.service.lower(), key.product.lower(), name.lower())
            skus[place].add(key.sku)
            spelled[(*place, key.sku)] = key
    return {place: frozenset(found) for place, found in skus.items()}, spelled


def _quotes(
    cells: Mapping[str, str],
    meters: tuple[_Meters, Mapping[tuple[str, ...], Key]],
    source: str,
    today: date,
) -> list[Quote] | str:
    """The prices of a row, one for each SKU that has its meter; or why it is left out."""
    if cells.get("pricetype", "").strip().lower() not in _CONSUMPTION:
        return "bought for a term, or for development"
    service = cells["metercategory"].strip()
    product = cells.get("metersubcategory", "").strip() or service
    place = (service.lower(), product.lower(), cells["metername"].strip().lower())
    skus = meters[0].get(place)
    if skus is None:
        return "of another service or meter"
    region = sheet_region(cells["meterregion"])
    if region is None:
        return f"of a region that is not known: {cells['meterregion'].strip()[:40] or 'none'}"
    unit = _unit(cells["unitofmeasure"])
    if unit is None:
        return f"in a unit that is not known: {cells['unitofmeasure'].strip()[:40]}"
    keys = [meters[1][(*place, sku)] for sku in sorted(skus)]
    return _priced(cells, keys, region, unit, source, today)


class _Unit(NamedTuple):
    """The price list's unit, and how many of it the sheet's price is for."""

    name: str
    block: Decimal


def _unit(text: str) -> _Unit | None:
    found = _UNIT.fullmatch(text)
    name = _UNITS.get(found[2].replace(" ", "").lower()) if found else None
    block = Decimal((found[1] or "1").replace(",", "")) if found else Decimal(0)
    return _Unit(name, block) if name and block > 0 else None


def _priced(
    cells: Mapping[str, str],
    keys: Iterable[Key],
    region: str,
    unit: _Unit,
    source: str,
    today: date,
) -> list[Quote] | str:
    currency = (cells.get("currency") or cells.get("currencycode") or "").strip().upper()
    amount = _number(cells["unitprice"])
    minimum = _number(cells.get("tierminimumunits") or cells.get("includedquantity") or "0")
    if amount is None or minimum is None or not re.fullmatch("[A-Z]{3}", currency):
        return "without a price or a currency that can be read"
    return [
        Quote(
            key=key_of(key.service, key.product, key.sku, key.meter, region, currency),
            unit=unit.name,
            minimum_units=minimum,
            amount=amount / unit.block,
            true_on=today.isoformat(),
            confidence=CONFIDENCE,
            source=source,
            starts=_day(cells.get("effectivestartdate", "")),
            ends=_day(cells.get("effectiveenddate", "")),
        )
        for key in keys
    ]


def _agreed(quotes: Iterable[Quote], left_out: Counter[str], today: date) -> Iterator[Quote]:
    """The prices of each meter of which the sheet says one thing. What is included in an enrolment
    is a first tier that costs nothing.
    """
    by_key: dict[Key, list[Quote]] = defaultdict(list)
    for quote in quotes:
        by_key[quote.key].append(quote)
    for key, found in by_key.items():
        if min(quote.minimum_units for quote in found) > 0:
            found.append(found[0]._replace(minimum_units=Decimal(0), amount=Decimal(0)))
        try:
            tiers_of(key, best_quotes(found, today) or found)
        except Disagreement:
            left_out["of which the sheet has several prices"] += len(found)
        else:
            yield from found


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _day(text: str) -> str:
    """`2026-11-01T00:00:00Z`, `11/1/2026` -> 2026-11-01; empty where it is none."""
    text = text.strip()
    if american := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        month, day, year = (int(part) for part in american.groups())
        text = f"{year:04}-{month:02}-{day:02}"
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""
