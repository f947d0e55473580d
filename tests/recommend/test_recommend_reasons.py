"""What is said of a decision is true: reasons, warnings, what is forbidden, what is listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.model import Course, Protection, ProtectionKind, ProtectionState, Retention
from advisor.recommend import todo
from tests.recommend.made import a_candidate, a_line
from tests.recommend.test_recommend_in_place import backed_up
from tests.strategies import a_vm, advise


def test_the_reason_of_an_event_names_the_tier_that_meets_it() -> None:
    """Not the instant restore before it, which keeps two days in reach of whoever deletes."""
    [reason] = [each for each in advise(a_vm()).reasons if each.startswith("Deletion")]
    assert "points kept 84 days" in reason
    assert "cannot be deleted with the VM" in reason


def test_no_configuration_is_listed_twice() -> None:
    for found in (backed_up(), backed_up(redundancy="lrs"), backed_up(ProtectionState.STOPPED)):
        listed = [
            (each.option, tuple(each.proposal.configuration.items()))
            for each in advise(found).assessments
        ]
        assert len(set(listed)) == len(listed)


def test_nothing_is_said_to_pay_that_the_vm_may_not_use() -> None:
    allowed = advise(a_vm())
    refused = advise(a_vm(size="Standard_D4ps_v5", architecture="Arm64"))
    assert any("Site Recovery" in each for each in allowed.break_evens)
    assert not any("Site Recovery" in each for each in refused.break_evens)


@pytest.mark.parametrize(("daily", "warned"), [(6, True), (7, False), (8, False)])
def test_fewer_daily_points_than_a_vault_keeps_are_warned_of(daily: int, warned: bool) -> None:
    advice = advise(a_vm(), keep=Retention(daily=daily))
    assert any("at least 7 daily points" in each for each in advice.warnings) is warned


def test_a_churn_mode_that_changes_is_said_to_want_replication_anew() -> None:

    chosen = a_candidate(a_line("1"), option="site-recovery")
    [part] = chosen.parts
    new = part._replace(proposal=part.proposal._replace(configuration={"churn_mode": "high"}))
    old = part._replace(proposal=part.proposal._replace(configuration={"churn_mode": "normal"}))
    [said] = todo.forbidden(chosen._replace(parts=(new,), dropped=(old,)))
    assert "churn mode is chosen when replication is enabled" in said
    assert not list(todo.forbidden(chosen._replace(parts=(new,), dropped=(new,))))


def test_a_database_backup_protects_no_vm_and_stops_nothing() -> None:
    databases = Protection(
        kind=ProtectionKind.DATABASE_BACKUP,
        state=ProtectionState.ACTIVE,
        databases=("orders",),
    )
    found = replace(backed_up(), protections=(databases,))
    advice = advise(found)
    assert advice.decision.courses == (Course.ADD,)
    assert "orders" in advice.in_place[0].sentence
    assert advice.unprotected == "unprotected"
