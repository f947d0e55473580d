"""Which prices moved since they were last told, and what that does to the fleet's bill."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from advisor.model import ZERO, KnownVm, Meter, Monthly, PriceOrigin
from advisor.model.fleet import FleetRow
from advisor.prices.book import Price
from advisor.prices.pricing import Pricer

#: A price that moved by less is not told: lists in other currencies than USD are converted anew
#: each month, and two readings of one price have been seen 0.41 % apart. What is below adds up,
#: for a price is compared with the one that was told last. Ours.
MOVED_SHARE = Decimal("0.01")
#: What changes the fleet's bill by less in a month is not worth a message. In the currency. Ours.
MOVES_THE_BILL_BY = Decimal(1)
#: Moves whose effect is worked out alone: each bills the VMs that they concern once more. Ours.
MOST_EFFECTS = 12
#: Prices read for their meter: another kind moves because more is known, not because it changed.
_READ = frozenset({PriceOrigin.LISTED, PriceOrigin.AGREED})

Tiers = tuple[tuple[Decimal, Decimal], ...]


class SeenPrice(NamedTuple):
    """What a meter cost when it was last told. `tiers`: as advisor.prices.book.Price has them."""

    meter: Meter
    currency: str
    unit: str
    tiers: Tiers
    origin: str
    true_on: str


class PriceMove(NamedTuple):
    """A meter whose price is another one than was told last."""

    before: SeenPrice
    now: Price

    @property
    def was(self) -> Price:
        """The price as it was, to be billed by."""
        return self.now._replace(tiers=self.before.tiers)


class VmCost(NamedTuple):
    """What one VM's protection costs a month, and what is decided, by some prices.

    Costs are likely ones; None: a price is missing.
    """

    today: Decimal | None
    after: Decimal | None
    courses: tuple[str, ...]
    todo: str


class MoveEffect(NamedTuple):
    """What one move does to the fleet's bill in a month: more, or less where it is negative."""

    move: PriceMove
    today: Decimal
    after: Decimal
    vms: int  #: whose bill of today it changes


class BillMoved(NamedTuple):
    """What all moves together do: each, and the fleet's bill of today by the prices of before."""

    effects: tuple[MoveEffect, ...]
    today_before: Decimal
    today_now: Decimal
    by_old_prices: Mapping[str, VmCost]  #: by the lower-cased id; those of VMs that differ
    idle: tuple[PriceMove, ...] = ()  #: which change no bill, or whose effect is in the sum alone


NO_MOVE = BillMoved((), ZERO, ZERO, {})


def seen_prices(pricer: Pricer) -> Iterator[SeenPrice]:
    """The price of each meter that was looked up, in the pricer's currency."""
    for meter, currency, price in pricer.looked_up():
        if currency == pricer.currency and not isinstance(price, str):
            tiers = tuple(price.tiers)
            yield SeenPrice(meter, currency, price.unit, tiers, price.origin.value, price.true_on)


def cost_of(row: FleetRow) -> VmCost:
    """What a row costs, and what it decides."""
    courses = tuple(course.value for course in row.courses)
    return VmCost(_likely(row.today), _likely(row.after), courses, row.todo)


def _likely(monthly: Monthly | None) -> Decimal | None:
    return None if monthly is None else monthly.likely


def price_moves(before: Iterable[SeenPrice], pricer: Pricer) -> Iterator[PriceMove]:
    """The prices that moved by MOVED_SHARE or more, and were read then and now."""
    for seen in before:
        now = pricer.price_or_why(seen.meter)
        if isinstance(now, str) or seen.currency != pricer.currency or now.unit != seen.unit:
            continue
        if {seen.origin, now.origin.value} <= {each.value for each in _READ} and _moved(seen, now):
            yield PriceMove(seen, now)


def _moved(seen: SeenPrice, now: Price) -> bool:
    """Whether any tier is another by enough; other tiers are another price."""
    if [minimum for minimum, _ in seen.tiers] != [minimum for minimum, _ in now.tiers]:
        return True
    pairs = zip(seen.tiers, now.tiers, strict=True)
    return any(abs(after - was) > was * MOVED_SHARE for (_, was), (_, after) in pairs)


def is_told(effect: MoveEffect) -> bool:
    """Whether the move changes a bill by enough to be told."""
    return max(abs(effect.today), abs(effect.after)) >= MOVES_THE_BILL_BY


def effect_of(
    move: PriceMove, now: Mapping[str, VmCost], before: Mapping[str, VmCost]
) -> MoveEffect | None:
    """What the move does to VMs, of which `before` is by its old price; None: to no bill."""
    differ = [(now[key], was) for key, was in before.items() if now[key][:2] != was[:2]]
    if not differ:
        return None
    today = sum((_less(one.today, was.today) for one, was in differ), ZERO)
    after = sum((_less(one.after, was.after) for one, was in differ), ZERO)
    billed = sum(one.today != was.today for one, was in differ)
    return MoveEffect(move, today, after, billed)


def _less(now: Decimal | None, before: Decimal | None) -> Decimal:
    """More than before; nothing where one of both is not known."""
    return ZERO if now is None or before is None else now - before


def whole(costs: Iterable[VmCost]) -> Decimal:
    """What all of them cost today, as far as it is known."""
    return sum((each.today for each in costs if each.today is not None), ZERO)


def kept_prices(
    before: Sequence[SeenPrice], now: Iterable[SeenPrice], settled: Iterable[PriceMove]
) -> tuple[SeenPrice, ...]:
    """What the next digest compares with. `settled`: moves that were told, or change no bill.

    Every other price stays what it was, so that small moves add up. One that was not read of its
    meter before, and now is, takes the place of what stood for it.
    """
    kept = {_key(each): each for each in before}
    moved = {_key(each.before) for each in settled}
    read = {each.value for each in _READ}
    for each in now:
        known = kept.get(_key(each))
        is_comparable = known and known.origin in read and known.unit == each.unit
        if not is_comparable or _key(each) in moved:
            kept[_key(each)] = each
    return tuple(kept[key] for key in sorted(kept))


def _key(price: SeenPrice) -> tuple[str, ...]:
    return (*price.meter, price.currency)


def held_by(moves: Iterable[PriceMove]) -> dict[Meter, Price]:
    """The prices as they were, for a Pricer that goes by them."""
    return {each.now.meter: each.was for each in moves}


#: Bills the VMs by prices that are held, and gives the cost of each by its lower-cased id.
BilledBy = Callable[[Sequence[KnownVm], Mapping[Meter, Price]], Mapping[str, VmCost]]


def bill_moved(
    moves: Sequence[PriceMove],
    vms: Sequence[KnownVm],
    now: Mapping[str, VmCost],
    billed_by: BilledBy,
) -> BillMoved:
    """What the moves do together, and each of the MOST_EFFECTS that moved most by itself."""
    if not moves:
        return NO_MOVE
    old = billed_by(vms, held_by(moves))
    differ = {key: cost for key, cost in old.items() if cost != now[key]}
    few = [known for known in vms if known.vm.key in differ]
    ordered, effects = sorted(moves, key=_most_moved_first), []
    idle = ordered[MOST_EFFECTS:]
    for move in ordered[:MOST_EFFECTS]:
        alone = differ if len(moves) == 1 else billed_by(few, held_by([move]))
        if effect := effect_of(move, now, alone):
            effects.append(effect)
        else:
            idle.append(move)
    before, after = whole(old.values()), whole(now.values())
    return BillMoved(tuple(effects), before, after, differ, tuple(idle))


def _most_moved_first(move: PriceMove) -> tuple[Decimal, Meter]:
    was, is_now = move.was.unit_price, move.now.unit_price
    return -(abs(is_now - was) / was if was else is_now), move.now.meter
