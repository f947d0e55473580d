"""Every card of a request as it is on the page, wide and on a phone: the buttons are in sight."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.commands.manifest import manifest
from bot.messages.blocks import Message
from deploy.local.slack.standin import SlackStandIn
from tests.browser.chromium import looking_at
from tests.golden.test_golden_requests import CARDS

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = (390, 700)  #: what a phone shows at once, in CSS pixels
WIDTHS = (1280, 390)


async def post(slack: SlackStandIn, card: Message) -> None:
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    await client.chat_postMessage(channel=slack.where("ops"), **card.as_post())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def slack() -> AsyncIterator[SlackStandIn]:
    """Slack alone, with a message of each card."""
    async with SlackStandIn(manifest()) as slack:
        slack.workspace.is_rate_limited = False
        yield slack


async def shown_card(page: Page, width: int) -> dict[str, float]:
    """How high the newest card is down to its buttons, and how wide the page got."""
    await page.set_viewport_size({"width": width, "height": PHONE[1]})
    card = page.get_by_test_id("messages").get_by_test_id("message").last
    await card.get_by_role("heading").wait_for()
    box = await card.bounding_box()
    assert box is not None
    buttons = card.locator(".actions").first
    low = await buttons.bounding_box() if await buttons.count() else None
    bottom = low["y"] + low["height"] if low else box["y"] + box["height"]
    wide = await page.evaluate("document.documentElement.scrollWidth")
    return {"height": bottom - box["y"], "width": wide}


@pytest.mark.parametrize("name", CARDS)
async def test_the_buttons_of_a_card_are_on_the_first_screen_of_a_phone(
    browser: Browser, slack: SlackStandIn, name: str
) -> None:
    await post(slack, CARDS[name]())
    async with looking_at(browser, slack.url, size=(1280, 800)) as watched:
        for width in WIDTHS:
            seen = await shown_card(watched.page, width)
            assert seen["width"] <= width
            assert seen["height"] <= PHONE[1]
    watched.check()
