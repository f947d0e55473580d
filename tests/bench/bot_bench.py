"""How quick the bot is, over signed HTTP, as multiples of what nobody could do without.

The card: the time from the typed command to the card in the channel, with 80 ms put on every
call of Azure, against the longest chain of dependent calls: the slowest of the three queries and
then the slower of the two calls of Azure Monitor, sent from here at the same time and measured.

The acknowledgement: its 99th percentile against that of a Bolt app that only acknowledges,
served by the same code in a process of its own, in the same run and by turns.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from deploy.local.azure.identity import SignIn
from deploy.local.azure.server import Asking
from deploy.local.bot_process import PATH, bot_environment, free_port
from deploy.local.slack.http_delivery import signed_headers
from tests.journeys.running_system import GRAPH, METRICS, Played, played

HOST = "127.0.0.1"
DELAY_SECONDS = 0.08
CARDS = 20
ALONE = 200
AT_ONCE, BURSTS = 50, 8
WARM_UP = 10
COMMAND = "advise web-01"
_START_SECONDS = 20.0

#: What the project wants of itself: at most these multiples.
AIM_CARD, AIM_ACKNOWLEDGEMENT = 1.3, 1.5


async def bot_figures() -> dict[str, Any]:
    """Everything of this file, in milliseconds and multiples."""
    async with played(http=True) as place:
        place.clear()
        card = await _cards(place)
        place.clear()
        async with _nothing(place) as nothing, _sink() as sink:
            asked = Asked(place, sink)
            alone = await _by_turns(asked, nothing, ALONE, 1)
            at_once = await _by_turns(asked, nothing, BURSTS, AT_ONCE)
    return {"card": card, "acknowledgement": alone, f"acknowledgement_of_{AT_ONCE}": at_once}


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
        "milliseconds": _ms(median(commands)),
        "chain_milliseconds": _ms(median(chains)),
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


@dataclass
class Sink:
    """Where the answers go; counts them."""

    url: str = ""
    came: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        await request.read()
        async with self._changed:
            self.came += 1
            self._changed.notify_all()
        return web.Response(text="ok")

    async def until(self, count: int) -> None:
        async with asyncio.timeout(120), self._changed:
            await self._changed.wait_for(lambda: self.came >= count)


@asynccontextmanager
async def _sink() -> AsyncIterator[Sink]:
    sink = Sink()
    application = web.Application()
    application.router.add_post("/answer", sink.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    sink.url = f"http://{HOST}:{runner.addresses[0][1]}/answer"
    try:
        yield sink
    finally:
        await runner.cleanup()


@dataclass
class Asked:
    """Sends signed slash commands, each a new one."""

    place: Played
    sink: Sink
    count: int = 0

    async def times(self, url: str, count: int, session: aiohttp.ClientSession) -> list[float]:
        """Seconds until each of so many commands, sent at once, is acknowledged."""
        return await asyncio.gather(*(self._once(url, session) for _ in range(count)))

    async def _once(self, url: str, session: aiohttp.ClientSession) -> float:
        self.count += 1
        form = {
            "command": "/vmbackup",
            "text": COMMAND,
            "team_id": "T0VMBACKUP",
            "user_id": "U01ADA",
            "user_name": "ada",
            "channel_id": "C01OPS",
            "trigger_id": f"trigger-{self.count}",
            "response_url": self.sink.url,
        }
        raw, now = urlencode(form).encode(), str(int(time.time()))
        secret = self.place.slack.signing_secret.encode()
        headers = signed_headers(secret, raw, now) | {
            "Content-Type": "application/x-www-form-urlencoded"
        }
        began = time.perf_counter()
        async with session.post(url, data=raw, headers=headers) as answer:
            await answer.read()
        assert answer.status == 200
        return time.perf_counter() - began


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


def compared(
    bot: Sequence[Sequence[float]], nothing: Sequence[Sequence[float]]
) -> dict[str, float]:
    """The 99th percentiles of seconds by rounds, and the multiples of them and of the medians.

    Of rounds of several commands each has its own percentile, and their median is taken: what
    else the machine does now and then is not the bot's. Rounds of one are one round.
    """
    ours, least = _percentile_99(bot), _percentile_99(nothing)
    return {
        "milliseconds": _ms(ours),
        "nothing_milliseconds": _ms(least),
        "multiple": round(ours / least, 2),
        "multiple_over_all": round(
            _percentile_99(_pooled(bot)) / _percentile_99(_pooled(nothing)), 2
        ),
        "multiple_of_the_median": round(median(chain(*bot)) / median(chain(*nothing)), 2),
        "of": sum(map(len, bot)),
    }


def _pooled(rounds: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    """Every command by itself: one percentile over all of them, hiccups included."""
    return [[seconds] for seconds in chain(*rounds)]


@asynccontextmanager
async def _nothing(place: Played) -> AsyncIterator[str]:
    """The other app's process and the address where it takes commands."""
    port = free_port()
    environment = bot_environment(place.azure, place.slack, place.bot.log.parent, os.environ)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.nothing", str(port)), env=environment
    )
    try:
        await _until_it_listens(port)
        yield f"http://{HOST}:{port}{PATH}"
    finally:
        process.terminate()
        await process.wait()


async def _until_it_listens(port: int) -> None:
    ends = time.monotonic() + _START_SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            if time.monotonic() > ends:
                raise
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


# --- common ----------------------------------------------------------------------------------


async def _timed(work: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def _percentile_99(rounds: Sequence[Sequence[float]]) -> float:
    if len(rounds[0]) == 1:
        rounds = [[seconds for (seconds,) in rounds]]
    return median(quantiles(each, n=100, method="inclusive")[98] for each in rounds)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


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
    return lines
