"""What a person does first: open the page, type the command, read the card."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Watched
from tests.journeys.running_system import Played

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: Every text of a node whose colour stands out less than 4.5 to 1 from what lies behind it.
CONTRASTS = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")
COMMAND = "/vmbackup advise web-01"
COLUMNS = ["Option", "If it is deleted", "If the region is lost", "USD a month"]


def newest_card(page: Page) -> Locator:
    return page.get_by_test_id("message").filter(has_text="If it is deleted").last


async def typed(page: Page, text: str) -> Locator:
    """Type a command by hand and wait for its card."""
    before = await page.get_by_test_id("message").filter(has_text="If it is deleted").count()
    await page.get_by_test_id("composer").press_sequentially(text)
    await page.keyboard.press("Enter")
    cards = page.get_by_test_id("message").filter(has_text="If it is deleted")
    await cards.nth(before).wait_for()
    return cards.nth(before)


async def test_ada_types_the_command_and_the_card_is_there(
    in_scheme: tuple[Watched, str],
) -> None:
    page = in_scheme[0].page
    assert await page.get_by_test_id("who").input_value() == "U01ADA"
    assert await page.get_by_test_id("room-name").inner_text() == "# ops"
    card = await typed(page, COMMAND)
    assert await card.get_by_role("heading").inner_text() == "🔴 web-01 is unprotected"
    assert "Protect it with Azure Backup: " in await card.inner_text()
    assert await card.locator(".only-you").inner_text() == "◉ Only visible to you"
    table = card.get_by_role("table")
    assert await table.locator("thead th[scope=col]").all_inner_texts() == COLUMNS
    rows = await table.locator("tbody th[scope=row]").all_inner_texts()
    assert rows[0] == "→ Azure Backup"
    assert rows[1:] == ["Site Recovery", "Snapshots"]


async def test_the_acknowledgement_is_marked_as_seen_by_ada_alone(watched: Watched) -> None:
    await typed(watched.page, COMMAND)
    told = watched.page.get_by_test_id("message").filter(has_text="Looking at web-01.").last
    assert await told.locator(".only-you").inner_text() == "◉ Only visible to you"


async def test_another_person_sees_the_card_and_not_the_acknowledgement(
    watched: Watched, shown: Played
) -> None:
    await typed(watched.page, f"{COMMAND} --share")
    await watched.page.get_by_test_id("who").select_option("U02GRACE")
    await watched.page.get_by_text("You are Grace Moreau now.").wait_for()
    await newest_card(watched.page).wait_for()
    assert await watched.page.get_by_text("Looking at web-01.").count() == 0
    await watched.page.get_by_test_id("who").select_option("U01ADA")
    await watched.page.get_by_text("Looking at web-01.").last.wait_for()


async def test_a_card_for_somebody_else_arrives_by_itself(watched: Watched, shown: Played) -> None:
    told = await shown.ask("advise web-02 --share", user="grace")
    card = watched.page.locator(f'[data-ts="{told.answer.ts}"]')
    await card.wait_for()
    assert "web-02 is" in await card.get_by_role("heading").inner_text()
    spoken = watched.page.get_by_test_id("spoken")
    assert (await spoken.inner_text()).startswith("vmbackup: web-02 is ")


async def test_everything_is_reached_with_the_keyboard_alone(watched: Watched) -> None:
    page = watched.page
    composer = page.get_by_test_id("composer")
    await page.wait_for_function("document.activeElement?.id === 'composer-text'")
    await page.keyboard.type("/vmb")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert await composer.input_value() == "/vmbackup advise "
    await page.keyboard.type("web-01")
    before = await page.get_by_test_id("message").filter(has_text="If it is deleted").count()
    await page.keyboard.press("Enter")
    card = page.get_by_test_id("message").filter(has_text="If it is deleted").nth(before)
    await card.wait_for()
    assert await composer.input_value() == ""
    await tab_until(page, "document.activeElement.closest('.table-place') !== null", back=True)
    await tab_until(page, "document.activeElement.id === 'who'", back=True)
    await page.keyboard.press("ArrowDown")
    await page.get_by_text("You are Grace Moreau now.").wait_for()
    await tab_until(page, "document.activeElement.textContent.includes('random')", back=True)
    assert await focus_is_visible(page)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="# random").wait_for()


async def tab_until(page: Page, true: str, *, back: bool = False) -> None:
    for _ in range(200):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        if await page.evaluate(true):
            return
    raise AssertionError(f"No Tab leads to where {true}.")


async def focus_is_visible(page: Page) -> bool:
    """Whether what has the focus is drawn with an outline or a ring."""
    style = "const s = getComputedStyle(document.activeElement);"
    look = f"(() => {{ {style} return [s.outlineStyle, s.outlineWidth, s.boxShadow]; }})()"
    outline, width, shadow = await page.evaluate(look)
    return (outline != "none" and width != "0px") or shadow != "none"


async def test_a_strangers_markup_is_shown_and_not_obeyed(watched: Watched) -> None:
    page = watched.page
    await page.get_by_test_id("composer").fill(
        "/vmbackup advise <img/src=x/onerror=alert(1)><!here>"
    )
    await page.keyboard.press("Enter")
    told = page.get_by_test_id("message").filter(has_text="is not the name of a VM").last
    await told.wait_for()
    assert "<img/src=x/onerror=alert(1)><!here>" in await told.inner_text()
    assert await page.locator("img").count() == 0


@pytest.mark.parametrize("width", [1280, 800, 400])
async def test_nothing_is_cut_off_at_any_width(watched: Watched, width: int) -> None:
    """Only the table scrolls by itself; the page never does sideways."""
    page = watched.page
    card = await typed(page, COMMAND)
    await page.set_viewport_size({"width": width, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    box = await card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


async def test_text_is_readable_in_either_scheme(in_scheme: tuple[Watched, str]) -> None:
    """The contrast that WCAG 2.2 asks of body text: 4.5 to 1."""
    page = in_scheme[0].page
    await typed(page, COMMAND)
    behind = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = sum(int(part) for part in re.findall(r"\d+", behind)[:3]) / 3
    assert (lightness < 80) == (in_scheme[1] == "dark")
    assert await page.locator("body").evaluate(CONTRASTS) == []


async def test_the_address_without_its_token_shows_nothing(watched: Watched, shown: Played) -> None:
    page = await watched.page.context.new_page()
    await page.goto(re.sub("#.*", "", shown.slack.url))
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_test_id("message").count() == 0
    await page.close()
