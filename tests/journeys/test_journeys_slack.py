"""Slack's own troubles, and what people type: slips, strangers' names, markup, queries."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from deploy.local.faults import Fault, Kind
from deploy.local.slack.http_delivery import body_of, signed_headers
from deploy.local.slack.workspace import Message
from tests.journeys.running_system import EPHEMERAL, GRAPH, RESPONSE, Played, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

CARD = "web-01 is unprotected. Protect it with Azure Backup"


def for_all(messages: list[Message]) -> list[Message]:
    return [each for each in messages if not each.only_for]


# --- an answer that does not get through -----------------------------------------------------


async def test_a_throttled_answer_waits_as_long_as_slack_says(either: Played) -> None:
    before = either.seen()
    either.slack.faults.add(Fault(Kind.STATUS, RESPONSE, status=429, retry_after="1"))
    told = await either.ask("advise web-01 --share")
    assert told.answer.text.startswith(CARD)
    assert told.seconds >= 1.0
    assert len(for_all(either.new(before))) == 1


async def test_an_answer_that_slack_does_not_take_goes_to_the_person(place: Played) -> None:
    place.slack.faults.add(Fault(Kind.STATUS, RESPONSE, status=500, retry_after="0", times=2))
    told = await place.ask("advise web-01")
    assert told.answer.text.startswith(CARD)
    assert told.answer.only_for == place.slack.who("ada")
    assert [call.status for call in place.slack.called(EPHEMERAL)][-1] == 200


async def test_the_last_way_to_the_person_is_waited_for_when_it_is_throttled(
    place: Played,
) -> None:
    place.slack.faults.add(Fault(Kind.STATUS, RESPONSE, status=404, code="expired_url"))
    place.slack.faults.add(Fault(Kind.STATUS, EPHEMERAL, status=429, retry_after="1"))
    told = await place.ask("advise web-01")
    assert told.answer.text.startswith(CARD)
    assert told.answer.only_for == place.slack.who("ada")
    assert told.seconds >= 1.0


async def test_an_answer_whose_receipt_is_lost_is_not_posted_to_the_channel_twice(
    place: Played,
) -> None:
    """Nobody knows that it arrived: the channel has it once, the person a copy."""
    before = place.seen()
    place.slack.faults.add(Fault(Kind.LOST, RESPONSE, times=1))
    await place.say("advise web-01 --share")
    arrived = await place.until_there(before, count=3)
    assert [each.only_for for each in arrived[1:]] == ["", place.slack.who("ada")]
    assert arrived[1].text == arrived[2].text


async def test_an_answer_that_reaches_nobody_is_in_the_log_with_its_number(place: Played) -> None:
    """The bot is no member of #random, where only the response address would work."""
    before = place.seen("#random")
    place.slack.faults.add(Fault(Kind.STATUS, RESPONSE, status=404, code="expired_url"))
    await place.say("advise web-01", channel="#random")
    await logged(place, "could not be delivered at all")
    assert place.slack.called(EPHEMERAL)[-1].error == "not_in_channel"
    assert len(place.new(before, "#random")) == 1
    assert (await place.ask("advise web-01")).answer.text.startswith(CARD)


async def logged(place: Played, words: str) -> None:
    for _ in range(1000):
        if words in place.log():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"The log does not say “{words}”.")


async def test_a_channel_without_the_bot_gets_its_card_too(either: Played) -> None:
    told = await either.ask("advise web-01 --share", channel="#random")
    assert told.answer.text.startswith(CARD)
    assert told.answer.only_for == ""


# --- deliveries ------------------------------------------------------------------------------


async def test_a_command_that_is_delivered_again_brings_one_card(either: Played) -> None:
    told = await either.ask("advise web-01")
    known, asked = either.seen(), either.azure.counts[GRAPH]
    again = await either.slack.deliver_again(either.slack.deliveries[-1])
    assert again.why == ""
    assert not again.answer
    next_one = await either.ask("advise web-02")
    assert either.new(known) == [next_one.acknowledged, next_one.answer]
    of_both = either.azure.counts[GRAPH]
    await either.ask("advise web-02")
    of_one_more = either.azure.counts[GRAPH] - of_both
    assert of_both - asked == of_one_more, "what came again asked Azure again"
    assert told.answer.text.startswith(CARD)


async def test_the_very_same_signed_bytes_are_taken_once(http: Played) -> None:
    await http.say("help")
    raw, content_type = body_of(http.slack.deliveries[-1].delivery)
    raw = raw.replace(b"text=help", b"text=advise+web-02")
    secret = http.slack.signing_secret.encode()
    headers = signed_headers(secret, raw, str(int(time.time()))) | {"Content-Type": content_type}
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(http.slack.request_url, data=raw, headers=headers) as answer:
                assert answer.status == 200
                # The trigger was seen with `help` already: nothing is done for it again.
                assert "Looking at" not in await answer.text()
    assert http.azure.counts.total() == 0


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_after_slack_renews_a_connection_the_next_command_is_answered(
    place: Played, reason: str
) -> None:
    await place.slack.sockets.disconnect(reason)
    await place.connected_again()
    assert (await place.ask("advise web-01")).answer.text.startswith(CARD)


async def test_a_connection_that_breaks_is_made_anew(place: Played) -> None:
    place.slack.sockets.drop()
    await place.slack.until(lambda: not place.slack.sockets.count)
    await place.connected_again()
    assert (await place.ask("advise web-01")).answer.text.startswith(CARD)


async def test_an_answer_under_way_survives_a_renewed_connection(place: Played) -> None:
    place.put(Fault(Kind.SLOW, GRAPH, times=3, seconds=1.0))
    await place.say("advise web-01")
    known = place.seen()
    await place.slack.sockets.disconnect("refresh_requested")
    (card,) = await place.until_there(known)
    assert card.text.startswith(CARD)
    await place.connected_again()


# --- what people type ------------------------------------------------------------------------


async def test_two_vms_of_a_name_are_told_apart_and_either_can_be_asked_for(
    either: Played,
) -> None:
    told = await either.ask("advise app-01")
    first, *places = texts(told.answer)
    assert first == "2 VMs are called “app-01”. Ask again with one of these:"
    assert told.answer.only_for
    assert len(places) == 2
    for each in places:
        name = each.split(" ")[0]
        again = await either.ask(f"advise {name}")
        assert again.answer.text.startswith("app-01 is ")
        assert name.split("/")[0] in str(again.answer.blocks)


async def test_a_name_nobody_has_brings_the_nearest(either: Played) -> None:
    told = await either.ask("advise web-1")
    assert told.answer.text.startswith(
        "There is no VM called “web-1” among those this bot may read. Did you mean “web-01”"
    )
    assert told.answer.only_for


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "/vmbackup advise VM"),
        ("help", "/vmbackup help"),
        ("help advise", "--region-rpo DURATION"),
        ("adivse web-01", "Did you mean /vmbackup advise?"),
        ("advise web-01 --rpo soon", "“soon” is not a duration."),
        ("advise web-01 --rop 4h", "--rop"),
        ("advise web-01 --inventory /etc/passwd", "--inventory"),
        ("advise", "The flags are listed by /vmbackup help advise."),
    ],
)
async def test_a_slip_or_a_question_is_answered_at_once_to_the_person_alone(
    either: Played, words: str, sentence: str
) -> None:
    shown = await either.say(words)
    assert sentence in shown.text
    assert shown.only_for == either.slack.who("ada")
    assert either.azure.counts.total() == 0


async def test_flags_change_the_advice_and_dashes_of_a_phone_are_taken(either: Played) -> None:
    told = await either.ask("advise dev-03 —rpo 4h —keep daily=7 --survive deletion")
    assert "Need: survive deletion (lose at most 4 h); keep daily=7" in told.answer.text


@pytest.mark.parametrize(
    "name",
    [
        "<!here>",
        "<!channel|web-01>",
        "<@U02GRACE>",
        "*web-01*",
        "<https://example.com|web-01>",
        "@here",
        "&lt;!everyone&gt;",
    ],
)
async def test_markup_in_a_name_calls_nobody_and_links_nowhere(place: Played, name: str) -> None:
    told = await place.ask(f"advise {name}")
    assert "is not the name of a VM" in told.answer.text
    for shown in (told.acknowledged, told.answer):
        assert shown.only_for == place.slack.who("ada")
        assert not any(mark in shown.text for mark in ("<!", "<@", "<http"))
        assert texts(shown, lambda each: each.get("type") == "mrkdwn") == []
    assert place.azure.counts.total() == 0


@pytest.mark.parametrize(
    "name",
    [
        '"x\' or 1==1 //"',
        "\"web-01') | union resources | where ('a' =~ 'a\"",
        '"web-01\' | take 1"',
        "web-01;drop",
        '"rg\'/web-01"',
        "../../subscriptions",
        "web-01%27",
    ],
)
async def test_a_query_in_a_name_never_reaches_azure(place: Played, name: str) -> None:
    told = await place.ask(f"advise {name}")
    assert "is not the name of a VM" in told.answer.text
    assert place.azure.counts.total() == 0


async def test_a_stranger_from_another_organisation_has_no_command(place: Played) -> None:
    acted = await place.slack.type_command("olu", "#shared-with-partner", "/vmbackup help")
    assert acted.problem == "/vmbackup is not a valid command."
    assert place.azure.counts.total() == 0
