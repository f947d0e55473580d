"""The app manifest: made from the table, as committed, and valid by Slack's own schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.commands import TABLE
from bot.commands import manifest as command
from bot.commands.manifest import SCOPES, as_yaml, manifest
from tests.docs.texts import MANIFEST

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT.parent / "shared" / "slack" / "manifest-schema"


def read_yaml(text: str) -> Any:
    """A reader of the little YAML that the manifest uses: blocks of maps and lists."""
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in text.splitlines()]
    value, rest = _block(lines, 0)
    assert not rest
    return value


def _block(lines: list[tuple[int, str]], indent: int) -> tuple[Any, list[tuple[int, str]]]:
    value: Any = [] if lines[0][1].startswith("-") else {}
    while lines and lines[0][0] == indent:
        key, _, scalar = lines[0][1].partition(
            "-" if value == [] or isinstance(value, list) else ":"
        )
        scalar, lines = scalar.strip(), lines[1:]
        entry, lines = (json.loads(scalar), lines) if scalar else _block(lines, indent + 2)
        value.append(entry) if isinstance(value, list) else value.update({key: entry})
    return value, lines


@pytest.mark.parametrize("address", ["", "https://bot.example.com"])
def test_the_yaml_says_what_the_manifest_holds(address: str) -> None:
    assert read_yaml(as_yaml(manifest(address))) == manifest(address)


def test_the_committed_manifest_is_as_make_docs_writes_it() -> None:
    assert MANIFEST.read_text(encoding="utf-8") == as_yaml(manifest()), "Run make docs."


@pytest.mark.parametrize("address", ["", "https://bot.example.com"])
def test_the_command_prints_the_manifest(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--http", address])
    assert capsys.readouterr().out == as_yaml(manifest(address))


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
@pytest.mark.parametrize("address", ["", "https://bot.example.com/"])
def test_the_manifest_is_valid_by_slacks_schema(version: str, address: str) -> None:
    path = SCHEMAS / f"schemas__manifest.schema.{version}.json"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    jsonschema.validate(manifest(address), json.loads(path.read_text()))


def test_every_command_is_in_the_hint() -> None:
    hint = manifest()["features"]["slash_commands"][0]["usage_hint"]
    assert all(command.name in hint for command in TABLE)


def test_socket_mode_is_the_default_and_http_names_its_address() -> None:
    assert manifest()["settings"]["socket_mode_enabled"] is True
    over_http = manifest("https://bot.example.com/")
    assert over_http["settings"]["socket_mode_enabled"] is False
    (command,) = over_http["features"]["slash_commands"]
    assert command["url"] == "https://bot.example.com/slack/events"
    assert over_http["settings"]["interactivity"]["request_url"] == command["url"]


def test_buttons_are_delivered_and_a_message_to_one_person_is_not_refused() -> None:
    made = manifest()
    assert made["settings"]["interactivity"] == {"is_enabled": True}
    assert made["features"]["app_home"]["messages_tab_enabled"] is True


def test_nothing_is_asked_for_that_reads_what_people_write() -> None:
    scopes = manifest()["oauth_config"]["scopes"]["bot"]
    assert scopes == list(SCOPES)
    reads = ("history", "im:read", "mpim:", "search:")
    assert not [scope for scope in scopes if any(each in scope for each in reads)]
