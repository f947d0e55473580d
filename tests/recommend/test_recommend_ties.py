"""Which of several plans is taken: the cheapest, and among those that cost the same the better."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from advisor.model import Consistency, Event, EventNeed, KnownVm, Retention
from advisor.recommend.candidates import Candidate
from advisor.recommend.compare import best, saves_enough, tie_limit
from tests.recommend.made import DAY, HOUR, a_candidate, a_line, a_need, a_tier, assumed
from tests.recommend.test_recommend_in_place import backed_up
from tests.strategies import a_vm, advise


@pytest.mark.parametrize(
    ("cheapest", "limit"),
    [("1", "1.5"), ("10", "10.5"), ("20", "21"), ("40", "42"), ("400", "402")],
)
def test_a_tie_is_half_a_dollar_or_both_a_twentieth_and_two_dollars(
    cheapest: str, limit: str
) -> None:
    assert tie_limit(Decimal(cheapest)) == Decimal(limit)


def better(**changes: object) -> Candidate:
    return a_candidate(a_line("10.40"), tiers=(a_tier(**changes),))


PLAIN = a_candidate(a_line("10"))


def test_ties_do_not_chain() -> None:
    """The second is as cheap as the first, the third as the second, and not as the first."""
    dear = a_candidate(a_line("10.90"), tiers=(a_tier(consistency=Consistency.APPLICATION),))
    assert best([PLAIN, better(rto=assumed(2, 2, 2)), dear]) is PLAIN


@pytest.mark.parametrize(
    "changes",
    [
        {"consistency": Consistency.APPLICATION},
        {"rto": assumed(0.5, 0.5, 0.5)},
        {"events": (Event.DELETION, Event.ZONE)},
    ],
)
def test_of_what_costs_the_same_the_better_is_taken(changes: dict[str, object]) -> None:
    assert best([PLAIN, better(**changes)]) is not PLAIN


def test_what_is_in_place_is_taken_before_what_is_better() -> None:
    there = a_candidate(a_line("10.40"), in_place=True)
    assert best([PLAIN, better(consistency=Consistency.APPLICATION), there]) is there


def test_what_is_certain_is_taken_before_what_rests_on_a_condition() -> None:
    on_condition = better(consistency=Consistency.APPLICATION, conditions=("somebody comes",))
    assert best([PLAIN, on_condition]) is PLAIN


def test_the_longest_schedule_that_meets_is_taken_for_the_same_price() -> None:
    often = a_candidate(a_line("10"), tiers=(a_tier(rpo=4 * HOUR),))
    assert best([often, PLAIN]) is PLAIN


def test_among_equals_the_plainer_is_taken() -> None:
    plain = a_candidate(a_line("10.20"), order=(0,))
    far = a_candidate(a_line("10"), order=(1,), tiers=(a_tier(retention_days=29),))
    assert best([far, plain]) is plain


def test_what_gives_as_much_by_the_same_option_for_less_at_every_size_is_taken_before() -> None:
    plain = a_candidate(a_line("10.20"), order=(0,))
    cheaper = a_candidate(a_line("10"), order=(1,))
    assert best([plain, cheaper]) is cheaper


@pytest.mark.parametrize(
    ("before", "after", "enough"),
    [("100", "90", False), ("100", "89.99", True), ("20", "15", False), ("20", "14.99", True)],
)
def test_a_saving_decides_only_above_a_tenth_and_five_dollars(
    before: str, after: str, enough: bool
) -> None:
    assert saves_enough(Decimal(before), Decimal(after)) is enough


def test_a_schedule_in_place_that_is_as_cheap_ranks_first_and_is_kept() -> None:
    """Every 4 h costs what every 12 h does, and 12 h are asked for."""
    found: KnownVm = backed_up(redundancy="lrs", enhanced=True, days=7, every=timedelta(hours=4))
    advice = advise(
        found,
        survive=(Event.DELETION,),
        rpo=12 * HOUR,
        isolated=False,
        keep=Retention(daily=30, weekly=12),
    )
    [there] = advice.in_place
    backups = [each for each in advice.assessments if each.option == "azure-backup"]
    assert backups[0] is there.assessment
    assert advice.decision.plan is not None
    assert advice.decision.plan.in_place


def test_the_decision_is_the_same_in_every_currency() -> None:
    """There are no prices in euros: the money is not known, and what to do is."""
    known = backed_up()
    for vm in (known, known.vm):
        dollars, euros = advise(vm), advise(vm, currency="EUR")
        assert euros.decision.courses == dollars.decision.courses
        assert euros.decision.plan is not None
        assert dollars.decision.plan is not None
        assert [part.proposal.configuration for part in euros.decision.plan.parts] == [
            part.proposal.configuration for part in dollars.decision.plan.parts
        ]
        assert euros.decision.plan.monthly.currency == "EUR"
        assert euros.decision.plan.monthly.likely is None


def test_a_vault_that_survives_no_event_more_is_not_taken_for_being_farther_away() -> None:
    """Site Recovery survives the region; there are no prices to tell LRS and GRS apart."""
    advice = advise(a_vm(region="eastus", tags={"criticality": "mission-critical"}))
    assert advice.decision.plan is not None
    assert advice.decision.plan.options == ("azure-backup", "site-recovery")
    assert advice.decision.plan.parts[0].proposal.configuration["redundancy"] == "lrs"


def test_of_a_zone_disks_captured_together_win_a_tie_and_more_than_that_is_no_merit() -> None:
    need = a_need(deletion=None, zone=EventNeed(rpo=DAY), consistency=Consistency.NONE)

    def across(consistency: Consistency, hours: float) -> Candidate:
        rto = assumed(hours, hours, hours)
        tier = a_tier(Event.ZONE, consistency=consistency, rto=rto)
        return a_candidate(a_line("100"), need=need, tiers=(tier,))

    apart, together = across(Consistency.NONE, 0.5), across(Consistency.FILE_SYSTEM, 3)
    assert best([apart, together]) is together
    sooner = across(Consistency.CRASH, 1)
    assert best([together, sooner]) is sooner
