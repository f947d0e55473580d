"""Asking: the request is kept before Slack is answered, and the answer says its id."""

from __future__ import annotations

from bot.commands.requesting import Requests
from bot.messages.blocks import Message
from bot.messages.request_notes import asked
from bot.requests.model import Requester, Wish


async def ask(requests: Requests, requester: Requester, wish: Wish, content_key: str) -> Message:
    """The acknowledgement. Raises VmbackupError where nothing could be kept."""
    kept = await requests.ask(requester, wish, content_key)
    what = requests.phrase(wish)
    return asked(kept.request_id, what, is_new=kept.is_new, breaks_glass=wish.break_glass)
