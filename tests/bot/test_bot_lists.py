"""Lists on the played Slack: pages that are turned, and what was made, kept, restored, deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from requesting_bot import MADE, Kept, bot_on

from bot.commands.manifest import manifest
from bot.messages.list_page import ListAsked
from bot.requests.action import Action
from bot.requests.model import Wish
from bot.requests.refusals import PlanRefused
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message

REQUEST = "r-5f0c1a2b3c4d"


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest, kept: Kept) -> AsyncIterator[SlackStandIn]:
    http = "http://127.0.0.1:1" if request.param == "http" else ""
    async with SlackStandIn(manifest(http)) as slack, bot_on(slack, kept):
        slack.workspace.is_rate_limited = False
        yield slack


async def a_list(slack: SlackStandIn, text: str = "requests web-01") -> Message:
    await slack.type_command("ada", "ops", f"/vmbackup {text}")
    await slack.until(lambda: len(slack.messages("ops")) == 2)
    return slack.messages("ops")[-1]


async def a_form(slack: SlackStandIn, verb: str) -> View:
    await slack.press("ada", await a_list(slack), f"made:{verb}:{MADE}")
    await slack.until(lambda: "Ask for it" in str(getattr(slack.modal("ada"), "given", "")))
    view = slack.modal("ada")
    assert view is not None
    return view


async def test_the_next_page_takes_the_place_of_the_page_and_asks_for_what_comes_after_it(
    slack: SlackStandIn, kept: Kept
) -> None:
    page = await a_list(slack)
    assert "2 of 57 requests of web-01." in page.text
    await slack.press("ada", page, "list:next")
    await slack.until(lambda: len(kept.listed) == 2)
    await slack.until(lambda: "3 to 4 of 57" in slack.messages("ops")[-1].text)
    assert kept.listed[-1] == ListAsked(name="requests", vm="web-01", start=2)
    after = slack.messages("ops")
    assert len(after) == 2
    assert after[-1].only_for == ADA.id
    await slack.press("ada", after[-1], "list:first")
    await slack.until(lambda: "2 of 57 requests" in slack.messages("ops")[-1].text)


async def test_all_lists_what_is_left_out_otherwise(slack: SlackStandIn, kept: Kept) -> None:
    await a_list(slack, "requests --all web-01")
    assert kept.listed == [ListAsked(name="requests", vm="web-01", everything=True)]


@pytest.mark.parametrize(
    "value",
    ["", "[]", "{", '["requests","",true,-1]', '["secrets","",true,0]', "[1,2,3,4]", "[" * 3000],
)
def test_a_button_that_was_forged_names_no_list(value: str) -> None:
    asked = ListAsked.read(value)
    assert asked is None or asked.name == "secrets"


async def test_who_may_not_see_the_list_gets_no_page_either(
    slack: SlackStandIn, kept: Kept
) -> None:
    page = await a_list(slack)
    kept.error = PlanRefused("You may not list.")
    await slack.press("ada", page, "list:next")
    await slack.until(lambda: "You may not list." in slack.messages("ops")[-1].text)


async def test_what_is_kept_longer_is_a_request_to_extend(slack: SlackStandIn, kept: Kept) -> None:
    view = await a_form(slack, "longer")
    assert "3 snapshots (2,176 GB), 11.10 USD a month" in str(view.given)
    await slack.submit("ada", view, {"keep": "soon", "reason": "still testing"})
    assert "is not a duration" in view.errors["keep"]
    await slack.submit("ada", view, {"keep": "2d", "reason": "still testing"})
    ((requester, wish, _),) = kept.asks
    assert requester.channel_id == slack.where("ops")
    assert wish == Wish(
        action=Action.EXTEND, of_request=REQUEST, keep=timedelta(days=2), reason="still testing"
    )


async def test_a_restore_of_some_disks_names_them(slack: SlackStandIn, kept: Kept) -> None:
    view = await a_form(slack, "restore")
    await slack.submit("ada", view, {"reason": "it broke", "disks": ["web-01_OsDisk"]})
    ((_, wish, _),) = kept.asks
    assert (wish.action, wish.of_request) == (Action.RESTORE, REQUEST)
    assert (wish.disks, wish.swap_os_disk) == (("web-01_OsDisk",), False)


async def test_a_deletion_needs_a_reason_and_is_a_request(slack: SlackStandIn, kept: Kept) -> None:
    view = await a_form(slack, "delete")
    assert "gone for good" in str(view.given)
    await slack.submit("ada", view, {"reason": " "})
    assert view.errors == {"reason": "Say why: it is kept with the request."}
    await slack.submit("ada", view, {"reason": "the test is over"})
    ((_, wish, _),) = kept.asks
    assert wish == Wish(action=Action.DELETE, of_request=REQUEST, reason="the test is over")


async def test_a_deletion_is_asked_for_in_one_line_too(slack: SlackStandIn, kept: Kept) -> None:
    await slack.type_command("ada", "ops", f"/vmbackup delete {REQUEST} the test is over")
    ((_, wish, _),) = kept.asks
    assert wish == Wish(action=Action.DELETE, of_request=REQUEST, reason="the test is over")


async def test_what_is_gone_is_said_in_the_form(slack: SlackStandIn, kept: Kept) -> None:
    page = await a_list(slack)
    kept.error = PlanRefused("Nothing of it exists any more.")
    await slack.press("ada", page, f"made:delete:{MADE}")
    await slack.until(
        lambda: "Nothing of it exists" in str(getattr(slack.modal("ada"), "given", ""))
    )
    view = slack.modal("ada")
    assert view is not None
    assert view.as_slack()["submit"] is None
    assert kept.asks == []
