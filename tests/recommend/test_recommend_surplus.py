"""Days of instant restore beyond the need: a setting, fewer of which take no retention away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.model import Advice, Course, Retention
from tests.recommend.test_recommend_in_place import backed_up
from tests.strategies import a_disk, a_vm, advise


def in_development(days: int, size_gib: int, keep: Retention) -> Advice:
    """A development machine, of whose need nobody stated anything, with the Enhanced policy."""
    found = backed_up(redundancy="lrs", enhanced=True, days=days, keep=keep)
    vm = a_vm(a_disk(), a_disk("data", size_gib=size_gib), tags={"environment": "development"})
    return advise(replace(found, vm=vm))


def test_days_of_instant_restore_beyond_the_vaults_retention_are_surplus_too() -> None:
    """30 days of snapshots beside a vault that keeps 7, and 7 are needed: 7 days are enough."""
    decision = in_development(30, 512, Retention(daily=7)).decision
    assert decision.courses == (Course.ADJUST,)
    assert decision.plan is not None
    assert decision.plan.adjusted is not None
    assert decision.plan.adjusted.configuration["instant_restore"] == "7d"
    assert decision.plan.adjusted.takes_away == (
        "Restores within minutes reach back 7 days instead of 30 days; older points come from the"
        " vault.",
    )


@pytest.mark.parametrize(
    ("days", "size_gib", "keep"),
    [
        (8, 512, Retention(daily=7)),  # a day less saves a few dollars at most
        (30, 32, Retention(daily=7)),  # so do all of a small disk
        (7, 512, Retention(daily=400)),  # days of the vault are no setting
    ],
)
def test_what_saves_little_or_is_retention_is_kept(
    days: int, size_gib: int, keep: Retention
) -> None:
    assert in_development(days, size_gib, keep).decision.courses == (Course.KEEP,)
