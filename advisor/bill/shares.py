"""Sums that stay whole: amounts rounded to cents, and one amount shared out by weights.

Both use the largest remainder: what rounding leaves over goes, a cent each, to those that lost
most by it. So parts always add up to the whole, to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

CENT = Decimal("0.01")


def whole_cents(amount: Decimal) -> Decimal:
    """An amount rounded to the cent."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def to_cents(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Each amount in cents, so that together they are their sum rounded to the cent."""
    total = whole_cents(sum(amounts, Decimal(0)))
    down = [amount.quantize(CENT, ROUND_DOWN) for amount in amounts]
    lost = [Fraction(amount) - Fraction(cut) for amount, cut in zip(amounts, down, strict=True)]
    return _with_the_rest(down, lost, total)


def shared(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """An amount of whole cents in the proportion of the weights; together it is the amount.

    Weights are zero or more, and one at least is more than zero: else ValueError, because
    there is nobody to give it to.
    """
    whole = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("an amount is shared by weights of zero or more, and one above zero")
    exact = [Fraction(amount) * Fraction(weight) / whole for weight in weights.values()]
    down = [_cut(part) for part in exact]
    lost = [part - Fraction(cut) for part, cut in zip(exact, down, strict=True)]
    # Who has no weight has no cent either.
    able = [weight > 0 for weight in weights.values()]
    return dict(zip(weights, _with_the_rest(down, lost, amount, able), strict=True))


def _cut(exact: Fraction) -> Decimal:
    """Towards zero, to the cent."""
    cents = abs(exact) * 100
    cut = Decimal(cents.numerator // cents.denominator) * CENT
    return cut if exact >= 0 else -cut


def _with_the_rest(
    down: Sequence[Decimal],
    lost: Sequence[Fraction],
    total: Decimal,
    able: Sequence[bool] | None = None,
) -> list[Decimal]:
    """Each cut amount, and one cent more for those that lost most, until the total is met."""
    rest = int(((total - sum(down, Decimal(0))) / CENT).to_integral_value())
    step = CENT if rest > 0 else -CENT
    places = [place for place in range(len(down)) if able is None or able[place]]
    ranked = sorted(places, key=lambda place: lost[place], reverse=rest > 0)
    given = list(down)
    for number in range(abs(rest)):
        given[ranked[number % len(ranked)]] += step
    return given
