"""What stands beside a decision: certainty, more or less than it, each with its price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from advisor.model import Alternative, Assessment, Course, Event, KnownVm, Meets, Monthly, Plan
from advisor.options.descriptions import configuration_parts, option_name
from advisor.recommend import todo
from advisor.recommend.candidates import Candidate, Shown
from advisor.recommend.decide import Beside, CourseRuling
from advisor.recommend.moves import Place
from advisor.words import (
    EVENT_WORDS,
    back_within,
    duration,
    listed,
    month_words,
    plan_cost,
)


class Saying(NamedTuple):
    """What the words are made of."""

    ruling: CourseRuling
    place: Place
    known: KnownVm
    shown: Shown
    today: Monthly | None
    nothing: str  #: the sentence that there is nothing to protect; empty where there is something


def named_beside(ruling: CourseRuling) -> Iterator[Beside]:
    """The alternatives worth naming, and what prices leave open."""
    yield from ruling.beside
    if Course.CANNOT_SAY in ruling.courses:
        yield from (Beside("covers-more", each) for each in ruling.settled.open)


def alternative(beside: Beside, saying: Saying) -> Alternative:
    """One of them with its price, in a line; `said_whole` adds the sentence."""
    plan = saying.shown.plan(beside.candidate)
    return Alternative(beside.why, plan, "", _beside_brief(beside, plan, saying))


def said_whole(each: Alternative, beside: Beside, saying: Saying) -> Alternative:
    """The alternative with its sentence."""
    if each.plan is None:
        return each
    return each._replace(sentence=" ".join(_beside_words(beside, each.plan, saying)))


_BESIDE = {
    "certainty": "For certain",
    "without-the-condition": "Without that condition the nearest is",
    "saving": "For less",
    "may-cost-less": "Perhaps for less, once it is priced",
}
_COVERS_MORE = "To meet more"


def _beside_words(beside: Beside, plan: Plan, saying: Saying) -> Iterator[str]:
    candidate = beside.candidate
    way, price = _way(candidate, saying, todo.words_of), plan_cost(plan)
    between = " " if beside.why == "without-the-condition" else ": "
    start = f"{_BESIDE.get(beside.why, _COVERS_MORE)}{between}{way}, {price}"
    if beside.why == "certainty":
        yield f"{start}."
    elif beside.why == "without-the-condition":
        yield f"{start}: {'; '.join(plan.unmet)}."
    elif beside.why == "saving" and plan.meets is Meets.IF:
        yield f"{start}, if {listed(plan.conditions)}."
    elif beside.why == "saving":
        yield f"{start}. {_compared(saying, candidate)}".rstrip()
    else:
        yield f"{start}."
        if plan.unmet:
            yield f"It still does not meet: {'; '.join(plan.unmet)}."
        elif plan.meets is Meets.IF:
            yield f"That holds if {listed(plan.conditions)}."
    yield from todo.left_behind(candidate, saying.shown, saying.place.standings)


def _beside_brief(beside: Beside, plan: Plan, saying: Saying) -> str:
    """`For less: Azure Backup instead, 36 USD a month: region RPO 36 h instead of 5 min`."""
    candidate, monthly = beside.candidate, plan.monthly
    ruling = saying.ruling
    than = ruling.chosen if beside.why == "may-cost-less" else ruling.base
    way = _way(candidate, saying, lambda part: _named_anew(part, than))
    between = " " if beside.why == "without-the-condition" else ": "
    start = f"{_BESIDE.get(beside.why, _COVERS_MORE)}{between}{way}, {month_words(monthly)}"
    if plan.meets is Meets.IF:
        return f"{start}, if {plan.conditions[0]}."
    if plan.unmet:
        return f"{start}; still {plan.unmet[0]}."
    chosen = saying.ruling.chosen
    worse = list(_worse_brief(chosen, candidate, saying.place.judge.asked)) if chosen else []
    return f"{start}: {listed(worse)}." if worse and beside.why == "saving" else f"{start}."


def _named_anew(part: Assessment, base: Candidate | None) -> str:
    """By its name; where the same option is in place, with the settings that differ."""
    name = option_name(part.option)
    same = [each for each in (base.parts if base else ()) if each.option == part.option]
    if not same:
        return name
    had = configuration_parts(part.option, same[0].proposal.configuration)
    has = configuration_parts(part.option, part.proposal.configuration)
    new = [phrase for phrase in has if phrase not in had]
    return f"{name} ({', '.join(new)})" if new else name


def _worse_brief(chosen: Candidate, candidate: Candidate, asked: Iterable[Event]) -> Iterator[str]:
    for event in asked:
        had, has = chosen.judged.recovery[event], candidate.judged.recovery[event]
        worse = []
        if had and has and has.rpo > had.rpo:
            worse.append(f"RPO {duration(has.rpo)} instead of {duration(had.rpo)}")
        if had and has and has.rto.likely > had.rto.likely:
            worse.append(f"RTO {back_within(has.rto)} instead of {back_within(had.rto)}")
        if worse:
            yield f"{event.value} {', '.join(worse)}"


def _way(candidate: Candidate, saying: Saying, words_of: Callable[[Assessment], str]) -> str:
    """How to get there from what is in place."""
    base = saying.ruling.base
    words = listed(words_of(part) for part in todo.new_parts(candidate, base))
    if candidate.adjusted is not None:
        change = candidate.adjusted.what
        return f"{change}, and {words} beside it" if Course.ADD in candidate.courses else change
    if Course.ADD in candidate.courses and base is not None:
        return f"{words} beside what is in place"
    if Course.REPLACE in candidate.courses:
        return f"{words} instead"
    if Course.END in candidate.courses:
        return f"without {listed(todo.names_of(candidate.dropped))}"
    return words


def _compared(saying: Saying, candidate: Candidate) -> str:
    """What of each event asked for becomes worse than with the decision."""
    chosen = saying.ruling.chosen
    if chosen is None:
        return ""
    said = list(_worse(chosen, candidate, saying.place.judge.asked))
    return f"Then {listed(said)}." if said else ""


def _worse(chosen: Candidate, candidate: Candidate, asked: Iterable[Event]) -> Iterator[str]:
    for event in asked:
        had, has = chosen.judged.recovery[event], candidate.judged.recovery[event]
        if had and has and (has.rpo > had.rpo or has.rto.likely > had.rto.likely):
            yield (
                f"{EVENT_WORDS[event]} costs {duration(has.rpo)} of data and"
                f" {back_within(has.rto)} of downtime instead of {duration(had.rpo)} and"
                f" {back_within(had.rto)}"
            )
