"""The parts of a situation: disks, machines, and what was found to protect them already."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from advisor.model import (
    BackupPolicy,
    Disk,
    Image,
    KnownVm,
    Meets,
    Protection,
    ProtectionKind,
    ProtectionState,
    Retention,
    Vault,
)
from tests.strategies import NOW, a_disk, a_vm, known

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRODUCTION_KEEP = Retention(daily=30, weekly=12)

SQL = Image(publisher="MicrosoftSQLServer", offer="sql2022-ws2022", sku="enterprise-gen2")
HANA = Image(publisher="SUSE", offer="sles-sap-15-sp5", sku="gen2")
WINDOWS = Image(publisher="MicrosoftWindowsServer", offer="WindowsServer", sku="2022-datacenter-g2")
APPLIANCE = Image(publisher="fortinet", offer="fortinet_fortigate-vm_v5", sku="fortinet_fg-vm")
GALLERY = Image(id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/g/i")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One VM with the right decision about it. `meets` None: either is right."""

    name: str
    vm: KnownVm
    flags: str = ""  #: as typed after the VM's name
    action: str
    options: tuple[str, ...]
    meets: Meets | None
    gaps: tuple[str, ...] = ()  #: disks that no point holds today, or would hold
    why: str  #: in the words of whoever decided


def data(name: str = "data0", lun: int = 0, **known: Any) -> Disk:
    return a_disk(name, is_os=False, lun=lun, **known)


def vm(*disks: Disk, protections: tuple[Protection, ...] = (), **facts: Any) -> KnownVm:
    """A Linux VM in West Europe around which all was read. `tags` by keyword."""
    around = {key: facts.pop(key) for key in ("coverage", "not_read") if key in facts}
    return known(a_vm(*disks, **facts), protections=protections, **around)


PROD = {"environment": "prod"}
DEV = {"environment": "dev"}
CRITICAL = {"criticality": "mission-critical"}


# --- what was found --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Backup:
    """An Azure Backup item as the production tier wants it, unless said otherwise."""

    redundancy: str = "grs-crr"
    enhanced: bool = False
    every: timedelta = DAY
    interval: timedelta | None = None
    keep: Retention = PRODUCTION_KEEP
    instant_days: int = 2
    state: ProtectionState = ProtectionState.ACTIVE
    age: timedelta | None = 7 * HOUR
    facts: dict[str, Any] = field(default_factory=dict)
    vault: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)

    def found(self) -> Protection:
        vault = {
            "id": "/subscriptions/s/resourceGroups/g/providers/v/v1",
            "name": "v1",
            "region": "westeurope",
            "redundancy": self.redundancy,
            "items": 1,
            "has_first_backup": True,
        }
        policy: dict[str, Any] = {
            "name": "daily",
            "enhanced": self.enhanced,
            "every": self.every,
            "interval": self.interval,
            "instant_restore_days": self.instant_days,
            "retention": self.keep,
            "archive": False,
        }
        return Protection(
            kind=ProtectionKind.BACKUP,
            state=self.state,
            last_point=None if self.age is None else NOW - self.age,
            vault=Vault(**{**vault, **self.vault}),
            policy=BackupPolicy(**{**policy, **self.policy}),
            **self.facts,
        )


def replication(
    target: str = "northeurope",
    state: ProtectionState = ProtectionState.ACTIVE,
    rpo: timedelta = timedelta(minutes=4),
    **facts: Any,
) -> Protection:
    """A healthy replication to the paired region, unless said otherwise."""
    return Protection(
        kind=ProtectionKind.SITE_RECOVERY,
        state=state,
        last_point=NOW - rpo,
        vault=Vault(id="/vaults/asr", name="asr", region=target),
        target=target,
        rpo=rpo,
        recovery_points=DAY,
        last_test_failover=NOW - 60 * DAY,
        **facts,
    )


def snapshots(count: int, age: timedelta, **facts: Any) -> Protection:
    """Snapshots that were taken by hand, the newest so old."""
    return Protection(
        kind=ProtectionKind.SNAPSHOTS,
        state=ProtectionState.ACTIVE,
        last_point=NOW - age,
        count=count,
        regions=("westeurope",),
        **facts,
    )


def disk_backup(every: timedelta, kept: timedelta, **facts: Any) -> Protection:
    """Azure Disk Backup of the VM's disks."""
    return Protection(
        kind=ProtectionKind.DISK_BACKUP,
        state=ProtectionState.ACTIVE,
        last_point=NOW - every / 2,
        every=every,
        kept=kept,
        count=int(kept / every),
        regions=("westeurope",),
        **facts,
    )
