"""The README is short: a picture of the sample, the way to the rest. Its commands run elsewhere."""

from __future__ import annotations

import re

from tests.docs.picture import COMMAND
from tests.docs.tables import DOCS, ROOT
from tests.repository.markdown_files import links

README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
MOST_LINES = 150


def test_the_readme_can_be_read_at_one_sitting() -> None:
    assert len(TEXT.splitlines()) <= MOST_LINES


def test_the_readme_leads_to_the_other_documents() -> None:
    led = {link.path for link in links(README)}
    named = ("commands.md", "slack.md", "settings.md", "snapshots.md", "architecture.md")
    assert led >= {DOCS.resolve() / name for name in named}
    assert led >= {ROOT.resolve() / "CONTRIBUTING.md", ROOT.resolve() / "SECURITY.md"}


def test_the_picture_is_of_the_sample_and_loads_nothing_from_elsewhere() -> None:
    image = (DOCS / "advice.svg").read_text(encoding="utf-8")
    assert COMMAND[1] in image
    assert not re.search(r"url\(\s*[\"']?https?:|href=|@import|<script", image)
