"""The bot as the journeys meet it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from running_bot import TRANSPORTS, Desk, running


@pytest.fixture(params=TRANSPORTS)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with running(request.param) as desk:
        yield desk


@pytest.fixture
async def http() -> AsyncIterator[Desk]:
    async with running("http") as desk:
        yield desk
