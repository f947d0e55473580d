"""The documents of docs/ are true: made from the code, complete, with settings that can be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.cli.group import every_command
from advisor.errors import VmbackupError
from advisor.needs import SETTINGS_FILE
from advisor.options import BY_NAME
from bot.azure.refusals import REFUSALS
from bot.cli import COMMANDS
from bot.composition.actions import action_facts
from bot.requests.approval.rules import RequestRules
from bot.requests.approval.rules_file import load_rules
from bot.requests.approval.rulings import RulingReason
from bot.requests.states import MOVES, State
from deploy.local.demo import SETTINGS as SETTINGS_OF_THE_DEMO
from tests.docs.error_tables import EXAMPLES, IN_OTHER_TABLES
from tests.docs.markdown import written
from tests.docs.raised import sentences
from tests.docs.schemas import ENUMS, with_enums
from tests.docs.tables import DOCS, DOCUMENTS
from tests.repository.markdown_files import blocks

SNAPSHOTS = (DOCS / "snapshots.md").read_text(encoding="utf-8")
ERRORS = (DOCS / "errors.md").read_text(encoding="utf-8")
#: Nothing in these is made from the code; a test of its own holds each to it.
WITHOUT_TABLES = tuple(
    DOCS / name
    for name in (
        "architecture.md",
        "bill.md",
        "figures.md",
        "judgement.md",
        "measuring.md",
        "people.md",
        "runbook.md",
        "slack.md",
    )
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_table_is_as_make_docs_writes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert written(text, DOCUMENTS[path]) == text, "Run make docs."


@pytest.mark.parametrize("path", ENUMS, ids=lambda path: path.name)
def test_the_options_in_the_schemas_are_as_make_docs_writes_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert with_enums(text, ENUMS[path]) == text, "Run make docs."


def test_every_enum_of_a_schema_that_names_an_option_is_written_by_make_docs() -> None:
    for path, enums in ENUMS.items():
        schema = json.loads(path.read_text(encoding="utf-8"))
        naming = {place for place, values in every_enum(schema) if BY_NAME.keys() & values}
        assert naming <= set(enums)


def every_enum(node: Any, place: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each enum below a node of a schema, with its place."""
    if isinstance(node, dict) and "enum" in node:
        yield place.strip("/"), set(node["enum"])
    if isinstance(node, dict):
        for key, value in node.items():
            yield from every_enum(value, f"{place}/{key}")


def read(text: str, folder: Path) -> RequestRules:
    file = folder / SETTINGS_FILE
    file.write_text(text, encoding="utf-8")
    return load_rules(file, action_facts())


def test_the_shown_rules_can_be_read_and_say_what_is_said_of_them(tmp_path: Path) -> None:
    smallest, larger, broken = (read(text, tmp_path) for text in blocks(SNAPSHOTS, "toml"))
    assert [rule.name for rule in smallest.rules] == ["everything"]
    assert {rule.name: rule.approvals for rule in larger.rules}["production data"] == 2
    assert larger.teams[0].a_month == 500
    assert broken.break_glass is not None
    assert broken.break_glass.escalate_to == "C0SECURITY"


def test_the_settings_of_the_demo_are_those_of_the_played_slack() -> None:
    rules = load_rules(SETTINGS_OF_THE_DEMO, action_facts())
    assert {rule.channel for rule in rules.rules} == {"C01OPS"}
    assert {rule.approvals for rule in rules.rules} == {1, 2}


def test_every_answer_of_the_rules_is_told() -> None:
    for reason in RulingReason:
        assert f"| {reason} |" in ERRORS


def test_every_code_that_azure_may_answer_with_is_told() -> None:
    for code in REFUSALS:
        assert f"| `{code}` |" in ERRORS


def test_every_state_is_told_with_what_may_follow_it() -> None:
    for state in State:
        [row] = re.findall(rf"^\| \*\*{state}\*\* \| .* \| (.*) \|$", SNAPSHOTS, re.MULTILINE)
        told = set() if row == "the end" else set(row.split(", "))
        assert told == {str(after) for after in MOVES[state]}


def test_every_error_is_told_by_an_example_or_by_its_own_sentences() -> None:
    """Also one that is added tomorrow: its class is known as soon as its command is loaded."""
    for _, entry in every_command(COMMANDS):
        entry.load()
    told = {type(error) for error in EXAMPLES} | set(IN_OTHER_TABLES)
    assert {each.__name__ for each in descendants(VmbackupError) - told} == set()


def descendants(kind: type[VmbackupError]) -> set[type[VmbackupError]]:
    """The errors under a class that this program defines; the tests define some, too."""
    below = {each for each in kind.__subclasses__() if not each.__module__.startswith("tests")}
    return below.union(*(descendants(each) for each in below))


def test_sentences_are_read_from_the_code_with_a_place_for_what_is_filled_in() -> None:
    plans = sentences("PlanRefused")
    assert "Say why: whoever approves it reads the reason." in plans
    assert "There is no “…” of that request. There is …." in plans
    assert all(f"| {said} |" in ERRORS for said in plans)


def test_every_shown_command_is_one_that_can_be_read() -> None:
    known = {entry.name: entry for entry in COMMANDS}
    lines = (line for block in blocks(SNAPSHOTS, "sh") for line in block.splitlines())
    shown = [line.partition(" > ")[0].split() for line in lines]
    ours = [words[1:] for words in shown if words[0] == "vmbackup"]
    assert {words[0] for words in ours} == {"audit", "bot", "roles"}
    for name, *rest in ours:
        command = known[name].load()
        context = command.make_context(name, list(rest), resilient_parsing=False)
        assert context.command is command


def test_the_repository_has_no_other_document_in_docs() -> None:
    assert set(DOCS.glob("*.md")) == {*DOCUMENTS, *WITHOUT_TABLES}
