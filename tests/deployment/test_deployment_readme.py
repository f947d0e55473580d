"""Every command of deploy/README.md is run here, or stands in a table with why it is not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from bot.commands import TABLE
from bot.composition.actions import action_facts
from bot.requests.approval.rules_file import load_rules
from tests.docs.tables import ROOT
from tests.repository.markdown_files import blocks

TEXT = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
#: By how a command begins, why no test runs it.
NOT_RUN = {
    "az ": "needs an Azure subscription",
    "docker ": "needs Docker and its registry",
    "useradd ": "makes a user of the machine",
    "python3 -m venv ": "takes long; `make release` makes such an environment",
    "/opt/vmbackup/bin/pip ": "asks a package index; `make release` builds and installs the wheel",
    "systemctl ": "needs systemd as the machine's init; the unit is verified",
    "journalctl ": "needs systemd as the machine's init",
    "systemd-run ": "needs systemd as the machine's init; what it starts is read below",
}
#: By how a command begins: run in a copy of this folder, with the machine's places below it.
RUN = ("cp ", "install ", "touch ", "openssl ", "echo ", "chmod ", "vmbackup roles ")
PLACES = ("/etc/", "/opt/")


def commands() -> list[str]:
    """Each on one line, in the order of the document."""
    shown = "".join(blocks(re.sub(r"^ {3}", "", TEXT, flags=re.MULTILINE), "sh"))
    return [line for line in shown.replace("\\\n", " ").splitlines() if line.strip()]


def test_every_command_is_run_or_told_why_it_is_not() -> None:
    assert len(commands()) > 25
    for line in commands():
        assert line.startswith((*RUN, *NOT_RUN)), line
    for begins in (*RUN, *NOT_RUN):
        assert any(line.startswith(begins) for line in commands()), begins


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """This folder and an empty machine, and a `vmbackup` that is this one."""
    for name in ("deploy/container", "deploy/systemd", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "vmbackup.toml").write_text(rules_shown(), encoding="utf-8")
    for place in ("etc/systemd/system", "opt", "bin"):
        (tmp_path / place).mkdir(parents=True)
    program = tmp_path / "bin" / "vmbackup"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bot.cli "$@"\n')
    program.chmod(0o755)
    return tmp_path


def rules_shown() -> str:
    (found,) = blocks(re.sub(r"^ {3}", "", TEXT, flags=re.MULTILINE), "toml")
    return found


def there(line: str, machine: Path) -> str:
    """The command with the machine's places in the test's folder, and a group that is there."""
    for place in PLACES:
        line = re.sub(rf"(?<=[\s]){place}", f"{machine}{place}", line)
    return line.replace("-g vmbackup", f"-g {os.getgid()}")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_what_writes_files_writes_them_for_whom_they_are(machine: Path) -> None:
    path = f"{machine / 'bin'}:{os.environ['PATH']}"
    for line in commands():
        if line.startswith(RUN):
            ran = subprocess.run(
                ["sh", "-ec", there(line, machine)],
                cwd=machine,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
            assert (ran.returncode, ran.stderr) == (0, ""), line
    modes = {
        "deploy/container/secrets": 0o700,
        "deploy/container/secrets/SLACK_APP_TOKEN": 0o644,
        "deploy/container/secrets/DATABASE_URL": 0o644,
        "deploy/container/vmbackup.toml": 0o644,
        "etc/vmbackup": 0o750,
        "etc/vmbackup/secrets": 0o750,
        "etc/vmbackup/secrets/SLACK_APP_TOKEN": 0o640,
        "etc/vmbackup/environment": 0o600,
        "etc/vmbackup/vmbackup.toml": 0o640,
        "etc/systemd/system/vmbackup.service": 0o644,
    }
    found = {name: (machine / name).stat().st_mode & 0o777 for name in modes}
    assert found == modes
    secrets = machine / "deploy" / "container" / "secrets"
    password = (secrets / "DATABASE_PASSWORD").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"[0-9a-f]{48}", password)
    assert f":{password}@" in (secrets / "DATABASE_URL").read_text(encoding="utf-8")
    roles = {
        name: json.loads((machine / name).read_text()) for name in ("advisor.json", "operator.json")
    }
    for name, role in roles.items():
        assigned = f'--role "{role["Name"]}"'
        assert any(assigned in line for line in commands()), (name, assigned)


def test_the_rules_that_are_shown_can_be_read_and_let_somebody_approve(machine: Path) -> None:
    rules = load_rules(machine / "vmbackup.toml", action_facts())
    assert [rule.name for rule in rules.rules] == ["everything"]


def test_what_vmbackup_is_told_is_what_it_can_be_told() -> None:
    """Also where it is told through docker, az or systemd-run."""
    known = {entry.name: entry for entry in COMMANDS}
    told = [
        found[1].split()
        for line in commands()
        if (found := re.search(r"(?:vmbackup |worker )((?:doctor|roles)\b[^\">]*)", line))
    ]
    assert len(told) >= 5
    for name, *words in told:
        command = known[name].load()
        words = [word for word in words if not word.startswith(("./", "/etc"))]
        options = {flag for parameter in command.params for flag in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_what_is_typed_for_the_first_card_are_commands_of_the_bot() -> None:
    lines = [line for block in blocks(TEXT, "") for line in block.splitlines()]
    names = {line.split()[1] for line in lines if line.startswith("/vmbackup ")}
    assert names
    assert names <= {each.name for each in TABLE}
