"""Each figure of docs/figures.md stands with the command that makes it again, and its day."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.docs.tables import DOCS, ROOT

TEXT = (DOCS / "figures.md").read_text(encoding="utf-8")
MADE_BY = {
    "The fleet": "bench",
    "The soak": "soak",
    "Chaos": "chaos",
    "Mutants": "mutants",
    "Deciding twice": "test",
    "Advice on many VMs": "bench",
}
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_every_long_run_has_its_section() -> None:
    assert {*SECTIONS} == {*MADE_BY}


@pytest.mark.parametrize(("section", "target"), MADE_BY.items())
def test_a_section_says_how_its_figures_are_made_and_when_they_were(
    section: str, target: str
) -> None:
    text = SECTIONS[section]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"`[^`]*\bmake {target}\b", text)
    assert f"\n{target}: setup" in makefile
    days = re.findall(r"\b\d{4}-\d\d-\d\d\b", text)
    assert days
    assert all(date.fromisoformat(each) for each in days)
