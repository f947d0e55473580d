"""The rows of the played price list, with the traps that rows of the real one have.

Seen in captures of the real list in 2025 and 2026: in the first days of a month the ended row
comes beside the new one; at a launch the ended one is a placeholder of 0.01 whose end lies before
its start; a row may begin in the future; a region's rows hold some of its neighbour, whose
`isPrimaryMeterRegion` is false; the steps of a meter come in any order; a reservation has the
price of its whole term under the unit of a month; DevTest rows stand beside those of everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

from advisor.regions import Region
from deploy.local.azure.price_figures import (
    PlayedMeter,
    figures,
    meters_in,
    price_in,
    public_regions,
    reserved_in,
)
from deploy.local.azure.world import Body

SINCE = "2024-01-01T00:00:00Z"
#: A meter whose price changed on the first of the month, and when.
_CHANGED = ("Premium SSD Managed Disks", "Snapshots LRS")
_CHANGED_AT, _ENDED_AT = "2026-11-01T00:00:00Z", "2026-10-31T23:59:59Z"
#: A meter whose next price is known: it counts in years.
_TO_CHANGE, _CHANGES_AT = ("Premium SSD Managed Disks", "P30 LRS"), "2031-01-01T00:00:00Z"
#: A meter with a placeholder of its launch.
_LAUNCHED = ("Azure Premium SSD v2", "Instant Access Snapshots LRS")
#: Meters that the neighbour's rows and those of DevTest come for.
_NEIGHBOURS = frozenset({("Premium SSD Managed Disks", "P10 LRS"), ("Backup", "Archive")})
_FOR_TESTERS = ("Standard SSD Managed Disks", "E10 LRS")

_FAMILIES = {"Bandwidth": "Networking", "Azure Site Recovery": "Management and Governance"}
#: What a dollar is in the other currencies of the list: reference conversions of its own.
RATES = {
    "USD": "1", "AUD": "1.53", "BRL": "5.41", "CAD": "1.39", "CHF": "0.81", "CNY": "7.12",
    "DKK": "6.55", "EUR": "0.877", "GBP": "0.757", "INR": "88.7", "JPY": "152.4", "KRW": "1418",
    "NOK": "10.08", "NZD": "1.74", "RUB": "79.5", "SEK": "9.61", "TWD": "30.9",
}  # fmt: skip


@lru_cache(maxsize=1)
def played_rows() -> tuple[Body, ...]:
    """Every row in USD, by region."""
    regions = public_regions()
    return tuple(
        row
        for where, neighbour in zip(regions, (*regions[1:], regions[0]), strict=True)
        for row in _rows_of(where, neighbour)
    )


def converted(row: Body, currency: str) -> Body:
    """The row in another currency of the list."""
    if currency == "USD":
        return row
    price = float(figures(Decimal(str(row["retailPrice"])) * Decimal(RATES[currency])))
    return {**row, "currencyCode": currency, "retailPrice": price, "unitPrice": price}


def _rows_of(where: Region, neighbour: Region) -> Iterator[Body]:
    for meter in meters_in(where):
        for minimum, price in meter.steps:
            row = _row(where, meter, price_in(where, meter, price), minimum)
            yield from _with_traps(row, meter)
        if (meter.product, meter.sku) in _NEIGHBOURS:
            yield _row_of_neighbour(where, neighbour, meter)
    for meter, term, whole in reserved_in(where):
        yield _row(where, meter, whole, 0) | {"type": "Reservation", "reservationTerm": term}


def _with_traps(row: Body, meter: PlayedMeter) -> Iterator[Body]:
    """The row that counts, and those that come with it."""
    kind = (meter.product, meter.sku)
    if kind == _CHANGED:
        yield _priced(row, "1.08") | {"effectiveEndDate": _ENDED_AT}
        row = row | {"effectiveStartDate": _CHANGED_AT}
    if kind == _LAUNCHED:
        placeholder = {"retailPrice": 0.01, "unitPrice": 0.01}
        yield row | placeholder | {"effectiveEndDate": "2023-12-31T23:59:59Z"}
    yield row
    if kind == _TO_CHANGE:
        yield _priced(row, "1.05") | {"effectiveStartDate": _CHANGES_AT}
    if kind == _FOR_TESTERS:
        yield _priced(row, "0.55") | {"type": "DevTestConsumption"}


def _priced(row: Body, times: str) -> Body:
    price = float(figures(Decimal(str(row["retailPrice"])) * Decimal(times)))
    return row | {"retailPrice": price, "unitPrice": price}


def _row_of_neighbour(where: Region, neighbour: Region, meter: PlayedMeter) -> Body:
    """What the neighbour's meter is billed at, among the rows of this region."""
    [(minimum, price)] = meter.steps
    row = _row(neighbour, meter, price_in(neighbour, meter, price) * 2, minimum)
    return row | {"armRegionName": where.name, "isPrimaryMeterRegion": False}


def _row(where: Region, meter: PlayedMeter, amount: Decimal, minimum: int) -> Body:
    product_id = "DZH318Z0" + _short(meter.product)
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": float(minimum),
        "retailPrice": float(amount),
        "unitPrice": float(amount),
        "armRegionName": where.name,
        "location": where.display_name,
        "effectiveStartDate": SINCE,
        "meterId": _meter_id(meter.meter, meter.product, where.name),
        "meterName": meter.meter,
        "productId": product_id,
        "skuId": f"{product_id}/{_short(meter.sku)}",
        "productName": meter.product,
        "skuName": meter.sku,
        "serviceName": meter.service,
        "serviceId": "DZH31" + _short(meter.service) * 2,
        "serviceFamily": _FAMILIES.get(meter.service, "Storage"),
        "unitOfMeasure": meter.unit,
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": meter.arm_sku,
    }


def _meter_id(*names: str) -> str:
    return str(uuid5(NAMESPACE_URL, repr(names)))


@lru_cache(maxsize=1024)
def _short(text: str) -> str:
    """Four letters and digits that belong to a name."""
    return uuid5(NAMESPACE_URL, text).hex[:4].upper()
