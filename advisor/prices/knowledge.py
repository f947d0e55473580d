"""What the book knows of a region and what it lacks: every meter an advice may need, looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from advisor.errors import PriceAmbiguous, PriceError
from advisor.model import Meter
from advisor.prices.book import Book, Price
from advisor.prices.carried import (
    INTER_REGION_CONTINENTS,
    INTER_REGION_METER,
    INTER_REGION_PRODUCT,
)
from advisor.prices.quote import VM_FEE_METER
from advisor.prices.scope import BACKUP, BANDWIDTH, SITE_RECOVERY, STORAGE
from advisor.regions import REGIONS, region, same_continent

# The tiers of managed disks (azure-docs virtual-machines/disks-types, 2026-08).
_SSD_TIERS = (1, 2, 3, 4, 6, 10, 15, 20, 30, 40, 50, 60, 70, 80)
_HDD_TIERS = _SSD_TIERS[3:]
_VAULT_COPIES = ("LRS", "ZRS", "GRS", "RA-GRS")
_ARCHIVE_COPIES = ("LRS", "GRS")
_SNAPSHOT_METERS = (
    ("Standard HDD", "{copies} Snapshots"),
    ("Standard SSD", "Snapshots {copies} Snapshots"),
    ("Premium SSD", "{copies} Snapshots"),
)
_PERFORMANCE = (("Capacity", "GiB"), ("IOPS", "IOPS"), ("Throughput (MBps)", "MB/s"))


@dataclass(frozen=True, slots=True)
class Needed:
    """A meter that an advice may ask for. Those of one `family` are shown as one row."""

    name: str
    meter: Meter
    family: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A needed meter with its price, or with the sentence that says why it has none."""

    needed: Needed
    price: Price | None
    problem: str = ""
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionKnowledge:
    """What the book knows of one region in one currency."""

    region: str
    currency: str
    as_of: str  #: the newest date a price of the region was true; empty where there is none
    fetched: tuple[tuple[str, str], ...]  #: (service, date) of what was fetched
    meters: tuple[Known, ...]

    @property
    def lacking(self) -> tuple[Known, ...]:
        """The needed meters without a price; the optional ones do not count."""
        return tuple(
            each for each in self.meters if each.price is None and not each.needed.optional
        )

    @property
    def priced(self) -> int:
        return sum(each.price is not None for each in self.meters)


def knowledge_of(book: Book, region_name: str, currency: str, on: date) -> RegionKnowledge:
    """Every needed meter of a region, looked up as of a day."""
    return RegionKnowledge(
        region=region_name,
        currency=currency,
        as_of=book.as_of_for(region_name, currency),
        fetched=tuple(sorted(book.fetched_on(region_name, currency).items())),
        meters=tuple(_look_up(book, each, currency, on) for each in needed_in(region_name)),
    )


def needed_in(region_name: str) -> tuple[Needed, ...]:
    """Every meter that an advice for a VM of that region may ask for."""
    return (
        *_backup(region_name),
        Needed(
            "Site Recovery, replicated VM",
            _meter(region_name, SITE_RECOVERY, SITE_RECOVERY, "Azure", "VM Replicated to Azure"),
        ),
        _between_regions(region_name),
        *_cache(region_name),
        *_snapshots(region_name),
        *_disks(region_name),
        *_performance_disks(region_name),
    )


def _look_up(book: Book, needed: Needed, currency: str, on: date) -> Known:
    try:
        return Known(needed, book.price(needed.meter, currency, on))
    except PriceError as error:
        return Known(needed, None, str(error), isinstance(error, PriceAmbiguous))


def _meter(region_name: str, service: str, product: str, sku: str, meter: str) -> Meter:
    return Meter(service, product, sku, meter, region_name)


def _backup(region_name: str) -> Iterator[Needed]:
    fee = _meter(region_name, BACKUP, BACKUP, "Azure VM", VM_FEE_METER)
    yield Needed("Backup, protected VM", fee)
    for copies in _VAULT_COPIES:
        stored = _meter(region_name, BACKUP, BACKUP, "Standard", f"Standard {copies} Data Stored")
        yield Needed(f"Vault storage, {copies}", stored)
    for copies in _ARCHIVE_COPIES:
        stored = _meter(region_name, BACKUP, BACKUP, "Archive", f"Archive {copies} Data Stored")
        yield Needed(f"Vault archive, {copies}", stored)


def _between_regions(region_name: str) -> Needed:
    target = _continental_target(region_name)
    meter = Meter(
        BANDWIDTH, INTER_REGION_PRODUCT, "Standard", INTER_REGION_METER, region_name, target
    )
    return Needed(f"Traffic to {region(target).display_name or 'another region'}", meter)


def _continental_target(region_name: str) -> str:
    """The pair, or else the first region of the same continent that anyone may use."""
    pair = region(region_name).pair
    if pair:
        return pair
    near = (
        each.name
        for each in REGIONS.values()
        if same_continent(region_name, each.name, INTER_REGION_CONTINENTS)
        and each.name != region_name
        and not each.restricted
    )
    return next(near, "")


def _cache(region_name: str) -> Iterator[Needed]:
    premium = ("Premium Block Blob", "Premium LRS", "Premium LRS Data Stored")
    yield Needed("Cache, premium block blob", _meter(region_name, STORAGE, *premium))
    hot = ("General Block Blob v2", "Hot LRS", "Hot LRS Data Stored")
    yield Needed("Cache, standard", _meter(region_name, STORAGE, *hot), optional=True)


def _snapshots(region_name: str) -> Iterator[Needed]:
    for family, name in _SNAPSHOT_METERS:
        for copies in ("LRS", "ZRS"):
            sku, meter = f"Snapshots {copies}", name.format(copies=copies)
            yield Needed(
                f"Snapshots {family}, {copies}",
                _meter(region_name, STORAGE, f"{family} Managed Disks", sku, meter),
            )


def _disks(region_name: str) -> Iterator[Needed]:
    families = (
        ("Premium SSD", "P", _SSD_TIERS, ("LRS", "ZRS")),
        ("Standard SSD", "E", _SSD_TIERS, ("LRS", "ZRS")),
        ("Standard HDD", "S", _HDD_TIERS, ("LRS",)),
    )
    for family, letter, tiers, all_copies in families:
        for copies in all_copies:
            title = f"{family} {letter}{tiers[0]} to {letter}{tiers[-1]}, {copies}"
            for tier in tiers:
                sku = f"{letter}{tier} {copies}"
                names = (f"{family} Managed Disks", sku, f"{sku} Disk")
                yield Needed(sku, _meter(region_name, STORAGE, *names), title)


def _performance_disks(region_name: str) -> Iterator[Needed]:
    for title, product, sku in (
        ("Premium SSD v2", "Azure Premium SSD v2", "Premium LRS"),
        ("Ultra disk", "Ultra Disks", "Ultra LRS"),
    ):
        for what, unit in _PERFORMANCE:
            names = (product, sku, f"{sku} Provisioned {what}")
            yield Needed(f"{title}, {unit}", _meter(region_name, STORAGE, *names))
