"""What brings the prices that a plan lacks: for every region and currency that they are of."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model import Assessment
from advisor.prices.pricing import COMPARED_CURRENCY, COUNTED
from advisor.prices.remedy import Lacking, Remedies, update_command
from advisor.prices.wanted import may_be_listed

#: https://azure.microsoft.com/pricing/details/bandwidth, which no API serves.
IN_NO_LIST = "Azure's bandwidth price list names what traffic to another continent costs."

#: No price helps where it is not known how much is billed: of a disk that is billed by what it is
#: set to, or of a replica without a target.
NO_QUANTITY = "What is billed is not known whole: {}."


def price_hint(parts: Iterable[Assessment], home: str, remedy: Remedies) -> str:
    """The sentence of the place where it is read."""
    parts = tuple(parts)
    missing = [line for part in parts for line in part.lines if line.missing]
    unread = [
        line.missing
        for line in missing
        if line.usage.kind in COUNTED and line.usage.quantity is None
    ]
    if unread and len(unread) == sum(not line.usage.optional for line in missing):
        return NO_QUANTITY.format("; ".join(dict.fromkeys(unread)))
    lacking = lacking_prices(parts, home)
    return remedy.of_plan(lacking) if lacking else IN_NO_LIST


def price_command(parts: Iterable[Assessment], home: str) -> str:
    """The same as a line of the terminal, without a word around it; empty where none helps."""
    lacking = lacking_prices(parts, home)
    return " && ".join(update_command(lacking[currency], currency) for currency in lacking)


def lacking_prices(parts: Iterable[Assessment], home: str) -> Lacking:
    """Where prices are lacking, by currency; USD and the VM's own region stand first.

    Also of lines that are no part of the total. Of traffic the source has the price. Each part
    lacks in its own currency: what is compared is USD, what is shown may be another. What no list
    can have is left out, so there may be none.
    """
    lacking: dict[str, set[str]] = {}
    currencies = []
    unlisted = False
    for part in parts:
        currencies.append(part.monthly.currency)
        for line in part.lines:
            if not line.missing or line.usage.quantity is None:
                continue
            if not may_be_listed(line.usage.meter):
                unlisted = True
            else:
                lacking.setdefault(part.monthly.currency, set()).add(line.usage.meter.region)
    if not lacking and not unlisted:
        lacking = {currency: {home} for currency in currencies[:1] or [COMPARED_CURRENCY]}
    ordered = sorted(lacking, key=lambda currency: (currency != COMPARED_CURRENCY, currency))
    return {
        currency: sorted(lacking[currency], key=lambda region: (region != home, region))
        for currency in ordered
    }
