"""Every example that help shows runs in a shell, at the played Azure and the played Slack."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from pathlib import Path

import pytest

from advisor.cli.group import every_command
from bot.cli import COMMANDS
from deploy.local.azure.price_sheet import sheet_text
from deploy.local.azure.retail import PriceList
from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import bot_environment, free_port
from deploy.local.demo import MANIFEST, SETTINGS
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.played_shell import VMBACKUP, played_shell, serves_until_stopped

EXAMPLES = {path: entry.examples for path, entry in every_command(COMMANDS)}
#: These serve until they are stopped, or ask the bot's database: they have tests of their own.
SERVES = "bot"
ELSEWHERE = ("audit show", "audit verify", "audit export", "doctor", "requests", "mcp")
ENDS = [path for path in EXAMPLES if path != SERVES and path not in ELSEWHERE]
FILES = ("az vm list -o json > vms.json", "az disk list -o json > disks.json")
#: What each says once it serves.
SERVING = {
    "vmbackup bot": "Connected to Slack over Socket Mode.",
    "vmbackup bot --settings vmbackup.toml --http 127.0.0.1:3000": "Listening for Slack on ",
    "vmbackup bot --only worker": "The worker runs; another process listens to Slack.",
}


@pytest.mark.parametrize("path", ENDS)
async def test_every_example_of_a_command_that_ends_runs(path: str, tmp_path: Path) -> None:
    async with played_shell(tmp_path / "shell") as shell:
        for line in FILES:
            assert (await shell.run(line)).code == 0
        sheet = sheet_text("100", "", shell.azure.world.part(PriceList).rows)
        (shell.folder / "pricesheet.csv").write_text(sheet, encoding="utf-8")
        for example in EXAMPLES[path]:
            ran = await shell.run(example.line)
            assert (ran.code, ran.err) == (0, ""), example.line
            assert ran.out
            if "--json" in example.line:
                json.loads(ran.out)
        assert shell.refused == []


@pytest.mark.parametrize("line", [each.line for each in EXAMPLES[SERVES]])
async def test_every_example_of_the_bot_serves_until_it_is_stopped(
    line: str, tmp_path: Path, served: Served
) -> None:
    """The port alone is another one, for somebody else may have that one."""
    shutil.copy(SETTINGS, tmp_path / "vmbackup.toml")
    words = shlex.split(line.replace(":3000", f":{free_port()}"))
    async with (
        AzureStandIn(sample_world()) as azure,
        SlackStandIn(read_manifest(MANIFEST)) as slack,
    ):
        environment = bot_environment(azure, slack, tmp_path / "data", os.environ)
        await serves_until_stopped(
            [VMBACKUP.with_name(words[0]), *words[1:]],
            SERVING[line],
            cwd=tmp_path,
            env={**environment, "DATABASE_URL": served.url},
        )
