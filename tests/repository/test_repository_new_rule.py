"""CONTRIBUTING's way to add a rule, followed word by word in a copy of the product."""

from __future__ import annotations

import json

import pytest

from tests.repository.how_to import HowTo, ProductCopy

RULES, TESTS = "advisor/options/snapshots/rules.py", "tests/options/test_options_rules.py"
ALL_RULES = "tests/options/test_options_verdicts.py"
SAMPLE = "deploy/local/sample-inventory.json"
NAME = "performance-plus"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> ProductCopy:
    copy = ProductCopy(tmp_path_factory.mktemp("product"), "tests/options", "tests/strategies.py")
    copy.follow(HowTo("How to add a rule"))
    return copy


@pytest.fixture(scope="module")
def passed(product: ProductCopy) -> str:
    """The tests of the rule that passed."""
    return product.tested(TESTS, ALL_RULES, "-k", f"snapshot-{NAME} or every_rule")


def test_a_new_rule_is_one_row_and_those_of_its_tests(product: ProductCopy) -> None:
    assert product.new_files() == set()
    assert product.changed_files() == {RULES, TESTS}
    row = product.changed_lines(RULES)
    assert [row[0], row[1], row[-1]] == ["+    no_disk(", f'+        "{NAME}",', "+    ),"]
    assert all(line.startswith("+") for line in row + product.changed_lines(TESTS))


@pytest.mark.parametrize(
    "test",
    [
        "test_a_row_says_yes_and_its_article",
        "test_a_row_says_no_and_decides_the_option_unless_it_only_informs",
        "test_a_row_that_nobody_supplied_what_it_asks_is_unknown_and_does_not_block",
    ],
    ids=["yes", "no", "unknown"],
)
def test_a_new_rule_gives_each_answer(passed: str, test: str) -> None:
    assert f"{test}[snapshot-{NAME}] PASSED" in passed


@pytest.mark.parametrize(
    "test",
    [
        "test_a_disk_that_could_not_be_read_blocks_as_unknown_and_never_as_no",
        "test_what_is_absent_from_a_disk_that_was_read_has_arms_default",
        "test_a_disk_that_nobody_supplied_does_not_block",
    ],
    ids=["not read", "absent", "not supplied"],
)
def test_a_new_rule_tells_why_it_does_not_know(passed: str, test: str) -> None:
    assert f"{test}[snapshot-{NAME}-absent" in passed


def test_a_new_rule_is_not_forgotten_by_the_test_of_all_rules(passed: str) -> None:
    assert "test_every_rule_of_every_option_has_its_row_here PASSED" in passed


def test_a_new_rule_is_among_the_reasons_of_an_advice(product: ProductCopy) -> None:
    flags = ("--inventory", SAMPLE, "--json", "--details")
    said = json.loads(product.vmbackup("advise", "web-01", *flags))
    snapshots = [each for each in said["assessments"] if each["option"] == "snapshots"]
    reasons = [reason for each in snapshots for reason in each["reasons"] if reason["rule"] == NAME]
    assert len(reasons) == len(snapshots) > 0
    assert {(each["verdict"], each["text"]) for each in reasons} == {
        ("yes", "No disk has performance plus.")
    }


def test_a_new_rule_passes_ruff_and_the_layers(product: ProductCopy) -> None:
    product.check_quickly(RULES, TESTS)
