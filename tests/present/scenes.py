"""Four scenes to present: the most critical, a missing price, a test machine, an estimate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from advisor.model import (
    Advice,
    Assessment,
    BackupPolicy,
    Consistency,
    Estimated,
    EventNeed,
    InPlace,
    KnownVm,
    Narrowing,
    Need,
    Protection,
    ProtectionKind,
    ProtectionNow,
    ProtectionState,
    Reason,
    Retention,
    StateNow,
    Vault,
    Verdict,
)
from advisor.prices.reserved import reserved_savings
from tests.present.factories import (
    DAY,
    HOUR,
    backup,
    between,
    curve,
    decision,
    disk,
    exactly,
    plan,
    site_recovery,
    sizing,
    snapshots,
    vm,
)

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


PAYS_FROM = (
    "Site Recovery is worth it where less than 36 h may be lost with the region",
    "snapshots are cheaper below 9 days of retention",
)


DEVELOPMENT = Need(
    deletion=EventNeed(rpo=DAY),
    retention=Retention(daily=7),
    tier="development",
    origin={"deletion": "tier development, by tag environment"},
)
NARROWING = (
    Narrowing("the 557 GB in use", "--used", Decimal("290"), Decimal("330")),
    Narrowing("the 11.1 GB changed a day", "--churn", Decimal("305"), Decimal("312")),
)


def told(state: StateNow, words: str) -> dict[str, Any]:
    """The state of the VM, and the age of the prices."""
    return {"now": ProtectionNow(state, words), "prices_age_days": 99}


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
        decision=decision(chosen),
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
            snapshots(unmet=("Whoever can delete the VM can delete them.",)),
            snapshots(unmet=("Not isolated.",)),
        ),
        break_evens=PAYS_FROM,
        drives_spread="The used size drives most of the spread: it is assumed. Take one incremental"
        " snapshot and read its billed GB a day later, or pass --used 47GB",
        by_month=curve("230.40", "341.9247", 4),
        warnings=("The backup of this VM was stopped: there is no new point since 2026-08-01",),
        currency="USD",
        prices_as_of="2026-08-22",
        narrowing=NARROWING,
        **told(StateNow.UNPROTECTED, "Azure Backup is stopped, its old points are kept"),
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


def _refused() -> Assessment:
    """Site Recovery is not allowed, and says why."""
    return site_recovery(
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


def _unclear() -> Assessment:
    """Snapshots of a disk that could not be read."""
    return snapshots(
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
    refused = _refused()
    unclear = _unclear()
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
        decision=decision(None, plan(stored, unmet=stored.unmet)),
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
        **told(StateNow.UNKNOWN, "not in vault v1; the other vaults were not read"),
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
        need=DEVELOPMENT,
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
        decision=decision(plan(chosen, in_place=True)),
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
        **told(StateNow.PROTECTED, "7 snapshots, last point 5 h ago"),
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
        savings=reserved_savings(backup().lines),
    )
