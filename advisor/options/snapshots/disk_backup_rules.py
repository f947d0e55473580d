"""Which disks and schedules Azure Disk Backup takes, as rules with their article.

Azure Disk Backup is a policy of a Backup vault: it takes incremental snapshots of single disks on
schedule, into a group of the disk's own subscription and region, and copies nothing to the vault.
It is there in every public and sovereign region.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from advisor.model import Reason, Verdict
from advisor.options.case import (
    Case,
    RuleAnswer,
    SupportRule,
    is_direct_drive,
    no,
    no_disk,
)
from advisor.quantities import format_duration
from advisor.words import listed

MATRIX = "disk-backup-support-matrix, 2026-02-13"

#: MATRIX: hours between two backups; Ultra and Premium SSD v2 disks take the longer ones only.
HOURS = (1, 2, 4, 6, 8, 12, 24)
HOURS_OF_DIRECT_DRIVE = (12, 24)
MOST_POINTS = 450  # MATRIX: of a disk
LONGEST_DAYS = 366  # MATRIX: one year, a leap year counted

SCHEDULES = tuple(timedelta(hours=hours) for hours in HOURS)
SCHEDULES_OF_DIRECT_DRIVE = tuple(timedelta(hours=hours) for hours in HOURS_OF_DIRECT_DRIVE)


_NEW_DISKS = no("A restore makes new disks: it replaces no disk in place and makes no VM.")


def _replaces_nothing(_: Case) -> RuleAnswer:
    return _NEW_DISKS


DISK_BACKUP_RULES = (
    no_disk(
        "disk-backup-encryption",
        MATRIX,
        # Whether a guest is encrypted is known from a disk's own settings or an extension; one
        # that says nothing of it is not held to be.
        lambda disk: bool(disk.azure_disk_encryption),
        "Azure Disk Backup takes no disk with Azure Disk Encryption: {disks}.",
        "No disk is known to be encrypted in the guest.",
    ),
    no_disk(
        "disk-backup-write-accelerator",
        MATRIX,
        lambda disk: disk.write_accelerator,
        "Restored without the write accelerator: {disks}.",
        "No disk uses the write accelerator.",
    )._replace(blocking=False),
    SupportRule("disk-backup-restore", MATRIX, _replaces_nothing, blocking=False),
)

#: What a policy asks beyond that which runs more often than every 12 hours.
OFTEN_RULES = (
    no_disk(
        "disk-backup-direct-drive",
        MATRIX,
        is_direct_drive,
        "Ultra and Premium SSD v2 disks are backed up every 12 h or once a day only: {disks}.",
        "No disk is Ultra or Premium SSD v2.",
    ),
)


@lru_cache(maxsize=256)
def disk_backup_reasons(every: timedelta, points: int, days: int) -> tuple[Reason, ...]:
    """Whether a policy may run so often, and keep so many points for so many days."""
    usual = listed(map(str, HOURS), "or")
    runs = every in SCHEDULES
    kept = points <= MOST_POINTS and days <= LONGEST_DAYS
    return (
        Reason(
            "disk-backup-schedule",
            Verdict.YES if runs else Verdict.NO,
            f"Every {format_duration(every)}; a policy runs every {usual} h.",
            MATRIX,
        ),
        Reason(
            "disk-backup-points",
            Verdict.YES if kept else Verdict.NO,
            f"{points} points kept {days} days; Azure Disk Backup keeps {MOST_POINTS} of a disk and"
            " none longer than a year.",
            MATRIX,
        ),
    )
