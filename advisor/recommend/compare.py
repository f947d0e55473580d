"""Which of several candidates is the cheapest, and which of those that cost the same is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from advisor.model import ZERO, Consistency, Event
from advisor.recommend.candidates import CERTAIN, Candidate

#: Two plans cost the same within this many USD a month, or within both a share and an amount:
#: bills are estimated, and nobody moves for less. Ours.
TIE_USD = Decimal("0.50")
TIE_SHARE = Decimal("0.05")
TIE_AT_MOST_USD = Decimal(2)

#: A saving decides only from so much on: a share and an amount a month. Ours.
SAVING_SHARE = Decimal("0.10")
SAVING_USD = Decimal(5)


def tie_limit(cheapest: Decimal) -> Decimal:
    """Up to which amount a plan costs the same as the cheapest one that meets the need."""
    return cheapest + max(TIE_USD, min(cheapest * TIE_SHARE, TIE_AT_MOST_USD))


def saves_enough(before: Decimal, after: Decimal) -> bool:
    """Whether a move from one amount a month to another is worth it."""
    saved = before - after
    return saved > SAVING_USD and saved > before * SAVING_SHARE


def best(candidates: Sequence[Candidate]) -> Candidate:
    """Of complete candidates the cheapest; among those that cost the same the better one."""
    limit = tie_limit(min(each.cost.likely for each in candidates))
    return min((each for each in candidates if each.cost.likely <= limit), key=preference)


def preference(each: Candidate) -> tuple[object, ...]:
    """Among equals: certain, in place, better consistency, RTO and events, the longest schedule,
    the plainer.

    A shorter RPO than the one asked for is no merit: more points are more that can fail.
    """
    ways = each.judged.ways.values()
    survived = sum(what is not None for what in each.judged.recovery.values())
    return (
        each.worst < CERTAIN,
        sum(not part.in_place for part in each.parts),
        -_consistency(each),
        [way.look.tier.rto.likely for way in ways],
        -survived,
        -sum((way.look.tier.rpo for way in ways), timedelta()),
        *plainness(each),
    )


def _consistency(each: Candidate) -> Consistency:
    """Of the points that meet deletion; of others a point as crashed is as good as any."""
    way = each.judged.ways.get(Event.DELETION)
    if way is None:
        return Consistency.NONE
    tier = way.look.tier
    return tier.consistency if tier.sure_consistency is None else tier.sure_consistency


def plainness(each: Candidate) -> tuple[object, ...]:
    """Fewer parts, then what the option calls the plainer, then the amount."""
    return (
        len(each.parts),
        [(part.option, part.proposal.order) for part in each.parts],
        each.cost.likely,
    )


def cheapest(candidates: Iterable[Candidate]) -> Decimal:
    return min((each.cost.likely for each in candidates), default=ZERO)
