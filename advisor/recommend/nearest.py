"""The nearest plans, where nothing that the VM may use meets the need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from advisor.model import Assessment, Event, PointTier, Verdict
from advisor.options import OPTIONS
from advisor.recommend.assess import Judge
from advisor.recommend.candidates import Candidate, candidate_of
from advisor.recommend.look import served
from advisor.recommend.missing_prices import PriceBounds
from advisor.recommend.plans import Complements, completed

NEAREST_SHOWN = 3
NO_SHORTFALL = 1.0
NEVER = float("inf")

_ALL = 3  #: lacks of an event that nothing serves: more than any that is served and one short


def no_complement(_: frozenset[str]) -> Sequence[Assessment]:
    """For whoever asks nothing else to hold the disks that are left out."""
    return ()


def nearest(
    assessed: Iterable[Assessment],
    judge: Judge,
    bounds: PriceBounds,
    complements: Complements = no_complement,
) -> tuple[Candidate, ...]:
    """The nearest plan of each set of options, the best first, of what the VM may use or might."""
    possible = _cheapest_alike(assessed)
    every = (*_every(possible, judge), *completed(possible, judge, complements))
    of_options: dict[tuple[str, ...], list[Candidate]] = {}
    for each in every:
        of_options.setdefault(each.options, []).append(each)
    firsts = [_nearest_of(alike, judge, bounds) for alike in of_options.values()]
    return tuple([each for _, each in sorted(firsts, key=lambda one: one[0])][:NEAREST_SHOWN])


def _nearest_of(
    alike: Sequence[Candidate], judge: Judge, bounds: PriceBounds
) -> tuple[tuple[object, ...], Candidate]:
    """The nearest of those by the same options, with its nearness.

    What comes first in the nearness is compared first: it is quick, and leaves few.
    """
    if len(alike) > 1:
        coarse = [_uncovered(each, judge) for each in alike]
        least = min(coarse)
        alike = [each for each, one in zip(alike, coarse, strict=True) if one == least]
    return min(((nearness(each, judge, bounds), each) for each in alike), key=lambda one: one[0])


def _cheapest_alike(assessed: Iterable[Assessment]) -> list[Assessment]:
    """Of those that lack exactly the same the cheapest: no other can be nearer, alone or not."""
    alike: dict[tuple[object, ...], Assessment] = {}
    for each in assessed:
        figures = [(what.rpo, what.rto) if what else None for what in each.recovery.values()]
        key = (
            each.option,
            each.proposal.verdict,
            each.unmet,
            *each.met_if.items(),
            *figures,
            bool(each.monthly.missing),
        )
        known = alike.get(key)
        if known is None or _price(each) < _price(known):
            alike[key] = each
    return list(alike.values())


def _price(each: Assessment) -> tuple[object, ...]:
    likely = each.monthly.likely
    return (each.monthly.low if likely is None else likely, each.proposal.order)


def _every(possible: Sequence[Assessment], judge: Judge) -> Iterator[Candidate]:
    for each in possible:
        yield candidate_of([each], judge)
    for option in OPTIONS:
        firsts = [each for each in possible if each.option == option.name]
        seconds = [each for each in possible if each.option in option.makes_plans_with]
        for pair in product(firsts, seconds):
            yield candidate_of(pair, judge)


def nearness(each: Candidate, judge: Judge, bounds: PriceBounds) -> tuple[object, ...]:
    """Events without any point; GiB in gaps; isolation missing; the worst shortfall as a factor;
    the best tier that lacks one thing only; other lacks; what it costs; the plainer."""
    asked = judge.asked
    lacks = [_fewest_lacks(each, event, judge) for event in asked]
    return (
        *_uncovered(each, judge),
        max((shortfall(each, event, judge) for event in asked), default=NO_SHORTFALL),
        max(lacks, default=0) > 1,
        sum(lacks),
        len(each.judged.met_if),
        bounds.estimate(each.cost),
        len(each.parts),
        [(part.option, part.proposal.order) for part in each.parts],
    )


def _uncovered(each: Candidate, judge: Judge) -> tuple[bool, int, int, bool]:
    """What counts first: not allowed, events without any point, GiB in gaps, isolation missing."""
    recovery = each.judged.recovery
    return (
        not all(part.proposal.verdict is Verdict.YES for part in each.parts),
        sum(recovery[event] is None for event in judge.asked),
        sum(gap.size_gib or 1 for gap in each.judged.gaps),
        _isolation_missing(each, judge),
    )


def _tiers(each: Candidate, event: Event) -> list[PointTier]:
    return [tier for part in each.parts for tier in part.proposal.tiers if event in served(tier)]


def _isolation_missing(each: Candidate, judge: Judge) -> bool:
    wanted = judge.need.isolated and judge.need.deletion is not None
    return wanted and not any(tier.isolated for tier in _tiers(each, Event.DELETION))


def shortfall(each: Candidate, event: Event, judge: Judge) -> float:
    """How many times the RPO or RTO asked for the best tier of the event takes; 1 at best."""
    asked, tiers = judge.need.of(event), _tiers(each, event)
    if asked is None:
        return NO_SHORTFALL
    if event is Event.DELETION and judge.need.isolated:
        tiers = [tier for tier in tiers if tier.isolated] or tiers
    factors = []
    for tier in tiers:
        factor = tier.rpo / asked.rpo if asked.rpo else (NEVER if tier.rpo else NO_SHORTFALL)
        if asked.rto:
            factor = max(factor, tier.rto.likely / asked.rto)
        factors.append(max(NO_SHORTFALL, factor))
    return min(factors, default=NO_SHORTFALL)  # an event without a point counts before


def _fewest_lacks(each: Candidate, event: Event, judge: Judge) -> int:
    """How many things the best tier of the event lacks."""
    if event in each.judged.met:
        return 0
    tiers = _tiers(each, event)
    # A tier that lacks nothing leaves a disk out.
    return min((max(1, len(judge.looked(tier).lacks[event])) for tier in tiers), default=_ALL)
