"""docs/settings.md has every environment variable that the product reads, and no other."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.docs.tables import ROOT, SETTINGS_DOCUMENT

PRODUCT = ("advisor", "bot", "deploy")
OURS = re.compile(r"\b_?(?:VMBACKUP|SLACK|AZURE)_[A-Z][A-Z0-9_]*\b")
ENVIRONMENT = re.compile(r"[A-Z_][A-Z0-9_]+")
#: Read by name and not for the table, each for a reason.
NOT_FOR_THE_TABLE = {
    "AZURE_CLIENT_CERTIFICATE_PATH": "of AZURE_*: only asked whether it is set to nothing",
    "AZURE_CLIENT_ID": "of AZURE_*: only asked whether it is set to nothing",
    "AZURE_CLIENT_SECRET": "of AZURE_*: only asked whether it is set to nothing",
    "AZURE_TENANT_ID": "of AZURE_*: only asked whether it is set to nothing",
    "DISPLAY": "the demo asks whether there is a screen for a browser",
    "WAYLAND_DISPLAY": "the demo asks whether there is a screen for a browser",
}
#: In the table, and read by others in our place.
READ_BY_OTHERS = {
    "AZURE_*": "azure-identity",
    "COLUMNS": "shutil.get_terminal_size",
    "HTTPS_PROXY": "aiohttp and slack-sdk",
    "LC_ALL": "Python, at its start",
    "NO_PROXY": "aiohttp and slack-sdk",
    "PYTHONIOENCODING": "Python, at its start",
    "SSL_CERT_FILE": "OpenSSL",
    "_VMBACKUP_COMPLETE": "click",
}


def test_every_variable_that_the_product_reads_is_in_the_table() -> None:
    """Add what is missing to bot/settings/ or to tests/docs/tables.py, and run make docs."""
    known = {*table(), *NOT_FOR_THE_TABLE}
    missing = {name: sorted(files) for name, files in used().items() if name not in known}
    assert missing == {}, "docs/settings.md does not have: name, and the files that read it"


def test_every_variable_of_the_table_is_read() -> None:
    """Take what nobody reads any more from tests/docs/tables.py, and run make docs."""
    assert table() - used().keys() - READ_BY_OTHERS.keys() == set()


def test_every_exception_is_one() -> None:
    assert READ_BY_OTHERS.keys() <= table()
    assert NOT_FOR_THE_TABLE.keys() <= used().keys()
    assert not NOT_FOR_THE_TABLE.keys() & table()


def table() -> set[str]:
    """The names of the document's one table of variables."""
    text = SETTINGS_DOCUMENT.read_text(encoding="utf-8")
    [found] = re.findall(r"<!-- environment: written.*?<!-- environment: end", text, re.DOTALL)
    cells = (row.split(" | ")[0] for row in found.splitlines() if row.startswith("| `"))
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def used() -> Mapping[str, set[str]]:
    """The variables that the product reads or names, with the files that do."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (path for name in PRODUCT for path in (ROOT / name).rglob("*.py")):
        for name in names_in(ast.parse(path.read_text(encoding="utf-8"))):
            found[name].add(str(path.relative_to(ROOT)))
    return found


def names_in(tree: ast.AST) -> Iterator[str]:
    """The names in strings that are ours, and every name by which the environment is asked."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documents:
                yield from OURS.findall(node.value)
        elif isinstance(node, ast.Call | ast.Subscript | ast.Compare | ast.BinOp):
            yield from asked_by_name(node)
        elif isinstance(node, ast.keyword) and node.arg == "validation_alias":
            yield from texts(node.value)


def asked_by_name(node: ast.Call | ast.Subscript | ast.Compare | ast.BinOp) -> Iterator[str]:
    """`os.environ.get("X")`, `os.environ["X"]`, `"X" in os.environ`, `{"X"} & environ.keys()`."""
    if re.search(r"\b(environ|getenv)\b", ast.unparse(node)):
        yield from (text for text in texts(node) if ENVIRONMENT.fullmatch(text))


def texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def test_a_variable_is_found_however_it_is_asked_for() -> None:
    source = '''
import os
A = os.environ.get("NO_A") or os.getenv("NO_B") or os.environ["NO_C"]
if "NO_D" in os.environ or {"NO_E"} & os.environ.keys():
    VARIABLE = "VMBACKUP_F"
field = Field(validation_alias="DATABASE_G")
"""VMBACKUP_H is only told of."""
'''
    found = set(names_in(ast.parse(source)))
    assert found >= {"NO_A", "NO_B", "NO_C", "NO_D", "NO_E", "VMBACKUP_F", "DATABASE_G"}
    assert "VMBACKUP_H" not in found
