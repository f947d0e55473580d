"""The README is true: tables made from the code, commands that run, links that lead somewhere."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest

from advisor import errors
from advisor.cli.estimate import estimate
from advisor.cli.group import EXIT_INTERRUPTED, EXIT_NOT_WRITTEN, CommandEntry
from advisor.cli.parameters import parse_asked
from advisor.errors import VmbackupError
from advisor.needs import SETTINGS_FILE
from advisor.options import OPTIONS
from advisor.tiers_file import load_tiers
from bot.cli import COMMANDS
from tests.docs.markdown import written
from tests.docs.picture import COMMAND
from tests.docs.tables import README, README_TABLES, ROOT

TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The README's fenced blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_a_readme_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place, or several, for the table commands"):
        written(TEXT.replace("<!-- commands: written by make docs -->", ""), README_TABLES)


def test_the_shown_settings_file_can_be_read(tmp_path: Path) -> None:
    [shown] = blocks("toml")
    path = tmp_path / SETTINGS_FILE
    path.write_text(shown, encoding="utf-8")
    tiers = load_tiers(path)
    assert tiers.default == "gold"
    assert tiers.tiers[0].unpaired_zone


def test_every_shown_command_is_one_that_can_be_read() -> None:
    shown = [line for block in blocks("sh") for line in block.splitlines()]
    ours = [shlex.split(line)[1:] for line in shown if line.startswith("vmbackup ")]
    assert {words[0] for words in ours} >= {"advise", "estimate"}
    known = {entry.name: entry for entry in COMMANDS}
    for name, *rest in ours:
        context = known[name].load().make_context(name, list(rest))
        assert context.params


def test_every_exit_code_is_told_and_no_other() -> None:
    [table] = re.findall(r"\| Exit code .*?\n\n", TEXT, re.DOTALL)
    codes = " ".join(re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE))
    told = {int(code) for code in re.findall(r"\d+", codes)}
    taken = {
        each.exit_code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, VmbackupError) and each is not VmbackupError
    }
    assert told == taken | {errors.EXIT_ADVISED, EXIT_INTERRUPTED, EXIT_NOT_WRITTEN}


def test_the_flags_that_slack_has_end_where_the_readme_says() -> None:
    assert "in Slack: those down to <code>--currency</code>" in TEXT
    assert parse_asked(["vm", "--currency", "EUR"]).currency == "EUR"
    with pytest.raises(errors.UsageError):
        parse_asked(["vm", "--inventory", "x"])


def test_the_picture_is_of_the_sample_and_loads_nothing_from_elsewhere() -> None:
    image = (ROOT / "docs" / "advice.svg").read_text(encoding="utf-8")
    assert COMMAND[1] in image
    assert not re.search(r"url\(\s*[\"']?https?:|href=|@import|<script", image)


@pytest.mark.parametrize("entry", COMMANDS, ids=[entry.name for entry in COMMANDS])
def test_every_command_of_the_table_is_there_under_its_name(entry: CommandEntry) -> None:
    module, _, attribute = entry.where.partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == entry.name
    assert entry.load() is command


def test_every_module_of_commands_is_in_the_table() -> None:
    """A file of advisor/cli that makes a command or a group of its own name is listed."""
    named = {entry.where.split(":")[0] for entry in COMMANDS}
    for path in (ROOT / "advisor" / "cli").glob("*.py"):
        module = import_module(f"advisor.cli.{path.stem}") if path.stem != "__init__" else None
        if isinstance(getattr(module, path.stem, None), click.Command):
            assert f"advisor.cli.{path.stem}" in named, path.name


def test_the_flags_of_each_option_are_flags_of_estimate() -> None:
    flags = {param.name for param in estimate.params}
    assert {flag.key for option in OPTIONS for flag in option.flags} <= flags
