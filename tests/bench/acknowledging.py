"""Signed slash commands sent at once to apps in processes of their own, and how soon each is
acknowledged: what every figure about acknowledgements has in common.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from deploy.local.bot_process import PATH, bot_environment, free_port
from deploy.local.slack.http_delivery import signed_headers
from tests.journeys.running_system import Played

HOST = "127.0.0.1"
_START_SECONDS = 20.0


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
async def sinking() -> AsyncIterator[Sink]:
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
    text: str = "advise web-01"
    holds: bytes = b""  #: what every acknowledgement must hold
    count: int = 0

    async def times(self, url: str, count: int, session: aiohttp.ClientSession) -> list[float]:
        """Seconds until each of so many commands, sent at once, is acknowledged."""
        return await asyncio.gather(*(self._once(url, session) for _ in range(count)))

    async def _once(self, url: str, session: aiohttp.ClientSession) -> float:
        self.count += 1
        form = {
            "command": "/vmbackup",
            "text": self.text,
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
            said = await answer.read()
        assert answer.status == 200
        assert self.holds in said, said
        return time.perf_counter() - began


def compared(
    bot: Sequence[Sequence[float]], nothing: Sequence[Sequence[float]]
) -> dict[str, float]:
    """The 99th percentiles of seconds by rounds, and the multiples of them and of the medians.

    Of rounds of several commands each has its own percentile, and their median is taken: what
    else the machine does now and then is not the bot's. Rounds of one are one round.
    """
    ours, least = _percentile_99(bot), _percentile_99(nothing)
    return {
        "milliseconds": ms(ours),
        "nothing_milliseconds": ms(least),
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
async def beside(place: Played, module: str, data: Path) -> AsyncIterator[str]:
    """Another app in a process of its own, and the address where it takes commands."""
    port = free_port()
    environment = bot_environment(place.azure, place.slack, data, os.environ)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.bench.{module}", str(port)), env=environment
    )
    try:
        await _until_it_listens(port, process)
        yield f"http://{HOST}:{port}{PATH}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_it_listens(port: int, process: asyncio.subprocess.Process) -> None:
    ends = time.monotonic() + _START_SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            if process.returncode is not None:
                raise RuntimeError(f"It ended with {process.returncode}; see above.") from None
            if time.monotonic() > ends:
                raise
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def _percentile_99(rounds: Sequence[Sequence[float]]) -> float:
    if len(rounds[0]) == 1:
        rounds = [[seconds for (seconds,) in rounds]]
    return median(quantiles(each, n=100, method="inclusive")[98] for each in rounds)


def ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
