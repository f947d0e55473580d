"""What is wrong with one VM of a fleet, and what it wastes, read off its advice."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from advisor.model import (
    ZERO,
    Advice,
    Alternative,
    Course,
    Event,
    Gap,
    StateNow,
)
from advisor.model.fleet import FindingKind, FleetFinding, MoneySpan
from advisor.recommend.assess import Judged
from advisor.words import clean, counted, listed, sentence

_LOST = {
    Event.DELETION: "deletion",
    Event.ZONE: "the loss of the zone",
    Event.REGION: "the loss of the region",
}
_OF_STATE = {
    StateNow.UNPROTECTED: FindingKind.UNPROTECTED,
    StateNow.BROKEN: FindingKind.BROKEN,
    StateNow.UNKNOWN: FindingKind.UNKNOWN,
}
_MENDED = frozenset({Course.WAIT, Course.KEEP})


def vm_findings(
    advice: Advice, today: Judged, met_today: Collection[Event]
) -> Iterator[FleetFinding]:
    """The worst first: how it is protected, then what it wastes.

    `today`: what runs gives together; `met_today`: the events of the need that it meets.
    """
    if Course.NOTHING_TO_PROTECT in advice.decision.courses:
        return
    kind = _OF_STATE.get(advice.now.state)
    if kind is not None:
        found = _finding(advice, kind, _state_said(advice), costs=True, gib=provisioned_gib(advice))
        yield found._replace(lost=_lost(advice, met_today))
    elif advice.now.state is StateNow.PARTLY:
        yield from _partly(advice, today, met_today)
    yield from _wasted(advice)


def _state_said(advice: Advice) -> str:
    return advice.now.words or "no point of it exists"


def _partly(advice: Advice, today: Judged, met_today: Collection[Event]) -> Iterator[FleetFinding]:
    """A gap names its disks; what else is lacking is the need."""
    if today.gaps:
        gap = _finding(
            advice, FindingKind.GAP, _gap_said(today.gaps), costs=True, gib=_gap_gib(today.gaps)
        )
        yield gap._replace(lost=_lost(advice, met_today))
    lacking = [event for event in today.recovery if event not in met_today]
    asked = [event for event in lacking if advice.need.of(event) is not None]
    without_gap = [event for event in asked if not _in_gap(event, today.gaps)]
    if without_gap:
        lost = [event for event in without_gap if today.recovery[event] is None]
        said = f"{listed(_LOST[event] for event in lost)} not covered" if lost else ""
        said = said or "; ".join(today.unmet)
        found = _finding(
            advice,
            FindingKind.NEED_NOT_MET,
            said,
            costs=not today.gaps,
            gib=provisioned_gib(advice),
        )
        yield found._replace(lost=tuple(without_gap))


def _lost(advice: Advice, met_today: Collection[Event]) -> tuple[Event, ...]:
    asked = [event for event in Event if advice.need.of(event) is not None]
    return tuple(event for event in asked if event not in met_today)


def provisioned_gib(advice: Advice) -> int | None:
    """The size of all disks of the VM; None where one is not known."""
    sizes = [disk.size_gib for disk in advice.known.vm.disks]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _in_gap(event: Event, gaps: Collection[Gap]) -> bool:
    return any(event in gap.events for gap in gaps)


def _gap_gib(gaps: Collection[Gap]) -> int | None:
    sizes = [gap.size_gib for gap in gaps]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _gap_said(gaps: Collection[Gap]) -> str:
    names = [
        clean(gap.disk) + (f" ({gap.size_gib:,} GB)" if gap.size_gib is not None else "")
        for gap in gaps
    ]
    return f"{counted(len(names), 'disk')} in no point: {listed(names)}"


def _wasted(advice: Advice) -> Iterator[FleetFinding]:
    """What the decision saves where it leaves nothing unmet; then what is beyond the need."""
    decision = advice.decision
    less = decision.difference
    if less is not None and less < ZERO and not _MENDED & set(decision.courses):
        kind = FindingKind.PAID_TWICE if Course.END in decision.courses else FindingKind.COSTS_LESS
        if decision.plan is not None and _is_met(advice):
            found = _finding(advice, kind, decision.brief or decision.sentence)
            yield found._replace(saves=MoneySpan(-less, -less), counted=True)
    for beside in decision.alternatives:
        if beside.why == "saving":
            yield from _beyond(advice, beside)


def _is_met(advice: Advice) -> bool:
    """Whether the decision leaves no event unmet: else it saves by giving up."""
    return not advice.decision.unmet and not advice.decision.gaps


def _beyond(advice: Advice, beside: Alternative) -> Iterator[FleetFinding]:
    today, plan = advice.decision.today, beside.plan
    if plan is None or today is None or today.likely is None or plan.monthly.likely is None:
        return
    less = today.likely - plan.monthly.likely
    if less > ZERO:
        found = _finding(advice, FindingKind.BEYOND_THE_NEED, beside.brief or beside.sentence)
        yield found._replace(saves=MoneySpan(less, less))


def _finding(
    advice: Advice, kind: FindingKind, said: str, *, costs: bool = False, gib: int | None = None
) -> FleetFinding:
    vm, difference = advice.known.vm, advice.decision.difference
    more = difference if costs and difference is not None and difference > ZERO else None
    return FleetFinding(
        kind=kind,
        subject=vm.name,
        subject_id=vm.id,
        group=vm.resource_group,
        subscription_id=vm.subscription_id,
        region=vm.region,
        said=sentence(said),
        evidence=tuple(sentence(each.sentence) for each in advice.in_place) or advice.not_read[:1],
        costs=more,
        leaves_unmet=costs and not _is_met(advice),
        conditions=advice.decision.conditions if costs else (),
        at_stake_gib=gib,
    )
