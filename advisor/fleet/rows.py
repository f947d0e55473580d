"""A VM's advice as a row of its fleet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from advisor.fleet.vm_findings import provisioned_gib, vm_findings
from advisor.model import (
    ZERO,
    Advice,
    Course,
    Event,
    Meets,
    Monthly,
    Plan,
    ProtectionState,
    Recovery,
    StateNow,
    Verdict,
    Vm,
)
from advisor.model.fleet import FindingKind, FleetFinding, FleetRow, OptionPrice
from advisor.recommend.assess import Judge, Judged

_HOUR = Decimal(3600)


class Today(NamedTuple):
    """What everything in place that runs gives together, and which of the asked events it meets."""

    judged: Judged
    met: tuple[Event, ...]


def fleet_row(advice: Advice) -> FleetRow:
    """The advice on one VM, as brief as a line of a fleet."""
    vm, decision = advice.known.vm, advice.decision
    judge = Judge(advice.need, vm.disks)
    today = _today(advice, judge)
    plan = decision.plan
    return FleetRow(
        vm_id=vm.id,
        name=vm.name,
        group=vm.resource_group,
        subscription_id=vm.subscription_id,
        region=vm.region,
        tags=dict(vm.tags),
        tier=advice.need.tier,
        state=advice.now.state,
        state_words=advice.now.words,
        not_read=advice.not_read,
        courses=decision.courses,
        todo=decision.brief or decision.sentence,
        meets=decision.meets,
        conditions=decision.conditions,
        asked=tuple(judge.asked),
        met_today=today.met,
        met_after=_met(plan, judge.asked) if plan else (),
        today=cost_of_today(advice),
        after=plan.monthly if plan else None,
        difference=decision.difference,
        lost_hours_today=_hours(today.judged.recovery),
        lost_hours_after=_hours(judge.together([one.proposal for one in plan.parts]).recovery)
        if plan
        else {},
        data_gib=provisioned_gib(advice),
        options=tuple(_option_prices(advice)),
        findings=tuple(vm_findings(advice, today.judged, today.met)),
        prices_as_of=advice.prices_as_of,
    )


def row_not_advised(vm: Vm, why: str) -> FleetRow:
    """A VM of which nothing can be said, with the sentence why."""
    said = FleetFinding(
        kind=FindingKind.UNKNOWN,
        subject=vm.name,
        subject_id=vm.id,
        group=vm.resource_group,
        subscription_id=vm.subscription_id,
        region=vm.region,
        said=why,
    )
    return FleetRow(
        vm_id=vm.id,
        name=vm.name,
        group=vm.resource_group,
        subscription_id=vm.subscription_id,
        region=vm.region,
        tags=dict(vm.tags),
        tier="",
        state=StateNow.UNKNOWN,
        state_words=why,
        not_read=(why,),
        courses=(Course.CANNOT_SAY,),
        todo=why,
        meets=Meets.NO,
        conditions=(),
        asked=(),
        met_today=(),
        met_after=(),
        today=None,
        after=None,
        difference=None,
        lost_hours_today={},
        lost_hours_after={},
        data_gib=None,
        options=(),
        findings=(said,),
        prices_as_of="",
    )


def cost_of_today(advice: Advice) -> Monthly | None:
    """What protects the VM now: nothing costs nothing, and what was not read is not known."""
    if advice.decision.today is not None:
        return advice.decision.today
    unprotected = advice.now.state is StateNow.UNPROTECTED and not advice.in_place
    return Monthly(advice.currency, ZERO, ZERO, ZERO) if unprotected else None


def _today(advice: Advice, judge: Judge) -> Today:
    runs = [
        found.assessment.proposal
        for found in advice.in_place
        if found.assessment and found.protection.state is ProtectionState.ACTIVE
    ]
    judged = judge.together(runs)
    met = tuple(event for event in judge.asked if event in judged.met or event in judged.met_if)
    return Today(judged, met if runs else ())


def _met(plan: Plan, asked: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(event for event in asked if event in plan.met or event in plan.met_if)


def _hours(recovery: Mapping[Event, Recovery | None]) -> dict[Event, Decimal]:
    return {event: _in_hours(given.rpo) for event, given in recovery.items() if given is not None}


def _in_hours(value: timedelta) -> Decimal:
    return (Decimal(int(value.total_seconds())) / _HOUR).quantize(Decimal("0.01"))


def _option_prices(advice: Advice) -> Iterator[OptionPrice]:
    """Of each option the cheapest configuration that meets the need alone, with all its prices."""
    cheapest: dict[str, Monthly] = {}
    for each in advice.assessments:
        price = each.monthly
        if each.verdict is not Verdict.YES or not each.meets_need or price.likely is None:
            continue
        held = cheapest.get(each.option)
        if held is None or held.likely is None or price.likely < held.likely:
            cheapest[each.option] = price
    for option in sorted(cheapest):
        yield OptionPrice(option, cheapest[option])
