"""The wish for a longer retention, from the words of a command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from advisor.quantities import parse_duration
from bot.requests.action import Action
from bot.requests.model import Wish
from bot.requests.wish_words import (
    NO_FLAGS,
    name_and_reason,
    name_and_rest,
    needed,
    points_named,
    read_words,
)


def typed(words: Sequence[str]) -> Wish:
    """`REQUEST 2d REASON`: `keep` is the extension. Raises UsageError."""
    what, rest = name_and_rest(read_words(NO_FLAGS, words)["words"])
    longer, reason = name_and_reason(rest)
    example = "extend r-0123456789ab 2d still testing"
    keep = parse_duration(needed(longer, example))
    return Wish(
        action=Action.EXTEND,
        reason=needed(reason, example),
        keep=keep,
        **points_named(what, example),
    )


def extension(of_request: str, keep: timedelta, reason: str) -> Wish:
    """The wish to keep all that a request made for `keep` longer."""
    return Wish(action=Action.EXTEND, of_request=of_request, keep=keep, reason=reason)
