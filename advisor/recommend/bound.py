"""Missing prices, bounded: how dear they may be before another plan is the cheaper one.

What both plans lack cancels for the quantity they share. Of the rest a plan's own counts at the
dearest price known of such a meter in any region and half as much again, that of its rivals at
the cheapest known; a meter of which no price is known anywhere bounds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """The cheapest of candidates that meet the need equally well; some may lack prices.

    Of those that are proven to cost no more than a tie above every rival the better one is taken,
    as `best` takes it where every price is known.
    """
    if not any(each.cost.missing for each in candidates):
        return Settled(best(candidates))
    estimates = Estimates(known)
    families = _families(candidates, estimates, known)
    tied = [each for family in families for each in family.tied]
    for each in sorted(tied, key=preference):
        rivals = [one for family in families for one in family.rivals_of(each)]
        if all(_dearer_by(each, rival, known) is not None for rival in rivals):
            return Settled(each, _threshold(each, rivals, known))
    firsts = [family.first for family in families]
    return Settled(None, open=tuple(sorted(firsts, key=lambda one: estimates.of(one.cost))))


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


class _Family(NamedTuple):
    """The candidates of one set of options."""

    options: tuple[str, ...]
    tied: Sequence[Candidate]  #: the cheapest by the estimate, and what costs the same
    first: Candidate  #: of these the better one
    cheapest: Sequence[Candidate]  #: by the estimate, and at the cheapest prices known; what
    #: lacks a price that is known nowhere bounds nothing, and is none where another is
    complete: Candidate | None  #: the cheapest that has all its prices

    def rivals_of(self, each: Candidate) -> Iterator[Candidate]:
        """What it must cost no more than. Of its own options the estimate decides; only what has
        all its prices is not given up for what may turn out dearer."""
        if each.options != self.options:
            yield from self.cheapest
        elif each.cost.missing and self.complete is not None:
            yield self.complete


_Estimated = Sequence[tuple[bool, Decimal, Candidate]]
"""Whether a meter is known nowhere, the estimate, and the candidate."""


def _families(
    candidates: Sequence[Candidate], estimates: Estimates, known: KnownAnywhere
) -> list[_Family]:
    of_options: dict[tuple[str, ...], list[tuple[bool, Decimal, Candidate]]] = {}
    for each in candidates:
        of_options.setdefault(each.options, []).append((*estimates.of(each.cost), each))
    return [_family(options, group, known) for options, group in of_options.items()]


def _family(options: tuple[str, ...], group: _Estimated, known: KnownAnywhere) -> _Family:
    nowhere, tied = _tied(group)
    priced = [one for one in group if not one[2].cost.missing]
    complete = min(priced, key=lambda one: one[1])[2] if priced else None
    if complete is not None:
        proven = [
            each
            for each in tied
            if not each.cost.missing or _dearer_by(each, complete, known) is not None
        ]
        tied = proven or _tied(priced)[1]
    tied = undominated(tied)
    # With nothing known the amounts say nothing, and only what is plain can be told apart.
    first = min(tied, key=plainness if nowhere else preference)
    return _Family(
        options,
        [first] if nowhere else tied,
        first,
        (min(group, key=lambda one: one[:2])[2], _at_best(group, nowhere, known)),
        complete,
    )


def _tied(group: _Estimated) -> tuple[bool, Sequence[Candidate]]:
    """Whether each lacks a price known nowhere; and the cheapest, with what costs the same."""
    nowhere = min(one for one, _, _ in group)
    same = [(amount, each) for one, amount, each in group if one == nowhere]
    limit = tie_limit(min(amount for amount, _ in same))
    return nowhere, [each for amount, each in same if amount <= limit]


def _at_best(group: _Estimated, nowhere: bool, known: KnownAnywhere) -> Candidate:
    """The one that would be the cheapest if all that is missing cost the least known."""
    same = [each for one, _, each in group if one == nowhere]
    return min(same, key=lambda each: at_the_cheapest(each.cost, known))


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
    """How much room is left when the plan is proven to cost no more than a tie above the rival;
    None where it is not."""
    own = _own(each, rival, known)
    if own is None:
        return None
    left = _room(each, rival, known) - own * DEARER
    return left if left >= -_tie(rival, known) else None


def _tie(rival: Candidate, known: KnownAnywhere) -> Decimal:
    """How much more costs the same: of what the rival costs at the cheapest prices known."""
    amount = at_the_cheapest(rival.cost, known)
    return tie_limit(amount) - amount


# --- up to which price -----------------------------------------------------------------------

_CHEAPEST = "It is the cheapest"
_AS_CHEAP = "It costs about what the cheapest costs"  #: within a tie


def _threshold(each: Candidate, rivals: Sequence[Candidate], known: KnownAnywhere) -> str:
    """A sentence: the price, or the factor on several, from which on another would be cheaper."""
    first = all(_is_cheaper(each, rival, known) for rival in rivals)
    start = f"{_CHEAPEST if first else _AS_CHEAP} unless"
    lacking = [rival for rival in rivals if _excess(each, rival).own]
    if not lacking:
        return _from_below(start, each, rivals, known)
    said = [_above(start, each, rival, known) for rival in lacking]
    return min(said, key=lambda one: one[0])[1]


def _is_cheaper(each: Candidate, rival: Candidate, known: KnownAnywhere) -> bool:
    """Whether it is proven to cost no more; else, of what is proven, within a tie."""
    left = _dearer_by(each, rival, known)
    return left is not None and left >= 0


def _slack(each: Candidate, rival: Candidate, known: KnownAnywhere) -> Decimal:
    """By how much more than the rival the plan may cost before the answer changes."""
    return ZERO if _is_cheaper(each, rival, known) else _tie(rival, known)


def _above(
    start: str, each: Candidate, rival: Candidate, known: KnownAnywhere
) -> tuple[Decimal, str]:
    """The factor on the dearest known at which the rival is as cheap, and the sentence."""
    own = _excess(each, rival).own
    room = _room(each, rival, known) + _slack(each, rival, known)
    dearest = _own(each, rival, known) or ZERO
    factor = room / dearest if dearest else ZERO
    if len(own) > 1:
        several = counted(len(own), "missing price")
        return factor, (
            f"{start} the {several} come to more than"
            f" {quantity(factor)} times the dearest known in any region."
        )
    [(kind, much)] = own.items()
    price = known(kind.meter, kind.unit)
    at_most = f" (dearest known: {_price(price.dearest)})" if price else ""
    return factor, (
        f"{start} the price of {_named(kind)} is above"
        f" {_price(room / much)} {_per(kind.unit)}{at_most}."
    )


def _from_below(
    start: str, each: Candidate, rivals: Sequence[Candidate], known: KnownAnywhere
) -> str:
    """The plan has every price that counts: from which price on a rival would be cheaper."""
    for rival in sorted(rivals, key=lambda one: estimate(one, known)):
        others = _excess(each, rival).rivals
        room = each.cost.likely - rival.cost.likely - _slack(each, rival, known)
        if len(others) == 1 and room > 0:
            [(kind, much)] = others.items()
            price = known(kind.meter, kind.unit)
            if price is not None and much:
                return (
                    f"{start} the price of {_named(kind)} is below"
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
