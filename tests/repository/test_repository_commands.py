"""docs/commands.md and docs/settings.md are true: commands, flags, exit codes, settings."""

from __future__ import annotations

import re
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
from tests.docs.tables import COMMANDS_DOCUMENT, COMMANDS_TABLES, ROOT, SETTINGS_DOCUMENT
from tests.repository.markdown_files import blocks

TEXT = COMMANDS_DOCUMENT.read_text(encoding="utf-8")


def test_a_document_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place, or several, for the table commands"):
        written(TEXT.replace("<!-- commands: written by make docs -->", ""), COMMANDS_TABLES)


def test_the_shown_settings_file_can_be_read(tmp_path: Path) -> None:
    [shown] = blocks(SETTINGS_DOCUMENT.read_text(encoding="utf-8"), "toml")
    path = tmp_path / SETTINGS_FILE
    path.write_text(shown, encoding="utf-8")
    tiers = load_tiers(path)
    assert tiers.default == "gold"
    assert tiers.tiers[0].unpaired_zone


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


def test_the_flags_that_slack_has_end_where_the_document_says() -> None:
    assert "In Slack the same flags are there, down to `--currency`." in " ".join(TEXT.split())
    assert parse_asked(["vm", "--currency", "EUR"]).currency == "EUR"
    with pytest.raises(errors.UsageError):
        parse_asked(["vm", "--inventory", "x"])


def test_every_flag_that_help_shows_is_told() -> None:
    for entry in COMMANDS:
        for command in leaves(entry.load()):
            for param in command.params:
                if isinstance(param, click.Option) and not param.hidden:
                    assert f"`{param.opts[0]}" in TEXT, f"{entry.name} {param.opts[0]}"


def leaves(command: click.Command) -> list[click.Command]:
    """The command, or those of a group."""
    if not isinstance(command, click.Group):
        return [command]
    return [leaf for each in command.commands.values() for leaf in leaves(each)]


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
