"""What a move from what is in place saves, costs or makes impossible, and what it is beyond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.model import Course, Decision, InPlace, Monthly, ProtectionState
from advisor.options.descriptions import option_name
from advisor.recommend import todo
from advisor.recommend.candidates import Candidate
from advisor.recommend.compare import SAVING_USD
from advisor.recommend.decide import CourseRuling
from advisor.words import brief_money, capital, money

#: States in which a protection costs nothing yet, or nothing any more.
_FREE = frozenset({ProtectionState.PENDING, ProtectionState.SOFT_DELETED})
_STAYS = frozenset({Course.KEEP, Course.WAIT, Course.FIX})


def changes(
    decision: Decision, ruling: CourseRuling, found: Sequence[InPlace], alike: Monthly | None
) -> tuple[str, ...]:
    """Sentences; none where nothing is in place.

    `alike`: what the same options cost that do no more than the need asks for.
    """
    if decision.plan is None or ruling.base is None:
        return ()
    if set(decision.courses) <= _STAYS:
        return (*_beyond(decision, alike), *_beside(ruling, found))
    return (*_difference(decision, found), *_forbidden(ruling.chosen))


def _beyond(decision: Decision, alike: Monthly | None) -> Iterator[str]:
    """What is configured beyond the need, with what it costs: no advice to do without."""
    plan = decision.plan
    if plan is None or plan.unmet or alike is None or alike.likely is None:
        return
    if plan.monthly.likely is not None and plan.monthly.likely - alike.likely > SAVING_USD:
        more = brief_money(plan.monthly.likely - alike.likely, plan.monthly.currency)
        yield f"What it does beyond the need costs about {more} a month; it is kept."


def _beside(ruling: CourseRuling, found: Sequence[InPlace]) -> Iterator[str]:
    """Protection that costs and is no part of the plan."""
    in_plan = {id(part.proposal.chosen) for part in (ruling.chosen.parts if ruling.chosen else ())}
    for each in found:
        assessed = each.assessment
        if assessed is None or each.protection.state in _FREE or not assessed.monthly.likely:
            continue
        if id(assessed.proposal.chosen) not in in_plan:
            cost = money(assessed.monthly.likely, assessed.monthly.currency)
            yield (
                f"{capital(option_name(assessed.option))} is stopped and costs {cost} a month"
                " until its points are deleted."
            )


def _difference(decision: Decision, found: Sequence[InPlace]) -> Iterator[str]:
    change, today = decision.difference, decision.today
    if change is None or today is None:
        return
    if all(each.protection.state in _FREE for each in found):
        return  # nothing is paid today that could be saved or exceeded
    if change < 0:
        yield f"That saves about {money(-change, today.currency)} a month against today."
    elif change > 0:
        yield f"That costs about {money(change, today.currency)} a month more than today."


def _forbidden(chosen: Candidate | None) -> Iterator[str]:
    if chosen is not None:
        yield from todo.forbidden(chosen)
