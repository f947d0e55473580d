"""How quick the bot is, over signed HTTP, as multiples of what nobody could do without.

The card: the time from the typed command to the card in the channel, with 80 ms put on every
call of Azure, against the longest chain of dependent calls: the slowest of the three queries and
then the slower of the two calls of Azure Monitor, sent from here at the same time and measured.

The acknowledgement: its 99th percentile against that of a Bolt app that only acknowledges,
served by the same code in a process of its own, in the same run and by turns.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from statistics import median
from typing import Any

import aiohttp

from deploy.local.azure.identity import SignIn
from deploy.local.azure.server import Asking
from tests.bench.acknowledging import Asked, beside, compared, ms, sinking
from tests.bench.asking_bench import asking_figures
from tests.bench.asking_bench import told as asking_told
from tests.journeys.running_system import GRAPH, METRICS, Played, played

DELAY_SECONDS = 0.08
CARDS = 20
ALONE = 200
AT_ONCE, BURSTS = 50, 8
WARM_UP = 10
COMMAND = "advise web-01"

#: What the project wants of itself: at most these multiples.
AIM_CARD, AIM_ACKNOWLEDGEMENT = 1.3, 1.5


async def bot_figures() -> dict[str, Any]:
    """Everything of this file, in milliseconds and multiples."""
    async with played(http=True) as place:
        place.clear()
        card = await _cards(place)
        place.clear()
        async with beside(place, "nothing", place.bot.log.parent) as nothing, sinking() as sink:
            asked = Asked(place, sink)
            alone = await _by_turns(asked, nothing, ALONE, 1)
            at_once = await _by_turns(asked, nothing, BURSTS, AT_ONCE)
            place.clear()
            kept = await asking_figures(place, nothing)
    return {
        "card": card,
        "acknowledgement": alone,
        f"acknowledgement_of_{AT_ONCE}": at_once,
        "asking": kept,
    }


# --- the card --------------------------------------------------------------------------------


async def _cards(place: Played) -> dict[str, float]:
    await place.ask(COMMAND)  # signs in, and fills every cache
    place.azure.faults.delay_seconds = DELAY_SECONDS
    commands, chains = [], []
    async with aiohttp.ClientSession() as session:
        for _ in range(CARDS):
            place.azure.forget()
            commands.append(await _timed(place.ask(COMMAND)))
            chains.append(await _chain(place, session))
    return {
        "milliseconds": ms(median(commands)),
        "chain_milliseconds": ms(median(chains)),
        "multiple": round(median(commands) / median(chains), 2),
    }


async def _chain(place: Played, session: aiohttp.ClientSession) -> float:
    """Seconds that the calls of the last advice take when nothing is done between them."""
    rounds = [place.azure.asked(name) for name in (GRAPH, METRICS)]
    assert [len(each) for each in rounds] == [3, 2]
    return sum([await _slowest(place, session, each) for each in rounds])


async def _slowest(place: Played, session: aiohttp.ClientSession, calls: Sequence[Asking]) -> float:
    sign_in = place.azure.world.part(SignIn)
    token = sign_in.token(sign_in.default, place.azure.world.tenant_id)
    return max(await asyncio.gather(*(_timed(_again(place, session, token, one)) for one in calls)))


async def _again(place: Played, session: aiohttp.ClientSession, token: str, call: Asking) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = place.azure.url + call.path
    async with session.request(
        call.method, url, params=call.query, data=call.body or None, headers=headers
    ) as answer:
        await answer.read()
        assert answer.status == 200


# --- the acknowledgement ---------------------------------------------------------------------


async def _by_turns(asked: Asked, nothing: str, rounds: int, count: int) -> dict[str, float]:
    """So many at once, so often, to the one and then to the other."""
    bot = asked.place.slack.request_url
    seconds: dict[str, list[list[float]]] = {bot: [], nothing: []}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        for number in range(WARM_UP // count + 1 + rounds):
            for url, found in seconds.items():
                answers = asked.sink.came + (count if url == bot else 0)
                taken = await asked.times(url, count, session)
                await asked.sink.until(answers)
                if number > WARM_UP // count:
                    found.append(taken)
    return compared(seconds[bot], seconds[nothing])


# --- common ----------------------------------------------------------------------------------


async def _timed(work: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    card = found["card"]
    lines = [
        f"{'command to card':<18}{card['milliseconds']:>8.1f} ms{card['multiple']:>8.2f} x"
        f"   (aim: at most {AIM_CARD}) of {card['chain_milliseconds']} ms, the longest chain of "
        f"calls, with {DELAY_SECONDS * 1000:.0f} ms on each"
    ]
    names = {"acknowledgement": "alone", f"acknowledgement_of_{AT_ONCE}": f"{AT_ONCE} at once"}
    for key, name in names.items():
        each = found[key]
        lines.append(
            f"{f'ack, {name}':<18}{each['milliseconds']:>8.1f} ms{each['multiple']:>8.2f} x"
            f"   (aim: at most {AIM_ACKNOWLEDGEMENT}) of {each['nothing_milliseconds']} ms, a Bolt "
            f"app that does nothing; median of the rounds' 99th percentiles, {each['of']} in all"
            f" over signed HTTP; {each['multiple_over_all']:.2f} x over all at once"
        )
    return lines + asking_told(found["asking"])
