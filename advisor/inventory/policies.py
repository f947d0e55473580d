"""Backup policies of Recovery Services vaults: how often, how long apart, and what is kept.

A schedule or retention that we do not know is refused by its key and never "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from advisor.inventory.arm import opened
from advisor.inventory.fields import Fields
from advisor.model import BackupPolicy, Retention

POLICY_TYPE = "microsoft.recoveryservices/vaults/backuppolicies"
VM_MANAGEMENT = "azureiaasvm"
WORKLOAD_MANAGEMENT = "azureworkload"

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
_HOURS = 24
#: What the portal sets where a policy does not say it (backup-azure-vms-enhanced-policy,
#: 2025-06-11): the window of an hourly schedule is the whole day.
_WINDOW_HOURS = 24
_MOST_KEPT = 100_000  #: a vault keeps 9,999 points of an item
#: Days of instant restore where a policy does not say: backup-instant-restore-capability,
#: 2025-06-16; backup-azure-vms-enhanced-policy, 2025-06-11. A weekly Standard policy has five.
_INSTANT_RESTORE_DAYS = {"standard": 2, "standard weekly": 5, "enhanced": 7}
_TIERING = {"tierrecommended": True, "tierafter": True, "donottier": False, "invalid": None}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SIMPLE = ("simpleschedulepolicy", "simpleschedulepolicyv2")
#: recoveryservicesbackup 2026-10-01, IaasVMSnapshotConsistencyType: its only value.
_CRASH_ONLY = "onlycrashconsistent"


def parse_policy(body: Mapping[str, Any], source: str, place: str) -> BackupPolicy | None:
    """A backup policy for VMs or for databases in them; None for one of something else."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    name = top.text("name") or arm_id.rsplit("/", 1)[-1]
    management = properties.needed("backupManagementType").lower()
    if management == WORKLOAD_MANAGEMENT:
        return BackupPolicy(name=name, id=arm_id, every=_every_of_databases(properties))
    if management != VM_MANAGEMENT:
        return None
    schedule = properties.inner("schedulePolicy")
    interval = _interval(schedule)
    return BackupPolicy(
        name=name,
        id=arm_id,
        enhanced=_enhanced(properties),
        every=_every(schedule),
        interval=interval,
        every_at_worst=_every_at_worst(schedule),
        crash_only=(properties.text("snapshotConsistencyType") or "").lower() == _CRASH_ONLY,
        instant_restore_days=_instant_restore_days(properties, schedule),
        retention=_retention(properties.inner("retentionPolicy")),
        archive=_archive(properties.inner("tieringPolicy")),
    )


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


# --- how often -------------------------------------------------------------------------------


def _every(schedule: Fields) -> timedelta:
    """The longest time between backups, by scheduleRunFrequency: Hourly, Daily or Weekly."""
    kind = schedule.needed("schedulePolicyType")
    if kind.lower() not in _SIMPLE:
        raise schedule.refusal(
            "schedulePolicyType", f"schedulePolicyType is “{kind}”, a schedule we do not know."
        )
    frequency = schedule.needed("scheduleRunFrequency").lower()
    if frequency == "hourly":
        return _hourly_gap(*_hourly(schedule))
    if frequency == "daily":
        return _DAY
    if frequency == "weekly":
        return _weekly(schedule)
    raise schedule.refusal(
        "scheduleRunFrequency",
        f"scheduleRunFrequency is “{frequency}”, a schedule we do not know.",
    )


def _interval(schedule: Fields) -> timedelta | None:
    """Between backups inside the window of an hourly schedule; None for any other."""
    if (schedule.text("scheduleRunFrequency") or "").lower() != "hourly":
        return None
    return timedelta(hours=_hourly(schedule)[0])


def _hourly(schedule: Fields) -> tuple[int, int]:
    """The interval and the window of an hourly schedule, in hours."""
    hourly = schedule.inner("hourlySchedule")
    hours = hourly.whole("interval", _HOURS)
    if not hours:
        raise hourly.refusal(
            "interval", "interval is missing: how often the VM is backed up is unknown."
        )
    window = hourly.whole("scheduleWindowDuration", _HOURS)
    return hours, _WINDOW_HOURS if window is None else window


def _hourly_gap(interval: int, window: int) -> timedelta:
    """Backups run at the start of the window and every `interval` hours while it lasts; then
    nothing until the next day (backup-azure-vms-enhanced-policy, 2025-06-11)."""
    last = interval * (min(window, _HOURS - 1) // interval)
    return timedelta(hours=max(interval if last else 0, _HOURS - last))


def _every_at_worst(schedule: Fields) -> timedelta | None:
    """The same where no backup runs just as the window ends, which no article decides."""
    if (schedule.text("scheduleRunFrequency") or "").lower() != "hourly":
        return None
    interval, window = _hourly(schedule)
    if not 0 < window < _HOURS or window % interval:
        return None
    return _hourly_gap(interval, window - 1)


def _weekly(schedule: Fields) -> timedelta:
    """The longest time between two backups of the week."""
    inner = schedule.inner("weeklySchedule")
    days = inner.texts("scheduleRunDays") or schedule.texts("scheduleRunDays")
    unknown = [day for day in days if day.lower() not in _WEEKDAYS]
    if not days or unknown:
        raise schedule.refusal(
            "scheduleRunDays", "scheduleRunDays names no day, or one we do not know."
        )
    numbers = sorted({_WEEKDAYS.index(day.lower()) for day in days})
    following = [*numbers[1:], numbers[0] + 7]
    return max(b - a for a, b in zip(numbers, following, strict=True)) * _DAY


def _every_of_databases(properties: Fields) -> timedelta | None:
    """Between log backups where there are some, else between the others; None where not said."""
    found: dict[str, timedelta] = {}
    for part in properties.each("subProtectionPolicy"):
        schedule = part.inner("schedulePolicy")
        kind = (part.text("policyType") or "").lower()
        if minutes := schedule.whole("scheduleFrequencyInMins"):
            found[kind] = timedelta(minutes=minutes)
        elif (schedule.text("schedulePolicyType") or "").lower() in _SIMPLE:
            found[kind] = _every(schedule)
    return found.get("log") or min(found.values(), default=None)


# --- how long --------------------------------------------------------------------------------


def _retention(policy: Fields) -> Retention:
    kind = policy.needed("retentionPolicyType")
    if kind.lower() == "simpleretentionpolicy":
        return Retention(daily=_count(policy, "retentionDuration", "days"))
    if kind.lower() != "longtermretentionpolicy":
        raise policy.refusal(
            "retentionPolicyType", f"retentionPolicyType is “{kind}”, a retention we do not know."
        )
    counts: dict[str, int] = {}
    for schedule, (name, unit) in _SCHEDULES.items():
        if policy.has(schedule):
            inner = policy.inner(schedule)
            counts[name] = _count(inner, "retentionDuration", unit)
            if name != "daily" and (more := _points_each_time(inner) - 1):
                counts[f"more_{name}"] = more
    return Retention(**counts)


def _points_each_time(schedule: Fields) -> int:
    """How many points of one week, month or year are kept: one for each entry that it names.

    A week names days of the week; a month days of it, or days of the week and weeks of the
    month; a year also names months.
    """
    months = len(set(schedule.texts("monthsOfYear"))) or 1
    weekly = schedule.inner("retentionScheduleWeekly")
    days = _several(weekly, "daysOfTheWeek") * _several(weekly, "weeksOfTheMonth")
    if (schedule.text("retentionScheduleFormatType") or "").lower() == "daily":
        days = sum(1 for _ in schedule.inner("retentionScheduleDaily").each("daysOfTheMonth")) or 1
    return months * days * _several(schedule, "daysOfTheWeek")


def _several(schedule: Fields, key: str) -> int:
    return len({one.lower() for one in schedule.texts(key)}) or 1


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
