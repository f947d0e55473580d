"""Advice made by hand, as large as real ones: three scenes and the pieces they are made of."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from advisor.model import (
    Assessment,
    Consistency,
    Course,
    Decision,
    Disk,
    DiskSize,
    Estimate,
    Event,
    Line,
    LineKind,
    Meets,
    Meter,
    MonthOfBill,
    Plan,
    PointTier,
    PriceOrigin,
    Proposal,
    Range,
    Reading,
    Reason,
    Rto,
    Sizing,
    Source,
    Usage,
    Verdict,
    Vm,
)
from advisor.options.descriptions import option_name
from advisor.present.document import plan_words
from advisor.prices.pricing import total
from advisor.recommend.assess import recovery
from advisor.words import listed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"


def between(low: str, likely: str, high: str) -> Range:
    return Range(Decimal(low), Decimal(likely), Decimal(high))


def exactly(value: str) -> Range:
    return Range.exactly(Decimal(value))


# --- the VM ----------------------------------------------------------------------------------


def disk(name: str, size_gib: int | None, *, os: bool = False, sku: str = "Premium_LRS") -> Disk:
    return Disk(name=name, is_os=os, reading=Reading.READ, sku=sku, size_gib=size_gib)


def vm(name: str = "web-01", **others: Any) -> Vm:
    facts: dict[str, Any] = {
        "id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-shop/providers"
        f"/Microsoft.Compute/virtualMachines/{name}",
        "name": name,
        "resource_group": "rg-shop",
        "subscription_id": SUBSCRIPTION,
        "region": "westeurope",
        "size": "Standard_D4s_v5",
        "disks": (disk("web-01-os", 128, os=True), disk("web-01-data", 1024)),
        "zones": ("1",),
        "os_type": "Windows",
        "power_state": "running",
        "tags": {"environment": "prod", "owner": "shop"},
    }
    return Vm(**(facts | others))


def sizing(disks: tuple[Disk, ...], used: Range, changed: Range, written: Range) -> Sizing:
    share = Decimal(1) / max(1, len(disks))
    return Sizing(
        disks=tuple(
            DiskSize(
                disk=each,
                provisioned_gib=each.size_gib,
                used_gib=used.times(share),
                source=Source.ASSUMED,
            )
            for each in disks
        ),
        used_gib=Estimate(
            used, Source.ASSUMED, "used size assumed from provisioned size by disk role"
        ),
        changed_gib_per_day=Estimate(changed, Source.ASSUMED, "1 to 7 % a day assumed"),
        written_gib_per_day=Estimate(written, Source.MEASURED, "Azure Monitor, the last 14 days"),
        peak_write_mb_per_s=None,
    )


# --- lines and totals ------------------------------------------------------------------------

PROTECTED_INSTANCE = Meter("Backup", "Backup", "Azure VM", "Azure VM Protected Instance", "")
VAULT = Meter("Backup", "Backup", "Standard", "Standard RA-GRS Data Stored", "")
SNAPSHOT = Meter("Storage", "Standard HDD Managed Disks", "Snapshots ZRS", "ZRS Snapshots", "")
REPLICATION = Meter(
    "Azure Site Recovery", "Azure Site Recovery", "Azure", "VM Replicated to Azure", ""
)
DISK_TIER = Meter("Storage", "Premium SSD Managed Disks", "P10 LRS", "P10 LRS Disk", "")
TRAFFIC = Meter(
    "Bandwidth", "Rtn Preference: MGN", "Standard", "Standard Inter-Region Data Transfer", ""
)


#: A price that was carried over, and why.
CARRIED: dict[str, Any] = {
    "origin": PriceOrigin.CARRIED,
    "why": "The fee is the same in all 24 regions read.",
}


def line(
    name: str,
    meter: Meter,
    quantity: Range | None,
    unit_price: str | None,
    *,
    unit: str = "1 GB/Month",
    region: str = "westeurope",
    kind: LineKind = LineKind.RECURRING,
    basis: str = "",
    optional: bool = False,
    origin: PriceOrigin = PriceOrigin.LISTED,
    why: str = "",
    missing: str = "",
    to_region: str = "",
) -> Line:
    """A line whose amount is its quantity times its price, or missing without one of them."""
    priced = unit_price is not None and quantity is not None
    return Line(
        usage=Usage(
            name=name,
            kind=kind,
            meter=Meter(meter.service, meter.product, meter.sku, meter.meter, region, to_region),
            unit=unit,
            quantity=quantity,
            source=Source.ASSUMED,
            basis=basis,
            optional=optional,
        ),
        unit_price=Decimal(unit_price) if unit_price is not None and priced else None,
        monthly=quantity.times(Decimal(unit_price)) if priced else None,  # type: ignore
        missing="" if priced else missing or f"There is no price for {name}.",
        origin=origin,
        why=why,
        true_on="2026-08-22" if priced else "",
    )


# --- assessments -----------------------------------------------------------------------------


def rto(low: int, likely: int, high: int, source: str = "assumed") -> Rto:
    """In minutes."""
    return Rto(timedelta(minutes=low), timedelta(minutes=likely), timedelta(minutes=high), source)


def point_tier(name: str, events: tuple[Event, ...], rpo: timedelta, back: Rto) -> PointTier:
    return PointTier(
        name=name,
        events=events,
        rpo=rpo,
        rto=back,
        retention_days=30,
        consistency=Consistency.APPLICATION,
        isolated=name.startswith("vault"),
    )


def assessment(
    option: str,
    configuration: dict[str, Any],
    lines: tuple[Line, ...],
    tiers: tuple[PointTier, ...],
    *,
    verdict: Verdict = Verdict.YES,
    reasons: tuple[Reason, ...] = (),
    met: frozenset[Event] = frozenset(),
    unmet: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    in_place: bool = False,
    meets_need: bool | None = None,
    currency: str = "USD",
) -> Assessment:
    return Assessment(
        proposal=Proposal(
            option=option,
            configuration=configuration,
            verdict=verdict,
            reasons=reasons,
            tiers=tiers,
            usages=tuple(each.usage for each in lines),
            notes=notes,
        ),
        lines=lines,
        monthly=total(lines, currency),
        recovery=recovery(tiers),
        met=met,
        meets_need=not unmet if meets_need is None else meets_need,
        unmet=unmet,
        in_place=in_place,
    )


ENHANCED = {
    "policy": "enhanced",
    "every": "4h",
    "redundancy": "grs-crr",
    "instant_restore": "7d",
    "keep": "daily=30,weekly=12",
    "archive": False,
}
REPLICATED = {
    "to": "northeurope",
    "recovery_points": "24h",
    "churn_mode": "normal",
    "drills": 4,
}
SNAPPED = {
    "every": "24h",
    "keep": "daily=7",
    "redundancy": "zrs",
    "full": False,
    "to": None,
    "consistent": None,
}
IN_VAULT = point_tier("vault", (Event.DELETION,), DAY, rto(45, 215, 1500))
IN_SECONDARY = point_tier("vault-secondary-region", (Event.REGION,), 36 * HOUR, rto(60, 245, 1560))
IN_REPLICA = point_tier(
    "replica", (Event.REGION,), timedelta(minutes=5), rto(60, 60, 60, "documented")
)
BESIDE = point_tier("snapshots", (Event.DELETION, Event.ZONE), DAY, rto(8, 32, 130))


def backup(
    region: str = "westeurope", vault_price: str | None = "0.0569", **others: Any
) -> Assessment:
    lines = (
        line(
            "Protected instance",
            PROTECTED_INSTANCE,
            between("1", "2", "3"),
            "10",
            unit="1/Month",
            region=region,
            basis="half a unit up to 50 GB in use, then one for each started 500 GB",
            **({} if region == "westeurope" else CARRIED),
        ),
        line(
            "Vault storage",
            VAULT,
            between("199.5168", "972.864", "2871.1"),
            vault_price,
            region=region,
            basis="one full copy and the blocks changed between the points of daily=30,weekly=12",
            missing=f'There is no price for "{VAULT.meter}" in {region}, in USD.'
            f" Run `vmbackup prices update --region {region} --currency USD`.",
        ),
        line(
            "Instant-restore snapshots",
            SNAPSHOT,
            between("152", "614.4", "1680.5"),
            "0.05",
            region=region,
            basis="used data + changed data x 6 days, 2 more at times",
        ),
    )
    others.setdefault("met", frozenset({Event.DELETION, Event.REGION}))
    return assessment("azure-backup", ENHANCED, lines, (IN_VAULT, IN_SECONDARY), **others)


def site_recovery(**others: Any) -> Assessment:
    lines = (
        line(
            "Replication of one machine", REPLICATION, exactly("1"), "25", unit="1/Month",
            region="northeurope", basis="per machine, whatever its size", **CARRIED,
        ),
        line(
            "Replica disk of web-01-os", DISK_TIER, exactly("1"), "21.68", unit="1/Month",
            region="northeurope", basis="128 GB provisioned: P10",
        ),
        line(
            "Replica disk of web-01-data", DISK_TIER, exactly("1"), "135.17", unit="1/Month",
            region="northeurope", basis="1,024 GB provisioned: P30",
        ),
        line(
            "Traffic between regions", TRAFFIC, between("450", "1100", "2400"), "0.02",
            unit="1 GB", to_region="northeurope", basis="what is written in a month",
        ),
        line(
            "Compute during drills", REPLICATION, exactly("2.6667"), None, unit="1/Hour",
            region="northeurope", kind=LineKind.DRILL, optional=True,
            basis="4 drills a year of 8 h",
            missing="The book holds no compute prices.",
        ),
        line(
            "First copy", TRAFFIC, between("152", "557", "1254"), "0.02", unit="1 GB",
            kind=LineKind.ONE_TIME, to_region="northeurope", basis="the used data once",
        ),
        line(
            "First 31 days free", REPLICATION, exactly("1"), "25", unit="1/Month",
            region="northeurope", kind=LineKind.CREDIT, basis="azure-site-recovery pricing",
        ),
    )  # fmt: skip
    others.setdefault("met", frozenset({Event.REGION}))
    notes = ("A deleted or corrupted disk is replicated too: this is no backup.",)
    return assessment("site-recovery", REPLICATED, lines, (IN_REPLICA,), notes=notes, **others)


def snapshots(disks: str = "web-01-os and web-01-data", **others: Any) -> Assessment:
    lines = (
        line(
            "Snapshots",
            SNAPSHOT,
            between("161", "620.11", "1650"),
            "0.05",
            basis="7 points, incremental, on used size",
        ),
    )
    reasons = (
        Reason(
            "common-moment",
            Verdict.NO,
            f"Snapshots of {disks} have no common moment.",
            "disks-incremental-snapshots, 2024-12-09",
            blocking=False,
        ),
    )
    others.setdefault("reasons", reasons)
    others.setdefault("met", frozenset({Event.DELETION}))
    return assessment("snapshots", SNAPPED, lines, (BESIDE,), **others)


def plan(*parts: Assessment, unmet: tuple[str, ...] = (), in_place: bool = False) -> Plan:
    lines = tuple(each for part in parts for each in part.lines)
    met = frozenset(event for part in parts for event in part.met)
    return Plan(parts=parts, monthly=total(lines, "USD"), met=met, unmet=unmet, in_place=in_place)


_BEGINNINGS = {
    Course.KEEP: "Keep",
    Course.PROTECT: "Protect it with",
    Course.NOTHING_MEETS: "Nothing that this VM may use meets the need. The nearest is",
}


def decision(chosen: Plan | None, near: Plan | None = None) -> Decision:
    """What follows from a plan that meets the need, or from the nearest of those that do not."""
    course = Course.NOTHING_MEETS
    if chosen:
        course = Course.KEEP if chosen.in_place else Course.PROTECT
    return Decision(
        courses=(course,),
        plan=chosen or near,
        meets=Meets.YES if chosen else Meets.NO,
        conditions=(),
        today=None,
        difference=None,
        gaps=(),
        unmet=near.unmet if near else (),
        alternatives=(),
        irreversible=(),
        sentence=_sentence(course, chosen or near),
        brief=_brief(course, chosen or near),
    )


def _brief(course: Course, taken: Plan | None) -> str:
    names = [option_name(option) for option in taken.options] if taken else []
    return f"{_BEGINNINGS[course]} {listed(names)}" if names else ""


def _sentence(course: Course, taken: Plan | None) -> str:
    return f"{_BEGINNINGS[course]} {plan_words(taken) if taken else 'nothing'}."


def curve(first: str, last: str, steady: int) -> tuple[MonthOfBill, ...]:
    """Straight from the first month to the steady one."""
    start, end = Decimal(first), Decimal(last)
    step = (end - start) / max(1, steady - 1)
    likely = [start + step * month for month in range(steady - 1)] + [end]
    return tuple(
        MonthOfBill(
            month=month,
            amount=Range(amount * Decimal("0.5"), amount, amount * 2).times(Decimal(1)),
        )
        for month, amount in enumerate(likely, start=1)
    )
