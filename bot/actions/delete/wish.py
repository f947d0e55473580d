"""The wish for a deletion, which vmbackup makes after expiry or a person by a button."""

from __future__ import annotations

from bot.requests.action import Action
from bot.requests.model import Wish


def deletion(of_request: str, reason: str, points: tuple[str, ...] = ()) -> Wish:
    """The wish to delete points of a request: all of them where none is named."""
    return Wish(action=Action.DELETE, of_request=of_request, points=points, reason=reason)
