"""What an app posts to a response_url: new messages, and changes to the one it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.local.slack.errors import SlackError
from deploy.local.slack.people import BOT
from deploy.local.slack.posting import text_and_blocks, truth
from deploy.local.slack.tickets import Answering, Tickets
from deploy.local.slack.workspace import Message, Workspace


async def respond(
    workspace: Workspace, tickets: Tickets, path: str, given: Mapping[str, Any]
) -> None:
    """Raises SlackError; every try counts as a use."""
    answering = tickets.address(path)
    original = _still_there(workspace, answering)
    if truth(given.get("delete_original")):
        if original is not None:
            await workspace.remove(original)
        return
    text, blocks = text_and_blocks(given)
    if truth(given.get("replace_original")) and original is not None:
        await workspace.change(original, text, blocks)
        return
    answering.original = await workspace.post(_message(workspace, answering, given, text, blocks))


def _message(
    workspace: Workspace,
    answering: Answering,
    given: Mapping[str, Any],
    text: str,
    blocks: list[dict[str, Any]],
) -> Message:
    """For the channel or the person alone; membership of the bot does not matter here."""
    in_channel = given.get("response_type") == "in_channel"
    return Message(
        answering.channel,
        workspace.new_ts(),
        BOT.id,
        text,
        blocks,
        thread_ts=_thread(workspace, answering, given),
        only_for="" if in_channel else answering.person,
    )


def _thread(workspace: Workspace, answering: Answering, given: Mapping[str, Any]) -> str:
    thread_ts = str(given.get("thread_ts") or "")
    if thread_ts and thread_ts not in workspace.messages[answering.channel]:
        raise SlackError("thread_not_found")
    return thread_ts


def _still_there(workspace: Workspace, answering: Answering) -> Message | None:
    original = answering.original
    if original is None:
        return None
    return workspace.messages[original.channel].get(original.ts)
