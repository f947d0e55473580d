"""What is remembered from one VM to the next changes no answer, is bounded, and makes no cycle."""

from __future__ import annotations

import gc
from functools import _lru_cache_wrapper
from typing import Any

import pytest

from advisor.advising import advise_briefly, advise_priced
from advisor.asked import AdviceAsked
from advisor.collecting import MADE_BETWEEN_LOOKS, seek_cycles_seldom
from advisor.model import Advice, KnownVm
from advisor.needs import Tiers
from tests.bench.fleet import NOW, fleet
from tests.strategies import pricer

FLEET = fleet(60)


def advised(known: KnownVm) -> Advice:
    return advise_briefly(known, AdviceAsked(vm=known.vm.name), Tiers(), pricer(), NOW)


def told_whole(known: KnownVm) -> Advice:
    return advise_priced(known, AdviceAsked(vm=known.vm.name), Tiers(), pricer(), NOW)


def remembering() -> list[Any]:
    """Every function of the advisor that remembers its answers."""
    every = [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]
    return [each for each in every if (each.__module__ or "").startswith("advisor.")]


def test_a_vm_gets_the_answer_that_it_gets_where_nothing_is_remembered() -> None:
    after_others = [told_whole(known) for known in FLEET]
    for known, advice in list(zip(FLEET, after_others, strict=True))[::6]:
        for each in remembering():
            if each.cache_info().maxsize != 1:  # tables that ship, read once
                each.cache_clear()
        assert told_whole(known) == advice


@pytest.mark.parametrize("module", ["advisor.options", "advisor.recommend", "advisor.words"])
def test_what_is_remembered_is_bounded(module: str) -> None:
    found = [each for each in remembering() if each.__module__.startswith(module)]
    assert found
    assert [each.__qualname__ for each in found if each.cache_info().maxsize is None] == []


def test_advice_makes_no_cycle_that_the_collector_would_have_to_find() -> None:
    for known in FLEET:
        advised(known)
    gc.collect()
    gc.disable()
    try:
        for known in FLEET:
            advised(known)
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("before", "after"),
    [(700, MADE_BETWEEN_LOOKS), (1_000_000, 1_000_000), (0, 0)],
    ids=["often", "more-seldom", "never"],
)
def test_a_process_that_advises_looks_for_cycles_seldom_and_never_more_often_than_before(
    before: int, after: int
) -> None:
    found = gc.get_threshold()
    try:
        gc.set_threshold(before, 12, 13)
        seek_cycles_seldom()
        assert gc.get_threshold() == (after, 12, 13)
    finally:
        gc.set_threshold(*found)
