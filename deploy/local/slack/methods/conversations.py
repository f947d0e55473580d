"""conversations.*: the channels as the bot may see them."""

from __future__ import annotations

from deploy.local.slack.errors import SlackError
from deploy.local.slack.methods.method import Answer, Call, Method
from deploy.local.slack.people import BOT, Channel

#: The scope that shows each kind of conversation.
_SCOPES = {"public": "channels:read", "private": "groups:read", "im": "im:read"}
_TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
_READ = tuple(_SCOPES.values())


def listing(call: Call) -> Answer:
    kinds = [_kind(name) for name in (call.text("types") or "public_channel").split(",")]
    for kind in kinds:
        call.need_scope(_SCOPES.get(kind, "mpim:read"))
    found = [each for each in call.workspace.channels.values() if each.kind in kinds]
    channels, more = call.page([each for each in found if _is_seen(each)], 100)
    return {"channels": [each.as_conversation() for each in channels], **more}


def info(call: Call) -> Answer:
    return {"channel": _seen(call).as_conversation()}


def members(call: Call) -> Answer:
    found, more = call.page(sorted(_seen(call).members), 100)
    return {"members": found, **more}


async def join(call: Call) -> Answer:
    channel = call.workspace.channel(call.text("channel"))
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if BOT.id in channel.members:
        warning = {"response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": channel.as_conversation(), "warning": "already_in_channel", **warning}
    channel.members.add(BOT.id)
    await call.workspace.tell("channels")
    return {"channel": channel.as_conversation()}


def open_direct_message(call: Call) -> Answer:
    people = [each for each in call.text("users").split(",") if each]
    if len(people) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    if people:
        return {"channel": {"id": call.workspace.direct_message(people[0]).id}}
    return {"channel": {"id": _seen(call).id}}


def _kind(name: str) -> str:
    if name.strip() not in _TYPES:
        raise SlackError("invalid_types")
    return _TYPES[name.strip()]


def _is_seen(channel: Channel) -> bool:
    return channel.kind == "public" or BOT.id in channel.members


def _seen(call: Call) -> Channel:
    channel = call.workspace.channel(call.text("channel"))
    if not _is_seen(channel):
        raise SlackError("channel_not_found")
    call.need_scope(_SCOPES[channel.kind])
    return channel


METHODS = (
    Method("conversations.list", listing, 2, (*_READ, "mpim:read")),
    Method("conversations.info", info, 3, _READ, ("channel",)),
    Method("conversations.members", members, 4, _READ, ("channel",)),
    Method("conversations.join", join, 3, ("channels:join",), ("channel",)),
    Method("conversations.open", open_direct_message, 3, ("im:write",)),
)
