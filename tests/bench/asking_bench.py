"""How soon a request is acknowledged that is kept in the database first, over signed HTTP.

The 99th percentile for many `/vmbackup snapshot` commands at once, each a new request, against
that of a Bolt app that does nothing, in the same run and by turns. The listener is a process
without a worker (tests/bench/asking.py).
"""

from __future__ import annotations

from typing import Any

import aiohttp

from tests.bench.acknowledging import Asked, Sink, beside, compared
from tests.journeys.running_system import Played, data_directory

BURSTS = {50: 8, 200: 4}  #: so many at once: so often
WARM_UP_BURSTS = 2
COMMAND = "snapshot web-01 before kernel update --keep 3d"
ACKNOWLEDGED = b"r-"  #: the id of the request that was kept

#: What the project wants of itself: at most this multiple.
AIM = 3.0


async def asking_figures(place: Played, nothing: str) -> dict[str, Any]:
    """By how many at once: milliseconds and multiples."""
    with data_directory() as data:
        async with beside(place, "asking", data) as asking:
            return {
                str(count): await _by_turns(place, asking, nothing, rounds, count)
                for count, rounds in BURSTS.items()
            }


async def _by_turns(
    place: Played, asking: str, nothing: str, rounds: int, count: int
) -> dict[str, float]:
    begin_at = count * 1000  # no trigger twice, or nothing would be written
    senders = {
        asking: Asked(place, Sink(), COMMAND, ACKNOWLEDGED, begin_at),
        nothing: Asked(place, Sink(), COMMAND),
    }
    seconds: dict[str, list[list[float]]] = {asking: [], nothing: []}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        for number in range(WARM_UP_BURSTS + rounds):
            for url, sender in senders.items():
                taken = await sender.times(url, count, session)
                if number >= WARM_UP_BURSTS:
                    seconds[url].append(taken)
    return compared(seconds[asking], seconds[nothing])


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    return [
        f"{f'ask, {count} at once':<18}{each['milliseconds']:>8.1f} ms{each['multiple']:>8.2f} x"
        f"   (aim: at most {AIM:.0f}) of {each['nothing_milliseconds']} ms, a Bolt app that does "
        f"nothing; each kept in the database first; {each['of']} in all over signed HTTP; "
        f"{each['multiple_over_all']:.2f} x over all at once"
        for count, each in found.items()
    ]
