"""A decision in words: the course first, then what is open, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.model import (
    Alternative,
    Course,
    Decision,
    Event,
    Gap,
    InPlace,
    KnownVm,
    Meets,
    Monthly,
    Plan,
    Verdict,
)
from advisor.options import BY_NAME
from advisor.options.descriptions import option_name
from advisor.prices.remedy import Remedies
from advisor.recommend import todo
from advisor.recommend.candidates import Candidate, Shown
from advisor.recommend.decide import Beside, CourseRuling
from advisor.recommend.in_place import disks_named, vaults_read
from advisor.recommend.moves import Place
from advisor.recommend.price_hint import price_hint
from advisor.words import EVENT_WORDS, back_within, duration, listed, plan_cost, sentences

NOT_YET = "nothing protects it yet"  #: the condition where nobody read what does


class Saying(NamedTuple):
    """What the words are made of."""

    ruling: CourseRuling
    place: Place
    known: KnownVm
    shown: Shown
    today: Monthly | None


def decision_of(saying: Saying, in_place: Sequence[InPlace]) -> Decision:
    """The decision with its sentence, steps, alternatives and what cannot be undone."""
    ruling = saying.ruling
    chosen = ruling.chosen
    plan = saying.shown.plan(chosen) if chosen else None
    likely = plan.monthly.likely if plan else None
    known = saying.today.likely if saying.today else None
    gaps = _gaps(saying, plan)
    return Decision(
        courses=ruling.courses,
        plan=plan,
        meets=plan.meets if plan else Meets.NO,
        conditions=plan.conditions if plan and plan.meets is Meets.IF else (),
        today=saying.today,
        difference=None if likely is None or known is None else likely - known,
        gaps=gaps,
        unmet=plan.unmet if plan else (),
        alternatives=tuple(_alternative(each, saying) for each in _named_beside(ruling)),
        irreversible=_irreversible(chosen),
        sentence=_sentence(saying, plan, gaps),
        todo=tuple(dict.fromkeys(_todo(saying))),
        bound=ruling.settled.sentence,
    )


def _gaps(saying: Saying, plan: Plan | None) -> tuple[Gap, ...]:
    """The disks in no point of the plan, and those that are in none today."""
    gaps = list(plan.gaps if plan else ())
    base = saying.ruling.base
    if base is not None:
        named = {gap.disk for gap in gaps}
        gaps += [gap for gap in base.judged.gaps if gap.disk not in named]
    return tuple(gaps)


def _irreversible(chosen: Candidate | None) -> tuple[str, ...]:
    if chosen is None:
        return ()
    said = (chosen.adjusted.irreversible,) if chosen.adjusted else ()
    return tuple(each for each in (*said, *todo.forbidden(chosen)) if each)


# --- the sentence ----------------------------------------------------------------------------


def _sentence(saying: Saying, plan: Plan | None, gaps: Sequence[Gap]) -> str:
    """The course in plain words, what it leaves open, and on what it rests."""
    if plan is None or Course.NOTHING_MEETS in saying.ruling.courses:
        return _without_plan(saying, plan)
    said = [_course(saying, plan)]
    if gaps:
        said.append(_gaps_words(gaps, {gap.disk for gap in plan.gaps}))
    if plan.unmet:
        said.append(f"the need is not met: {'; '.join(plan.unmet)}")
    elif plan.meets is Meets.IF:
        said.append(f"it meets the need if {listed(plan.conditions)}")
    return sentences(said)


def _gaps_words(gaps: Sequence[Gap], of_plan: set[str]) -> str:
    """`the disk web-01-data0 is in no point today`."""
    names = disks_named(gap.disk for gap in gaps)
    disk = "the disk " if len(gaps) == 1 else ""
    if of_plan:
        return f"{disk}{names} would be in no point"
    return f"{disk}{names} {'is' if len(gaps) == 1 else 'are'} in no point today"


def _course(saying: Saying, plan: Plan) -> str:
    ruling = saying.ruling
    names = listed(option_name(option) for option in plan.options)
    standing = listed(todo.names_of(ruling.base.parts)) if ruling.base else ""
    first = ruling.courses[0]
    words = {
        Course.KEEP: f"Keep {names} as {_they_are(plan)}",
        Course.WAIT: f"Wait for the first point of {names}",
        Course.FIX: _mend(saying),
        Course.ADJUST: f"Keep {standing} and change it: {_change(ruling)}",
        Course.ADD: f"Add {_new(saying)} beside {standing or 'what is there'}",
        Course.REPLACE: f"Replace {standing} by {_new(saying) or names}",
        Course.END: f"End {_dropped(ruling)} and keep {names}",
        Course.PROTECT: f"Take {listed(todo.words_of(part) for part in plan.parts)}",
    }[first]
    if len(ruling.courses) > 1:
        beside = {
            Course.ADD: f"add {_new(saying)} beside it",
            Course.WAIT: "wait for the first point",
            Course.FIX: "mend what fails",
        }
        words += "".join(f"; {beside[each]}" for each in ruling.courses[1:] if each in beside)
    if first is Course.PROTECT and not vaults_read(saying.known.coverage):
        words += f", if {NOT_YET}"
    return words


def _they_are(plan: Plan) -> str:
    return "it is" if len(plan.parts) == 1 and not _plural(plan.parts[0].option) else "they are"


def _plural(option: str) -> bool:
    known = BY_NAME.get(option)
    return bool(known and known.plural)


def _mend(saying: Saying) -> str:
    """What fails by name, and what beside it is kept."""
    base = saying.ruling.base
    if base is None:
        return "Mend what fails"
    in_plan = [
        each
        for each in saying.place.standings
        if each.mended and any(each.mended is part for part in base.parts)
    ]
    broken = [each for each in in_plan if any(todo.mending((each,)))]
    names = listed(option_name(each.mended.option) for each in broken if each.mended)
    others = [each.mended for each in in_plan if each not in broken and each.mended]
    kept = f"; keep {listed(todo.names_of(others))} beside it" if others else " and keep it"
    return f"Mend {names}{kept}"


def _change(ruling: CourseRuling) -> str:
    change = ruling.chosen.adjusted if ruling.chosen else None
    return change.what if change else ""


def _new(saying: Saying) -> str:
    """The parts of the plan that are not in place."""
    ruling = saying.ruling
    new = todo.new_parts(ruling.chosen, ruling.base) if ruling.chosen else ()
    return listed(todo.words_of(part) for part in new)


def _dropped(ruling: CourseRuling) -> str:
    return listed(todo.names_of(ruling.chosen.dropped)) if ruling.chosen else ""


def _without_plan(saying: Saying, plan: Plan | None) -> str:
    ruling = saying.ruling
    if Course.NOTHING_MEETS in ruling.courses:
        if plan is None:
            return "Nothing that this VM may use meets the need, and nothing comes near it."
        names = listed(option_name(option) for option in plan.options)
        return (
            f"Nothing that this VM may use meets the need. The nearest is {names}:"
            f" {'; '.join(plan.unmet)}."
        )
    if ruling.settled.open:
        names = listed(
            (listed(todo.names_of(each.parts)) for each in ruling.settled.open), last="or"
        )
        return f"Cannot say which is cheapest, {names}: prices are missing."
    if ruling.unknown is not None:
        names = listed(todo.names_of(ruling.unknown.parts))
        return f"Cannot say whether {names} may be used: {_unread_rule(ruling.unknown)}"
    return "Cannot say: protection was found, and too little of it could be read to judge it."


def _unread_rule(candidate: Candidate) -> str:
    return next(
        reason.text
        for part in candidate.parts
        for reason in part.proposal.reasons
        if reason.blocking and reason.verdict is Verdict.UNKNOWN and not reason.not_supplied
    )


# --- what to do ------------------------------------------------------------------------------


def _todo(saying: Saying) -> Iterator[str]:
    ruling, standings = saying.ruling, saying.place.standings
    yield from todo.drills(standings)
    first = ruling.courses[0]
    if first in (Course.PROTECT, Course.ADD) and not vaults_read(saying.known.coverage):
        yield f"Find out first whether {NOT_YET}: {_remedy(saying).of_reading}."
    chosen, base = ruling.chosen, ruling.base
    in_plan = [
        each
        for each in standings
        if chosen and any(each.mended is part for part in (base or chosen).parts)
    ]
    if Course.FIX in ruling.courses:
        yield from todo.mending(in_plan)
    if chosen is not None and first is not Course.NOTHING_MEETS:
        yield from todo.changing(chosen, base, saying.shown)
    if Course.WAIT in ruling.courses:
        yield from todo.waiting(in_plan)
    if first is Course.CANNOT_SAY:
        yield from _what_it_takes(saying)
    elif chosen is not None and (chosen.cost.missing or saying.shown.plan(chosen).monthly.missing):
        yield _price_hint(saying, (chosen,))


def _what_it_takes(saying: Saying) -> Iterator[str]:
    if saying.ruling.settled.open:
        yield _price_hint(saying, saying.ruling.settled.open)
        return
    yield from (f"Read {each}." for each in saying.known.not_read if each.failed)
    if not saying.known.not_read and saying.ruling.unknown is None:
        yield f"Read its protection whole: {_remedy(saying).of_reading}."


def _price_hint(saying: Saying, lacking: Iterable[Candidate]) -> str:
    parts = [part for each in lacking for part in each.parts]
    shown = [saying.shown.priced(part) for part in parts]
    return price_hint((*parts, *shown), saying.known.vm.region, _remedy(saying))


def _remedy(saying: Saying) -> Remedies:
    return saying.place.pricer.book.remedy


# --- beside it -------------------------------------------------------------------------------


def _named_beside(ruling: CourseRuling) -> Iterator[Beside]:
    yield from ruling.beside
    if Course.CANNOT_SAY in ruling.courses:
        yield from (Beside("covers-more", each) for each in ruling.settled.open)


def _alternative(beside: Beside, saying: Saying) -> Alternative:
    plan = saying.shown.plan(beside.candidate)
    return Alternative(beside.why, plan, " ".join(_beside_words(beside, plan, saying)))


def _beside_words(beside: Beside, plan: Plan, saying: Saying) -> Iterator[str]:
    candidate = beside.candidate
    words, price = _way(candidate, saying), plan_cost(plan)
    if beside.why == "certainty":
        yield f"For certain: {words}, {price}."
    elif beside.why == "without-the-condition":
        yield f"Without that condition the nearest is {words}, {price}: {'; '.join(plan.unmet)}."
    elif beside.why == "saving" and plan.meets is Meets.IF:
        yield f"For less: {words}, {price}, if {listed(plan.conditions)}."
    elif beside.why == "saving":
        yield f"For less: {words}, {price}. {_compared(saying, candidate)}".rstrip()
    else:
        yield f"To meet more: {words}, {price}."
        if plan.unmet:
            yield f"It still does not meet: {'; '.join(plan.unmet)}."
        elif plan.meets is Meets.IF:
            yield f"That holds if {listed(plan.conditions)}."
    yield from todo.left_behind(candidate, saying.shown)


def _way(candidate: Candidate, saying: Saying) -> str:
    """How to get there from what is in place."""
    base = saying.ruling.base
    words = listed(todo.words_of(part) for part in todo.new_parts(candidate, base))
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
                f"{EVENT_WORDS[event]} goes from {duration(had.rpo)} lost and back within"
                f" {back_within(had.rto)} to {duration(has.rpo)} and {back_within(has.rto)}"
            )
