"""`vmbackup doctor` as a person and a probe run it, and what a start that fails says of it."""

from __future__ import annotations

import asyncio
import json
import shlex
import shutil
import sys
from pathlib import Path

from advisor.cli.group import every_command
from advisor.errors import EXIT_INPUT_UNREADABLE, EXIT_NOT_READY
from bot.cli import COMMANDS
from deploy.local.demo import SETTINGS
from tests.databases import Served
from tests.docs.tables import ROOT
from tests.doctor.examined_system import Ailing, ailing
from tests.played_shell import VMBACKUP


async def run(played: Ailing, *words: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", *words, "--settings", str(played.settings_file)),
        env=dict(played.environment()),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_a_probe_reads_zero_and_json_where_all_is_right(
    tmp_path: Path, served: Served
) -> None:
    async with ailing(tmp_path, served) as played:
        code, out, err = await run(played, "doctor", "--json")
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert said["right"] is True
    assert {"name", "how", "needed", "answer", "said", "to_do", "missing"} == {*said["checks"][0]}


async def test_a_person_reads_what_is_wrong_and_what_to_do_and_a_probe_reads_seven(
    tmp_path: Path, served: Served
) -> None:
    async with ailing(tmp_path, served) as played:
        played.variables["SLACK_BOT_TOKEN"] = "xoxb-of-another-app"
        code, out, err = await run(played, "doctor")
    assert code == EXIT_NOT_READY
    said = " ".join(out.split())
    assert "no slack token Slack says invalid_auth to what SLACK_BOT_TOKEN holds." in said
    assert "To do: Copy SLACK_BOT_TOKEN anew from the app's settings." in said
    assert "xoxb-of-another-app" not in out + err
    assert err.startswith("vmbackup: 1 thing is wrong and ")
    assert "Traceback" not in err


async def test_settings_that_cannot_be_read_at_all_are_the_only_row(
    tmp_path: Path, served: Served
) -> None:
    async with ailing(tmp_path, served) as played:
        played.variables["VMBACKUP_LEASE_SECONDS"] = "soon"
        code, out, _ = await run(played, "doctor", "--json")
    assert code == EXIT_NOT_READY
    [row] = json.loads(out)["checks"]
    assert (row["name"], row["answer"]) == ("settings", "no")
    assert "VMBACKUP_LEASE_SECONDS" in row["said"]


async def test_a_start_that_fails_names_the_doctor(tmp_path: Path, served: Served) -> None:
    async with ailing(tmp_path, served) as played:
        played.variables["SLACK_APP_TOKEN"] = None
        code, _, err = await run(played, "bot")
    assert code == EXIT_INPUT_UNREADABLE
    assert err.splitlines()[-1].endswith(
        "“vmbackup doctor” says what else is wrong, and what to do."
    )


async def test_every_example_that_help_shows_finds_all_right(
    tmp_path: Path, served: Served
) -> None:
    shutil.copy(SETTINGS, tmp_path / "vmbackup.toml")
    [entry] = [each for path, each in every_command(COMMANDS) if path == "doctor"]
    async with ailing(tmp_path, served) as played:
        for example in entry.examples:
            words = shlex.split(example.line)
            process = await asyncio.create_subprocess_exec(
                *(VMBACKUP.with_name(words[0]), *words[1:]),
                env=dict(played.environment()),
                cwd=tmp_path,
                stdout=asyncio.subprocess.PIPE,
            )
            out, _ = await process.communicate()
            assert (process.returncode, bool(out)) == (0, True), out.decode()
