"""Messages say a time and an amount of money in one way each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "bot" / "messages"
MOMENTS, MONEY = "bot/requests/moments.py", "bot/messages/money_words.py"
#: Where a time is a key, a tag, a month of the budget or a column of the terminal.
NO_SENTENCES = {
    "bot/requests/tags.py",
    "bot/requests/approval/budget.py",
    "bot/workflow/card_facts.py",
    "bot/audit_cli.py",
}
_TIME = re.compile(r"\{[^{}]*:(%(?!Y%m%d)[A-Za-z])|strftime\(")
#: What writes an amount; other modules of messages get it from `money_words`.
_MONEY_WORDS = {"money", "amount", "span", "amount_range"}


def sources(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_a_time_is_put_into_a_sentence_by_one_function() -> None:
    wrong = [
        f"{name}: {found[0]}"
        for name, text in sources(ROOT / "bot")
        if name != MOMENTS and name not in NO_SENTENCES and "/migrations/" not in name
        for found in _TIME.finditer(text)
    ]
    assert wrong == []


def test_an_amount_of_money_is_written_by_one_module() -> None:
    wrong = [
        f"{name}: {alias.name}"
        for name, text in sources(MESSAGES)
        if name != MONEY
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.module == "advisor.words"
        for alias in node.names
        if alias.name in _MONEY_WORDS
    ]
    assert wrong == []


def test_the_first_test_finds_what_it_looks_for() -> None:
    assert _TIME.search('f"until {at:%Y-%m-%d} UTC"')
    assert _TIME.search('at.strftime("%H:%M")')
    assert not _TIME.search('f"expires-{at:%Y%m%d%H%M%S}"')
    assert not _TIME.search('_log.info("Listening on port %d.", port)')
