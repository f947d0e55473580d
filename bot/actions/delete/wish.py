"""The wish for a deletion, which vmbackup makes after expiry or a person by a button."""

from __future__ import annotations

from collections.abc import Sequence

from bot.requests.action import Action
from bot.requests.model import Wish
from bot.requests.wish_words import NO_FLAGS, name_and_reason, needed, points_named, read_words


def typed(words: Sequence[str]) -> Wish:
    """`REQUEST|SNAPSHOT REASON`. Raises UsageError."""
    what, reason = name_and_reason(read_words(NO_FLAGS, words)["words"])
    example = "delete r-0123456789ab the test is over"
    return Wish(action=Action.DELETE, reason=needed(reason, example), **points_named(what, example))


def deletion(of_request: str, reason: str, points: tuple[str, ...] = ()) -> Wish:
    """The wish to delete points of a request: all of them where none is named."""
    return Wish(action=Action.DELETE, of_request=of_request, points=points, reason=reason)
