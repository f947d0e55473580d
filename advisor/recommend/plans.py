"""Plans for a VM as if nothing protected it: single options, and the pairs that make sense.

Of the configurations of an option only those are looked at that a winner can be made of: for each
set of events met, in each completeness, the cheapest ones and those that cost as good as the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from advisor.model import ZERO, Assessment, Verdict
from advisor.options import OPTIONS
from advisor.recommend.assess import NO_DISKS, Judge
from advisor.recommend.bound import Settled, settle
from advisor.recommend.candidates import (
    CERTAIN,
    ENOUGH,
    IF_STATED,
    Candidate,
    CostUsd,
    candidate_of,
    cost_of,
    levels,
    levels_of,
)
from advisor.recommend.compare import TIE_AT_MOST_USD, best, tie_limit
from advisor.recommend.missing_prices import PriceBounds

#: Complements are asked for the disks that a configuration leaves out.
Complements = Callable[[frozenset[str]], Sequence[Assessment]]


class Group(NamedTuple):
    """Configurations of one option that meet the same events equally well, the cheapest first."""

    levels: tuple[int, ...]
    members: tuple[tuple[CostUsd, Assessment], ...]

    @property
    def option(self) -> str:
        return self.members[0][1].proposal.option

    @property
    def first(self) -> Assessment:
        return self.members[0][1]


_Row = tuple[Candidate, tuple[Group, ...]]


class Fresh(NamedTuple):
    """What could protect the VM anew.

    `best`: the decision where nothing is in place. `certain`: the best that meets for certain,
    where that one does not; worked out when it is asked for.
    `saving`: a cheaper one on a condition that a stated figure rests on. `meeting`: one of each
    set of options that meets as well as the best.
    """

    best: Candidate | None
    certain: Callable[[], Candidate | None]
    saving: Candidate | None
    settled: Settled
    meeting: tuple[Candidate, ...]
    singles: tuple[Assessment, ...]
    every: tuple[Candidate, ...]
    unknown: Candidate | None = None  #: would meet the need, were it known to be allowed


def fresh_plans(
    assessed: Iterable[Assessment], judge: Judge, bounds: PriceBounds, complements: Complements
) -> Fresh:
    """Every plan worth looking at, and which of them is the best."""
    yes, no = Verdict.YES, Verdict.NO  # an enum looks its members up slowly
    possible = [each for each in assessed if each.proposal.verdict is not no]
    allowed = [each for each in possible if each.proposal.verdict is yes]
    groups = _grouped(allowed, judge, bounds)
    fresh = _chosen(_rows(groups, judge, complements), judge, bounds, groups)
    if fresh.meeting or len(possible) == len(allowed):
        return fresh
    open_rows = _rows(_grouped(possible, judge, bounds), judge, complements)
    meeting = [row for row in open_rows if row[0].worst >= IF_STATED]
    return fresh._replace(unknown=_any_of(meeting, _settled(meeting, judge, bounds)))


def _any_of(meeting: Sequence[_Row], settled: Settled) -> Candidate | None:
    """The cheapest, or the first where that cannot be proven: None only where nothing meets."""
    first = next((row[0] for row in meeting), None)
    return settled.winner or next(iter(settled.open), first)


def _rows(groups: Sequence[Group], judge: Judge, complements: Complements) -> list[_Row]:
    rows: list[_Row] = [(_alone(group, group.members[0], judge), (group,)) for group in groups]
    rows += _pairs(groups, judge)
    firsts = [group.first for group in groups]
    rows += [(each, ()) for each in completed(firsts, judge, complements)]
    return rows


def _alone(group: Group, member: tuple[CostUsd, Assessment], judge: Judge) -> Candidate:
    """One of a group, whose levels and cost are known already."""
    cost, each = member
    return Candidate((each,), judge.alone(each.proposal), group.levels, cost)


def _grouped(allowed: Sequence[Assessment], judge: Judge, bounds: PriceBounds) -> list[Group]:
    rows: dict[tuple[object, ...], list[tuple[CostUsd, Assessment]]] = {}
    level_of: dict[tuple[object, ...], tuple[int, ...]] = {}
    costs: dict[int, CostUsd] = {}  # by the bill, which configurations share
    for each in allowed:
        level = levels_of(each, judge)
        cost = costs.get(id(each.lines))
        if cost is None:
            cost = costs[id(each.lines)] = cost_of((each,))
        lacks = (bool(cost.missing), bounds.estimate(cost)[0])
        key = (each.proposal.option, level, *lacks, *_completed_levels(each, judge))
        level_of[key] = level
        rows.setdefault(key, []).append((cost, each))
    return [Group(level_of[key], _worth_keeping(members, bounds)) for key, members in rows.items()]


def _completed_levels(each: Assessment, judge: Judge) -> tuple[int, ...]:
    """How well each event would be met if something else held the disks that it leaves out.

    Empty where it leaves none out. An LRS vault and one with cross-region restore are not the same
    for a VM with a shared disk, though neither meets anything alone.
    """
    proposal = each.proposal
    if not any(tier.left_out for tier in proposal.tiers):
        return ()
    tiers = tuple(tier._replace(left_out=NO_DISKS) for tier in proposal.tiers)
    return levels(judge.alone(proposal._replace(tiers=tiers)), judge.need, judge.asked)


def _worth_keeping(
    members: list[tuple[CostUsd, Assessment]], bounds: PriceBounds
) -> tuple[tuple[CostUsd, Assessment], ...]:
    """The cheapest and what may tie with it in any plan; with missing prices by the estimate.

    Of those that lack alike: each lacks a price that is known nowhere, or none does.
    """
    if len(members) == 1:
        return (members[0],)
    amounts = [bounds.estimate(cost)[1] for cost, _ in members]
    limit = min(amounts) + TIE_AT_MOST_USD
    near = [each for each in zip(amounts, members, strict=True) if each[0] <= limit]
    if len(near) > 1:
        near.sort(key=lambda each: (each[0], each[1][1].proposal.order))
    return tuple([member for _, member in near])


def _pairs(groups: Sequence[Group], judge: Judge) -> Iterator[_Row]:
    """Two options that go together, where they give more than each of them alone."""
    by_option = [(group.option, group) for group in groups]
    for option in OPTIONS:
        if not option.makes_plans_with:
            continue
        firsts = [group for name, group in by_option if name == option.name]
        seconds = [group for name, group in by_option if name in option.makes_plans_with]
        for one, other in product(firsts, seconds):
            if not _could_give_more(one, other):
                continue
            pair = candidate_of([one.first, other.first], judge)
            if pair.levels not in (one.levels, other.levels):
                yield pair, (one, other)


def _could_give_more(one: Group, other: Group) -> bool:
    """Whether two together may meet more than the better of them does.

    Beyond what each meets by itself only where one holds the disks that the other leaves out, or
    keeps the points that the other makes: where an event is met by neither for certain.
    """
    both = tuple(map(max, one.levels, other.levels))
    return both not in (one.levels, other.levels) or min(both, default=CERTAIN) < CERTAIN


def completed(
    possible: Iterable[Assessment], judge: Judge, complements: Complements
) -> Iterator[Candidate]:
    """Each configuration that leaves disks out, with another option for just these."""
    for each in possible:
        left_out = NO_DISKS.union(*[tier.left_out for tier in each.proposal.tiers])
        if left_out:
            for beside in complements(left_out):
                if beside.option != each.option:  # two kinds of one option are no sensible pair
                    yield candidate_of([each, beside], judge)


# --- choosing --------------------------------------------------------------------------------


def _chosen(rows: list[_Row], judge: Judge, bounds: PriceBounds, groups: Sequence[Group]) -> Fresh:
    meeting = [row for row in rows if row[0].worst >= IF_STATED]
    enough = [row for row in meeting if row[0].worst >= ENOUGH]
    settled = _settled(enough or meeting, judge, bounds)
    winner = settled.winner
    saving = None

    def certain() -> Candidate | None:
        sure = [row for row in meeting if row[0].worst == CERTAIN]
        wanted = winner is not None and winner.worst < CERTAIN
        return _settled(sure, judge, bounds).winner if wanted else None

    if winner is not None and enough and len(meeting) > len(enough):
        less = [row for row in meeting if row[0].worst < ENOUGH]
        cheaper = _settled(less, judge, bounds).winner
        saving = cheaper if cheaper and _is_cheaper(cheaper, winner) else None
    return Fresh(
        best=winner,
        certain=certain,
        saving=saving,
        settled=settled,
        meeting=tuple(row[0] for row in enough or meeting),
        singles=tuple(group.first for group in groups),
        every=tuple(row[0] for row in rows),
    )


def _is_cheaper(each: Candidate, other: Candidate) -> bool:
    return not each.cost.missing and each.cost.likely < other.cost.likely


def _settled(rows: Sequence[_Row], judge: Judge, bounds: PriceBounds) -> Settled:
    if not rows:
        return Settled(None)
    complete = not any(row[0].cost.missing for row in rows)
    limit = tie_limit(min(row[0].cost.likely for row in rows)) if complete else None
    return settle([each for row in rows for each in _expanded(row, judge, limit)], bounds)


def _expanded(row: _Row, judge: Judge, limit: Decimal | None) -> Iterator[Candidate]:
    """The candidate, and the others of its groups that cost as good as the same."""
    first, groups = row
    yield first
    if limit is not None and first.cost.likely > limit:
        return
    if len(groups) == 1:
        [group] = groups
        for member in group.members[1:]:
            if limit is None or member[0].likely <= limit:
                yield _alone(group, member, judge)
        return
    for members in product(*(group.members for group in groups)):
        if limit is not None and sum((cost.likely for cost, _ in members), ZERO) > limit:
            continue
        parts = [each for _, each in members]
        if groups and any(one is not other for one, other in zip(parts, first.parts, strict=True)):
            other = candidate_of(parts, judge)
            if other.worst >= min(first.worst, ENOUGH):
                yield other


def best_of_meeting(candidates: Sequence[Candidate]) -> Candidate | None:
    """The cheapest complete one of those; None where there is none."""
    complete = [each for each in candidates if not each.cost.missing]
    return best(complete) if complete else None
