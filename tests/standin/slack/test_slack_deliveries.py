"""Deliveries: slash commands, events and interactions over Socket Mode and signed HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_play import app_of, connected, over_http, over_socket, playing, rich_manifest, serving

from deploy.local.slack.http_delivery import signed_headers
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import SlackStandIn

TRANSPORTS = ("socket", "http")
OPS = "C01OPS"
MENTION = "hello @vmbackup"


def stand_in(transport: str) -> SlackStandIn:
    """Over HTTP the manifest needs addresses; the test's own server takes their place."""
    return SlackStandIn(rich_manifest("http://127.0.0.1:1" if transport == "http" else ""))


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("visible", ["ephemeral", "in_channel"])
async def test_a_command_reaches_a_bolt_app_and_its_answer_the_channel(
    transport: str, visible: str
) -> None:
    async with stand_in(transport) as slack:
        app, heard = app_of(slack), []

        @app.command("/vmbackup")
        async def _(ack: Any, body: dict[str, Any]) -> None:
            heard.append(body)
            await ack({"text": "Looking", "response_type": visible})

        async with playing(transport, slack, app):
            acted = await slack.type_command("ada", "#ops", "/vmbackup advise <web> & “data”")
        (body,) = heard
        assert body["text"] == "advise &lt;web&gt; &amp; “data”"
        assert (body["user_id"], body["channel_name"], body["command"]) == (
            ADA.id,
            "ops",
            "/vmbackup",
        )
        (message,) = slack.messages("ops")
        assert message is acted.message
        assert message.text == "Looking"
        assert message.only_for == (ADA.id if visible == "ephemeral" else "")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_command_that_is_not_acknowledged_in_three_seconds_fails_for_the_person(
    transport: str,
) -> None:
    async with stand_in(transport) as slack:
        app, may_end = app_of(slack), asyncio.Event()

        @app.command("/vmbackup")
        async def _(ack: Any) -> None:
            await may_end.wait()
            await ack()

        async with playing(transport, slack, app):
            typing = asyncio.create_task(slack.type_command("ada", "ops", "/vmbackup help"))
            await asyncio.sleep(0.1)
            assert not typing.done()
            slack.clock.forward(3)
            acted = await typing
            may_end.set()
        assert acted.outcome.why == "http_timeout"
        (message,) = slack.messages("ops")
        assert (message.user, message.only_for) == ("USLACKBOT", ADA.id)
        assert "did not respond" in message.text
        assert [each.delivery.attempt for each in slack.deliveries] == [0]


async def test_a_command_without_any_connection_says_that_the_app_is_notconnected(
    slack: SlackStandIn,
) -> None:
    acted = await slack.type_command("ada", "ops", "/vmbackup help")
    assert acted.problem.endswith("did not respond: it is not connected.")


async def test_a_command_answered_with_an_error_over_http_says_so() -> None:
    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500)

    async with stand_in("http") as slack, serving(broken) as url:
        slack.request_url = url
        acted = await slack.type_command("ada", "ops", "/vmbackup help")
    assert acted.problem == "/vmbackup failed with the error “http_service_error”."


@pytest.mark.parametrize(
    ("who", "text"), [("ada", "/other"), ("ada", "/vmbackups help"), ("olu", "/vmbackup help")]
)
async def test_a_command_that_is_not_the_apps_or_not_ones_own_is_not_valid(
    slack: SlackStandIn, who: str, text: str
) -> None:
    acted = await slack.type_command(who, "shared-with-partner", text)
    assert acted.problem == f"{text.split()[0]} is not a valid command."
    assert slack.deliveries == []


async def test_commands_do_not_work_in_threads(slack: SlackStandIn) -> None:
    first = await slack.type_command("ada", "ops", "hello")
    assert first.message
    acted = await slack.people.type(ADA.id, OPS, "/vmbackup help", first.message.ts)
    assert acted.problem == "/vmbackup is not a valid command in a thread."


async def test_an_acknowledgement_with_blocks_beyond_the_limits_fails_for_the_person(
    slack: SlackStandIn,
) -> None:
    app = app_of(slack)

    @app.command("/vmbackup")
    async def _(ack: Any) -> None:
        await ack({"text": "x", "blocks": [{"type": "banner"}]})

    async with over_socket(slack, app):
        acted = await slack.type_command("ada", "ops", "/vmbackup help")
    assert acted.problem == "/vmbackup failed with the error “invalid_blocks”."


# --- signed HTTP ----------------------------------------------------------------------------


async def test_requests_are_signed_as_slacks_own_example_is(slack: SlackStandIn) -> None:
    """The signature is computed a second time, from Slack's description of it."""
    secret, raw = b"8f742231b10e8888abcd99yyyzzz85a5", b"token=x&text=a%20b"
    headers = signed_headers(secret, raw, "1531420618")
    expected = hmac.new(secret, b"v0:1531420618:" + raw, hashlib.sha256).hexdigest()
    assert headers == {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": f"v0={expected}",
    }


async def test_a_wrong_secret_is_found_out_by_bolt() -> None:
    async with stand_in("http") as slack:
        slack.signing_secret = "another"
        async with over_http(slack, app_of(slack)):
            acted = await slack.type_command("ada", "ops", "/vmbackup help")
    assert acted.outcome.why == "http_error"


async def test_over_http_commands_are_forms_interactions_carry_a_payload_events_are_json() -> None:
    came: list[tuple[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        came.append((request.content_type, await request.text()))
        return web.Response()

    async with stand_in("http") as slack, serving(take) as url:
        slack.request_url = url
        await slack.type_command("ada", "ops", "/vmbackup help")
        await slack.people.shortcut(ADA.id, "advise")
        await slack.open_home("ada")
        await slack.until(lambda: len(slack.deliveries) == 3)
        await asyncio.sleep(0)
    form, json_body = "application/x-www-form-urlencoded", "application/json"
    assert [kind for kind, _ in came] == [form, form, json_body]
    assert parse_qs(came[0][1])["command"] == ["/vmbackup"]
    assert list(parse_qs(came[1][1])) == ["payload"]
    assert '"app_home_opened"' in came[2][1]


async def test_only_this_machine_is_delivered_to() -> None:
    async with SlackStandIn(rich_manifest("https://example.test")) as slack:
        acted = await slack.type_command("ada", "ops", "/vmbackup help")
    assert acted.outcome.why == "connection_failed"


# --- events again ---------------------------------------------------------------------------


async def test_an_event_is_retried_at_once_after_a_minute_and_after_five() -> None:
    came: list[tuple[str | None, str | None]] = []
    failing = [500, 302, 500, 200]

    async def take(request: web.Request) -> web.Response:
        headers = request.headers
        came.append((headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")))
        return web.Response(status=failing[len(came) - 1])

    async with stand_in("http") as slack, serving(take) as url:
        slack.request_url = url
        await slack.type_command("ada", "ops", MENTION)
        await _delivered(slack, 2)
        slack.clock.forward(59)
        await asyncio.sleep(0.05)
        assert len(came) == 2
        slack.clock.forward(1)
        await _delivered(slack, 3)
        slack.clock.forward(300)
        await _delivered(slack, 4)
    reasons = ["http_error", "too_many_redirects", "http_error"]
    assert came == [(None, None), *zip("123", reasons, strict=True)]
    ids = {each.delivery.payload["event_id"] for each in slack.deliveries}
    assert len(ids) == 1


async def test_an_event_that_failed_four_times_is_given_up_and_no_retry_is_heeded() -> None:
    answer = {"headers": {}}

    async def take(_: web.Request) -> web.Response:
        return web.Response(status=500, headers=answer["headers"])

    async with stand_in("http") as slack, serving(take) as url:
        slack.request_url = url
        await slack.type_command("ada", "ops", MENTION)
        for count in (2, 3, 4):
            await _delivered(slack, count)
            slack.clock.forward(300)
        await asyncio.sleep(0.05)
        assert len(slack.deliveries) == 4
        answer["headers"] = {"X-Slack-No-Retry": "1"}
        await slack.type_command("ada", "ops", MENTION)
        await asyncio.sleep(0.05)
        assert len(slack.deliveries) == 5


async def test_over_socket_mode_an_event_that_is_not_acknowledged_comes_again(
    slack: SlackStandIn,
) -> None:
    async with aiohttp.ClientSession() as session, await connected(slack, session) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await slack.type_command("ada", "ops", MENTION)
        first = await socket.receive_json()
        assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
        slack.clock.forward(3)
        second = await socket.receive_json()
        assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
        assert second["payload"]["event_id"] == first["payload"]["event_id"]
        assert second["envelope_id"] != first["envelope_id"]
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await _delivered(slack, 2)
        assert slack.deliveries[-1].outcome.why == ""


async def test_events_that_the_manifest_does_not_subscribe_to_are_not_delivered() -> None:
    manifest = rich_manifest()
    manifest["settings"]["event_subscriptions"]["bot_events"] = []
    async with SlackStandIn(manifest) as slack:
        await slack.open_home("ada")
        await slack.type_command("ada", "ops", MENTION)
        await asyncio.sleep(0.05)
        assert slack.deliveries == []


async def test_the_app_hears_who_joined_and_left_a_user_group(slack: SlackStandIn) -> None:
    slack.set_group("linus", "ada")
    await _delivered(slack, 1)
    event = slack.deliveries[0].delivery.payload["event"]
    assert (event["added_users"], event["removed_users"]) == ([ADA.id], ["U02GRACE"])
    assert slack.workspace.groups["S01APPROVERS"].members == ("U03LINUS", ADA.id)


async def _delivered(slack: SlackStandIn, count: int) -> None:
    await slack.until(lambda: len(slack.deliveries) >= count)
