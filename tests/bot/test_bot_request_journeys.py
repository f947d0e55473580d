"""Asking, pressing and filling in forms, on the played Slack, over both transports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from requesting_bot import Kept, bot_on

from advisor.errors import AzureUnreachable, DatabaseUnreachable, VmNotFound
from bot.commands.manifest import manifest
from bot.messages.request_card import request_card
from bot.requests.action import Action
from bot.requests.model import ClickKind, Wish
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, GRACE
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message
from tests.bot import sample_requests as some

DAY = timedelta(days=1)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest, kept: Kept) -> AsyncIterator[SlackStandIn]:
    http = "http://127.0.0.1:1" if request.param == "http" else ""
    async with SlackStandIn(manifest(http)) as slack, bot_on(slack, kept):
        slack.workspace.is_rate_limited = False
        yield slack


def shown(slack: SlackStandIn, user: str = "ada") -> str:
    view = slack.modal(user)
    assert view is not None
    return str(view.given)


async def form_with_plan(slack: SlackStandIn, text: str = "snapshot web-01") -> None:
    await slack.type_command("ada", "ops", f"/vmbackup {text}")
    await slack.until(lambda: "Ask for it" in str(getattr(slack.modal("ada"), "given", "")))


async def a_card(slack: SlackStandIn) -> Message:
    """The card of a request, as the bot would have posted it."""
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    card = request_card(some.a_request(), (), (), some.FACTS)
    await client.chat_postMessage(channel=slack.where("ops"), **card.as_post())
    return slack.messages("ops")[-1]


# --- commands -------------------------------------------------------------------------------


async def test_a_request_is_kept_before_the_command_is_acknowledged(
    slack: SlackStandIn, kept: Kept
) -> None:
    line = "/vmbackup snapshot web-01 before kernel update --keep 3d —disks os,data0 --consistent"
    acted = await slack.type_command("ada", "ops", line)
    assert acted.message is not None
    assert acted.message.text.startswith("Request r-5f0c1a2b3c4d sent to #C01OPS for approval.")
    assert acted.message.only_for == ADA.id
    ((requester, wish, _),) = kept.asks
    assert (requester.user_id, requester.channel_id) == (ADA.id, slack.where("ops"))
    assert wish == Wish(
        action=Action.SNAPSHOT,
        vm="web-01",
        reason="before kernel update",
        keep=3 * DAY,
        disks=("os", "data0"),
        consistent=True,
    )


async def test_the_same_command_typed_twice_is_two_requests_and_delivered_twice_is_one(
    slack: SlackStandIn, kept: Kept
) -> None:
    line = "/vmbackup snapshot web-01 before kernel update"
    await slack.type_command("ada", "ops", line)
    await slack.deliver_again(slack.deliveries[-1])
    assert len(kept.asks) == 1
    await slack.type_command("ada", "ops", line)
    assert len({key for _, _, key in kept.asks}) == 2


async def test_a_database_away_is_said_and_nothing_is_asked(
    slack: SlackStandIn, kept: Kept
) -> None:
    kept.error = DatabaseUnreachable("The database does not answer. Try again in a minute.")
    acted = await slack.type_command("ada", "ops", "/vmbackup snapshot web-01 before the update")
    assert acted.message is not None
    assert acted.message.text == "The database does not answer. Try again in a minute."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("snapshot web-01 why --keep soon", "The flags are listed by /vmbackup help snapshot."),
        ("restore", "Something is missing. Write it like “/vmbackup restore r-0123456789ab"),
        ("restore r-5f0c1a2b3c4d", "/vmbackup restore r-0123456789ab the update went wrong"),
        ("copy r-5f0c1a2b3c4d marsnorth why", "is not an Azure region"),
        ("extend r-5f0c1a2b3c4d forever why", "is not a duration"),
        ("snapshots web-01 web-02", "Name one VM"),
        (f"snapshot {'x' * 401} why", "too long for a name"),
        (f"snapshot web-01 {'why ' * 126}", "Say it shorter"),
    ],
)
async def test_words_that_cannot_be_read_are_said_and_nothing_is_kept(
    slack: SlackStandIn, kept: Kept, text: str, sentence: str
) -> None:
    acted = await slack.type_command("ada", "ops", f"/vmbackup {text}")
    assert acted.message is not None
    assert sentence in acted.message.text
    assert kept.asks == []


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        (
            "restore r-5f0c1a2b3c4d it went wrong --swap-os-disk",
            Wish(
                action=Action.RESTORE,
                of_request="r-5f0c1a2b3c4d",
                reason="it went wrong",
                swap_os_disk=True,
            ),
        ),
        (
            "restore vmbackup-web-01-x it went wrong",
            Wish(action=Action.RESTORE, points=("vmbackup-web-01-x",), reason="it went wrong"),
        ),
        (
            "copy r-5f0c1a2b3c4d NorthEurope for the drill",
            Wish(
                action=Action.COPY,
                of_request="r-5f0c1a2b3c4d",
                to_region="northeurope",
                reason="for the drill",
            ),
        ),
        (
            "extend r-5f0c1a2b3c4d 2d still testing",
            Wish(
                action=Action.EXTEND,
                of_request="r-5f0c1a2b3c4d",
                keep=2 * DAY,
                reason="still testing",
            ),
        ),
    ],
)
async def test_restore_copy_and_extend_ask_at_once(
    slack: SlackStandIn, kept: Kept, text: str, wish: Wish
) -> None:
    acted = await slack.type_command("ada", "ops", f"/vmbackup {text}")
    assert acted.message is not None
    assert "Request r-5f0c1a2b3c4d sent to" in acted.message.text
    assert [each for _, each, _ in kept.asks] == [wish]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("snapshots web-01", "orphan: its VM is not found"),
        ("snapshots", "The subscription s-2 was not read."),
        (
            "requests",
            "r-5f0c1a2b3c4d: Snapshot of web-01, waiting for approval, to be decided until",
        ),
    ],
)
async def test_lists_come_to_the_requester_alone(
    slack: SlackStandIn, text: str, found: str
) -> None:
    await slack.type_command("ada", "ops", f"/vmbackup {text}")
    await slack.until(lambda: len(slack.messages("ops")) == 2)
    answer = slack.messages("ops")[-1]
    assert found in answer.text
    assert answer.only_for == ADA.id


async def test_hostile_text_is_kept_as_text_and_calls_nobody(
    slack: SlackStandIn, kept: Kept
) -> None:
    line = "/vmbackup snapshot web'|take-1 <!here> *now* & @here, it didn't"
    acted = await slack.type_command("ada", "ops", line)
    assert acted.message is not None
    assert "<!here>" not in str(acted.message.as_slack())
    ((_, wish, _),) = kept.asks
    assert wish.vm == "web'|take-1"
    assert wish.reason == "<!here> *now* & @here, it didn't"


# --- the form of a snapshot -----------------------------------------------------------------


async def test_without_a_reason_the_form_shows_the_plan_and_asks_for_it(
    slack: SlackStandIn, kept: Kept
) -> None:
    await form_with_plan(slack, "snapshot web-01 --keep 2d")
    plan = shown(slack)
    assert "11.30 USD a month (7.90 to 24.10), 1.11 USD until it expires" in plan
    assert "captured moments apart" in plan
    view = slack.modal("ada")
    assert view is not None
    await slack.submit("ada", view, {"reason": "before kernel update", "how": "consistent"})
    ((requester, wish, _),) = kept.asks
    assert requester.channel_id == slack.where("ops")
    assert wish == Wish(
        action=Action.SNAPSHOT,
        vm=some.VM_ID,
        reason="before kernel update",
        keep=2 * DAY,
        consistent=True,
    )
    assert "Request r-5f0c1a2b3c4d sent" in shown(slack)


async def test_disks_left_out_in_the_form_are_left_out_of_the_request(
    slack: SlackStandIn, kept: Kept
) -> None:
    await form_with_plan(slack)
    view = slack.modal("ada")
    assert view is not None
    await slack.submit("ada", view, {"reason": "why", "disks": ["os", "data1"], "keep": "36h"})
    ((_, wish, _),) = kept.asks
    assert (wish.disks, wish.keep) == (("os", "data1"), 1.5 * DAY)


async def test_a_form_with_a_mistake_says_so_on_its_field(slack: SlackStandIn, kept: Kept) -> None:
    await form_with_plan(slack)
    view = slack.modal("ada")
    assert view is not None
    await slack.submit("ada", view, {"reason": "why", "keep": "a while"})
    assert "is not a duration" in view.errors["keep"]
    await slack.submit("ada", view, {"reason": "why", "keep": "90d"})
    assert view.errors["keep"] == "What is made here is kept 1 h to 30 days, not 90 days."
    await slack.submit("ada", view, {"reason": "why", "keep": "5m"})
    assert view.errors["keep"].endswith("not 5 min.")
    kept.error = DatabaseUnreachable("The database <db> does not answer.")
    await slack.submit("ada", view, {"reason": "why", "keep": "3d"})
    assert view.errors == {"reason": "The database <db> does not answer."}
    assert kept.asks == []


async def test_a_form_delivered_twice_is_one_request(slack: SlackStandIn, kept: Kept) -> None:
    await form_with_plan(slack)
    view = slack.modal("ada")
    assert view is not None
    await slack.submit("ada", view, {"reason": "why"})
    await slack.deliver_again(slack.deliveries[-1])
    assert len({key for _, _, key in kept.asks}) == 1


async def test_without_a_vm_the_form_asks_for_it_first(slack: SlackStandIn, kept: Kept) -> None:
    await slack.type_command("ada", "ops", "/vmbackup snapshot --keep 2d --consistent")
    view = slack.modal("ada")
    assert view is not None
    await slack.submit("ada", view, {"vm": "web-01"})
    await slack.until(lambda: "Ask for it" in shown(slack))
    assert kept.previewed == [
        Wish(action=Action.SNAPSHOT, vm="web-01", keep=2 * DAY, consistent=True)
    ]


async def test_a_vm_that_is_not_there_is_said_in_the_form(slack: SlackStandIn, kept: Kept) -> None:
    kept.error = VmNotFound("web-1", ["web-01"])
    await slack.type_command("ada", "ops", "/vmbackup snapshot web-1")
    await slack.until(lambda: "Did you mean “web-01”?" in shown(slack))
    view = slack.modal("ada")
    assert view is not None
    assert view.as_slack()["submit"] is None


async def test_a_form_that_slack_does_not_open_is_said_and_never_tried_again(
    slack: SlackStandIn,
) -> None:
    slack.faults.add(Fault(Kind.SLOW, "views.open", seconds=2.5))
    acted = await slack.type_command("ada", "ops", "/vmbackup snapshot web-01")
    assert acted.message is not None
    assert "Slack did not show the form in time." in acted.message.text
    assert slack.counts["views.open"] <= 1


async def test_the_card_of_an_advice_offers_the_form(slack: SlackStandIn, kept: Kept) -> None:
    await slack.type_command("ada", "ops", "/vmbackup advise web-01")
    await slack.until(lambda: len(slack.messages("ops")) == 2)
    await slack.press("grace", slack.messages("ops")[-1], "advise:snapshot")
    await slack.until(lambda: "Ask for it" in shown(slack, "grace"))
    (wish,) = kept.previewed
    assert wish.vm.endswith("/virtualMachines/web-01")


# --- buttons --------------------------------------------------------------------------------


async def test_a_press_is_kept_as_it_came_and_every_press_is_another(
    slack: SlackStandIn, kept: Kept
) -> None:
    card = await a_card(slack)
    for _ in range(3):
        await slack.press("grace", card, "request:approve")
    first, *_ = kept.clicks
    assert (first.kind, first.button) == (ClickKind.APPROVE, "b-0123456789abcdef")
    assert (first.user_id, first.channel_id) == (GRACE.id, slack.where("ops"))
    assert first.message_ts == card.ts
    assert len({click.id for click in kept.clicks}) == 3


async def test_a_press_delivered_twice_is_one_click(slack: SlackStandIn, kept: Kept) -> None:
    await slack.press("grace", await a_card(slack), "request:cancel")
    await slack.deliver_again(slack.deliveries[-1])
    assert len({click.id for click in kept.clicks}) == 1


async def test_a_denial_asks_for_its_reason_first(slack: SlackStandIn, kept: Kept) -> None:
    card = await a_card(slack)
    await slack.press("grace", card, "request:deny")
    assert kept.clicks == []
    view = slack.modal("grace")
    assert view is not None
    named = str(view.given)
    assert "Snapshot of web-01" in named
    assert some.ADA.user_id in named
    assert "Reason: before kernel update" in named
    await slack.submit("grace", view, {"reason": "not during the sale"})
    (click,) = kept.clicks
    assert (click.kind, click.text) == (ClickKind.DENY, "not during the sale")
    assert (click.button, click.message_ts) == ("b-0123456789abcdef", card.ts)
    assert click.channel_id == slack.where("ops")
    assert slack.modal("grace") is None


async def test_a_press_that_cannot_be_kept_is_said_to_whoever_pressed(
    slack: SlackStandIn, kept: Kept
) -> None:
    kept.error = AzureUnreachable("x", "y")
    await slack.press("grace", await a_card(slack), "request:approve")
    await slack.until(lambda: len(slack.messages("ops")) == 2)
    told = slack.messages("ops")[-1]
    assert told.only_for == GRACE.id
    assert "Try again in a minute." in told.text
