"""The architecture, the decisions and SECURITY.md are true: the places they name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.tables import DOCS, ROOT

ARCHITECTURE = DOCS / "architecture.md"
DECISIONS = DOCS / "decisions"
INDEX = DECISIONS / "README.md"
PARTS = ("Context", "Choice", "Consequence")
_PATH = re.compile(r"\b(?:advisor|bot|deploy|docs|requirements|tests)/[\w./<>-]*")


def decisions() -> list[Path]:
    """The decisions, in the order of their numbers."""
    return sorted(path for path in DECISIONS.glob("*.md") if path != INDEX)


NAMING_PLACES = (ARCHITECTURE, ROOT / "SECURITY.md", *decisions())


def named(text: str) -> set[str]:
    """The paths that a text names; a word in angle brackets stands for any folder."""
    return {found.rstrip(".") for found in _PATH.findall(text)}


def missing(text: str, root: Path) -> list[str]:
    """Those of the named paths that are not there."""
    patterns = {path: re.sub(r"<\w+>", "[!_]*", path) for path in named(text)}
    return sorted(path for path, pattern in patterns.items() if not any(root.glob(pattern)))


@pytest.mark.parametrize("path", NAMING_PLACES, ids=lambda path: path.name)
def test_every_place_that_is_named_is_there(path: Path) -> None:
    assert missing(path.read_text(encoding="utf-8"), ROOT) == []


def test_the_architecture_names_the_places_of_both_packages() -> None:
    places = named(ARCHITECTURE.read_text(encoding="utf-8"))
    assert places >= {"advisor/recommend/", "bot/workflow/", "bot/azure/", "deploy/local/"}
    assert len(places) > 50


def test_a_place_that_is_not_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "bot" / "actions" / "snapshot").mkdir(parents=True)
    (tmp_path / "bot" / "cli.py").touch()
    text = "`bot/actions/<action>/`, bot/actions/; bot/<word>/steps.py, bot/gone.py. `bot/cli.py/`"
    assert missing(text, tmp_path) == ["bot/<word>/steps.py", "bot/cli.py/", "bot/gone.py"]


def test_every_word_of_the_glossary_is_explained_once() -> None:
    glossary = ARCHITECTURE.read_text(encoding="utf-8").partition("## Glossary")[2]
    words = re.findall(r"^\| ([a-zA-Z][^|]+?) \| [^|]+ \|$", glossary, re.MULTILINE)[1:]
    assert len(words) >= 30
    assert sorted(set(words)) == sorted(words)


def test_the_numbers_of_the_decisions_have_no_gap() -> None:
    numbers = [int(path.name[:4]) for path in decisions()]
    assert numbers
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_index_names_every_decision_by_its_title() -> None:
    row = re.compile(r"^\| (\d{4}) \| \[([^\]]+)\]\(([^)]+)\) \|$", re.MULTILINE)
    listed = row.findall(INDEX.read_text(encoding="utf-8"))
    wanted = []
    for path in decisions():
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        number, _, sentence = title.partition(". ")
        wanted.append((number.zfill(4), sentence, path.name))
    assert listed == wanted


@pytest.mark.parametrize("path", decisions(), ids=lambda path: path.name)
def test_every_decision_has_its_context_choice_and_consequence(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(headings) == PARTS
