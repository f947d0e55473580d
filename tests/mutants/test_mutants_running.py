"""A run tells found, survived, hung and broken apart, and asks the product itself first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.running import ProductFails, Tried, all_tests, run
from tests.mutants.trial import Verdict

PRODUCT = "LIMIT = 3\n\n\ndef is_over(count):\n    return count > LIMIT\n"
TESTS = """\
from limits import is_over


def test_one_more_is_over():
    assert is_over(4)


def test_the_limit_itself_is_not_over():
    assert not is_over(3)
"""
AT_THE_LIMIT = Mutant(
    name="the limit itself is over",
    file="limits.py",
    old="count > LIMIT",
    new="count >= LIMIT",
    tests=("test_limits.py",),
)
UNSEEN = replace(AT_THE_LIMIT, name="it is not seen", old="LIMIT = 3\n", new="LIMIT = 3.5\n")
HANGS = replace(
    AT_THE_LIMIT,
    name="it hangs",
    old="    return count",
    new="    while True: pass\n    return count",
)
NO_PYTHON = replace(AT_THE_LIMIT, name="it is no Python", old="def is_over", new="def def")


@pytest.fixture
def product(tmp_path: Path) -> Path:
    root = tmp_path / "product"
    root.mkdir()
    (root / "limits.py").write_text(PRODUCT)
    (root / "test_limits.py").write_text(TESTS)
    return root


async def ran(
    product: Path, *mutants: Mutant, minutes: float = 5.0, seconds: float = 60.0
) -> tuple[list[Tried], str]:
    """What came of these mutants, and what was told."""
    lines: list[str] = []
    results = await run(
        mutants, jobs=2, minutes=minutes, tell=lines.append, root=product, seconds=seconds
    )
    return results, "\n".join(lines)


async def test_a_mutant_is_found_by_the_test_that_fails_and_the_next_one_is_tried_without_it(
    product: Path,
) -> None:
    """One copy after the other holds one edit alone."""
    results, told = await ran(product, AT_THE_LIMIT, UNSEEN, AT_THE_LIMIT, UNSEEN)
    verdicts = [each.trial.verdict for each in results]
    assert verdicts == [Verdict.FOUND, Verdict.SURVIVED] * 2
    assert results[0].trial.by == "test_limits.py::test_the_limit_itself_is_not_over"
    assert "2 of 4 mutants are found (0 by chaos)" in told
    assert told.count("survived") == 4  # each where it is tried, and after the total
    assert (product / "limits.py").read_text() == PRODUCT


async def test_a_mutant_with_which_the_tests_do_not_end_is_found(product: Path) -> None:
    results, _ = await ran(product, HANGS, seconds=5.0)
    assert results[0].trial.verdict is Verdict.DID_NOT_END
    assert results[0].trial.verdict.is_found


@pytest.mark.parametrize(
    "wrong",
    [
        NO_PYTHON,
        replace(AT_THE_LIMIT, old="no such text"),
        replace(AT_THE_LIMIT, tests=("test_limits.py::test_of_nothing",)),
    ],
    ids=["no Python", "no such text", "no such test"],
)
async def test_a_wrong_row_counts_as_not_found(product: Path, wrong: Mutant) -> None:
    if wrong.tests == AT_THE_LIMIT.tests:
        results, _ = await ran(product, wrong)
        assert results[0].trial.verdict is Verdict.BROKEN
        assert not results[0].trial.verdict.is_found
    else:
        with pytest.raises(ProductFails, match="Without a mutant: broken"):
            await ran(product, wrong)


async def test_a_product_that_fails_its_tests_is_said_before_any_mutant(product: Path) -> None:
    (product / "limits.py").write_text(AT_THE_LIMIT.mutated(product))
    with pytest.raises(ProductFails, match=r"found test_limits\.py::test_the_limit_itself"):
        await ran(product, UNSEEN)


async def test_what_had_no_turn_in_its_time_is_not_found(product: Path) -> None:
    results, told = await ran(product, AT_THE_LIMIT, minutes=0.0)
    assert results[0].trial.verdict is Verdict.NOT_TRIED
    assert "0 of 1 mutants are found" in told


def test_a_file_that_is_asked_whole_is_not_asked_for_its_single_tests_as_well() -> None:
    rows = (AT_THE_LIMIT, replace(AT_THE_LIMIT, tests=("test_limits.py::test_a", "b.py::test_b")))
    assert all_tests(rows) == ["b.py::test_b", "test_limits.py"]
