"""chat.*: posting, changing and removing messages."""

from __future__ import annotations

from urllib.parse import urlencode

from deploy.local.slack.errors import SlackError
from deploy.local.slack.limits import UPDATE_TEXT
from deploy.local.slack.methods.method import Answer, Call, Method
from deploy.local.slack.people import BOT, Channel
from deploy.local.slack.posting import parsed, text_and_blocks, truth
from deploy.local.slack.workspace import Message

_WRITE = ("chat:write",)


async def post_message(call: Call) -> Answer:
    channel = _open(call, call.joined(_target(call), to_post=True))
    text, blocks = text_and_blocks(call.args)
    message = Message(
        channel.id,
        call.workspace.new_ts(),
        BOT.id,
        text,
        blocks,
        thread_ts=_thread(call, channel),
        broadcast=truth(call.args.get("reply_broadcast")),
        metadata=parsed(call.args.get("metadata") or None, "invalid_metadata_format"),
    )
    await call.workspace.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.as_slack()}


async def post_ephemeral(call: Call) -> Answer:
    channel = _open(call, call.joined(_target(call)))
    person = call.workspace.person(call.text("user"))
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = text_and_blocks(call.args)
    ts, thread = call.workspace.new_ts(), _thread(call, channel)
    await call.workspace.post(
        Message(channel.id, ts, BOT.id, text, blocks, thread_ts=thread, only_for=person.id)
    )
    return {"message_ts": ts}


async def update(call: Call) -> Answer:
    """With text and no blocks, the blocks are gone: so it is in Slack."""
    message = _own(call, "cant_update_message")
    text, blocks = text_and_blocks(_with_kept_text(call, message))
    if len(call.text("text")) > UPDATE_TEXT:
        raise SlackError("msg_too_long")
    await call.workspace.change(message, text, blocks)
    shown = message.as_slack()
    return {"channel": message.channel, "ts": message.ts, "text": text, "message": shown}


async def delete(call: Call) -> Answer:
    message = _own(call, "cant_delete_message")
    await call.workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(call: Call) -> Answer:
    channel = call.workspace.channel(call.text("channel"))
    message = call.workspace.message(channel.id, call.text("message_ts"))
    link = f"{call.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += "?" + urlencode({"thread_ts": message.thread_ts, "cid": channel.id})
    return {"channel": channel.id, "permalink": link}


def _target(call: Call) -> Channel:
    """A channel by id or name; a person's id means their direct messages."""
    wanted = call.text("channel")
    if wanted in call.workspace.people:
        return call.workspace.direct_message(wanted)
    return call.workspace.channel_named(wanted)


def _open(call: Call, channel: Channel) -> Channel:
    """A channel that takes messages. Raises SlackError."""
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.kind == "im" and not call.workspace.app.has_messages_tab:
        raise SlackError("messages_tab_disabled")
    return channel


def _thread(call: Call, channel: Channel) -> str:
    thread_ts = call.text("thread_ts")
    if thread_ts:
        parent = call.workspace.messages[channel.id].get(thread_ts)
        if parent is None or parent.only_for:
            raise SlackError("thread_not_found")
        return parent.thread_ts or thread_ts
    return ""


def _own(call: Call, otherwise: str) -> Message:
    """The bot's own message by channel id and ts; nobody finds an ephemeral one."""
    channel = call.workspace.channel(call.text("channel"))
    message = call.workspace.message(channel.id, call.text("ts"))
    if message.only_for:
        raise SlackError("message_not_found")
    if not message.is_the_bots:
        raise SlackError(otherwise)
    return message


def _with_kept_text(call: Call, message: Message) -> dict[str, object]:
    """Blocks alone keep the text that was there."""
    given = dict(call.args)
    if not given.get("text") and given.get("blocks"):
        given["text"] = message.text
    return given


METHODS = (
    Method("chat.postMessage", post_message, 4, _WRITE, ("channel",)),
    Method("chat.postEphemeral", post_ephemeral, 4, _WRITE, ("channel", "user")),
    Method("chat.update", update, 3, _WRITE, ("channel", "ts")),
    Method("chat.delete", delete, 3, _WRITE, ("channel", "ts")),
    Method("chat.getPermalink", permalink, 4, (), ("channel", "message_ts")),
)
