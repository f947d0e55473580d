"""What stands beside a decision for whoever reads of one VM: ways to what is still missing, the
price of certainty, what may cost less; the saving not taken `decide` finds itself."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.model import Course
from advisor.recommend.candidates import CERTAIN, ENOUGH, Candidate
from advisor.recommend.compare import TIE_AT_MOST_USD
from advisor.recommend.decide import Beside, CourseRuling, best_move, merit
from advisor.recommend.moves import Place, added, as_good, gains, replaced


def also_beside(ruling: CourseRuling, place: Place) -> tuple[Beside, ...]:
    """Every plan worth naming beside the one that is decided on, in the order in which they are
    told; a saving among them."""
    if ruling.chosen is None or Course.NOTHING_MEETS in ruling.courses:
        return ruling.beside
    if ruling.base is None:
        return tuple(_beside_fresh(ruling, ruling.chosen, place))
    return (*_beside_standing(ruling, ruling.base, ruling.chosen, place), *ruling.beside)


# --- nothing in place ------------------------------------------------------------------------


def _beside_fresh(ruling: CourseRuling, chosen: Candidate, place: Place) -> list[Beside]:
    beside = []
    certain = place.fresh.certain()
    if certain is not None:
        beside.append(Beside("certainty", certain))
    elif chosen.worst < CERTAIN:
        beside += _without_condition(place, chosen)
    beside += ruling.beside
    unpriced = _may_cost_less(place, chosen)
    if unpriced is not None:
        beside.append(Beside("may-cost-less", unpriced))
    return beside


def _may_cost_less(place: Place, chosen: Candidate) -> Candidate | None:
    """A plan without all its prices that is cheaper at the cheapest known."""
    if chosen.cost.missing:
        return None
    limit = chosen.cost.likely - TIE_AT_MOST_USD
    unpriced = [
        (place.bounds.at_the_cheapest(each.cost), place_in_line, each)
        for place_in_line, each in enumerate(place.fresh.meeting)
        if each.cost.missing
    ]
    amount, _, least = min(unpriced, default=(limit, 0, None))
    return least if amount < limit else None


def _without_condition(place: Place, chosen: Candidate) -> list[Beside]:
    """The nearest that rests on no condition, where nothing meets the need for certain."""
    sure = [each for each in place.nearest() if not each.judged.met_if and not _doubtful(each)]
    return [Beside("without-the-condition", each) for each in sure[:1] if each is not chosen]


def _doubtful(each: Candidate) -> bool:
    """Whether some of its points rest on a condition, though of an event that it does not meet."""
    tiers = (tier for part in each.parts for tier in part.proposal.tiers)
    return any(tier.conditions or tier.sure_consistency is not None for tier in tiers)


# --- something in place ----------------------------------------------------------------------


def _beside_standing(
    ruling: CourseRuling, base: Candidate, chosen: Candidate, place: Place
) -> list[Beside]:
    """The ways to what is still missing, and the price of certainty."""
    if chosen.worst == CERTAIN:
        return []
    moves = [*ruling.changes, *added(place, base), *replaced(place, base)]
    beside: list[Beside] = []
    if chosen.worst < ENOUGH:
        better = [each for each in moves if gains(each, chosen)]
        for course in (Course.ADJUST, Course.ADD, Course.REPLACE):
            ways = best_move([each for each in better if course in each.courses], place)
            if ways is not None and ways is not chosen:
                beside.append(Beside("covers-more", ways))
        beside = _covering_most(beside, place)
    if not beside and chosen.judged.met_if and chosen.worst > 0:
        sure = [each for each in moves if each.worst == CERTAIN and as_good(each, chosen)]
        beside += [Beside("certainty", each) for each in (best_move(sure, place),) if each]
    return beside


def _covering_most(beside: Sequence[Beside], place: Place) -> list[Beside]:
    """Those that meet as much as the one that meets most, the cheaper first."""
    most = max((merit(each.candidate, place)[0] for each in beside), default=0)
    same = [each for each in beside if merit(each.candidate, place)[0] == most]
    return sorted(
        same, key=lambda each: (bool(each.candidate.cost.missing), each.candidate.cost.likely)
    )
