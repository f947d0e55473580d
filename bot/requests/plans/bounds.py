"""The bounds of the retention that hold for every plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from advisor.quantities import format_duration
from advisor.words import duration
from bot.requests.limits import DEFAULT_KEEP, LONGEST_BREAK_GLASS, LONGEST_KEEP, SHORTEST_KEEP
from bot.requests.model import Wish
from bot.requests.moments import moment_words
from bot.requests.refusals import PlanRefused


class Bounds(NamedTuple):
    """The bounds of the retention, from the settings."""

    default_keep: timedelta = DEFAULT_KEEP
    shortest_keep: timedelta = SHORTEST_KEEP
    longest_keep: timedelta = LONGEST_KEEP
    break_glass_keep: timedelta = LONGEST_BREAK_GLASS  #: never above `LONGEST_BREAK_GLASS`


def keep_of(wish: Wish, bounds: Bounds) -> timedelta:
    """The retention: that of the wish, or the default. Raises PlanRefused out of bounds."""
    longest = _longest(bounds, break_glass=wish.break_glass)
    keep = min(bounds.default_keep, longest) if wish.keep is None else wish.keep
    wrong = out_of_bounds(keep, bounds, break_glass=wish.break_glass)
    if wrong:
        raise PlanRefused(f"{wrong} Say it with --keep {format_duration(longest)}.")
    return keep


def out_of_bounds(keep: timedelta, bounds: Bounds, *, break_glass: bool = False) -> str:
    """Why the retention is not allowed; empty where it is."""
    least, most = bounds.shortest_keep, _longest(bounds, break_glass=break_glass)
    if least <= keep <= most:
        return ""
    what = "A break-glass snapshot" if break_glass else "What is made here"
    return f"{what} is kept {duration(least)} to {duration(most)}, not {_in_words(keep)}."


def _longest(bounds: Bounds, *, break_glass: bool) -> timedelta:
    if not break_glass:
        return bounds.longest_keep
    return min(bounds.longest_keep, bounds.break_glass_keep, LONGEST_BREAK_GLASS)


def extended_expiry(until: datetime, wish: Wish, bounds: Bounds, now: datetime) -> datetime:
    """The new expiry, counted from the old one. Raises PlanRefused out of bounds."""
    if wish.keep is None or wish.keep <= timedelta():
        raise PlanRefused("Say for how long: /vmbackup extend REQUEST 2d and why.")
    expires_at = until + wish.keep
    if expires_at <= now:
        raise PlanRefused("It would have expired already. Extend it for longer.")
    if expires_at - now > bounds.longest_keep:
        raise PlanRefused(
            f"It would be kept until {moment_words(expires_at)}: more than "
            f"{duration(bounds.longest_keep)} from now. Extend it for less."
        )
    return expires_at


def _in_words(keep: timedelta) -> str:
    return duration(keep) if keep >= timedelta(minutes=1) else "that"
