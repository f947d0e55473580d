"""The log as JSON, and no token or body in it, whatever a library writes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import aiohttp

from bot.commands.manifest import manifest
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess
from deploy.local.demo import SETTINGS
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.docs.tables import ROOT

_WRITES = """
import logging
from bot.logs import log_as_json, log_to_stderr
log_to_stderr()
log_as_json()
log = logging.getLogger("somebody")
log.warning("with %s and %s", "xoxb-123-secret", {"token": "verysecret"})
try:
    raise RuntimeError("at https://hooks.slack.com/commands/1/2/secret with xapp-1-secret")
except RuntimeError:
    log.exception("broke")
"""


def test_each_line_is_an_object_and_a_traceback_stays_in_its_line() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _WRITES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    first, second = (json.loads(line) for line in ran.stderr.splitlines())
    assert first["event"] == "with (token) and {'token': '(secret)'}"
    assert (first["level"], first["logger"]) == ("warning", "somebody")
    assert first["timestamp"].endswith("Z")
    assert "Traceback" in second["exception"]
    assert "secret" not in ran.stderr.replace("(secret)", "")


async def test_a_flood_of_strange_requests_leaves_no_token_and_no_body_in_the_log(
    tmp_path: Path, served: Served
) -> None:
    """Forged, cut, unsigned and wrongly typed deliveries, among real commands."""
    marked = "body-of-a-stranger"
    bodies = [
        f"token=xoxb-stolen-token&text={marked}&command=%2Fvmbackup".encode(),
        f'payload={{"token":"xoxb-stolen-token","x":"{marked}"'.encode(),
        f"payload=%7B%22token%22%3A%22xoxb-stolen-token%22%2C%22{marked}".encode(),
        b"\xff\xfe" + marked.encode(),
        json.dumps({"token": "xoxb-stolen-token", "challenge": marked}).encode(),
    ]
    kinds = ("application/x-www-form-urlencoded", "application/json", "text/plain", "")
    signatures = ("v0=abc", "", "v0=" + "0" * 64)
    async with (
        AzureStandIn(sample_world()) as azure,
        SlackStandIn(manifest("https://bot.example")) as slack,
        BotProcess(
            *(azure, slack, tmp_path, "--settings", str(SETTINGS)),
            settings={"DATABASE_URL": served.url, "VMBACKUP_LOG_FORMAT": "json"},
        ) as bot,
    ):
        await bot.ready()
        async with aiohttp.ClientSession() as session:
            for number in range(len(bodies) * len(kinds) * len(signatures)):
                headers = {
                    "Content-Type": kinds[number % len(kinds)],
                    "X-Slack-Signature": signatures[number % len(signatures)],
                    "X-Slack-Request-Timestamp": ("1", "soon", "")[number % 3],
                }
                body = bodies[number % len(bodies)]
                async with session.post(slack.request_url, data=body, headers=headers) as answer:
                    assert answer.status in (400, 401, 403, 415)
        await slack.type_command("ada", "#ops", "/vmbackup advise web-01")
        await asyncio.sleep(1)
        log = bot.log.read_text(encoding="utf-8")
        secrets = (slack.bot_token, slack.app_token, slack.signing_secret)
        header = azure.identity_header
    assert log.count("\n") > 5
    for line in log.splitlines():
        assert isinstance(json.loads(line), dict)
    for forbidden in (*secrets, header, "stolen-token", marked, "hooks.", "Bearer "):
        assert forbidden not in log, forbidden
