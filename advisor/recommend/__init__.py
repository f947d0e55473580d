"""Advice on one VM: every configuration priced and judged, and what to do; `detail` says the rest.

What is compared is USD, whatever the currency shown: `Shown` holds the money that people read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from advisor.model import (
    Advice,
    Assessment,
    Course,
    KnownVm,
    Meets,
    Need,
    Proposal,
    Sizing,
    Verdict,
)
from advisor.options import OPTIONS
from advisor.options.case import Case, case_of
from advisor.prices.pricing import Pricer
from advisor.recommend.assess import Judge, rank
from advisor.recommend.candidates import Candidate, Shown
from advisor.recommend.decide import CourseRuling, decide
from advisor.recommend.in_place import as_of, cost_today, in_place, unprotected
from advisor.recommend.missing_prices import PriceBounds
from advisor.recommend.moves import Place
from advisor.recommend.nearest import nearest
from advisor.recommend.now import protection_now
from advisor.recommend.plans import fresh_plans
from advisor.recommend.prices_used import prices_used, shown_assessments
from advisor.recommend.say import decision_of
from advisor.recommend.say_beside import Saying
from advisor.recommend.standing import Standing, standings
from advisor.recommend.workload import nothing_to_protect


class Decided(NamedTuple):
    """What is decided about one VM, and what `in_detail` makes the rest of its advice of."""

    advice: Advice  #: as one of many needs it
    saying: Saying
    forbidden: Sequence[Proposal]  #: what the VM may not use: without usages, and not ranked yet
    on: date  #: the day whose prices these are


def recommend(
    known: KnownVm, need: Need, sizing: Sizing, to: str | None, pricer: Pricer, now: datetime
) -> Decided:
    """The decision on one VM with its bill, without what `in_detail` says and works out. Pure."""
    pricer.forget()
    case = case_of(known.vm, sizing, need, to)
    usd = pricer.compared()
    judge = Judge(need, known.vm.disks)
    found = standings(known, case, judge, usd, now)
    allowed, forbidden = _proposed(case, found)
    fresh = [judge.assess(each, *usd.bill(each.usages)) for each in allowed]
    place = _place(case, judge, usd, found, fresh)
    nothing = nothing_to_protect(known, case)
    ruling = CourseRuling((Course.NOTHING_TO_PROTECT,), None) if nothing else decide(place)
    assessed = (*_today(found), *fresh)
    advice, saying = _advice(known, place, ruling, nothing, pricer, now, assessed)
    case.made.clear()  # it refers to its case: nothing but the collector would free the two
    return Decided(advice, saying, forbidden, now.date())


def _place(
    case: Case,
    judge: Judge,
    usd: Pricer,
    found: tuple[Standing, ...],
    fresh: Sequence[Assessment],
) -> Place:
    complements, bounds = _Complements(case, judge, usd), PriceBounds(usd.known_anywhere)
    return Place(
        case=case,
        judge=judge,
        pricer=usd,
        bounds=bounds,
        standings=found,
        fresh=fresh_plans(fresh, judge, bounds, complements),
        complements=complements,
        nearest=_once(lambda: nearest(fresh, judge, bounds, complements)),
    )


class _Complements:
    """What holds just some disks of a VM, each set of them assessed once."""

    def __init__(self, case: Case, judge: Judge, pricer: Pricer) -> None:
        self._case = case
        self._judge = judge
        self._pricer = pricer
        self._known: dict[frozenset[str], list[Assessment]] = {}

    def __call__(self, disks: frozenset[str]) -> list[Assessment]:
        known = self._known.get(disks)
        if known is None:
            known = self._known[disks] = [
                self._judge.assess(proposal, *self._pricer.bill(proposal.usages))
                for option in OPTIONS
                for proposal in option.propose(self._case, option.complements(self._case, disks))
                if proposal.verdict is Verdict.YES
            ]
        return known


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


def _proposed(
    case: Case, found: Sequence[Standing]
) -> tuple[Sequence[Proposal], Sequence[Proposal]]:
    """Every configuration of every option but those that are in place: what the VM may use, as far
    as is known, and what it may not."""
    taken = [
        (each.mended.option, each.mended.proposal.configuration) for each in found if each.mended
    ]
    no = Verdict.NO  # an enum looks its members up slowly
    allowed: list[Proposal] = []
    forbidden: list[Proposal] = []
    for option in OPTIONS:
        for proposal in option.propose(case, option.configurations(case), bill_forbidden=False):
            if taken and (proposal.option, proposal.configuration) in taken:
                continue
            (forbidden if proposal.verdict is no else allowed).append(proposal)
    return allowed, forbidden


# --- the advice ------------------------------------------------------------------------------


def _advice(
    known: KnownVm,
    place: Place,
    ruling: CourseRuling,
    nothing: str,
    pricer: Pricer,
    now: datetime,
    assessed: Sequence[Assessment],
) -> tuple[Advice, Saying]:
    shown = _shown(pricer, place, assessed, ruling)
    found = tuple(
        in_place(each, shown.priced(each.today) if each.today else None, known, now)
        for each in place.standings
    )
    saying = Saying(ruling, place, known, shown, cost_today(found, pricer.currency), nothing)
    decision = decision_of(saying)
    ranked = tuple(sorted((shown.priced(one) for one in assessed), key=rank))
    used = prices_used(shown_assessments(decision, found, ranked), now.date())
    advice = Advice(
        known=known,
        need=place.judge.need,
        sizing=place.case.sizing,
        in_place=found,
        unprotected=unprotected(known),
        not_read=tuple(str(each) for each in known.not_read) + place.case.sizing.not_known,
        decision=decision,
        recommended=decision.plan if decision.meets is not Meets.NO else None,
        nearest=tuple(shown.plan(each) for each in ruling.nearest),
        assessments=ranked,
        currency=pricer.currency,
        prices_as_of=used.as_of,
        prices_age_days=used.age_days,
        warnings=tuple(as_of(known, now)),
        now=protection_now(found, place.standings, known, place.judge, saying.today),
    )
    return advice, saying


def _shown(
    pricer: Pricer, place: Place, assessed: Sequence[Assessment], ruling: CourseRuling
) -> Shown:
    """The assessments with the money that people read; in USD they are what was compared."""
    if pricer is place.pricer:
        return Shown(pricer.currency, {})
    candidates = [
        *(each for each in (ruling.chosen, ruling.base, ruling.unknown) if each),
        *(each.candidate for each in ruling.beside),
        *ruling.nearest,
        *ruling.settled.open,
    ]
    every = [*assessed, *(part for each in candidates for part in (*each.parts, *each.dropped))]
    return Shown(pricer.currency, {id(each): repriced(each, pricer) for each in every})


def repriced(each: Assessment, pricer: Pricer) -> Assessment:
    lines, monthly = pricer.bill(each.proposal.usages)
    return each._replace(lines=lines, monthly=monthly)
