"""The one way in which a message says an amount of money: `0.71 USD a month (0.14 to 1.55)`."""

from __future__ import annotations

from decimal import Decimal

from advisor.words import amount, money, span
from bot.requests.model import Money


def exact_words(value: Decimal, currency: str) -> str:
    """`1.20 USD`."""
    return money(value, currency)


def plain_amount(value: Decimal) -> str:
    """`1.20`, where the currency stands above the column."""
    return amount(value)


def range_words(value: Money) -> str:
    """`0.14 to 1.55`; empty where both read the same."""
    return span(value.low, value.high)


def amount_words(value: Money | None, currency: str, when: str = "") -> str:
    """`0.71 USD a month (0.14 to 1.55)`; `not known` without a value.

    `when` stands between the likely amount and its range: `a month`, `until it expires`.
    """
    if value is None:
        return "not known"
    between = range_words(value)
    said = f"{exact_words(value.likely, currency)} {when}".strip()
    return f"{said} ({between})" if between else said
