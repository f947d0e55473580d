"""A signing secret is replaced without a lost delivery: both are taken meanwhile, then one."""

from __future__ import annotations

import time

import aiohttp
import pytest
from little_slack import BOT_TOKEN, little_slack
from running_bot import Adviser

from advisor.cli.parameters import parse_asked
from bot.composition.slack_app import build_bot, over_http
from bot.settings import Settings
from bot.slack.inbound.signatures import sign

OLD, NEW, FOREIGN = "0" * 32, "1" * 32, "2" * 32
#: The steps of docs/slack.md: what the bot holds, and what Slack may sign with then.
DRILL = (
    ("before", OLD, "", {OLD}),
    ("both, before Slack's secret is replaced", OLD, NEW, {OLD, NEW}),
    ("both, after it was", NEW, OLD, {OLD, NEW}),
    ("afterwards", NEW, "", {NEW}),
)


@pytest.mark.parametrize(("step", "secret", "other", "taken"), DRILL, ids=[d[0] for d in DRILL])
async def test_each_step_of_a_rotation_takes_what_slack_may_sign_with(
    step: str, secret: str, other: str, taken: set[str]
) -> None:
    async with little_slack() as slack:
        given = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": secret,
            "SLACK_SIGNING_SECRET_OTHER": f"{other}\n",
            "SLACK_API_URL": slack.api_url,
        }
        bot = build_bot(Settings.model_validate(given), Adviser(), parse_asked)
        async with over_http(bot, "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
            for number, each in enumerate((OLD, NEW, FOREIGN)):
                raw = f"command=%2Fvmbackup&text=help&team_id=T1&user_id=U1&trigger_id={number}"
                stamp = str(int(time.time()))
                headers = {
                    "X-Slack-Request-Timestamp": stamp,
                    "X-Slack-Signature": sign(each.encode(), stamp, raw.encode()),
                    "Content-Type": "application/x-www-form-urlencoded",
                }
                url = f"http://127.0.0.1:{port}/slack/events"
                async with session.post(url, data=raw, headers=headers) as answer:
                    assert (answer.status != 401) is (each in taken), (step, each)
