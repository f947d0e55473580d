"""Every link in every Markdown file leads to a file and a heading that are there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.docs.tables import ROOT
from tests.repository.markdown_files import Link, anchors, links


def documents() -> list[Path]:
    """Every Markdown file of the repository, one that is not committed yet included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


DOCUMENTS = documents()


def broken(path: Path) -> list[str]:
    """The links of a document that lead nowhere."""
    return [f"{link.path.name}#{link.anchor}" for link in links(path) if not leads(link)]


def leads(link: Link) -> bool:
    if not link.path.exists():
        return False
    if not link.anchor:
        return True
    is_document = link.path.suffix == ".md"
    return is_document and link.anchor in anchors(link.path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(path: Path) -> None:
    assert broken(path) == []


def test_no_link_leads_out_of_the_repository() -> None:
    outside = [
        f"{path.name}: {link.path}"
        for path in DOCUMENTS
        for link in links(path)
        if not link.path.is_relative_to(ROOT.resolve())
    ]
    assert outside == []


def test_the_documents_that_people_look_for_are_among_them() -> None:
    names = {str(path.relative_to(ROOT)) for path in DOCUMENTS}
    assert names >= {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/snapshots.md"}
    assert list(links(ROOT / "README.md"))


def test_a_broken_link_is_found_wherever_it_stands(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text(
        "# One\n\n[gone](b.md) ![gone](c.png) [no heading](#two) [fine](#one) [fine](a.md#one)\n"
        "[afar](https://example.com/d.md) `[code](e.md)` <img src='f.png'>\n\n"
        "[ref]: g.md\n\n```\n[fenced](h.md)\n# Two\n```\n",
        encoding="utf-8",
    )
    assert broken(document) == ["b.md#", "c.png#", "a.md#two", "g.md#", "f.png#"]


def test_a_heading_is_addressed_as_github_addresses_it() -> None:
    text = "# How to `make` a [link](x.md)!\n## Twice\n## Twice\n### Who may what, and why\n"
    wanted = {"how-to-make-a-link", "twice", "twice-1", "who-may-what-and-why"}
    assert anchors(text) == wanted
