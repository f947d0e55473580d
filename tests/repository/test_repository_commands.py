"""docs/commands.md and docs/settings.md are true: commands, flags, exit codes, settings."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from advisor import errors
from advisor.cli.estimate import estimate
from advisor.cli.group import EXIT_INTERRUPTED, EXIT_NOT_WRITTEN, CommandEntry, every_command
from advisor.cli.parameters import parse_asked
from advisor.errors import VmbackupError
from advisor.needs import SETTINGS_FILE
from advisor.options import OPTIONS
from advisor.prices.discounts import NO_DISCOUNTS, stated_discounts
from advisor.tiers_file import load_tiers
from bot.cli import COMMANDS
from bot.composition.actions import action_facts
from bot.requests.approval.rules_file import load_rules
from tests.docs.markdown import written
from tests.docs.tables import COMMANDS_DOCUMENT, COMMANDS_TABLES, ROOT, SETTINGS_DOCUMENT
from tests.repository.markdown_files import blocks

TEXT = COMMANDS_DOCUMENT.read_text(encoding="utf-8")


def test_a_document_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place, or several, for the table commands"):
        written(TEXT.replace("<!-- commands: written by make docs -->", ""), COMMANDS_TABLES)


def test_the_shown_settings_file_can_be_read(tmp_path: Path) -> None:
    shown, who_reads, agreed = blocks(SETTINGS_DOCUMENT.read_text(encoding="utf-8"), "toml")
    path = tmp_path / SETTINGS_FILE
    path.write_text(shown, encoding="utf-8")
    tiers = load_tiers(path)
    assert tiers.default == "gold"
    assert tiers.tiers[0].unpaired_zone
    path.write_text(who_reads, encoding="utf-8")
    rules = load_rules(path, action_facts())
    assert (rules.advice_is_public, rules.public_channels) == (True, {"C04PARTNER"})
    path.write_text(agreed, encoding="utf-8")
    assert stated_discounts(str(path)) != NO_DISCOUNTS


def test_every_exit_code_is_told_and_no_other() -> None:
    [table] = re.findall(r"\| Exit code .*?\n\n", TEXT, re.DOTALL)
    codes = " ".join(re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE))
    told = {int(code) for code in re.findall(r"\d+", codes)}
    taken = {
        each.exit_code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, VmbackupError) and each is not VmbackupError
    }
    others = {errors.EXIT_ADVISED, errors.EXIT_FOUND, EXIT_INTERRUPTED, EXIT_NOT_WRITTEN}
    assert told == taken | others


def test_the_flags_that_slack_has_end_where_the_document_says() -> None:
    assert "In Slack the same flags are there, down to `--currency`." in " ".join(TEXT.split())
    assert parse_asked(["vm", "--currency", "EUR"]).currency == "EUR"
    with pytest.raises(errors.UsageError):
        parse_asked(["vm", "--inventory", "x"])


ROWS = [entry for _, entry in every_command(COMMANDS)]


def test_every_flag_that_help_shows_is_told() -> None:
    for path, entry in every_command(COMMANDS):
        for param in entry.load().params:
            if isinstance(param, click.Option) and not param.hidden:
                assert f"`{param.opts[0]}" in TEXT, f"{path} {param.opts[0]}"


@pytest.mark.parametrize("entry", ROWS, ids=[path for path, _ in every_command(COMMANDS)])
def test_every_command_of_the_table_is_there_under_its_name(entry: CommandEntry) -> None:
    module, _, attribute = entry.where.partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == entry.name
    assert entry.load() is command


def test_every_command_of_a_module_is_in_the_table() -> None:
    """Also one in a file of advisor/cli that is added tomorrow."""
    named = {entry.where for entry in ROWS}
    for path in (ROOT / "advisor" / "cli").glob("[a-z]*.py"):
        module = import_module(f"advisor.cli.{path.stem}")
        for name, value in vars(module).items():
            if isinstance(value, click.Command) and not name.startswith("_"):
                assert f"{module.__name__}:{name}" in named


def test_the_flags_of_each_option_are_flags_of_estimate() -> None:
    flags = {param.name for param in estimate.params}
    assert {flag.key for option in OPTIONS for flag in option.flags} <= flags
