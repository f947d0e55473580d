"""The tour does the real thing: on a clean start of `make demo`, and on the next one."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Watched, looking_at
from tests.browser.touring import TITLES, walk_the_tour
from tests.demo.demo_program import STOPPED_SECONDS, Demo, demo

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

README_SECOND = "/vmbackup snapshot web-01 before kernel update --keep 1m"


async def toured(browser: Browser, shown: Demo, size: tuple[int, int]) -> None:
    async with looking_at(browser, shown.url, size=size) as watched:
        page = watched.page
        seen: list[str] = []

        async def note(_: int) -> None:
            snapshots = page.get_by_test_id("azure-snapshot")
            seen.append(f"{await snapshots.count()} {await azure_says(page)}")

        assert tuple(await walk_the_tour(page, note)) == TITLES
        assert [each.split()[0] for each in seen[:4]] == ["0"] * 4  # nothing before an approval
        assert seen[4].startswith("2 ")
        assert "expires in 24 h" in seen[4]
        assert "1 day" in await page.get_by_test_id("azure-ahead").inner_text()
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        watched.check()


async def azure_says(page: Page) -> str:
    return " ".join(await page.get_by_test_id("azure-snapshot").all_text_contents())


async def test_the_tour_is_the_same_on_a_clean_start_and_after_a_restart(
    browser: Browser, data_directory: Path
) -> None:
    """The first is left in the middle of things: with a moved clock and a live request."""
    for size in ((1280, 800), (390, 844)):
        with demo(data_directory) as shown:
            await toured(browser, shown, size)
            async with looking_at(browser, shown.url) as watched:
                await watched.page.get_by_test_id("composer").fill(README_SECOND)
                await watched.page.keyboard.press("Enter")
                await watched.page.locator(".actions button", has_text="Approve").wait_for()
            shown.process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(shown.ended, STOPPED_SECONDS) == "Stopped.\n"


async def test_the_tour_can_be_left_at_any_time_and_stays_away(watched: Watched) -> None:
    page = watched.page
    await page.get_by_test_id("tour-start").click()
    assert await page.get_by_test_id("tour-title").inner_text() == TITLES[0]
    await page.keyboard.press("Escape")
    await page.get_by_test_id("tour").wait_for(state="hidden")
    await page.reload()
    await page.get_by_test_id("azure-now").wait_for()
    assert not await page.get_by_test_id("tour").is_visible()
