"""What one person sees in the browser, as JSON: the whole, and what changes."""

from __future__ import annotations

from typing import Any

from deploy.local.slack.filling import initial_values
from deploy.local.slack.people import BOT, SLACKBOT, TEAM, Channel, Person
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message, Workspace

Json = dict[str, Any]


def whole(workspace: Workspace, me: Person, connections: int) -> Json:
    """Everything the page needs to begin with."""
    return {
        "team": TEAM.name,
        "me": me.id,
        "app": app(workspace, me, connections),
        "people": [person(each) for each in workspace.people.values()],
        "channels": channels(workspace, me),
        "groups": [
            {"id": each.id, "handle": each.handle, "members": list(each.members)}
            for each in workspace.groups.values()
        ],
        "messages": {
            each.id: [message(one) for one in workspace.visible_to(me.id, each.id)]
            for each in workspace.channels.values()
        },
        "modals": modals(workspace, me),
        "home": home(workspace, me),
    }


def app(workspace: Workspace, me: Person, connections: int) -> Json:
    """A guest of another workspace has neither its commands nor its shortcuts nor its home."""
    installed = workspace.app
    commands = () if me.is_external else installed.commands
    shortcuts = () if me.is_external else installed.shortcuts
    return {
        "name": installed.name,
        "description": installed.description,
        "bot": BOT.id,
        "transport": "Socket Mode" if installed.socket_mode else "HTTP",
        "connections": connections,
        "has_home": installed.has_home and not me.is_external,
        "is_messages_tab_read_only": installed.is_messages_tab_read_only,
        "is_interactive": installed.is_interactive,
        "commands": [
            {"name": each.name, "description": each.description, "usage": each.usage_hint}
            for each in commands
        ],
        "shortcuts": [
            {"name": each.name, "kind": each.kind, "callback_id": each.callback_id}
            for each in shortcuts
        ],
    }


def person(of: Person) -> Json:
    return {
        "id": of.id,
        "name": of.name,
        "real_name": of.real_name,
        "title": of.title,
        "team": of.team.name,
        "is_external": of.is_external,
        "is_bot": of.is_bot,
        "may_act": not (of.deleted or of.is_bot),
        "is_deleted": of.deleted,
        "is_slack": of is SLACKBOT,
    }


def channels(workspace: Workspace, me: Person) -> list[Json]:
    """Those this person is in."""
    return [_channel(each, me) for each in workspace.channels.values() if me.id in each.members]


def _channel(of: Channel, me: Person) -> Json:
    others = of.members - {me.id}
    return {
        "id": of.id,
        "name": of.name,
        "kind": of.kind,
        "topic": of.topic,
        "is_ext_shared": of.is_ext_shared,
        "has_bot": BOT.id in of.members,
        "with": next(iter(others), me.id) if of.kind == "im" else None,
        "members": len(of.members),
    }


def message(of: Message) -> Json:
    return {**of.as_slack(), "channel": of.channel, "only_for": of.only_for or None}


def modals(workspace: Workspace, me: Person) -> list[Json]:
    return [view(each) for each in workspace.modals.get(me.id, [])]


def home(workspace: Workspace, me: Person) -> Json | None:
    found = workspace.homes.get(me.id)
    return view(found) if found else None


def view(of: View) -> Json:
    values = initial_values(of.blocks)
    for block_id, kept in of.values.items():
        values.setdefault(block_id, {}).update(kept)
    shown = {**of.as_slack(), "state": {"values": values}}
    return {**shown, "errors": of.errors, "trouble": of.trouble}


def change(workspace: Workspace, me: Person, of: Json, connections: int) -> Json | None:
    """One change as this person sees it; None where it does not concern them."""
    what, about = of["what"], of.get("message")
    if isinstance(about, Message):
        return _of_message(workspace, me, what, about)
    if what in ("modals", "home") and of.get("person") != me.id:
        return None
    return {"what": what, what: _part(workspace, me, what, connections)}


def _part(workspace: Workspace, me: Person, what: str, connections: int) -> Any:
    if what == "modals":
        return modals(workspace, me)
    if what == "home":
        return home(workspace, me)
    return channels(workspace, me) if what == "channels" else app(workspace, me, connections)


def _of_message(workspace: Workspace, me: Person, what: str, about: Message) -> Json | None:
    members = workspace.channel(about.channel).members
    if me.id not in members or about.only_for not in ("", me.id):
        return None
    return {"what": what, "message": message(about)}
