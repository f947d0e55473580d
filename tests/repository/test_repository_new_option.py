"""CONTRIBUTING's way to add an option, followed word by word in a copy of the product."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.repository.how_to import ROOT, HowTo, ProductCopy

TABLE = "advisor/options/__init__.py"
FOLDER = "advisor/options/vaultless_points"
SCHEMAS = {f"advisor/present/schema/{name}.schema.json" for name in ("advice", "estimate")}
SAMPLE = "deploy/local/sample-inventory.json"
NAME, TITLE = "vaultless-points", "Vault-less restore points"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> ProductCopy:
    copy = ProductCopy(tmp_path_factory.mktemp("product"), "tests/options", "tests/strategies.py")
    copy.follow(HowTo("How to add an option"))
    copy.make_docs()
    return copy


def test_a_new_option_is_one_folder_and_its_row(product: ProductCopy) -> None:
    assert {Path(name).parent for name in product.new_files()} == {Path(FOLDER)}
    assert {name for name in product.changed_files() if name.endswith(".py")} == {TABLE}
    assert product.changed_lines(TABLE) == [
        "+from advisor.options.vaultless_points.option import VAULTLESS_POINTS",
        "+    VAULTLESS_POINTS,",
    ]


def test_make_docs_writes_a_new_option_into_the_documents_and_schemas(product: ProductCopy) -> None:
    written = {name for name in product.changed_files() if not name.endswith(".py")}
    written.discard("docs/judgement.md")  # where the new option is the better one
    assert written == {"docs/commands.md"} | SCHEMAS
    assert NAME in " ".join(product.changed_lines("docs/commands.md"))


def test_a_new_option_has_its_column_in_an_advice(product: ProductCopy) -> None:
    shown = product.vmbackup("advise", "web-01", "--inventory", SAMPLE, "--details")
    assert re.search(r"Set up as.*Keeps", shown, re.DOTALL)
    assert set(TITLE.split()) <= set(re.findall(r"[\w-]+", shown.partition("Set up as")[0]))
    assert f"{TITLE} " in shown.partition("Why")[2]


def test_a_new_option_is_in_the_json_that_the_schema_describes(product: ProductCopy) -> None:
    written = json.loads(product.vmbackup("advise", "web-01", "--inventory", SAMPLE, "--json"))
    Draft202012Validator(schema(product.folder, "advice")).validate(written)
    assert NAME in {each["option"] for each in written["assessments"]}
    assert not Draft202012Validator(schema(ROOT, "advice")).is_valid(written)


def schema(folder: Path, name: str) -> dict[str, object]:
    text = (folder / f"advisor/present/schema/{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, object] = json.loads(text)
    return loaded


def test_a_new_option_is_in_the_help_of_estimate_and_is_estimated(product: ProductCopy) -> None:
    shown = " ".join(product.vmbackup("estimate", "--help").split())
    assert f"snapshots or {NAME}." in shown
    assert f"[azure-backup, snapshots, {NAME}] Points kept" in shown
    words: Sequence[str] = ("--region", "westeurope", "--disk", "Premium_LRS:128:40")
    estimated = product.vmbackup("estimate", NAME, *words, "--keep", "daily=9", "--json")
    written = json.loads(estimated)
    Draft202012Validator(schema(product.folder, "estimate")).validate(written)
    assert written["configuration"] == {"keep": "daily=9"}
    assert written["monthly"]["likely"] is not None


def test_a_new_option_passes_ruff_and_the_layers(product: ProductCopy) -> None:
    product.check_quickly("advisor/options")


def test_a_new_option_passes_the_tests_of_the_table(product: ProductCopy) -> None:
    assert NAME in product.tested("tests/options/test_options_table.py")
