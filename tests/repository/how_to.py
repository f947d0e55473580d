"""A how-to of CONTRIBUTING, followed word by word in a copy of the product."""

from __future__ import annotations

import difflib
import filecmp
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What the programs of the product and `make docs` read.
PRODUCT = ("advisor", "bot", "deploy", "docs", "pyproject.toml", "tests/docs")
_IGNORED = shutil.ignore_patterns("*.svg", "*.png")  # what was compiled is copied: it saves time
Placed = tuple[str, str]
"""A path, and the text of a block that says it in its first line."""


class HowTo:
    """The section of CONTRIBUTING with this title."""

    def __init__(self, title: str) -> None:
        text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        section = re.compile(rf"^## {re.escape(title)}\n(.*?)^## ", re.MULTILINE | re.DOTALL)
        [found] = section.findall(text)
        self._text = str(found)

    def blocks(self, language: str) -> list[str]:
        """What is shown in this language, in order."""
        block = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
        return block.findall(self._text)

    def files(self) -> list[Placed]:
        """The files that are shown whole."""
        return [_placed(block) for block in self.blocks("python")]

    def differences(self) -> list[Placed]:
        """The lines that are added to files, each with the lines around it."""
        return [_placed(block) for block in self.blocks("diff")]


def _placed(block: str) -> Placed:
    first, _, text = block.partition("\n")
    return first.removeprefix("# "), text


class ProductCopy:
    """A copy of the product in an empty folder; `more` are tests that run in it."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        self._copied = (*PRODUCT, *more)
        for name in self._copied:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=_IGNORED)
            else:
                shutil.copy(ROOT / name, folder / name)

    # --- following ---------------------------------------------------------------------------

    def follow(self, how_to: HowTo) -> None:
        """Write its files and lines; a new folder is given an empty `__init__.py`."""
        for path, text in how_to.files():
            package = (self.folder / path).parent
            if not package.exists():
                package.mkdir()
                (package / "__init__.py").touch()
            (self.folder / path).write_text(text, encoding="utf-8")
        for path, difference in how_to.differences():
            before = self.text(path)
            (self.folder / path).write_text(_with(before, difference), encoding="utf-8")

    def make_docs(self) -> None:
        """What `make docs` writes, but for the picture."""
        self.ran("tests.docs.texts")

    # --- what came of it ---------------------------------------------------------------------

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def new_files(self) -> set[str]:
        return {name for name in self._files() if not (ROOT / name).exists()}

    def changed_files(self) -> set[str]:
        return {
            name
            for name in self._files() - self.new_files()
            if not filecmp.cmp(ROOT / name, self.folder / name, shallow=False)
        }

    def changed_lines(self, name: str) -> list[str]:
        """What is different in a file: `+` and a line that was added, `-` and one that went."""
        ours = (ROOT / name).read_text(encoding="utf-8").splitlines()
        found = difflib.unified_diff(ours, self.text(name).splitlines(), n=0, lineterm="")
        return [line for line in list(found)[2:] if not line.startswith("@@")]

    def _files(self) -> set[str]:
        return {
            str(path.relative_to(self.folder))
            for name in self._copied
            for path in _files_under(self.folder / name)
        }

    # --- running -----------------------------------------------------------------------------

    def ran(self, module: str, *words: str) -> str:
        """What a module of the copy prints. Fails where it ends with an error."""
        return self._ran(sys.executable, "-m", module, *words)

    def vmbackup(self, *words: str) -> str:
        return self.ran("bot.cli", *words)

    def said(self, code: str, *words: str) -> str:
        """What a few lines print in the copy."""
        return self._ran(sys.executable, "-c", code, *words)

    def tested(self, *words: str) -> str:
        """The names of the tests that passed in the copy."""
        return self.ran("pytest", "-vv", "-p", "no:cacheprovider", *words)

    def check(self, program: str, *words: str) -> None:
        """Run a program of `make check`. Fails where it finds something."""
        self._ran(str(Path(sys.executable).with_name(program)), *words)

    def check_quickly(self, *places: str) -> None:
        """Ruff on these places, and the layers of all."""
        self.check("ruff", "check", "--no-cache", *places)
        self.check("ruff", "format", "--no-cache", "--check", *places)
        self.check("lint-imports", "--no-cache")

    def _ran(self, *command: str) -> str:
        own = {"PYTHONPATH": str(self.folder), "COLUMNS": "140", "HOME": str(self.folder)}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _files_under(place: Path) -> Iterator[Path]:
    every = place.rglob("*") if place.is_dir() else (place,)
    yield from (each for each in every if each.is_file() and each.suffix != ".pyc")


def _with(text: str, difference: str) -> str:
    """A text with the lines of a difference, in the one place where the others stand."""
    lines = difference.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines if not line.startswith("-"))
    assert text.count(before) == 1, before
    return text.replace(before, after)
