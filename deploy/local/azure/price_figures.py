"""The figures of the played price list: meters as priced in West Europe, and how regions differ.

They are the played Azure's own. The product has a book, rules for prices that stand in for others
and a list of the meters it knows; none of them is read here, so that a price that the product
fetches from this list is one it could not have worked out. Only which regions there are, which
of them have zones and which a pair, comes from the table of regions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zlib import crc32

from advisor.model import Verdict
from advisor.regions import PUBLIC_CLOUD, REGIONS, Region

HOME = "westeurope"  #: where the figures hold as they stand here
_FIGURES = 4  #: how many of a price are significant, as in most of the real list

PER_GB_MONTH, PER_MONTH, PER_GB = "1 GB/Month", "1/Month", "1 GB"
PER_HOUR, PER_GIB_HOUR, PER_GB_HOUR = "1/Hour", "1 GiB/Hour", "1 GB/Hour"
PER_TB, PER_10K = "1 TB", "10K"

Steps = tuple[tuple[int, str], ...]
"""(units from which it counts, price of a unit), the steps of one meter."""


class PlayedMeter(NamedTuple):
    """One meter in the words of the list, with its price in West Europe."""

    service: str
    product: str
    sku: str
    meter: str
    unit: str
    steps: Steps
    alike: str = ""  #: the meters of a product with the same word differ alike by region
    arm_sku: str = ""


#: A month, by tier; what is kept in three zones costs half as much again.
_DISKS = {
    ("Premium SSD", "P"): {
        1: "0.80", 2: "1.60", 3: "3.20", 4: "6.00", 6: "11.50", 10: "22.00", 15: "42.00",
        20: "82.00", 30: "150.00", 40: "290.00", 50: "560.00", 60: "1080.00", 70: "2050.00",
        80: "3950.00",
    },
    ("Standard SSD", "E"): {
        1: "0.35", 2: "0.70", 3: "1.40", 4: "2.50", 6: "5.00", 10: "10.00", 15: "20.00",
        20: "39.00", 30: "78.00", 40: "155.00", 50: "310.00", 60: "620.00", 70: "1240.00",
        80: "2480.00",
    },
    ("Standard HDD", "S"): {
        4: "1.60", 6: "3.10", 10: "6.00", 15: "11.50", 20: "22.00", 30: "42.00", 40: "78.00",
        50: "135.00", 60: "260.00", 70: "480.00", 80: "860.00",
    },
}  # fmt: skip
_ZONAL = Decimal("1.5")
_MOUNT_SHARE = Decimal("0.06")
#: A GB a month. The list doubles a word for Standard SSD, and for it alone.
_SNAPSHOTS = {
    "Standard HDD": ("{} Snapshots", "0.052", "0.052"),
    "Standard SSD": ("Snapshots {} Snapshots", "0.138", "0.207"),
    "Premium SSD": ("{} Snapshots", "0.141", "0.203"),
}
_VAULT = {"LRS": "0.0224", "ZRS": "0.0277", "GRS": "0.0453", "RA-GRS": "0.0582"}
_ARCHIVE = {"LRS": "0.0025", "GRS": "0.0051"}
#: What a year and three years of a reserved capacity cost of the price without.
RESERVED = (
    ("100 TB", 102_400, (("1 Year", 12, "0.88"), ("3 Years", 36, "0.80"))),
    ("1 PB", 1_048_576, (("1 Year", 12, "0.84"), ("3 Years", 36, "0.76"))),
)
#: A GB to another region, by the continent it leaves.
_TRAFFIC = {
    "Europe": "0.021", "North America": "0.019", "Asia": "0.082", "Oceania": "0.079",
    "Middle East": "0.081", "Africa": "0.083", "South America": "0.158",
}  # fmt: skip
_BACKUP, _STORAGE, _RECOVERY = "Backup", "Storage", "Azure Site Recovery"
_MGN = "Rtn Preference: MGN"


def public_regions() -> tuple[Region, ...]:
    """The regions of the public cloud, by name."""
    found = (each for each in REGIONS.values() if each.cloud == PUBLIC_CLOUD)
    return tuple(sorted(found, key=lambda each: each.name))


def meters_in(where: Region) -> Iterator[PlayedMeter]:
    """Every meter that the list has for a region, as priced in West Europe."""
    yield from _backup(where)
    yield from _site_recovery()
    yield from _bandwidth(where)
    yield from _disks(where)
    yield from _snapshots(where)
    yield from _performance_disks()
    yield from _blobs(where)


def price_in(where: Region, meter: PlayedMeter, price: str) -> Decimal:
    """A price of the meter in that region: up to a third dearer or a tenth cheaper than at home."""
    amount = Decimal(price)
    if where.name == HOME or not amount:
        return amount
    by_region = crc32(where.name.encode()) % 31
    by_meter = crc32(f"{where.name}/{meter.product}/{meter.alike}".encode()) % 11
    return figures(amount * (90 + by_region + by_meter) / 100)


def figures(amount: Decimal) -> Decimal:
    """The amount to four significant figures."""
    if not amount:
        return amount
    last = amount.adjusted() - _FIGURES + 1
    return amount.quantize(Decimal(1).scaleb(last), ROUND_HALF_UP)


def _once(price: str) -> Steps:
    return ((0, price),)


def _copies(where: Region, *, paired: bool = False) -> Sequence[str]:
    """How data can be kept there: zones for ZRS, a pair for GRS and RA-GRS."""
    zonal = ("ZRS",) if where.zones is Verdict.YES else ()
    far = ("GRS", "RA-GRS") if paired and where.pair else ()
    return ("LRS", *zonal, *far)


# --- Backup, Site Recovery, traffic ----------------------------------------------------------


def _backup(where: Region) -> Iterator[PlayedMeter]:
    def fee(sku: str, price: str, arm_sku: str = "") -> PlayedMeter:
        meter = f"{sku} Protected Instance"
        return PlayedMeter(_BACKUP, _BACKUP, sku, meter, PER_MONTH, _once(price), meter, arm_sku)

    def stored(sku: str, meter: str, price: str) -> PlayedMeter:
        return PlayedMeter(_BACKUP, _BACKUP, sku, meter, PER_GB_MONTH, _once(price), meter)

    yield fee("Azure VM", "10", "Azure VM")
    yield fee("Azure Files", "5")
    yield fee("On Premises Server", "10")
    yield fee("SQL Server in Azure VM", "30")
    for copies in _copies(where, paired=True):
        yield stored("Standard", f"Standard {copies} Data Stored", _VAULT[copies])
        if copies in _ARCHIVE:
            yield stored("Archive", f"Archive {copies} Data Stored", _ARCHIVE[copies])


def reserved_in(where: Region) -> Iterator[tuple[PlayedMeter, str, Decimal]]:
    """Reserved vault capacity: its meter, its term, and the price of the whole term."""
    for copies in _copies(where, paired=True):
        paid = PlayedMeter(
            *(_BACKUP, _BACKUP, "Standard", f"Standard {copies} Data Stored", PER_GB_MONTH),
            _once(_VAULT[copies]),
            f"Standard {copies} Data Stored",
        )
        a_gb = price_in(where, paid, _VAULT[copies])
        for size, gb, terms in RESERVED:
            sku, product = f"Standard - {size} {copies}", "Backup Reserved Capacity"
            meter = paid._replace(product=product, sku=sku, meter=f"{copies} Data Stored")
            for term, months, share in terms:
                whole = a_gb * gb * months * Decimal(share)
                yield meter, term, whole.quantize(Decimal(1), ROUND_HALF_UP)


def _site_recovery() -> Iterator[PlayedMeter]:
    for sku, price in (("Azure", "25"), ("System Center", "16")):
        meter = f"VM Replicated to {sku}"
        yield PlayedMeter(_RECOVERY, _RECOVERY, sku, meter, PER_MONTH, _once(price), meter)


def _bandwidth(where: Region) -> Iterator[PlayedMeter]:
    between = _once(_TRAFFIC[where.continent])
    out: Steps = ((0, "0"), (100, "0.086"), (51_295, "0.068"), (10_335, "0.081"))
    for name, steps in (("Inter-Region Data Transfer", between), ("Data Transfer Out", out)):
        yield PlayedMeter("Bandwidth", _MGN, "Standard", f"Standard {name}", PER_GB, steps)


# --- disks, snapshots, blobs -----------------------------------------------------------------


def _disks(where: Region) -> Iterator[PlayedMeter]:
    for (family, letter), prices in _DISKS.items():
        product = f"{family} Managed Disks"
        for copies in ("LRS",) if letter == "S" else _copies(where):
            for number, price in prices.items():
                sku = f"{letter}{number} {copies}"
                month = Decimal(price) * (_ZONAL if copies == "ZRS" else 1)
                arm_sku = f"{family.replace(' ', '_')}_Managed_Disk_{letter}{number}"
                disk = PlayedMeter(
                    *(_STORAGE, product, sku, f"{sku} Disk", PER_MONTH, _once(str(month))),
                    arm_sku=arm_sku,
                )
                yield disk
                if letter == "S":
                    yield _operations(disk, "0.0005")
                else:
                    mount = figures(month * _MOUNT_SHARE)
                    yield disk._replace(meter=f"{sku} Disk Mount", steps=_once(str(mount)))
                if letter == "E":
                    yield _operations(disk, "0.002")


def _operations(disk: PlayedMeter, price: str) -> PlayedMeter:
    return disk._replace(meter=f"{disk.sku} Disk Operations", unit=PER_10K, steps=_once(price))


def _snapshots(where: Region) -> Iterator[PlayedMeter]:
    for family, (name, *prices) in _SNAPSHOTS.items():
        for copies, price in zip(_copies(where), prices, strict=False):
            product, meter = f"{family} Managed Disks", name.format(copies)
            sku, steps = f"Snapshots {copies}", _once(price)
            yield PlayedMeter(_STORAGE, product, sku, meter, PER_GB_MONTH, steps, "snapshots")


def _performance_disks() -> Iterator[PlayedMeter]:
    v2, ultra = "Azure Premium SSD v2", "Ultra Disks"
    provisioned: tuple[tuple[str, str, str, str, Steps], ...] = (
        (v2, "Premium LRS", "Capacity", PER_GIB_HOUR, _once("0.000128")),
        # What every disk has free comes as a row of 0.
        (v2, "Premium LRS", "IOPS", PER_HOUR, ((3000, "0.0000082"), (0, "0"))),
        (v2, "Premium LRS", "Throughput (MBps)", PER_HOUR, ((125, "0.0000664"), (0, "0"))),
        (ultra, "Ultra LRS", "Capacity", PER_GIB_HOUR, _once("0.000218")),
        (ultra, "Ultra LRS", "IOPS", PER_HOUR, _once("0.0000902")),
        (ultra, "Ultra LRS", "Throughput (MBps)", PER_HOUR, _once("0.000587")),
    )
    for product, sku, what, unit, steps in provisioned:
        yield PlayedMeter(_STORAGE, product, sku, f"{sku} Provisioned {what}", unit, steps)
    reserved = "Ultra LRS Reservation per vCPU Provisioned"
    yield PlayedMeter(_STORAGE, ultra, "Ultra LRS", reserved, PER_HOUR, _once("0.0077"))
    sku = "Instant Access Snapshots LRS"
    for product, price in ((v2, "0.000131"), (ultra, "0.000216")):
        yield PlayedMeter(_STORAGE, product, sku, sku, PER_GB_HOUR, _once(price))
        restored = f"{sku} Disk Capacity Restored"
        yield PlayedMeter(_STORAGE, product, sku, restored, PER_TB, _once("0.56"))


def _blobs(where: Region) -> Iterator[PlayedMeter]:
    """The prices of hot blobs fall with the amount; the real list has the steps in any order."""
    hot = {"LRS": ("0.0194", "0.0186", "0.0179"), "ZRS": ("0.0243", "0.0233", "0.0224")}
    premium = {"LRS": "0.152", "ZRS": "0.189"}
    for copies in _copies(where):
        first, second, third = hot[copies]
        steps: Steps = ((51_200, second), (0, first), (512_000, third))
        sku = f"Hot {copies}"
        stored = PlayedMeter(
            _STORAGE, "General Block Blob v2", sku, f"{sku} Data Stored", PER_GB_MONTH, steps
        )
        yield stored
        writes = _once("0.054")
        yield stored._replace(meter=f"{sku} Write Operations", unit=PER_10K, steps=writes)
        sku, steps = f"Premium {copies}", _once(premium[copies])
        yield PlayedMeter(
            _STORAGE, "Premium Block Blob", sku, f"{sku} Data Stored", PER_GB_MONTH, steps
        )
