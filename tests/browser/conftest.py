"""The running system and a browser at its page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.browser.chromium import NOT_FOUND, Watched, chromium, chromium_path, looking_at
from tests.journeys.running_system import Played, played

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip(NOT_FOUND)
    async with chromium(path) as found:
        yield found


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shown(browser: Browser) -> AsyncIterator[Played]:
    """The system, started only where there is a browser to look at it."""
    async with played() as found:
        found.clear()
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def watched(browser: Browser, shown: Played) -> AsyncIterator[Watched]:
    """The page; nothing went wrong in it and nothing left this machine."""
    async with looking_at(browser, shown.slack.url) as found:
        yield found
    found.check()


@pytest_asyncio.fixture(loop_scope="session", params=["light", "dark"])
async def in_scheme(
    browser: Browser, shown: Played, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Watched, str]]:
    """The page in either colour scheme, and which."""
    async with looking_at(browser, shown.slack.url, dark=request.param == "dark") as found:
        yield found, request.param
    found.check()
