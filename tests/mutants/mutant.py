"""A mutant: one edit of the product that makes it dangerous, and the tests that ought to see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class NotOnce(Exception):
    """The old text of a row does not stand in its file exactly once: the product has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One row of the table. `name` is a clause that says what goes wrong.

    `tests` are words for pytest: files, folders, single tests (`file.py::test_...`). They are the
    quickest that ought to see it; `asks_chaos` lets `make chaos` look where none of them did.
    """

    name: str
    file: str  #: from the root of the repository
    old: str  #: stands in the file exactly once
    new: str
    tests: tuple[str, ...]
    asks_chaos: bool = False

    def mutated(self, root: Path) -> str:
        """The text of the file with the edit. Raises NotOnce."""
        text = (root / self.file).read_text(encoding="utf-8")
        if (found := text.count(self.old)) != 1:
            raise NotOnce(f"“{self.name}”: its old text stands {found} times in {self.file}.")
        return text.replace(self.old, self.new)
