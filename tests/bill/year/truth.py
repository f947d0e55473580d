"""A year of a fleet, day by day: what each VM really holds and changes, and what is stored of it.

It knows nothing of the product and shares no code with it: a VM is a row of blocks, a day's writes
are a set of them, and what a point holds is counted block by block. Rules of billing as Microsoft
writes them (azure-backup-pricing, 2025-09-19; backup-instant-restore-capability, 2025-06-16): half
an instance up to 50 GB, else one for each started 500; a full copy and the blocks changed between
neighbouring points in the vault; the used data and the changes of the days before in the snapshots
of an Enhanced policy, the changes alone with Standard, now and then of some days more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise
from math import ceil
from operator import or_
from random import Random
from typing import NamedTuple

BLOCKS = 1500
#: Before the year the fleet had been protected for longer than any policy keeps a point.
WARM_UP_DAYS = 400
_SUNDAY = 6


class Kept(NamedTuple):
    """How many points a policy keeps; the weekly ones of Sundays, the monthly of first Sundays."""

    name: str
    enhanced: bool
    instant_days: int
    daily: int
    weekly: int = 0
    monthly: int = 0


POLICIES = (
    Kept("DefaultPolicy", enhanced=False, instant_days=2, daily=30),
    Kept("EnhancedPolicy", enhanced=True, instant_days=7, daily=30),
    Kept("enhanced-weeks", enhanced=True, instant_days=5, daily=14, weekly=12),
    Kept("vm-long", enhanced=False, instant_days=5, daily=30, weekly=12, monthly=12),
)


@dataclass(frozen=True, kw_only=True)
class TrueVm:
    """What nobody outside the simulation knows of a VM but its disks and its policy."""

    number: int
    disks_gib: tuple[int, ...]
    windows: bool
    premium: bool
    policy: Kept
    used_gib: float  #: on the first day of the warm-up
    growth_a_day: float  #: as a share of what is used
    churn_a_day: float  #: as a share of what is used, on an ordinary working day
    hot: float  #: how much of a day's writes hits the same few blocks each day
    #: On which day of the year something happens to it (None: never), and what: from then on so
    #: many times the data, and so many times the writes.
    turns_on: int | None = None
    turns: tuple[float, float] = (1.0, 1.0)


class Stored(NamedTuple):
    """What Azure bills of a VM on one day."""

    day: date
    instances: float
    vault_gib: float
    snapshots_gib: float


def fleet(count: int, seed: int) -> list[TrueVm]:
    """Another fleet for each seed."""
    dice = Random(seed)
    return [_vm(number, dice) for number in range(count)]


def _vm(number: int, dice: Random) -> TrueVm:
    windows = dice.random() < 0.4
    system = 127 if windows else dice.choice((30, 32, 64))
    data = [dice.choice((64, 128, 256, 512, 1024)) for _ in range(dice.choice((0, 1, 1, 2, 3)))]
    used = system * dice.uniform(0.15, 0.7) + sum(data) * dice.uniform(0.1, 0.85)
    return TrueVm(
        number=number,
        disks_gib=(system, *data),
        windows=windows,
        premium=dice.random() < 0.6,
        policy=dice.choice(POLICIES),
        used_gib=used * 0.9,
        growth_a_day=dice.choice((0.0, 0.0, 0.0001, 0.0002, 0.0003)),
        churn_a_day=min(0.12, dice.lognormvariate(-4.2, 0.8)),
        hot=dice.uniform(0.0, 0.7),
        turns_on=dice.randrange(360) if dice.random() < 0.25 else None,
        turns=dice.choice(((1.3, 1.0), (0.7, 1.0), (1.0, 2.0), (1.0, 0.5))),
    )


def lived(vm: TrueVm, first: date, last: date, seed: int) -> Iterator[Stored]:
    """Each day from `first` to `last`, after the warm-up before it."""
    dice = Random(seed * 1009 + vm.number)
    hot_blocks = dice.sample(range(BLOCKS), max(1, int(vm.churn_a_day * vm.hot * BLOCKS * 1.5)))
    begun = first - timedelta(days=WARM_UP_DAYS)
    writes: list[int] = []  #: of each day since, as a set of blocks
    used = vm.used_gib
    for number in range((last - begun).days + 1):
        day = begun + timedelta(days=number)
        turned = vm.turns_on is not None and number >= WARM_UP_DAYS + vm.turns_on
        writes.append(_writes(vm, day, hot_blocks, dice, vm.turns[1] if turned else 1.0))
        used = used * (1 + vm.growth_a_day)
        if vm.turns_on is not None and number == WARM_UP_DAYS + vm.turns_on:
            used *= vm.turns[0]
        used = min(float(sum(vm.disks_gib)), used)
        if day >= first:
            yield Stored(
                day,
                _instances(used),
                used * (1 + _increments(_points(vm.policy, begun, number), writes) / BLOCKS),
                _snapshots(vm.policy, used, writes, dice),
            )


def _writes(vm: TrueVm, day: date, hot_blocks: Sequence[int], dice: Random, times: float) -> int:
    """The blocks of one day: less on weekends, more at a month's end, some in the hot spot."""
    busy = 0.4 if day.weekday() > 4 else 1.6 if day.day > 28 else 1.0
    wanted = vm.churn_a_day * BLOCKS * busy * times * dice.uniform(0.7, 1.3)
    count = int(wanted) + (dice.random() < wanted % 1)
    in_hot = min(len(hot_blocks), int(count * vm.hot))
    blocks = [*dice.sample(hot_blocks, in_hot), *dice.sample(range(BLOCKS), count - in_hot)]
    return reduce(or_, (1 << block for block in blocks), 0)


def _points(policy: Kept, begun: date, today: int) -> list[int]:
    """The numbers of the days whose points are kept today, the oldest first."""
    kept = set(range(max(0, today - policy.daily + 1), today + 1))
    if policy.weekly or policy.monthly:
        days = [number for number in range(today + 1) if _weekday(begun, number) == _SUNDAY]
        kept.update(days[len(days) - policy.weekly :] if policy.weekly else ())
        firsts = [number for number in days if (begun + timedelta(days=number)).day <= 7]
        kept.update(firsts[len(firsts) - policy.monthly :] if policy.monthly else ())
    return sorted(number for number in kept if number >= 0)


def _weekday(begun: date, number: int) -> int:
    return (begun.weekday() + number) % 7


def _increments(points: Sequence[int], writes: Sequence[int]) -> int:
    """Blocks that the points after the first hold: each those written since the one before."""
    return sum(
        reduce(or_, writes[before + 1 : after + 1], 0).bit_count()
        for before, after in pairwise(points)
    )


def _snapshots(policy: Kept, used: float, writes: Sequence[int], dice: Random) -> float:
    days = policy.instant_days + (1 if dice.random() < 0.1 else 0)
    if policy.enhanced:
        changed = sum(day.bit_count() for day in writes[len(writes) - days + 1 :])
        return used * (1 + changed / BLOCKS)
    return used * sum(day.bit_count() for day in writes[len(writes) - days :]) / BLOCKS


def _instances(used: float) -> float:
    return 0.5 if used <= 50 else float(ceil(used / 500))
