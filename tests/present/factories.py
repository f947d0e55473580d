"""Advice made by hand, as large as real ones: three scenes and the pieces they are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from advisor.model import (
    NOTHING,
    Advice,
    Assessment,
    BackupPolicy,
    Consistency,
    Disk,
    DiskSize,
    Estimate,
    Estimated,
    Event,
    EventNeed,
    InPlace,
    KnownVm,
    Line,
    LineKind,
    Meter,
    Monthly,
    MonthOfBill,
    Need,
    Plan,
    PointTier,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
    Range,
    Reading,
    Reason,
    Recovery,
    Retention,
    Rto,
    Sizing,
    Source,
    Usage,
    Vault,
    Verdict,
    Vm,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
COUNTED = (LineKind.RECURRING, LineKind.DRILL)


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
    carried: bool = False,
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
        carried=carried,
        true_on="2026-08-22" if priced else "",
    )


def total(lines: tuple[Line, ...], currency: str = "USD") -> Monthly:
    counted = [each for each in lines if each.usage.kind in COUNTED]
    known = sum((each.monthly for each in counted if each.monthly), NOTHING)
    missing = tuple(
        each.missing for each in counted if each.monthly is None and not each.usage.optional
    )
    if missing:
        return Monthly(currency, known.low, None, None, missing)
    return Monthly(currency, known.low, known.likely, known.high)


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


def recovery_of(tiers: tuple[PointTier, ...]) -> dict[Event, Recovery | None]:
    best: dict[Event, Recovery | None] = dict.fromkeys(Event)
    for tier in tiers:
        for event in tier.events:
            now = best[event]
            if now is None or tier.rpo < now.rpo:
                best[event] = Recovery(tier.rpo, tier.rto, tier.name)
    return best


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
        recovery=recovery_of(tiers),
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
            carried=region != "westeurope",
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
            region="northeurope", basis="per machine, whatever its size", carried=True,
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
    return Plan(parts=parts, monthly=total(lines), met=met, unmet=unmet, in_place=in_place)


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


# --- three scenes ----------------------------------------------------------------------------

PRODUCTION = Need(
    deletion=EventNeed(rpo=DAY),
    region=EventNeed(rpo=timedelta(minutes=15), rto=HOUR),
    retention=Retention(daily=30, weekly=12),
    isolated=True,
    consistency=Consistency.FILE_SYSTEM,
    tier="mission-critical",
    origin={
        "deletion": "tier mission-critical, by tag criticality",
        "region": "tier mission-critical, by tag criticality",
        "retention": "flag",
    },
)


def mission_critical() -> Advice:
    """A pair is recommended; a backup that was stopped is in place and still costs."""
    machine = vm(tags={"criticality": "mission-critical"})
    stored = backup(unmet=("After the loss of the region it loses up to 36 h; asked are 15 min.",))
    copied = site_recovery(unmet=("It keeps no points that are out of reach after a deletion.",))
    chosen = plan(stored, copied)
    return Advice(
        known=KnownVm(vm=machine),
        need=PRODUCTION,
        sizing=sizing(
            machine.disks,
            between("121.6", "556.8", "1139.2"),
            between("1.216", "11.136", "79.744"),
            exactly("36.2"),
        ),
        in_place=(stopped_backup(stored),),
        unprotected="",
        not_read=("the restore points: not supplied (az restore-point collection list -o json)",),
        recommended=chosen,
        reasons=(
            "Azure Backup alone loses up to 36 h when the region is lost; 15 min are asked for",
            "Site Recovery brings the VM back within 1 h in northeurope",
            "It is the cheapest of the plans that are allowed and meet the need",
        ),
        not_covered=(
            "The loss of one zone of westeurope, which nobody asked for",
            "Data written in the last 24 h before a file is deleted",
        ),
        changes=(
            "The vault is GRS and holds backups, so Azure no longer lets its redundancy be"
            " changed: cross-region restore can be switched on, ZRS cannot be chosen",
        ),
        nearest=(),
        assessments=(
            stored,
            copied,
            snapshots(unmet=("They are not isolated: whoever can delete the VM can delete them.",)),
            snapshots(unmet=("Not isolated.",)),
        ),
        break_evens=(
            "Site Recovery pays only if less than 36 h may be lost with the region",
            "snapshots are cheaper below 9 days of retention",
        ),
        drives_spread="The used size drives most of the spread: it is assumed. Take one incremental"
        " snapshot and read its billed GB a day later, or pass --used 47GB",
        by_month=curve("230.40", "341.9247", 4),
        warnings=("The backup of this VM was stopped: there is no new point since 2026-08-01",),
        currency="USD",
        prices_as_of="2026-08-22",
    )


def stopped_backup(
    assessed: Assessment, state: ProtectionState = ProtectionState.STOPPED
) -> InPlace:
    return InPlace(
        protection=Protection(
            kind=ProtectionKind.BACKUP,
            state=state,
            last_point=datetime(2026, 8, 1, 2, 10, tzinfo=UTC),
            vault=Vault(id="/v1", name="vault-weu", redundancy="grs"),
            policy=BackupPolicy(
                name="DefaultPolicy",
                enhanced=False,
                every=DAY,
                instant_restore_days=2,
                retention=Retention(daily=30),
            ),
        ),
        age=timedelta(days=21, hours=4),
        assessment=assessed,
        sentence="Azure Backup in vault-weu is stopped and keeps its data; the last point is 21"
        " days old; 106.08 USD a month",
    )


def price_missing() -> Advice:
    """Nothing meets the need; the nearest plan has a price missing, another option is a no."""
    machine = vm(
        "db-02", region="northeurope", os_type="Linux", zones=(), power_state="deallocated"
    )
    stored = backup(
        "northeurope",
        None,
        unmet=("After the loss of the region it is back within 26 h at worst; asked are 4 h.",),
    )
    refused = site_recovery(
        verdict=Verdict.NO,
        reasons=(
            Reason(
                "nvme-controller",
                Verdict.NO,
                "The disk controller is NVMe, which Site Recovery does not replicate.",
                "azure-to-azure-support-matrix, 2026-02-11",
            ),
            Reason(
                "churn-limit",
                Verdict.UNKNOWN,
                "The peak writes are not known; at most 54 MB/s a VM are allowed.",
                "azure-to-azure-support-matrix, 2026-02-11",
                not_supplied=True,
            ),
        ),
        met=frozenset(),
        unmet=("It is not allowed.",),
    )
    unclear = snapshots(
        verdict=Verdict.UNKNOWN,
        reasons=(
            Reason(
                "ephemeral-disk",
                Verdict.UNKNOWN,
                "The details of web-01-data could not be read.",
                "snapshot-copy-managed-disk, 2025-05-01",
            ),
        ),
        unmet=("They do not survive the loss of the region.",),
    )
    return Advice(
        known=KnownVm(vm=machine),
        need=Need(
            deletion=EventNeed(rpo=DAY),
            region=EventNeed(rpo=36 * HOUR, rto=4 * HOUR),
            retention=Retention(daily=30, weekly=12),
            isolated=True,
            consistency=Consistency.FILE_SYSTEM,
            tier="production",
            origin={"deletion": "tier production, the default", "region": "flag"},
        ),
        sizing=sizing(
            machine.disks,
            between("121.6", "556.8", "1139.2"),
            between("1.216", "11.136", "79.744"),
            between("1.216", "33.408", "797.44"),
        ),
        in_place=(),
        unprotected="not in vault v1",
        not_read=(
            "the disk web-01-data: 403 AuthorizationFailed (Microsoft.Compute/disks/read)",
            "the backup items of other vaults: not supplied (az backup item list --vault-name V)",
        ),
        recommended=None,
        reasons=(),
        not_covered=(),
        changes=(),
        nearest=(plan(stored, unmet=stored.unmet),),
        assessments=(stored, unclear, refused),
        break_evens=(),
        drives_spread="The used size drives most of the spread",
        by_month=(),
        warnings=("The missing price of vault storage could change the answer",),
        currency="USD",
        prices_as_of="2026-08-22",
    )


HOSTILE = "[bold red]x[/] <b>y</b> |z| *w* \x1b[31m\u202e @team #12 https://evil.example `c`\nnext"


def development() -> Advice:
    """Snapshots for a test machine whose owners like markup in names."""
    machine = vm(
        "[red]test[/red]-<b>01</b>",
        resource_group="rg_*dev*",
        disks=(disk("os|disk", 30, os=True, sku="StandardSSD_LRS"),),
        tags={"environment": "dev", "note": HOSTILE},
    )
    chosen = snapshots(disks="os|disk", in_place=True)
    return Advice(
        known=KnownVm(vm=machine),
        need=Need(
            deletion=EventNeed(rpo=DAY),
            retention=Retention(daily=7),
            tier="development",
            origin={"deletion": "tier development, by tag environment"},
        ),
        sizing=sizing(
            machine.disks,
            between("1.5", "7.5", "27"),
            between("0.015", "0.15", "1.89"),
            exactly("1"),
        ),
        in_place=(
            InPlace(
                protection=Protection(
                    kind=ProtectionKind.SNAPSHOTS, state=ProtectionState.ACTIVE, count=7
                ),
                age=5 * HOUR,
                assessment=None,
                sentence=f"7 snapshots of {HOSTILE}",
            ),
        ),
        unprotected="",
        not_read=(),
        recommended=plan(chosen, in_place=True),
        reasons=("Snapshots are enough for a test machine, and the cheapest",),
        not_covered=("The loss of the zone or of the region",),
        changes=(),
        nearest=(),
        assessments=(chosen, backup(), site_recovery(unmet=("No points after a deletion.",))),
        break_evens=("snapshots are cheaper below 9 days of retention",),
        drives_spread="The used size drives most of the spread",
        by_month=curve("31.0055", "31.0055", 1),
        warnings=(),
        currency="USD",
        prices_as_of="2026-08-22",
    )


def estimated() -> Estimated:
    """What `estimate azure-backup` answers."""
    scene = mission_critical()
    return Estimated(
        sizing=scene.sizing,
        assessment=backup(meets_need=False, unmet=("x",)),
        by_month=curve("60.10", "106.0759", 4),
        drives_spread=scene.drives_spread,
        prices_as_of="2026-08-22",
    )
