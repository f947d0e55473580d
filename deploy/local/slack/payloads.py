"""What Slack delivers to an app, in the shapes of its own samples; values in, values out."""

from __future__ import annotations

from typing import Any

from deploy.local.slack.people import APP_ID, BOT, TEAM, Channel, Person, UserGroup
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message

#: Deprecated by Slack in favour of signatures, still sent.
VERIFICATION_TOKEN = "not-a-secret-and-not-to-be-used"  # noqa: S105
Payload = dict[str, Any]


def slash_command(
    person: Person, channel: Channel, command: str, text: str, *, response_url: str, trigger_id: str
) -> Payload:
    """The fields of a slash command."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM.id,
        "team_domain": TEAM.domain,
        "channel_id": channel.id,
        "channel_name": channel.name_in_payloads,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def block_actions(
    person: Person, actions: list[Payload], *, trigger_id: str, values: Payload
) -> Payload:
    """What both kinds of block_actions share; where it happened is added to it."""
    return {
        "type": "block_actions",
        "user": _user(person),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "trigger_id": trigger_id,
        "team": _team(),
        "enterprise": None,
        "is_enterprise_install": False,
        "state": {"values": values},
        "actions": actions,
    }


def on_message(message: Message, channel: Channel, response_url: str) -> Payload:
    """Where a click happened: on a message."""
    is_ephemeral = bool(message.only_for)
    container: Payload = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    where = {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name_in_payloads},
        "response_url": response_url,
    }
    return where if is_ephemeral else where | {"message": message.as_slack()}


def in_view(view: View) -> Payload:
    """Where a click happened: in a modal or the App Home."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view.as_slack()}


def block_suggestion(
    person: Person, view: View, block_id: str, action_id: str, typed: str
) -> Payload:
    """What is typed into a list of a view that the app fills."""
    return {
        "type": "block_suggestion",
        "user": _user(person),
        "container": {"type": "view", "view_id": view.id},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "action_id": action_id,
        "block_id": block_id,
        "value": typed,
        "team": _team(),
        "view": view.as_slack(),
    }


def view_submission(person: Person, view: View, trigger_id: str) -> Payload:
    return _of_view("view_submission", person, view) | {
        "trigger_id": trigger_id,
        "response_urls": [],
    }


def view_closed(person: Person, view: View, is_cleared: bool) -> Payload:
    return _of_view("view_closed", person, view) | {"is_cleared": is_cleared}


def global_shortcut(person: Person, callback_id: str, ts: str, trigger_id: str) -> Payload:
    return {
        "type": "shortcut",
        "token": VERIFICATION_TOKEN,
        "action_ts": ts,
        "team": _team(),
        "user": {"id": person.id, "username": person.name, "team_id": person.team.id},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def message_shortcut(
    person: Person, callback_id: str, ts: str, trigger_id: str, message: Message, channel: Channel
) -> Payload:
    """The response_url is added to it."""
    return {
        "type": "message_action",
        "token": VERIFICATION_TOKEN,
        "action_ts": ts,
        "team": _team(),
        "user": {"id": person.id, "name": person.name},
        "channel": {"id": channel.id, "name": channel.name_in_payloads},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "message_ts": message.ts,
        "message": message.as_slack(),
    }


def event(event_id: str, at: float, inner: Payload) -> Payload:
    """An event's outer body; the event itself is `inner`."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM.id,
        "api_app_id": APP_ID,
        "event": inner,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM.id,
                "user_id": BOT.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def app_home_opened(person: Person, channel: Channel, ts: str, view: View | None) -> Payload:
    """The inner event."""
    opened = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": "home",
        "event_ts": ts,
    }
    return opened | ({"view": view.as_slack()} if view else {})


def app_mention(person: Person, message: Message) -> Payload:
    """The inner event."""
    said = {
        "type": "app_mention",
        "user": person.id,
        "text": message.text,
        "ts": message.ts,
        "team": person.team.id,
        "channel": message.channel,
        "event_ts": message.ts,
    }
    return said | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def subteam_members_changed(group: UserGroup, before: set[str], ts: str) -> Payload:
    """The inner event."""
    now, at = set(group.members), int(float(ts))
    return {
        "type": "subteam_members_changed",
        "subteam_id": group.id,
        "team_id": TEAM.id,
        "date_previous_update": at,
        "date_update": at,
        "added_users": sorted(now - before),
        "added_users_count": len(now - before),
        "removed_users": sorted(before - now),
        "removed_users_count": len(before - now),
        "event_ts": ts,
    }


def _of_view(kind: str, person: Person, view: View) -> Payload:
    return {
        "type": kind,
        "team": _team(),
        "user": _user(person),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "view": view.as_slack(),
        "is_enterprise_install": False,
        "enterprise": None,
    }


def _user(person: Person) -> Payload:
    return {
        "id": person.id,
        "username": person.name,
        "name": person.name,
        "team_id": person.team.id,
    }


def _team() -> Payload:
    return {"id": TEAM.id, "domain": TEAM.domain}
