"""What HTTP may bring to the bot, over the wire."""

from __future__ import annotations

import io
import logging
import time
from urllib.parse import urlencode

import aiohttp
import pytest
from little_slack import BOT_TOKEN
from running_bot import SECRET, Desk, signed
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.slack.inbound.http_server import PATH, serving
from bot.slack.inbound.signatures import SignatureGuard


async def test_a_wrong_signature_is_401_and_the_log_keeps_the_body_to_itself(
    http: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    raw = urlencode(http.slack.command("advise SECRET-VM")).encode()
    status, _ = await http.post(raw, signed(raw) | {"X-Slack-Signature": "v0=" + "0" * 64})
    assert status == 401
    assert "the signature is missing or wrong" in caplog.text
    for hidden in ("SECRET-VM", "HIDDEN", "/commands/T111", BOT_TOKEN, SECRET):
        assert hidden not in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Request-Timestamp": "abc"},
        {"X-Slack-Signature": "v0=ä"},
        {"X-Slack-Signature": ""},
    ],
)
async def test_strange_headers_are_401_never_500(http: Desk, change: dict[str, str]) -> None:
    raw = urlencode(http.slack.command("help")).encode()
    assert (await http.post(raw, signed(raw) | change))[0] == 401


async def test_an_old_timestamp_is_401(http: Desk) -> None:
    raw = urlencode(http.slack.command("help")).encode()
    assert (await http.post(raw, signed(raw, time.time() - 400)))[0] == 401


async def test_a_replayed_request_is_answered_quietly_and_not_done_again(http: Desk) -> None:
    raw = urlencode(http.slack.command("advise web-01", trigger_id="")).encode()
    headers = signed(raw)
    assert (await http.post(raw, headers))[1]["text"].startswith("Looking at")
    assert await http.post(raw, headers) == (200, {})
    await http.answer()
    assert len(http.adviser.asked) == 1


async def test_a_body_of_two_mebibytes_is_413(http: Desk) -> None:
    raw = b"a=" + b"x" * 2 * 1024 * 1024
    async with aiohttp.ClientSession() as session:
        sent = session.post(http.address, data=io.BytesIO(raw), headers=signed(raw))
        async with sent as answer:
            assert answer.status == 413


async def test_unsigned_bad_json_is_401_and_signed_bad_json_is_400(http: Desk) -> None:
    kind = {"Content-Type": "application/json"}
    assert (await http.post(b"{nope", kind))[0] == 401
    assert (await http.post(b"{nope", signed(b"{nope") | kind))[0] == 400


async def test_a_signed_request_of_a_strange_shape_is_400(http: Desk) -> None:
    """Bolt stumbles over a team that is a number."""
    raw = b'{"team": 5}'
    kind = {"Content-Type": "application/json"}
    assert (await http.post(raw, signed(raw) | kind))[0] == 400


async def test_the_certificate_check_is_200(http: Desk) -> None:
    assert (await http.post(b"ssl_check=1&token=a", {"Content-Type": "text/plain"}))[0] == 200
    async with aiohttp.ClientSession() as session:
        async with session.get(http.address, params={"ssl_check": "1"}) as answer:
            assert answer.status == 200
        async with session.get(http.address) as answer:
            assert answer.status == 405


async def test_the_url_verification_is_answered_with_its_challenge(http: Desk) -> None:
    raw = b'{"type":"url_verification","challenge":"abc","token":"t"}'
    status, answer = await http.post(raw, signed(raw) | {"Content-Type": "application/json"})
    assert (status, answer) == (200, {"challenge": "abc"})


async def test_a_delivery_that_failed_in_bolt_is_taken_when_it_comes_again() -> None:
    """The replay table must not swallow what was answered with a 500."""
    came: list[str] = []

    async def authorize(team_id: str) -> AuthorizeResult:
        came.append(team_id)
        if len(came) == 1:
            raise ConnectionError("the first time fails")
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=BOT_TOKEN)

    app = AsyncApp(authorize=authorize, request_verification_enabled=False)
    guard = SignatureGuard(SECRET, now=time.time, clock=time.monotonic)
    raw = urlencode({"command": "/unknown", "team_id": "T111"}).encode()
    headers = signed(raw)
    async with serving(app, guard, "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
        for status in (500, 404, 200):
            sent = session.post(f"http://127.0.0.1:{port}{PATH}", data=raw, headers=headers)
            async with sent as answer:
                assert answer.status == status
    assert came == ["T111", "T111"]


async def test_another_command_is_404(http: Desk) -> None:
    raw = urlencode(http.slack.command("x", command="/other")).encode()
    assert (await http.post(raw))[0] == 404
