"""The panel beside Slack: the played Azure, its clock, and what one may break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.asking_on_the_page import ADA, GRACE, asked_for, be, button, say, whispered
from tests.browser.chromium import Watched
from tests.browser.test_browser_page import focus_is_visible, tab_until, typed
from tests.journeys.running_system import Played

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def skip_the_tour(page: Page) -> None:
    await page.get_by_test_id("tour-skip").click()


async def test_each_vm_has_a_sign_and_a_word_and_is_asked_about_with_a_click(
    watched: Watched,
) -> None:
    page = watched.page
    vms = page.get_by_test_id("azure-vms")
    for name, said in (
        ("web-01", "web-01, unprotected."),
        ("web-02", "web-02, protected by Azure Backup."),
        ("sql-01", "sql-01, protected by Azure Backup and Site Recovery."),
        ("mail-01", "mail-01, not in order by Azure Backup."),
    ):
        vm = vms.get_by_role("button", name=said)
        assert name in await vm.inner_text()
    await vms.get_by_role("button", name="web-01, unprotected.").click()
    heading = page.get_by_test_id("messages").get_by_role("heading", name="web-01 is unprotected")
    await heading.last.wait_for()


async def test_the_names_of_vms_are_offered_while_one_types(watched: Watched) -> None:
    page = watched.page
    composer = page.get_by_test_id("composer")
    await page.get_by_test_id("azure-vms").wait_for()
    await composer.press_sequentially("/vmbackup snapshot app")
    options = page.get_by_test_id("suggestions").get_by_role("option")
    texts = await options.all_inner_texts()
    assert [text.split("\n")[0] for text in texts[1:]] == ["rg-app-a/app-01", "rg-app-b/app-01"]
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    assert await composer.input_value() == "/vmbackup snapshot rg-app-b/app-01 "
    await composer.fill("/vmbackup restore web")
    assert await options.count() == 1  # it takes a request, no VM


async def test_what_is_offered_changes_with_who_one_is_and_with_what_waits(
    watched: Watched,
) -> None:
    page = watched.page
    offers = page.get_by_test_id("offer")
    assert (await offers.all_inner_texts())[0] == "What protects web-01?"
    card = await asked_for(page, "/vmbackup snapshot web-02 before an upgrade --keep 1d")
    assert "What protects web-01?" in await offers.all_inner_texts()
    await be(page, GRACE)
    await offers.get_by_text("Look at what waits for you").click()
    assert await page.evaluate("document.activeElement.textContent") == "Approve"
    await be(page, ADA)
    await button(card, "Cancel").or_(button(card, "Withdraw")).first.click()


async def test_the_bot_is_killed_and_comes_back_with_what_was_asked(
    watched: Watched, shown: Played
) -> None:
    page = watched.page
    await page.get_by_test_id("break").click()
    await page.get_by_test_id("kill-bot").click()
    await page.get_by_test_id("start-bot").click()
    await page.get_by_test_id("kill-bot").wait_for()
    await shown.bot.ready()
    await page.get_by_text("vmbackup is connected").wait_for()
    await typed(page, "/vmbackup advise web-01")


async def test_a_fault_is_switched_on_and_off_with_the_keyboard(
    watched: Watched, shown: Played
) -> None:
    page = watched.page
    await page.get_by_test_id("break").focus()
    await page.keyboard.press("Enter")
    await tab_until(page, "document.activeElement.dataset.testid === 'switch-throttled'")
    assert await focus_is_visible(page)
    await page.keyboard.press("Space")
    switch = page.get_by_role("switch", name="Azure throttles", checked=True)
    await switch.wait_for()
    assert [each["status"] for each in shown.azure.faults.listing()] == [429]
    await page.keyboard.press("Space")  # the focus is on the same switch still
    await page.get_by_role("switch", name="Azure throttles", checked=False).wait_for()
    assert shown.azure.faults.listing() == []


async def test_where_there_is_no_room_azure_is_a_tab(watched: Watched) -> None:
    page = watched.page
    await page.set_viewport_size({"width": 390, "height": 844})
    assert not await page.get_by_test_id("azure").is_visible()
    await page.get_by_test_id("tab-azure").click()
    assert await page.get_by_test_id("azure").is_visible()
    assert not await page.get_by_test_id("composer").is_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.get_by_test_id("tab-slack").click()
    assert await page.get_by_test_id("composer").is_visible()


async def test_what_the_page_says_covers_no_message(watched: Watched) -> None:
    page = watched.page
    await typed(page, "/vmbackup advise web-01")
    await be(page, GRACE)
    await be(page, ADA)
    said = await page.get_by_test_id("status").bounding_box()
    messages = await page.get_by_test_id("messages").bounding_box()
    assert said is not None
    assert messages is not None
    assert messages["y"] + messages["height"] <= said["y"]


async def test_the_apps_own_messages_have_a_box_only_where_the_manifest_says_so(
    watched: Watched,
) -> None:
    page = watched.page
    await page.get_by_test_id("direct-U00VMBACKUP").click()
    told = page.get_by_test_id("read-only")
    assert "does not read what is sent here" in await told.inner_text()
    assert await page.get_by_test_id("composer").count() == 0
    await page.get_by_test_id("channel-ops").click()
    assert await page.get_by_test_id("composer").count() == 1


async def test_the_clock_is_moved_and_what_expires_is_gone_within_seconds(
    watched: Watched, shown: Played
) -> None:
    """The last of this file: the system's clock stays a month ahead."""
    page = watched.page
    card = await asked_for(page, "/vmbackup snapshot wiki-01 before an upgrade --keep 20d")
    await be(page, GRACE)
    await button(card, "Approve").click()
    row = page.get_by_test_id("azure-snapshot").filter(has_text="wiki-01")
    await row.filter(has_text="expires in 20 days").first.wait_for()
    await page.get_by_role("button", name="Move the clock forward by thirty days").click()
    await page.get_by_text("30 days ahead of your own clock").wait_for()
    await row.filter(has_text="deleted").first.wait_for()
    await row.first.wait_for(state="detached")
    await say(page, "/vmbackup snapshots wiki-01")
    await whispered(page, "snapshots").wait_for()
