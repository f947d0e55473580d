"""Asking: the request is kept before Slack is answered, and the answer says its id."""

from __future__ import annotations

from bot.commands.requesting import Requests
from bot.messages.blocks import Message
from bot.messages.request_notes import asked
from bot.requests.model import Action, Asker, Wish


async def ask(requests: Requests, asker: Asker, wish: Wish, content_key: str) -> Message:
    """The acknowledgement. Raises VmbackupError where nothing could be kept."""
    kept = await requests.ask(asker, wish, content_key)
    return asked(kept.request_id, phrase(wish), is_new=kept.is_new, breaks_glass=wish.break_glass)


def phrase(wish: Wish) -> str:
    """`a snapshot of web-01`, for a sentence."""
    of = wish.vm.rpartition("/")[2] or wish.of_request or ", ".join(wish.points)
    if wish.action is Action.SNAPSHOT:
        return f"{'a restore point' if wish.consistent else 'a snapshot'} of {of}"
    if wish.action is Action.COPY:
        return f"a copy of {of} to {wish.to_region}"
    if wish.action is Action.EXTEND:
        return f"longer keeping of {of}"
    return f"{'a restore' if wish.action is Action.RESTORE else 'a deletion'} of {of}"
