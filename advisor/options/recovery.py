"""How long a restore takes: documented where Microsoft says it, else assumed from used size.

Assumed figures are ours, wide on purpose, and every advice says "rehearse it to know".
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from advisor.model import Range, Rto

#: azure-to-azure-common-questions, 2025-07-25: the RTO of the service level agreement.
SITE_RECOVERY_RTO = Rto(timedelta(hours=1), timedelta(hours=1), timedelta(hours=1), "documented")


class Speed(NamedTuple):
    """Minutes before any data moves, and how fast it then does: best, likely, worst."""

    minutes: tuple[int, int, int]
    #: None: nothing has to move before the VM runs.
    gib_per_hour: tuple[int, int, int] | None


#: New disks from snapshots answer at once, whatever their size, and are slower until their data
#: is copied in the background (disks-instant-access-snapshots, 2026-08-17): only the steps take
#: time. The minutes are assumed.
FROM_SNAPSHOTS = Speed((5, 15, 60), None)
SLOW_AT_FIRST = (
    "Disks made from snapshots can be used at once; until their data has been copied in the"
    " background they are slower."
)

#: Disks from a vault: bound by what storage accounts and disks take (backup-azure-vms-
#: introduction, 2026-01-28, gives no figure); a standard disk takes 60 MB/s = 201 GiB/h. Assumed.
FROM_VAULT = Speed((15, 30, 120), (800, 200, 50))

#: The same from the vault's copy in the paired region. Assumed.
FROM_SECONDARY_VAULT = Speed((30, 60, 180), (800, 200, 50))


def restore_time(used_gib: Range, speed: Speed) -> Rto:
    """Minutes to start plus the used data at that speed, to the minute; `assumed`."""
    if speed.gib_per_hour is None:
        return _steps_alone(speed)
    best, likely, worst = speed.minutes
    fast, usual, slow = speed.gib_per_hour
    return Rto(
        _time(best, used_gib.low, fast),
        _time(likely, used_gib.likely, usual),
        _time(worst, used_gib.high, slow),
        "assumed",
    )


@lru_cache(maxsize=16)
def _steps_alone(speed: Speed) -> Rto:
    low, middle, high = (timedelta(minutes=each) for each in speed.minutes)
    return Rto(low, middle, high, "assumed")


def _time(minutes: int, gib: Decimal, gib_per_hour: int) -> timedelta:
    return timedelta(minutes=minutes + int(gib * 60 / gib_per_hour))
