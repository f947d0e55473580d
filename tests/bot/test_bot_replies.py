"""How an answer reaches the channel, and what happens when it does not."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from little_slack import BOT_TOKEN, little_slack
from running_bot import Desk
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.notices import notice
from bot.slack.addresses import is_slacks_own
from bot.slack.inbound.replies import Address, Replies


async def test_a_throttled_answer_is_sent_again_when_slack_says(http: Desk) -> None:
    http.slack.answers = [web.Response(status=429, headers={"Retry-After": "0"})]
    await http.say("advise web-01")
    first, second = await http.slack.first("response", 2)
    assert first.body == second.body
    assert http.slack.of("chat.postEphemeral") == []


async def test_an_answer_that_cannot_be_delivered_goes_to_the_person(
    http: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    http.slack.answers = [web.Response(status=404, text="expired_url")]
    await http.say("advise web-01")
    (told,) = await http.slack.first("chat.postEphemeral")
    assert (told.body["channel"], told.body["user"]) == ("C111", "U111")
    assert told.body["text"].startswith("web-01 is unprotected. Protect")
    assert re.search(r"Reply [0-9a-f]{8} did not reach the channel: 404 expired_url", caplog.text)


async def test_two_failures_of_slack_are_enough(http: Desk) -> None:
    failing = {"status": 500, "headers": {"Retry-After": "0"}}
    http.slack.answers = [web.Response(**failing), web.Response(**failing)]
    await http.say("advise web-01")
    await http.slack.first("chat.postEphemeral")
    assert len(http.slack.of("response")) == 2


async def test_an_answer_nobody_takes_is_in_the_log(
    http: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    http.slack.answers = [web.Response(status=404)]
    http.slack.ephemeral_error = "not_in_channel"
    await http.say("advise web-01")
    await http.slack.first("chat.postEphemeral")
    await http.bot.work.finish()
    assert re.search(r"Reply [0-9a-f]{8} could not be delivered at all", caplog.text)
    assert "not_in_channel" in caplog.text


async def test_blocks_that_slack_refuses_are_left_out_and_the_text_is_sent(http: Desk) -> None:
    http.slack.answers = [web.Response(status=400, text="invalid_blocks") for _ in range(2)]
    await http.say("advise web-01")
    first, second, third = await http.slack.first("response", 3)
    assert "table" in [block["type"] for block in first.body["blocks"]]
    assert "table" not in [block["type"] for block in second.body["blocks"]]
    assert "blocks" not in third.body
    assert third.body["text"] == second.body["text"] == first.body["text"]


async def test_an_answer_goes_to_slack_and_nowhere_else() -> None:
    """A bot of the real Slack does not post to a response_url on this machine."""
    async with little_slack() as slack:
        client = AsyncWebClient(BOT_TOKEN, base_url=slack.api_url)
        replies = Replies(client, "https://slack.com/api/", new_id=lambda: "0")
        await replies.send(notice("Hello."), Address(f"{slack.url}/commands/T111/1", "C1", "U1"))
        assert [each.what for each in slack.received] == ["chat.postEphemeral"]


@pytest.mark.parametrize(
    ("url", "api_host", "own"),
    [
        ("https://hooks.slack.com/commands/T1/2/3", "slack.com", True),
        ("https://hooks.slack.com:443/commands/T1", "slack.com", True),
        ("https://hooks.slack-gov.com/commands/T1", "slack-gov.com", True),
        ("http://hooks.slack.com/commands/T1", "slack.com", False),
        ("https://hooks.slack.com:8443/commands/T1", "slack.com", False),
        ("https://hooks.slack.com@example.com/", "slack.com", False),
        ("https://user@hooks.slack.com/", "slack.com", False),
        ("https://hooks.slack.com.example.com/", "slack.com", False),
        ("https://169.254.169.254/metadata", "slack.com", False),
        ("http://127.0.0.1/", "slack.com", False),
        ("http://127.0.0.1:5000/commands", "127.0.0.1", True),
        ("https://example.com/", "127.0.0.1", False),
        ("file:///etc/passwd", "slack.com", False),
        ("https://[", "slack.com", False),
        ("", "slack.com", False),
    ],
)
def test_only_slacks_own_addresses_are_posted_to(url: str, api_host: str, own: bool) -> None:
    assert is_slacks_own(url, api_host, "hooks") is own
