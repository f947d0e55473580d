"""Slack's app manifest, made from the table of commands: `python -m bot.manifest`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from bot.commands import TABLE
from bot.commands.command import COMMAND

#: `commands` for the slash command, `chat:write` to tell a person what could not be posted.
SCOPES = ("commands", "chat:write")
_HTTP_PATH = "/slack/events"


def manifest(http_address: str = "") -> dict[str, Any]:
    """For Socket Mode, or for HTTP at `https://host`."""
    return {
        "display_information": _display_information(),
        "features": {
            "bot_user": {"display_name": "vmbackup", "always_online": True},
            "slash_commands": [_slash_command(http_address)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "interactivity": {"is_enabled": False},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not http_address,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(value: dict[str, Any]) -> str:
    """Block YAML; scalars are spelled as JSON, which YAML reads the same."""
    return "\n".join(_lines(value, "")) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the manifest to standard output."""
    parser = argparse.ArgumentParser(prog="python -m bot.manifest", description=__doc__)
    parser.add_argument(
        "--http", default="", metavar="https://HOST", help="deliver over HTTP, not Socket Mode"
    )
    sys.stdout.write(as_yaml(manifest(parser.parse_args(arguments).http)))


def _display_information() -> dict[str, str]:
    return {
        "name": "vmbackup",
        "description": "Which protection for an Azure VM, and what it costs.",
        "long_description": (
            "Type /vmbackup advise and the name of an Azure VM. The answer puts Azure Backup, "
            "Site Recovery and snapshots side by side: whether the VM may use each, what it "
            "costs a month and why, what it saves the VM from, and which to take. It only reads "
            "Azure; nothing is changed there."
        ),
    }


def _slash_command(http_address: str) -> dict[str, Any]:
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Advice on protecting an Azure VM",
        "usage_hint": " | ".join(entry.usage.replace(" ...", "") for entry in TABLE),
        "should_escape": False,
    }
    return command | ({"url": http_address.rstrip("/") + _HTTP_PATH} if http_address else {})


def _lines(value: Any, indent: str) -> Iterator[str]:
    entries = value.items() if isinstance(value, dict) else ((None, each) for each in value)
    for key, entry in entries:
        lead = f"{indent}-" if key is None else f"{indent}{key}:"
        if isinstance(entry, dict | list):
            yield lead
            yield from _lines(entry, indent + "  ")
        else:
            yield f"{lead} {json.dumps(entry, ensure_ascii=False)}"


if __name__ == "__main__":
    main()
