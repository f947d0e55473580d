"""The book that ships with the package: prices seen in 2024 to 2026, each with its date.

`shipped.json` is written by `python -m advisor.prices.build`; its shape is
`{"schema": 1, "meters": [{service, product, sku, meter, unit, prices: [[region, currency,
true_on, confidence, source, minimum_units, amount], ...]}, ...]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from advisor.prices.book import Book
from advisor.prices.quote import Quote, key_of

SCHEMA = 1
SHIPPED = Path(__file__).with_name("shipped.json")


def shipped_quotes() -> list[Quote]:
    """Every row of the shipped book."""
    document = json.loads(SHIPPED.read_bytes())
    return [quote for meter in document["meters"] for quote in _quotes(meter)]


def shipped_book() -> Book:
    """The shipped book alone, without what was fetched."""
    return Book(shipped_quotes())


def _quotes(meter: dict[str, Any]) -> Iterator[Quote]:
    names = (meter["service"], meter["product"], meter["sku"], meter["meter"])
    unit = meter["unit"]
    for region, currency, true_on, confidence, source, minimum, amount in meter["prices"]:
        key = key_of(*names, region, currency)
        yield Quote(key, unit, Decimal(minimum), Decimal(amount), true_on, confidence, source)
