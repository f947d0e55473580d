"""What is said of an advice that was given before: when, and if its prices still hold. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from advisor.prices.pricing import Pricer
from advisor.prices.quote import full_date
from advisor.words import counted, listed
from bot.messages.advice_told import PriceSeen
from bot.requests.moments import moment_words

_NAMED = 2  #: prices that a sentence names; the others are counted


def given_words(at: datetime) -> str:
    """`Given on 30 Nov 2026, 14:10 UTC.`"""
    return f"Given on {moment_words(at)}."


def price_changes(seen: Sequence[PriceSeen], pricer: Pricer) -> tuple[str, ...]:
    """A sentence where the prices that an advice rests on were read again since."""
    once = {each.meter: each for each in seen}
    changed, gone, refreshed = [], 0, 0
    for before in once.values():
        now = pricer.price_or_why(before.meter)
        if isinstance(now, str):
            gone += 1
            continue
        is_other = now.unit_price != before.unit_price
        refreshed += is_other or _is_later(now.true_on, before.true_on)
        if is_other:
            change = f"{_digits(before.unit_price)} to {_digits(now.unit_price)}"
            changed.append(f"{before.meter.meter} from {change}")
    return tuple(_sentences(changed, gone, refreshed, len(once)))


def _sentences(changed: list[str], gone: int, refreshed: int, of: int) -> list[str]:
    said = []
    if changed:
        more = len(changed) - _NAMED
        named = listed([*changed[:_NAMED], f"{more} more"] if more > 0 else changed)
        said.append(f"It is older than its prices: {len(changed)} of {of} changed ({named}).")
    elif refreshed:
        said.append("It is older than its prices, which were read again and are the same.")
    if gone:
        said.append(f"{counted(gone, 'price')} of it cannot be found any more.")
    return said


def _is_later(day: str, before: str) -> bool:
    return bool(day and before) and full_date(day) > full_date(before)


def _digits(price: Decimal) -> str:
    return f"{price.normalize():f}"
