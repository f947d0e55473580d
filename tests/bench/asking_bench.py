"""How soon a request is acknowledged that is kept in the database first, over signed HTTP.

The 99th percentile for many `/vmbackup snapshot` commands at once, each a new request, against
that of a Bolt app that does nothing, in the same run and by turns. Once the listener is a process
by itself (tests/bench/asking.py), and once it is the bot as it runs by default, whose worker
begins with the very requests that were just kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from deploy.local.fleet.compute import compute_id
from deploy.local.fleet.sample_vms import PRODUCTION
from tests.bench.acknowledging import Asked, Sink, beside, compared
from tests.journeys.running_system import Played, data_directory

BURSTS = {50: 8, 200: 4}  #: so many at once: so often
WARM_UP_BURSTS = 2
COMMAND = "snapshot web-01 before kernel update --keep 3d"
#: Planned by one query and refused: the bot's own worker is not the thing measured. A full id,
#: because a name that is not there makes no request.
NO_VM = compute_id(PRODUCTION, "rg-shop-prod", "virtualMachines", "no-such-vm")
COMMAND_OF_NO_VM = f"snapshot {NO_VM} before kernel update --keep 3d"
AT_REST_SECONDS = 0.5
ACKNOWLEDGED = b"r-"  #: the id of the request that was kept

#: What the project wants of itself: at most this multiple.
AIM = 3.0


async def asking_figures(
    place: Played, nothing: str, bursts: Mapping[int, int] = BURSTS
) -> dict[str, Any]:
    """By how many at once, and in which process: milliseconds and multiples."""
    whole = place.slack.request_url
    with data_directory() as data:
        async with beside(place, "asking", data) as asking:
            apart = {
                str(count): await _by_turns(place, asking, nothing, rounds, count)
                for count, rounds in bursts.items()
            }
    together = {
        f"{count} and a worker": await _by_turns(
            place, whole, nothing, rounds, count, COMMAND_OF_NO_VM
        )
        for count, rounds in bursts.items()
    }
    return apart | together


async def _at_rest(place: Played) -> None:
    """Until the worker has not asked Azure for a while: each burst meets a bot at rest."""
    before = -1
    while before != len(place.azure.requests):
        before = len(place.azure.requests)
        await asyncio.sleep(AT_REST_SECONDS)


async def _by_turns(
    place: Played, asking: str, nothing: str, rounds: int, count: int, command: str = COMMAND
) -> dict[str, float]:
    begin_at = count * 1000  # no trigger twice, or nothing would be written
    senders = {
        asking: Asked(place, Sink(), command, ACKNOWLEDGED, begin_at),
        nothing: Asked(place, Sink(), COMMAND),
    }
    seconds: dict[str, list[list[float]]] = {asking: [], nothing: []}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        for number in range(WARM_UP_BURSTS + rounds):
            for url, sender in senders.items():
                await _at_rest(place)
                taken = await sender.times(url, count, session)
                if number >= WARM_UP_BURSTS:
                    seconds[url].append(taken)
    return compared(seconds[asking], seconds[nothing])


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    return [
        f"{f'ask, {count} at once':<31}{each['milliseconds']:>8.1f} ms{each['multiple']:>8.2f} x"
        f"   (aim: at most {AIM:.0f}) of {each['nothing_milliseconds']} ms, a Bolt app that does "
        f"nothing; each kept in the database first; {each['of']} in all over signed HTTP; "
        f"{each['multiple_over_all']:.2f} x over all at once"
        for count, each in found.items()
    ]
