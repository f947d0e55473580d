"""How a longer retention is asked for."""

from __future__ import annotations

from collections.abc import Sequence

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
    """`REQUEST 2d REASON`: `keep` is how much longer. Raises UsageError."""
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
