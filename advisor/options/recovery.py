"""How long a restore takes: measured where one was, documented where Microsoft says it, else
assumed from used size.

Assumed figures are ours, wide on purpose, and every advice says "rehearse it to know". A restore
that was measured stands for the tier of points that it was from and for no other: in its place, not
beside it. The VM's own restores come before those of others, whose time is scaled by used size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from advisor.measured_sizes import days_ago
from advisor.model import Range, RestoredFrom, RestoreMeasured, Rto, Sizing
from advisor.words import clean, duration

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

#: A VM made of disks that a restore left: a template is deployed. Assumed; added to what was
#: measured where the restore made the disks alone.
MAKE_VM_MINUTES = (5, 10, 30)
#: A smaller VM's restore is not quicker than this, whatever a larger one took. Assumed.
LEAST_MINUTES = 5
#: From where a restore copies data before the VM runs; elsewhere only the steps take time.
_MOVES_DATA = frozenset({RestoredFrom.VAULT, RestoredFrom.SECONDARY})


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


# --- measured --------------------------------------------------------------------------------


def measured_or(sizing: Sizing, place: RestoredFrom, otherwise: Rto) -> Rto:
    """How long restores from there took; `otherwise` where none was measured."""
    if not sizing.restores:
        return otherwise
    found = [each for each in sizing.restores if each.place is place]
    own = [each for each in found if each.is_own]
    chosen = own or found
    if not chosen:
        return otherwise
    times = [_taken(each, sizing.used_gib.range) for each in chosen]
    middle = sorted(time.likely for time in times)[len(times) // 2]
    newest = max(chosen, key=lambda each: each.ended)
    return Rto(
        min(time.low for time in times),
        middle,
        max(time.high for time in times),
        "measured",
        _basis(newest, len(chosen), sizing.restores_read_at or newest.ended),
    )


class _Taken(NamedTuple):
    low: timedelta
    likely: timedelta
    high: timedelta


def _taken(each: RestoreMeasured, used: Range) -> _Taken:
    """As long as it took, per GB in use where another VM was restored, and a VM made of disks."""
    ratios = _ratios(each, used)
    extra = (0, 0, 0) if each.makes_vm else MAKE_VM_MINUTES
    low, likely, high = (
        _minutes(_scaled(each.took, ratio) + timedelta(minutes=more))
        for ratio, more in zip(ratios, extra, strict=True)
    )
    return _Taken(low, likely, high)


def _is_scaled(each: RestoreMeasured) -> bool:
    """Whether it grows with the data: of another VM, and from where data has to be moved."""
    return not each.is_own and each.used_gib is not None and each.place in _MOVES_DATA


def _ratios(each: RestoreMeasured, used: Range) -> Iterable[Decimal]:
    other = each.used_gib
    if other is None or not other.low or not _is_scaled(each):
        return (Decimal(1),) * 3
    return sorted(mine / others for mine, others in zip(used, other, strict=True))


def _scaled(took: timedelta, ratio: Decimal) -> timedelta:
    """Never quicker than a restore can be begun and ended, unless it was."""
    return max(took * float(ratio), min(took, timedelta(minutes=LEAST_MINUTES)))


def _minutes(value: timedelta) -> timedelta:
    """To the whole minute, rounded up."""
    return timedelta(minutes=-(-value // timedelta(minutes=1)))


def _basis(newest: RestoreMeasured, count: int, read_at: datetime) -> str:
    """`a restore of the disks of app-01 from vault rsv-1 took 48 min, 12 days ago`."""
    whose = "this VM" if newest.is_own else clean(newest.vm)
    ago = days_ago(max(0, (read_at - newest.ended).days))
    took = duration(_minutes(newest.took))
    said = f"{newest.what} of {whose} ({clean(newest.by)}) took {took}, {ago}"
    if count > 1:
        said += f"; the newest of {count}"
    if _is_scaled(newest):
        said += "; scaled by the data in use"
    if not newest.makes_vm:
        low, _, high = MAKE_VM_MINUTES
        said += f"; {low} to {high} min assumed to make a VM of the disks"
    return said


def measured_of(tiers: Sequence[Rto]) -> tuple[str, ...]:
    """What each measured one rests on, once."""
    return tuple(dict.fromkeys(rto.basis for rto in tiers if rto.basis))
