"""Jobs of Azure Backup and Site Recovery as times that restores and failovers took.

Shapes: recoveryservicesbackup 2026-10-01 `backupJobs`, recoveryservicessiterecovery 2025-08-01
`replicationJobs`. A job names its VM and no id of it; one of Azure Backup may name the container,
and with it the resource group (`containerName`, which no example has). Where it does not, two VMs
of one name in one vault cannot be told apart. Only what was completed is a measurement.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory.fields import Fields
from advisor.model import RestoredFrom

RESTORE, RESTORE_IN_PAIR = "restore", "crossregionrestore"
_DONE, _SUCCEEDED = "completed", "succeeded"
#: What restores a VM by Site Recovery, and how a person calls it.
FAILOVERS: Mapping[str, str] = {
    "testfailover": "a test failover",
    "unplannedfailover": "a failover",
    "plannedfailover": "a planned failover",
    "failover": "a failover",
}
#: `Job Type` of a restore that leaves disks and makes no VM (backup-cli restore-disks, 2019-12;
#: the keys of a property bag are in no specification).
_DISKS_ALONE = "recover disks"
_JOB_TYPE, _POINT_TIME = "job type", "recovery point time"
#: How a property bag writes a time: as a person in the United States does, in UTC.
_BAG_TIME = "%m/%d/%Y %I:%M:%S %p"


class TimedJob(NamedTuple):
    """A job that was completed: whose, what, and from when to when."""

    id: str
    vm: str  #: the name that the job gives it
    operation: str  #: lower-cased
    started: datetime
    ended: datetime
    group: str = ""  #: the VM's resource group, lower-cased; empty: the job does not say it

    @property
    def took(self) -> timedelta:
        return self.ended - self.started


class RestoreDetails(NamedTuple):
    """What the details of a restore say of it; None: they do not say."""

    makes_vm: bool
    point_made: datetime | None


def restore_job(body: Mapping[str, Any]) -> TimedJob | None:
    """A restore of a VM by Azure Backup that was completed. None: it is none, or lacks a time."""
    found = _job(body, "entityFriendlyName", "operation", "status", _DONE)
    return found if found and found.operation in (RESTORE, RESTORE_IN_PAIR) else None


def failover_job(body: Mapping[str, Any]) -> TimedJob | None:
    """A failover or a test failover that succeeded. None: it is none, or lacks a time."""
    found = _job(body, "targetObjectName", "scenarioName", "state", _SUCCEEDED)
    return found if found and found.operation in FAILOVERS else None


def _job(
    body: Mapping[str, Any], name: str, operation: str, state: str, done: str
) -> TimedJob | None:
    try:
        top = Fields(body, "Azure's answer", "$")
        inner = top.inner("properties")
        if (inner.text(state) or "").lower() != done:
            return None
        vm, started, ended = inner.text(name), inner.moment("startTime"), inner.moment("endTime")
        what, arm_id = (inner.text(operation) or "").lower(), top.text("id") or ""
        group = group_of(inner.text("containerName"))
    except InputUnreadable:
        return None
    if not (vm and started and ended and started < ended):
        return None
    return TimedJob(arm_id, vm, what, started, ended, group)


def group_of(container: str | None) -> str:
    """The lower-cased resource group in a container's name; empty where it names none.

    `IaasVMContainer;iaasvmcontainerv2;rg-app;app-01`, with or without its first part.
    """
    parts = (container or "").lower().split(";")
    return parts[-2] if len(parts) > 2 else ""


def restore_details(body: Mapping[str, Any]) -> RestoreDetails | None:
    """What the property bag of a restore says; None where there is none."""
    extended = (body.get("properties") or {}).get("extendedInfo") or {}
    written = extended.get("propertyBag") if isinstance(extended, Mapping) else None
    if not isinstance(written, Mapping):
        return None
    bag = {str(key).strip().lower(): str(value).strip() for key, value in written.items()}
    kind = bag.get(_JOB_TYPE, "").lower()
    return RestoreDetails(bool(kind) and kind != _DISKS_ALONE, _bag_time(bag.get(_POINT_TIME, "")))


def _bag_time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.strptime(f"{text} +0000", f"{_BAG_TIME} %z")
        except ValueError:
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def restored_from(
    job: TimedJob, details: RestoreDetails | None, instant_days: int | None
) -> RestoredFrom | None:
    """Which tier the point was in. None: that cannot be told, and the job measures no tier.

    A point that still is beside the disks is restored from there (backup-instant-restore-
    capability, 2025-06-16); `instant_days` is how long the VM's policy keeps it.
    """
    if job.operation == RESTORE_IN_PAIR:
        return RestoredFrom.SECONDARY
    if details is None or details.point_made is None or instant_days is None:
        return None
    is_near = job.started - details.point_made < timedelta(days=instant_days)
    return RestoredFrom.INSTANT if is_near else RestoredFrom.VAULT
