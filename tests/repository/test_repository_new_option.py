"""CONTRIBUTING's way to add an option, followed word by word in a copy of the product."""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
COPIED = ("advisor", "bot", "deploy", "tests/docs", "tests/options", "pyproject.toml")
TABLE = "advisor/options/__init__.py"
FOLDER = "advisor/options/vaultless_points"
SCHEMAS = {f"advisor/present/schema/{name}.schema.json" for name in ("advice", "estimate")}
SAMPLE = "deploy/local/sample-inventory.json"
NAME, TITLE = "vaultless-points", "Vault-less restore points"


def how_to() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [section] = re.findall(r"^## How to add an option\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    return str(section)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", how_to(), re.MULTILINE | re.DOTALL)


def files() -> Iterator[tuple[str, str]]:
    """Each file that is shown whole, by the path in its first line."""
    for block in blocks("python"):
        first, _, text = block.partition("\n")
        yield first.removeprefix("# "), text


def changed(text: str, difference: str) -> str:
    """A text with the lines of a difference added, in the one place where the others stand."""
    lines = difference.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines)
    assert text.count(before) == 1, before
    return text.replace(before, after)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product to which the option was added as CONTRIBUTING says."""
    copy = tmp_path_factory.mktemp("product")
    for name in COPIED:
        copied = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        copied(ROOT / name, copy / name)
    shutil.copy(ROOT / "tests" / "strategies.py", copy / "tests" / "strategies.py")
    (copy / FOLDER).mkdir()
    (copy / FOLDER / "__init__.py").touch()
    for path, text in files():
        (copy / path).write_text(text, encoding="utf-8")
    table = (copy / TABLE).read_text(encoding="utf-8")
    for difference in blocks("diff"):
        table = changed(table, difference)
    (copy / TABLE).write_text(table, encoding="utf-8")
    ran(copy, "tests.docs.schemas")
    return copy


def ran(product: Path, module: str, *words: str) -> str:
    """What a module of the copy prints."""
    done = subprocess.run(
        [sys.executable, "-B", "-m", module, *words],
        cwd=product,
        env={**os.environ, "PYTHONPATH": str(product), "COLUMNS": "140", "HOME": str(product)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def vmbackup(product: Path, *words: str) -> str:
    return ran(product, "bot.cli", *words)


def test_a_new_option_is_one_folder_and_its_row(product: Path) -> None:
    here = {str(path.relative_to(product)) for path in sources(product)}
    there = {name for name in here if (ROOT / name).exists()}
    differing = {n for n in there if not filecmp.cmp(ROOT / n, product / n, shallow=False)}
    assert {name for name in here - there if not name.startswith(FOLDER)} == set()
    assert differing == {TABLE} | SCHEMAS
    ours = (ROOT / TABLE).read_text(encoding="utf-8").splitlines()
    theirs = (product / TABLE).read_text(encoding="utf-8").splitlines()
    assert [line.split()[-1].strip(",") for line in theirs if line not in ours] == [
        "VAULTLESS_POINTS",
        "VAULTLESS_POINTS",
    ]


def sources(product: Path) -> Iterator[Path]:
    for folder in ("advisor", "bot", "deploy"):
        every = (product / folder).rglob("*")
        yield from (each for each in every if each.is_file() and each.suffix != ".pyc")


def test_a_new_option_has_its_column_in_an_advice(product: Path) -> None:
    shown = vmbackup(product, "advise", "web-01", "--inventory", SAMPLE)
    assert re.search(r"Set up as.*Keeps", shown, re.DOTALL)
    assert set(TITLE.split()) <= set(re.findall(r"[\w-]+", shown.partition("Set up as")[0]))
    assert f"{TITLE} " in shown.partition("Why")[2]


def test_a_new_option_is_in_the_json_that_the_schema_describes(product: Path) -> None:
    written = json.loads(vmbackup(product, "advise", "web-01", "--inventory", SAMPLE, "--json"))
    Draft202012Validator(schema(product, "advice")).validate(written)
    assert NAME in {each["option"] for each in written["assessments"]}
    assert not Draft202012Validator(schema(ROOT, "advice")).is_valid(written)


def schema(product: Path, name: str) -> dict[str, object]:
    text = (product / f"advisor/present/schema/{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, object] = json.loads(text)
    return loaded


def test_a_new_option_is_in_the_help_of_estimate_and_is_estimated(product: Path) -> None:
    shown = " ".join(vmbackup(product, "estimate", "--help").split())
    assert f"snapshots or {NAME}." in shown
    assert f"[azure-backup, snapshots, {NAME}] Points kept" in shown
    words: Sequence[str] = ("--region", "westeurope", "--disk", "Premium_LRS:128:40")
    estimated = vmbackup(product, "estimate", NAME, *words, "--keep", "daily=9", "--json")
    written = json.loads(estimated)
    Draft202012Validator(schema(product, "estimate")).validate(written)
    assert written["configuration"] == {"keep": "daily=9"}
    assert written["monthly"]["likely"] is not None


@pytest.mark.parametrize(
    "words",
    [
        ("ruff", "check", "--no-cache", "advisor/options"),
        ("ruff", "format", "--no-cache", "--check", "advisor/options"),
        ("lint-imports", "--no-cache"),
    ],
    ids=["ruff", "format", "layers"],
)
def test_a_new_option_passes_the_quick_checks(product: Path, words: Sequence[str]) -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name(words[0]), *words[1:]],
        cwd=product,
        env={**os.environ, "PYTHONPATH": str(product)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_new_option_passes_the_tests_of_the_table(product: Path) -> None:
    table = "tests/options/test_options_table.py"
    assert NAME in ran(product, "pytest", "-vv", "-p", "no:cacheprovider", table)
