"""CONTRIBUTING's way to add an action, followed word by word in a copy of the product."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.repository.how_to import HowTo, ProductCopy

HOW_TO = HowTo("How to add an action")
NAME = "hold"
MEMBERS, FOLDER = "bot/requests/action.py", f"bot/actions/{NAME}"
#: What a file of before said, where it opened as much as it could.
WRITTEN_BEFORE = """
[requests.ask]
everybody = true
[[requests.rules]]
name = "everything"
channel = "C01OPS"
approver_users = ["U02GRACE", "U03LINUS"]
without_approval = { cost_below = 1000, keep_at_most = "30d" }
"""
#: What the rules of a settings file say of the action, as JSON.
RULED = """
import json, sys
from pathlib import Path
from bot.composition.actions import action_facts
from bot.requests.action import Action
from bot.requests.approval.choose_rule import choose_rule, needs_approval, no_rule
from bot.requests.approval.rules_file import load_rules
from bot.requests.approval.who_may import may_ask
from tests.requests.rule_samples import ADA, GROUPS, plan

action = Action(sys.argv[1])
rules, of = load_rules(Path(sys.argv[2]), action_facts()), plan(action=action)
rule = choose_rule(of, rules)
asked = may_ask(ADA, rules.facts[action].privilege, rules, GROUPS)
said = {"may_ask": asked.allowed, "why": asked.sentence}
if rule is None:
    said |= {"rule": None, "why_no_rule": no_rule(of, rules).sentence}
else:
    said |= {"rule": rule.name, "approvals": rule.approvals, "asks": needs_approval(rule, of)}
print(json.dumps(said))
"""
#: Runs each text of a list as a module, and prints the error that it ends with.
BROKEN = """
import json, sys
for text in json.loads(sys.argv[1]):
    try:
        exec(compile(text, "row", "exec"), {"__name__": "row"})
    except TypeError as error:
        print(error)
    else:
        print("nothing is missing")
"""
TYPED = f"""
import sys
from bot.actions.{NAME}.wish import typed
wish = typed(sys.argv[1:])
print(wish.action, wish.of_request, wish.reason)
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> ProductCopy:
    copy = ProductCopy(
        tmp_path_factory.mktemp("product"),
        "tests/actions/test_actions_table.py",
        "tests/requests",
        "tests/strategies.py",
    )
    copy.follow(HOW_TO)
    copy.make_docs()
    return copy


def test_a_new_action_is_one_folder_and_one_member(product: ProductCopy) -> None:
    assert {Path(name).parent for name in product.new_files()} == {Path(FOLDER)}
    assert product.changed_files() == {MEMBERS, "docs/errors.md"}
    [member] = product.changed_lines(MEMBERS)
    assert member.startswith(f'+    {NAME.upper()} = "{NAME}"')


def test_make_docs_writes_the_refusals_of_a_new_action(product: ProductCopy) -> None:
    assert product.changed_lines("docs/errors.md") == [
        "+| It is kept for as long as that already. |",
        "+| The plan does not say until when it is held. |",
    ]


def test_a_new_action_passes_the_tests_of_the_table_and_of_the_rules(product: ProductCopy) -> None:
    """Its plan, its card in every state, its steps, its verbs and their permissions are built."""
    passed = product.tested(
        "tests/actions/test_actions_table.py", "tests/requests/test_rules_of_actions.py"
    )
    its_own = [line for line in passed.splitlines() if re.search(rf"[\[-]{NAME}\] PASSED", line)]
    for about in ("plan_of_a_row", "card_of_a_row", "result_says", "steps_of_a_row", "every_verb"):
        assert any(about in line for line in its_own), about
    assert "test_every_later_action_is_opened_by_its_name_and_by_a_list_of_its_own" in passed


def test_a_new_action_is_opened_by_nothing_that_was_written_before(product: ProductCopy) -> None:
    said = ruled(product, WRITTEN_BEFORE)
    assert (said["rule"], said["may_ask"]) == (None, False)
    assert f"[requests.may.{NAME}]" in said["why"]
    assert NAME in said["why_no_rule"]


def test_a_new_action_is_opened_by_the_settings_that_are_shown(product: ProductCopy) -> None:
    [shown] = HOW_TO.blocks("toml")
    said = ruled(product, WRITTEN_BEFORE + shown)
    assert (said["rule"], said["may_ask"]) == ("holds", True)


def test_a_new_action_has_the_floor_of_its_facts_whatever_a_rule_says(product: ProductCopy) -> None:
    [shown] = HOW_TO.blocks("toml")
    free = 'without_approval = { cost_below = 1000, keep_at_most = "30d" }\n'
    said = ruled(product, WRITTEN_BEFORE + shown + free)
    assert (said["approvals"], said["asks"]) == (2, True)


def ruled(product: ProductCopy, settings: str) -> dict[str, Any]:
    path = product.folder / "vmbackup.toml"
    path.write_text(settings, encoding="utf-8")
    said: dict[str, Any] = json.loads(product.said(RULED, NAME, str(path)))
    return said


@pytest.mark.parametrize("part", ["facts", "words", "row"])
def test_a_new_action_that_leaves_an_attribute_out_is_refused_by_its_name(
    product: ProductCopy, part: str
) -> None:
    without = dict(without_each(product.text(f"{FOLDER}/{part}.py")))
    assert len(without) >= 3
    errors = product.said(BROKEN, json.dumps(list(without.values()))).splitlines()
    assert [re.findall(r"argument: '(\w+)'$", error) for error in errors] == [[x] for x in without]


def without_each(text: str) -> Iterator[tuple[str, str]]:
    """Each attribute of the row, or of its part, with the module that leaves it out."""
    [made] = [node for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    for left_out in range(len(made.value.keywords)):
        module = ast.parse(text)
        [made] = [node for node in module.body if isinstance(node, ast.Assign)]
        attribute = made.value.keywords.pop(left_out)
        yield attribute.arg, ast.unparse(module)


def test_a_new_action_reads_what_people_type(product: ProductCopy) -> None:
    said = product.said(TYPED, "r-0123456789ab", "for", "the", "audit")
    assert said == f"{NAME} r-0123456789ab for the audit\n"


def test_a_new_action_passes_ruff_and_the_layers(product: ProductCopy) -> None:
    product.check_quickly(FOLDER, MEMBERS)


def test_a_new_action_passes_mypy(product: ProductCopy) -> None:
    product.check("mypy", "--follow-imports=silent", FOLDER, MEMBERS)
