"""How long something may be kept and how much may be said: the bounds that every plan keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from advisor.quantities import format_duration
from advisor.words import clean, duration
from bot.requests.action import ActionFacts
from bot.requests.approval.rules import (
    DEFAULT_KEEP,
    LONGEST_BREAK_GLASS,
    LONGEST_KEEP,
    SHORTEST_KEEP,
)
from bot.requests.model import Wish
from bot.requests.refusals import PlanRefused

#: Ours: a sentence or three. It stands in a card (Slack: 3,000 characters a text) and, cut to
#: 256 characters, in a tag.
LONGEST_REASON = 500


class Bounds(NamedTuple):
    """How long what is made is kept, from the settings."""

    default_keep: timedelta = DEFAULT_KEEP
    shortest_keep: timedelta = SHORTEST_KEEP
    longest_keep: timedelta = LONGEST_KEEP
    break_glass_keep: timedelta = LONGEST_BREAK_GLASS  #: never above `LONGEST_BREAK_GLASS`


def check_wish(wish: Wish, facts: ActionFacts) -> None:
    """Raises PlanRefused for a wish that no VM could make right."""
    if wish.action is not facts.action:
        raise ValueError(f"A wish to {wish.action} is not planned as {facts.action}.")
    if facts.needs_reason and not clean(wish.reason):
        raise PlanRefused("Say why: whoever approves it reads the reason.")
    if len(wish.reason) > LONGEST_REASON:
        raise PlanRefused(
            f"The reason has {len(wish.reason):,} characters. Say it in {LONGEST_REASON}."
        )
    if wish.break_glass and not facts.may_break_glass:
        raise PlanRefused("Break-glass is for snapshots only. Ask for this without it.")


def keep_of(wish: Wish, bounds: Bounds) -> timedelta:
    """How long it is kept: as said, or by default. Raises PlanRefused out of bounds."""
    longest = _longest(bounds, break_glass=wish.break_glass)
    keep = min(bounds.default_keep, longest) if wish.keep is None else wish.keep
    wrong = out_of_bounds(keep, bounds, break_glass=wish.break_glass)
    if wrong:
        raise PlanRefused(f"{wrong} Say it with --keep {format_duration(longest)}.")
    return keep


def out_of_bounds(keep: timedelta, bounds: Bounds, *, break_glass: bool = False) -> str:
    """Why it cannot be kept that long; empty where it can."""
    least, most = bounds.shortest_keep, _longest(bounds, break_glass=break_glass)
    if least <= keep <= most:
        return ""
    what = "A break-glass snapshot" if break_glass else "What is made here"
    return f"{what} is kept {duration(least)} to {duration(most)}, not {_said(keep)}."


def _longest(bounds: Bounds, *, break_glass: bool) -> timedelta:
    if not break_glass:
        return bounds.longest_keep
    return min(bounds.longest_keep, bounds.break_glass_keep, LONGEST_BREAK_GLASS)


def extended(until: datetime, wish: Wish, bounds: Bounds, now: datetime) -> datetime:
    """The new expiry, counted from the old one. Raises PlanRefused out of bounds."""
    if wish.keep is None or wish.keep <= timedelta():
        raise PlanRefused("Say for how long: /vmbackup extend REQUEST 2d and why.")
    expires_at = until + wish.keep
    if expires_at <= now:
        raise PlanRefused("It would have expired already. Extend it for longer.")
    if expires_at - now > bounds.longest_keep:
        raise PlanRefused(
            f"It would be kept until {expires_at:%Y-%m-%d %H:%M} UTC: more than "
            f"{duration(bounds.longest_keep)} from now. Extend it for less."
        )
    return expires_at


def _said(keep: timedelta) -> str:
    return duration(keep) if keep >= timedelta(minutes=1) else "that"
