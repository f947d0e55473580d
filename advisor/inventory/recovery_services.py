"""One ARM-shaped dict of Microsoft.RecoveryServices into a frozen type: vaults, policies, items.

Like `arm.py`: REST, Resource Graph and the Azure CLI's shape; a shape that is not known raises
InputUnreadable naming the key. A schedule or retention we do not know is never "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from advisor.inventory.arm import lowered_id, opened, split_id
from advisor.inventory.fields import Fields
from advisor.model import BackupPolicy, Retention, Vault
from advisor.regions import region_name

VAULT_TYPE = "microsoft.recoveryservices/vaults"
POLICY_TYPE = "microsoft.recoveryservices/vaults/backuppolicies"
ITEM_TYPE = "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"
REPLICATED_TYPE = (
    "microsoft.recoveryservices/vaults/replicationfabrics/"
    "replicationprotectioncontainers/replicationprotecteditems"
)
REPLICATION_POLICY_TYPE = "microsoft.recoveryservices/vaults/replicationpolicies"

_VM_MANAGEMENT = "azureiaasvm"
_AZURE_TO_AZURE = "a2a"
#: recoveryservices vaults 2024-04-01: standardTierStorageRedundancy. "Invalid" says nothing.
_REDUNDANCY = {
    "locallyredundant": "lrs",
    "zoneredundant": "zrs",
    "georedundant": "grs",
    "invalid": None,
}
#: recoveryservicesbackup 2024-04-01: durationType, in days. A month is counted as 31 days
#: (backup-azure-vm-backup-faq, 2025-12-09).
_DAYS = {"days": 1, "weeks": 7, "months": 31, "years": 366}
_SCHEDULES = {
    "dailySchedule": ("daily", "days"),
    "weeklySchedule": ("weekly", "weeks"),
    "monthlySchedule": ("monthly", "months"),
    "yearlySchedule": ("yearly", "years"),
}
_DAY = timedelta(days=1)
_MOST_KEPT = 100_000  #: a vault keeps 9,999 points of an item
#: Days of instant restore where a policy does not say: backup-instant-restore-capability,
#: 2025-06-16; backup-azure-vms-enhanced-policy, 2025-06-11. A weekly Standard policy has five.
_INSTANT_RESTORE_DAYS = {"standard": 2, "standard weekly": 5, "enhanced": 7}
_TIERING = {"tierrecommended": True, "tierafter": True, "donottier": False, "invalid": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupItem:
    """A protected item of a vault, not yet matched to a VM."""

    id: str
    vault_id: str  #: lower-cased
    management: str  #: azureiaasvm for VMs, lower-cased
    source_id: str | None  #: lower-cased id of the VM
    policy_id: str | None = None  #: lower-cased
    policy_name: str | None = None
    state: str = ""  #: protectionState
    current_state: str = ""  #: currentProtectionState, of Resource Graph
    soft_deleted: bool = False
    health: str = ""
    last_status: str = ""  #: lastBackupStatus
    last_backup: datetime | None = None
    last_point: datetime | None = None

    @property
    def key(self) -> str:
        return self.id.lower()

    @property
    def of_vm(self) -> bool:
        return self.management == _VM_MANAGEMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatedItem:
    """A replication protected item, not yet matched to a VM."""

    id: str
    vault_id: str  #: lower-cased
    instance: str  #: a2a for VMs of Azure, lower-cased
    source_id: str | None  #: lower-cased id of the VM
    target: str | None = None  #: a region, or zone:N
    state: str = ""  #: protectionState
    health: str = ""  #: replicationHealth
    rpo: timedelta | None = None
    rpo_at: datetime | None = None  #: lastRpoCalculatedTime
    last_test_failover: datetime | None = None
    policy_id: str | None = None  #: lower-cased
    policy_name: str | None = None
    active_location: str = ""  #: Primary or Recovery

    @property
    def key(self) -> str:
        return self.id.lower()

    @property
    def of_vm(self) -> bool:
        return self.instance == _AZURE_TO_AZURE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationPolicy:
    """How far back Site Recovery keeps recovery points. None: not read."""

    id: str
    recovery_points: timedelta | None


def vault_id_of(arm_id: str) -> str | None:
    """The lower-cased id of the vault that an id lies under."""
    # A resource group may be called “vaults” too.
    head, found, rest = arm_id.lower().partition(f"/providers/{VAULT_TYPE}/")
    name = rest.split("/", 1)[0]
    return f"{head}{found}{name}" if found and name and split_id(f"{head}{found}{name}") else None


def parse_vault(body: Mapping[str, Any], source: str, place: str) -> Vault:
    """A Recovery Services vault."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    parts = split_id(arm_id)
    if parts is None or parts.type != VAULT_TYPE:
        raise top.refusal("id", f"id is not the id of a Recovery Services vault: “{arm_id[:200]}”.")
    security = properties.inner("securitySettings")
    return Vault(
        id=arm_id,
        name=top.text("name") or parts.name,
        region=region_name(top.needed("location")),
        redundancy=_redundancy(properties.inner("redundancySettings")),
        soft_delete=security.inner("softDeleteSettings").text("softDeleteState"),
        immutability=security.inner("immutabilitySettings").text("state"),
    )


def parse_policy(body: Mapping[str, Any], source: str, place: str) -> BackupPolicy | None:
    """A backup policy for VMs; None for a policy of something else (files, databases)."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    management = properties.needed("backupManagementType")
    if management.lower() != _VM_MANAGEMENT:
        return None
    schedule = properties.inner("schedulePolicy")
    return BackupPolicy(
        name=top.text("name") or arm_id.rsplit("/", 1)[-1],
        id=arm_id,
        enhanced=_enhanced(properties),
        every=_every(schedule),
        instant_restore_days=_instant_restore_days(properties, schedule),
        retention=_retention(properties.inner("retentionPolicy")),
        archive=_archive(properties.inner("tieringPolicy")),
    )


def parse_backup_item(body: Mapping[str, Any], source: str, place: str) -> BackupItem:
    """A protected item. One of a VM must say which VM."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    management = properties.needed("backupManagementType").lower()
    source_id = _item_source(properties)
    if management == _VM_MANAGEMENT and source_id is None:
        raise properties.refusal(
            "", "sourceResourceId is missing: which VM is backed up is not known."
        )
    return BackupItem(
        id=arm_id,
        vault_id=_needed_vault(top, arm_id, properties.text("vaultId")),
        management=management,
        source_id=source_id,
        policy_id=lowered_id(properties.text("policyId")),
        policy_name=properties.text("policyName") or properties.inner("policyInfo").text("name"),
        state=properties.text("protectionState") or "",
        current_state=properties.text("currentProtectionState") or "",
        soft_deleted=properties.flag("isScheduledForDeferredDelete") or False,
        health=properties.text("healthStatus") or "",
        last_status=properties.text("lastBackupStatus") or "",
        last_backup=properties.moment("lastBackupTime"),
        last_point=properties.moment("lastRecoveryPoint"),
    )


def parse_replicated_item(body: Mapping[str, Any], source: str, place: str) -> ReplicatedItem:
    """A replication protected item. One of an Azure VM must say which VM."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    details = properties.inner("providerSpecificDetails")
    instance = details.needed("instanceType").lower()
    source_id = _replicated_source(details)
    if instance == _AZURE_TO_AZURE and source_id is None:
        raise details.refusal("", "fabricObjectId is missing: which VM is replicated is not known.")
    rpo = details.whole("rpoInSeconds")
    return ReplicatedItem(
        id=arm_id,
        vault_id=_needed_vault(top, arm_id, None),
        instance=instance,
        source_id=source_id,
        target=_target(details),
        state=properties.text("protectionState") or "",
        health=properties.text("replicationHealth") or "",
        rpo=None if rpo is None else timedelta(seconds=rpo),
        rpo_at=details.moment("lastRpoCalculatedTime"),
        last_test_failover=properties.moment("lastSuccessfulTestFailoverTime"),
        policy_id=lowered_id(properties.text("policyId")),
        policy_name=properties.text("policyFriendlyName"),
        active_location=properties.text("activeLocation") or "",
    )


def parse_replication_policy(body: Mapping[str, Any], source: str, place: str) -> ReplicationPolicy:
    """A replication policy: `recoveryPointHistory` is in minutes."""
    top, properties = opened(body, source, place)
    minutes = properties.inner("providerSpecificDetails").whole("recoveryPointHistory")
    return ReplicationPolicy(
        id=top.needed("id"),
        recovery_points=None if minutes is None else timedelta(minutes=minutes),
    )


def _redundancy(settings: Fields) -> str | None:
    said = settings.text("standardTierStorageRedundancy")
    if said is None:
        return None
    if said.lower() not in _REDUNDANCY:
        raise settings.refusal(
            "standardTierStorageRedundancy",
            f"standardTierStorageRedundancy is “{said}”, a redundancy we do not know.",
        )
    redundancy = _REDUNDANCY[said.lower()]
    cross_region = (settings.text("crossRegionRestore") or "").lower() == "enabled"
    return "grs-crr" if redundancy == "grs" and cross_region else redundancy


def _enhanced(properties: Fields) -> bool:
    """Enhanced is policyType V2; older answers tell it by the schedule's type only."""
    kind = (properties.text("policyType") or "").upper()
    schedule = properties.inner("schedulePolicy").text("schedulePolicyType") or ""
    if kind not in ("", "V1", "V2", "INVALID"):
        raise properties.refusal("policyType", f"policyType is “{kind}”, a policy we do not know.")
    return kind == "V2" or schedule.lower() == "simpleschedulepolicyv2"


def _instant_restore_days(properties: Fields, schedule: Fields) -> int:
    weekly = (schedule.text("scheduleRunFrequency") or "").lower() == "weekly"
    kind = "enhanced" if _enhanced(properties) else "standard weekly" if weekly else "standard"
    said = properties.whole("instantRpRetentionRangeInDays", _MOST_KEPT)
    return _INSTANT_RESTORE_DAYS[kind] if said is None else said


def _every(schedule: Fields) -> timedelta:
    """The time between backups, by scheduleRunFrequency: Hourly, Daily or Weekly."""
    kind = schedule.needed("schedulePolicyType")
    if kind.lower() not in ("simpleschedulepolicy", "simpleschedulepolicyv2"):
        raise schedule.refusal(
            "schedulePolicyType", f"schedulePolicyType is “{kind}”, a schedule we do not know."
        )
    frequency = schedule.needed("scheduleRunFrequency").lower()
    if frequency == "hourly":
        return _hourly(schedule.inner("hourlySchedule"))
    if frequency == "daily":
        return _DAY
    if frequency == "weekly":
        return _weekly(schedule)
    raise schedule.refusal(
        "scheduleRunFrequency",
        f"scheduleRunFrequency is “{frequency}”, a schedule we do not know.",
    )


def _hourly(hourly: Fields) -> timedelta:
    hours = hourly.whole("interval")
    if not hours:
        raise hourly.refusal(
            "interval", "interval is missing: how often the VM is backed up is unknown."
        )
    return timedelta(hours=hours)


def _weekly(schedule: Fields) -> timedelta:
    """The longest time between two backups of the week."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    inner = schedule.inner("weeklySchedule")
    days = inner.texts("scheduleRunDays") or schedule.texts("scheduleRunDays")
    unknown = [day for day in days if day.lower() not in names]
    if not days or unknown:
        raise schedule.refusal(
            "scheduleRunDays", "scheduleRunDays names no day, or one we do not know."
        )
    numbers = sorted({names.index(day.lower()) for day in days})
    following = [*numbers[1:], numbers[0] + 7]
    return max(b - a for a, b in zip(numbers, following, strict=True)) * _DAY


def _retention(policy: Fields) -> Retention:
    kind = policy.needed("retentionPolicyType")
    if kind.lower() == "simpleretentionpolicy":
        return Retention(daily=_count(policy, "retentionDuration", "days"))
    if kind.lower() != "longtermretentionpolicy":
        raise policy.refusal(
            "retentionPolicyType", f"retentionPolicyType is “{kind}”, a retention we do not know."
        )
    return Retention(
        **{
            name: _count(policy.inner(schedule), "retentionDuration", unit)
            for schedule, (name, unit) in _SCHEDULES.items()
            if policy.has(schedule)
        }
    )


def _count(schedule: Fields, key: str, unit: str) -> int:
    """How many points a duration keeps, rounded up to whole ones of the schedule's unit."""
    duration = schedule.inner(key)
    count, written = duration.whole("count", _MOST_KEPT), duration.needed("durationType")
    if count is None:
        raise duration.refusal("", "count is missing: how long points are kept is not known.")
    if written.lower() not in _DAYS:
        raise duration.refusal(
            "durationType", f"durationType is “{written}”, a duration we do not know."
        )
    return -(-count * _DAYS[written.lower()] // _DAYS[unit])


def _archive(tiering: Fields) -> bool:
    """Whether old points move to the archive tier: tieringPolicy.ArchivedRP.tieringMode."""
    archived = tiering.inner("ArchivedRP")
    mode = archived.text("tieringMode")
    if mode is None:
        return False
    if mode.lower() not in _TIERING:
        raise archived.refusal("tieringMode", f"tieringMode is “{mode}”, a mode we do not know.")
    return bool(_TIERING[mode.lower()])


def _item_source(properties: Fields) -> str | None:
    in_graph = properties.inner("dataSourceInfo").text("resourceID")
    said = properties.text("sourceResourceId") or properties.text("virtualMachineId") or in_graph
    return lowered_id(said)


def _replicated_source(details: Fields) -> str | None:
    said = details.inner("dataSourceInfo").text("resourceId") or details.text("fabricObjectId")
    return lowered_id(said)


def _needed_vault(top: Fields, arm_id: str, otherwise: str | None) -> str:
    vault = vault_id_of(arm_id) or vault_id_of(otherwise or "")
    if vault is None:
        raise top.refusal("id", f"id is not the id of something in a vault: “{arm_id[:200]}”.")
    return vault


def _target(details: Fields) -> str | None:
    """`zone:N` where the copy stays in its region, else the region."""
    there = region_name(details.text("recoveryFabricLocation") or "")
    here = region_name(details.text("primaryFabricLocation") or "")
    zone = details.text("recoveryAvailabilityZone")
    if zone and (not there or there == here):
        return f"zone:{zone}"
    return there or None
