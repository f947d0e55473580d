"""A decision in words: the course first, then what is open, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from advisor.model import (
    Assessment,
    Course,
    Decision,
    Gap,
    Meets,
    Plan,
    ProtectionState,
    Verdict,
)
from advisor.options import BY_NAME
from advisor.options.descriptions import option_name
from advisor.prices.remedy import Remedies
from advisor.recommend import todo
from advisor.recommend.candidates import Candidate
from advisor.recommend.decide import CourseRuling
from advisor.recommend.in_place import disks_named, vaults_read
from advisor.recommend.price_hint import price_hint
from advisor.recommend.say_beside import Saying, alternative, named_beside, said_whole
from advisor.recommend.standing import Standing
from advisor.recommend.workload import workload_beside
from advisor.words import (
    capital,
    listed,
    month_words,
    sentences,
)

NOT_YET = "nothing protects it yet"  #: the condition where nobody read what does


def decision_of(saying: Saying) -> Decision:
    """The decision in a few words, with its money; `in_words` says the rest."""
    ruling = saying.ruling
    plan = saying.shown.plan(ruling.chosen) if ruling.chosen else None
    likely = plan.monthly.likely if plan else None
    known = saying.today.likely if saying.today else None
    gaps, brief = _gaps(saying, plan), _brief(saying, plan)
    return Decision(
        courses=ruling.courses,
        plan=plan,
        meets=plan.meets if plan else Meets.NO,
        conditions=plan.conditions if plan and plan.meets is Meets.IF else (),
        today=saying.today,
        difference=None if likely is None or known is None else likely - known,
        gaps=gaps,
        unmet=plan.unmet if plan else (),
        alternatives=tuple(alternative(each, saying) for each in named_beside(ruling)),
        sentence="" if brief else _sentence(saying, plan, gaps),
        brief=brief,
    )


def in_words(decision: Decision, saying: Saying) -> Decision:
    """The decision with its sentence, steps, the sentences of its alternatives, what cannot be
    undone, and what the VM's workload asks for beside it."""
    steps = list(dict.fromkeys(_todo(saying)))
    beside = workload_beside(saying.known)
    todo = [step.text for step in steps]
    brief_steps = [step.text for step in steps if not step.said]
    if beside is not None:
        todo.append(f"{beside.notice} ({beside.article})")
        brief_steps.append(beside.notice)
    sayable = zip(decision.alternatives, named_beside(saying.ruling), strict=True)
    return replace(
        decision,
        alternatives=tuple(said_whole(each, beside, saying) for each, beside in sayable),
        bound=saying.ruling.settled.sentence,
        irreversible=_irreversible(saying.ruling.chosen),
        sentence=_sentence(saying, decision.plan, decision.gaps),
        todo=tuple(todo),
        steps=tuple(brief_steps),
    )


class Deed(NamedTuple):
    """One thing to do; `said`: the course in a few words says it already, or the next command."""

    text: str
    said: bool = False


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
    if saying.nothing:
        return saying.nothing
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
    words: Callable[[], str] = {  # only those of the course are made
        Course.KEEP: lambda: f"Keep {names} as {_they_are(plan)}",
        Course.WAIT: lambda: f"Wait for the first point of {names}",
        Course.FIX: lambda: _fix(saying),
        Course.ADJUST: lambda: f"Keep {standing} and change it: {_change(ruling)}",
        Course.ADD: lambda: f"Add {_new(saying)} beside {standing or 'what is there'}",
        Course.REPLACE: lambda: f"Replace {standing} with {_new(saying) or names}",
        Course.END: lambda: f"End {_dropped(ruling)} and keep {names}",
        Course.PROTECT: lambda: (
            f"Protect it with {listed(todo.words_of(part) for part in plan.parts)}"
        ),
    }[first]
    return words() + _beside_course(saying, _new(saying))


def _beside_course(saying: Saying, new: str) -> str:
    """What the second course asks for, and the condition where nobody read what protects it."""
    courses = saying.ruling.courses
    beside: Mapping[Course, Callable[[], str]] = {  # only those of the courses are made
        Course.ADD: lambda: f"add {new} beside it",
        Course.WAIT: lambda: "wait for the first point",
        Course.FIX: lambda: _fixed_too(saying),
        Course.ADJUST: lambda: _change(saying.ruling),
    }
    words = "".join([f"; {beside[each]()}" for each in courses[1:] if each in beside])
    if courses[0] is Course.PROTECT and not vaults_read(saying.known.coverage):
        words += f", if {NOT_YET}"
    return words


def _fixed_too(saying: Saying) -> str:
    broken = _broken(saying)
    return _taken_up(broken).format(listed(_options_of(broken)))


def _brief(saying: Saying, plan: Plan | None) -> str:
    """The course in a few words: options by name alone, no settings, no price."""
    ruling = saying.ruling
    if plan is None or Course.CANNOT_SAY in ruling.courses:
        return ""
    names = listed(option_name(option) for option in plan.options)
    if Course.NOTHING_MEETS in ruling.courses:
        tier = f"the {saying.place.judge.need.tier} tier" if saying.place.judge.need.tier else ""
        return f"Nothing that this VM may use meets {tier or 'the need'}; nearest is {names}"
    new = listed(option_name(part.option) for part in _new_parts(ruling))
    standing = listed(todo.names_of(ruling.base.parts)) if ruling.base else ""
    anew = f"a new {new}" if new == standing else new or names
    words: Callable[[], str] = {
        Course.KEEP: lambda: f"Keep {names}",
        Course.WAIT: lambda: f"Wait for the first point of {names}",
        Course.FIX: lambda: _fix(saying),
        Course.ADJUST: lambda: _change(ruling),
        Course.ADD: lambda: f"Add {new} beside {standing or 'what is there'}",
        Course.REPLACE: lambda: f"Replace {standing} with {anew}",
        Course.END: lambda: f"End {_dropped(ruling)} and keep {names}",
        Course.PROTECT: lambda: f"Protect it with {names}",
    }[ruling.courses[0]]
    return capital(words()) + _beside_course(saying, new)


def _new_parts(ruling: CourseRuling) -> tuple[Assessment, ...]:
    return tuple(todo.new_parts(ruling.chosen, ruling.base)) if ruling.chosen else ()


def _they_are(plan: Plan) -> str:
    return "it is" if len(plan.parts) == 1 and not _plural(plan.parts[0].option) else "they are"


def _plural(option: str) -> bool:
    known = BY_NAME.get(option)
    return bool(known and known.plural)


#: What is done with what does not run, where it is not fixed.
_TAKEN_UP = {
    ProtectionState.STOPPED: "resume {}",
    ProtectionState.SOFT_DELETED: "undelete {} and resume it",
}
_FIXED = "fix what fails"


def _taken_up(broken: Sequence[Standing]) -> str:
    """What is done with it, with a place for its name: by a state that all of it shares."""
    states = {each.found.state for each in broken}
    return _TAKEN_UP.get(next(iter(states)), _FIXED) if len(states) == 1 else _FIXED


def _in_base(saying: Saying) -> list[Standing]:
    """What in place the plan that is mended rests on."""
    base = saying.ruling.base
    parts = base.parts if base else ()
    return [
        each
        for each in saying.place.standings
        if each.mended and any(each.mended is part for part in parts)
    ]


def _broken(saying: Saying) -> list[Standing]:
    return [each for each in _in_base(saying) if any(todo.mending((each,)))]


def _options_of(standings: Iterable[Standing]) -> list[str]:
    return [option_name(each.mended.option) for each in standings if each.mended]


def _fix(saying: Saying) -> str:
    """What fails by name, and what beside it is kept."""
    if saying.ruling.base is None:
        return "Fix what fails"
    broken = _broken(saying)
    others = [each.mended for each in _in_base(saying) if each not in broken and each.mended]
    words = _taken_up(broken)
    if others:
        kept = f"; keep {listed(todo.names_of(others))} beside it"
    else:
        them = "it" if len(broken) == 1 else "them"
        kept = f" and keep {them}" if words is _FIXED else ""
    fixed = "fix {}" if words is _FIXED else words
    return capital(fixed.format(listed(_options_of(broken)))) + kept


def _change(ruling: CourseRuling) -> str:
    change = ruling.chosen.adjusted if ruling.chosen else None
    return change.what if change else ""


def _new(saying: Saying) -> str:
    """The parts of the plan that are not in place."""
    return listed(todo.words_of(part) for part in _new_parts(saying.ruling))


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


def _todo(saying: Saying) -> Iterator[Deed]:
    ruling, standings = saying.ruling, saying.place.standings
    yield from map(Deed, todo.drills(standings))
    first = ruling.courses[0]
    if first in (Course.PROTECT, Course.ADD) and not vaults_read(saying.known.coverage):
        text = f"Find out first whether {NOT_YET}: {_remedy(saying).of_reading}."
        yield Deed(text, said=True)
    chosen, base = ruling.chosen, ruling.base
    in_plan = [
        each
        for each in standings
        if chosen and any(each.mended is part for part in (base or chosen).parts)
    ]
    if Course.FIX in ruling.courses:
        resumed = _TAKEN_UP[ProtectionState.STOPPED]
        is_said = _taken_up(_broken(saying)) == resumed
        for each in in_plan:
            yield from (Deed(text, is_said) for text in todo.mending((each,)))
    if chosen is not None and first is not Course.NOTHING_MEETS:
        yield from _changing(saying, chosen)
    if Course.WAIT in ruling.courses:
        yield from map(Deed, todo.waiting(in_plan))
    if first is Course.CANNOT_SAY:
        yield from _what_it_takes(saying)
    elif chosen is not None and (chosen.cost.missing or saying.shown.plan(chosen).monthly.missing):
        yield _get_prices(saying, (chosen,))


def _changing(saying: Saying, chosen: Candidate) -> Iterator[Deed]:
    """The change and the set-up are in the course; what comes with them is not."""
    base = saying.ruling.base
    for text in todo.change_itself(chosen, base):
        yield Deed(text, said=True)
    brings = todo.change_brings(chosen, saying.shown, saying.place.standings)
    yield from map(Deed, brings)


def _what_it_takes(saying: Saying) -> Iterator[Deed]:
    ruling, not_read = saying.ruling, saying.known.not_read
    if ruling.settled.open:
        yield _get_prices(saying, ruling.settled.open)
        return
    failed = [each for each in not_read if each.failed]
    yield from (Deed(f"Read {each}.", said=True) for each in failed)
    if ruling.unknown is not None:
        yield from _of_a_rule_that_is_open(saying, ruling.unknown, bool(failed))
    elif not not_read:
        yield Deed(f"Read its protection whole: {_remedy(saying).of_reading}.", said=True)


def _of_a_rule_that_is_open(saying: Saying, unknown: Candidate, failed: bool) -> Iterator[Deed]:
    """Where no reading decides it, Azure does when it is tried; and what needs no trying."""
    if not failed:
        names, price = listed(todo.names_of(unknown.parts)), _a_month(saying, unknown)
        yield Deed(f"Try {names}, {price}: Azure refuses it, or makes the first point.")
    allowed = [
        each
        for each in saying.ruling.nearest
        if all(part.proposal.verdict is Verdict.YES for part in each.parts)
    ]
    for each in allowed[:1]:
        names, lacks = listed(todo.names_of(each.parts)), "; ".join(each.judged.unmet)
        yield Deed(f"Until then the nearest is {names}, {_a_month(saying, each)}; still {lacks}.")


def _a_month(saying: Saying, each: Candidate) -> str:
    return month_words(saying.shown.plan(each).monthly)


def _get_prices(saying: Saying, lacking: Iterable[Candidate]) -> Deed:
    parts = [part for each in lacking for part in each.parts]
    shown = [saying.shown.priced(part) for part in parts]
    hint = price_hint((*parts, *shown), saying.known.vm.region, _remedy(saying))
    return Deed(hint, said=True)


def _remedy(saying: Saying) -> Remedies:
    return saying.place.pricer.book.remedy
