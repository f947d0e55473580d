"""CONTRIBUTING's ways to add a command, followed word by word in a copy of the product."""

from __future__ import annotations

from importlib.metadata import version

import pytest
import yaml

from tests.repository.how_to import HowTo, ProductCopy

TERMINAL, SLACK = "How to add a command", "How to add a command in Slack"
MANIFEST, COMMANDS, ERRORS = "deploy/slack/manifest.yaml", "docs/commands.md", "docs/errors.md"
ADVISING, OF_THE_BOT, OF_SLACK = "advisor/cli/commands.py", "bot/cli.py", "bot/commands/__init__.py"
#: Hands the table of the copy a slash command, as Slack delivers it, and prints what is said.
TYPED = """
import asyncio, sys
from bot.commands import TABLE
from bot.commands.command import Invocation, Services
from bot.slack.inbound.slash_commands import outcome_of

async def said():
    typed = Invocation.read({"text": sys.argv[1]})
    outcome = await outcome_of(typed, Services(advisor=None, parse=None, table=TABLE))
    print(outcome.acknowledgement.text)
    if outcome.later:
        print((await outcome.later()).message.text)

asyncio.run(said())
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> ProductCopy:
    copy = ProductCopy(
        tmp_path_factory.mktemp("product"),
        "tests/bot/test_bot_manifest.py",
        "tests/repository/markdown_files.py",
        "tests/repository/test_repository_commands.py",
    )
    copy.follow(HowTo(TERMINAL))
    copy.follow(HowTo(SLACK))
    copy.make_docs()
    return copy


def test_a_new_command_is_one_file_and_one_row(product: ProductCopy) -> None:
    assert product.new_files() == {
        "advisor/cli/regions.py",
        "bot/composition/privileges.py",
        "bot/commands/about.py",
    }
    written_by_make_docs = {MANIFEST, COMMANDS, ERRORS}
    assert product.changed_files() == {ADVISING, OF_THE_BOT, OF_SLACK} | written_by_make_docs


@pytest.mark.parametrize("table", [ADVISING, OF_THE_BOT])
def test_the_row_of_a_command_of_the_terminal_is_added_alone(
    product: ProductCopy, table: str
) -> None:
    row = product.changed_lines(table)
    assert [row[0].strip(), row[-1].strip()] == ["+    CommandEntry(", "+    ),"]
    assert all(line.startswith("+") for line in row)


def test_the_row_of_a_slack_command_is_added_alone(product: ProductCopy) -> None:
    assert product.changed_lines(OF_SLACK) == [
        "+from bot.commands.about import ABOUT",
        "+    ABOUT,",
    ]


# --- in the terminal -------------------------------------------------------------------------


def test_a_new_command_is_in_the_help_and_runs(product: ProductCopy) -> None:
    shown = product.vmbackup("--help")
    assert "regions     The regions that an advice knows, with their pairs." in shown
    assert "privileges  Which list of the settings opens each action." in shown
    example = "Examples:\n  # Those of Europe\n  vmbackup regions --continent Europe\n"
    assert product.vmbackup("regions", "--help").endswith(example)
    printed = product.vmbackup("regions", "--continent", "Europe").splitlines()
    assert "westeurope: West Europe, its pair is northeurope" in printed
    assert not [line for line in printed if line.startswith("eastus")]
    assert "snapshot: [requests.ask]" in product.vmbackup("privileges").splitlines()


def test_the_error_of_a_new_command_is_one_sentence(product: ProductCopy) -> None:
    with pytest.raises(AssertionError, match="vmbackup: No region lies in “Atlantis”"):
        product.vmbackup("regions", "--continent", "Atlantis")


def test_make_docs_writes_a_new_command_its_flags_and_its_error(product: ProductCopy) -> None:
    assert product.changed_lines(COMMANDS) == [
        "+| `vmbackup regions` | The regions that an advice knows, with their pairs. |",
        "+| `vmbackup privileges` | Which list of the settings opens each action. |",
        "+# Those of Europe",
        "+vmbackup regions --continent Europe",
        "+# Every action",
        "+vmbackup privileges",
        "+| `vmbackup regions` | `--continent NAME` | Only the regions of this continent. |",
    ]
    [error] = product.changed_lines(ERRORS)
    assert "No region lies in “…”. The continents are …." in error


def test_new_commands_pass_the_tests_of_the_tables(product: ProductCopy) -> None:
    passed = product.tested("tests/repository/test_repository_commands.py", "tests/bot")
    assert passed.count("under_its_name[regions] PASSED") == 1
    assert passed.count("under_its_name[privileges] PASSED") == 1
    assert "test_the_committed_manifest_is_as_make_docs_writes_it PASSED" in passed


# --- in Slack --------------------------------------------------------------------------------


def test_a_new_slack_command_is_in_the_help(product: ProductCopy) -> None:
    line = "/vmbackup about: Which version answers, and how old its prices are."
    assert line in product.said(TYPED, "help")
    assert line in product.said(TYPED, "about --help")


def test_a_new_slack_command_answers(product: ProductCopy) -> None:
    at_once, later = product.said(TYPED, "about").splitlines()
    assert at_once == f"vmbackup {version('vmbackup')}."
    assert later.startswith("The newest prices are of 20")


def test_make_docs_writes_a_new_slack_command_into_the_hint_of_the_manifest(
    product: ProductCopy,
) -> None:
    [command] = yaml.safe_load(product.text(MANIFEST))["features"]["slash_commands"]
    assert "about" in command["usage_hint"].split(" | ")


def test_new_commands_pass_ruff_and_the_layers(product: ProductCopy) -> None:
    product.check_quickly("advisor/cli", "bot/cli.py", "bot/composition", "bot/commands")
