"""The prices that stand in where the book has none of a region's own; each is marked, with why.

Three kinds. A carried price is that of other regions, unchanged, where every region that was read
has the same. A worked-out price follows from another price of the same region and currency, by a
structure without an exception in what was read. A bounded price is that of traffic to another
continent, which no list has: the most that it may cost, and its lines range down to the cheapest
traffic known. Nothing else stands in, and what was read of
the region itself always comes first: its price, and that its price list does not have one.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from advisor.model import Meter, PriceOrigin, Verdict
from advisor.prices.quote import VAULT_SKU, VM_FEE_METER, Key
from advisor.prices.scope import BACKUP, BANDWIDTH, SITE_RECOVERY, STORAGE
from advisor.regions import PUBLIC_CLOUD, another_continent, display_name, region, same_continent

CARRIED_CURRENCY = "USD"  #: what was read in it alone is never carried into another

#: A protected VM a month: the same in all 24 regions read on 2026-04-14 and 15 (Azure Retail
#: Prices).
VM_FEE_USD = Decimal(10)
VM_FEE_TRUE_ON = "2026-04-14"
VM_FEE_WHY = "The fee for a VM is the same in all 24 regions read."
#: A VM replicated to Azure a month: the same in every region seen in 2026, last in UK South
#: (Azure Retail Prices).
SITE_RECOVERY_FEE_USD = Decimal(25)
SITE_RECOVERY_TRUE_ON = "2026-10-05"
SITE_RECOVERY_WHY = "Microsoft names one fee for a replicated VM, whatever the region."
#: A GB between two regions of Europe, or two of North America, in 2026 (Azure Retail Prices,
#: eastus2, last UK South; Azure's bandwidth price list). Between continents the price differs and
#: is not known.
INTER_REGION_USD_PER_GB = Decimal("0.02")
INTER_REGION_TRUE_ON = "2026-10-05"
INTER_REGION_CONTINENTS = ("Europe", "North America")
INTER_REGION_WHY = "Traffic costs the same between all regions of Europe, or of North America."
#: The most that a GB to another continent, or between regions of a continent without one price,
#: may cost by where it leaves (skyplane's table of Azure's bandwidth page, 2023-05; MongoDB's
#: range of 2025-12). Second-hand: an upper bound, and marked as one wherever it is shown.
FARTHER_AT_MOST_USD_PER_GB = {
    "Europe": Decimal("0.05"),
    "North America": Decimal("0.05"),
    "Asia": Decimal("0.08"),
    "Oceania": Decimal("0.08"),
    "Middle East": Decimal("0.08"),
    "Africa": Decimal("0.08"),
    "South America": Decimal("0.16"),
}
FARTHER_TRUE_ON = "2023-05"

#: Vault storage beside LRS of the same region: eight readings in West Europe, UK South, Indonesia
#: Central, and in the reserved capacity of West US and East US (Azure Retail Prices, 2026-11).
VAULT_TIMES_LRS = {"ZRS": Decimal("1.25"), "GRS": Decimal("2.00"), "RA-GRS": Decimal("2.54")}
_VAULT_DECIMALS = 4  # the list writes vault prices so, or with as many as LRS has
#: Standard HDD snapshots a GB, LRS as ZRS: the same in all five regions read on 2026-08-22 in which
#: E10 is 9.60 and S10 is 5.888; carried to those with the same two prices (Azure Retail Prices).
HDD_SNAPSHOT_USD = Decimal("0.05")
HDD_SNAPSHOT_TRUE_ON = "2026-08-22"
HDD_SNAPSHOT_REGIONS = ("eastus2", "westus2", "southeastasia", "eastasia", "southindia")
HDD_SNAPSHOT_WHY = (
    "Snapshots on Standard HDD cost the same in all five regions read whose disks have the"
    " prices that they have here."
)
#: Premium LRS snapshots a GB by what a P10 LRS disk costs: six regions read on 2026-08-22 (Azure
#: Retail Prices). ZRS follows no rule (0.05 in Sweden Central), nor does any other price of P10.
PREMIUM_SNAPSHOT_USD_BY_P10 = {
    Decimal("19.71"): Decimal("0.132"),
    Decimal("21.68"): Decimal("0.145"),
    Decimal("23.848"): Decimal("0.16"),
}
PREMIUM_SNAPSHOT_TRUE_ON = "2026-08-22"

INTER_REGION_PRODUCT = "Rtn Preference: MGN"
INTER_REGION_METER = "Standard Inter-Region Data Transfer"


class StandIn(NamedTuple):
    """A price that stands in for one that was not read, with the sentence why it may."""

    amount: Decimal
    unit: str
    true_on: str
    origin: PriceOrigin
    why: str


class Listed(NamedTuple):
    """A price that was read for the region itself."""

    amount: Decimal
    unit: str
    true_on: str


ListedPrice = Callable[[Key], Listed | None]
"""What was read of a key; None where nothing was, or where the rows disagree."""


def _carried(amount: Decimal, unit: str, true_on: str, why: str) -> StandIn:
    return StandIn(amount, unit, true_on, PriceOrigin.CARRIED, why)


_FEES = {
    (BACKUP, "Backup", "Azure VM", VM_FEE_METER): _carried(
        VM_FEE_USD, "1/Month", VM_FEE_TRUE_ON, VM_FEE_WHY
    ),
    (SITE_RECOVERY, "Azure Site Recovery", "Azure", "VM Replicated to Azure"): _carried(
        SITE_RECOVERY_FEE_USD, "1/Month", SITE_RECOVERY_TRUE_ON, SITE_RECOVERY_WHY
    ),
}
_TRAFFIC = _carried(INTER_REGION_USD_PER_GB, "1 GB", INTER_REGION_TRUE_ON, INTER_REGION_WHY)
_HDD_SNAPSHOT = _carried(HDD_SNAPSHOT_USD, "1 GB/Month", HDD_SNAPSHOT_TRUE_ON, HDD_SNAPSHOT_WHY)
_HDD_SNAPSHOTS = {
    (STORAGE, "Standard HDD Managed Disks", f"Snapshots {copies}", f"{copies} Snapshots"): copies
    for copies in ("LRS", "ZRS")
}
_VAULT_STORAGE = {
    (BACKUP, "Backup", VAULT_SKU, f"Standard {copies} Data Stored"): copies
    for copies in VAULT_TIMES_LRS
}
_VAULT_LRS = (BACKUP, "Backup", VAULT_SKU, "Standard LRS Data Stored")
_PREMIUM_SNAPSHOT = (STORAGE, "Premium SSD Managed Disks", "Snapshots LRS", "LRS Snapshots")
_P10 = (STORAGE, "Premium SSD Managed Disks", "P10 LRS", "P10 LRS Disk")


def is_between_regions(meter: Meter) -> bool:
    """Whether the meter is traffic from one region to another."""
    return (meter.service, meter.product, meter.meter) == (
        BANDWIDTH,
        INTER_REGION_PRODUCT,
        INTER_REGION_METER,
    )


def stays_on_continent(meter: Meter) -> bool:
    """Whether the traffic stays within a continent: there the source region's row is its price."""
    return same_continent(meter.region, meter.to_region, tuple(FARTHER_AT_MOST_USD_PER_GB))


def has_continental_price(meter: Meter) -> bool:
    """Whether the traffic stays within a continent that has one price for all its regions."""
    return same_continent(meter.region, meter.to_region, INTER_REGION_CONTINENTS)


def stand_in(meter: Meter, key: Key, listed: ListedPrice, *, is_looked_up: bool) -> StandIn | None:
    """The price that stands in for one that is not listed, or None where none may.

    `is_looked_up`: the region's price list was fetched and does not have the meter. What is the
    same everywhere still stands in, for the list drops rows for days; what differs by region
    does not, for the region may not sell it.
    """
    if region(key.region).cloud != PUBLIC_CLOUD:
        return None
    everywhere = _everywhere(meter, key)
    if everywhere is not None or is_looked_up:
        return everywhere
    return _hdd_snapshot(key) or _worked_out(key, listed)


def farther_at_most(meter: Meter) -> Decimal | None:
    """The most that a GB of traffic without a price may cost, in USD: a bound, not a price."""
    if not is_between_regions(meter) or has_continental_price(meter):
        return None
    return FARTHER_AT_MOST_USD_PER_GB.get(region(meter.region).continent)


def at_most_between(meter: Meter, currency: str) -> StandIn | None:
    """The upper bound that stands in for the price of traffic to another continent, in USD.

    None where the target is not named: within South America traffic may be dearer than beyond.
    """
    most = farther_at_most(meter)
    if most is None or currency != CARRIED_CURRENCY:
        return None
    if not another_continent(meter.region, meter.to_region):
        return None
    why = (
        f"What traffic from {display_name(meter.region)} to another continent costs is in no price"
        f" list that can be read; others report at most {most} USD a GB."
    )
    return StandIn(most, "1 GB", FARTHER_TRUE_ON, PriceOrigin.BOUNDED, why)


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


# --- unchanged from other regions ------------------------------------------------------------


def _everywhere(meter: Meter, key: Key) -> StandIn | None:
    if key.currency != CARRIED_CURRENCY:
        return None
    if is_between_regions(meter):
        return _TRAFFIC if has_continental_price(meter) else None
    return _FEES.get(key[:4])


def _hdd_snapshot(key: Key) -> StandIn | None:
    copies = _HDD_SNAPSHOTS.get(key[:4])
    if copies is None or key.currency != CARRIED_CURRENCY:
        return None
    is_there = key.region in HDD_SNAPSHOT_REGIONS and _is_offered(copies, key.region)
    return _HDD_SNAPSHOT if is_there else None


# --- from another price of the region --------------------------------------------------------


def _worked_out(key: Key, listed: ListedPrice) -> StandIn | None:
    copies = _VAULT_STORAGE.get(key[:4])
    if copies is not None:
        return _vault_storage(key, copies, listed)
    if key[:4] == _PREMIUM_SNAPSHOT and key.currency == CARRIED_CURRENCY:
        return _premium_snapshot(key, listed)
    return None


def _vault_storage(key: Key, copies: str, listed: ListedPrice) -> StandIn | None:
    """A share of the region's own LRS, which holds in every currency."""
    lrs = listed(Key(*_VAULT_LRS, key.region, key.currency))
    if lrs is None or not _is_offered(copies, key.region):
        return None
    times = VAULT_TIMES_LRS[copies]
    why = (
        f"Vault storage with {copies} costs {times} times LRS in every region read; LRS in"
        f" {display_name(key.region)} is {lrs.amount:f} {key.currency}."
    )
    amount = _as_the_list_writes(lrs.amount * times, lrs.amount)
    return StandIn(amount, lrs.unit, lrs.true_on, PriceOrigin.WORKED_OUT, why)


def _as_the_list_writes(amount: Decimal, like: Decimal) -> Decimal:
    exponent = like.normalize().as_tuple().exponent
    decimals = max(_VAULT_DECIMALS, -exponent if isinstance(exponent, int) else 0)
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _premium_snapshot(key: Key, listed: ListedPrice) -> StandIn | None:
    disk = listed(Key(*_P10, key.region, key.currency))
    amount = PREMIUM_SNAPSHOT_USD_BY_P10.get(disk.amount) if disk else None
    if disk is None or amount is None:
        return None
    why = (
        f"Premium snapshots cost {amount} USD a GB in every region read where a P10 disk costs"
        f" {disk.amount:f} USD, as in {display_name(key.region)}."
    )
    true_on = min(disk.true_on, PREMIUM_SNAPSHOT_TRUE_ON)
    return StandIn(amount, "1 GB/Month", true_on, PriceOrigin.WORKED_OUT, why)


def _is_offered(copies: str, region_name: str) -> bool:
    """Whether data can be kept so there: zones for ZRS, a pair for GRS and RA-GRS.

    What is not known is not refused: a region outside the table has no price to work from.
    """
    where = region(region_name)
    needed = {
        "ZRS": (where.zones,),
        "GRS": (where.paired,),
        "RA-GRS": (where.paired, where.cross_region_restore),
    }
    return Verdict.NO not in needed.get(copies, ())
