"""Journeys over the wire: from the signed request or the envelope to the card in the channel."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from little_slack import APP_TOKEN, BOT_TOKEN, LittleSlack, little_slack
from sample_advice import a_vm, an_advice
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_limits import problems
from slack_sdk.web.async_client import AsyncWebClient

from advisor.asking import Asked
from advisor.cli.asking import parse_asked
from advisor.errors import AzureRefused, SlackRefused, VmbackupError, VmNotFound
from advisor.model import Advice, KnownVm
from advisor.quantities import parse_duration
from bot.app import Bot, build_bot, over_http, over_socket_mode, run_http, run_socket_mode
from bot.guard import Guard, sign
from bot.http import PATH, serving
from bot.messages.notices import notice
from bot.replies import Address, Replies, is_slacks_own
from bot.settings import Settings

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TRANSPORTS = ("http", "socket")


class Adviser:
    """Gives the sample advice for the VM asked for, or what the test wants instead."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.error: BaseException | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def advise(self, asked: Asked) -> Advice:
        self.asked.append(asked)
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return an_advice(known=KnownVm(vm=a_vm(asked.vm)))


def settings_for(slack: LittleSlack, **more: str) -> Settings:
    given = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack.api_url,
    }
    return Settings.model_validate(given | more)


class Desk:
    """A running bot with its Slack: `say` types a command and gives back what is acknowledged."""

    def __init__(self, slack: LittleSlack, adviser: Adviser, bot: Bot, address: str) -> None:
        self.slack, self.adviser, self.bot, self.address = slack, adviser, bot, address
        self._count = 0

    async def say(self, text: str, **more: str) -> dict[str, Any]:
        self._count += 1
        body = self.slack.command(text, **({"number": str(self._count)} | more))
        return await self.deliver(body, f"envelope-{self._count}")

    async def deliver(self, body: dict[str, str], envelope: str) -> dict[str, Any]:
        if not self.address:
            before = len(self.slack.of("ack"))
            await self.slack.deliver(envelope, body)
            return (await self.slack.first("ack", before + 1))[-1].body
        status, answer = await self.post(urlencode(body).encode())
        assert status == 200
        return answer

    async def post(
        self, raw: bytes, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.address, data=raw, headers=headers or signed(raw)) as answer,
        ):
            text = await answer.text()
            return answer.status, await answer.json() if text.startswith("{") else {}

    async def answer(self, count: int = 1) -> dict[str, Any]:
        """What came to the response_url."""
        return (await self.slack.first("response", count))[-1].body


def signed(raw: bytes, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": sign(SECRET.encode(), timestamp, raw),
        "Content-Type": "application/x-www-form-urlencoded",
    }


@asynccontextmanager
async def running(transport: str) -> AsyncIterator[Desk]:
    async with little_slack() as slack:
        adviser = Adviser()
        bot = build_bot(settings_for(slack), adviser, parse_asked)
        if transport == "socket":
            async with over_socket_mode(bot):
                yield Desk(slack, adviser, bot, "")
        else:
            async with over_http(bot, "127.0.0.1", 0) as port:
                yield Desk(slack, adviser, bot, f"http://127.0.0.1:{port}/slack/events")


@pytest.fixture(params=TRANSPORTS)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with running(request.param) as desk:
        yield desk


@pytest.fixture
async def http() -> AsyncIterator[Desk]:
    async with running("http") as desk:
        yield desk


# --- the same over both transports ----------------------------------------------------------


async def test_a_command_is_acknowledged_and_then_answered_with_the_card(desk: Desk) -> None:
    ack = await desk.say("advise web-01 —rpo 4h")
    assert ack["response_type"] == "ephemeral"
    assert ack["text"] == "Looking at web-01. The advice comes to this channel."
    card = await desk.answer()
    assert card["response_type"] == "in_channel"
    assert card["replace_original"] is False
    assert card["text"].startswith("web-01: Take Azure Backup")
    assert problems(card) == []
    assert "Asked for by ada: /vmbackup advise web-01 —rpo 4h" in str(card["blocks"][-1])
    assert desk.adviser.asked == [Asked(vm="web-01", rpo=parse_duration("4h"))]


async def test_the_acknowledgement_does_not_wait_for_azure(desk: Desk) -> None:
    """The adviser is held back until the acknowledgement has arrived."""
    desk.adviser.may_answer.clear()
    await desk.say("advise web-01")
    assert desk.slack.of("response") == []
    desk.adviser.may_answer.set()
    await desk.answer()


@pytest.mark.parametrize("text", ["", "help", "HELP"])
async def test_help_lists_the_commands_to_the_person_alone(desk: Desk, text: str) -> None:
    ack = await desk.say(text)
    assert ack["response_type"] == "ephemeral"
    assert "/vmbackup advise VM" in ack["text"]
    assert "/vmbackup help" in ack["text"]
    assert problems(ack) == []


@pytest.mark.parametrize("text", ["help advise", "advise --help", "advise web-01 -h"])
async def test_the_flags_of_a_command_are_explained(desk: Desk, text: str) -> None:
    ack = await desk.say(text)
    assert "--region-rpo DURATION" in ack["text"]
    assert desk.adviser.asked == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("adivse web-01", "Did you mean /vmbackup advise?"),
        ("web-01", "There is no command “web-01”. There is: advise, help."),
        ("help wat", "There is no command “wat”."),
        ("advise", "The flags are listed by /vmbackup help advise."),
        ("advise web-01 --rpo soon", "“soon” is not a duration."),
        ("advise “web-01", "A quotation mark is opened and not closed."),
        ("advise web-01 --rop 4h", "--rop"),
    ],
)
async def test_a_slip_is_answered_at_once_with_what_to_do(
    desk: Desk, text: str, sentence: str
) -> None:
    ack = await desk.say(text)
    assert sentence in ack["text"]
    assert ack["response_type"] == "ephemeral"
    assert problems(ack) == []
    assert desk.adviser.asked == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (VmNotFound("web-1", ["web-01"]), "Did you mean “web-01”?"),
        (AzureRefused("the disks", "403.", "Reader on s-1"), "Its identity needs Reader on s-1."),
    ],
)
async def test_what_azure_says_no_to_is_said_to_the_person_alone(
    desk: Desk, error: VmbackupError, sentence: str
) -> None:
    desk.adviser.error = error
    await desk.say("advise web-1")
    answer = await desk.answer()
    assert answer["response_type"] == "ephemeral"
    assert sentence in answer["text"]


async def test_the_unforeseen_has_an_id_that_is_also_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.adviser.error = ZeroDivisionError("a slip of ours")
    await desk.say("advise web-01")
    answer = await desk.answer()
    found = re.search(r"error ([0-9a-f]{8}) is in its log", answer["text"])
    assert found
    assert "a slip of ours" not in answer["text"]
    (record,) = [each for each in caplog.records if found[1] in each.getMessage()]
    assert record.exc_info
    assert "a slip of ours" in caplog.text


async def test_a_redelivered_command_is_done_once(desk: Desk) -> None:
    """The same trigger_id in a new envelope, or newly signed."""
    body = desk.slack.command("advise web-01")
    first = await desk.deliver(body, "envelope-a")
    second = await desk.deliver(body | {"enterprise_id": "E1"}, "envelope-b")
    assert first["text"].startswith("Looking at")
    assert second == {}
    await desk.say("advise web-02", number="9")
    await desk.answer(2)
    assert [asked.vm for asked in desk.adviser.asked] == ["web-01", "web-02"]


async def test_a_vm_called_payload_is_advised_on(desk: Desk) -> None:
    await desk.say("advise vm-payload-01")
    assert (await desk.answer())["text"].startswith("vm-payload-01: ")


async def test_a_name_full_of_markup_calls_nobody(desk: Desk) -> None:
    ack = await desk.say("advise &lt;!here&gt;")
    assert "&lt;!here&gt;" in ack["text"]
    card = await desk.answer()
    assert "<!here>" not in card["text"]
    assert problems(card) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_at_the_end_running_work_is_finished_first(transport: str) -> None:
    async with running(transport) as desk:
        desk.adviser.may_answer.clear()
        await desk.say("advise web-01")
        asyncio.get_running_loop().call_later(0.1, desk.adviser.may_answer.set)
    assert [each.what for each in desk.slack.received][-1] == "response"
    assert desk.slack.of("response")[0].body["text"].startswith("web-01: Take")


async def test_work_that_does_not_end_is_given_up_and_the_person_is_told(desk: Desk) -> None:
    desk.adviser.may_answer.clear()
    await desk.say("advise web-01")
    await desk.bot.work.finish(patience_seconds=0.05)
    answer = await desk.answer()
    assert "stopped before the answer was ready" in answer["text"]
    assert answer["response_type"] == "ephemeral"


async def test_no_more_than_ten_are_looked_at_at_once_and_all_are_answered(desk: Desk) -> None:
    desk.adviser.may_answer.clear()
    for number in range(12):
        await desk.say(f"advise web-{number:02}")
    await asyncio.sleep(0)
    assert len(desk.adviser.asked) == 10
    desk.adviser.may_answer.set()
    await desk.answer(12)


async def test_beyond_its_capacity_the_bot_says_so(desk: Desk) -> None:
    desk.bot.work._most = 1
    desk.adviser.may_answer.clear()
    await desk.say("advise web-01")
    assert "too much to do" in (await desk.say("advise web-02"))["text"]
    desk.adviser.may_answer.set()
    await desk.answer()


# --- delivery of the answer -----------------------------------------------------------------


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
    assert told.body["text"].startswith("web-01: Take")
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
    http.slack.answers = [web.Response(status=400, text="invalid_blocks")]
    await http.say("advise web-01")
    first, second = await http.slack.first("response", 2)
    assert "blocks" in first.body
    assert "blocks" not in second.body
    assert second.body["text"] == first.body["text"]


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
    assert is_slacks_own(url, api_host) is own


# --- what HTTP may bring --------------------------------------------------------------------


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
    guard = Guard(SECRET, now=time.time, clock=time.monotonic)
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


# --- starting and stopping ------------------------------------------------------------------


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_refused_bot_token_is_said_at_the_start(transport: str) -> None:
    async with little_slack() as slack:
        settings = settings_for(slack, SLACK_BOT_TOKEN="xoxb-wrong")
        bot = build_bot(settings, Adviser(), parse_asked)
        start = over_socket_mode(bot) if transport == "socket" else over_http(bot, "127.0.0.1", 0)
        with pytest.raises(SlackRefused, match="Slack refused SLACK_BOT_TOKEN: invalid_auth"):
            async with start:
                pass


async def test_a_refused_app_token_is_said_at_the_start() -> None:
    async with little_slack() as slack:
        bot = build_bot(settings_for(slack, SLACK_APP_TOKEN="xapp-wrong"), Adviser(), parse_asked)
        with pytest.raises(SlackRefused, match="Slack refused SLACK_APP_TOKEN"):
            async with over_socket_mode(bot):
                pass


async def test_a_slack_that_is_not_there_is_said_at_the_start() -> None:
    async with little_slack() as slack:
        settings = settings_for(slack)
    with pytest.raises(SlackRefused, match="could not be reached"):
        async with over_http(build_bot(settings, Adviser(), parse_asked), "127.0.0.1", 0):
            pass


async def test_the_first_command_needs_no_call_to_slack(http: Desk) -> None:
    """Bolt asks who it is before the first command; that was done at the start."""
    before = len(http.slack.of("auth.test"))
    await http.say("help")
    assert len(http.slack.of("auth.test")) == before > 0


class Started(logging.Handler):
    """Hears the line that the bot writes once it serves."""

    def __init__(self) -> None:
        super().__init__()
        self.event = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(("Connected to Slack", "Listening for Slack")):
            self.event.set()


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_the_bot(
    transport: str, told: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    """The signal comes once the bot serves, as Ctrl+C or a container's end would."""
    started = Started()
    caplog.set_level(logging.INFO, logger="bot.app")
    logging.getLogger("bot.app").addHandler(started)
    async with little_slack() as slack, asyncio.timeout(10):
        settings, adviser = settings_for(slack), Adviser()
        if transport == "socket":
            serving = run_socket_mode(settings, adviser, parse_asked)
        else:
            serving = run_http("127.0.0.1", 0, settings, adviser, parse_asked)
        task = asyncio.create_task(serving)
        await started.event.wait()
        os.kill(os.getpid(), told)
        await task
    logging.getLogger("bot.app").removeHandler(started)
    assert "Stopping" in caplog.text
