"""From the typed command to the card, over each transport, and what it costs Azure."""

from __future__ import annotations

import asyncio
import re
import time

import aiohttp
import pytest

from deploy.local.azure.identity import IDENTITY_PATH
from deploy.local.faults import Fault, Kind
from deploy.local.slack.http_delivery import body_of, signed_headers
from tests.journeys.running_system import (
    GRAPH,
    METRICS,
    QUERIES_AT_THE_START,
    TOKEN,
    Played,
    played,
    texts,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADVICE_ID = re.compile(r"a-[0-9a-f]{12}")
LOOKING = "Looking at web-01. Only you see the advice."


async def test_a_typed_command_is_acknowledged_and_answered_by_the_card(either: Played) -> None:
    told = await either.ask("advise web-01")
    assert told.acknowledged.text == LOOKING
    assert told.acknowledged.only_for == either.slack.who("ada")
    assert told.answer.only_for == either.slack.who("ada")
    assert told.answer.is_the_bots
    assert told.answer.text.startswith("web-01 is unprotected. Protect it with Azure Backup: ")
    assert "Standard policy every 24 h, GRS vault" in told.answer.text
    assert "Not read" not in told.answer.text
    assert told.answer.blocks[0]["text"]["text"] == "🔴 web-01 is unprotected"
    assert "Share here" in texts(told.answer)


async def test_both_transports_bring_the_same_card(place: Played, http: Played) -> None:
    cards = [(await each.ask("advise web-02")).answer for each in (place, http)]
    assert cards[0].text == cards[1].text
    shown = [[ADVICE_ID.sub("a-1", each) for each in texts(card)] for card in cards]
    assert shown[0] == shown[1]


async def test_one_advice_takes_five_calls_and_no_new_token(either: Played) -> None:
    await either.ask("advise web-01")
    either.azure.forget()
    await either.ask("advise web-01")
    assert either.azure.counts == {GRAPH: 3, METRICS: 2}
    assert sorted(either.queries()) == ["points", "protection", "the VM"]


async def test_the_calls_of_one_advice_are_two_rounds(place: Played) -> None:
    """Slow answers show it: all of a round have arrived before the first of them is answered."""
    slow = Fault(Kind.SLOW, times=None, seconds=1.5)
    place.put(slow)
    await place.say("advise web-01")
    before = place.seen()
    for name, count in ((GRAPH, 3), (METRICS, 2)):
        await place.until_asked(name, 1)
        began = time.monotonic()
        await place.until_asked(name, count)
        assert time.monotonic() - began < slow.seconds
        assert METRICS not in place.azure.counts or name == METRICS
    await place.until_there(before)
    assert place.azure.counts == {GRAPH: 3, METRICS: 2}


async def test_the_bot_signs_in_by_its_managed_identity_once() -> None:
    """azure-identity's default chain, led by IDENTITY_ENDPOINT and nothing else."""
    async with played() as fresh:
        await fresh.ask("advise dev-04")
        (first, *_), (asked,) = fresh.azure.requests, fresh.azure.asked(TOKEN)
        assert first is asked
        assert asked.path == IDENTITY_PATH
        assert asked.headers["X-IDENTITY-HEADER"] == fresh.azure.identity_header
        assert asked.query["resource"] == "https://management.azure.com"
        await fresh.ask("advise dev-04")
        assert fresh.azure.counts == {TOKEN: 1, GRAPH: QUERIES_AT_THE_START + 6, METRICS: 2}
        assert fresh.azure.identity_header not in fresh.log()


async def test_neither_tokens_nor_secrets_reach_the_log(either: Played) -> None:
    await either.ask("advise web-01")
    await either.ask("advise nothing-like-it")
    log = either.log()
    assert log
    for secret in (either.slack.bot_token, either.slack.app_token, either.slack.signing_secret):
        assert secret not in log
    assert "eyJ" not in log


async def test_many_people_at_once_are_all_acknowledged_and_all_answered(either: Played) -> None:
    before = either.seen()
    words = [f"advise {name}" for name in ("web-01", "web-02")] * 6
    shown = await asyncio.gather(*(either.say(each, user="grace") for each in words))
    assert all(each.text.startswith("Looking at ") for each in shown)
    arrived = await either.until_there(before, count=2 * len(words))
    cards = [each for each in arrived if not each.text.startswith("Looking at ")]
    answers = [each.text.split(" ")[0].rstrip(":") for each in cards]
    assert sorted(answers) == sorted(each.split()[1] for each in words)


# --- what only HTTP has ----------------------------------------------------------------------


async def test_a_request_that_slack_did_not_sign_starts_nothing(http: Played) -> None:
    await http.say("help")
    raw, content_type = body_of(http.slack.deliveries[-1].delivery)
    forged = signed_headers(b"another secret", raw, str(int(time.time())))
    before = http.seen()
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            http.slack.request_url, data=raw, headers=forged | {"Content-Type": content_type}
        ) as answer,
    ):
        assert answer.status == 401
        assert await answer.text() == ""
    assert http.new(before) == []
    assert http.azure.counts.total() == 0
