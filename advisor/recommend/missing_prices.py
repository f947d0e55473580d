"""What missing prices may come to, and whether one plan is proven cheaper than another.

What both plans lack cancels for the quantity they share. Of the rest a plan's own counts at the
dearest price known of such a meter in any region and half as much again, that of its rivals at
the cheapest known; a meter of which no price is known anywhere bounds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from advisor.model import ZERO, Line, Meter
from advisor.prices.book import KnownPrices
from advisor.recommend.candidates import Candidate, CostUsd
from advisor.recommend.compare import tie_limit

KnownAnywhere = Callable[[Meter, str], KnownPrices | None]

#: How much dearer than the dearest known a price may be. Ours: regions differ by less.
DEARER = Decimal("1.5")

Key = tuple[Meter, str, bool]
"""A meter, its unit, and whether the quantity is known: what two plans may lack alike."""


class Lacking(NamedTuple):
    """What is missing of one meter: its price, or the quantity itself."""

    meter: Meter
    unit: str
    name: str
    counted: bool  #: its quantity is known
    much: Decimal  #: the likely quantity a month
    price: KnownPrices | None  #: of such a meter in any region; None where nobody knows one


_Lacked = Mapping[Key, Lacking]


class PriceBounds:
    """What the costs of one VM's plans come to with what is missing at the dearest and at the
    cheapest price known; each is worked out once."""

    def __init__(self, known: KnownAnywhere) -> None:
        self._known = known
        # By identity, and each holds what it is kept by, so no other gets that identity.
        self._dearest_of: dict[int, tuple[Line, Decimal | None]] = {}
        self._cheapest: dict[int, tuple[CostUsd, Decimal]] = {}
        self._lacked: dict[int, tuple[CostUsd, _Lacked]] = {}

    def estimate(self, cost: CostUsd) -> tuple[bool, Decimal]:
        """Whether a meter is known nowhere; and the likely amount with what is missing
        at the dearest known."""
        amount, nowhere = cost.likely, False
        if not cost.missing:
            return nowhere, amount
        for line in cost.missing:
            known = self._dearest_of.get(id(line)) or self._dearest(line)
            if known[1] is None:
                nowhere = True
            else:
                amount += known[1]
        return nowhere, amount

    def _dearest(self, line: Line) -> tuple[Line, Decimal | None]:
        usage = line.usage
        price = self._known(usage.meter, usage.unit) if usage.quantity is not None else None
        amount = price.dearest * usage.quantity.likely if price and usage.quantity else None
        kept = self._dearest_of[id(line)] = (line, amount)
        return kept

    def at_the_cheapest(self, cost: CostUsd) -> Decimal:
        """The likely amount with what is missing at the cheapest price known, or for nothing."""
        if not cost.missing:
            return cost.likely
        known = self._cheapest.get(id(cost))
        if known is None:
            known = self._cheapest[id(cost)] = (cost, cost.likely + self._least(cost))
        return known[1]

    def _least(self, cost: CostUsd) -> Decimal:
        amount = ZERO
        for line in cost.missing:
            much, price = line.usage.quantity, self._known(line.usage.meter, line.usage.unit)
            if much is not None and price is not None:
                amount += price.cheapest * much.likely
        return amount

    def lacked(self, cost: CostUsd) -> _Lacked:
        """What is missing, a meter once whatever its lines are called."""
        known = self._lacked.get(id(cost))
        if known is None:
            known = self._lacked[id(cost)] = (cost, self._by_meter(cost))
        return known[1]

    def _by_meter(self, cost: CostUsd) -> _Lacked:
        found: dict[Key, Lacking] = {}
        for line in cost.missing:
            usage = line.usage
            counted = usage.quantity is not None
            much = usage.quantity.likely if usage.quantity is not None else Decimal(1)
            key = (usage.meter, usage.unit, counted)
            before = found.get(key)
            if before is not None:
                found[key] = before._replace(much=before.much + much)
                continue
            price = self._known(usage.meter, usage.unit) if counted else None
            found[key] = Lacking(usage.meter, usage.unit, usage.name, counted, much, price)
        return found

    def tie(self, rival: Candidate) -> Decimal:
        """How much more costs the same: of what the rival costs at the cheapest prices known."""
        amount = self.at_the_cheapest(rival.cost)
        return tie_limit(amount) - amount


class Proof(NamedTuple):
    """How a plan stands against a rival, as far as prices are known."""

    rival: Candidate
    own: tuple[Lacking, ...]  #: what the plan lacks beyond the rival
    others: tuple[Lacking, ...]  #: what the rival lacks beyond the plan
    room: Decimal  #: what `own` may cost together before the rival is the cheaper
    dearest: Decimal | None  #: `own` at the dearest known; None where one is known nowhere
    tie: Decimal  #: how much more than the rival costs the same

    @property
    def left(self) -> Decimal | None:
        """How much cheaper the plan is at least; None where nothing bounds it."""
        return None if self.dearest is None else self.room - self.dearest * DEARER

    @property
    def holds(self) -> bool:
        """Whether the plan is proven to cost no more than a tie above the rival."""
        left = self.left
        return left is not None and left >= -self.tie

    @property
    def is_cheaper(self) -> bool:
        """Whether it is proven to cost no more; else, of what holds, within a tie."""
        left = self.left
        return left is not None and left >= 0

    @property
    def slack(self) -> Decimal:
        """By how much more than the rival the plan may cost before the answer changes."""
        return ZERO if self.is_cheaper else self.tie


def proof(each: Candidate, rival: Candidate, bounds: PriceBounds) -> Proof:
    """A plan beside a rival."""
    room = rival.cost.likely - each.cost.likely
    if not each.cost.missing and not rival.cost.missing:
        return Proof(rival, (), (), room, ZERO, bounds.tie(rival))
    ours, theirs = bounds.lacked(each.cost), bounds.lacked(rival.cost)
    own, others = tuple(_beyond(ours, theirs)), tuple(_beyond(theirs, ours))
    for one in others:
        room += one.much * one.price.cheapest if one.price else ZERO
    return Proof(rival, own, others, room, _at_the_dearest(own), bounds.tie(rival))


def _beyond(ours: _Lacked, theirs: _Lacked) -> Iterator[Lacking]:
    """What is lacked beyond another plan; of an unknown quantity nothing is shared."""
    for key, one in ours.items():
        same = theirs.get(key) if one.counted else None
        much = one.much if same is None else one.much - same.much
        if much > 0:
            yield one._replace(much=much)


def _at_the_dearest(own: tuple[Lacking, ...]) -> Decimal | None:
    amount = ZERO
    for one in own:
        if one.price is None:
            return None
        amount += one.much * one.price.dearest
    return amount
