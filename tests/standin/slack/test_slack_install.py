"""The app is installed from its manifest, which Slack's own schema finds valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from slack_play import rich_manifest

from bot.commands.manifest import manifest
from deploy.local.slack.errors import ManifestRefused
from deploy.local.slack.manifest import install, read_manifest

ROOT = Path(__file__).parents[3]
COMMITTED = ROOT / "deploy" / "slack" / "manifest.yaml"
SCHEMAS = ROOT.parent / "shared" / "slack" / "manifest-schema"


@pytest.mark.parametrize("http", ["", "https://bot.example.test"])
@pytest.mark.parametrize("make", [manifest, rich_manifest])
def test_the_manifests_installed_here_are_valid_by_slacks_schema(make: Any, http: str) -> None:
    if not SCHEMAS.exists():
        pytest.skip(f"{SCHEMAS} is not there: Slack's schema was not supplied.")
    schema = json.loads((SCHEMAS / "schemas__manifest.schema.1.0.0.json").read_text())
    jsonschema.validate(make(http), schema)


def test_the_bots_manifest_installs_with_its_command_and_transport() -> None:
    app = install(manifest())
    assert [each.name for each in app.commands] == ["/vmbackup"]
    assert app.scopes == set(manifest()["oauth_config"]["scopes"]["bot"])
    assert app.socket_mode
    assert not install(manifest("https://bot.example.test")).socket_mode


def test_the_committed_manifest_installs() -> None:
    pytest.importorskip("yaml", reason="PyYAML is not installed, which reads manifest.yaml.")
    app = install(read_manifest(COMMITTED))
    assert app.name == "vmbackup"
    assert app == install(manifest())


def test_a_manifest_as_json_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest()))
    assert read_manifest(file) == manifest()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"display_information": {"name": "x" * 36}}, "the name has 36 characters of 1 to 35"),
        ({"features": {"slash_commands": [{"command": "vm"}]}}, "'vm' is no name for a command"),
        ({"oauth_config": {"scopes": {"bot": []}}}, "without the scope commands"),
        ({"features": 3}, "features of the manifest is not an object"),
    ],
)
def test_what_slack_would_not_install_is_not_installed(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ManifestRefused, match=sentence):
        install(manifest() | change)


def test_over_http_every_command_needs_an_address() -> None:
    made = manifest()
    made["settings"]["socket_mode_enabled"] = False
    with pytest.raises(ManifestRefused, match="/vmbackup has no url, which HTTP needs"):
        install(made)
