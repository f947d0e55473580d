"""What a policy of Azure Backup allows: schedule, retention, days of instant restore."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from advisor.model import Reason, Retention, Verdict
from advisor.options.azure_backup.agent_rules import ENHANCED
from advisor.options.azure_backup.rules import MATRIX
from advisor.quantities import KEEP_LIMITS, format_duration
from advisor.retention import point_count

INSTANT_RESTORE = "backup-instant-restore-capability, 2025-06-16"
FAQ = "backup-azure-vm-backup-faq, 2025-12-09"

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
FEWEST_DAILY_POINTS = 7  # FAQ
MOST_POINTS = 9999  # MATRIX: recovery points of one protected instance


class Days(NamedTuple):
    """How many days something may be kept."""

    fewest: int
    most: int


#: INSTANT_RESTORE: days that instant-restore snapshots are kept, by policy.
STANDARD_DAYS = Days(1, 5)
STANDARD_WEEKLY_DAYS = Days(5, 5)
ENHANCED_WEEKLY_DAYS = Days(5, 20)
#: By hours between backups. 8 h is not given there; the 6 h figure holds.
ENHANCED_DAYS = {hours: Days(1, most) for hours, most in ((4, 17), (6, 22), (8, 22), (12, 30))}
ENHANCED_DAILY_DAYS = Days(1, 30)


# --- the policy ------------------------------------------------------------------------------

PolicyRule = Callable[[str, timedelta, int, Retention], Reason | None]


def instant_restore_limits(policy: str, every: timedelta) -> Days:
    """How many days a policy that runs so often keeps its instant-restore snapshots."""
    if policy == "standard":
        return STANDARD_WEEKLY_DAYS if every > DAY else STANDARD_DAYS
    if every > DAY:
        return ENHANCED_WEEKLY_DAYS
    return ENHANCED_DAYS.get(int(every.total_seconds() // 3600), ENHANCED_DAILY_DAYS)


def _instant_restore_days(
    policy: str, every: timedelta, days: int, keep: Retention
) -> Reason | None:
    limits = instant_restore_limits(policy, every)
    if limits.fewest <= days <= limits.most:
        return None
    span = f"{limits.fewest} to {limits.most}" if limits.fewest < limits.most else limits.most
    text = (
        f"Instant restore keeps {span} days with the {policy.title()} policy every"
        f" {format_duration(every)}, not {days}."
    )
    return Reason("instant-restore-days", Verdict.NO, text, INSTANT_RESTORE)


def _frequency(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    if policy == "enhanced" or every >= DAY:
        return None
    text = "A Standard policy runs once a day; more often needs the Enhanced policy."
    return Reason("policy-frequency", Verdict.NO, text, ENHANCED)


def _fewest_points(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    """A daily policy keeps at least a week of daily points, a weekly one none of them."""
    if every > DAY:
        if keep.weekly and not keep.daily:
            return None
        text = "A weekly policy keeps weekly points and no daily ones."
        return Reason("weekly-retention", Verdict.NO, text, FAQ)
    if keep.daily >= FEWEST_DAILY_POINTS:
        return None
    text = f"A daily policy keeps at least {FEWEST_DAILY_POINTS} daily points, not {keep.daily}."
    return Reason("daily-retention", Verdict.NO, text, FAQ)


def _longest_retention(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    for kind, most in KEEP_LIMITS.items():
        count = getattr(keep, kind)
        if count > most:
            text = f"A policy keeps at most {most} {kind} points, not {count}."
            return Reason("longest-retention", Verdict.NO, text, FAQ)
    return None


def _most_points(policy: str, every: timedelta, days: int, keep: Retention) -> Reason | None:
    count = point_count(keep)
    if count <= MOST_POINTS:
        return None
    text = f"{count} recovery points would be kept; Azure Backup keeps {MOST_POINTS} of a VM."
    return Reason("recovery-point-count", Verdict.NO, text, MATRIX)


POLICIES: tuple[PolicyRule, ...] = (
    _instant_restore_days,
    _frequency,
    _fewest_points,
    _longest_retention,
    _most_points,
)
