"""A snapshot as people have it: asked for, approved by somebody else, watched, kept, gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.browser.asking_on_the_page import (
    ADA,
    GRACE,
    LINUS,
    asked_for,
    be,
    button,
    card_of,
    is_titled,
    request_in,
    say,
    thread_of,
    waiting_card,
    whispered,
)
from tests.browser.chromium import PATIENCE_MILLISECONDS, Watched, looking_at
from tests.browser.test_browser_page import CONTRASTS
from tests.journeys.running_system import Played

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: One minute, the shortest that the demo's settings allow, and what the bot needs around it.
EXPIRED_MILLISECONDS = 120_000
LOOK_AGAIN_MILLISECONDS = 50
BEGUN, OVER = "Snapshot of pg-01: running", "Snapshot of pg-01: done"


@dataclass(frozen=True)
class Story:
    """One request from the command to the result, as it was read on the page."""

    request_id: str
    waiting: str  #: the card's text while it waited
    watched: list[str]  #: every text that it had while Azure was changed
    done: str
    plan: str  #: in the thread


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kept_a_minute(browser: Browser, shown: Played) -> AsyncIterator[Story]:
    """pg-01's snapshots: asked for by Ada, approved by Grace, kept for one minute.

    It is taken before the first test, so that its minute passes while the others run. One of
    its disks is a Premium SSD v2, which Azure copies in the background.
    """
    async with looking_at(browser, shown.slack.url) as watched:
        page = watched.page
        card = await asked_for(page, "/vmbackup snapshot pg-01 before kernel update --keep 1m")
        waiting = await card.inner_text()
        await be(page, GRACE)
        await button(card, "Approve").click()
        seen = await watch(card, page)
        done = await card.inner_text()
        plan = await (await thread_of(page, card)).inner_text()
        yield Story(request_in(waiting), waiting, seen, done, plan)
    watched.check()


async def watch(card: Locator, page: Page) -> list[str]:
    """Every text of the card from the beginning to the end of its work."""
    seen: list[str] = []
    for _ in range(PATIENCE_MILLISECONDS // LOOK_AGAIN_MILLISECONDS):
        if await card.get_by_role("heading", name=OVER).count():
            break
        text = await card.inner_text()
        seen += [text] if BEGUN in text and text not in seen else []
        await page.wait_for_timeout(LOOK_AGAIN_MILLISECONDS)
    return seen


def snapshots_of(shown: Played, request_id: str) -> list[dict[str, Any]]:
    """What the played Azure holds of a request."""
    found = shown.azure.world.of_type("Microsoft.Compute/snapshots")
    return [each for each in found if each.get("tags", {}).get("vmbackup-request") == request_id]


async def test_the_card_says_what_it_would_be_who_asked_and_who_may_approve(
    kept_a_minute: Story,
) -> None:
    card = kept_a_minute.waiting
    for part in (
        "🟡 Snapshot of pg-01: waiting for approval (0 of 1)",
        "@Ada Keller asks for 2 incremental snapshots (os ",
        "kept 1 min: ",
        "Reason: before kernel update",
        "Each disk is crash-consistent, but the 2 disks are captured moments apart.",
        "@vm-approvers may approve, @Ada Keller may not",
    ):
        assert part in card


async def test_the_progress_is_watched_on_the_card_to_the_percent(kept_a_minute: Story) -> None:
    assert any("running (1 of 2 disks)" in text for text in kept_a_minute.watched)
    assert any("%" in text for text in kept_a_minute.watched)
    assert OVER in kept_a_minute.done
    assert "approved by @Grace Moreau" in kept_a_minute.done


async def test_the_snapshots_are_in_azure_closed_and_tagged(
    kept_a_minute: Story, shown: Played
) -> None:
    made = snapshots_of(shown, kept_a_minute.request_id)
    assert len(made) == 2
    for snapshot in made:
        assert snapshot["name"] in kept_a_minute.plan
        assert snapshot["properties"]["networkAccessPolicy"] == "DenyAll"
        assert snapshot["properties"]["publicNetworkAccess"] == "Disabled"
        assert snapshot["tags"]["vmbackup-reason"] == "before kernel update"
        assert "U01ADA" in snapshot["tags"]["vmbackup-asker"]


async def test_where_two_must_approve_one_is_not_enough(watched: Watched, shown: Played) -> None:
    page = watched.page
    card = await asked_for(page, "/vmbackup snapshot sql-01 before the migration --disks os")
    request_id = request_in(await card.inner_text())
    await be(page, GRACE)
    await button(card, "Approve").click()
    await whispered(page, "Your approval is recorded").wait_for()
    await card.get_by_text("waiting for approval (1 of 2)").wait_for()
    await button(card, "Approve").click()
    await whispered(page, "You approved this already").wait_for()
    assert snapshots_of(shown, request_id) == []
    await be(page, LINUS)
    await button(card, "Approve").click()
    await is_titled(card, "Snapshot of sql-01: done")
    text = await card.inner_text()
    assert "approved by @Grace Moreau, @Linus Berg" in text
    [made] = snapshots_of(shown, request_id)
    assert made["name"] in await (await thread_of(page, card)).inner_text()


async def test_nobody_approves_their_own_request_and_a_denial_says_why(
    watched: Watched, shown: Played
) -> None:
    """Grace is an approver and an admin of the workspace; her own request is not hers to decide."""
    page = watched.page
    await be(page, GRACE)
    card = await asked_for(page, "/vmbackup snapshot web-02 because I can")
    request_id = request_in(await card.inner_text())
    await button(card, "Approve").click()
    await whispered(page, "This is your own request; somebody else has to decide it").wait_for()
    assert "(0 of 1)" in await card.inner_text()
    await be(page, LINUS)
    await button(card, "Deny").click()
    form = page.get_by_test_id("modal")
    await form.get_by_label("Why not?").fill("Not during the <!here> release & *freeze*")
    await form.get_by_test_id("modal-submit").click()
    await is_titled(card, "Snapshot of web-02: denied")
    thread = await thread_of(page, card)
    await thread.get_by_text("Not during the <!here> release & *freeze*").last.wait_for()
    assert await button(card, "Approve").count() == 0
    assert snapshots_of(shown, request_id) == []


async def test_the_button_on_an_advice_opens_a_form_with_the_plan(
    watched: Watched, shown: Played
) -> None:
    page = watched.page
    await say(page, "/vmbackup advise wiki-01")
    cards = page.get_by_test_id("message").filter(has_text="If it is deleted")
    advice = cards.filter(has_text="wiki-01").last
    await advice.locator('button[data-action-id="advise:snapshot"]').click()
    form = page.get_by_test_id("modal")
    await form.get_by_label("Why?").wait_for()
    text = await form.inner_text()
    for part in (
        "2 incremental snapshots",
        "wiki-01",
        "Cost: ",
        "a month",
        "captured moments apart",
    ):
        assert part in text
    await form.get_by_label("Why?").fill("before the dist-upgrade")
    await form.get_by_label("Keep it for how long?").fill("four days")
    await form.get_by_test_id("modal-submit").click()
    await form.get_by_text("“four days” is not a duration. Write it like").wait_for()
    await form.get_by_label("Keep it for how long?").fill("4d")
    await form.get_by_label("One restore point").check()
    await form.get_by_test_id("modal-submit").click()
    await form.get_by_text("sent to #ops").wait_for()
    card = await waiting_card(page, request_in(await form.inner_text()))
    await form.get_by_test_id("modal-close").click()
    text = await card.inner_text()
    assert "before the dist-upgrade" in text
    assert "kept 4 days" in text
    assert "file-system-consistent" in text
    await button(card, "Cancel").click()
    await is_titled(card, "Restore point of wiki-01: cancelled")


@pytest.mark.parametrize("width", [1280, 400])
async def test_a_card_is_readable_at_any_width_and_in_either_scheme(
    in_scheme: tuple[Watched, str], kept_a_minute: Story, width: int
) -> None:
    page = in_scheme[0].page
    card = card_of(page, kept_a_minute.request_id)
    await card.wait_for()
    await page.set_viewport_size({"width": width, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    box = await card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert await page.locator("body").evaluate(CONTRASTS) == []


async def test_it_expires_and_is_gone_from_azure(
    watched: Watched, shown: Played, kept_a_minute: Story
) -> None:
    """The last one here: by now most of its minute has passed."""
    page = watched.page
    await be(page, ADA)
    card = card_of(page, kept_a_minute.request_id)
    thread = await thread_of(page, card)
    await thread.get_by_text("2 items deleted").wait_for(timeout=EXPIRED_MILLISECONDS)
    text = await thread.inner_text()
    assert "It is taken: Snapshot of pg-01" in text
    assert "To keep it longer, type" in text
    await is_titled(card, "Snapshot of pg-01: deleted")
    assert snapshots_of(shown, kept_a_minute.request_id) == []
