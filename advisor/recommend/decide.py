"""What to do about one VM: the course, and the plan as things would be afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.model import Course, Event
from advisor.recommend.assess import Judge
from advisor.recommend.bound import Settled, settle
from advisor.recommend.candidates import ENOUGH, Candidate, candidate_of
from advisor.recommend.compare import best, saves_enough
from advisor.recommend.moves import (
    Place,
    added,
    adjusted,
    also_adjusted,
    as_good,
    ended,
    gains,
    held_by_lock,
    lacking_figures,
    leaves_points,
    lessened,
    replaced,
    year_per_month,
)
from advisor.recommend.standing import Health, Standing

#: Parts of what stands that a plan can rest on once they are mended.
_WANTED = (Health.RUNS, Health.WAITS, Health.BROKEN)


class Beside(NamedTuple):
    """Another plan worth naming, and why (`Alternative.why`)."""

    why: str
    candidate: Candidate


class CourseRuling(NamedTuple):
    """A decision before it is said. `chosen` is None where nothing is, or can be, decided."""

    courses: tuple[Course, ...]
    chosen: Candidate | None
    base: Candidate | None = None  #: what is in place, mended
    beside: tuple[Beside, ...] = ()  #: the saving not taken; `also_beside` finds the rest
    changes: tuple[Candidate, ...] = ()  #: what could be changed of what is in place
    nearest: tuple[Candidate, ...] = ()
    settled: Settled = Settled(None)
    unknown: Candidate | None = None  #: would meet the need, were it known to be allowed


def decide(place: Place) -> CourseRuling:
    """The course for a VM that holds something to protect."""
    base = standing_plan(place)
    if base is None:
        loose = any(each.health is Health.LOOSE for each in place.standings)
        if any(each.health is Health.UNREADABLE for each in place.standings):
            return CourseRuling((Course.CANNOT_SAY,), None)
        return anew(place, Course.ADD if loose else Course.PROTECT)
    unreadable = any(each.health is Health.UNREADABLE for each in place.standings)
    if unreadable and base.worst < ENOUGH:
        return CourseRuling((Course.CANNOT_SAY,), None, base)
    changes = tuple(adjusted(place, base))
    chosen = _moved(place, base, changes)
    return CourseRuling(
        courses=chosen.courses,
        chosen=chosen,
        base=base,
        beside=tuple(_saving(place, base, chosen)),
        changes=changes,
    )


# --- nothing in place ------------------------------------------------------------------------


def anew(place: Place, course: Course) -> CourseRuling:
    """Nothing stands that a plan could rest on."""
    fresh = place.fresh
    if fresh.best is not None:
        chosen = fresh.best._replace(courses=(course,))
        return CourseRuling(
            chosen.courses,
            chosen,
            beside=(Beside("saving", fresh.saving),) if fresh.saving else (),
            settled=fresh.settled,
        )
    if fresh.settled.open:
        return CourseRuling((Course.CANNOT_SAY,), None, settled=fresh.settled)
    if fresh.unknown is not None:
        return CourseRuling(
            (Course.CANNOT_SAY,), None, nearest=place.nearest(), unknown=fresh.unknown
        )
    near = place.nearest()
    return CourseRuling((Course.NOTHING_MEETS,), near[0] if near else None, nearest=near)


# --- what is in place, mended ----------------------------------------------------------------


def standing_plan(place: Place) -> Candidate | None:
    """Everything in place together, as it would be when mended; None where nothing is.

    What was stopped or deleted on purpose is taken up again only where it meets more.
    """
    wanted = [each for each in place.standings if each.mended and each.health in _WANTED]
    base = _standing(wanted, place.judge)
    ended = [each for each in place.standings if each.mended and each.health is Health.ENDED]
    return _taken_up(wanted, base, ended, place)


def _taken_up(
    wanted: Sequence[Standing],
    base: Candidate | None,
    ended: Sequence[Standing],
    place: Place,
) -> Candidate | None:
    """With what was ended, the best of it first, as long as that meets more: in whatever order the
    protections were found."""
    ways = [(each, _standing([*wanted, each], place.judge)) for each in ended]
    worth = [more for _, more in ways if more and (base is None or _is_more(more, base, place))]
    best_way = best_move(worth, place)
    if best_way is None:
        return base
    [taken] = [each for each, more in ways if more is best_way]
    rest = [each for each in ended if each is not taken]
    return _taken_up([*wanted, taken], best_way, rest, place)


def _standing(wanted: Sequence[Standing], judge: Judge) -> Candidate | None:
    parts = [each.mended for each in wanted if each.mended is not None]
    if not parts:
        return None
    return candidate_of(parts, judge, _courses(wanted))


def _courses(wanted: Iterable[Standing]) -> tuple[Course, ...]:
    states = {each.health for each in wanted}
    courses = []
    if states & {Health.BROKEN, Health.ENDED}:
        courses.append(Course.FIX)
    if Health.WAITS in states:
        courses.append(Course.WAIT)
    return tuple(courses) or (Course.KEEP,)


def _is_more(each: Candidate, before: Candidate, place: Place) -> bool:
    """Whether it meets an event better, or survives one more of those asked for."""
    return bool(gains(each, before)) or merit(each, place)[1] > merit(before, place)[1]


# --- moving away -----------------------------------------------------------------------------

Moves = Callable[[Place, Candidate], Iterable[Candidate]]
Permitted = Callable[[Place, Candidate, Candidate, Candidate], bool]


def _moved(place: Place, base: Candidate, changes: Sequence[Candidate]) -> Candidate:
    """Adjust, add, replace or end, each where it beats the plan chosen so far.

    `kept`: what is in place, as it can be changed in place. What is added may stand beside it; what
    replaces must do better than it.
    """
    worth = [each for each in changes if _may_adjust(place, base, each, base)]
    better = best_move(worth, place)
    kept = chosen = _keeping_most(better, worth, changes, base, place) if better else base
    for moves, permitted in _worth_trying(place, kept):
        tried = [*moves(place, base), *(moves(place, kept) if moves in _AFTER_A_CHANGE else ())]
        worth = [each for each in tried if permitted(place, kept, each, chosen)]
        chosen = best_move(worth, place) or chosen
    return _changed_too(place, base, chosen, changes)


#: Moves that may follow a change in place of what stays.
_AFTER_A_CHANGE = (added, ended)


def _changed_too(
    place: Place, base: Candidate, chosen: Candidate, changes: Sequence[Candidate]
) -> Candidate:
    """What stays where something is ended may be worth a change that was not before."""
    if Course.END not in chosen.courses or chosen.adjusted is not None:
        return chosen
    every = tuple(also_adjusted(chosen, base, changes, place.judge))
    worth = [each for each in every if _may_adjust(place, base, each, chosen)]
    better = best_move(worth, place)
    return _keeping_most(better, worth, every, chosen, place) if better else chosen


def _keeping_most(
    cheapest: Candidate,
    worth: Sequence[Candidate],
    changes: Sequence[Candidate],
    base: Candidate,
    place: Place,
) -> Candidate:
    """Of changes in place that give as much, the one that takes least away for what it saves.

    The cheaper must save enough over the dearer, as any move must: a day of instant restore less
    is not worth a few dollars. Nor does it make up for what the others are not worth: then what is
    in place stays.
    """
    able = worth
    if _is_setting(cheapest):
        below = [each for each in changes if each.cost.likely < base.cost.likely]
        able = [each for each in below if _is_setting(each)]
    alike = [
        each
        for each in able
        if not each.cost.missing
        and not cheapest.cost.missing
        and merit(each, place) == merit(cheapest, place)
        and each.adjusted
        and each.adjusted.takes_away
        and cheapest.adjusted
        and cheapest.adjusted.takes_away
        and not saves_enough(each.cost.likely, cheapest.cost.likely)
    ]
    most = max(alike, key=lambda each: each.cost.likely, default=cheapest)
    return most if any(each is most for each in worth) else base


def _is_setting(each: Candidate) -> bool:
    """Whether it changes days of instant restore alone."""
    return each.adjusted is not None and each.adjusted.of_setting


def _worth_trying(place: Place, kept: Candidate) -> Iterator[tuple[Moves, Permitted]]:
    """On figures that nobody stated nothing is replaced or ended; nothing is added to enough."""
    if kept.worst < ENOUGH:
        yield added, _may_add
    if place.judge.need.stated:
        yield ended, _may_end
        yield replaced, _may_replace


def best_move(worth: Sequence[Candidate], place: Place) -> Candidate | None:
    """Of moves that are worth it the one that meets most, then the cheapest."""
    if not worth:
        return None
    most = max(merit(each, place) for each in worth)
    same = [each for each in worth if merit(each, place) == most]
    bounds = place.bounds
    complete = [each for each in same if not each.cost.missing]
    return settle(same, bounds).winner or settle(complete or same, bounds).winner or same[0]


def merit(each: Candidate, place: Place) -> tuple[int, int]:
    """How well what is asked is met, then how much of it is survived at all."""
    recovery = each.judged.recovery
    survived = sum(recovery[event] is not None for event in place.judge.asked)
    return sum(min(level, ENOUGH) for level in each.levels), survived


def _may_adjust(place: Place, base: Candidate, each: Candidate, chosen: Candidate) -> bool:
    """For what is not met, and for a saving that takes nothing away that nobody asked about but
    surplus of a setting."""
    if not _is_setting(each) and not _may_lose(place, base, each):
        return False
    return bool(gains(each, chosen)) or _saves(place, each, chosen)


def _may_add(place: Place, base: Candidate, each: Candidate, chosen: Candidate) -> bool:
    """For what somebody stated; for the rest only where nothing covers deletion at all."""
    asked = place.judge.asked
    if Event.DELETION in asked and base.judged.recovery[Event.DELETION] is None:
        return bool(gains(each, chosen)) or (
            as_good(each, chosen) and each.judged.recovery[Event.DELETION] is not None
        )
    return _gains_stated(place, base, each, chosen)


def _may_replace(place: Place, base: Candidate, each: Candidate, chosen: Candidate) -> bool:
    """For what somebody stated. For a saving never by another vault, nor on figures unstated."""
    stated = place.judge.need.stated
    if not _may_lose(place, base, each):
        return False
    if _gains_stated(place, base, each, chosen):
        return True
    meets_more = bool(gains(each, base)) and _gains_stated(place, base, each, base)
    whole = all(f"{event.value}.asked" in stated for event in place.judge.asked)
    if not meets_more and (not whole or _is_another_vault(each)):
        return False
    return _is_as_sure(each, chosen) and _saves(place, each, chosen)


def _may_end(place: Place, base: Candidate, each: Candidate, chosen: Candidate) -> bool:
    may = _may_lose(place, base, each) and _is_as_sure(each, chosen)
    return may and _saves(place, each, chosen)


def _is_as_sure(each: Candidate, chosen: Candidate) -> bool:
    """Whether no event is met on a condition that is met for certain so far: a stated need prefers
    certainty, and what runs is not given up for what somebody has yet to do."""
    return all(after >= then for after, then in zip(each.levels, chosen.levels, strict=True))


def _may_lose(place: Place, before: Candidate, after: Candidate) -> bool:
    """Whether all that is given up is beyond what somebody stated: never isolation asked for.

    Of an event that somebody said need not be survived, less is given up than the whole of it.
    """
    need = place.judge.need
    unasked = {event.value for event in Event if need.of(event) is None}
    unasked = {event for event in unasked if f"{event}.asked" in need.stated}
    less = {each for each in lessened(before, after) if each.split(".")[0] not in unasked}
    return less <= need.stated and not (need.isolated and "isolated" in less)


def _is_another_vault(each: Candidate) -> bool:
    """Whether an option that keeps points out of reach is replaced by itself, set up anew."""
    left = {part.option for part in each.dropped if leaves_points(part)}
    return any(part.option in left for part in each.parts)


def _gains_stated(place: Place, base: Candidate, each: Candidate, chosen: Candidate) -> bool:
    """Whether it meets an event better whose missing figure somebody stated."""
    lacking = lacking_figures(base, place.judge)
    events = [place.judge.asked[at] for at in gains(each, chosen)]
    return any(lacking.get(event, frozenset()) & place.judge.need.stated for event in events)


def _saves(place: Place, each: Candidate, chosen: Candidate) -> bool:
    """More than a tenth and 5 USD a month over the first year, meeting as much."""
    if not as_good(each, chosen) or each.cost.missing or chosen.cost.missing:
        return False
    if not saves_enough(chosen.cost.likely, each.cost.likely):
        # The ramp only delays what the steady state costs; nothing that costs as much saves.
        return False
    now, then = year_per_month(place, chosen), year_per_month(place, each)
    return now is not None and then is not None and saves_enough(now, then)


# --- beside the decision ---------------------------------------------------------------------


def _saving(place: Place, base: Candidate, chosen: Candidate) -> list[Beside]:
    """What would meet the need for less by other means, and is not decided on."""
    if chosen.cost.missing:
        return []
    less = [] if chosen.adjusted else [*ended(place, base)]
    if place.fresh.best is not None:
        instead = (Course.REPLACE,)
        less.append(place.fresh.best._replace(courses=instead, dropped=base.parts))
    worth = [
        each
        for each in less
        if each.options != chosen.options
        and as_good(each, chosen)
        and not each.cost.missing
        and saves_enough(chosen.cost.likely, each.cost.likely + held_by_lock(place, each.dropped))
    ]
    return [Beside("saving", best(worth))] if worth else []
