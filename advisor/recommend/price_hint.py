"""What brings the prices that a plan lacks: for every region and currency that they are of."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model import Assessment
from advisor.prices.pricing import COMPARED_CURRENCY
from advisor.prices.remedy import Lacking, Remedies, update_command


def price_hint(parts: Iterable[Assessment], home: str, remedy: Remedies) -> str:
    """The sentence of the place where it is read."""
    return remedy.of_plan(lacking_prices(parts, home))


def price_command(parts: Iterable[Assessment], home: str) -> str:
    """The same as a line of the terminal, without a word around it."""
    lacking = lacking_prices(parts, home)
    return " && ".join(update_command(lacking[currency], currency) for currency in lacking)


def lacking_prices(parts: Iterable[Assessment], home: str) -> Lacking:
    """Where prices are lacking, by currency; USD and the VM's own region stand first.

    Also of lines that are no part of the total. Of traffic the source has the price. Each part
    lacks in its own currency: what is compared is USD, what is shown may be another.
    """
    lacking: dict[str, set[str]] = {}
    currencies = []
    for part in parts:
        currencies.append(part.monthly.currency)
        for line in part.lines:
            if line.missing and line.usage.quantity is not None:
                lacking.setdefault(part.monthly.currency, set()).add(line.usage.meter.region)
    if not lacking:
        lacking = {currency: {home} for currency in currencies[:1] or [COMPARED_CURRENCY]}
    ordered = sorted(lacking, key=lambda currency: (currency != COMPARED_CURRENCY, currency))
    return {
        currency: sorted(lacking[currency], key=lambda region: (region != home, region))
        for currency in ordered
    }
