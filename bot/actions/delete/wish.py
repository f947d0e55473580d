"""What is wished where vmbackup itself, or a button, asks for a deletion."""

from __future__ import annotations

from bot.requests.action import Action
from bot.requests.model import Wish


def deletion(of_request: str, reason: str, points: tuple[str, ...] = ()) -> Wish:
    """Of what a request made: all of it where no point is named."""
    return Wish(action=Action.DELETE, of_request=of_request, points=points, reason=reason)
