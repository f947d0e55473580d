"""Rate limits, faults and the control pages of the stand-in for Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from slack_play import client_of, rich_manifest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from deploy.local.control import PREFIX, TOKEN_HEADER
from deploy.local.faults import Fault, Kind
from deploy.local.slack.standin import SlackStandIn

OPS, PARTNER = "C01OPS", "C04PARTNER"


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    """As in the demo: rate limits are on."""
    async with SlackStandIn(rich_manifest()) as slack:
        yield slack


async def limited(awaitable: Any) -> int:
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    return int(response.headers["Retry-After"])


async def test_one_message_a_second_in_each_channel(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=OPS, text="1")
    await client.chat_postMessage(channel=PARTNER, text="1")
    assert await limited(client.chat_postMessage(channel=OPS, text="2")) == 1
    slack.clock.forward(1)
    await client.chat_postMessage(channel=OPS, text="2")
    assert len(slack.messages("ops")) == 2


@pytest.mark.parametrize(
    ("method", "args", "most"),
    [
        ("usergroups.users.list", {"usergroup": "S01APPROVERS"}, 20),
        ("chat.update", {"channel": OPS, "ts": "1.1", "text": "x"}, 50),
        ("users.info", {"user": "U01ADA"}, 100),
    ],
)
async def test_each_method_has_its_tier(
    slack: SlackStandIn, client: AsyncWebClient, method: str, args: dict[str, Any], most: int
) -> None:
    for _ in range(most):
        assert await answered(client, method, args)
    assert 58 <= await limited(client.api_call(method, json=args)) <= 60
    await client.auth_test()
    slack.clock.forward(61)
    assert await answered(client, method, args)


async def answered(client: AsyncWebClient, method: str, args: dict[str, Any]) -> bool:
    """Whether it was not too much; a message that is not there is an answer too."""
    try:
        return bool((await client.api_call(method, json=args))["ok"])
    except SlackApiError as error:
        return str(error.response["error"]) == "message_not_found"


async def test_the_limits_can_be_switched_off(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.workspace.is_rate_limited = False
    for _ in range(3):
        await client.chat_postMessage(channel=OPS, text="x")


async def test_the_sdks_own_handler_waits_as_it_was_told(slack: SlackStandIn) -> None:
    client = client_of(slack)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    await client.chat_postMessage(channel=OPS, text="1")
    await client.chat_postMessage(channel=OPS, text="2")
    assert slack.counts["chat.postMessage"] == 3


# --- faults ---------------------------------------------------------------------------------


async def test_a_fault_can_be_any_word_of_slacks(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    slack.faults.add(Fault(Kind.STATUS, operation="chat.*", status=200, code="edit_window_closed"))
    with pytest.raises(SlackApiError, match="edit_window_closed"):
        await client.chat_update(channel=OPS, ts="1.1", text="x")
    assert slack.called("chat.update")[0].error == "edit_window_closed"


async def test_the_work_is_done_and_the_answer_lost(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    slack.faults.add(Fault(Kind.LOST, operation="chat.postMessage"))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=OPS, text="once")
    assert [each.text for each in slack.messages("ops")] == ["once"]


@pytest.mark.parametrize(
    ("kind", "code"), [(Kind.EXPIRED, "token_expired"), (Kind.FORBIDDEN, "missing_scope")]
)
async def test_tokens_and_scopes_can_be_lost_at_run_time(
    slack: SlackStandIn, client: AsyncWebClient, kind: Kind, code: str
) -> None:
    slack.faults.add(Fault(kind, operation="auth.test"))
    with pytest.raises(SlackApiError, match=code):
        await client.auth_test()
    await client.auth_test()


async def test_every_call_is_counted_and_written_down_without_the_token(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=OPS, text="hello")
    (call,) = slack.called("chat.postMessage")
    assert (call.args["text"], call.status, call.answer["ok"]) == ("hello", 200, True)
    assert slack.bot_token not in str(slack.calls)
    assert slack.counts == {"chat.postMessage": 1}


# --- control --------------------------------------------------------------------------------


async def test_the_control_pages_want_the_token_and_show_and_set_things(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=OPS, text="hello")
    base = slack.people.url + PREFIX
    async with aiohttp.ClientSession() as session:
        async with session.get(base + "/counts") as got:
            assert got.status == 403
        headers = {TOKEN_HEADER: slack.control_token}
        async with session.get(base + "/counts", headers=headers) as got:
            assert (await got.json())["counts"] == {"chat.postMessage": 1}
        url = base + "/resource?id=messages/C01OPS"
        async with session.get(url, headers=headers) as got:
            assert (await got.json())[0]["text"] == "hello"
        before = slack.clock.now()
        async with session.post(base + "/clock", headers=headers, json={"seconds": 90}) as got:
            now = datetime.fromisoformat((await got.json())["now"])
        assert now.timestamp() - before >= 90
        fault = {"kind": "status", "operation": "auth.test", "status": 500}
        async with session.post(base + "/faults", headers=headers, json=fault) as got:
            assert got.status == 201
    with pytest.raises(SlackApiError, match="internal_error"):
        await client.auth_test()
