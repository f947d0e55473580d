"""Which of Azure's services, products and meters are priced; all others stay out of the book."""

from __future__ import annotations

import re
from typing import NamedTuple

BACKUP = "Backup"
SITE_RECOVERY = "Azure Site Recovery"
STORAGE = "Storage"
BANDWIDTH = "Bandwidth"


class WantedMeters(NamedTuple):
    """The meters of one product that are used. `sku` and `meter` are patterns, matched whole."""

    service: str
    product: str
    sku: str
    meter: str


_COPIES = r"(?:LRS|ZRS|GRS|RA-GRS)"
_TIER = r"[PES]\d+ (?:LRS|ZRS)"
_SNAPSHOTS = r"Snapshots (?:LRS|ZRS)"

#: A disk's mount, operations and burst meters are left out: they are for shared disks and for
#: use that no inventory shows. `Geo-Replication` is the storage account's own and not ours.
WANTED = (
    WantedMeters(BACKUP, "Backup", r"Azure VM", r"Azure VM Protected Instances?"),
    WantedMeters(BACKUP, "Backup", r"Standard|Azure VM.*", rf"(?:Standard )?{_COPIES} Data Stored"),
    WantedMeters(BACKUP, "Backup", r"Archive", rf"Archive {_COPIES} Data Stored"),
    WantedMeters(SITE_RECOVERY, "Azure Site Recovery", r"Azure", r"VM Replicated to Azure"),
    *(
        wanted
        for family in ("Premium SSD", "Standard SSD", "Standard HDD")
        for wanted in (
            WantedMeters(STORAGE, f"{family} Managed Disks", _TIER, rf"{_TIER} Disk"),
            WantedMeters(STORAGE, f"{family} Managed Disks", _SNAPSHOTS, r".*\bSnapshots"),
        )
    ),
    WantedMeters(STORAGE, "Azure Premium SSD v2", r"Premium LRS", r"Premium LRS Provisioned .+"),
    WantedMeters(STORAGE, "Azure Premium SSD v2", r"Instant Access Snapshots LRS", r".+"),
    WantedMeters(STORAGE, "Ultra Disks", r"Ultra LRS", r"Ultra LRS .+"),
    WantedMeters(STORAGE, "Ultra Disks", r"Instant Access Snapshots LRS", r".+"),
    WantedMeters(STORAGE, "Premium Block Blob", r"Premium [LZ]RS", r"Premium [LZ]RS Data Stored"),
    WantedMeters(STORAGE, "General Block Blob v2", r"Hot [LZ]RS", r"Hot [LZ]RS Data Stored"),
    WantedMeters(
        BANDWIDTH, "Rtn Preference: MGN", r"Standard", r"Standard Inter-Region Data Transfer"
    ),
)

SERVICES = tuple(dict.fromkeys(wanted.service for wanted in WANTED))


def is_wanted(service: str, product: str, sku: str, meter: str) -> bool:
    """Whether the product prices this meter."""
    return any(
        (wanted.service, wanted.product) == (service, product)
        and re.fullmatch(wanted.sku, sku)
        and re.fullmatch(wanted.meter, meter)
        for wanted in WANTED
    )


def products_of(service: str) -> tuple[str, ...]:
    """The products of a service that are used: what a query of the price list is narrowed to."""
    return tuple(dict.fromkeys(wanted.product for wanted in WANTED if wanted.service == service))
