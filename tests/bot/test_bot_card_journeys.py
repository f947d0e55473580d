"""Cancelling and finding a card by id, and the buttons of a card that is done, over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from requesting_bot import Kept, bot_on

from bot.commands.manifest import manifest
from bot.messages.request_card import request_card
from bot.request_service import NotAllowed
from bot.requests.action import Action
from bot.requests.model import ClickKind, Wish
from bot.requests.states import State
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message
from tests.bot import sample_requests as some

ID = "r-5f0c1a2b3c4d"


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest, kept: Kept) -> AsyncIterator[SlackStandIn]:
    http = "http://127.0.0.1:1" if request.param == "http" else ""
    async with SlackStandIn(manifest(http)) as slack, bot_on(slack, kept):
        slack.workspace.is_rate_limited = False
        yield slack


async def a_done_card(slack: SlackStandIn) -> Message:
    """The card of snapshots that were made, as the bot would have posted it."""
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    card = request_card(some.a_request(State.DONE), points=some.POINTS)
    await client.chat_postMessage(channel=slack.where("ops"), **card.as_post())
    return slack.messages("ops")[-1]


async def test_a_cancellation_by_id_is_kept_with_its_reason(
    slack: SlackStandIn, kept: Kept
) -> None:
    await slack.type_command("ada", "ops", f"/vmbackup cancel {ID.upper()} not needed")
    await slack.deliver_again(slack.deliveries[-1])
    ((requester, request_id, reason, _),) = kept.withdrawn
    assert (requester.user_id, request_id, reason) == (ADA.id, ID, "not needed")


@pytest.mark.parametrize("command", ["cancel", "card"])
@pytest.mark.parametrize("words", ["", "web-01", "r-123"])
async def test_what_is_no_id_is_said_with_an_example(
    slack: SlackStandIn, kept: Kept, command: str, words: str
) -> None:
    acted = await slack.type_command("ada", "ops", f"/vmbackup {command} {words}")
    assert acted.message is not None
    assert f"“/vmbackup {command} r-0123456789ab" in acted.message.text
    assert kept.withdrawn == []


async def test_a_cancellation_of_what_is_not_there_is_said(slack: SlackStandIn, kept: Kept) -> None:
    kept.error = NotAllowed(f"There is no request {ID}.")
    acted = await slack.type_command("ada", "ops", f"/vmbackup cancel {ID}")
    assert acted.message is not None
    assert acted.message.text == f"There is no request {ID}."


async def test_a_card_is_found_by_id_for_the_person_alone(slack: SlackStandIn) -> None:
    await slack.type_command("ada", "ops", f"/vmbackup card {ID}")
    await slack.until(lambda: "is in #C01OPS" in str(slack.messages("ops")))
    assert [each.only_for for each in slack.messages("ops")] == [ADA.id]


async def a_form(slack: SlackStandIn, verb: str) -> View:
    await slack.press("ada", await a_done_card(slack), f"made:{verb}:{ID}")
    await slack.until(lambda: "Looking at" not in str(getattr(slack.modal("ada"), "given", "")))
    view = slack.modal("ada")
    assert view is not None
    return view


async def test_keep_longer_asks_how_long_and_why_and_needs_no_id(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack, "longer")
    assert "3 snapshots (2,176 GB), 11.10 USD a month" in str(view.given)
    await slack.submit("ada", view, {"keep": "for ever", "reason": "still testing"})
    assert "is not a duration" in view.errors["keep"]
    await slack.submit("ada", view, {"keep": "2d", "reason": "still testing"})
    ((requester, wish, _),) = kept.asks
    assert (requester.user_id, requester.channel_id) == (ADA.id, slack.where("ops"))
    two_days = timedelta(days=2)
    expected = Wish(action=Action.EXTEND, of_request=ID, keep=two_days, reason="still testing")
    assert wish == expected
    said = str(getattr(slack.modal("ada"), "given", ""))
    assert "Request r-5f0c1a2b3c4d sent" in said
    assert "Keep it longer" in said


async def test_restore_asks_for_the_disks_and_the_swap_and_how_long(
    slack: SlackStandIn, kept: Kept
) -> None:
    view = await a_form(slack, "restore")
    filled = {"reason": "no boot", "how": "swap", "disks": ["web-01_OsDisk"], "keep": "7d"}
    await slack.submit("ada", view, filled)
    ((_, wish, _),) = kept.asks
    assert wish == Wish(
        action=Action.RESTORE,
        of_request=ID,
        reason="no boot",
        disks=("web-01_OsDisk",),
        keep=timedelta(days=7),
        swap_os_disk=True,
    )


async def test_a_form_of_a_forged_button_asks_for_nothing(slack: SlackStandIn, kept: Kept) -> None:
    card = await a_done_card(slack)
    action_id = f"made:restore:{ID}"
    for block in card.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id") == action_id:
                element["value"] = "forged"
    await slack.press("ada", card, action_id)
    await slack.until(
        lambda: "Nothing of forged exists" in str(getattr(slack.modal("ada"), "given", ""))
    )
    view = slack.modal("ada")
    assert view is not None
    assert view.as_slack()["submit"] is None
    assert kept.asks == []


async def test_delete_now_is_confirmed_and_kept_as_a_click(slack: SlackStandIn, kept: Kept) -> None:
    card = await a_done_card(slack)
    (button,) = (
        element
        for block in card.blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "request:delete_now"
    )
    assert button["confirm"]["title"]["text"] == "Delete it now?"
    await slack.press("ada", card, "request:delete_now")
    (click,) = kept.clicks
    assert (click.kind, click.button) == (ClickKind.DELETE_NOW, "b-0123456789abcdef")
