"""The whole bot and the price list: it is asked for the regions in use before anybody asks."""

from __future__ import annotations

import asyncio

from advisor.prices.saved import SAVED_NAME, read_saved
from deploy.local.demo import system
from tests.journeys.running_system import PATIENCE_SECONDS, Played, data_directory, journeys_world

LIST = "RetailPrices_List"
LOOK_AGAIN_SECONDS = 0.05


async def test_the_bot_keeps_the_regions_of_its_vms_warm_and_answers_from_them() -> None:
    """The played Azure has the list, so that no test and no demo reaches Azure's own."""
    with data_directory() as data:
        async with system(journeys_world(), data, asks_prices=True) as (azure, slack, bot):
            await bot.ready()
            found = Played(azure, slack, bot)
            await found.until_asked(LIST, 1)
            await _quiet(found)
            saved = read_saved(data / "prices" / SAVED_NAME)
            regions = {each.part.region for each in saved.meters}
            assert {"westeurope", "northeurope"} <= regions
            fetched = {quote.key for each in saved.meters for quote in each.quotes}
            answer = (await found.ask("advise web-01")).answer
            assert "Prices of" in answer.text
            again = read_saved(data / "prices" / SAVED_NAME)
            assert fetched <= {quote.key for each in again.meters for quote in each.quotes}
            assert "Traceback" not in found.log()
            assert "prices.azure.com" not in found.log()


async def _quiet(found: Played) -> None:
    """Until the first round is over: no request for a while."""
    for _ in range(int(PATIENCE_SECONDS / LOOK_AGAIN_SECONDS)):
        before = found.azure.counts[LIST]
        await asyncio.sleep(20 * LOOK_AGAIN_SECONDS)
        if found.azure.counts[LIST] == before:
            return
    raise TimeoutError("The bot goes on asking the price list.")
