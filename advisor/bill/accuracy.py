"""How far the estimates were from the bills: over VMs and months, by option and by assumption."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from advisor.bill.compare import LineError
from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.bill.months import Month
from advisor.model import ZERO

#: The size that each quantity rests on.
RESTS_ON: Mapping[MeterPurpose, str] = {
    MeterPurpose.INSTANCES: "the used data",
    MeterPurpose.STORED: "the used data and what changes a day",
    MeterPurpose.ARCHIVED: "the used data",
    MeterPurpose.SNAPSHOTS: "the used data and what changes a day",
    MeterPurpose.REPLICA_DISKS: "the disks that are replicated",
    MeterPurpose.TRAFFIC: "what is written a day",
    MeterPurpose.CACHE: "what is written a day",
}
_NINETY = Decimal("0.9")


class JudgedMonth(NamedTuple):
    """One VM in one final month, held against an estimate that was given before."""

    vm: str
    month: Month
    currency: str
    lines: tuple[LineError, ...]

    @property
    def billed(self) -> Decimal:
        return sum((one.billed for one in self.lines if one.billed is not None), ZERO)

    @property
    def error(self) -> Decimal:
        """Estimated less billed."""
        return sum((one.error for one in self.lines), ZERO)


class Spread(NamedTuple):
    """Of several VMs and months: the error as a share of what was billed (0.05 is 5 %).

    None where nothing was billed. `median` and `ninetieth` are of the sizes of the errors; the
    bias has a sign: above zero, more was estimated than billed.
    """

    cases: int
    median: Decimal | None
    ninetieth: Decimal | None
    bias: Decimal | None


class Causes(NamedTuple):
    """What the errors add up to, by what they are due to. Amounts of one currency."""

    quantity: Decimal
    price: Decimal
    not_estimated: Decimal
    not_billed: Decimal


class Accuracy(NamedTuple):
    """All that there is to say, in one currency."""

    currency: str
    all: Spread
    by_month: Mapping[Month, Spread]
    by_part: Mapping[BillPart, Spread]
    causes: Causes
    #: The quantity that was off most, by how much, and what it rests on; None: none was off.
    worst: tuple[MeterPurpose, Decimal, str] | None


class AccuracyFound(NamedTuple):
    """How far the estimates were off in these months. `estimates`: how many were given in all."""

    found: tuple[Accuracy, ...]
    months: tuple[Month, ...]
    estimates: int


def accuracies(judged: Sequence[JudgedMonth]) -> tuple[Accuracy, ...]:
    """One for each currency, in alphabetical order: currencies are never added."""
    by_currency: dict[str, list[JudgedMonth]] = defaultdict(list)
    for one in judged:
        by_currency[one.currency].append(one)
    return tuple(_accuracy(currency, by_currency[currency]) for currency in sorted(by_currency))


def _accuracy(currency: str, judged: Sequence[JudgedMonth]) -> Accuracy:
    months: dict[Month, list[JudgedMonth]] = defaultdict(list)
    for one in judged:
        months[one.month].append(one)
    parts = sorted({line.part for one in judged for line in one.lines})
    lines = [line for one in judged for line in one.lines]
    return Accuracy(
        currency=currency,
        all=_spread(judged),
        by_month={month: _spread(months[month]) for month in sorted(months)},
        by_part={part: _spread(_only(judged, part)) for part in parts},
        causes=Causes(
            *(
                sum(map(_getter(name), lines), ZERO)
                for name in ("quantity", "price", "not_estimated", "not_billed")
            )
        ),
        worst=_worst(lines),
    )


def _getter(name: str) -> Callable[[LineError], Decimal]:
    def get(line: LineError) -> Decimal:
        found: Decimal = getattr(line, name)
        return found

    return get


def _only(judged: Iterable[JudgedMonth], part: BillPart) -> list[JudgedMonth]:
    kept = (one._replace(lines=tuple(x for x in one.lines if x.part is part)) for one in judged)
    return [one for one in kept if one.lines]


def _spread(judged: Sequence[JudgedMonth]) -> Spread:
    shares = sorted(abs(one.error) / one.billed for one in judged if one.billed > 0)
    billed = sum((one.billed for one in judged), ZERO)
    return Spread(
        cases=len(judged),
        median=median(shares) if shares else None,
        ninetieth=_quantile(shares, _NINETY) if shares else None,
        bias=sum((one.error for one in judged), ZERO) / billed if billed > 0 else None,
    )


def _quantile(ordered: Sequence[Decimal], share: Decimal) -> Decimal:
    """Between the two nearest of the ordered values, in proportion (as NumPy's default)."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _worst(lines: Iterable[LineError]) -> tuple[MeterPurpose, Decimal, str] | None:
    """The kind whose quantities were off by the largest amount in all, and by how much."""
    off: dict[MeterPurpose, Decimal] = defaultdict(Decimal)
    for line in lines:
        off[line.kind] += line.quantity
    worst = max(off, key=lambda kind: abs(off[kind]), default=None)
    if worst is None or not off[worst]:
        return None
    return worst, off[worst], RESTS_ON.get(worst, "what is billed of it")
