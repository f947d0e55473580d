"""One message on its way to Slack: every refusal, every fault, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.blocks import section
from bot.slack.calls import Calls
from bot.slack.delivery import LOST_SECONDS, Content, Delivery, SendLater, Sent, Undeliverable
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA, DENNIS, LINUS
from deploy.local.slack.standin import SlackStandIn

OPS, RANDOM = "C01OPS", "C02RANDOM"
HELLO = Content("Snapshot of web-01 waits.", [section("Snapshot of web-01 waits.")])


@dataclass(frozen=True)
class Due:
    """A message as the outbox hands it out."""

    kind: str = "card"
    id: int = 7
    request_id: str | None = "r-000000000001"
    channel_id: str = OPS
    user_id: str = ""
    thread_ts: str = ""
    ts: str = ""
    version: int = 1
    message: Mapping[str, Any] | None = None
    attempts: int = 0
    rested: bool = False


CARD, THREAD = Due(), Due("thread")
WHISPER, DIRECT = Due("whisper", user_id=ADA.id), Due("direct", user_id=ADA.id)


async def ours() -> bool:
    return True


@pytest.fixture
def delivery(slack: SlackStandIn, calls: Calls) -> Delivery:
    slack.workspace.is_rate_limited = False
    return Delivery(calls)


async def posted(delivery: Delivery, due: Due = CARD) -> str:
    sent = await delivery.send(due, HELLO, ours)
    assert isinstance(sent, Sent)
    return sent.ts


# --- where each kind goes -------------------------------------------------------------------


async def test_a_card_is_posted_and_then_edited_in_its_place(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    ts = await posted(delivery)
    again = await delivery.send(replace(CARD, ts=ts), Content("It runs."), ours)
    (message,) = slack.messages(OPS)
    assert again == Sent(ts, is_post=False)
    assert (message.ts, message.text, message.blocks) == (ts, "It runs.", [])
    assert message.edited_ts


async def test_a_note_stands_under_its_card(slack: SlackStandIn, delivery: Delivery) -> None:
    ts = await posted(delivery)
    await posted(delivery, replace(THREAD, thread_ts=ts))
    assert slack.messages(OPS)[-1].thread_ts == ts


async def test_a_whisper_is_seen_by_one_person_alone(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    await posted(delivery, WHISPER)
    (message,) = slack.messages(OPS)
    assert message.only_for == ADA.id
    assert slack.workspace.visible_to(LINUS.id, OPS) == []


async def test_a_direct_message_goes_to_the_person(slack: SlackStandIn, delivery: Delivery) -> None:
    await posted(delivery, DIRECT)
    assert [each.text for each in slack.messages("D01ADA")] == [HELLO.text]


@pytest.mark.parametrize("closed", ["not a member", "archived", "unknown", "she is not in it"])
async def test_where_a_whisper_cannot_be_heard_it_goes_to_the_person(
    slack: SlackStandIn, delivery: Delivery, closed: str
) -> None:
    channel = {"not a member": RANDOM, "unknown": "C0NONE"}.get(closed, OPS)
    if closed == "archived":
        slack.workspace.channels[OPS].is_archived = True
    if closed == "she is not in it":
        slack.workspace.channels[OPS].members.discard(ADA.id)
    await posted(delivery, replace(WHISPER, channel_id=channel))
    assert [each.text for each in slack.messages("D01ADA")] == [HELLO.text]


async def test_nobody_is_called_and_no_link_unfolds(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    await posted(delivery)
    (called,) = slack.called("chat.postMessage")
    assert (called.args["unfurl_links"], called.args["unfurl_media"]) == (False, False)


# --- said another way -----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["edit_window_closed", "message_not_found", "cant_update_message"])
async def test_a_card_that_cannot_be_edited_any_more_is_posted_anew(
    slack: SlackStandIn, delivery: Delivery, code: str
) -> None:
    old = await posted(delivery)
    slack.faults.add(Fault(Kind.STATUS, "chat.update", status=200, code=code))
    new = await posted(delivery, replace(CARD, ts=old))
    assert new != old
    assert [each.ts for each in slack.messages(OPS)] == [old, new]


async def test_a_note_whose_card_was_deleted_is_said_in_the_channel(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    await posted(delivery, replace(THREAD, thread_ts="1.000001"))
    (message,) = slack.messages(OPS)
    assert (message.text, message.thread_ts) == (HELLO.text, "")


@pytest.mark.parametrize("due", [CARD, WHISPER, DIRECT], ids=lambda due: due.kind)
async def test_blocks_that_slack_refuses_are_left_out_and_the_text_is_said(
    slack: SlackStandIn, delivery: Delivery, due: Due, caplog: pytest.LogCaptureFixture
) -> None:
    sent = await delivery.send(due, Content("All of it.", [{"type": "nonsense"}]), ours)
    assert isinstance(sent, Sent)
    (message,) = slack.messages("D01ADA" if due is DIRECT else OPS)
    assert (message.text, message.blocks) == ("All of it.", [])
    assert "refused the blocks of message 7: invalid_blocks" in caplog.text


async def test_a_text_too_long_for_an_edit_is_cut(slack: SlackStandIn, delivery: Delivery) -> None:
    ts = await posted(delivery)
    sent = await delivery.send(replace(CARD, ts=ts), Content("x" * 5000), ours)
    assert sent == Sent(ts, is_post=False)
    assert slack.messages(OPS)[0].text == "x" * 4000


# --- later ----------------------------------------------------------------------------------


async def test_a_429_is_waited_out_for_as_long_as_slack_says(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    slack.faults.add(Fault(Kind.STATUS, "chat.postMessage", status=429, retry_after="37"))
    outcome = await delivery.send(CARD, HELLO, ours)
    assert outcome == SendLater(37.0, "chat.postMessage: ratelimited", whole_channel=True)
    assert slack.messages(OPS) == []


async def test_a_throttled_edit_holds_up_other_edits_and_nothing_else(
    slack: SlackStandIn, calls: Calls
) -> None:
    """Edits are limited for the whole workspace, posts for a channel."""
    slack.workspace.is_rate_limited = False
    seconds = 100.0
    delivery = Delivery(calls, clock=lambda: seconds)
    ts = await posted(delivery)
    edit = replace(CARD, ts=ts)
    slack.faults.add(Fault(Kind.STATUS, "chat.update", status=429, retry_after="37"))
    for _ in range(3):
        outcome = await delivery.send(edit, HELLO, ours)
        assert outcome == SendLater(37.0, "chat.update: ratelimited", whole_channel=False)
    assert slack.counts["chat.update"] == 1
    await posted(delivery)
    seconds += 37
    assert await delivery.send(edit, HELLO, ours) == Sent(ts, is_post=False)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.LOST, "chat.*"),
        Fault(Kind.CUT, "chat.*"),
        Fault(Kind.SLOW, "chat.*", seconds=1.5),
        Fault(Kind.STATUS, "chat.*", status=503),
        Fault(Kind.STATUS, "chat.*", status=200, code="fatal_error"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.code}",
)
async def test_a_post_whose_answer_was_lost_is_sent_once_and_again_only_after_a_pause(
    slack: SlackStandIn, delivery: Delivery, fault: Fault
) -> None:
    slack.faults.add(fault)
    outcome = await delivery.send(CARD, HELLO, ours)
    assert isinstance(outcome, SendLater)
    assert outcome.seconds == LOST_SECONDS
    assert slack.counts["chat.postMessage"] == 1


async def test_an_edit_whose_answer_was_lost_is_soon_repeated(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    ts = await posted(delivery)
    slack.faults.add(Fault(Kind.LOST, "chat.update"))
    outcome = await delivery.send(replace(CARD, ts=ts), HELLO, ours)
    assert isinstance(outcome, SendLater)
    assert outcome.seconds < LOST_SECONDS


async def test_a_slack_that_was_not_reached_is_soon_tried_again() -> None:
    nowhere = Calls(AsyncWebClient("xoxb-1", base_url="http://127.0.0.1:1/api/"))
    outcome = await Delivery(nowhere).send(CARD, HELLO, ours)
    assert isinstance(outcome, SendLater)
    assert outcome.seconds < LOST_SECONDS


async def test_the_pauses_double_and_end_at_ten_minutes(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    slack.faults.add(Fault(Kind.STATUS, "chat.*", status=500, times=None))
    pauses = []
    for attempts in range(8):
        outcome = await delivery.send(replace(CARD, attempts=attempts), HELLO, ours)
        assert isinstance(outcome, SendLater)
        pauses.append(outcome.seconds)
    assert pauses == [15, 30, 60, 120, 240, 480, 600, 600]


@pytest.mark.parametrize("code", ["missing_scope", "token_revoked", "invalid_auth"])
async def test_the_apps_own_trouble_never_costs_a_message(
    slack: SlackStandIn, delivery: Delivery, code: str
) -> None:
    slack.faults.add(Fault(Kind.STATUS, "chat.*", status=200, code=code))
    outcome = await delivery.send(replace(CARD, attempts=1000), HELLO, ours)
    assert outcome == SendLater(60.0, f"chat.postMessage: {code}")


# --- never ----------------------------------------------------------------------------------


async def until_given_up(delivery: Delivery, due: Due) -> tuple[float, str]:
    """How long it was tried, and why no longer."""
    seconds = 0.0
    for attempts in range(100):
        outcome = await delivery.send(replace(due, attempts=attempts), HELLO, ours)
        if isinstance(outcome, Undeliverable):
            return seconds, outcome.why
        assert isinstance(outcome, SendLater)
        seconds += outcome.seconds
    raise AssertionError("It was never given up.")


async def test_a_channel_that_stays_closed_has_half_an_hour_at_least(delivery: Delivery) -> None:
    seconds, why = await until_given_up(delivery, replace(CARD, channel_id=RANDOM))
    assert 1800 <= seconds <= 7200
    assert why == "chat.postMessage: not_in_channel"


async def test_a_message_that_slack_simply_refuses_does_not_hold_up_the_channel_for_long(
    delivery: Delivery,
) -> None:
    seconds, why = await until_given_up(delivery, replace(DIRECT, user_id=DENNIS.id))
    assert seconds <= 30
    assert why == "chat.postMessage: user_disabled"


# --- a lease that was lost ------------------------------------------------------------------


def for_so_many_calls(calls: int) -> Callable[[], Any]:
    left = iter([True] * calls)

    async def still_ours() -> bool:
        return next(left, False)

    return still_ours


async def test_without_the_lease_nothing_is_sent(slack: SlackStandIn, delivery: Delivery) -> None:
    assert await delivery.send(CARD, HELLO, for_so_many_calls(0)) is None
    assert slack.calls == []


async def test_the_lease_is_looked_at_again_before_a_second_call(
    slack: SlackStandIn, delivery: Delivery
) -> None:
    gone = replace(CARD, ts="1.000001")
    assert await delivery.send(gone, HELLO, for_so_many_calls(1)) is None
    assert [call.name for call in slack.calls] == ["chat.update"]
    assert slack.messages(OPS) == []
