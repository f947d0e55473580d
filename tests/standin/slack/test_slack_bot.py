"""The bot itself on the stand-in, over both transports: from what is typed to the card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from advisor.asked import AdviceAsked
from advisor.cli.parameters import parse_asked
from advisor.model import Advice, KnownVm
from bot.commands.manifest import manifest
from bot.composition.slack_app import build_bot, over_http, over_socket_mode
from bot.settings import Settings
from bot.slack.inbound.http_server import PATH
from deploy.local.faults import Fault, Kind
from deploy.local.slack.people import ADA
from deploy.local.slack.standin import RESPONSE, SlackStandIn
from tests.bot.sample_advice import a_vm, an_advice


class Adviser:
    """Gives the sample advice for the VM asked for."""

    async def advise(self, asked: AdviceAsked) -> Advice:
        return an_advice(known=KnownVm(vm=a_vm(asked.vm)))


@asynccontextmanager
async def bot_on(slack: SlackStandIn) -> AsyncIterator[None]:
    """The real bot, connected in the way its manifest says."""
    settings = Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
        }
    )
    bot = build_bot(settings, Adviser(), parse_asked)
    if slack.workspace.app.socket_mode:
        async with over_socket_mode(bot):
            await slack.until(lambda: slack.sockets.count)
            yield
    else:
        async with over_http(bot, "127.0.0.1", 0) as port:
            slack.request_url = f"http://127.0.0.1:{port}{PATH}"
            yield


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[SlackStandIn]:
    """Installed from the bot's own manifest."""
    http = "http://127.0.0.1:1" if request.param == "http" else ""
    async with SlackStandIn(manifest(http)) as slack, bot_on(slack):
        yield slack


@pytest.mark.parametrize("channel", ["ops", "random", "D01ADA"])
async def test_a_typed_command_is_answered_with_the_card(slack: SlackStandIn, channel: str) -> None:
    """Wherever it is typed: the bot is no member of #random."""
    acted = await slack.type_command("ada", channel, "/vmbackup advise vm-payload-01")
    assert acted.message
    assert acted.message.only_for == ADA.id
    await slack.until(lambda: len(slack.messages(channel)) == 2)
    card = slack.messages(channel)[-1]
    assert card.text.startswith("vm-payload-01 is unprotected. Protect it")
    assert card.only_for == ADA.id
    assert {"header", "table", "rich_text"} <= {block["type"] for block in card.blocks}
    assert [call.error for call in slack.calls] == [""] * len(slack.calls)


async def test_a_card_whose_delivery_fails_once_comes_all_the_same(slack: SlackStandIn) -> None:
    slack.faults.add(Fault(Kind.STATUS, operation=RESPONSE, status=503, retry_after="0"))
    await slack.type_command("ada", "ops", "/vmbackup advise web-01")
    await slack.until(lambda: len(slack.messages("ops")) == 2)
    assert slack.counts[RESPONSE] == 2


async def test_a_slip_is_said_to_the_person_alone(slack: SlackStandIn) -> None:
    acted = await slack.type_command("ada", "ops", "/vmbackup adivse web-01")
    assert acted.message
    assert "Did you mean /vmbackup advise?" in acted.message.text
    assert acted.message.only_for == ADA.id
