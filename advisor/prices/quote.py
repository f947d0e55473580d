"""One observed price of one meter, and the key that says which rows speak of the same meter.

The rows come from the shipped book and from the Azure Retail Prices API; the key is the whole
of service, product, SKU, meter, region and currency, because meter names repeat across products.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from advisor.model import Meter

VM_FEE_METER = "Azure VM Protected Instance"
VAULT_SKU = "Standard"

# Backup's meters were renamed between 2026-03-07 and 2026-04-14; bills and captures hold both.
_VM_FEE = re.compile(r"^Azure VM Protected Instances?$")
_VAULT = re.compile(r"^(?:Standard )?(LRS|ZRS|GRS|RA-GRS) Data Stored$")
#: The SKU of vault storage: Standard by 2026-03, the workload's name in captures of 2024.
_VAULT_SKUS = frozenset({VAULT_SKU, "Azure VM", "Azure VM (2024 naming)"})


class Key(NamedTuple):
    """What makes two rows speak of the same price. `currency` is ISO 4217 in capitals."""

    service: str
    product: str
    sku: str
    meter: str
    region: str
    currency: str


class Quote(NamedTuple):
    """One row: an amount per unit from `minimum_units` on.

    `true_on` is the date it was seen to be true: 2026-08-22, or as much of it as is known
    (2026-04, 2026). `starts` and `ends` are ISO dates, empty where the row has none.
    """

    key: Key
    unit: str
    minimum_units: Decimal
    amount: Decimal
    true_on: str
    confidence: str  #: A: the API's own row; B: one step away from it; C: never used as a price
    source: str
    starts: str = ""
    ends: str = ""


def key_of(service: str, product: str, sku: str, meter: str, region: str, currency: str) -> Key:
    """The key of a row; both spellings of the renamed Backup meters have the same one."""
    if service == product == "Backup":
        sku, meter = _renamed(sku, meter)
    return Key(service, product, sku, meter, region, currency)


def key_of_meter(meter: Meter, currency: str) -> Key:
    """The key that a meter is looked up under."""
    return key_of(
        meter.service, meter.product, meter.sku, meter.meter, meter.region, currency.upper()
    )


def _renamed(sku: str, meter: str) -> tuple[str, str]:
    if sku == "Azure VM" and _VM_FEE.match(meter):
        return sku, VM_FEE_METER
    vault = _VAULT.match(meter)
    if vault and sku in _VAULT_SKUS:
        return VAULT_SKU, f"Standard {vault[1]} Data Stored"
    return sku, meter


def spellings(key: Key) -> tuple[str, ...]:
    """The names under which the price list may have the meter of a key."""
    if key.service == key.product == "Backup":
        if key.meter == VM_FEE_METER:
            return (VM_FEE_METER, f"{VM_FEE_METER}s")
        if key.sku == VAULT_SKU and _VAULT.match(key.meter):
            return (key.meter, key.meter.removeprefix(f"{VAULT_SKU} "))
    return (key.meter,)


def full_date(true_on: str) -> str:
    """The first day a partly known date can mean: 2026 -> 2026-01-01. For ordering."""
    return (true_on + "-01-01")[:10]


def age_days(true_on: str, on: date) -> int:
    """Days since a partly known date; the most that they can be."""
    return (on - date.fromisoformat(full_date(true_on))).days
