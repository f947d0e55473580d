"""Azure Disk Backup: instances and policies of Backup vaults (Microsoft.DataProtection).

Like `arm.py`: REST, Resource Graph and the Azure CLI's shape; a shape that is not known raises
InputUnreadable naming the key. Instances and policies of anything but managed disks are passed
over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from advisor.inventory.arm import DISK_TYPE, lowered_id, opened
from advisor.inventory.fields import Fields
from advisor.inventory.health import disk_backup_health
from advisor.model import Retention

VAULT_TYPE = "microsoft.dataprotection/backupvaults"
INSTANCE_TYPE = f"{VAULT_TYPE}/backupinstances"
DISK_POLICY_TYPE = f"{VAULT_TYPE}/backuppolicies"

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
#: A year, in which any of Azure Disk Backup's schedules comes round (disk-backup-support-matrix,
#: 2026-02-13: every 1 to 12 hours, or daily).
_LONGEST_ROUND = timedelta(days=366)
_MOST_BACKUPS = 10_000  #: of one round that are looked at: hourly ones of a year
#: A retention counts a month as 31 days and a year as 366, as Azure Backup does
#: (backup-azure-vm-backup-faq, 2025-12-09).
_DATE_DAYS = {"Y": 366, "M": 31, "W": 7, "D": 1}
_TIME_MINUTES = {"H": 60, "M": 1}
_DURATION = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:\d+(?:\.\d+)?S)?)?"
)
#: absoluteCriteria of a tag that keeps some points longer (dataprotection 2024-04-01), as the
#: field of Retention and its length in days.
_TAGGED = {
    "firstofday": ("daily", 1),
    "firstofweek": ("weekly", 7),
    "firstofmonth": ("monthly", 31),
    "firstofyear": ("yearly", 366),
}


class DiskBackupInstance(NamedTuple):
    """One disk that Azure Disk Backup protects, not yet matched to it."""

    id: str
    vault_id: str  #: lower-cased
    disk_id: str | None  #: lower-cased; None: of something other than a managed disk
    policy_id: str | None = None  #: lower-cased
    state: str = ""  #: currentProtectionState, else the status
    snapshot_group_id: str | None = None  #: lower-cased: where it keeps its snapshots
    since: datetime | None = None
    health: tuple[str, ...] = ()  #: sentences, where it is not good

    @property
    def key(self) -> str:
        return self.id.lower()

    @property
    def of_vm(self) -> bool:
        """Whether it can be one of a VM: a disk's."""
        return self.disk_id is not None


class DiskBackupPolicy(NamedTuple):
    """How often a disk is backed up, and how long its points are kept. None: not said."""

    id: str
    name: str
    every: timedelta | None
    kept: timedelta | None  #: by the default rule, which holds for every point
    retention: Retention


class _Repeating(NamedTuple):
    """One of repeatingTimeIntervals: when it begins and how long after it comes again."""

    start: datetime
    interval: timedelta


def parse_instance(body: Mapping[str, Any], source: str, place: str) -> DiskBackupInstance:
    """A backup instance; one of a disk must say which disk."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    of = properties.inner("dataSourceInfo")
    kind = of.text("datasourceType") or of.text("resourceType") or ""
    disk_id = lowered_id(of.text("resourceID"))
    if kind.lower() != DISK_TYPE:
        disk_id = None
    elif disk_id is None:
        raise of.refusal("", "resourceID is missing: which disk is backed up is not known.")
    policy, status = properties.inner("policyInfo"), properties.inner("protectionStatus")
    return DiskBackupInstance(
        id=arm_id,
        vault_id=arm_id.lower().rpartition("/backupinstances/")[0],
        disk_id=disk_id,
        policy_id=lowered_id(policy.text("policyId")),
        state=(properties.text("currentProtectionState") or status.text("status") or "").lower(),
        snapshot_group_id=_snapshot_group(policy.inner("policyParameters")),
        since=top.inner("systemData").moment("createdAt"),
        health=tuple(disk_backup_health(status)),
    )


def parse_disk_policy(body: Mapping[str, Any], source: str, place: str) -> DiskBackupPolicy | None:
    """A policy for managed disks; None for one of something else."""
    top, properties = opened(body, source, place)
    arm_id = top.needed("id")
    if DISK_TYPE not in (one.lower() for one in properties.texts("datasourceTypes")):
        return None
    rules = list(properties.each("policyRules"))
    backing_up = [rule for rule in rules if rule.has("trigger")]
    kept = _kept_by_rule(rules)
    default = kept.get("default")
    return DiskBackupPolicy(
        id=arm_id,
        name=top.text("name") or arm_id.rsplit("/", 1)[-1],
        every=_every([one for rule in backing_up for one in _repeating(rule)]),
        kept=default,
        retention=_retention(default, kept, [tag for rule in backing_up for tag in _tags(rule)]),
    )


def _snapshot_group(parameters: Fields) -> str | None:
    for one in parameters.each("dataStoreParametersList"):
        if group := one.text("resourceGroupId"):
            return lowered_id(group)
    return None


# --- how often -------------------------------------------------------------------------------


def _repeating(rule: Fields) -> list[_Repeating]:
    """`R/2026-01-01T01:00:00+00:00/PT12H`, each of them."""
    schedule = rule.inner("trigger").inner("schedule")
    found = []
    for written in schedule.texts("repeatingTimeIntervals"):
        parts = written.split("/")
        try:
            start, interval = datetime.fromisoformat(parts[-2]), _duration(parts[-1])
        except (IndexError, ValueError):
            interval = None
        if not interval:
            raise schedule.refusal(
                "repeatingTimeIntervals",
                f"repeatingTimeIntervals holds “{written[:60]}”, a schedule we do not know.",
            )
        aware = start if start.tzinfo else start.replace(tzinfo=UTC)
        found.append(_Repeating(aware, interval))
    return found


def _every(repeating: Sequence[_Repeating]) -> timedelta | None:
    """The longest time between two backups of all these schedules together."""
    if len(repeating) < 2:
        return repeating[0].interval if repeating else None
    round_ = math.lcm(*(one.interval // _MINUTE for one in repeating)) * _MINUTE
    shortest = min(one.interval for one in repeating)
    if round_ > _LONGEST_ROUND or round_ // shortest > _MOST_BACKUPS:
        return shortest
    first = min(one.start for one in repeating)
    times = sorted(
        {
            (one.start - first + number * one.interval) % round_
            for one in repeating
            for number in range(round_ // one.interval)
        }
    )
    return max(b - a for a, b in zip(times, [*times[1:], times[0] + round_], strict=True))


# --- how long --------------------------------------------------------------------------------


def _kept_by_rule(rules: Sequence[Fields]) -> dict[str, timedelta]:
    """How long each retention rule keeps its points, by its lower-cased name."""
    kept: dict[str, timedelta] = {}
    for rule in rules:
        for life in rule.each("lifecycles"):
            after = life.inner("deleteAfter")
            written = after.needed("duration")
            duration = _duration(written)
            if not duration:
                raise after.refusal(
                    "duration", f"duration is “{written[:40]}”, a duration we do not know."
                )
            name = "default" if rule.flag("isDefault") else (rule.text("name") or "").lower()
            kept[name] = max(duration, kept.get(name, duration))
    return kept


def _tags(rule: Fields) -> list[tuple[str, str]]:
    """The name of each tag with the first of its absolute criteria, lower-cased."""
    found = []
    for tagging in rule.inner("trigger").each("taggingCriteria"):
        name = (tagging.inner("tagInfo").text("tagName") or "").lower()
        for criteria in tagging.each("criteria"):
            found += [(name, one.lower()) for one in criteria.texts("absoluteCriteria")]
    return found


def _retention(
    default: timedelta | None, kept: Mapping[str, timedelta], tags: Sequence[tuple[str, str]]
) -> Retention:
    """The same as points of each kind: the default rule keeps every day's."""
    counts = {"daily": default // _DAY if default else 0}
    for name, criterion in tags:
        if name in kept and criterion in _TAGGED:
            kind, days = _TAGGED[criterion]
            counts[kind] = max(counts.get(kind, 0), -(-kept[name] // (days * _DAY)))
    return Retention(**counts)


def _duration(written: str) -> timedelta | None:
    """An ISO 8601 duration; None for what is none, and for one of nothing."""
    parts = _DURATION.fullmatch(written)
    if parts is None:
        return None
    numbers = [int(one or 0) for one in parts.groups()]
    days = sum(a * b for a, b in zip(numbers[:4], _DATE_DAYS.values(), strict=True))
    minutes = sum(a * b for a, b in zip(numbers[4:], _TIME_MINUTES.values(), strict=True))
    return timedelta(days=days, minutes=minutes) or None
