"""What to do, step by step: mend, wait, clean up, change, set up, and what that takes away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from advisor.model import (
    Assessment,
    Course,
    Protection,
    ProtectionState,
)
from advisor.options import BY_NAME
from advisor.options.descriptions import configuration_words, option_name
from advisor.recommend.candidates import Candidate, Shown
from advisor.recommend.in_place import protection_words
from advisor.recommend.standing import Health, Standing, is_locked, last_point_days
from advisor.words import counted, duration, money, sentence

_MENDED = {
    ProtectionState.ERROR: "Fix {what}: it fails. {health}",
    ProtectionState.OVERDUE: (
        "{what} has made no point for longer than its schedule allows: find out why. {health}"
    ),
    ProtectionState.STOPPED: "Resume {what} with its policy: it is stopped.",
    ProtectionState.SOFT_DELETED: (
        "Undelete {what} and resume it while soft delete still keeps its points; a new protection"
        " in the same vault is refused until then."
    ),
    ProtectionState.FAILED_OVER: (
        "The VM has failed over: reprotect it, so that it is replicated again."
    ),
    ProtectionState.PENDING: (
        "The first point of {what} is overdue: look at the job that should have made it. {health}"
    ),
    ProtectionState.ACTIVE: (
        "{what} is behind{rpo}: look at what is written, the cache storage account and the"
        " network. {health}"
    ),
}


def drills(standings: Iterable[Standing]) -> Iterator[str]:
    """Test failovers that still run: billed, and in the way of the next one."""
    for standing in standings:
        found = standing.found
        if found.drill_left or found.drill_since:
            since = f" of {found.drill_since:%Y-%m-%d}" if found.drill_since else ""
            yield (
                f"Clean up the test failover{since}: its VM still runs and is billed, and no"
                " further test failover is possible until then."
            )


def mending(standings: Iterable[Standing]) -> Iterator[str]:
    """What mends each protection that makes no points, or is behind."""
    for standing in standings:
        found = standing.found
        if standing.health in (Health.BROKEN, Health.ENDED):
            behind = f" by {duration(found.rpo)}" if found.rpo else ""
            said = _MENDED[found.state].format(
                what=protection_words(found), rpo=behind, health=_health(found)
            )
            yield sentence(said)


def _health(found: Protection) -> str:
    return " ".join(sentence(each) for each in found.health or (found.detail,) if each)


def waiting(standings: Iterable[Standing]) -> Iterator[str]:
    """Until when a first point is waited for."""
    for standing in standings:
        if standing.health is Health.WAITS and standing.look_again:
            yield (
                f"Wait for the first point of {protection_words(standing.found)}; look again on"
                f" {standing.look_again:%Y-%m-%d}."
            )


def change_itself(chosen: Candidate, base: Candidate | None) -> Iterator[str]:
    """The change in place, and what is set up anew."""
    if chosen.adjusted is not None:
        yield sentence(chosen.adjusted.what)
    if base is not None and {Course.ADD, Course.REPLACE} & set(chosen.courses):
        for part in new_parts(chosen, base):
            yield f"Set up {words_of(part)}."
    for part in chosen.dropped:
        yield f"End {option_name(part.option)} as it is in place."


def change_brings(chosen: Candidate, shown: Shown, standings: Iterable[Standing]) -> Iterator[str]:
    """What comes with the change: other items of the vault, what it takes away, what ends."""
    change = chosen.adjusted
    if change is not None:
        if change.whole_vault is not None:
            items = counted(change.whole_vault, "protected item")
            which = f"the {items} that was" if change.whole_vault == 1 else f"all {items} that were"
            yield f"It changes the whole vault: the price of {which} read in it, too."
        yield from (sentence(each) for each in (change.urgent, *change.takes_away) if each)
    yield from left_behind(chosen, shown, standings)


def new_parts(chosen: Candidate, base: Candidate | None) -> Iterator[Assessment]:
    """The parts of a plan that are not in place, as they are or changed."""
    kept = base.parts if base else ()
    changed = chosen.adjusted.chosen if chosen.adjusted else None
    for part in chosen.parts:
        is_changed = changed is not None and part.proposal.chosen is changed
        if not is_changed and not any(part is other for other in kept):
            yield part


def left_behind(chosen: Candidate, shown: Shown, standings: Iterable[Standing]) -> Iterator[str]:
    """Of each option that is ended or set up anew elsewhere: its old points, and what keeping them
    costs."""
    for part in chosen.dropped:
        found = BY_NAME[part.option].found
        if found is None:
            continue
        anew = part.option in chosen.options
        said = found.leaving if anew else found.ending
        amount = shown.priced(part).monthly.likely
        price = "" if amount is None else f" about {money(amount, shown.currency)} a month"
        if is_locked(standings, part):
            said = found.leaving_locked if anew else found.ending_locked
            price += " at first"  # points that end go, one after the other
        if said:
            yield said.format(price=price, days=counted(last_point_days(part), "day"))


def forbidden(chosen: Candidate) -> Iterator[str]:
    """What Azure does not allow to change in place, of what is replaced by its own option."""
    wanted = {part.option: part.proposal.configuration for part in chosen.parts}
    for part in chosen.dropped:
        found, want = BY_NAME[part.option].found, wanted.get(part.option)
        if found and want:
            yield from found.forbidden(part.proposal.configuration, want)


def words_of(part: Assessment) -> str:
    """`Azure Backup (Standard policy every 24 h, ...)` inside a sentence."""
    return _words_of(part.option, tuple(part.proposal.configuration.items()))


@lru_cache(maxsize=4096)
def _words_of(option: str, configuration: tuple[tuple[str, Any], ...]) -> str:
    words, name = configuration_words(option, dict(configuration)), option_name(option)
    return f"{name} ({words})" if words else name


def names_of(parts: Iterable[Assessment]) -> list[str]:
    return [option_name(part.option) for part in parts]
