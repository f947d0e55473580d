"""Plans that cost the same though a price is missing: ties across options, and what is proven."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.model import Consistency, Line
from advisor.recommend.bound import settle
from advisor.recommend.candidates import Candidate
from tests.recommend.made import a_candidate, a_line, a_need, a_tier, prices

SITE, SNAPSHOTS = "site-recovery", "snapshots"
#: A need that points of disks captured moments apart meet, too.
ANY = a_need(isolated=False, consistency=Consistency.NONE)


def apart(*lines: Line, **more: Any) -> Candidate:
    """Snapshots of one disk after the other."""
    tier = a_tier(isolated=False, consistency=Consistency.NONE)
    return a_candidate(*lines, need=ANY, tiers=(tier,), option=SNAPSHOTS, **more)


def vault(*lines: Line, **more: Any) -> Candidate:
    return a_candidate(*lines, need=ANY, **more)


def test_a_plan_without_a_price_hides_no_tie_between_two_that_have_theirs() -> None:
    """Of 417.14 and 417.99 USD the vault's points are better, whatever a third plan lacks."""
    snapshots, backup = apart(a_line("417.14")), vault(a_line("417.99"))
    assert settle([snapshots, backup], prices()).winner is backup
    third = vault(a_line("500"), a_line(None), option=SITE)
    assert settle([snapshots, backup, third], prices()).winner is backup
    assert settle([snapshots, backup, third], prices()).sentence == ""


def test_the_better_plan_wins_a_tie_that_its_missing_price_cannot_leave() -> None:
    """At most 10.15 USD beside 10: up to 0.50 it is a tie."""
    snapshots, backup = apart(a_line("10")), vault(a_line("10"), a_line(None))
    settled = settle([snapshots, backup], prices(storage=("0.02", "0.10")))
    assert settled.winner is backup
    assert settled.sentence == (
        "It costs about what the cheapest costs unless the price of storage is above 0.5 USD a GB"
        " (dearest known: 0.1 USD)."
    )
    dear = vault(a_line("10"), a_line(None, much="10"))
    assert settle([snapshots, dear], prices(storage=("0.02", "0.10"))).winner is snapshots


def test_the_better_plan_wins_a_tie_with_a_rival_whose_missing_price_is_low() -> None:
    """The rival costs 19.50 USD at the cheapest known: 20 is within a twentieth of it."""
    better = vault(a_line("20"))
    rival = apart(a_line("10"), a_line(None, much="100"))
    settled = settle([rival, better], prices(storage=("0.095", "0.12")))
    assert settled.winner is better
    assert settled.sentence == (
        "It costs about what the cheapest costs unless the price of storage is below"
        " 0.09 USD a GB (cheapest known: 0.095 USD)."
    )


def test_ties_across_options_do_not_chain_where_a_price_is_missing() -> None:
    """The second costs what the first does and the third what the second; not what the first."""
    third = vault(a_line("500"), a_line(None), option=SITE)
    first, second = apart(a_line("10")), apart(a_line("10.40"))
    better = vault(a_line("10.80"))
    assert settle([first, second, better, third], prices()).winner in (first, second)
    near = vault(a_line("10.50"))
    assert settle([first, second, near, third], prices()).winner is near


def test_the_measure_of_a_tie_is_the_cheapest_of_its_options_and_not_the_better_one() -> None:
    """Of one option 10 and, better, 10.45 USD: 10.70 by another one is a tie with neither's 10."""
    third = vault(a_line("500"), a_line(None), option=SITE)
    plain = apart(a_line("10"))
    tier = a_tier(isolated=False, consistency=Consistency.CRASH)
    better = a_candidate(a_line("10.45"), need=ANY, tiers=(tier,), option=SNAPSHOTS)
    best = vault(a_line("10.70"))
    assert settle([plain, better, best, third], prices()).winner is better


def test_what_a_rival_lacks_too_does_not_hide_the_rival_that_lacks_nothing() -> None:
    """12 USD and the same storage are more than 10 with it; 16 USD may be less."""
    ours = vault(a_line("10"), a_line(None, much="100"))
    rivals = [apart(a_line("12"), a_line(None, much="100")), apart(a_line("16"))]
    assert settle([ours, *rivals], prices(storage=("0.02", "0.10"))).winner is None
    assert settle([ours, rivals[0]], prices(storage=("0.02", "0.10"))).winner is ours


def test_what_is_in_place_is_kept_at_the_same_cost_though_a_rival_lacks_a_price() -> None:
    third = vault(a_line("500"), a_line(None), option=SITE)
    there = apart(a_line("101"), in_place=True)
    assert settle([vault(a_line("100")), there, third], prices()).winner is there


def test_what_has_all_its_prices_is_not_given_up_for_what_may_turn_out_dearer() -> None:
    """Of the same option: 15 USD and 100 GB of storage beside 20."""
    whole, lacking = vault(a_line("20")), vault(a_line("15"), a_line(None, much="100"))
    settled = settle([whole, lacking], prices(storage=("0.01", "0.03")))
    assert settled.winner is lacking
    assert settled.sentence == (
        "It is the cheapest unless the price of storage is above 0.05 USD a GB"
        " (dearest known: 0.03 USD)."
    )
    less = vault(a_line("5"), a_line(None, much="100"))
    assert settle([whole, less], prices(storage=("0.01", "0.10"))).winner is less
    assert settle([whole, less], prices(storage=("0.01", "0.11"))).winner is whole


def test_what_is_known_nowhere_is_no_rival_where_its_options_have_another() -> None:
    """It bounds nothing; where its options have nothing else, nothing is proven beside it."""
    ours, priced = vault(a_line("20")), apart(a_line("25"))
    nowhere = apart(a_line("1"), a_line(None))
    assert settle([ours, priced, nowhere], prices()).winner is ours
    assert settle([ours, nowhere], prices()).winner is None


@pytest.mark.parametrize(("cheapest", "wins"), [("0.02", False), ("0.06", True)])
def test_the_rival_that_may_be_cheapest_counts_and_not_only_that_of_the_estimate(
    cheapest: str, wins: bool
) -> None:
    """The rival's 25 USD are less than its 15 with 100 GB at the dearest; not at the cheapest."""
    ours = vault(a_line("20"))
    rivals = [apart(a_line("25")), apart(a_line("15"), a_line(None, much="100"))]
    settled = settle([ours, *rivals], prices(storage=(cheapest, "0.12")))
    assert (settled.winner is ours) is wins
    assert bool(settled.open) is not wins
