"""deploy/azure is parsed and its references are checked: not compiled, for no compiler is here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pycep import BicepParser

from bot.settings import Settings
from bot.settings.secret_files import FOLDER_VARIABLE
from bot.settings.settings import SECRETS
from tests.docs.tables import ROOT
from tests.docs.texts import ROLES, roles

FOLDER = ROOT / "deploy" / "azure"
FILES = sorted(FOLDER.glob("*.bicep"))
CHECKOV = shutil.which("checkov")
#: What checkov (3.2) says against the files and what is accepted, with why.
ACCEPTED = {
    "CKV_AZURE_131": "the default of the database's password is newGuid(): another each time",
    "CKV_AZURE_109": "Container Apps reads the vault from addresses of its own: RBAC holds it",
    "CKV_AZURE_189": "the same: without a private endpoint of yours nobody could read it",
    "CKV_AZURE_110": "purge protection is on: checkov does not read it in a resource with `if`",
    "CKV_AZURE_42": "the same of soft delete",
    "CKV_AZURE_41": "Slack's tokens have no end: a secret that ended would stop the bot",
}
_STRING_OR_COMMENT = re.compile(r"'(?:[^'\\\n]|\\.)*'|//[^\n]*")
_INSERTED = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"(?<![\w.'@])[A-Za-z_]\w*")
_DECLARED = re.compile(r"^(?P<kind>param|var|resource|module|output) (?P<name>\w+)", re.MULTILINE)
_LOOPED = re.compile(r"\[for (\w+) in ")
_SECRET = re.compile(r"^param (\w*(?:[Tt]oken|[Pp]assword|rules|databaseUrl)\w*) string", re.M)
#: Words of the language, its types, and the functions that are used here.
_WORDS = frozenset(
    re.findall(
        r"\w+",
        """array object string int bool param var resource module output existing if for in true
        false targetScope concat empty guid items join json listKeys loadJsonContent newGuid
        resourceGroup resourceId split subscription subscriptionResourceId take uniqueString""",
    )
)


def parsed(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = BicepParser().parse(file_path=path)
    return found


def code_of(path: Path) -> str:
    """The file without comments; of strings only what is inserted into them."""
    text = re.sub(r"(?m)^@\w+\(.*\)$|^@secure\(\)$", "", path.read_text(encoding="utf-8"))
    return _STRING_OR_COMMENT.sub(_kept, text)


def _kept(found: re.Match[str]) -> str:
    return f"({' '.join(_INSERTED.findall(found[0]))})" if found[0].startswith("'") else ""


def unknown_names(path: Path) -> set[str]:
    """Names that are used as values and that nothing declares."""
    code = code_of(path)
    code = re.sub(r"@allowed\(\[.*?\]\)", "", code, flags=re.DOTALL)
    known = {found["name"] for found in _DECLARED.finditer(code)} | {*_LOOPED.findall(code)}
    keys = {found.start() for found in re.finditer(r"(?m)(?<=^)\s*\w+(?=: )", code)}
    values = re.sub(r"(?m)^(\s*)\w+: ", r"\1", code)
    assert keys
    return set(_NAME.findall(values)) - known - _WORDS


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_file_is_parsed_and_every_name_in_it_is_declared(path: Path) -> None:
    assert parsed(path)
    assert unknown_names(path) == set()


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_parameter_and_variable_is_used(path: Path) -> None:
    code = code_of(path)
    for found in _DECLARED.finditer(code):
        if found["kind"] in ("param", "var"):
            used = re.findall(rf"(?<![\w.]){found['name']}(?!\w)", code)
            assert len(used) > 1, found["name"]


def test_a_name_that_nothing_declares_is_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken.bicep"
    broken.write_text("param location string\nvar here = {\n  a: loction\n}\n", encoding="utf-8")
    assert unknown_names(broken) == {"loction"}


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_module_is_there_and_gets_every_parameter_that_it_wants(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, file in re.findall(r"^module (\w+) '([\w.]+)'", text, re.MULTILINE):
        wanted = parsed(FOLDER / file)["parameters"]
        block = text[text.index(f"module {name} ") :]
        given = re.findall(r"^    (\w+): ", block[: block.index("\n  }\n")], re.MULTILINE)
        needed = {key for key, each in wanted.items() if each.get("default") is None}
        assert needed <= {*given} <= {*wanted}, name
        outputs = set(re.findall(rf"\b{name}\.outputs\.(\w+)", text))
        assert outputs <= set(parsed(FOLDER / file).get("outputs", {}))


def test_no_secret_is_a_plain_parameter_or_an_output() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for name in _SECRET.findall(text):
            before = text[: text.index(f"param {name} ")].rstrip().splitlines()[-2:]
            assert "@secure()" in before, name
        for line in re.findall(r"^output .*$", text, re.MULTILINE):
            assert not re.search(r"[Tt]oken|[Pp]assword|Url\b|secret", line), line


def test_the_worker_gets_no_token_that_takes_deliveries() -> None:
    text = (FOLDER / "main.bicep").read_text(encoding="utf-8")
    worker = text[text.index("module worker ") :]
    assert "app-token" not in worker
    assert not re.search(r"workerReadsAppToken|scope: appTokenSecret\n.*workerIdentity", text)


def test_the_variables_of_the_containers_are_settings_of_the_bot() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    used = set(re.findall(r"'?((?:VMBACKUP|SLACK)_[A-Z_]+|DATABASE_URL)'?", text))
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    assert used
    assert used <= {*known, FOLDER_VARIABLE}


def test_every_secret_is_a_file_in_the_folder_that_the_bot_reads_and_none_is_a_variable() -> None:
    app = (FOLDER / "app.bicep").read_text(encoding="utf-8")
    folder = re.search(r"^var secretsFolder = '(/[\w/]+)'$", app, re.MULTILINE)
    assert folder
    assert re.search(rf"name: '{FOLDER_VARIABLE}'\n\s+value: secretsFolder\n", app)
    assert re.search(r"volumeName: 'secrets'\n\s+mountPath: secretsFolder\n", app)
    variables = app[app.index("var variables = [") : app.index("var probes = [")]
    assert "secret" not in variables.replace("secretsFolder", "")
    main = (FOLDER / "main.bicep").read_text(encoding="utf-8")
    given = re.findall(
        r"secretUris: \{\n(.*?)\n    \}\n    secretFiles: \{\n(.*?)\n    \}", main, re.S
    )
    files = [dict(re.findall(r"(\w+): '([\w-]+)'", block)) for _, block in given]
    uris = [set(re.findall(r"(?m)^\s+'?([\w-]+)'?: ", block)) for block, _ in given]
    listener, worker = files
    assert set(listener) == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DATABASE_URL"}
    assert set(worker) == set(listener) - {"SLACK_APP_TOKEN"}
    assert {*listener} <= {*SECRETS.values()}
    for names, fetched in zip(files, uris, strict=True):
        assert {*names.values(), "rules"} == fetched


def test_nothing_scales_below_two_and_the_roles_are_those_of_the_code() -> None:
    app = (FOLDER / "app.bicep").read_text(encoding="utf-8")
    assert "@minValue(2)\nparam replicas int" in app
    assert app.count("Replicas: replicas") == 2
    assert "ingress" not in app.replace("no ingress", "")
    assert ROLES.read_text(encoding="utf-8") == roles()
    used = re.findall(r"definitions(?:\.|\[')([\w-]+)", (FOLDER / "access.bicep").read_text())
    assert set(used) == set(json.loads(roles()))


@pytest.mark.skipif(CHECKOV is None, reason="checkov is not here: uv tool install checkov")
def test_checkov_finds_what_is_accepted_and_nothing_else() -> None:
    words = ("--framework", "bicep", "dockerfile", "--skip-download", "--output", "json")
    command = [CHECKOV or "", "--directory", ROOT / "deploy", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    reports = {each["check_type"]: each for each in json.loads(ran.stdout)}
    assert {*reports} == {"bicep", "dockerfile"}
    for report in reports.values():
        assert report["summary"]["parsing_errors"] == 0
        assert report["summary"]["passed"] > 0
    failed = {
        name: {check["check_id"] for check in report["results"]["failed_checks"]}
        for name, report in reports.items()
    }
    assert failed == {"bicep": {*ACCEPTED}, "dockerfile": set()}


def test_the_vault_keeps_what_is_deleted() -> None:
    text = (FOLDER / "main.bicep").read_text(encoding="utf-8")
    vault = text[text.index("resource newVault ") : text.index("resource vault ")]
    for line in ("enableRbacAuthorization: true", "enableSoftDelete: true"):
        assert line in vault
    assert "enablePurgeProtection: true" in vault
