"""An advice on the page as on a desk and on a phone: whole, without scrolling sideways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.browser.asking_on_the_page import button, say
from tests.browser.chromium import Watched, looking_at
from tests.journeys.running_system import Played

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: A desk and a phone, in CSS pixels.
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
#: Whatever is wider than its place, or than the window.
WIDER = """
() => [...document.querySelectorAll('.messages, .message, .table-place, table, .modal-body')]
  .filter((node) => node.offsetParent)
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 1
    || getComputedStyle(node).overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1)
  .map((node) => `${node.className || node.tagName} ${node.scrollWidth} of ${node.clientWidth}`)
"""


@pytest_asyncio.fixture(loop_scope="session", params=SIZES)
async def sized(
    browser: Browser, shown: Played, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Watched, str]]:
    """The page at either size, and which."""
    async with looking_at(browser, shown.slack.url, size=SIZES[request.param]) as found:
        yield found, request.param
    found.check()


async def asked(page: Page, vm: str) -> Locator:
    await say(page, f"/vmbackup advise {vm}")
    messages = page.get_by_test_id("messages").get_by_test_id("message")
    alone = messages.filter(has=page.locator(".only-you"))
    card = alone.filter(has=page.get_by_role("heading", name=vm)).last
    await card.wait_for()
    return card


async def looks_right(page: Page, name: str, folder: Path) -> None:
    """Nothing is wider than the window; the picture is kept for whoever wants to look."""
    await page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")
    assert await page.evaluate(WIDER) == [], name


async def test_the_card_and_what_opens_from_it_are_whole(
    sized: tuple[Watched, str], tmp_path: Path
) -> None:
    size, page = sized[1], sized[0].page
    card = await asked(page, "web-01")
    await card.scroll_into_view_if_needed()
    await looks_right(page, f"card-{size}", tmp_path)
    await button(card, "Why").click()
    modal = page.get_by_test_id("modal")
    await modal.get_by_text("It is the cheapest").wait_for()
    await looks_right(page, f"why-{size}", tmp_path)
    await page.get_by_test_id("modal-x").click()
    await button(card, "The bill").click()
    await modal.get_by_text("Vault storage").first.wait_for()
    await looks_right(page, f"bill-{size}", tmp_path)
    await page.get_by_test_id("modal-x").click()
    await button(card, "Sizes are known").click()
    await modal.get_by_text("What is known of web-01?").wait_for()
    await looks_right(page, f"sizes-{size}", tmp_path)
    await page.get_by_test_id("modal-x").click()


async def test_a_shared_card_is_for_everybody(sized: tuple[Watched, str], tmp_path: Path) -> None:
    page = sized[0].page
    vm = {"desk": "web-02", "phone": "wiki-01"}[sized[1]]
    await button(await asked(page, vm), "Share here").click()
    messages = page.get_by_test_id("messages").get_by_test_id("message")
    shared = messages.filter(has_text=f"Shared by ada: /vmbackup advise {vm}")
    await shared.wait_for()
    assert await shared.locator(".only-you").count() == 0
    await looks_right(page, f"shared-{sized[1]}", tmp_path)


async def test_the_home_tab_shows_both_lists(sized: tuple[Watched, str], tmp_path: Path) -> None:
    size, page = sized[1], sized[0].page
    if size == "phone":
        await page.locator("#menu").click()
    await page.get_by_test_id("home-tab").click()
    await page.get_by_test_id("home").get_by_text("Waiting for your decision").wait_for()
    await page.get_by_test_id("home").get_by_text("Your requests").wait_for()
    await looks_right(page, f"home-{size}", tmp_path)
