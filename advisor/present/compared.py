"""The few assessments that an advice compares: those which its table and its sentences speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.model import Advice, Assessment
from advisor.options.descriptions import configuration_words
from advisor.present.comparison import best_of_each

MOST_COMPARED = 6  #: more are read by nobody; `--details` has every one


def compared(advice: Advice) -> tuple[Assessment, ...]:
    """What is to be done first, then the best of each option; what is in place, the nearest and
    the alternatives, while there is room for them. Each once."""
    always = _distinct((*_to_do(advice), *best_of_each(advice.assessments)))
    if len(always) >= MOST_COMPARED:
        return always
    return _distinct((*always, *_also_named(advice)))[:MOST_COMPARED]


def _to_do(advice: Advice) -> Iterator[Assessment]:
    for plan in (advice.decision.plan, advice.recommended):
        yield from plan.parts if plan else ()


def _also_named(advice: Advice) -> Iterator[Assessment]:
    yield from (each.assessment for each in advice.in_place if each.assessment is not None)
    yield from (part for plan in advice.nearest for part in plan.parts)
    for other in advice.decision.alternatives:
        yield from other.plan.parts if other.plan else ()


def _distinct(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    seen: dict[tuple[str, str, bool], Assessment] = {}
    for each in assessments:
        words = configuration_words(each.option, each.proposal.configuration)
        seen.setdefault((each.option, words, each.in_place), each)
    return tuple(seen.values())
