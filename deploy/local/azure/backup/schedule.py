"""When a backup policy runs, and how long it keeps what it made. Pure: values in, values out.

Policies are ARM bodies' `properties`. Times of a policy are wall-clock times of its time zone
without daylight saving (Azure Backup support matrix: no automatic adjustment).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, timezone

from deploy.local.azure.backup.clock import read
from deploy.local.azure.world import Body

#: Standard offsets of Windows' names for time zones, in hours; others count as UTC.
_OFFSETS = {
    "UTC": 0.0,
    "GMT Standard Time": 0.0,
    "W. Europe Standard Time": 1.0,
    "Central Europe Standard Time": 1.0,
    "Romance Standard Time": 1.0,
    "FLE Standard Time": 2.0,
    "India Standard Time": 5.5,
    "Singapore Standard Time": 8.0,
    "Tokyo Standard Time": 9.0,
    "AUS Eastern Standard Time": 10.0,
    "Eastern Standard Time": -5.0,
    "Central Standard Time": -6.0,
    "Mountain Standard Time": -7.0,
    "Pacific Standard Time": -8.0,
}

#: A month counts as 31 days, a year as 372 (Azure Backup FAQ: 12 months = 372 days).
_DAYS = {"Days": 1, "Weeks": 7, "Months": 31, "Years": 372}
_ORDINALS = ("First", "Second", "Third", "Fourth")


def zone_of(policy: Body) -> timezone:
    return timezone(timedelta(hours=_OFFSETS.get(str(policy.get("timeZone", "UTC")), 0.0)))


def is_enhanced(policy: Body) -> bool:
    return policy.get("policyType") == "V2"


def instant_days(policy: Body) -> int:
    """Days for which the snapshots are kept: 2 by default, 7 with the Enhanced policy."""
    return int(policy.get("instantRpRetentionRangeInDays") or (7 if is_enhanced(policy) else 2))


def runs(policy: Body, after: datetime, until: datetime) -> list[datetime]:
    """When the policy runs in (after, until], in order."""
    zone = zone_of(policy)
    day = (after - timedelta(days=2)).astimezone(zone).date()
    found: list[datetime] = []
    while datetime.combine(day, time(), zone) <= until:
        midnight = datetime.combine(day, time(), zone)
        found += [midnight + span for span in _of_day(policy, calendar.day_name[day.weekday()])]
        day += timedelta(days=1)
    return sorted(when.astimezone(UTC) for when in found if after < when <= until)


def next_run(policy: Body, after: datetime) -> datetime:
    """The first run after a moment; a weekly policy's is at most 8 days away."""
    return next(iter(runs(policy, after, after + timedelta(days=9))), after + timedelta(days=9))


def goes_to_vault(policy: Body, when: datetime) -> bool:
    """Whether that run is copied to the vault: an hourly policy copies the day's last alone."""
    if _frequency(policy) != "Hourly":
        return True
    midnight = datetime.combine(when.astimezone(zone_of(policy)).date(), time(), zone_of(policy))
    window = list(_of_day(policy, ""))
    return any(
        abs(when - (day + window[-1])) < timedelta(minutes=1)
        for day in (midnight, midnight - timedelta(days=1))
    )


def _frequency(policy: Body) -> str:
    return str(policy.get("schedulePolicy", {}).get("scheduleRunFrequency", "Daily"))


def _of_day(policy: Body, weekday: str) -> Iterator[timedelta]:
    """Spans after midnight at which the policy runs on such a day."""
    plan = policy.get("schedulePolicy", {})
    if _frequency(policy) == "Hourly":
        hourly = plan["hourlySchedule"]
        first = _clock_time(hourly["scheduleWindowStartTime"])
        steps = range(0, int(hourly["scheduleWindowDuration"]), int(hourly["interval"]))
        yield from (first + timedelta(hours=step) for step in steps)
        return
    part = plan
    if plan.get("schedulePolicyType") == "SimpleSchedulePolicyV2":
        part = plan.get("weeklySchedule" if _frequency(policy) == "Weekly" else "dailySchedule", {})
    if _frequency(policy) == "Weekly" and weekday not in (part.get("scheduleRunDays") or []):
        return
    yield from (_clock_time(text) for text in part.get("scheduleRunTimes") or [])


def _clock_time(text: str) -> timedelta:
    when = read(text)
    return timedelta(hours=when.hour, minutes=when.minute) if when else timedelta()


def vault_expiry(policy: Body, taken: datetime) -> datetime | None:
    """When a point taken then leaves the vault; None if no schedule of the policy keeps it."""
    kept = [_longest(part) for part in _parts_keeping(policy, taken)]
    return taken + max(kept) if kept else None


def longest(policy: Body) -> timedelta:
    """The longest that any point of the policy is kept in the vault."""
    retention = policy.get("retentionPolicy", {})
    spans = [_longest(part) for part in retention.values() if isinstance(part, dict)]
    return max(spans, default=timedelta())


def _longest(part: Body) -> timedelta:
    kept = part.get("retentionDuration") or {}
    return timedelta(days=int(kept.get("count", 0)) * _DAYS.get(str(kept.get("durationType")), 1))


def _parts_keeping(policy: Body, taken: datetime) -> Iterator[Body]:
    retention = policy.get("retentionPolicy", {})
    if retention.get("retentionDuration"):  # SimpleRetentionPolicy
        yield retention
    local = taken.astimezone(zone_of(policy))
    if daily := retention.get("dailySchedule"):
        yield daily
    if (weekly := retention.get("weeklySchedule")) and _on_weekday(weekly, local):
        yield weekly
    if (monthly := retention.get("monthlySchedule")) and _in_month(monthly, local):
        yield monthly
    yearly = retention.get("yearlySchedule")
    if yearly and f"{local:%B}" in (yearly.get("monthsOfYear") or []) and _in_month(yearly, local):
        yield yearly


def _on_weekday(part: Body, when: datetime) -> bool:
    return calendar.day_name[when.weekday()] in (part.get("daysOfTheWeek") or [])


def _in_month(part: Body, when: datetime) -> bool:
    last_day = calendar.monthrange(when.year, when.month)[1]
    if part.get("retentionScheduleFormatType") == "Daily":
        days = (part.get("retentionScheduleDaily") or {}).get("daysOfTheMonth") or []
        return any(
            day.get("date") == when.day or (day.get("isLast") and when.day == last_day)
            for day in days
        )
    weekly = part.get("retentionScheduleWeekly") or {}
    names = {_ORDINALS[(when.day - 1) // 7]} if when.day <= 28 else set()
    names |= {"Last"} if when.day + 7 > last_day else set()
    return _on_weekday(weekly, when) and bool(names & set(weekly.get("weeksOfTheMonth") or []))
