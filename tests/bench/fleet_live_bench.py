"""A fleet read from the played Azure, 40 ms a call and with its quota on: seconds and calls."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from math import ceil
from time import perf_counter, process_time
from typing import Any

from advisor.azure.live import LiveInventory
from deploy.local.azure.graph.quota import QUERIES_A_WINDOW, WINDOW_SECONDS
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.generate import generated_world
from tests.standin.azure.running_azure import AsyncToken

VMS = (1_000, 10_000)
DELAY_SECONDS = 0.04
GRAPH = "ResourceGraph_Resources"
#: What the project wants of itself: calls at most VMs / 150 + 20, seconds at most so many times
#: those that the quota alone asks for.
AIM_VMS_A_CALL, AIM_CALLS_MORE, AIM_RATIO = 150, 20, 1.1


def figures(counts: tuple[int, ...] = VMS) -> dict[str, Any]:
    """Each of the fleets, and what of Cloud Custodian is here to compare with."""
    fleets = [asyncio.run(_read(count)) for count in counts]
    return {"fleets": fleets, "custodian": find_spec("c7n_azure") is not None}


async def _read(count: int) -> dict[str, Any]:
    async with AzureStandIn(generated_world(count)) as azure:
        azure.faults.delay_seconds = DELAY_SECONDS
        async with LiveInventory(
            credential=AsyncToken(azure.world),
            base_url=azure.url,
            allow_plain_http=True,
            answer_seconds=120,
        ) as inventory:
            begun, processor = perf_counter(), process_time()
            estate = await inventory.everything(azure.world.now)
            seconds, processor = perf_counter() - begun, process_time() - processor
        calls = azure.counts[GRAPH]
    assert len(estate.fleet.vms) == count
    return {
        "vms": count,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "calls": inventory.calls,
        "quota_seconds": round(_quota_seconds(calls), 2),
        "whole": not estate.looked.unclear,
    }


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
    lines = [
        f"{each['vms']:>9,} VMs from Azure: {each['seconds']:.1f} s,"
        f" {_beside_quota(each)}; {each['calls']} calls (aim: at most"
        f" {each['vms'] // AIM_VMS_A_CALL + AIM_CALLS_MORE});"
        f" {each['processor_seconds']:.1f} s of the processor, the played Azure's too"
        for each in found["fleets"]
    ]
    if not found["custodian"]:
        lines.append("Beside Cloud Custodian: not measured, c7n_azure is not installed here.")
    else:
        lines.append("Beside Cloud Custodian: not measured, it cannot be led to the played Azure.")
    return lines
