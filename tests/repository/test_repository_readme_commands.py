"""Every fenced command of the README is run: in a shell, by make, or typed in the played Slack."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.local.azure.server import AzureStandIn
from deploy.local.bot_process import bot_environment
from deploy.local.demo import MANIFEST, system
from deploy.local.fleet.sample import sample_world
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.standin import SlackStandIn
from tests.databases import Served
from tests.docs.tables import ROOT
from tests.played_shell import PlayedShell, played_shell, serves_until_stopped

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANSWERED_SECONDS = 60


class Shown(NamedTuple):
    """A fenced block: its language, and its lines."""

    language: str
    lines: tuple[str, ...]

    @property
    def serves(self) -> bool:
        """Whether it starts the bot, which ends only when it is stopped."""
        return self.lines[-1].startswith("vmbackup bot")

    @property
    def typed(self) -> bool:
        """Whether it is typed in Slack."""
        return not self.language


def shown() -> Iterator[Shown]:
    for language, text in FENCED.findall(TEXT):
        yield Shown(language, tuple(text.splitlines()))


TYPED = tuple(line for block in shown() if block.typed for line in block.lines)
SERVING = tuple(block for block in shown() if block.serves)
RUN = tuple(
    line for block in shown() if not block.typed and not block.serves for line in block.lines
)


def test_every_block_is_for_a_shell_or_for_slack() -> None:
    """A block of another kind wants a test of its own here."""
    assert {block.language for block in shown()} == {"sh", ""}
    assert TYPED
    assert SERVING
    assert all(line.startswith("/vmbackup ") for line in TYPED)


# --- in a shell ------------------------------------------------------------------------------


def known_to_make(line: str) -> None:
    """`make -n` says what it would do, and fails for a target that is not there."""
    ran = subprocess.run([*line.split(), "-n"], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout


def known_to_uv(line: str) -> None:
    """The words are a command of uv, and what is installed has the program."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert uv
    program, *words = line.split()
    ran = subprocess.run([uv, *words, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert (program, ran.returncode) == ("uv", 0)
    assert ran.stdout.splitlines()[2].startswith(f"Usage: uv {' '.join(words[:-1])} ")
    assert (ROOT / words[-1] / "pyproject.toml").exists()


class Instead(NamedTuple):
    """What is done in the place of a line, and why the line itself does not run here."""

    does: Callable[[str], None]
    why: str


#: Everything else runs as it stands.
INSTEAD: Mapping[str, Instead] = {
    "uv tool install .": Instead(
        known_to_uv,
        "it fetches sixty packages; make release installs the same wheel and tries it",
    ),
    "make demo": Instead(known_to_make, "it serves; tests/demo starts it, uses it and stops it"),
    "make test": Instead(known_to_make, "this test is a part of it"),
}


async def test_every_line_for_a_shell_runs_in_the_order_of_the_readme(tmp_path: Path) -> None:
    async with played_shell(tmp_path / "shell") as shell:
        for line in RUN:
            if line in INSTEAD:
                INSTEAD[line].does(line)
            else:
                await runs(shell, line)
        assert shell.refused == []


async def runs(shell: PlayedShell, line: str) -> None:
    ran = await shell.run(line)
    assert (ran.code, ran.err) == (0, ""), line
    assert ran.out or "> " in line


def test_nothing_is_replaced_that_is_not_shown() -> None:
    assert INSTEAD.keys() <= set(RUN)
    assert all(each.why for each in INSTEAD.values())


@pytest.mark.parametrize("block", SERVING, ids=lambda block: block.lines[-1])
async def test_the_bot_that_is_started_connects_to_slack(
    block: Shown, tmp_path: Path, served: Served
) -> None:
    """The lines as they stand; the tokens are those of the played Slack, which gave them."""
    async with (
        AzureStandIn(sample_world()) as azure,
        SlackStandIn(read_manifest(MANIFEST)) as slack,
    ):
        environment = bot_environment(azure, slack, tmp_path / "data", os.environ)
        given = {name: environment.pop(name) for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")}
        script = "\n".join(block.lines).replace("vmbackup bot", "exec vmbackup bot")
        for name, token in given.items():
            script, replaced = re.subn(rf"{name}=\S+", f"{name}={token}", script)
            assert replaced == 1
        await serves_until_stopped(
            [shutil.which("bash") or "bash", "-ec", script],
            "Connected to Slack over Socket Mode.",
            cwd=tmp_path,
            env={
                **environment,
                "DATABASE_URL": served.url,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            },
        )


# --- in Slack --------------------------------------------------------------------------------


#: Words of the answer that comes after the acknowledgement.
ANSWERS = {"advise": "web-01", "snapshot": "waiting for approval"}


async def test_every_line_for_slack_is_answered_in_the_played_one(data_directory: Path) -> None:
    """An advice with its card, a request with a card that may be approved."""
    async with system(sample_world(), data_directory) as (_, slack, bot):
        await bot.ready()
        for line in TYPED:
            seen = {message.ts for message in slack.messages("#ops")}
            acted = await slack.type_command("ada", "#ops", line)
            assert acted.message, acted.problem
            seen.add(acted.message.ts)
            words = ANSWERS[line.split()[1]]

            def answered(seen: set[str] = seen, words: str = words) -> bool:
                new = (each.text for each in slack.messages("#ops") if each.ts not in seen)
                return any(words in text for text in new)

            await slack.until(answered, ANSWERED_SECONDS)
