"""Fixtures of the tests that change Azure: a stand-in over the small world, and a door to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.azure.connection import AzureActs
from deploy.local.azure.server import AzureStandIn
from tests.actions.acting import acting
from tests.standin.azure.running_azure import small_world


@pytest.fixture
async def azure() -> AsyncIterator[AzureStandIn]:
    """Running over plain HTTP; work takes no time."""
    async with AzureStandIn(small_world()) as running:
        yield running


@pytest.fixture
async def acts(azure: AzureStandIn) -> AsyncIterator[AzureActs]:
    async with acting(azure) as door:
        yield door
