"""The Retail Prices API over the played price list; needs no account.

Row and envelope as the API has them; pages of 100, and a $skip beyond the end is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote, urlencode

from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.odata import FilterUnreadable, Keeps, parsed_filter
from deploy.local.azure.price_rows import RATES, converted, played_rows
from deploy.local.azure.world import Body

PATH = "/api/retail/prices"
#: From this api-version on the values of a filter are case-sensitive.
_EXACT_SINCE = "2023-01-01-preview"
_CURRENCY = re.compile(r"'?([A-Za-z]{3})'?")
_IDENTITY = ("serviceName", "productName", "skuName", "meterName", "armRegionName")
_FIELDS = (
    "armRegionName",
    "armSkuName",
    "currencyCode",
    "location",
    "meterId",
    "meterName",
    "productId",
    "productName",
    "serviceFamily",
    "serviceId",
    "serviceName",
    "skuId",
    "skuName",
    "unitOfMeasure",
    "isPrimaryMeterRegion",
)


@dataclass
class PriceList:
    """Every row there is to give, in USD, and how many a page has. Both may be changed for a test.

    The rows are shared by all worlds: a test puts another one in a row's place.
    """

    rows: list[Body] = field(default_factory=lambda: list(played_rows()))
    page_rows: int = 100


class Rate(NamedTuple):
    """What a unit costs."""

    unit: str
    price: Decimal


Rates = Mapping[tuple[str, ...], Rate]
"""Keyed by service, product, SKU, meter and region."""


def rates_on(rows: Iterable[Body], on: date) -> Rates:
    """What a unit of each meter is billed at on a day: beyond what is free, up to the next step."""
    lowest: dict[tuple[str, ...], Body] = {}
    billed = (row for row in rows if _is_billed(row, on.isoformat()))
    # Of two rows that are in force the later one counts.
    for row in sorted(billed, key=lambda each: str(each["effectiveStartDate"]), reverse=True):
        key = tuple(row[name] for name in _IDENTITY)
        known = lowest.get(key)
        if known is None or row["tierMinimumUnits"] < known["tierMinimumUnits"]:
            lowest[key] = row
    return {
        key: Rate(row["unitOfMeasure"], Decimal(str(row["retailPrice"])))
        for key, row in lowest.items()
    }


def _is_billed(row: Body, day: str) -> bool:
    return bool(
        row["type"] == "Consumption"
        and row["isPrimaryMeterRegion"]
        and row["retailPrice"] > 0
        and row["effectiveStartDate"][:10] <= day
        and day <= row.get("effectiveEndDate", "9999-12-31")[:10]
    )


def prices(call: Call) -> Answer:
    """One page of the rows that the filter keeps."""
    listed = call.world.part(PriceList)
    currency = _currency(call)
    keeps = _filter(call)
    rows = [row for row in listed.rows if keeps(row)] if currency in RATES else []
    skip = _skip(call, len(rows))
    items = [converted(row, currency) for row in rows[skip : skip + listed.page_rows]]
    end = skip + len(items)
    return Answer(
        200,
        {
            "BillingCurrency": currency,
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": items,
            "NextPageLink": _next(call, end) if end < len(rows) else None,
            "Count": len(items),
        },
    )


def _refused(message: str) -> Refusal:
    return Refusal(
        400, "BadRequest", message, body={"Error": {"Code": "BadRequest", "Message": message}}
    )


def _currency(call: Call) -> str:
    found = _CURRENCY.fullmatch(call.query.get("currencyCode", "USD"))
    if found is None:
        raise _refused("Invalid currency code supplied")
    return found[1].upper()


def _filter(call: Call) -> Keeps:
    text = call.query.get("$filter", "")
    if not text:
        return lambda row: True
    is_exact = call.query.get("api-version", "") >= _EXACT_SINCE
    try:
        return parsed_filter(text, _FIELDS, is_exact=is_exact)
    except FilterUnreadable as error:
        raise _refused(f"Invalid OData parameters supplied: {error}") from error


def _skip(call: Call, count: int) -> int:
    text = call.query.get("$skip", "0")
    if not text.isdecimal() or (int(text) and int(text) >= count):
        raise _refused("Invalid $skip parameter supplied")
    return int(text)


def _next(call: Call, skip: int) -> str:
    kept = {name: value for name, value in call.query.items() if name != "$skip"}
    parameters = urlencode(kept | {"$skip": str(skip)}, quote_via=quote, safe="$'()")
    return f"{call.base_url}{PATH}?{parameters}"


OPERATIONS = (Operation("RetailPrices_List", "GET", PATH, prices, anonymous=True),)
