"""Advice on one VM: every configuration priced and judged, and what to do, with the reasons.

What is compared is USD, whatever the currency shown: `Shown` holds the money that people read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from advisor.model import (
    Advice,
    Assessment,
    Course,
    Decision,
    KnownVm,
    Meets,
    Monthly,
    Need,
    Sizing,
    Verdict,
)
from advisor.options import OPTIONS
from advisor.options.case import Case, case_of
from advisor.prices.pricing import Pricer
from advisor.recommend.another_size import at_another_size
from advisor.recommend.assess import Judge, rank
from advisor.recommend.break_evens import break_evens
from advisor.recommend.candidates import Candidate, Shown
from advisor.recommend.changes import changes
from advisor.recommend.decide import CourseRuling, decide
from advisor.recommend.explain import not_covered, reasons, warnings
from advisor.recommend.in_place import as_of, cost_today, in_place, unprotected
from advisor.recommend.months import by_month
from advisor.recommend.moves import Place, lessened
from advisor.recommend.nearest import nearest
from advisor.recommend.now import protection_now
from advisor.recommend.plans import fresh_plans
from advisor.recommend.prices_used import prices_used, shown_assessments
from advisor.recommend.say import decision_of
from advisor.recommend.say_beside import Saying
from advisor.recommend.spread import drives_spread, narrowing
from advisor.recommend.standing import Standing, standings
from advisor.recommend.vm_change import vm_change
from advisor.recommend.workload import nothing_to_protect, workload_beside
from advisor.words import capital

#: Courses in which a plan is chosen among all that there are.
_CHOSEN_ANEW = frozenset({Course.PROTECT, Course.ADD, Course.REPLACE})


def recommend(
    known: KnownVm, need: Need, sizing: Sizing, to: str | None, pricer: Pricer, now: datetime
) -> Advice:
    """Advice on one VM, without the parts that `in_detail` adds. Pure."""
    pricer.forget()
    case = case_of(known.vm, sizing, need, to)
    usd = pricer.compared()
    judge = Judge(need, known.vm.disks)
    found = standings(known, case, judge, usd, now)
    fresh = _assessed(case, judge, usd, found)
    place = _place(case, judge, usd, found, fresh)
    nothing = nothing_to_protect(known, case)
    ruling = CourseRuling((Course.NOTHING_TO_PROTECT,), None) if nothing else decide(place)
    advice = _advice(known, place, ruling, nothing, pricer, now, (*_today(found), *fresh))
    case.made.clear()  # it refers to its case: nothing but the collector would free the two
    return advice


def _place(
    case: Case,
    judge: Judge,
    usd: Pricer,
    found: tuple[Standing, ...],
    fresh: Sequence[Assessment],
) -> Place:
    @cache
    def complements(disks: frozenset[str]) -> list[Assessment]:
        return [
            judge.assess(proposal, *usd.bill(proposal.usages))
            for option in OPTIONS
            for proposal in option.propose(case, option.complements(case, disks))
            if proposal.verdict is Verdict.YES
        ]

    return Place(
        case=case,
        judge=judge,
        pricer=usd,
        standings=found,
        fresh=fresh_plans(fresh, judge, usd.known_anywhere, complements),
        complements=complements,
        nearest=_once(lambda: nearest(fresh, judge, usd.known_anywhere, complements)),
    )


def _once(work: Callable[[], tuple[Candidate, ...]]) -> Callable[[], tuple[Candidate, ...]]:
    """Worked out when it is first asked for."""
    done: list[tuple[Candidate, ...]] = []

    def asked() -> tuple[Candidate, ...]:
        if not done:
            done.append(work())
        return done[0]

    return asked


def _today(found: Sequence[Standing]) -> Iterator[Assessment]:
    return (each.today for each in found if each.today is not None)


def _assessed(
    case: Case, judge: Judge, pricer: Pricer, found: Sequence[Standing]
) -> list[Assessment]:
    """Every configuration of every option but those that are in place."""
    taken = [
        (each.mended.option, each.mended.proposal.configuration) for each in found if each.mended
    ]
    return [
        judge.assess(proposal, *pricer.bill(proposal.usages))
        for option in OPTIONS
        for proposal in option.propose(case, option.configurations(case))
        if not taken or (proposal.option, proposal.configuration) not in taken
    ]


# --- the advice ------------------------------------------------------------------------------


def _advice(
    known: KnownVm,
    place: Place,
    ruling: CourseRuling,
    nothing: str,
    pricer: Pricer,
    now: datetime,
    assessed: Sequence[Assessment],
) -> Advice:
    case, judge = place.case, place.judge
    shown = _shown(pricer, place, assessed, ruling)
    found = tuple(
        in_place(each, shown.priced(each.today) if each.today else None, known, now)
        for each in place.standings
    )
    saying = Saying(ruling, place, known, shown, cost_today(found, pricer.currency))
    decision = _with_workload(decision_of(saying, found), known, nothing)
    plan = decision.plan if decision.meets is not Meets.NO else None
    ranked = tuple(sorted((shown.priced(one) for one in assessed), key=rank))
    used = prices_used(shown_assessments(decision, found, ranked), now.date())
    return Advice(
        known=known,
        need=judge.need,
        sizing=case.sizing,
        in_place=found,
        unprotected=unprotected(known),
        not_read=tuple(str(each) for each in known.not_read) + case.sizing.not_known,
        decision=decision,
        recommended=plan,
        reasons=reasons(plan, ranked, judge, _is_cheapest(ruling, place), case, pricer.book.remedy)
        if plan
        else (),
        not_covered=not_covered(plan, case) if plan else (),
        changes=changes(decision, ruling, found, _alike(ruling, place, shown)),
        nearest=tuple(shown.plan(each) for each in ruling.nearest),
        assessments=ranked,
        break_evens=break_evens(case, ranked),
        drives_spread="",
        by_month=(),
        warnings=(*as_of(known, now), *warnings(plan, judge.need)),
        currency=pricer.currency,
        prices_as_of=used.as_of,
        prices_age_days=used.age_days,
        now=protection_now(found, place.standings, known, judge, saying.today),
    )


def _with_workload(decision: Decision, known: KnownVm, nothing: str) -> Decision:
    """The decision with what the VM's workload asks for beside it, or why it needs none at all."""
    if nothing:
        decision = replace(decision, sentence=nothing)
    beside = workload_beside(known)
    if beside is None:
        return decision
    return replace(
        decision,
        todo=(*decision.todo, f"{beside.notice} ({beside.article})"),
        steps=(*decision.steps, beside.notice),
    )


def _shown(
    pricer: Pricer, place: Place, assessed: Sequence[Assessment], ruling: CourseRuling
) -> Shown:
    """The assessments with the money that people read; in USD they are what was compared."""
    if pricer is place.pricer:
        return Shown(pricer.currency, {})
    candidates = [
        *(each for each in (ruling.chosen, ruling.base) if each),
        *(each.candidate for each in ruling.beside),
        *ruling.nearest,
        *ruling.settled.open,
    ]
    every = [*assessed, *(part for each in candidates for part in (*each.parts, *each.dropped))]
    return Shown(pricer.currency, {id(each): _repriced(each, pricer) for each in every})


def _repriced(each: Assessment, pricer: Pricer) -> Assessment:
    lines, monthly = pricer.bill(each.proposal.usages)
    return each._replace(lines=lines, monthly=monthly)


def _is_cheapest(ruling: CourseRuling, place: Place) -> bool:
    """Whether it may be said that no complete plan that meets the need costs less."""
    chosen = ruling.chosen
    if chosen is None or chosen.cost.missing:
        return False
    rivals = [
        each.cost.likely for each in place.fresh.every if each.worst > 0 and not each.cost.missing
    ]
    return not rivals or chosen.cost.likely <= min(rivals)


def _alike(ruling: CourseRuling, place: Place, shown: Shown) -> Monthly | None:
    """The cheapest fresh plan of the same options that meets the need and does less beyond it."""
    chosen = ruling.chosen
    if chosen is None:
        return None
    alike = [
        each
        for each in place.fresh.meeting
        if each.options == chosen.options and not each.cost.missing and lessened(chosen, each)
    ]
    if not alike:
        return None
    return shown.plan(min(alike, key=lambda each: each.cost.likely)).monthly


# --- in detail -------------------------------------------------------------------------------


def in_detail(advice: Advice, to: str | None, pricer: Pricer) -> Advice:
    """Add what takes long to work out for one VM: what drives the spread, the bill month by month,
    from which size on another plan is cheaper, and the one change after which something meets."""
    plan = advice.decision.plan
    parts = plan.parts if plan else advice.assessments[:1]
    case = case_of(advice.known.vm, advice.sizing, advice.need, to)
    return replace(
        advice,
        decision=_in_detail(advice, case, pricer),
        drives_spread=drives_spread(case, parts, pricer),
        narrowing=narrowing(case, parts, pricer),
        by_month=by_month(case, advice.recommended.parts, pricer) if advice.recommended else (),
    )


def _in_detail(advice: Advice, case: Case, pricer: Pricer) -> Decision:
    decision, usd = advice.decision, pricer.compared()
    if Course.NOTHING_MEETS in decision.courses:
        change = vm_change(case.vm, case.sizing, case.need, case.to, usd)
        if not change:
            return decision
        way_out = f"{capital(change)} the need can be met."
        return replace(
            decision,
            sentence=f"{decision.sentence} {way_out}",
            todo=(*decision.todo, f"Try again {change}."),
            steps=(way_out, *decision.steps),
        )
    if decision.plan is None or not _CHOSEN_ANEW & set(decision.courses):
        return decision
    rivals, shown = _rivals(advice, usd, pricer)
    sizes = at_another_size(case, decision.plan, rivals, usd, shown)
    return replace(decision, alternatives=(*decision.alternatives, *sizes))


def _rivals(advice: Advice, usd: Pricer, pricer: Pricer) -> tuple[tuple[Candidate, ...], Shown]:
    """What would meet the need as well, compared in USD."""
    judge = Judge(advice.need, advice.known.vm.disks)
    by_usd = {}
    assessed = []
    for each in advice.assessments:
        if not each.in_place:
            compared = each if usd is pricer else _repriced(each, usd)
            by_usd[id(compared)] = each
            assessed.append(compared)
    fresh = fresh_plans(assessed, judge, usd.known_anywhere, lambda _: ())
    return fresh.meeting, Shown(pricer.currency, by_usd)
