"""The $filter of the Retail Prices API: of a whole part of the list, or of single meters of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from advisor.prices.book import PriceListPart
from advisor.prices.quote import Key, spellings
from advisor.prices.scope import products_of

#: A query string of more than 2,048 characters is refused by many servers and proxies (IIS by
#: default: iis/configuration, requestLimits, maxQueryString). The rest is for currency and $skip.
LONGEST_FILTER = 1_900


def part_filter(part: PriceListPart) -> str:
    """Every product in use of one service in one region."""
    return f"{_place(part)} and ({_either('productName', products_of(part.service))})"


class MeterQuery(NamedTuple):
    """A filter short enough for an address, and the meters that it leaves."""

    part: PriceListPart
    filter_text: str
    keys: tuple[Key, ...]


def meter_queries(keys: Iterable[Key]) -> Iterator[MeterQuery]:
    """As few queries as bring the meters of the keys, and hardly any other."""
    by_part: dict[PriceListPart, list[Key]] = {}
    for key in sorted(keys):
        part = PriceListPart(key.region, key.currency, key.service)
        by_part.setdefault(part, []).append(key)
    for part, of_part in by_part.items():
        for packed in _packed(_place(part), of_part):
            yield MeterQuery(part, f"{_place(part)} and ({_meters(packed)})", tuple(packed))


def _packed(place: str, keys: Iterable[Key]) -> Iterator[list[Key]]:
    """As many meters together as fit."""
    packed: list[Key] = []
    for key in keys:
        if packed and _length(f"{place} and ({_meters([*packed, key])})") > LONGEST_FILTER:
            yield packed
            packed = []
        packed.append(key)
    if packed:
        yield packed


def _meters(keys: Iterable[Key]) -> str:
    """One clause for each product, with the names of its meters."""
    names: dict[str, dict[str, None]] = {}
    for key in keys:
        names.setdefault(key.product, {}).update(dict.fromkeys(spellings(key)))
    return " or ".join(
        f"(productName eq {_quoted(product)} and ({_either('meterName', meters)}))"
        for product, meters in names.items()
    )


def _place(part: PriceListPart) -> str:
    return (
        f"serviceName eq {_quoted(part.service)} and armRegionName eq {_quoted(part.region)} "
        "and priceType eq 'Consumption'"
    )


def _either(field: str, values: Iterable[str]) -> str:
    return " or ".join(f"{field} eq {_quoted(value)}" for value in values)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _length(text: str) -> int:
    """As an address holds it."""
    return len(quote(text, safe="'()"))
