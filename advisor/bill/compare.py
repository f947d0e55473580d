"""What was billed beside what was estimated, and what of the difference is due to what.

The difference of a line is split so that its parts are the whole of it:
quantity: what was estimated too much or too little, at the billed price;
price: what the price was off, for the estimated quantity;
not estimated: billed, and in no line of the estimate;
not billed: estimated, and in no line of the bill.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.model import ZERO, Range

if TYPE_CHECKING:  # every advice keeps its estimate, and no advice divides a bill
    from advisor.bill.divide import BilledLine

What = tuple[BillPart, MeterPurpose]
"""What a line is about: the same in a bill and in an estimate."""


class EstimatedLine(NamedTuple):
    """One line of an estimate. `monthly` is None where its price or quantity is missing."""

    part: BillPart
    kind: MeterPurpose
    name: str
    quantity: Range | None
    unit_price: Decimal | None
    monthly: Range | None
    source: str = ""  #: of the quantity: measured, billed, stated, assumed


class GivenEstimate(NamedTuple):
    """What was said of a VM's protection as it stands, and when."""

    vm: str  #: lower-cased ARM id
    given_at: datetime
    currency: str
    lines: tuple[EstimatedLine, ...]
    assumed: Mapping[str, str] = {}


class LineError(NamedTuple):
    """One line, billed and estimated; None: it is not in that one.

    `quantity` to `not_billed` add up to `estimated - billed`, each None where it is not known.
    """

    part: BillPart
    kind: MeterPurpose
    billed: Decimal | None
    estimated: Range | None
    billed_quantity: Decimal | None
    estimated_quantity: Decimal | None
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    not_estimated: Decimal = ZERO
    not_billed: Decimal = ZERO

    @property
    def error(self) -> Decimal:
        """Estimated less billed."""
        return self.quantity + self.price + self.not_estimated + self.not_billed


def differences(
    billed: Sequence[BilledLine], estimate: GivenEstimate, currency: str
) -> tuple[LineError, ...]:
    """Line by line, of the bill's lines in the estimate's currency. `currency` is both's.

    Raises ValueError for an estimate in another currency: two currencies are never compared.
    """
    if estimate.currency != currency:
        raise ValueError(f"the estimate is in {estimate.currency}, the bill in {currency}")
    by_bill = _billed_by(line for line in billed if line.currency == currency)
    by_estimate: dict[What, list[EstimatedLine]] = defaultdict(list)
    for line in estimate.lines:
        if line.monthly is not None:
            by_estimate[line.part, line.kind].append(line)
    every = sorted({*by_bill, *by_estimate})
    return tuple(_difference(what, by_bill.get(what), by_estimate.get(what)) for what in every)


class _Billed(NamedTuple):
    amount: Decimal
    quantity: Decimal | None


def _billed_by(lines: Iterable[BilledLine]) -> dict[What, _Billed]:
    found: dict[What, _Billed] = {}
    for line in lines:
        known = found.get((line.part, line.kind), _Billed(ZERO, ZERO))
        both = known.quantity is not None and line.quantity is not None
        quantity = (known.quantity or ZERO) + (line.quantity or ZERO) if both else None
        found[line.part, line.kind] = _Billed(known.amount + line.amount, quantity)
    return found


def _difference(
    what: What, billed: _Billed | None, lines: Sequence[EstimatedLine] | None
) -> LineError:
    amount = _summed([line.monthly for line in lines or () if line.monthly is not None])
    estimated = amount if lines else None
    known = [line.quantity for line in lines or () if line.quantity is not None]
    quantity = sum((one.likely for one in known), ZERO) if known else None
    base = LineError(
        part=what[0],
        kind=what[1],
        billed=billed.amount if billed else None,
        estimated=estimated,
        billed_quantity=billed.quantity if billed else None,
        estimated_quantity=quantity,
    )
    if billed is None:
        return base._replace(not_billed=amount.likely)
    if estimated is None:
        return base._replace(not_estimated=-billed.amount)
    return _split(base, billed, estimated.likely, quantity)


def _split(
    base: LineError, billed: _Billed, estimated: Decimal, quantity: Decimal | None
) -> LineError:
    """Into quantity and price; where the bill has no quantity, all is put down to quantity."""
    error = estimated - billed.amount
    if not billed.quantity or quantity is None:
        return base._replace(quantity=error)
    of_quantity = (quantity - billed.quantity) * billed.amount / billed.quantity
    return base._replace(quantity=of_quantity, price=error - of_quantity)


def _summed(ranges: Iterable[Range]) -> Range:
    every = list(ranges)
    return Range(
        sum((one.low for one in every), ZERO),
        sum((one.likely for one in every), ZERO),
        sum((one.high for one in every), ZERO),
    )
