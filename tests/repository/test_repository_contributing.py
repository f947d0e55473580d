"""CONTRIBUTING is true: the files, the names and the chores that it tells of are there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.repository.test_repository_architecture import missing

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TOLD = set(re.findall(r"`([^`\s]+)`", TEXT))


def test_every_file_told_of_is_there() -> None:
    files = {name for name in TOLD if "/" in name and "..." not in name}
    assert len(files) > 10
    assert missing(" ".join(files), ROOT) == []


def test_every_name_told_of_is_in_the_code() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("advisor", "bot", "deploy")
        for path in (ROOT / folder).rglob("*.py")
    )
    names = {name.split("(")[0] for name in TOLD if re.fullmatch(r"[A-Za-z_]{4,}(\(.*\))?", name)}
    assert names >= {"OPTIONS", "COMMANDS", "TABLE", "WANTED", "no_disk"}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", code)) == []


def test_every_chore_told_of_is_in_the_makefile() -> None:
    chores = set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b", TEXT))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert chores >= {"setup", "test", "test-quick", "check", "bench", "golden", "docs"}
    assert {
        chore for chore in chores if not re.search(rf"^{chore}:", makefile, re.MULTILINE)
    } == set()
