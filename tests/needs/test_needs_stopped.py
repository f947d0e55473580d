"""A VM that is stopped: nothing runs in it, so a crash-consistent point holds everything."""

from __future__ import annotations

import pytest

from advisor.asked import AdviceAsked
from advisor.model import Consistency
from advisor.needs import Tiers, need_of
from tests.strategies import a_vm, advise, known

PRODUCTION = {"environment": "production"}


@pytest.mark.parametrize("state", ["deallocated", "stopped"])
def test_of_a_stopped_vm_a_crash_consistent_point_is_enough(state: str) -> None:
    need = need_of(PRODUCTION, "westeurope", AdviceAsked(vm="web-01"), Tiers(), state)
    assert need.consistency is Consistency.CRASH
    assert need.origin["consistency"] == "the VM is stopped"


def test_of_a_running_vm_or_one_of_unknown_state_it_is_not() -> None:
    for state in ("running", None):
        need = need_of(PRODUCTION, "westeurope", AdviceAsked(vm="web-01"), Tiers(), state)
        assert need.consistency is Consistency.FILE_SYSTEM


def test_a_flag_is_stronger_than_the_power_state() -> None:
    asked = AdviceAsked(vm="web-01", consistency=Consistency.APPLICATION)
    need = need_of(PRODUCTION, "westeurope", asked, Tiers(), "deallocated")
    assert need.consistency is Consistency.APPLICATION


def test_a_production_vm_that_is_stopped_at_night_still_gets_a_plan() -> None:
    advice = advise(known(a_vm(power_state="deallocated", tags=PRODUCTION)))
    assert advice.recommended is not None
    assert advice.recommended.options == ("azure-backup",)
