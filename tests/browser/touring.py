"""The tour of the page, walked through step by step as a newcomer does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

#: What each part is called; the fourth step has two, of two people.
TITLES = (
    "What protects this VM?",
    "What would it cost?",
    "A snapshot before a patch",
    "Approve your own request",
    "Another person approves",
    "Watch it expire tomorrow",
)
ADVICE, REQUEST = 0, 2  #: after which part the card of an advice is there, and that of a request

After = Callable[[int], Awaitable[object]]


async def _nothing(_: int) -> None:
    pass


async def walk_the_tour(page: Page, after: After = _nothing) -> list[str]:
    """From the first button to the last; `after` is called when a part is done.

    Returns the titles of the parts, as the page called them.
    """
    await page.get_by_test_id("tour-start").click()
    titles: list[str] = []
    for number in range(len(TITLES)):
        await page.get_by_test_id("tour-do").click()
        titles.append(await page.get_by_test_id("tour-title").inner_text())
        await page.locator(".tour-done").wait_for()
        await after(number)
        if await page.get_by_test_id("tour-next").count():
            await page.get_by_test_id("tour-next").click()
    await page.get_by_test_id("tour-end").click()
    await page.get_by_test_id("tour").wait_for(state="hidden")
    return titles
