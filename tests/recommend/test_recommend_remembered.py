"""What is remembered from one VM to the next changes no answer, is bounded, and makes no cycle."""

from __future__ import annotations

import gc
from functools import _lru_cache_wrapper
from typing import Any

import pytest

from advisor.advising import advise_briefly, advise_priced
from advisor.asked import AdviceAsked
from advisor.collecting import no_cycles_sought
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
    with no_cycles_sought():
        for known in FLEET:
            advised(known)
        assert gc.collect() == 0


def test_the_collector_runs_again_after_an_error() -> None:
    @no_cycles_sought()
    def failing() -> None:
        raise KeyError(gc.isenabled())

    with pytest.raises(KeyError, match="False"):
        failing()
    assert gc.isenabled()


def test_a_collector_that_somebody_stopped_stays_stopped() -> None:
    gc.disable()
    try:
        with no_cycles_sought():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
