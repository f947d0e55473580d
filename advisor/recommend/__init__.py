"""Advice on one VM: every configuration priced, judged by the need and ranked, with the reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from advisor.model import (
    Advice,
    Assessment,
    Course,
    Decision,
    InPlace,
    KnownVm,
    Meets,
    Need,
    Plan,
    Sizing,
)
from advisor.options import OPTIONS
from advisor.options.case import Case, case_of
from advisor.prices.pricing import Pricer
from advisor.recommend.assess import Judge, rank
from advisor.recommend.break_evens import break_evens
from advisor.recommend.explain import not_covered, reasons, warnings
from advisor.recommend.in_place import assess_in_place, changes, unprotected
from advisor.recommend.months import by_month
from advisor.recommend.plans import choose
from advisor.recommend.spread import drives_spread


def recommend(
    known: KnownVm, need: Need, sizing: Sizing, to: str | None, pricer: Pricer, now: datetime
) -> Advice:
    """Advice on one VM, without the parts that `in_detail` adds. Pure."""
    pricer.forget()
    case, judge = case_of(known.vm, sizing, need, to), Judge(need)
    in_place = assess_in_place(known, case, judge, pricer, now)
    ranked = tuple(sorted(_assessed(case, judge, pricer, in_place), key=rank))
    winner, nearest, rival = choose(ranked, judge.asked, pricer.currency)
    return Advice(
        known=known,
        need=need,
        sizing=sizing,
        in_place=in_place,
        unprotected=unprotected(known),
        not_read=_not_read(known, sizing),
        decision=Decision(
            courses=(Course.PROTECT if winner else Course.NOTHING_MEETS,),
            plan=winner or (nearest[0] if nearest else None),
            meets=Meets.YES if winner else Meets.NO,
            conditions=(),
            today=None,
            difference=None,
            gaps=(),
            unmet=nearest[0].unmet if nearest else (),
            alternatives=(),
            irreversible=(),
            sentence="",
        ),
        recommended=winner,
        reasons=reasons(winner, ranked, judge, rival, case) if winner else (),
        not_covered=not_covered(winner, case) if winner else (),
        changes=changes(in_place, winner),
        nearest=nearest,
        assessments=ranked,
        break_evens=break_evens(case, ranked),
        drives_spread="",
        by_month=(),
        warnings=warnings(winner, need),
        currency=pricer.currency,
        prices_as_of=pricer.as_of(known.vm.region),
    )


def in_detail(advice: Advice, to: str | None, pricer: Pricer) -> Advice:
    """Add what drives the spread, and the bill month by month, to the advice on one VM."""
    parts = _parts_to_show(advice.recommended, advice.assessments)
    case = case_of(advice.known.vm, advice.sizing, advice.need, to)
    return replace(
        advice,
        drives_spread=drives_spread(case, parts, pricer),
        by_month=by_month(case, advice.recommended.parts, pricer) if advice.recommended else (),
    )


def _parts_to_show(winner: Plan | None, ranked: tuple[Assessment, ...]) -> tuple[Assessment, ...]:
    return winner.parts if winner else ranked[:1]


def _assessed(
    case: Case, judge: Judge, pricer: Pricer, in_place: tuple[InPlace, ...]
) -> list[Assessment]:
    """Every configuration of every option, and what is in place where it is none of them."""
    found = [each.assessment for each in in_place if each.assessment]
    taken = [(each.option, each.proposal.configuration) for each in found]
    assessed = list(found)
    for option in OPTIONS:
        for proposal in option.propose(case, option.configurations(case)):
            if taken and (proposal.option, proposal.configuration) in taken:
                continue
            assessed.append(judge.assess(proposal, *pricer.bill(proposal.usages)))
    return assessed


def _not_read(known: KnownVm, sizing: Sizing) -> tuple[str, ...]:
    return tuple(str(each) for each in known.not_read) + sizing.not_known
