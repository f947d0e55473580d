"""Which of several candidates is the cheapest, and which of those that cost the same is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from advisor.model import ZERO, Assessment, Consistency, Event, PointTier
from advisor.recommend.assess import Way
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
    tied = [each for each in candidates if each.cost.likely <= limit]
    return tied[0] if len(tied) == 1 else min(undominated(tied), key=preference)


def undominated(tied: Sequence[Candidate]) -> Sequence[Candidate]:
    """Those of which no other gives as much by the same options for less at every size.

    Among Site Recovery's targets the cheapest is taken, and the name decides only after that.
    """
    if len(tied) == 1:
        return tied
    named = [(each.options, each) for each in tied]
    return [
        each
        for options, each in named
        if not any(other == options and _dominates(one, each) for other, one in named)
    ]


def _dominates(one: Candidate, other: Candidate) -> bool:
    """Of two plans by the same options."""
    pairs = [(a, b) for a, b in zip(one.parts, other.parts, strict=True) if a is not b]
    return bool(pairs) and all(_is_better(a, b) for a, b in pairs)


def _is_better(one: Assessment, other: Assessment) -> bool:
    """Cheaper at the low, the likely and the high size, and as good tier by tier."""
    mine, theirs = one.monthly, other.monthly
    if other.in_place or mine.likely is None or theirs.likely is None:
        return False
    if mine.high is None or theirs.high is None:
        return False
    if mine.likely >= theirs.likely or mine.low >= theirs.low or mine.high >= theirs.high:
        return False
    if one.verdict is not other.verdict:
        return False
    tiers = one.proposal.tiers
    return all(any(_as_good(tier, than) for tier in tiers) for than in other.proposal.tiers)


def _as_good(tier: PointTier, than: PointTier) -> bool:
    if tier is than or tier == than:
        return True
    return (
        set(tier.events) >= set(than.events)
        and tier.rpo <= than.rpo
        and tier.rto.likely <= than.rto.likely
        and tier.rto.high <= than.rto.high
        and tier.retention_days >= than.retention_days
        and tier.consistency >= than.consistency
        and tier.isolated >= than.isolated
        and tier.left_out <= than.left_out
        and tier.sure_consistency == than.sure_consistency
        and set(tier.conditions) <= set(than.conditions)
    )


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
    """Of the points that meet deletion; of others one as of a pulled plug is as good as any better,
    and disks captured moments apart are worse.
    """
    way = each.judged.ways.get(Event.DELETION)
    if way is not None:
        return _sure(way)
    others = (min(_sure(other), Consistency.CRASH) for other in each.judged.ways.values())
    return min(others, default=Consistency.NONE)


def _sure(way: Way) -> Consistency:
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
