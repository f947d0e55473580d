"""How a copy is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.regions import parse_region
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
    """`SNAPSHOT|REQUEST REGION REASON`. Raises UsageError."""
    what, rest = name_and_rest(read_words(NO_FLAGS, words)["words"])
    region, reason = name_and_reason(rest)
    example = "copy r-0123456789ab northeurope for the drill"
    to_region = parse_region(needed(region, example))
    return Wish(
        action=Action.COPY,
        reason=needed(reason, example),
        to_region=to_region,
        **points_named(what, example),
    )
