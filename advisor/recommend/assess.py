"""Proposals held against the need, alone and together: which events they meet, on what condition,
what they lack, and which disks are in none of their points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from advisor.model import (
    Assessment,
    Disk,
    Event,
    Gap,
    Line,
    Monthly,
    Need,
    PointTier,
    Proposal,
    Reason,
    Recovery,
    Verdict,
)
from advisor.recommend.look import (
    EVENTS,
    If,
    Look,
    asked_events,
    least_lacking,
    looked_at,
    of_rules,
    wanted,
)
from advisor.words import EVENT_WORDS, listed

NO_DISKS: frozenset[str] = frozenset()
NOT_COVERED = {event: f"{EVENT_WORDS[event]} is not covered" for event in EVENTS}
_NAMES = {event: event.value for event in EVENTS}
Seen = tuple[tuple[Look, tuple[str, ...]], ...]
"""The tiers of one plan, each with the conditions of the rules of its option."""
Serving = Sequence[tuple[Look, tuple[str, ...]]]
"""Those of them that serve one event."""


class Way(NamedTuple):
    """How an event is met: the tier that gives RPO and RTO, and the one that keeps the points."""

    look: Look
    keeper: Look
    ifs: tuple[If, ...]
    left_out: frozenset[str]


class Judged(NamedTuple):
    """What proposals give together. `rests_on`: the figures (FIGURES) that conditions decide."""

    met: frozenset[Event]
    met_if: Mapping[Event, tuple[str, ...]]
    rests_on: Mapping[Event, frozenset[str]]
    unmet: tuple[str, ...]
    gaps: tuple[Gap, ...]
    ways: Mapping[Event, Way]
    recovery: Mapping[Event, Recovery | None]


def _place(disk: Disk) -> tuple[bool, int, str]:
    """The OS disk, then by LUN: a sentence names disks alike however they are listed."""
    return not disk.is_os, -1 if disk.lun is None else disk.lun, disk.key


class Judge:
    """Compares tiers with one need; what proposals share is compared once.

    `disks` are the VM's, for the names of those that are in no point.
    """

    def __init__(self, need: Need, disks: Iterable[Disk] = ()) -> None:
        self.need = need
        self.asked = asked_events(need)
        self._disks = disks
        self._wanted = wanted(need)
        self._looked: dict[int, Look] = {}
        self._rules: dict[int, tuple[Sequence[Reason], tuple[str, ...]]] = {}
        self._alone: dict[int, tuple[Proposal, Judged]] = {}
        self._gaps: dict[tuple[tuple[Event, frozenset[str]], ...], tuple[Gap, ...]] = {}

    @cached_property
    def disks(self) -> tuple[Disk, ...]:
        """The VM's disks, the OS disk first: asked for where one of them is in no point."""
        return tuple(sorted(self._disks, key=_place))

    def assess(
        self,
        proposal: Proposal,
        lines: tuple[Line, ...],
        monthly: Monthly,
        *,
        in_place: bool = False,
    ) -> Assessment:
        """One proposal with its price, judged."""
        judged = self.alone(proposal)
        return Assessment(
            proposal,
            lines,
            monthly,
            judged.recovery,
            judged.met,
            not judged.unmet if self.asked else None,
            judged.unmet,
            in_place,
            judged.met_if,
        )

    def alone(self, proposal: Proposal) -> Judged:
        """What one proposal gives; the same as `together` of it alone, and quicker."""
        known = self._alone.get(id(proposal))
        if known is None:
            conditions = self._conditions(proposal.reasons)
            seen = tuple([(self.looked(tier), conditions) for tier in proposal.tiers])
            known = self._alone[id(proposal)] = (proposal, self._judge(seen))
        return known[1]

    def together(self, proposals: Iterable[Proposal]) -> Judged:
        """What the tiers of these proposals give together."""
        every = tuple(proposals)
        if len(every) == 1:
            return self.alone(every[0])
        return self._judge(
            tuple(
                [
                    (self.looked(tier), conditions)
                    for proposal in every
                    for conditions in (self._conditions(proposal.reasons),)
                    for tier in proposal.tiers
                ]
            )
        )

    def given(self, tiers: Iterable[PointTier]) -> Mapping[Event, Recovery | None]:
        """For each event what the tier gives that is judged; with none asked, the least lost."""
        return self._judge(tuple([(self.looked(tier), ()) for tier in tiers])).recovery

    def looked(self, tier: PointTier) -> Look:
        """The tier held against the need.

        The result is kept by the tier's identity; it holds the tier, so no other gets that one.
        """
        look = self._looked.get(id(tier))
        if look is None:
            look = self._looked[id(tier)] = looked_at(tier, self._wanted)
        return look

    def _conditions(self, reasons: tuple[Reason, ...]) -> tuple[str, ...]:
        known = self._rules.get(id(reasons))
        if known is None:
            known = self._rules[id(reasons)] = (reasons, of_rules(reasons))
        return known[1]

    def _judge(self, seen: Seen) -> Judged:
        """What the tiers give. Only gaps are of the VM: without any, alike VMs share the answer."""
        gaps = _gaps(seen, self.asked)
        stated = self.need.stated
        if not gaps:
            return _judged_whole(seen, self.asked, stated)
        return _judged(
            seen,
            self.asked,
            stated,
            self._named(gaps),
            lambda event: self._in_no_point(event, gaps),
        )

    def _named(self, gaps: Mapping[Event, frozenset[str]]) -> tuple[Gap, ...]:
        """Each disk that is in no point, in the order of the VM's disks."""
        key = tuple(gaps.items())
        known = self._gaps.get(key)
        if known is None:
            known = self._gaps[key] = tuple(self._made_of(gaps))
        return known

    def _made_of(self, gaps: Mapping[Event, frozenset[str]]) -> Iterator[Gap]:
        every = frozenset().union(*gaps.values())
        named = {disk.key: (disk.name, disk.size_gib) for disk in self.disks}
        order = [disk.key for disk in self.disks if disk.key in every]
        order += sorted(every - set(order))
        for key in order:
            name, size_gib = named.get(key, (key, None))
            yield Gap(name, size_gib, tuple([each for each in gaps if key in gaps[each]]))

    def _in_no_point(self, event: Event, gaps: Mapping[Event, frozenset[str]]) -> str:
        """What an event lacks for which every tier leaves the same disks out; else empty."""
        left_out = gaps.get(event)
        if not left_out:
            return ""
        names = [gap.disk for gap in self._named({event: left_out})]
        are = "is" if len(names) == 1 else "are"
        return f"{event.value}: {listed(names)} {are} in no point"


@lru_cache(maxsize=2048)
def _judged_whole(seen: Seen, asked: tuple[Event, ...], stated: frozenset[str]) -> Judged:
    """What tiers give that leave no disk out for any event asked for."""
    return _judged(seen, asked, stated, (), lambda _: "")


def _judged(
    seen: Seen,
    asked: tuple[Event, ...],
    stated: frozenset[str],
    gaps: tuple[Gap, ...],
    in_no_point: Callable[[Event], str],
) -> Judged:
    """`in_no_point`: what the gaps are to an event, as words; empty where it has none."""
    met_if: dict[Event, tuple[str, ...]] = {}
    rests_on: dict[Event, frozenset[str]] = {}
    ways: dict[Event, Way] = {}
    unmet: list[str] = []
    recovery: dict[Event, Recovery | None] = dict.fromkeys(EVENTS)
    for event in EVENTS:
        is_asked = event in asked
        serving = [each for each in seen if event in each[0].events]
        if not serving:
            if is_asked:
                unmet.append(NOT_COVERED[event])
            continue
        chosen = _chosen_ways(serving, event, stated) if is_asked else ()
        if not chosen:
            recovery[event] = _nearest(serving, event)
            if is_asked:
                unmet.append(in_no_point(event) or _unmet(event, serving))
            continue
        ways[event] = chosen[0]
        recovery[event] = _of_all(chosen)
        ifs = tuple(dict.fromkeys([each for way in chosen for each in way.ifs]))
        if ifs:
            met_if[event] = tuple(dict.fromkeys([each.clause for each in ifs]))
            rests_on[event] = frozenset([each.figure for each in ifs])
    return Judged(frozenset(ways), met_if, rests_on, tuple(unmet), gaps, ways, recovery)


# --- meeting an event ------------------------------------------------------------------------


def _chosen_ways(serving: Serving, event: Event, stated: frozenset[str]) -> Sequence[Way]:
    """The ways that meet the event together; none where it is not met."""
    plain = _plain_way(serving, event)
    if plain is not None:
        return (plain,)
    if all(event not in look.ifs for look, _ in serving):
        return ()
    return _fewest_conditions(tuple(_ways(serving, event)), stated)


def _plain_way(serving: Serving, event: Event) -> Way | None:
    """The best tier that meets the event with its own points, for every disk, on no condition.

    It is what `_fewest_conditions` would choose of all ways, found without making them.
    """
    best: Look | None = None
    for look, rules in serving:
        if rules or event not in look.plain:
            continue
        if best is None or look.order < best.order:
            best = look
    return Way(best, best, (), NO_DISKS) if best is not None else None


def _ways(serving: Serving, event: Event) -> Iterator[Way]:
    """Each tier that meets the event; for deletion with each that keeps its points long enough."""
    for look, rules in serving:
        if event not in look.ifs:
            continue
        own = tuple(dict.fromkeys((*look.ifs[event], *_of_rules(rules, event))))
        if event is not Event.DELETION or not look.lacks[event]:
            yield Way(look, look, own, look.tier.left_out)
            continue
        for keeper, others in serving:
            if keeper.keeps:
                ifs = dict.fromkeys((*own, *keeper.keeps_if, *_of_rules(others, event)))
                yield Way(look, keeper, tuple(ifs), look.tier.left_out | keeper.tier.left_out)


def _of_rules(conditions: tuple[str, ...], event: Event) -> tuple[If, ...]:
    return tuple([If(f"{event.value}.asked", clause) for clause in conditions])


def _fewest_conditions(ways: tuple[Way, ...], stated: frozenset[str]) -> tuple[Way, ...]:
    """The ways that leave no disk out together: sure ones alone where they do, else as few
    conditions as it takes, of figures that somebody stated the fewest; none where a disk is left
    out by all."""
    chosen: list[Way] = []
    left_out: frozenset[str] | None = None
    for way in sorted(ways, key=lambda each: _plainest(each, stated)):
        more = way.left_out if left_out is None else left_out & way.left_out
        if left_out is None or more != left_out:
            chosen.append(way)
            left_out = more
        if not left_out:
            return tuple(chosen)
    return ()


def _plainest(way: Way, stated: frozenset[str]) -> tuple[object, ...]:
    doubts = sum(each.figure in stated for each in way.ifs)
    return (doubts, len(way.ifs), len(way.left_out), way.keeper is not way.look, *way.look.order)


def _gaps(seen: Seen, asked: Iterable[Event]) -> dict[Event, frozenset[str]]:
    """For each event that a tier serves, the disks that are in no point of any of these."""
    for look, _ in seen:
        if look.tier.left_out:
            break
    else:
        return {}
    gaps: dict[Event, frozenset[str]] = {}
    for event in asked:
        left_out = [look.tier.left_out for look, _ in seen if event in look.lacks]
        if left_out and all(left_out):
            shared = frozenset.intersection(*left_out)
            if shared:
                gaps[event] = shared
    return gaps


def _unmet(event: Event, serving: Serving) -> str:
    lacking = least_lacking([look for look, _ in serving], event)
    if not lacking:  # each tier is good enough, and leaves out a disk that only a worse one has
        return f"{event.value}: the points of some disks are not good enough"
    return f"{_NAMES[event]}: {', '.join(lacking)}"


# --- what it gives ---------------------------------------------------------------------------


def _nearest(serving: Serving, event: Event) -> Recovery:
    """What the tier gives that lacks least for an event; where it is not asked, loses least."""
    if len(serving) == 1:
        return serving[0][0].what
    looks = [look for look, _ in serving]
    return min(looks, key=lambda look: (len(look.lacks.get(event, ())), look.order)).what


def _of_all(ways: Sequence[Way]) -> Recovery:
    """What ways give that hold the disks together: all is back when the last of them is."""
    first = ways[0].look.what
    if len(ways) == 1:
        return first
    every = [way.look.what for way in ways]
    latest = max(every, key=lambda what: what.rto.likely)
    return first._replace(rpo=max(what.rpo for what in every), rto=latest.rto)


def recovery(tiers: tuple[PointTier, ...]) -> Mapping[Event, Recovery | None]:
    """What these tiers give for each event, without a need to compare them with."""
    return Judge(Need()).given(tiers)


# --- order -----------------------------------------------------------------------------------

_VERDICT_ORDER = {Verdict.YES: 0, Verdict.UNKNOWN: 1, Verdict.NO: 2}


def rank(assessment: Assessment) -> tuple[object, ...]:
    """Best first: allowed, complete, meeting more, cheaper, in place, then the plainer.

    An unknown never stands before a yes, nor a missing price before a complete one.
    """
    monthly = assessment.monthly
    return (
        _VERDICT_ORDER[assessment.proposal.verdict],
        bool(monthly.missing),
        -len(assessment.met),
        monthly.low if monthly.likely is None else monthly.likely,
        not assessment.in_place,
        assessment.proposal.option,
        assessment.proposal.order,
    )
