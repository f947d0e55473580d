"""The app as its manifest describes it: commands, scopes, events, transport."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.slack.errors import ManifestRefused

#: Slack's manifest schema and platform limits, 2026-06.
NAME_LIMIT, DESCRIPTION_LIMIT, COMMAND_LIMIT = 35, 140, 32
COMMANDS_LIMIT, SHORTCUTS_LIMIT = 50, 10


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command. `url` is where HTTP delivers it."""

    name: str
    description: str
    usage_hint: str
    should_escape: bool
    url: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut; `kind` is global or message."""

    name: str
    kind: str
    callback_id: str
    description: str


@dataclass(frozen=True, slots=True)
class App:
    """An installed app."""

    name: str
    description: str
    scopes: frozenset[str]
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    events: frozenset[str]
    events_url: str
    is_interactive: bool
    interactivity_url: str
    options_url: str  #: where HTTP asks for the options of a list that is searched
    has_home: bool
    has_messages_tab: bool
    is_messages_tab_read_only: bool
    socket_mode: bool

    def command(self, name: str) -> Command | None:
        return next((each for each in self.commands if each.name == name), None)


def read_manifest(path: Path) -> dict[str, Any]:
    """A manifest file, .json or .yaml. Raises ManifestRefused, OSError."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return dict(json.loads(text))
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ManifestRefused(f"{path} is not YAML: {error}") from error
    if not isinstance(found, dict):
        raise ManifestRefused(f"{path} holds no manifest.")
    return found


def install(manifest: Mapping[str, Any]) -> App:
    """The app of a manifest. Raises ManifestRefused with everything that is wrong."""
    features, settings = _part(manifest, "features"), _part(manifest, "settings")
    information = _part(manifest, "display_information")
    events, interactivity = _part(settings, "event_subscriptions"), _part(settings, "interactivity")
    app = App(
        name=str(information.get("name", "")),
        description=str(information.get("description", "")),
        scopes=frozenset(_part(_part(manifest, "oauth_config"), "scopes").get("bot", ())),
        commands=tuple(_command(each) for each in features.get("slash_commands", ())),
        shortcuts=tuple(_shortcut(each) for each in features.get("shortcuts", ())),
        events=frozenset(events.get("bot_events", ())),
        events_url=str(events.get("request_url", "")),
        is_interactive=bool(interactivity.get("is_enabled")),
        interactivity_url=str(interactivity.get("request_url", "")),
        options_url=str(interactivity.get("message_menu_options_url", "")),
        has_home=bool(_part(features, "app_home").get("home_tab_enabled")),
        has_messages_tab=bool(_part(features, "app_home").get("messages_tab_enabled")),
        is_messages_tab_read_only=bool(
            _part(features, "app_home").get("messages_tab_read_only_enabled")
        ),
        socket_mode=bool(settings.get("socket_mode_enabled")),
    )
    if problems := list(_problems(app)):
        raise ManifestRefused("Slack would not install this: " + "; ".join(problems) + ".")
    return app


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = of.get(name) or {}
    if not isinstance(part, Mapping):
        raise ManifestRefused(f"{name} of the manifest is not an object.")
    return part


def _command(entry: Mapping[str, Any]) -> Command:
    return Command(
        name=str(entry.get("command", "")),
        description=str(entry.get("description", "")),
        usage_hint=str(entry.get("usage_hint", "")),
        should_escape=bool(entry.get("should_escape")),
        url=str(entry.get("url", "")),
    )


def _shortcut(entry: Mapping[str, Any]) -> Shortcut:
    return Shortcut(
        name=str(entry.get("name", "")),
        kind=str(entry.get("type", "")),
        callback_id=str(entry.get("callback_id", "")),
        description=str(entry.get("description", "")),
    )


def _problems(app: App) -> Iterator[str]:
    if not 1 <= len(app.name) <= NAME_LIMIT:
        yield f"the name has {len(app.name)} characters of 1 to {NAME_LIMIT}"
    if len(app.description) > DESCRIPTION_LIMIT:
        yield f"the description is longer than {DESCRIPTION_LIMIT}"
    if len(app.commands) > COMMANDS_LIMIT or len(app.shortcuts) > SHORTCUTS_LIMIT:
        yield f"more than {COMMANDS_LIMIT} commands or {SHORTCUTS_LIMIT} shortcuts"
    if app.commands and "commands" not in app.scopes:
        yield "slash commands without the scope commands"
    for command in app.commands:
        if not command.name.startswith("/") or len(command.name) > COMMAND_LIMIT:
            yield f"{command.name!r} is no name for a command"
        if not app.socket_mode and not command.url:
            yield f"{command.name} has no url, which HTTP needs"
