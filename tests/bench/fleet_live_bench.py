"""A fleet read from the played Azure, 40 ms a call and with its quota on: seconds and calls.

Reading and judging are measured apart. The played Azure has a process of its own, which shares the
processors with what is measured.
"""

from __future__ import annotations

import asyncio
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, NamedTuple

from advisor.azure.estate_reading import GatheredEstate
from advisor.azure.kept_pages import KeptPages
from advisor.azure.live import LiveInventory
from advisor.fleet.cores import Work
from advisor.fleet.large import fleet_of_pages
from advisor.fleet.sources import FleetSource, WholeFleet
from advisor.needs import Tiers
from advisor.prices.shipped import shipped_book
from deploy.local.azure.graph.quota import QUERIES_A_WINDOW, WINDOW_SECONDS
from tests.bench.fleet import NOW
from tests.bench.played_estate import PlayedEstate, PlayedToken, played_estate

VMS = (1_000, 10_000)
DELAY_SECONDS = 0.04
#: What the project wants of itself: calls at most VMs / 150 + 20, seconds at most so many times
#: those that the quota alone asks for.
AIM_VMS_A_CALL, AIM_CALLS_MORE, AIM_RATIO = 150, 20, 1.1


def figures(counts: tuple[int, ...] = VMS) -> dict[str, Any]:
    """Each of the fleets."""
    return {"fleets": [_of_fleet(count) for count in counts]}


def _of_fleet(count: int) -> dict[str, Any]:
    """One fleet: its pages read to the disk, then judged from there as the command does."""
    with played_estate(count, DELAY_SECONDS) as azure, TemporaryDirectory() as folder:
        kept = KeptPages(Path(folder), resume=False)
        begun, processor = perf_counter(), process_time()
        read = asyncio.run(_gathered(azure, kept))
        seconds, processor = perf_counter() - begun, process_time() - processor
        begun = perf_counter()
        judged = _judged(read.gathered, kept)
        judging = perf_counter() - begun
    assert judged == count
    return {
        "vms": count,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "judging_seconds": round(judging, 1),
        "calls": read.calls,
        "quota_seconds": round(_quota_seconds(read.calls), 2),
        "whole": read.gathered.is_whole,
    }


class _Read(NamedTuple):
    gathered: GatheredEstate
    calls: int


async def _gathered(azure: PlayedEstate, kept: KeptPages) -> _Read:
    async with LiveInventory(
        credential=PlayedToken(azure.token),
        base_url=azure.url,
        allow_plain_http=True,
        answer_seconds=120,
    ) as inventory:
        return _Read(await inventory.gathered(kept), inventory.calls)


def _judged(gathered: GatheredEstate, kept: KeptPages) -> int:
    """How many VMs were advised on."""
    work = Work("USD", Tiers(), shipped_book(), NOW)
    if gathered.is_large:
        source: FleetSource = fleet_of_pages(kept.places(), gathered.looked, NOW)
    else:
        source = WholeFleet(gathered.estate(NOW))
    return sum(1 for _ in source.rows(work))


def _quota_seconds(calls: int) -> float:
    """The least that so many queries take: a window is over before the next fifteen are asked."""
    return max(DELAY_SECONDS, (ceil(calls / QUERIES_A_WINDOW) - 1) * WINDOW_SECONDS)


def _beside_quota(each: dict[str, Any]) -> str:
    quota = each["quota_seconds"]
    if quota < 1:
        return "the quota asks for no wait"
    return f"{each['seconds'] / quota:.2f} x the {quota:.1f} s of the quota (aim: {AIM_RATIO})"


def told(found: dict[str, Any]) -> list[str]:
    """The figures for people."""
    return [
        f"{each['vms']:>9,} VMs from Azure: {each['seconds']:.1f} s,"
        f" {_beside_quota(each)}; {each['calls']} calls (aim: at most"
        f" {each['vms'] // AIM_VMS_A_CALL + AIM_CALLS_MORE});"
        f" {each['processor_seconds']:.1f} s of the processor; then"
        f" {each['judging_seconds']:.1f} s to join and judge them"
        for each in found["fleets"]
    ]
