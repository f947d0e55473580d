"""Which recovery points Azure Backup moves to the archive tier, and how long they take back.

Archive (archive-tier-support, 2025-06-24): monthly and yearly points, at least 3 months old with at
least 6 months left, each moved as a full copy; not with zone-redundant vaults; never restored in
the paired region, not even once they are put back.
"""

from __future__ import annotations

from datetime import timedelta

from advisor.model import Retention
from advisor.retention import (
    DAYS_PER_YEAR,
    MONTHS_PER_YEAR,
    RETENTION_DAYS,
    anniversary_age,
    span_days,
)

ARCHIVE = "archive-tier-support, 2025-06-24"

#: ARCHIVE: a point moves when 3 months old and with 6 months left.
ARCHIVE_AFTER_MONTHS = 3
ARCHIVE_LEAST_MONTHS_LEFT = 6
#: ARCHIVE: not zone-redundant ones.
ARCHIVE_REDUNDANCIES = ("lrs", "grs", "grs-crr")
#: use-archive-tier-support, 2026-02-04, points to blob rehydration: up to 15 h at standard
#: priority; high priority is for objects below 10 GB, which a disk is not.
REHYDRATION = timedelta(hours=15)
#: A point is this old at least before it lies there.
ARCHIVE_RPO = timedelta(days=ARCHIVE_AFTER_MONTHS * RETENTION_DAYS["monthly"])


def archived_points(keep: Retention) -> tuple[tuple[int, ...], Retention]:
    """The ages in days of the points that lie in archive, and what then stays in the vault.

    A month's point that is also a year's lies there once.
    """
    least = ARCHIVE_AFTER_MONTHS + ARCHIVE_LEAST_MONTHS_LEFT
    monthly = keep.monthly - ARCHIVE_AFTER_MONTHS if keep.monthly >= least else 0
    yearly = keep.yearly - 1 if keep.yearly > 1 else 0
    ages = {
        *(
            anniversary_age(month, MONTHS_PER_YEAR)
            for month in range(keep.monthly - monthly, keep.monthly)
        ),
        *(year * DAYS_PER_YEAR for year in range(keep.yearly - yearly, keep.yearly)),
    }
    stays = keep._replace(monthly=keep.monthly - monthly, yearly=keep.yearly - yearly)
    return tuple(sorted(ages)), stays


def days_in_vault(keep: Retention) -> int:
    """How far back the vault's own points reach where the old ones lie in archive.

    A year's point moves like a month's: it is in the vault until it is three months old.
    """
    archived, stays = archived_points(keep)
    if not archived:
        return span_days(keep)
    before = ARCHIVE_AFTER_MONTHS * RETENTION_DAYS["monthly"]
    return max(span_days(stays._replace(yearly=0)), before)


def archived_after(keep: Retention, running_days: int | None) -> int:
    """How many points have moved so many days after the start; all of them in the steady state."""
    ages, _ = archived_points(keep)
    return sum(running_days is None or age < running_days for age in ages)
