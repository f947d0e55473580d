"""Slack's app manifest, made from the table of commands: `python -m bot.commands.manifest`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.commands import TABLE
from bot.commands.command import COMMAND

#: The reason for each scope, by Slack's name of it.
SCOPES: Mapping[str, str] = {
    "commands": "the slash command",
    "chat:write": "cards, notes in their threads, and answers for one person",
    "users:read": "whether a person is a guest, a bot, deactivated or of another workspace",
    "usergroups:read": "who belongs to the user groups that may approve",
    "channels:read": "whether a rule's channel exists, has the bot in it and is shared outside, "
    "and who is in it",
    "groups:read": "the same of a private channel",
    "im:write": "direct messages to those who asked and are not in the channel of the card",
    "files:write": "charts and reports, sent to whoever asked for them",
}
#: The reason for each event, by Slack's name of it. None needs a scope of its own.
EVENTS: Mapping[str, str] = {
    "app_home_opened": "somebody opens the Home tab, which is then published for them",
}
_HTTP_PATH = "/slack/events"


def manifest(http_address: str = "") -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP at `https://host`."""
    return {
        "display_information": _display_information(),
        "features": {
            # Slack refuses a message to one person where the app has no messages tab.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "vmbackup", "always_online": True},
            "slash_commands": [_slash_command(http_address)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": _event_subscriptions(http_address),
            "interactivity": _interactivity(http_address),
            "org_deploy_enabled": False,
            "socket_mode_enabled": not http_address,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(value: dict[str, Any]) -> str:
    """The value as block YAML; scalars are written as JSON, which YAML reads the same."""
    return "\n".join(_lines(value, "")) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the manifest to standard output."""
    parser = argparse.ArgumentParser(prog="python -m bot.commands.manifest", description=__doc__)
    parser.add_argument(
        "--http", default="", metavar="https://HOST", help="deliver over HTTP, not Socket Mode"
    )
    sys.stdout.write(as_yaml(manifest(parser.parse_args(arguments).http)))


def _display_information() -> dict[str, str]:
    return {
        "name": "vmbackup",
        "description": "Which protection for an Azure VM, and what it costs; snapshots on request.",
        "long_description": (
            "Type /vmbackup advise and the name of an Azure VM. The answer puts Azure Backup, "
            "Site Recovery and snapshots side by side: whether the VM may use each, what it "
            "costs a month and why, what it saves the VM from, and which to take. Type /vmbackup "
            "snapshot, a VM and a reason to ask for a snapshot: another person approves it in its "
            "channel, vmbackup takes it once, and deletes it when it expires. vmbackup changes "
            "nothing in Azure that the rules of its operator do not allow."
        ),
    }


def _slash_command(http_address: str) -> dict[str, Any]:
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Advice and snapshots for an Azure VM",
        "usage_hint": " | ".join(entry.usage.replace(" ...", "") for entry in TABLE),
        "should_escape": False,
    }
    return command | ({"url": _url(http_address)} if http_address else {})


def _event_subscriptions(http_address: str) -> dict[str, Any]:
    """The events that the bot wants; over HTTP they have the same path as commands."""
    url = {"request_url": _url(http_address)} if http_address else {}
    return {**url, "bot_events": list(EVENTS)}


def _interactivity(http_address: str) -> dict[str, Any]:
    """The settings for buttons, modals and searched lists; over HTTP with the path of commands."""
    if not http_address:
        return {"is_enabled": True}
    url = _url(http_address)
    return {"is_enabled": True, "request_url": url, "message_menu_options_url": url}


def _url(http_address: str) -> str:
    return http_address.rstrip("/") + _HTTP_PATH


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
