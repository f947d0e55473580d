"""VMs with the right decision beside each, made by others: read where they lie beside the project.

Each folder holds what `az` or Resource Graph gave; the table of its README says what is right.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from advisor.advising import advise_known
from advisor.asked import AdviceAsked
from advisor.cli.parameters import advise_options, asked_from
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import NamedText
from advisor.model import Advice, Decision
from advisor.needs import Tiers
from tests.strategies import book

HERE = Path(__file__).parents[2]
FOLDER = next(
    (each / "shared/situations" for each in (HERE.parent, HERE.parents[1])
     if (each / "shared/situations/README.md").exists()),
    HERE.parent / "shared/situations",
)  # fmt: skip
TAKEN = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)
ROW = re.compile(r"^\| (?P<name>\d\d-[\w-]+) \| `(?P<arguments>[^`]+)` \|(?P<rest>.*)\|$")


class Situation(NamedTuple):
    """One row of the table."""

    name: str
    arguments: str
    action: frozenset[str]
    options: frozenset[str]
    meets: str
    gaps: frozenset[str]


def situations() -> Iterator[Situation]:
    table = FOLDER / "README.md"
    if not table.exists():
        return
    for line in table.read_text("utf-8").splitlines():
        row = ROW.match(line)
        if row:
            action, options, meets, gaps, *_ = (cell.strip() for cell in row["rest"].split(" | "))
            yield Situation(
                row["name"],
                row["arguments"],
                frozenset(action.split(" and ")),
                listed(options),
                meets,
                listed(gaps),
            )


def listed(cell: str) -> frozenset[str]:
    return frozenset() if cell == "-" else frozenset(cell.split(", "))


@click.command()
@advise_options
def asked(**flags: Any) -> AdviceAsked:
    return asked_from(flags)


def advised(each: Situation) -> Advice:
    arguments = asked.main(shlex.split(each.arguments), standalone_mode=False)
    files = [
        NamedText(path.name, path.read_text("utf-8")) for path in (FOLDER / each.name).iterdir()
    ]
    found = parse_exports(files, TAKEN).find(arguments.vm)
    return advise_known(found, arguments, Tiers(), book(), TAKEN)


def told(decision: Decision) -> tuple[frozenset[str], frozenset[str], str, frozenset[str]]:
    plan = decision.plan
    return (
        frozenset(course.value for course in decision.courses),
        frozenset(plan.options if plan else ()),
        decision.meets.value,
        frozenset(gap.disk for gap in decision.gaps),
    )


def rows() -> Iterator[Any]:
    for each in situations():
        yield pytest.param(each, id=each.name)


@pytest.mark.skipif(not FOLDER.exists(), reason=f"there are no situations at {FOLDER}")
@pytest.mark.parametrize("each", tuple(rows()))
def test_the_decision_is_the_one_that_is_right(each: Situation) -> None:
    decision = advised(each).decision
    action, options, meets, gaps = told(decision)
    assert (action, options, gaps) == (each.action, each.options, each.gaps), decision.sentence
    assert each.meets in ("any", meets), decision.sentence
