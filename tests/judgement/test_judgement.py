"""What is decided about VMs as real shops have them; docs/judgement.md lists them all."""

from __future__ import annotations

import shlex

import pytest

from advisor.advising import advise_known
from advisor.cli.parameters import parse_asked
from advisor.model import Advice, Decision
from advisor.needs import Tiers
from tests.judgement import protected, unprotected
from tests.judgement.machines import Situation
from tests.judgement.page import advice_on, judgement_page
from tests.strategies import NOW, book

SITUATIONS = (*unprotected.SITUATIONS, *protected.SITUATIONS)


def decided(situation: Situation) -> Decision:
    return advice_on(situation).decision


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.name)
def test_the_decision_is_the_one_a_senior_engineer_takes(situation: Situation) -> None:
    decision = decided(situation)
    assert " and ".join(course.value for course in decision.courses) == situation.action
    plan = decision.plan
    assert set(plan.options if plan else ()) == set(situation.options)
    if situation.meets is not None:
        assert decision.meets is situation.meets
    assert tuple(gap.disk for gap in decision.gaps) == situation.gaps


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.name)
def test_a_decision_says_what_it_is_made_of(situation: Situation) -> None:
    decision = decided(situation)
    assert decision.sentence.endswith(".")
    assert bool(decision.conditions) == (decision.meets.value == "if")
    for gap in decision.gaps:
        assert gap.disk in decision.sentence or any(gap.disk in each for each in decision.todo)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.name)
def test_a_currency_is_a_display_and_decides_nothing(situation: Situation) -> None:
    asked = parse_asked(["web-01", *shlex.split(situation.flags), "--currency", "EUR"])
    in_euro: Advice = advise_known(situation.vm, asked, Tiers(), book(), NOW)
    decision = decided(situation)
    assert in_euro.decision.courses == decision.courses
    one, other = in_euro.decision.plan, decision.plan
    assert (one.options if one else ()) == (other.options if other else ())


def test_there_are_at_least_sixty_situations_and_no_two_of_one_name() -> None:
    names = [situation.name for situation in SITUATIONS]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


def test_the_page_says_every_situation_with_its_decision() -> None:
    page = judgement_page()
    for situation in SITUATIONS:
        assert f"| {situation.name} |" in page
