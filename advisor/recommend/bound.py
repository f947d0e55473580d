"""Missing prices, bounded: how dear they may be before another plan is the cheaper one.

What both plans lack cancels for the quantity they share. Of the rest a plan's own counts at the
dearest price known of such a meter in any region and half as much again, that of its rivals at
the cheapest known; a meter of which no price is known anywhere bounds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from advisor.model import ZERO, Line, Meter
from advisor.prices.book import KnownPrices
from advisor.recommend.candidates import Candidate, CostUsd
from advisor.recommend.compare import best, plainness, preference, tie_limit, undominated
from advisor.words import counted, money, quantity

KnownAnywhere = Callable[[Meter, str], KnownPrices | None]

#: How much dearer than the dearest known a price may be. Ours: regions differ by less.
DEARER = Decimal("1.5")


class Settled(NamedTuple):
    """The cheapest plan as far as can be proven; else those among which it is."""

    winner: Candidate | None
    sentence: str = ""  #: where prices are missing: up to which price the answer holds
    open: tuple[Candidate, ...] = ()


class MeterKind(NamedTuple):
    """What is missing: a price, or the quantity itself."""

    meter: Meter
    unit: str
    name: str
    counted: bool  #: its quantity is known


def settle(candidates: Sequence[Candidate], known: KnownAnywhere) -> Settled:
    """The cheapest of candidates that meet the need equally well; some may lack prices."""
    if not any(each.cost.missing for each in candidates):
        return Settled(best(candidates))
    estimates = Estimates(known)
    firsts = _first_of_each(candidates, estimates)
    ranked = sorted(firsts, key=lambda one: estimates.of(one.cost))
    for each in ranked:
        rivals = [other for other in firsts if other is not each]
        if all(_dearer_by(each, rival, known) is not None for rival in rivals):
            return Settled(each, _threshold(each, rivals, known))
    return Settled(None, open=tuple(ranked))


def estimate(each: Candidate, known: KnownAnywhere) -> tuple[bool, Decimal]:
    """Whether a meter is known nowhere; and the likely amount, its own missing at the dearest."""
    return Estimates(known).of(each.cost)


def at_the_cheapest(cost: CostUsd, known: KnownAnywhere) -> Decimal:
    """The likely amount with what is missing at the cheapest price known, or for nothing."""
    amount = cost.likely
    for line in cost.missing:
        quantity, price = line.usage.quantity, known(line.usage.meter, line.usage.unit)
        if quantity is not None and price is not None:
            amount += price.cheapest * quantity.likely
    return amount


class Estimates:
    """Costs with what is missing at the dearest price known; a line that is shared once."""

    def __init__(self, known: KnownAnywhere) -> None:
        self._known = known
        self._lines: dict[int, tuple[Line, Decimal | None]] = {}

    def of(self, cost: CostUsd) -> tuple[bool, Decimal]:
        """Whether a meter is known nowhere; and the likely amount."""
        amount, nowhere = cost.likely, False
        if not cost.missing:
            return nowhere, amount
        for line in cost.missing:
            known = self._lines.get(id(line)) or self._dearest(line)
            if known[1] is None:
                nowhere = True
            else:
                amount += known[1]
        return nowhere, amount

    def _dearest(self, line: Line) -> tuple[Line, Decimal | None]:
        usage = line.usage
        price = self._known(usage.meter, usage.unit) if usage.quantity is not None else None
        amount = price.dearest * usage.quantity.likely if price and usage.quantity else None
        kept = self._lines[id(line)] = (line, amount)
        return kept


def _first_of_each(candidates: Sequence[Candidate], estimates: Estimates) -> list[Candidate]:
    """Of each set of options its best one by the estimate."""
    of_options: dict[tuple[str, ...], list[tuple[bool, Decimal, Candidate]]] = {}
    for each in candidates:
        of_options.setdefault(each.options, []).append((*estimates.of(each.cost), each))
    return [_best_of_estimated(group) for group in of_options.values()]


def _best_of_estimated(group: list[tuple[bool, Decimal, Candidate]]) -> Candidate:
    nowhere = min(one for one, _, _ in group)
    same = [(amount, each) for one, amount, each in group if one == nowhere]
    limit = tie_limit(min(amount for amount, _ in same))
    tied = [each for amount, each in same if amount <= limit]
    # With nothing known the amounts say nothing, and only what is plain can be told apart.
    return min(undominated(tied), key=plainness if nowhere else preference)


# --- proving ---------------------------------------------------------------------------------


def _missing(each: Candidate) -> Mapping[MeterKind, Decimal]:
    """How much of what is missing: the likely quantity a month."""
    amounts: dict[MeterKind, Decimal] = {}
    for line in each.cost.missing:
        kind, much = _kind(line)
        amounts[kind] = amounts.get(kind, ZERO) + much
    return amounts


def _kind(line: Line) -> tuple[MeterKind, Decimal]:
    usage = line.usage
    much = usage.quantity.likely if usage.quantity is not None else Decimal(1)
    return MeterKind(usage.meter, usage.unit, usage.name, usage.quantity is not None), much


class _Excess(NamedTuple):
    """What one plan lacks beyond another, and the other beyond it."""

    own: Mapping[MeterKind, Decimal]
    rivals: Mapping[MeterKind, Decimal]


def _excess(each: Candidate, rival: Candidate) -> _Excess:
    ours, theirs = _by_meter(each), _by_meter(rival)
    own = {kind: much - _much(theirs, kind) for kind, much in ours.items()}
    others = {kind: much - _much(ours, kind) for kind, much in theirs.items()}
    return _Excess(
        {kind: much for kind, much in own.items() if much > 0},
        {kind: much for kind, much in others.items() if much > 0},
    )


def _by_meter(each: Candidate) -> Mapping[MeterKind, Decimal]:
    """A meter once, whatever its lines are called."""
    amounts: dict[tuple[Meter, str, bool], tuple[MeterKind, Decimal]] = {}
    for kind, much in _missing(each).items():
        key = (kind.meter, kind.unit, kind.counted)
        first, so_far = amounts.get(key, (kind, ZERO))
        amounts[key] = (first, so_far + much)
    return dict(amounts.values())


def _much(amounts: Mapping[MeterKind, Decimal], kind: MeterKind) -> Decimal:
    """How much the other one lacks of the same meter; of an unknown quantity nothing is shared."""
    if not kind.counted:
        return ZERO
    same = (kind.meter, kind.unit)
    return sum(
        (much for other, much in amounts.items() if other[:2] == same and other.counted), ZERO
    )


def _room(each: Candidate, rival: Candidate, known: KnownAnywhere) -> Decimal:
    """What the plan's own missing prices may cost together before the rival is the cheaper."""
    room = rival.cost.likely - each.cost.likely
    for kind, much in _excess(each, rival).rivals.items():
        price = known(kind.meter, kind.unit) if kind.counted else None
        room += much * price.cheapest if price else ZERO
    return room


def _own(each: Candidate, rival: Candidate, known: KnownAnywhere) -> Decimal | None:
    """The plan's own missing prices at the dearest known; None where one is known nowhere."""
    amount = ZERO
    for kind, much in _excess(each, rival).own.items():
        price = known(kind.meter, kind.unit) if kind.counted else None
        if price is None:
            return None
        amount += much * price.dearest
    return amount


def _dearer_by(each: Candidate, rival: Candidate, known: KnownAnywhere) -> Decimal | None:
    """How much room is left when the plan is proven to cost no more; None where it is not."""
    own = _own(each, rival, known)
    if own is None:
        return None
    room = _room(each, rival, known)
    tie = tie_limit(rival.cost.likely) - rival.cost.likely
    left = room - own * DEARER
    return left if left >= -tie else None


# --- up to which price -----------------------------------------------------------------------


def _threshold(each: Candidate, rivals: Sequence[Candidate], known: KnownAnywhere) -> str:
    """A sentence: the price, or the factor on several, from which on another would be cheaper."""
    lacking = [rival for rival in rivals if _excess(each, rival).own]
    if not lacking:
        return _from_below(each, rivals, known)
    return min((_above(each, rival, known) for rival in lacking), key=lambda said: said[0])[1]


def _above(each: Candidate, rival: Candidate, known: KnownAnywhere) -> tuple[Decimal, str]:
    """The factor on the dearest known at which the rival is as cheap, and the sentence."""
    own = _excess(each, rival).own
    room = _room(each, rival, known)
    dearest = _own(each, rival, known) or ZERO
    factor = room / dearest if dearest else ZERO
    if len(own) > 1:
        several = counted(len(own), "missing price")
        return factor, (
            f"It is the cheapest unless the {several} come to more than"
            f" {quantity(factor)} times the dearest known in any region."
        )
    [(kind, much)] = own.items()
    price = known(kind.meter, kind.unit)
    at_most = f" (dearest known: {_price(price.dearest)})" if price else ""
    return factor, (
        f"It is the cheapest unless the price of {_named(kind)} is above"
        f" {_price(room / much)} {_per(kind.unit)}{at_most}."
    )


def _from_below(each: Candidate, rivals: Sequence[Candidate], known: KnownAnywhere) -> str:
    """The plan has every price that counts: from which price on a rival would be cheaper."""
    for rival in sorted(rivals, key=lambda one: estimate(one, known)):
        others = _excess(each, rival).rivals
        room = each.cost.likely - rival.cost.likely
        if len(others) == 1 and room > 0:
            [(kind, much)] = others.items()
            price = known(kind.meter, kind.unit)
            if price is not None and much:
                return (
                    f"It is the cheapest unless the price of {_named(kind)} is below"
                    f" {_price(room / much)} {_per(kind.unit)}"
                    f" (cheapest known: {_price(price.cheapest)})."
                )
    return ""


def _named(kind: MeterKind) -> str:
    name = kind.name
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _price(amount: Decimal) -> str:
    """An amount per unit, in USD: to a cent from 1 USD on, else to three figures."""
    return money(amount, "USD") if amount >= 1 else f"{quantity(amount)} USD"


def _per(unit: str) -> str:
    """`1 GB/Month` as people say it: `a GB`."""
    thing = unit.removeprefix("1 ").removeprefix("1/").split("/")[0].strip()
    return f"a {thing}" if thing else "each"
