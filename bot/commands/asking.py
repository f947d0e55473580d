"""Stores a request before Slack is answered; the answer contains its id."""

from __future__ import annotations

from bot.commands.requesting import Requests
from bot.messages.asked_notes import asked
from bot.messages.blocks import Message
from bot.requests.model import Requester, Wish


async def ask(requests: Requests, requester: Requester, wish: Wish, content_key: str) -> Message:
    """Store the request and return the acknowledgement. Raises VmbackupError."""
    receipt = await requests.ask(requester, wish, content_key)
    url = "" if receipt.is_new else await requests.card_link(receipt.request_id)
    return asked(
        receipt.request_id,
        requests.phrase(wish),
        requests.goes_to(wish),
        is_new=receipt.is_new,
        breaks_glass=wish.break_glass,
        url=url,
    )
