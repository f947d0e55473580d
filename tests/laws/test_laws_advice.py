"""What holds of every advice, for any VM, any flags and any gap in what is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from advisor.advising import advise_known, advise_priced
from advisor.asked import AdviceAsked
from advisor.errors import UsageError
from advisor.model import Advice, Assessment, Course, KnownVm, LineKind, Monthly, Range, Verdict
from advisor.needs import Tiers
from advisor.options import OPTIONS
from advisor.options.case import case_of
from advisor.present.as_json import advice_to_dict
from advisor.present.schema import schema
from advisor.recommend.assess import Judge, rank
from advisor.recommend.compare import tie_limit
from advisor.recommend.missing_prices import PriceBounds
from advisor.recommend.plans import fresh_plans
from tests.strategies import NOW, askings, book, known_vms, pricer, with_disks

COUNTED = (LineKind.RECURRING, LineKind.DRILL)
VALID = Draft202012Validator(schema("advice"))
PRICER = pricer()
slow = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


def advised(known: KnownVm, asked: AdviceAsked) -> Advice:
    return advise_priced(known, asked, Tiers(), PRICER, NOW)


@slow
@given(known_vms(), askings())
def test_a_total_is_the_sum_of_its_recurring_and_drill_lines(
    known: KnownVm, asked: AdviceAsked
) -> None:
    for each in advised(known, asked).assessments:
        counted = [line for line in each.lines if line.usage.kind in COUNTED]
        amounts = [line.monthly for line in counted if line.monthly is not None]
        lacking = [line for line in counted if line.monthly is None and not line.usage.optional]
        assert each.monthly.low == sum((amount.low for amount in amounts), Decimal(0))
        named = [f"{line.usage.name}: {line.missing}" for line in lacking]
        assert named == list(each.monthly.missing)
        if not lacking:
            assert each.monthly.likely == sum((amount.likely for amount in amounts), Decimal(0))
            assert each.monthly.high == sum((amount.high for amount in amounts), Decimal(0))


@slow
@given(known_vms(), askings())
def test_a_missing_price_never_yields_a_number(known: KnownVm, asked: AdviceAsked) -> None:
    """Neither in its line nor in its total nor in a plan; and it is never 0."""
    advice = advised(known, asked)
    for each in advice.assessments:
        for line in each.lines:
            assert (line.monthly is None) == bool(line.missing)
            assert (line.unit_price is None) == bool(line.missing)
            assert line.unit_price is None or line.unit_price > 0
        assert (each.monthly.likely is None) == bool(each.monthly.missing)
        assert (each.monthly.high is None) == bool(each.monthly.missing)
    for plan in (advice.recommended, *advice.nearest):
        if plan is not None:
            lacking = any(part.monthly.missing for part in plan.parts)
            assert (plan.monthly.likely is None) == lacking == (plan.monthly.high is None)
            assert plan.monthly.low == sum(part.monthly.low for part in plan.parts)


def ordered(value: Range | None) -> bool:
    return value is None or value.low <= value.likely <= value.high


def ordered_total(value: Monthly) -> bool:
    if value.likely is None or value.high is None:
        return value.low >= 0
    return value.low <= value.likely <= value.high


@slow
@given(known_vms(), askings())
def test_low_is_at_most_likely_and_likely_at_most_high_everywhere(
    known: KnownVm, asked: AdviceAsked
) -> None:
    advice = advised(known, asked)
    sizing = advice.sizing
    estimates = (sizing.used_gib, sizing.changed_gib_per_day, sizing.written_gib_per_day)
    assert all(ordered(each.range) for each in estimates)
    assert all(ordered(size.used_gib) for size in sizing.disks)
    for each in advice.assessments:
        assert all(ordered(line.usage.quantity) for line in each.lines)
        assert all(ordered(line.monthly) for line in each.lines)
        assert all(tier.rto.low <= tier.rto.likely <= tier.rto.high for tier in each.proposal.tiers)
        assert ordered_total(each.monthly)


@slow
@given(known_vms(), askings())
def test_an_unknown_never_stands_before_a_yes_nor_a_gap_before_a_complete_bill(
    known: KnownVm, asked: AdviceAsked
) -> None:
    order = {Verdict.YES: 0, Verdict.UNKNOWN: 1, Verdict.NO: 2}
    ranked = advised(known, asked).assessments
    places = [(order[each.verdict], bool(each.monthly.missing)) for each in ranked]
    assert places == sorted(places)


# --- the choice ------------------------------------------------------------------------------


def every_plan(ranked: Sequence[Assessment]) -> Iterator[tuple[Assessment, ...]]:
    """All single configurations, and all of an option with all of each that it goes with."""
    yield from ((each,) for each in ranked)
    for option in OPTIONS:
        firsts = [each for each in ranked if each.option == option.name]
        yield from product(firsts, [e for e in ranked if e.option in option.makes_plans_with])


def fits(parts: tuple[Assessment, ...], asked: tuple[Any, ...]) -> bool:
    met = frozenset().union(*(part.met for part in parts))
    return met == frozenset(asked) and all(part.verdict is Verdict.YES for part in parts)


def cost(parts: tuple[Assessment, ...]) -> Decimal | None:
    likely = [part.monthly.likely for part in parts]
    return None if None in likely else sum(filter(None, likely), Decimal(0))


@slow
@given(known_vms(6), askings())
def test_no_allowed_complete_plan_that_meets_the_need_is_materially_cheaper_than_the_decision(
    known: KnownVm, asked: AdviceAsked
) -> None:
    """Of certain and conditional ones; by more than what counts as a tie."""
    advice = advised(known, asked)
    plan, wanted = advice.recommended, Judge(advice.need).asked
    fitting = [parts for parts in every_plan(advice.assessments) if fits(parts, wanted)]
    complete = [amount for amount in map(cost, fitting) if amount is not None]
    if plan is None:
        assert not fitting or Course.CANNOT_SAY in advice.decision.courses or advice.need.stated
        return
    if any(tier.left_out for part in plan.parts for tier in part.proposal.tiers):
        assert not plan.unmet, "what one part leaves out another one holds"
        return
    assert fits(plan.parts, wanted)
    assert plan.unmet == ()
    if complete and plan.monthly.likely is not None and not advice.need.stated:
        assert plan.monthly.likely <= tie_limit(min(complete))


@slow
@given(known_vms(6), askings())
def test_where_nothing_is_recommended_the_nearest_plans_say_what_they_lack(
    known: KnownVm, asked: AdviceAsked
) -> None:
    """A plan shown as nearest either leaves something open or is not known to be allowed."""
    advice = advised(known, asked)
    for plan in advice.nearest:
        assert advice.recommended is None
        assert plan.unmet or any(part.verdict is not Verdict.YES for part in plan.parts)


# --- order -----------------------------------------------------------------------------------


def shuffled(items: Sequence[Any], seed: int) -> list[Any]:
    mixed = list(items)
    Random(seed).shuffle(mixed)
    return mixed


@slow
@given(known_vms(12), askings(), st.integers())
def test_the_order_in_which_options_are_asked_changes_neither_ranking_nor_choice(
    known: KnownVm, asked: AdviceAsked, seed: int
) -> None:
    advice = advised(known, asked)
    case = case_of(known.vm, advice.sizing, advice.need, asked.to)
    judge = Judge(advice.need, known.vm.disks)
    assessed = [
        judge.assess(proposal, *PRICER.bill(proposal.usages))
        for option in shuffled(OPTIONS, seed)
        for proposal in option.propose(case, option.configurations(case))
    ]
    assert sorted(assessed, key=rank) == list(advice.assessments)
    again = sorted(shuffled(assessed, seed), key=rank)
    assert again == list(advice.assessments)

    def complements(disks: frozenset[str]) -> list[Assessment]:
        return [
            judge.assess(proposal, *PRICER.bill(proposal.usages))
            for option in shuffled(OPTIONS, seed)
            for proposal in option.propose(case, option.complements(case, disks))
            if proposal.verdict is Verdict.YES
        ]

    first, second = (
        fresh_plans(each, judge, PriceBounds(PRICER.known_anywhere), complements).best
        for each in (assessed, again)
    )
    assert (first and first.parts) == (second and second.parts)
    assert (first and first.parts) == (advice.recommended and advice.recommended.parts)


@slow
@given(known_vms(12), askings(), st.integers())
def test_the_order_of_the_disks_changes_nothing_in_the_advice(
    known: KnownVm, asked: AdviceAsked, seed: int
) -> None:
    """The lists of the disks aside, which are as the VM has them."""
    mixed = with_disks(known.vm, shuffled(known.vm.disks, seed))
    try:
        first = in_full(known, asked)
    except UsageError:
        assume(False)
    second = in_full(replace(known, vm=mixed), asked)
    for advice in (first, second):
        advice["vm"].pop("disks")
        advice["sizing"].pop("disks")
        advice["sizing"]["not_known"].sort()
        advice["not_read"].sort()
    assert first == second


def in_full(known: KnownVm, asked: AdviceAsked) -> dict[str, Any]:
    return advice_to_dict(advise_known(known, asked, Tiers(), book(), NOW), details=True)


@settings(slow, max_examples=25)
@given(known_vms(12), askings())
def test_every_advice_is_as_its_json_schema_says(known: KnownVm, asked: AdviceAsked) -> None:
    written = json.loads(json.dumps(in_full(known, asked)))
    problems = [f"{list(error.path)}: {error.message}" for error in VALID.iter_errors(written)]
    assert not problems


@slow
@given(known_vms(), askings())
def test_every_proposed_configuration_is_billed_anew_as_it_was(
    known: KnownVm, asked: AdviceAsked
) -> None:
    """Also one that could not be asked for, such as a replication without a target."""
    advice = advised(known, asked)
    case = case_of(known.vm, advice.sizing, advice.need, asked.to)
    for option in OPTIONS:
        for proposal in option.propose(case, option.configurations(case)):
            assert option.usages(case, proposal.chosen) == proposal.usages
