"""The forms on the page: a VM is chosen while typing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.asking_on_the_page import say
from tests.browser.chromium import Watched

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")
NOT_FILLED = re.compile("Nothing found|could not be loaded")


async def a_plan(page: Page) -> Locator:
    """The form with the plan of a VM that was found by a part of its name, with keys alone."""
    await say(page, "/vmbackup snapshot")
    box = page.get_by_role("combobox", name="Which VM?")
    await _typed_until_found(page, box)
    await box.press("ArrowDown")
    await box.press("Enter")
    assert await box.input_value() == "wiki-01"
    await page.get_by_test_id("modal-submit").click()
    form = page.locator("#modal")
    await form.get_by_text(re.compile("incremental snapshots? (is|are) taken")).wait_for()
    return form


async def _typed_until_found(page: Page, box: Locator) -> None:
    """A list that was not filled in Slack's three seconds is asked again by typing on.

    That a name is found at once is held by tests/bot/test_bot_vm_lists.py.
    """
    found = page.get_by_test_id("found").filter(has_text="wiki-01")
    empty = page.get_by_role("status").filter(has_text=NOT_FILLED)
    for typed in ("wiki", "wiki-", "wiki-0"):
        await box.fill(typed)
        await found.or_(empty).first.wait_for()
        if await found.count():
            return
    await found.wait_for()


async def test_a_vm_is_chosen_by_a_part_of_its_name_and_its_plan_follows(watched: Watched) -> None:
    form = await a_plan(watched.page)
    assert "VM: wiki-01." in await form.inner_text()
    await watched.page.get_by_test_id("modal-x").click()


async def test_the_cost_follows_the_disks_and_the_retention_that_are_chosen(
    watched: Watched,
) -> None:
    page = watched.page
    form = await a_plan(page)
    before = await form.inner_text()
    await page.get_by_label("Why?").fill("before the update")
    keep = page.get_by_label("Keep it for how long?")
    await keep.press("End")
    await keep.press_sequentially("x")
    await form.get_by_text("No plan and no cost for what is chosen").wait_for()
    await keep.fill("2d")
    await form.get_by_text("2 days from the moment it is made").wait_for()
    assert await keep.input_value() == "2d"
    assert await page.get_by_label("Why?").input_value() == "before the update"
    boxes = form.get_by_role("checkbox")
    if await boxes.count() > 1:
        await boxes.last.uncheck()
        await form.get_by_text(re.compile("^(One|1) incremental snapshot is taken")).wait_for()
    assert await form.inner_text() != before
    await page.get_by_test_id("modal-x").click()


async def test_what_is_only_typed_into_the_list_chooses_nothing(watched: Watched) -> None:
    page = watched.page
    await say(page, "/vmbackup snapshot")
    box = page.get_by_role("combobox", name="Which VM?")
    await box.fill("no-such-vm")
    await page.get_by_text("Nothing found").wait_for()
    await page.get_by_label("Or type its name").focus()
    assert await box.input_value() == ""
    await page.get_by_test_id("modal-submit").click()
    await page.get_by_text("Choose a VM from the list, or type a name like web-01.").wait_for()
    await page.get_by_test_id("modal-x").click()
