"""`vmbackup bot --only ...`: listener and worker are processes of their own, on one database."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.commands.manifest import manifest
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import BotProcess
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message
from tests.databases import Served

VMBACKUP = str(Path(sys.executable).with_name("vmbackup"))
SETTINGS = Path(__file__).parents[2] / "deploy" / "local" / "vmbackup.toml"
QUICK = {"VMBACKUP_SWEEP_SECONDS": "0.5", "VMBACKUP_LEASE_SECONDS": "2"}


@pytest.mark.parametrize("part", ["listener", "worker"])
def test_a_part_without_a_database_to_share_says_what_it_needs(part: str, tmp_path: Path) -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-1-not-a-token", "SLACK_APP_TOKEN": "xapp-1-not-a-token"}
    home = {"HOME": str(tmp_path), "VMBACKUP_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [VMBACKUP, "bot", "--only", part],
        env={"PATH": os.defpath} | home | given,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 4
    said = done.stderr.splitlines()[-1]
    assert said.startswith("vmbackup: the environment, at DATABASE_URL: it is not set")
    assert f"--only {part}" in said


class Apart:
    """Both stand-ins, and parts of a bot that are started and killed."""

    def __init__(self, azure: AzureStandIn, slack: SlackStandIn, home: Path, url: str) -> None:
        self.azure, self.slack, self._home, self._url, self._count = azure, slack, home, url, 0

    def part(self, only: str) -> BotProcess:
        self._count += 1
        return BotProcess(
            *(self.azure, self.slack, self._home / f"{only}-{self._count}"),
            *("--settings", str(SETTINGS), "--only", only),
            settings={"DATABASE_URL": self._url, **QUICK},
        )

    async def ask(self, vm: str) -> str:
        """The acknowledgement's text."""
        words = f"/vmbackup snapshot {vm} before kernel update"
        acted = await self.slack.type_command("ada", "#ops", words)
        assert not acted.problem
        assert acted.message is not None
        return acted.message.text

    def cards(self, vm: str) -> list[Message]:
        """The cards that wait for an approval of this VM's snapshot."""
        messages = self.slack.messages("#ops")
        return [each for each in messages if vm in each.text and "request:approve" in str(each)]

    async def until_card(self, vm: str) -> None:
        async with asyncio.timeout(30):
            while not self.cards(vm):
                await asyncio.sleep(0.05)


@asynccontextmanager
async def apart(home: Path, url: str) -> AsyncIterator[Apart]:
    async with AzureStandIn(sample_world()) as azure, SlackStandIn(manifest()) as slack:
        slack.workspace.is_rate_limited = False
        yield Apart(azure, slack, home, url)


async def test_what_the_listener_keeps_any_worker_does_however_often_workers_die(
    served: Served, tmp_path: Path
) -> None:
    async with apart(tmp_path, served.url) as parts, parts.part("listener") as listener:
        await listener.ready()
        assert "r-" in await parts.ask("web-01")
        await asyncio.sleep(1.0)
        assert not parts.cards("web-01")  # nobody works yet
        async with parts.part("worker") as first:
            await parts.until_card("web-01")
            assert first.process_id is not None
            os.kill(first.process_id, signal.SIGKILL)
            await first.ended()
        assert "r-" in await parts.ask("web-02")
        async with parts.part("worker"), parts.part("worker"):
            await parts.until_card("web-02")
            await asyncio.sleep(1.0)
        assert len(parts.cards("web-01")) == len(parts.cards("web-02")) == 1
