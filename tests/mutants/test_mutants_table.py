"""Every row of the table fits today's product, and names tests that there are."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache

import pytest

from tests.mutants.mutant import Mutant, NotOnce
from tests.mutants.product_copy import ROOT
from tests.mutants.table import MUTANTS, chosen

EVERY = chosen(())


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_a_mutant_is_one_edit_of_todays_product(mutant: Mutant) -> None:
    mutated = mutant.mutated(ROOT)
    compile(mutated, mutant.file, "exec")
    before = ast.parse((ROOT / mutant.file).read_text(encoding="utf-8"))
    assert ast.dump(ast.parse(mutated)) != ast.dump(before), "the edit changes nothing"


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_the_tests_of_a_mutant_exist(mutant: Mutant) -> None:
    assert mutant.tests
    for words in mutant.tests:
        path, _, name = words.partition("::")
        assert (ROOT / path).exists(), path
        assert not name or name in names_in(path), words


@cache
def names_in(path: str) -> frozenset[str]:
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    functions = (node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions)


def test_no_two_mutants_share_a_name_or_an_edit() -> None:
    names = Counter(mutant.name for mutant in EVERY)
    edits = Counter((mutant.file, mutant.old, mutant.new) for mutant in EVERY)
    assert [each for each, count in (names + edits).items() if count > 1] == []


def test_an_edit_whose_text_has_gone_is_refused_by_its_name() -> None:
    gone = Mutant(name="it is gone", file="bot/cli.py", old="no such text", new="", tests=("x",))
    with pytest.raises(NotOnce, match=r"it is gone.*stands 0 times in bot/cli\.py"):
        gone.mutated(ROOT)


def test_mutants_are_chosen_by_subject_and_by_words_of_their_name() -> None:
    assert chosen(["slack"]) == list(MUTANTS["slack"])
    assert [mutant.file for mutant in chosen(["SENT after the PUT"])] == [
        "bot/workflow/one_step.py"
    ]
    with pytest.raises(ValueError, match="No mutant is called “no such name”"):
        chosen(["no such name"])
