"""What holds of every decision, and that a recommender written apart decides the same."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from advisor.advising import advise_briefly, advise_priced
from advisor.asked import AdviceAsked
from advisor.errors import UsageError
from advisor.model import (
    Advice,
    Assessment,
    Course,
    Decision,
    KnownVm,
    Meets,
    Verdict,
)
from advisor.needs import Tiers, need_of
from advisor.options.azure_backup.adjustments import PUT_BACK_FIRST
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from advisor.prices.quote import Key, key_of_meter
from advisor.prices.shipped import shipped_quotes
from tests.laws.brute_force.comparing import (
    SAVING_SHARE,
    SAVING_USD,
    TIE_AT_MOST_USD,
    TIE_SHARE,
    TIE_USD,
    at_least,
    likely_usd,
)
from tests.laws.brute_force.deciding import Answer, Decider, decide
from tests.laws.brute_force.judging import asked as asked_events
from tests.laws.machines_in_place import machines, plain_askings, pricers
from tests.strategies import NOW, arm_id, pricer, with_disks

#: How many VMs each law is tried on; CONTRIBUTING.md says when to ask for more.
EXAMPLES = int(os.environ.get("VMBACKUP_LAWS", "30"))
laws = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
many = settings(laws, max_examples=2 * EXAMPLES)
#: How many parts the comparison with the recommender written apart is done in.
SHARES = 4
PRICER = pricer()


def advised(known: KnownVm, asked: AdviceAsked, prices: Pricer = PRICER) -> Advice:
    prices.forget()
    try:
        return advise_briefly(known, asked, Tiers(), prices, NOW)
    except UsageError:
        assume(False)
        raise


def stated(known: KnownVm, asked: AdviceAsked) -> frozenset[str]:
    """The figures of its need that somebody stated, without a decision."""
    try:
        return need_of(known.vm.tags, known.vm.region, asked, Tiers()).stated
    except UsageError:
        assume(False)
        raise


Told = tuple[frozenset[Course], tuple[str, ...], Meets, frozenset[str]]


def told(decision: Decision) -> Told:
    """What to do, with what, whether that meets the need, and which disks are in no point."""
    options = sorted(decision.plan.options) if decision.plan else ()
    gaps = frozenset(gap.disk for gap in decision.gaps)
    return frozenset(decision.courses), tuple(options), decision.meets, gaps


def as_told(answer: Answer) -> Told:
    return answer.courses, tuple(sorted(answer.options)), answer.meets, answer.gaps


def costs_alike(one: Decimal | None, other: Decimal | None) -> bool:
    """To a tie: among plans that cost the same each may take its own."""
    if one is None or other is None:
        return one is other
    limit = max(TIE_USD, min(TIE_AT_MOST_USD, TIE_SHARE * min(one, other)))
    return abs(one - other) <= limit


# --- a recommender written apart ----------------------------------------------------------------


@pytest.mark.parametrize("share", range(SHARES))
def test_a_recommender_that_tries_everything_decides_the_same(share: int) -> None:
    """In shares, so that every processor has some; where examples are the same in every run
    (CI=true), each share has a seed of its own. `-rP` shows how many VMs both decided."""
    compared = 0

    @settings(laws, max_examples=-(-2 * EXAMPLES // SHARES))
    @given(machines(), plain_askings(), pricers)
    def decides_the_same(known: KnownVm, asked: AdviceAsked, prices: Pricer) -> None:
        nonlocal compared
        _decides_the_same(known, asked, prices)
        compared += 1

    if settings.default is not None and settings.default.derandomize:
        seed(share)(decides_the_same)
    decides_the_same()
    print(f"share {share} of {SHARES}: {compared} VMs compared")


def _decides_the_same(known: KnownVm, asked: AdviceAsked, prices: Pricer) -> None:
    # Where a stated need is asked of what is in place, and where nothing meets, several answers are
    # defensible; those are held by the situations of tests/judgement.
    assume(not known.protections or not stated(known, asked))
    advice = advised(known, asked, prices)
    answer = decide(known, advice.need, advice.sizing, asked.to, prices, NOW)
    decision = advice.decision
    if decision.courses == (Course.NOTHING_MEETS,):
        assert frozenset(decision.courses) == answer.courses
        return
    assume(decision.plan is not None)
    assert decision.plan is not None
    # How far a missing price reaches is held by tests/recommend/test_recommend_bounds.py.
    assume(decision.plan.monthly.complete)
    assert told(decision) == as_told(answer)
    assert costs_alike(decision.plan.monthly.likely, answer.likely_usd)


# --- what must not matter ------------------------------------------------------------------------


@laws
@given(machines(), plain_askings(), st.randoms(use_true_random=False))
def test_neither_the_order_of_disks_nor_that_of_protections_decides(
    known: KnownVm, asked: AdviceAsked, random: Random
) -> None:
    disks, protections = list(known.vm.disks), list(known.protections)
    random.shuffle(disks)
    random.shuffle(protections)
    shuffled = replace(known, vm=with_disks(known.vm, disks), protections=tuple(protections))
    one, other = advised(known, asked).decision, advised(shuffled, asked).decision
    assert told(one) == told(other)
    assert _likely(one) == _likely(other)


@laws
@given(machines(), plain_askings())
def test_a_currency_decides_nothing(known: KnownVm, asked: AdviceAsked) -> None:
    one = advised(known, asked).decision
    other = advised(known, asked, pricer("EUR")).decision
    assert told(one) == told(other)


@laws
@given(machines(), plain_askings())
def test_the_name_of_a_vm_decides_nothing(known: KnownVm, asked: AdviceAsked) -> None:
    named = replace(known.vm, name="another", id=arm_id("virtualMachines", "another"))
    one, other = advised(known, asked).decision, advised(replace(known, vm=named), asked).decision
    assert told(one) == told(other)
    assert _likely(one) == _likely(other)


def _likely(decision: Decision) -> Decimal | None:
    return decision.plan.monthly.likely if decision.plan else None


# --- what must not be decided --------------------------------------------------------------------


@many
@given(machines(), plain_askings(), pricers)
def test_what_is_in_place_and_meets_the_need_is_never_replaced_for_little(
    known: KnownVm, asked: AdviceAsked, prices: Pricer
) -> None:
    assume(known.protections)
    advice = advised(known, asked, prices)
    decision = advice.decision
    if not {Course.REPLACE, Course.END} & set(decision.courses) or not _is_enough(advice):
        return
    if decision.difference is None:
        # Loose points whose size nobody knows leave today's amount unknown.
        assert any(each.assessment is None for each in advice.in_place)
        return
    assert decision.today
    assert decision.today.likely
    assert -decision.difference > SAVING_USD
    assert -decision.difference > decision.today.likely * SAVING_SHARE


def _is_enough(advice: Advice) -> bool:
    """Whether what was found runs and meets every event for certain."""
    assessed = [each.assessment for each in advice.in_place if each.assessment]
    surely = {event for each in assessed for event in each.met if event not in each.met_if}
    return set(asked_events(advice.need)) <= surely


@laws
@given(machines(), plain_askings())
def test_on_a_need_that_nobody_stated_nothing_is_replaced_ended_or_kept_shorter(
    known: KnownVm, asked: AdviceAsked
) -> None:
    advice = advised(known, asked)
    assume(not advice.need.stated and known.protections)
    decision = advice.decision
    assert not {Course.REPLACE, Course.END} & set(decision.courses)
    if decision.plan is not None and decision.plan.adjusted is not None:
        lost = decision.plan.adjusted.takes_away
        # Days of instant restore, and old points in the archive: nothing is kept shorter.
        assert all("instead of" in each or each == PUT_BACK_FIRST for each in lost)


@laws
@given(machines(), plain_askings(), st.data())
def test_a_disk_in_no_point_never_makes_the_need_better_met(
    known: KnownVm, asked: AdviceAsked, data: st.DataObject
) -> None:
    """One more disk that a protection leaves out: of no event more is met, or more certainly."""
    assume(known.protections and len(known.vm.disks) > 1)
    at = data.draw(st.integers(0, len(known.protections) - 1))
    disk = data.draw(st.sampled_from([each.key for each in known.vm.disks if not each.is_os]))
    found = known.protections[at]
    worse = replace(found, left_out=found.left_out | {disk}, selective=True)
    protections = (*known.protections[:at], worse, *known.protections[at + 1 :])
    before = advised(known, asked).in_place[at].assessment
    after = advised(replace(known, protections=protections), asked).in_place[at].assessment
    assume(before is not None and after is not None)
    assert before
    assert after
    assert after.met <= before.met
    assert after.met - set(after.met_if) <= before.met - set(before.met_if)


@laws
@given(machines(), plain_askings())
def test_what_is_recommended_is_the_cheapest_that_meets_or_as_good_as_that(
    known: KnownVm, asked: AdviceAsked
) -> None:
    advice = advised(replace(known, protections=()), asked)
    plan = advice.decision.plan
    assume(advice.decision.courses == (Course.PROTECT,) and plan and plan.monthly.complete)
    around = Decider(advice.known, advice.need, advice.sizing, asked.to, PRICER, NOW)
    meeting = around.meeting(around.new, advice.need)
    costs = [cost for each in meeting if (cost := likely_usd(each)) is not None]
    assert plan
    assert plan.monthly.likely is not None
    assert plan.monthly.likely <= min(costs) or costs_alike(plan.monthly.likely, min(costs))


@laws
@given(machines(), plain_askings())
def test_what_another_configuration_gives_for_less_is_never_recommended(
    known: KnownVm, asked: AdviceAsked
) -> None:
    """Of the same option, at least as good tier by tier, and cheaper at every size."""
    advice = advised(replace(known, protections=()), asked)
    plan = advice.decision.plan
    assume(advice.decision.courses == (Course.PROTECT,) and plan)
    assert plan
    for part in plan.parts:
        rivals = (each for each in advice.assessments if each.option == part.option)
        assert not [each.proposal.configuration for each in rivals if _is_better(each, part)]


def _is_better(one: Assessment, other: Assessment) -> bool:
    mine, theirs = one.monthly, other.monthly
    if one.verdict is not Verdict.YES or not mine.complete or not theirs.complete:
        return False
    costs = ((mine.low, theirs.low), (mine.likely, theirs.likely), (mine.high, theirs.high))
    if any(a is None or b is None or a >= b for a, b in costs):
        return False
    if conditions(one) - conditions(other):
        return False
    return all(
        any(at_least(better, tier) for better in one.proposal.tiers)
        for tier in other.proposal.tiers
    )


def conditions(each: Assessment) -> set[str]:
    return {reason.condition for reason in each.proposal.reasons if reason.condition}


# --- prices --------------------------------------------------------------------------------------


@laws
@given(machines(), plain_askings(), st.data())
def test_a_price_that_no_plan_uses_decides_nothing(
    known: KnownVm, asked: AdviceAsked, data: st.DataObject
) -> None:
    advice = advised(known, asked)
    used = {
        key_of_meter(line.usage.meter, "USD") for part in advice.assessments for line in part.lines
    }
    other = data.draw(st.sampled_from(_KEYS))
    assume(other not in used and advice.decision.plan and advice.decision.plan.monthly.complete)
    without = _without(frozenset({other}))
    assert told(advised(known, asked, without).decision) == told(advice.decision)


@laws
@given(machines(), plain_askings(), st.data())
def test_taking_one_price_away_leaves_no_dearer_plan_alone(
    known: KnownVm, asked: AdviceAsked, data: st.DataObject
) -> None:
    """The plan that lost its price is recommended, or named beside the dearer one."""
    known = replace(known, protections=())
    advice = advised(known, asked)
    plan = advice.decision.plan
    assume(plan is not None and plan.monthly.complete and advice.decision.meets is not Meets.NO)
    assert plan is not None
    keys = sorted(
        {key_of_meter(line.usage.meter, "USD") for part in plan.parts for line in part.lines}
    )
    gone = data.draw(st.sampled_from(keys))
    after = advise_priced(known, asked, Tiers(), _without(frozenset({gone})), NOW).decision
    if after.plan is None or not after.plan.monthly.complete:
        return
    assert after.plan.monthly.likely is not None
    assert plan.monthly.likely is not None
    dearer = after.plan.monthly.likely > plan.monthly.likely + TIE_AT_MOST_USD
    named = [each.plan for each in after.alternatives if each.plan is not None]
    assert not dearer or any(not each.monthly.complete for each in named)


_QUOTES = shipped_quotes()
_KEYS = sorted({quote.key for quote in _QUOTES if quote.key.currency == "USD"})


def _without(keys: frozenset[Key]) -> Pricer:
    """The shipped book without these prices."""
    quotes = [quote for quote in _QUOTES if quote.key not in keys]
    return Pricer(Book(quotes), "USD", NOW.date())
