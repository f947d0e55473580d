"""docs/slack.md agrees with the manifest, with what the bot reads, and with what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest
import yaml

from advisor.errors import SettingsUnreadable
from bot.cli import COMMANDS
from bot.commands import TABLE
from bot.commands.command import COMMAND
from bot.commands.manifest import manifest
from bot.settings import Settings, read_settings
from bot.slack.inbound.http_server import PATH
from tests.docs.tables import DOCS, ROOT

TEXT = (DOCS / "slack.md").read_text(encoding="utf-8")
SHELL = [
    line.strip()
    for block in re.findall(r"^ *```sh\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
EXPORTED = [shlex.split(line)[1].split("=", 1) for line in SHELL if line.startswith("export ")]


def test_the_tokens_that_are_shown_are_of_the_kind_that_the_bot_takes() -> None:
    settings = Settings.model_validate(dict(EXPORTED))
    assert settings.token_for_socket_mode().startswith("xapp-")
    assert settings.secret_for_http()
    assert settings.bot_token.get_secret_value().startswith("xoxb-")


def test_what_is_typed_in_slack_is_what_the_manifest_names() -> None:
    features = manifest()["features"]
    typed = re.findall(r"^(/.+)$", TEXT, re.MULTILINE)
    assert f"/invite @{features['bot_user']['display_name']}" in typed
    ours = [line.split() for line in typed if line.startswith(COMMAND)]
    assert {words[1] for words in ours} == {"help", "advise"}
    assert {words[1] for words in ours} <= {command.name for command in TABLE}


def test_every_command_of_the_shell_is_exported_started_or_printed() -> None:
    known = {entry.name: entry for entry in COMMANDS}
    for line in SHELL:
        program, *words = shlex.split(line)
        if program == "vmbackup":
            assert known[words[0]].load().make_context(words[0], words[1:]).params is not None
        else:
            assert program == "export" or line.startswith(PRINTED)


PRINTED = ".venv/bin/python -m bot.commands.manifest --http "


def test_the_manifest_for_http_is_printed_by_the_line_that_is_shown() -> None:
    [line] = [line for line in SHELL if line.startswith(PRINTED)]
    _, *words = shlex.split(line)
    ran = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, check=True)
    printed = yaml.safe_load(ran.stdout)
    assert printed["features"]["slash_commands"][0]["url"] == f"{words[-1]}{PATH}"
    assert printed["settings"]["socket_mode_enabled"] is False
    assert f"`{PATH}`" in TEXT


@pytest.mark.parametrize(
    "tokens",
    [{}, {"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"}],
    ids=["none", "swapped"],
)
def test_what_it_says_when_it_does_not_start_is_what_is_told(
    tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        monkeypatch.delenv(name)
    for name, value in tokens.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsUnreadable) as caught:
        read_settings()
    told = re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE)
    assert any(words in str(caught.value) for words in told)


def test_the_refusals_of_slack_are_told_as_the_bot_words_them() -> None:
    source = (ROOT / "bot" / "composition" / "slack_app.py").read_text(encoding="utf-8")
    assert 'f"Slack refused {variable}: ' in source
    for variable in ("SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"):
        assert f"| `Slack refused {variable}` |" in TEXT
    said = "Connected to Slack over Socket Mode."
    assert f"`{said}`" in TEXT
    assert said in source
