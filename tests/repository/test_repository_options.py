"""An option stays in its folder: none imports another, and whoever reads the table names none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.options import BY_NAME

ROOT = Path(__file__).parents[2]
OPTIONS = ROOT / "advisor" / "options"
FOLDERS = sorted(path.parent for path in OPTIONS.glob("*/option.py"))
SHARED = sorted(path.stem for path in OPTIONS.glob("*.py"))
#: What reads the table; the inventory knows kinds of protection, which Azure names alike.
READERS = [
    *(ROOT / "advisor").glob("*.py"),
    *(
        path
        for folder in ("azure", "cli", "present", "prices", "recommend")
        for path in (ROOT / "advisor" / folder).rglob("*.py")
    ),
]


def imported(path: Path) -> Iterator[str]:
    """Every module or name that a file imports from a package of ours, with its dots."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def folders_imported(path: Path) -> set[str]:
    starts = {f"advisor.options.{folder.name}": folder.name for folder in FOLDERS}
    return {
        name
        for start, name in starts.items()
        for each in imported(path)
        if each == start or each.startswith(f"{start}.")
    }


def test_every_option_of_the_table_has_its_folder() -> None:
    assert [folder.name.replace("_", "-") for folder in FOLDERS] == sorted(BY_NAME)
    assert {folder for folder in OPTIONS.iterdir() if (folder / "__init__.py").exists()} == set(
        FOLDERS
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_option_imports_no_other_option(folder: Path) -> None:
    for path in folder.glob("*.py"):
        assert folders_imported(path) <= {folder.name}, path


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_option_has_the_files_in_which_the_others_are_looked_up(folder: Path) -> None:
    assert {"option.py", "rules.py", "bill.py", "words.py"} <= {
        path.name for path in folder.glob("*.py")
    }
    assert (folder / "__init__.py").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("name", [name for name in SHARED if name != "__init__"])
def test_what_the_options_share_imports_none_of_them(name: str) -> None:
    assert folders_imported(OPTIONS / f"{name}.py") == set()


def test_the_table_is_all_that_anybody_takes_from_it() -> None:
    """A row taken by its own name would be an option known by its name."""
    whole = {f"advisor.options.{name}" for name in ("OPTIONS", "BY_NAME", *SHARED)}
    for path in READERS:
        taken = {name for name in imported(path) if name.startswith("advisor.options.")}
        rows = {name for name in taken if name.count(".") == 2}
        assert rows <= whole, path


def test_whoever_reads_the_table_names_no_option() -> None:
    named = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in READERS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in BY_NAME
    ]
    assert named == []
