"""The one way in which a message says an amount of money."""

from __future__ import annotations

from advisor.words import money, span
from bot.requests.model import Money


def amount_words(value: Money | None, currency: str, when: str = "") -> str:
    """`0.71 USD a month (0.14 to 1.55)`; `not known` without a value.

    `when` stands between the likely amount and its range: `a month`, `until it expires`.
    """
    if value is None:
        return "not known"
    between = span(value.low, value.high)
    said = f"{money(value.likely, currency)} {when}".strip()
    return f"{said} ({between})" if between else said
