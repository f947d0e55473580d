"""The image, the compose file and the unit: what can be checked without running them is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.database.address import keywords_of
from bot.settings import Settings
from bot.settings.secret_files import FOLDER_VARIABLE
from bot.settings.settings import SECRETS
from tests.docs.tables import ROOT

CONTAINER = ROOT / "deploy" / "container"
DOCKERFILE = CONTAINER / "Dockerfile"
README = ROOT / "deploy" / "README.md"
#: No secret of the bot's own: azure-identity reads it where a variable says that it lies.
CERTIFICATE = "AZURE_CLIENT_CERTIFICATE"
UNIT = ROOT / "deploy" / "systemd" / "vmbackup.service"
HADOLINT = Path(sys.executable).with_name("hadolint")
#: systemd's own words for an exposure of at most 2: “OK”.
EXPOSED_AT_MOST = 20


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not here")
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    ran = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_the_image_is_not_root_checks_its_health_and_copies_only_what_it_is_given() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "--require-hashes" in text
    assert "compileall" in text
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source.split('/')[0]}" in allowed, source
    named = set(re.findall(r"\b(?:VMBACKUP|SLACK)_[A-Z_]+", text)) - {"VMBACKUP_CACHE_DIR"}
    assert named <= _settings()


def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_the_composed_bot_has_two_of_each_part_and_may_write_only_where_it_needs() -> None:
    services = composed()["services"]
    for part in ("listener", "worker"):
        service = services[part]
        assert service["command"][:3] == ["bot", "--only", part]
        assert service["deploy"]["replicas"] == 2
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert (CONTAINER / service["build"]["context"]).resolve() == ROOT
        assert not service.get("ports")
    assert not services["database"].get("ports")


def test_the_composed_address_of_the_database_is_one_that_the_bot_takes() -> None:
    """Over a socket: an address in the network would want TLS and a certificate."""
    (url,) = re.findall(r'echo "(postgresql://.*?)"', README.read_text(encoding="utf-8"))
    keywords = keywords_of(re.sub(r"\$\(.*?\)", "0f3c", url))
    assert (keywords["host"], keywords["dbname"]) == ("/var/run/postgresql", "vmbackup")
    assert f"socket:{keywords['host']}" in composed()["services"]["worker"]["volumes"]


def test_every_composed_secret_is_a_file_and_stands_in_no_environment() -> None:
    compose = composed()
    assert all(file == {"file": f"secrets/{name}"} for name, file in compose["secrets"].items())
    services = compose["services"]
    granted = {part: set(service["secrets"]) for part, service in services.items()}
    ours = {"SLACK_BOT_TOKEN", "DATABASE_URL", CERTIFICATE}
    assert granted == {
        "listener": {*ours, "SLACK_APP_TOKEN"},
        "worker": ours,
        "database": {"DATABASE_PASSWORD"},
    }
    assert set().union(*granted.values()) == set(compose["secrets"])
    assert granted["listener"] - {CERTIFICATE} <= {*SECRETS.values()}
    for part in ("listener", "worker"):
        assert services[part]["environment"] == {FOLDER_VARIABLE: "/run/secrets"}
    password = services["database"]["environment"]["POSTGRES_PASSWORD_FILE"]
    assert password == "/run/secrets/DATABASE_PASSWORD"
    assert "${" not in (CONTAINER / "compose.yaml").read_text(encoding="utf-8")


def test_what_the_commands_write_into_the_folder_of_secrets_is_what_the_containers_mount() -> None:
    text = README.read_text(encoding="utf-8")
    written = set(re.findall(r"deploy/container/secrets/([A-Z_]+)", text))
    assert written == set(composed()["secrets"])
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for name in ("environment", "secrets/", "vmbackup.toml"):
        assert f"deploy/container/{name}" in ignored


def test_the_example_of_the_environment_names_settings_and_holds_no_secret() -> None:
    lines = (CONTAINER / "environment.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(given.values()) == {""}
    assert set(given) <= _settings() - {*SECRETS.values()}


def test_what_signs_in_to_azure_is_set_only_by_whoever_fills_it_in() -> None:
    """azure-identity takes a variable that is set to nothing for a value, and fails."""
    text = (CONTAINER / "environment.example").read_text(encoding="utf-8")
    offered = dict(re.findall(r"(?m)^#(AZURE_\w+)=(.*)$", text))
    assert offered == {
        "AZURE_TENANT_ID": "",
        "AZURE_CLIENT_ID": "",
        "AZURE_CLIENT_CERTIFICATE_PATH": f"/run/secrets/{CERTIFICATE}",
    }
    assert not re.search(r"(?m)^AZURE_", text)


def checked_unit(folder: Path) -> Path:
    """The unit with a program and a user that this machine has."""
    text = UNIT.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^ExecStart=.*$", "ExecStart=/bin/true", text)
    text = re.sub(r"(?m)^(User|Group)=.*$", r"\1=daemon", text)
    path = folder / UNIT.name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_takes_the_unit_and_calls_it_little_exposed(tmp_path: Path) -> None:
    unit = checked_unit(tmp_path)
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    secured = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true", "--no-pager"),
            *(f"--threshold={EXPOSED_AT_MOST}", unit),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert secured.returncode == 0, secured.stdout[-200:]


def test_the_unit_sets_only_variables_that_the_bot_reads() -> None:
    named = set(re.findall(r"^Environment=(\w+)=", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - {"VMBACKUP_CACHE_DIR", FOLDER_VARIABLE} <= _settings()


def _settings() -> set[str]:
    return {str(field.validation_alias) for field in Settings.model_fields.values()}
