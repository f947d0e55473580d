"""The Retail Prices API over the prices that ship with the package; needs no account.

Row and envelope as the API has them; pages of 100, and a $skip beyond the end is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_URL, uuid5

from advisor.prices.choose import best_quotes
from advisor.prices.quote import Quote, full_date
from advisor.prices.shipped import shipped_quotes
from advisor.regions import display_name
from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.odata import FilterUnreadable, Keeps, parsed_filter
from deploy.local.azure.world import Body

PATH = "/api/retail/prices"
#: From this api-version on the values of a filter are case-sensitive.
_EXACT_SINCE = "2023-01-01-preview"
_FAMILIES = {"Bandwidth": "Networking", "Azure Site Recovery": "Management and Governance"}
_CURRENCY = re.compile(r"'?([A-Za-z]{3})'?")
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
    """Every row there is to give, and how many a page has. Both may be changed for a test."""

    rows: list[Body] = field(default_factory=lambda: retail_rows(shipped_quotes()))
    page_rows: int = 100


def retail_rows(quotes: Iterable[Quote]) -> list[Body]:
    """The rows of the API: of several prices of one meter the one the book would take."""
    today = datetime.now(UTC).date()
    in_order = sorted(quotes, key=lambda one: (one.key, one.minimum_units))
    best = [
        best_quotes(group, today)[:1]
        for _, group in groupby(in_order, key=lambda one: (one.key, one.minimum_units))
    ]
    return [_row(quote_) for found in best for quote_ in found]


def prices(call: Call) -> Answer:
    """One page of the rows that the filter keeps."""
    listed = call.world.part(PriceList)
    currency = _currency(call)
    keeps = _filter(call)
    rows = [row for row in listed.rows if row["currencyCode"] == currency and keeps(row)]
    skip = _skip(call, len(rows))
    items = rows[skip : skip + listed.page_rows]
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


def _row(one: Quote) -> Body:
    key = one.key
    product_id = "DZH318Z0" + _short(key.product)
    return {
        "currencyCode": key.currency,
        "tierMinimumUnits": float(one.minimum_units),
        "retailPrice": float(one.amount),
        "unitPrice": float(one.amount),
        "armRegionName": key.region,
        "location": display_name(key.region),
        "effectiveStartDate": f"{_starts(one)}T00:00:00Z",
        "meterId": str(uuid5(NAMESPACE_URL, repr((key.meter, key.product, key.region)))),
        "meterName": key.meter,
        "productId": product_id,
        "skuId": f"{product_id}/{_short(key.sku)}",
        "productName": key.product,
        "skuName": key.sku,
        "serviceName": key.service,
        "serviceId": "DZH31" + _short(key.service) * 2,
        "serviceFamily": _FAMILIES.get(key.service, "Storage"),
        "unitOfMeasure": one.unit,
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": key.sku if key.sku == "Azure VM" else "",
    }


def _starts(one: Quote) -> str:
    return one.starts or full_date(one.true_on)


def _short(text: str) -> str:
    """Four letters and digits that belong to a name."""
    return uuid5(NAMESPACE_URL, text).hex[:4].upper()


OPERATIONS = (Operation("RetailPrices_List", "GET", PATH, prices, anonymous=True),)
