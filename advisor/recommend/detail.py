"""All that is said and worked out of one decision for whoever asks about this one VM.

Of thousands of VMs nobody reads it: `recommend` leaves it out.
"""

from __future__ import annotations

from dataclasses import replace

from advisor.model import Advice, Course, Decision, Monthly
from advisor.options import BY_NAME
from advisor.options.case import Case, case_of
from advisor.prices.pricing import Pricer
from advisor.recommend import Decided, repriced
from advisor.recommend.another_size import at_another_size
from advisor.recommend.assess import Judge, rank
from advisor.recommend.beside import also_beside
from advisor.recommend.break_evens import break_evens
from advisor.recommend.candidates import Candidate, Shown
from advisor.recommend.changes import changes
from advisor.recommend.decide import CourseRuling
from advisor.recommend.explain import not_covered, reasons, warnings
from advisor.recommend.missing_prices import PriceBounds
from advisor.recommend.months import by_month
from advisor.recommend.moves import Place, lessened
from advisor.recommend.plans import fresh_plans
from advisor.recommend.prices_used import prices_used, shown_assessments
from advisor.recommend.say import in_words
from advisor.recommend.say_beside import Saying, alternative, named_beside
from advisor.recommend.spread import drives_spread, narrowing
from advisor.recommend.vm_change import vm_change
from advisor.words import capital

#: Courses in which a plan is chosen among all that there are.
_CHOSEN_ANEW = frozenset({Course.PROTECT, Course.ADD, Course.REPLACE})


def in_detail(decided: Decided, to: str | None, pricer: Pricer) -> Advice:
    """The whole advice: every sentence, what drives the spread, the bill month by month, from which
    size on another plan is cheaper, and the one change after which something meets."""
    decided = _with_beside(decided, pricer)
    advice = _explained(_with_forbidden(decided, pricer), decided.saying)
    plan = advice.decision.plan
    parts = plan.parts if plan else advice.assessments[:1]
    case = case_of(advice.known.vm, advice.sizing, advice.need, to)
    return replace(
        advice,
        decision=_ways_out(advice, case, pricer),
        drives_spread=drives_spread(case, parts, pricer),
        narrowing=narrowing(case, parts, pricer),
        by_month=by_month(case, advice.recommended.parts, pricer) if advice.recommended else (),
    )


def _with_beside(decided: Decided, pricer: Pricer) -> Decided:
    """With every plan that is worth naming beside the decision, and the age of their prices."""
    advice, before = decided.advice, decided.saying
    ruling = before.ruling._replace(beside=also_beside(before.ruling, before.place))
    saying = before._replace(ruling=ruling, shown=_also_shown(before, ruling, pricer))
    others = tuple(alternative(each, saying) for each in named_beside(ruling))
    decision = replace(advice.decision, alternatives=others)
    shown = shown_assessments(decision, advice.in_place, advice.assessments)
    used = prices_used(shown, decided.on)
    advice = replace(
        advice, decision=decision, prices_as_of=used.as_of, prices_age_days=used.age_days
    )
    return decided._replace(advice=advice, saying=saying)


def _also_shown(before: Saying, ruling: CourseRuling, pricer: Pricer) -> Shown:
    """The assessments of those plans, too, in the money that people read."""
    if pricer is before.place.pricer:
        return before.shown
    plans = [each.candidate for each in ruling.beside]
    parts = [part for each in plans for part in (*each.parts, *each.dropped)]
    known = before.shown.by_identity
    more = {id(each): repriced(each, pricer) for each in parts if id(each) not in known}
    return before.shown._replace(by_identity={**known, **more})


def _with_forbidden(decided: Decided, pricer: Pricer) -> Advice:
    """The advice with what the VM may not use: it is billed, too, so that the two can be compared,
    and stands after all that it may."""
    place = decided.saying.place
    billed = [
        each._replace(usages=BY_NAME[each.option].usages(place.case, each.chosen))
        for each in decided.forbidden
    ]
    usd = place.pricer
    assessed = [place.judge.assess(each, *usd.bill(each.usages)) for each in billed]
    shown = assessed if usd is pricer else [repriced(each, pricer) for each in assessed]
    ranked = tuple(sorted((*decided.advice.assessments, *shown), key=rank))
    return replace(decided.advice, assessments=ranked)


def _explained(advice: Advice, saying: Saying) -> Advice:
    """With the sentences: the decision's own, why this plan, what it leaves open, what changes."""
    place, ruling, shown = saying.place, saying.ruling, saying.shown
    decision, plan = in_words(advice.decision, saying), advice.recommended
    said = replace(
        advice,
        decision=decision,
        changes=changes(decision, ruling, advice.in_place, _alike(ruling, place, shown)),
        break_evens=break_evens(place.case, advice.assessments),
    )
    if plan is None:
        return said
    case, cheapest, remedy = place.case, _is_cheapest(ruling, place), place.pricer.book.remedy
    return replace(
        said,
        reasons=reasons(plan, advice.assessments, place.judge, cheapest, case, remedy),
        not_covered=not_covered(plan, case),
        warnings=(*advice.warnings, *warnings(plan, advice.need)),
    )


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


# --- ways out --------------------------------------------------------------------------------


def _ways_out(advice: Advice, case: Case, pricer: Pricer) -> Decision:
    decision, usd = advice.decision, pricer.compared()
    if Course.NOTHING_MEETS in decision.courses or _is_open(advice):
        change = vm_change(case.vm, case.sizing, case.need, case.to, usd)
        if not change:
            return decision
        way_out = f"{capital(change)} the need can be met."
        return replace(
            decision,
            sentence=f"{decision.sentence} {way_out}",
            todo=(*decision.todo, f"Try again {change}."),
            steps=(*(() if decision.plan is None else (way_out,)), *decision.steps),
        )
    if decision.plan is None or not _CHOSEN_ANEW & set(decision.courses):
        return decision
    rivals, shown = _rivals(advice, usd, pricer)
    sizes = at_another_size(case, decision.plan, rivals, usd, shown)
    return replace(decision, alternatives=(*decision.alternatives, *sizes))


def _is_open(advice: Advice) -> bool:
    """Whether it cannot be said because of a rule of which nobody knows whether it holds."""
    return Course.CANNOT_SAY in advice.decision.courses and bool(advice.nearest)


def _rivals(advice: Advice, usd: Pricer, pricer: Pricer) -> tuple[tuple[Candidate, ...], Shown]:
    """What would meet the need as well, compared in USD."""
    judge = Judge(advice.need, advice.known.vm.disks)
    by_usd = {}
    assessed = []
    for each in advice.assessments:
        if not each.in_place:
            compared = each if usd is pricer else repriced(each, usd)
            by_usd[id(compared)] = each
            assessed.append(compared)
    fresh = fresh_plans(assessed, judge, PriceBounds(usd.known_anywhere), lambda _: ())
    return fresh.meeting, Shown(pricer.currency, by_usd)
