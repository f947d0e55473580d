"""One of many VMs is told the same as whoever asks about it alone, but for what only one reads."""

from __future__ import annotations

import pytest

from advisor.advising import advise_briefly, advise_priced
from advisor.asked import AdviceAsked
from advisor.fleet.rows import fleet_row
from advisor.model import KnownVm, Verdict
from advisor.needs import Tiers
from advisor.options import OPTIONS
from advisor.recommend.assess import rank
from tests.bench.fleet import NOW, fleet
from tests.strategies import pricer


@pytest.mark.parametrize("known", fleet(40), ids=lambda known: known.vm.name)
def test_the_row_of_a_fleet_is_that_of_the_whole_advice(known: KnownVm) -> None:
    asked, prices = AdviceAsked(vm=known.vm.name), pricer()
    brief = advise_briefly(known, asked, Tiers(), prices, NOW)
    whole = advise_priced(known, asked, Tiers(), prices, NOW)
    assert fleet_row(brief) == fleet_row(whole)
    may_use = [
        each for each in whole.assessments if each.verdict is not Verdict.NO or each.in_place
    ]
    assert list(brief.assessments) == may_use
    assert {each.option for each in whole.assessments} == {option.name for option in OPTIONS}
    assert list(whole.assessments) == sorted(whole.assessments, key=rank)
    assert all(each.lines for each in whole.assessments), "what is forbidden is billed as well"


@pytest.mark.parametrize("known", fleet(40), ids=lambda known: known.vm.name)
def test_a_decision_always_has_words_and_what_only_one_reader_asks_for_waits(
    known: KnownVm,
) -> None:
    brief = advise_briefly(known, AdviceAsked(vm=known.vm.name), Tiers(), pricer(), NOW)
    assert bool(brief.decision.brief) != bool(brief.decision.sentence)
    assert brief.reasons == brief.break_evens == brief.not_covered == ()
    assert brief.decision.todo == ()
