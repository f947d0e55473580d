"""What people do on the page to ask for a snapshot and to decide about one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

ADA, GRACE, LINUS = "U01ADA", "U02GRACE", "U03LINUS"
NAMES = {ADA: "Ada Keller", GRACE: "Grace Moreau", LINUS: "Linus Berg"}


async def be(page: Page, who: str) -> None:
    """Go on as somebody else."""
    await page.get_by_test_id("who").select_option(who)
    await page.get_by_text(f"You are {NAMES[who]} now.").wait_for()


async def say(page: Page, text: str) -> None:
    """Type it and send it."""
    await page.get_by_test_id("composer").fill(text)
    await page.keyboard.press("Enter")


def card_of(page: Page, request_id: str) -> Locator:
    """The card of a request in the channel."""
    cards = page.get_by_test_id("messages").get_by_test_id("message")
    return cards.filter(has=page.get_by_role("heading")).filter(has_text=request_id)


def whispered(page: Page, text: str) -> Locator:
    """The newest message that only the person sees who looks."""
    return whispered_all(page, text).last


def whispered_all(page: Page, text: str) -> Locator:
    """Every message with this text that only the person sees who looks."""
    messages = page.get_by_test_id("messages").get_by_test_id("message")
    return messages.filter(has=page.locator(".only-you")).filter(has_text=text)


async def asked_for(page: Page, command: str) -> Locator:
    """Type the command, and wait until its card can be decided on."""
    before = await whispered_all(page, "sent to #").count()
    await say(page, command)
    told = whispered_all(page, "sent to #").nth(before)
    await told.wait_for()
    return await waiting_card(page, request_in(await told.inner_text()))


async def waiting_card(page: Page, request_id: str) -> Locator:
    """The card, once it has its buttons."""
    card = card_of(page, request_id)
    await button(card, "Approve").wait_for()
    return card


def button(card: Locator, name: str) -> Locator:
    """A button of a card by what it says; a screen reader is told more."""
    return card.locator(".actions button").filter(has_text=name)


def request_in(text: str) -> str:
    """The request that is named in it."""
    found = re.search(r"r-[0-9a-f]{12}", text)
    assert found, text
    return found[0]


async def is_titled(card: Locator, title: str) -> None:
    """Wait until the card's heading says so, after its sign."""
    name = re.compile(rf"{re.escape(title)}( \(.*\))?$")
    await card.get_by_role("heading", name=name).wait_for()


async def thread_of(page: Page, card: Locator) -> Locator:
    """The thread under a card, opened."""
    await card.locator("button.replies").click()
    thread = page.get_by_test_id("thread")
    await thread.wait_for()
    return thread
