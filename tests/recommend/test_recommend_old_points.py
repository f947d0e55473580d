"""What is left behind by a move, in the money that people read, and how old a reading is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.model import Advice, Consistency, Event, KnownVm, Retention
from tests.judgement.machines import PROD, Backup, vm
from tests.strategies import NOW, advise

LOCAL_VAULT = vm(tags=PROD, protections=(Backup(redundancy="lrs").found(),))


def said_of_another_vault(found: KnownVm, currency: str = "USD") -> str:
    alternatives = advise(found, currency=currency).decision.alternatives
    [said] = [each.sentence for each in alternatives if "in one vault at a time" in each.sentence]
    return said


def test_old_points_that_are_kept_are_told_with_what_they_cost() -> None:
    today = advise(LOCAL_VAULT).decision.today
    assert today is not None
    assert today.likely is not None
    said = said_of_another_vault(LOCAL_VAULT, "USD")
    assert f"go on costing about {today.likely:.2f} USD a month" in said


def test_of_a_locked_vault_nobody_is_told_to_delete_the_old_points() -> None:
    """They stay until the last of them ends: 12 weeks."""
    locked = Backup(redundancy="lrs", vault={"immutability": "Locked"}).found()
    said = said_of_another_vault(vm(tags=PROD, protections=(locked,)))
    assert "nobody deletes its points before their own end" in said
    assert "a month at first, for up to 84 days" in said
    assert "delete them first" not in said
    assert "never expire" not in said


def savings(keep: Retention, immutability: str | None) -> list[str]:
    """What is said of old points where snapshots would do for less."""
    backup = Backup(keep=keep, vault={"immutability": immutability})
    decision = advise(
        vm(protections=(backup.found(),)),
        survive=(Event.DELETION,),
        keep=Retention(daily=7),
        isolated=False,
        consistency=Consistency.CRASH,
    ).decision
    said = [each.sentence for each in decision.alternatives if each.why == "saving"]
    return [each for each in (*said, *decision.todo) if "old points" in each]


TEN_YEARS = Retention(30, 12, 60, 10)


def test_a_saving_by_other_means_tells_what_the_old_points_go_on_costing() -> None:
    """Snapshots are cheaper than ten years in a vault, and that is there for ten years."""
    [said] = savings(TEN_YEARS, None)
    assert "never expire and go on costing about" in said
    assert "Once they are deleted" in said


def test_where_a_locked_vault_is_paid_for_years_nothing_is_called_a_saving() -> None:
    assert savings(TEN_YEARS, "Locked") == []


def test_where_a_locked_vault_is_paid_for_some_weeks_a_saving_says_so() -> None:
    [said] = savings(Retention(daily=40), "Locked")
    assert "nobody deletes the old points" in said
    assert "a month at first, for up to 40 days" in said


def test_an_amount_of_dollars_is_never_called_another_currency() -> None:
    """The book has no such price in euros for this region: nothing is said of the amount."""
    assert advise(LOCAL_VAULT, currency="EUR").decision.today is None
    assert "go on costing. Or delete them first" in said_of_another_vault(LOCAL_VAULT, "EUR")


def of_age(age: timedelta | None) -> Advice:
    return advise(replace(LOCAL_VAULT, taken=None if age is None else NOW - age))


def test_a_file_of_last_week_is_told_with_its_date() -> None:
    [said] = [each for each in of_age(timedelta(days=7)).warnings if "was read on" in each]
    assert said.startswith("What protects it was read on 2026-11-15 06:00 UTC, 7 days ago")


@pytest.mark.parametrize("age", [None, timedelta(0), timedelta(hours=12)])
def test_of_a_reading_of_today_nothing_is_said(age: timedelta | None) -> None:
    assert not [each for each in of_age(age).warnings if "was read on" in each]
