"""Fixtures of the stand-in for Azure: one that runs, over the small world."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.standin.azure.running_azure import small_world


@pytest.fixture
async def azure() -> AsyncIterator[AzureStandIn]:
    """Running over plain HTTP; work takes no time."""
    async with AzureStandIn(small_world()) as running:
        yield running
