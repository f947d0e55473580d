"""Candidates: plans before they are chosen, with what they give and what they cost in USD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from advisor.model import (
    ZERO,
    Adjustment,
    Assessment,
    Course,
    Event,
    Line,
    Need,
    Plan,
    Range,
)
from advisor.prices.pricing import COUNTED, together
from advisor.recommend.assess import Judge, Judged

#: How well an event is met: not, on a condition that a stated figure rests on, on another
#: condition, for certain.
UNMET, IF_STATED, IF_NOT_STATED, CERTAIN = 0, 1, 2, 3
#: Enough to be chosen: a stated need prefers certainty, another takes the condition.
ENOUGH = IF_NOT_STATED


class CostUsd(NamedTuple):
    """A month in USD, of the lines that have a price; and the counted lines that have none."""

    low: Decimal
    likely: Decimal
    high: Decimal
    missing: tuple[Line, ...] = ()


class Candidate(NamedTuple):
    """A plan that could be decided on. `dropped`: what is in place and would end with it."""

    parts: tuple[Assessment, ...]
    judged: Judged
    levels: tuple[int, ...]  #: one for each event asked for, in the order of `Event`
    cost: CostUsd
    courses: tuple[Course, ...] = (Course.PROTECT,)
    adjusted: Adjustment | None = None
    dropped: tuple[Assessment, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        return tuple([part.proposal.option for part in self.parts])

    @property
    def worst(self) -> int:
        """The level of the event that is met worst; certain where nothing is asked for."""
        return min(self.levels, default=CERTAIN)


def candidate_of(
    parts: Sequence[Assessment],
    judge: Judge,
    courses: tuple[Course, ...] = (Course.PROTECT,),
    adjusted: Adjustment | None = None,
    dropped: tuple[Assessment, ...] = (),
) -> Candidate:
    """Parts taken together: judged as one plan, and summed up."""
    judged = judge.together([part.proposal for part in parts])
    level = (
        levels(judged, judge.need, judge.asked)
        if judged.met_if
        else _certain(judged.met, judge.asked)
    )
    return Candidate(tuple(parts), judged, level, cost_of(parts), courses, adjusted, dropped)


def levels(judged: Judged, need: Need, asked: Iterable[Event]) -> tuple[int, ...]:
    """How well each event is met. A condition that no figure rests on is none of a figure."""
    return tuple([_level(judged, need, event) for event in asked])


def _level(judged: Judged, need: Need, event: Event) -> int:
    if event not in judged.met:
        return UNMET
    rests_on = judged.rests_on.get(event)
    if rests_on is None:
        return CERTAIN
    return IF_STATED if rests_on & need.stated else IF_NOT_STATED


def levels_of(each: Assessment, judge: Judge) -> tuple[int, ...]:
    """How well one assessment meets each event."""
    if each.met_if:
        return levels(judge.alone(each.proposal), judge.need, judge.asked)
    return _certain(each.met, judge.asked)


@lru_cache(maxsize=1024)
def _certain(met: frozenset[Event], asked: tuple[Event, ...]) -> tuple[int, ...]:
    return tuple([CERTAIN if event in met else UNMET for event in asked])


def cost_of(parts: Sequence[Assessment]) -> CostUsd:
    """What the parts cost together."""
    if len(parts) == 1 and not parts[0].monthly.missing:
        monthly = parts[0].monthly
        return CostUsd(monthly.low, monthly.likely or ZERO, monthly.high or ZERO)
    low = likely = high = ZERO
    missing: list[Line] = []
    for part in parts:
        monthly = part.monthly
        if monthly.likely is None or monthly.high is None:
            known = _known_lines(part.lines, missing)
        else:
            known = Range(monthly.low, monthly.likely, monthly.high)
        low, likely, high = low + known.low, likely + known.likely, high + known.high
    return CostUsd(low, likely, high, tuple(missing))


def _known_lines(lines: Iterable[Line], missing: list[Line]) -> Range:
    """What the lines with a price cost together; the others that count go to `missing`."""
    low = likely = high = ZERO
    for line in lines:
        usage, monthly = line.usage, line.monthly
        if usage.kind not in COUNTED:
            continue
        if monthly is not None:
            low, likely, high = low + monthly.low, likely + monthly.likely, high + monthly.high
        elif not usage.optional:
            missing.append(line)
    return Range(low, likely, high)


def plan_of(each: Candidate, currency: str) -> Plan:
    """The candidate as a plan, in the currency of its parts."""
    return Plan(
        parts=each.parts,
        monthly=each.parts[0].monthly
        if len(each.parts) == 1
        else together((part.monthly for part in each.parts), currency),
        met=each.judged.met,
        unmet=each.judged.unmet,
        in_place=bool(each.parts) and all(part.in_place for part in each.parts),
        met_if=each.judged.met_if,
        gaps=each.judged.gaps,
        adjusted=each.adjusted,
    )


class Shown(NamedTuple):
    """Assessments in the currency that is shown, by those in USD that they stand for."""

    currency: str
    by_identity: Mapping[int, Assessment]

    def priced(self, part: Assessment) -> Assessment:
        """The same assessment with the money that people read."""
        return self.by_identity.get(id(part), part)

    def plan(self, each: Candidate) -> Plan:
        """The plan with the money that people read."""
        parts = tuple([self.priced(part) for part in each.parts])
        return plan_of(each._replace(parts=parts), self.currency)
