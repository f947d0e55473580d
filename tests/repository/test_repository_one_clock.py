"""All SQL of the product reads the time from one function; so do decisions made in Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "bot" / "migrations" / "versions"
#: The migration that made the function; those before it could not read it.
FIRST = "v0015"
#: Every other way in which PostgreSQL says what time it is (its documentation, 9.9.5).
OTHER_CLOCKS = re.compile(
    r"(?<![\w.])(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
THIS_MACHINE = re.compile(r"\b(datetime\.(now|utcnow)|date\.today|time\.time)\b")
EXEMPT: Mapping[str, str] = {
    "bot/jobs/enqueue.py": "procrastinate compares its own tables with its own now()",
    "bot/database/one_clock.py": "it knows the function by its text, and sets a clock by it",
    "bot/migrations/versions/v0015_one_clock.py": "it makes the function",
    "bot/composition/probes.py": "a figure of how old prices are decides nothing",
    "bot/database/figures.py": "how long procrastinate's jobs wait is told by its own clock",
    "bot/database/schema_state.py": "the doctor compares the server's clock with this machine's",
    "bot/doctor/azure_checks.py": "the doctor compares clocks",
    "bot/doctor/database_checks.py": "the doctor compares clocks",
    "bot/doctor/slack_checks.py": "the doctor compares clocks",
    "bot/doctor/surroundings_checks.py": "the doctor looks at a price book without a database",
    "bot/azure/refusals.py": "a wait between two dates of HTTP, where Azure left out the second",
    "bot/composition/slack_app.py": "Slack's signatures carry Slack's time",
}


def product() -> Iterator[Path]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if path.parent != VERSIONS or path.name >= FIRST:
            yield path


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts(path: Path) -> Iterator[str]:
    """Its texts, without those that document it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documented:
            yield node.value


def with_another_clock() -> set[str]:
    found = {named(path) for path in product() if any(map(OTHER_CLOCKS.search, texts(path)))}
    here = {named(path) for path in product() if THIS_MACHINE.search(path.read_text("utf-8"))}
    return found | here


def test_nothing_but_what_is_listed_reads_another_clock() -> None:
    assert with_another_clock() == set(EXEMPT)


@pytest.mark.parametrize(
    "text", ["x <= now()", "SELECT clock_timestamp ( )", "DEFAULT CURRENT_TIMESTAMP", "localtime"]
)
def test_another_clock_is_found_in_sql(text: str) -> None:
    assert OTHER_CLOCKS.search(text)


@pytest.mark.parametrize("text", ["x <= vmbackup_now()", "store.now()", "turn.not_now()"])
def test_the_one_clock_is_not_taken_for_another(text: str) -> None:
    assert OTHER_CLOCKS.search(text) is None
