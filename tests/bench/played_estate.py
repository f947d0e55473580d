"""A played Azure with a large fleet, in a process of its own: as with Azure, its work is not ours.

It has its answers ready before anybody asks, so that what is measured is the reading of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from advisor.inventory.resource_graph import queries
from deploy.local.azure.graph.service import made_ready
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.generate import generated_world
from tests.standin.azure.running_azure import AsyncToken

_STARTS_WITHIN_SECONDS = 540


class PlayedEstate(NamedTuple):
    """Where it is, and what signs in to it."""

    url: str
    token: str


@contextmanager
def played_estate(vms: int, delay_seconds: float) -> Iterator[PlayedEstate]:
    """A fleet of so many VMs; each call takes so long, beside what making the answer takes."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_play, args=(theirs, vms, delay_seconds))
    process.start()
    try:
        if not ours.poll(_STARTS_WITHIN_SECONDS):
            raise TimeoutError("The played Azure did not start.")
        yield PlayedEstate(*ours.recv())
    finally:
        process.terminate()
        process.join()


def _play(told: Connection, vms: int, delay_seconds: float) -> None:
    asyncio.run(_playing(told, vms, delay_seconds))


async def _playing(told: Connection, vms: int, delay_seconds: float) -> None:
    async with AzureStandIn(generated_world(vms)) as azure:
        await made_ready(azure.world, [query.text for query in queries(None)])
        azure.faults.delay_seconds = delay_seconds
        told.send((azure.url, AsyncToken(azure.world).text))
        await asyncio.Event().wait()


class PlayedToken:
    """A credential of azure-core that holds a token."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken(self._text, int(time.time()) + 3600)

    async def close(self) -> None:
        return None
