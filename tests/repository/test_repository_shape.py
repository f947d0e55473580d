"""The repository keeps its own rules: sizes, docstrings, imports that do nothing, lock files."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
#: Where Python packages come from; a machine's own settings say it, the repository never does.
REGISTRY_HOSTS = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "jfrog" + r"\.io")))


def tracked() -> list[Path]:
    """Every file that the repository holds."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def sources(*folders: str) -> list[Path]:
    """Every Python file in these folders of the repository."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


EVERYWHERE = sources("advisor", "bot", "tests", "deploy")
PRODUCT = sources("advisor", "bot")


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in EVERYWHERE
    }
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}
    assert long == {}


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in EVERYWHERE
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_two_public_classes_share_a_name() -> None:
    """One word for one idea: who searches for a class finds one."""
    places: dict[str, list[str]] = {}
    for path in PRODUCT:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in EVERYWHERE
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_function_of_the_product_is_fully_annotated() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in PRODUCT
        for node in functions(path)
        if node.returns is None and not _says_why(path, node)
    ]
    assert bare == []


def _says_why(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return "type: ignore" in path.read_text(encoding="utf-8").splitlines()[node.lineno - 1]


_IMPORT_ALL = """
import importlib, sys, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
late = sorted(name for name in sys.modules
              if name.split(".")[0] in ("azure", "slack_bolt", "slack_sdk", "msal"))
print(threading.active_count(), late)
"""


def test_importing_everything_does_nothing_and_needs_no_environment(tmp_path: Path) -> None:
    """No output, no thread, no file, no SDK: those belong to the commands that need them."""
    ran = subprocess.run(
        [sys.executable, "-B", "-c", _IMPORT_ALL, *map(module_name, PRODUCT)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), **_what_windows_needs()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "1 []\n")
    assert list(tmp_path.iterdir()) == []


def _what_windows_needs() -> dict[str, str]:
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


_PINNED_WITH_HASHES = re.compile(
    r"^[\w.\[\],-]+==.*\\\n(?:    --hash=sha256:[0-9a-f]{64}.*\n?)+", re.MULTILINE
)


@pytest.mark.parametrize("name", ["run", "dev", "uv"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    packages = re.findall(
        r"^[\w.\[\],-]+==.*\\\n(?:    --hash=sha256:[0-9a-f]{64}.*\n?)+", text, re.M
    )
    pinned = re.findall(r"^[A-Za-z0-9._-]+.*==", text, re.M)
    assert packages
    assert len(packages) == len(pinned)
    assert "://" not in text
    assert not re.search(r"--(extra-)?index|--find-links|--trusted-host", text)


def test_no_file_names_a_package_registry() -> None:
    naming = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if REGISTRY_HOSTS.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert naming == []


def test_nothing_asks_whether_it_is_under_test() -> None:
    asking = [
        str(path.relative_to(ROOT))
        for path in PRODUCT
        if re.search(r"PYTEST|sys\.modules|unittest", path.read_text(encoding="utf-8"))
    ]
    assert asking == []


def test_no_test_patches_the_product() -> None:
    patch = re.compile(r"^\s*(from|import) unittest|" + "monkeypatch" + r"\.setattr", re.M)
    patching = [
        str(path.relative_to(ROOT))
        for path in sources("tests")
        if patch.search(path.read_text(encoding="utf-8"))
    ]
    assert patching == []


def test_every_chore_of_the_makefile_is_declared_and_explained() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert phony
    explained = set(re.findall(r"^([a-z-]+):.*##", text, re.M))
    assert explained == set(phony[1].split())
    assert explained >= {"setup", "demo", "test", "check", "bench", "golden"}


def test_what_runs_on_every_change_is_what_the_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert re.search(r"^make check$", script, re.M)
    assert re.search(r"^make test\b", script, re.M)
    assert re.search(r"^make test\b", readme, re.M)
    assert re.search(r"^make demo\b", readme, re.M)
