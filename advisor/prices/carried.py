"""The prices that are carried over from the regions seen to those that were not.

Only where the book has no price of its own, only in USD, and shown with a mark of their own.
"""

from __future__ import annotations

from decimal import Decimal

from advisor.model import Meter
from advisor.prices.quote import VM_FEE_METER, Key
from advisor.prices.scope import BACKUP, BANDWIDTH, SITE_RECOVERY
from advisor.regions import PUBLIC_CLOUD, region, same_continent

CARRIED_CURRENCY = "USD"

#: A protected VM a month: the same in all nine regions seen on 2026-04-14 (Azure Retail Prices).
VM_FEE_USD = Decimal(10)
VM_FEE_TRUE_ON = "2026-04-14"
#: A VM replicated to Azure a month: the same in every region seen in 2026 (Azure Retail Prices).
SITE_RECOVERY_FEE_USD = Decimal(25)
SITE_RECOVERY_TRUE_ON = "2026"
#: A GB between two regions of Europe, or two of North America, in 2026 (Azure Retail Prices,
#: eastus2; Azure's bandwidth price list). Between continents the price differs and is not known.
INTER_REGION_USD_PER_GB = Decimal("0.02")
INTER_REGION_TRUE_ON = "2026"
INTER_REGION_CONTINENTS = ("Europe", "North America")

INTER_REGION_PRODUCT = "Rtn Preference: MGN"
INTER_REGION_METER = "Standard Inter-Region Data Transfer"

#: (service, product, sku, meter) -> amount, unit, date true
_FEES = {
    (BACKUP, "Backup", "Azure VM", VM_FEE_METER): (VM_FEE_USD, "1/Month", VM_FEE_TRUE_ON),
    (SITE_RECOVERY, "Azure Site Recovery", "Azure", "VM Replicated to Azure"): (
        SITE_RECOVERY_FEE_USD,
        "1/Month",
        SITE_RECOVERY_TRUE_ON,
    ),
}


def is_between_regions(meter: Meter) -> bool:
    """Whether the meter is traffic from one region to another."""
    return (meter.service, meter.product, meter.meter) == (
        BANDWIDTH,
        INTER_REGION_PRODUCT,
        INTER_REGION_METER,
    )


def has_continental_price(meter: Meter) -> bool:
    """Whether the traffic stays within a continent that has one price for all its regions."""
    return same_continent(meter.region, meter.to_region, INTER_REGION_CONTINENTS)


def carried_price(meter: Meter, key: Key) -> tuple[Decimal, str, str] | None:
    """Amount, unit and date true of a carried price, or None where none may be carried."""
    if key.currency != CARRIED_CURRENCY or region(key.region).cloud != PUBLIC_CLOUD:
        return None
    if is_between_regions(meter):
        price = (INTER_REGION_USD_PER_GB, "1 GB", INTER_REGION_TRUE_ON)
        return price if has_continental_price(meter) else None
    return _FEES.get(key[:4])


def carried_anywhere(kind: Key) -> tuple[tuple[Decimal, str], ...]:
    """The amounts and units that may be carried for a kind of meter, whatever its region."""
    if kind.currency != CARRIED_CURRENCY:
        return ()
    if (kind.service, kind.product, kind.meter) == (
        BANDWIDTH,
        INTER_REGION_PRODUCT,
        INTER_REGION_METER,
    ):
        return ((INTER_REGION_USD_PER_GB, "1 GB"),)
    fee = _FEES.get(kind[:4])
    return () if fee is None else (fee[:2],)
