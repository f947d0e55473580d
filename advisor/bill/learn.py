"""What a month's billed quantities tell of how much a VM holds and changes.

Everything that is billed by the data grows in proportion to the used data, at a share changed a
day that is the same for all: what a vault stores is `used x a(share)`, what the snapshots hold
`used x b(share)`. Where both are billed, the share is the one at which both name the same used
data. Where one is, the share that is stated or assumed holds, and the range is as wide as it is.
The protected instances, billed in steps, say between which bounds the used data lies.

Amounts are never looked at: a price that was off, and a discount, are no data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from advisor.bill.compare import What
from advisor.bill.divide import BilledLine, How
from advisor.bill.expected import OF_DATA, Expected, Unlearnable, expected_of
from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.bill.months import Month
from advisor.billed_sizes import disks_mark
from advisor.model import ZERO, BilledSizes, KnownVm, Range
from advisor.sizing import shares_per_day, size
from advisor.stated_sizes import StatedSizes

#: azure-backup-pricing, 2025-09-19: half a unit up to 50 GB, then one for each started 500 GB.
_HALF, _HALF_UP_TO_GIB, _STEP_GIB = Decimal("0.5"), Decimal(50), Decimal(500)
_A_BIT_GIB = Decimal("0.01")
#: A month that is billed by the hour, or by a twelfth of a year, is not quite a whole unit.
_PRORATING = Decimal("0.03")
#: Ours: by how much the used data and the share move between the month billed and the next ones.
USED_WITHIN, SHARE_WITHIN = Decimal("0.05"), Decimal("0.2")
#: Between which shares a day one is looked for, and how near to it.
LOWEST_SHARE, HIGHEST_SHARE = Decimal("0.0002"), Decimal("0.4")
_STEPS = 24
_ONE, _TO_GIB, _TO_SHARE = Decimal(1), Decimal("0.01"), Decimal("0.000001")
#: Which meter names the used data where two do not agree: what most is billed for comes first.
_BEST_FIRST: tuple[What, ...] = (
    (BillPart.BACKUP, MeterPurpose.STORED),
    (BillPart.SNAPSHOTS, MeterPurpose.SNAPSHOTS),
    (BillPart.BACKUP, MeterPurpose.SNAPSHOTS),
    (BillPart.BACKUP, MeterPurpose.ARCHIVED),
)


class _Solved(NamedTuple):
    used_gib: Decimal
    share: Decimal
    is_share_told: bool


class _Quantities(NamedTuple):
    """What was billed of a VM. `vms`: over how many the vault's bill was shared out."""

    of: Mapping[What, Decimal]
    instances: Decimal | None  #: None: not said of this VM alone
    vms: int


def learned_of(
    known: KnownVm,
    lines: Sequence[BilledLine],
    month: Month,
    stated: StatedSizes,
    now: datetime,
) -> BilledSizes:
    """The sizes by the bill of one final month, whose `lines` are those of every VM.

    Raises Unlearnable, with the rest of the sentence "Nothing was learned: ...".
    """
    if stated.used_gib is not None:
        raise Unlearnable("its used data is stated")
    expected, billed = expected_of(known, month, known.taken or now), _billed(known.vm.key, lines)
    if not billed.of:
        raise Unlearnable("nothing was billed of it that grows with its data")
    assumed = size(known_without(known), stated)
    shares, is_stated = shares_per_day(assumed), stated.churn_share_per_day is not None
    per_gib = _per_gib(expected, max(_ONE, assumed.used_gib.range.likely))
    solve = _Solver(billed, per_gib, _most(known))
    solved = solve.at(shares.likely) if is_stated else solve.best(shares.likely)
    return BilledSizes(
        used_gib=_used_range(solved, solve, shares, assumed.used_gib.range).rounded_to(_TO_GIB),
        churn_share_per_day=_share_range(solved).rounded_to(_TO_SHARE)
        if solved.is_share_told
        else None,
        month=str(month),
        told_by=tuple(dict.fromkeys(what[1].value for what in solve.told)),
        vms=billed.vms,
        disks=disks_mark(known.vm.disks),
    )


def known_without(known: KnownVm) -> KnownVm:
    """The VM as if nothing had been learned of it before."""
    return replace(known, billed=None)


# --- what was billed -------------------------------------------------------------------------


def _billed(vm: str, lines: Iterable[BilledLine]) -> _Quantities:
    """Of meters that are this VM's alone where there are any, else of those that are shared."""
    sharing: dict[tuple[str, str], set[str]] = defaultdict(set)
    own: list[BilledLine] = []
    for line in lines:
        if line.how in (How.SHARED, How.NOBODY):
            sharing[line.resource_id, line.meter].add(line.vm)
        if line.vm == vm and line.quantity is not None:
            own.append(line)
    among = {line: len(sharing[line.resource_id, line.meter]) for line in own}
    shared = {(x.part, x.kind) for x in own if x.how is How.SHARED and among[x] > 1}
    of_data = [line for line in own if line.kind in OF_DATA]
    exact = [line for line in of_data if (line.part, line.kind) not in shared]
    instances = [line for line in own if line.kind is MeterPurpose.INSTANCES]
    is_exact = (BillPart.BACKUP, MeterPurpose.INSTANCES) not in shared
    return _Quantities(
        of=_summed(exact or of_data),
        instances=sum((x.quantity or ZERO for x in instances), ZERO)
        if instances and is_exact
        else None,
        vms=1 if exact else max((among[line] for line in of_data), default=1),
    )


def _summed(lines: Iterable[BilledLine]) -> dict[What, Decimal]:
    found: dict[What, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line.part, line.kind] += line.quantity or ZERO
    return {what: quantity for what, quantity in found.items() if quantity > 0}


def _most(known: KnownVm) -> Decimal | None:
    """What its disks hold at most; None where the size of one is not known."""
    sizes = [disk.size_gib for disk in known.vm.disks if not disk.ephemeral]
    return None if None in sizes else Decimal(sum(one or 0 for one in sizes))


# --- which sizes explain it ------------------------------------------------------------------

_PerGib = Callable[[Decimal], Mapping[What, Decimal]]


def _per_gib(expected: Expected, about_gib: Decimal) -> _PerGib:
    """What is billed for each GiB in use, at a share changed a day; each share is asked once."""
    known: dict[Decimal, Mapping[What, Decimal]] = {}

    def per_gib(share: Decimal) -> Mapping[What, Decimal]:
        if share not in known:
            at = expected(about_gib, share)
            known[share] = {what: quantity / about_gib for what, quantity in at.items()}
        return known[share]

    return per_gib


class _Solver:
    """Finds the used data and the share that explain what was billed."""

    def __init__(self, billed: _Quantities, per_gib: _PerGib, most_gib: Decimal | None) -> None:
        some = per_gib(Decimal("0.02"))
        self.told = [what for what in _BEST_FIRST if what in billed.of and some.get(what, ZERO) > 0]
        if not self.told:
            raise Unlearnable("its configuration does not explain what was billed")
        self._billed, self._per_gib = billed, per_gib
        self.is_shared = billed.vms > 1
        self._low, self._high = _bounds(billed.instances, most_gib)

    def used(self, share: Decimal, place: int = 0) -> Decimal:
        """The used data that one of the meters names at that share."""
        what = self.told[place]
        return self._billed.of[what] / self._per_gib(share)[what]

    def at(self, share: Decimal) -> _Solved:
        """With a share that is known."""
        return _Solved(self._bounded(self.used(share)), share, is_share_told=False)

    def best(self, assumed_share: Decimal) -> _Solved:
        share, is_told = assumed_share, False
        if len(self.told) > 1:
            crossing = _crossing(lambda one: self.used(one) - self.used(one, 1))
            share, is_told = (assumed_share, False) if crossing is None else (crossing, True)
        used = self.used(share)
        bounded = self._bounded(used)
        if bounded != used:  # the instances, or the disks, say that the share is another
            crossing = _crossing(lambda one: self.used(one) - bounded)
            share, is_told = (share, is_told) if crossing is None else (crossing, True)
        return _Solved(bounded, share, is_told)

    def _bounded(self, used: Decimal) -> Decimal:
        at_least = max(used, self._low)
        return at_least if self._high is None else min(at_least, self._high)


def _bounds(instances: Decimal | None, most_gib: Decimal | None) -> tuple[Decimal, Decimal | None]:
    """Between which sizes the used data lies: by whole units of a whole month alone."""
    low, step = ZERO, None
    units = None if instances is None else _whole(instances)
    if units == _HALF:
        step = _HALF_UP_TO_GIB
    elif units is not None:
        low = (_HALF_UP_TO_GIB if units == 1 else (units - 1) * _STEP_GIB) + _A_BIT_GIB
        step = units * _STEP_GIB
    high = min((one for one in (step, most_gib) if one is not None), default=None)
    return (low if high is None else min(low, high)), high


def _whole(instances: Decimal) -> Decimal | None:
    """The units of a whole month; None for a part of one, which says nothing of the size."""
    units = _HALF if instances < Decimal("0.75") else instances.to_integral_value()
    return units if abs(instances - units) <= units * _PRORATING else None


def _crossing(of: Callable[[Decimal], Decimal]) -> Decimal | None:
    """The share at which a function changes its sign; None: it does not, within the bounds."""
    low, high = LOWEST_SHARE, HIGHEST_SHARE
    at_low, at_high = of(low), of(high)
    if at_low == 0 or (at_low > 0) == (at_high > 0):
        return low if at_low == 0 else None
    for _ in range(_STEPS):
        middle = (low * high).sqrt()
        if (of(middle) > 0) == (at_low > 0):
            low = middle
        else:
            high = middle
    return (low * high).sqrt()


def _used_range(solved: _Solved, solve: _Solver, shares: Range, assumed: Range) -> Range:
    used = solved.used_gib
    if solve.is_shared:  # the total is known, and not whose it is
        return Range.spanning(assumed.low, used, assumed.high)
    near = Range(used * (1 - USED_WITHIN), used, used * (1 + USED_WITHIN))
    if solved.is_share_told:
        return near
    ends = solve.at(shares.high).used_gib, solve.at(shares.low).used_gib
    return Range(min(near.low, *ends), used, max(near.high, *ends))


def _share_range(solved: _Solved) -> Range:
    share = solved.share
    return Range(share * (1 - SHARE_WITHIN), share, min(_ONE, share * (1 + SHARE_WITHIN)))
