"""The parts that keep the bot's prices, put together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from advisor.azure.live import LiveInventory
from advisor.cli.parameters import CURRENCIES
from advisor.prices.discounts import NO_DISCOUNTS, Discounts
from advisor.prices.keeper import PriceKeeper
from advisor.prices.pricing import COMPARED_CURRENCY
from advisor.prices.saved import cache_directory
from bot.jobs.current_prices import BotPrices
from bot.jobs.warm_prices import PricesKeptWarm
from bot.requests.approval.rules import RequestRules
from bot.settings import Settings

_log = logging.getLogger(__name__)


def bot_prices(settings: Settings, discounts: Discounts = NO_DISCOUNTS) -> BotPrices:
    """The book of this process. Raises InputUnreadable where the saved prices are damaged."""
    directory = cache_directory()
    if settings.offline:
        return BotPrices(directory, None, discounts)
    _log.info("Prices that are missing or old are fetched from %s.", settings.price_list)
    keeper = PriceKeeper(directory=directory, origin=settings.price_list)
    return BotPrices(directory, keeper, discounts)


def kept_warm(
    prices: BotPrices, azure: LiveInventory, rules: RequestRules, now: Callable[[], datetime]
) -> PricesKeptWarm:
    """What keeps the prices warm of the regions of Azure's VMs, and of those that rules name."""
    targets = {target for rule in rules.rules for target in rule.target_regions}

    async def regions() -> frozenset[str]:
        return await azure.regions() | targets

    return PricesKeptWarm(prices, regions, currencies_of(rules), now)


def currencies_of(rules: RequestRules) -> tuple[str, ...]:
    """What plans are compared in, and every currency that an amount of the settings is in.

    Those that the price list has: it refuses any other.
    """
    of_rules = (rule.currency for rule in rules.rules)
    of_teams = (team.currency for team in rules.teams)
    every = dict.fromkeys((COMPARED_CURRENCY, rules.currency, *of_rules, *of_teams))
    return tuple(each for each in every if each in CURRENCIES)
