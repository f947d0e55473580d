"""What one proposal gives for each event, which events of the need it meets, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from advisor.model import (
    Assessment,
    Consistency,
    Event,
    Line,
    Monthly,
    Need,
    PointTier,
    Proposal,
    Recovery,
    Verdict,
)
from advisor.retention import span_days
from advisor.words import back_within, duration

EVENTS = tuple(Event)
NOTHING_MET: frozenset[Event] = frozenset()


def asked_events(need: Need) -> tuple[Event, ...]:
    """The events the need asks to survive."""
    return tuple(event for event in EVENTS if need.of(event) is not None)


class _Look(NamedTuple):
    """What one tier lacks for each event of the need, and what it gives for each that it serves."""

    tier: PointTier
    lacks: dict[Event, tuple[str, ...]]
    gives: tuple[tuple[Event, Recovery], ...]


class Judge:
    """Compares tiers with one need; a tier that proposals share is compared once."""

    def __init__(self, need: Need) -> None:
        self.need = need
        self.asked = asked_events(need)
        self._span_days = span_days(need.retention)
        self._looked: dict[int, _Look] = {}

    def assess(
        self,
        proposal: Proposal,
        lines: tuple[Line, ...],
        monthly: Monthly,
        *,
        in_place: bool = False,
    ) -> Assessment:
        """One proposal with its price, judged."""
        looked = self._looked
        looks = [looked.get(id(tier)) or self.look(tier) for tier in proposal.tiers]
        met, unmet = self._met(looks)
        return Assessment(
            proposal=proposal,
            lines=lines,
            monthly=monthly,
            recovery=_best(looks),
            met=met,
            meets_need=not unmet if self.asked else None,
            unmet=unmet,
            in_place=in_place,
        )

    def _met(self, looks: list[_Look]) -> tuple[frozenset[Event], tuple[str, ...]]:
        met, unmet = [], []
        for event in self.asked:
            lacking = tuple([look.lacks[event] for look in looks if event in look.lacks])
            if () in lacking:
                met.append(event)
            else:
                unmet.append(_unmet(event, lacking))
        return frozenset(met), tuple(unmet)

    def look(self, tier: PointTier) -> _Look:
        """What the tier lacks for each event asked for that it serves at all.

        The result is kept by the tier's identity; it holds the tier, so no other gets that one.
        """
        lacks = {event: self.lacks(tier, event) for event in self.asked if event in tier.events}
        what = Recovery(tier.rpo, tier.rto, tier.name)
        look = _Look(tier, lacks, tuple([(event, what) for event in tier.events]))
        self._looked[id(tier)] = look
        return look

    def lacks(self, tier: PointTier, event: Event) -> tuple[str, ...]:
        """What the tier lacks to meet the event on its own; nothing when it meets it."""
        need = self.need.of(event)
        if need is None:
            return ()
        lacking = []
        if tier.rpo > need.rpo:
            lacking.append(f"RPO {duration(tier.rpo)} instead of {duration(need.rpo)}")
        if need.rto is not None and tier.rto.likely > need.rto:
            back = back_within(tier.rto)
            lacking.append(f"back within {back} instead of {duration(need.rto)}")
        if event is Event.DELETION:
            self._as_a_backup(tier, lacking)
        return tuple(lacking)

    def _as_a_backup(self, tier: PointTier, lacking: list[str]) -> None:
        """What is asked of the points themselves: how long, out of whose reach, how good."""
        if tier.retention_days < self._span_days:
            lacking.append(f"points kept {tier.retention_days} days instead of {self._span_days}")
        if self.need.isolated and not tier.isolated:
            lacking.append("points not out of reach of whoever can delete the VM")
        if tier.consistency < self.need.consistency:
            wanted = _consistency(self.need.consistency)
            lacking.append(f"{_consistency(tier.consistency)} instead of {wanted}")


@lru_cache
def _consistency(level: Consistency) -> str:
    none = level is Consistency.NONE
    return "no common moment of the disks" if none else f"{level.label} consistent"


@lru_cache(maxsize=4096)
def _unmet(event: Event, lacking: tuple[tuple[str, ...], ...]) -> str:
    if not lacking:
        return f"{event.value}: not survived"
    nearest = min(lacking, key=len)
    return f"{event.value}: {', '.join(nearest)}"


def _best(looks: list[_Look]) -> Mapping[Event, Recovery | None]:
    """For each event the tier with the smallest RPO that survives it, or None."""
    best: dict[Event, Recovery | None] = dict.fromkeys(EVENTS)
    for look in looks:
        for event, what in look.gives:
            known = best[event]
            if known is None or (what.rpo, what.rto.likely) < (known.rpo, known.rto.likely):
                best[event] = what
    return best


def recovery(tiers: tuple[PointTier, ...]) -> Mapping[Event, Recovery | None]:
    """What these tiers give for each event, without a need to compare them with."""
    judge = Judge(Need())
    return _best([judge.look(tier) for tier in tiers])


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
