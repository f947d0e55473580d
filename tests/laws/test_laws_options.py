"""What holds of every configuration of every option: alone it says what it says among others.

Lines and tiers are shared between configurations to be quick; these laws see a key that forgets
what its line or tier depends on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.errors import UsageError
from advisor.model import Consistency, EventNeed, Need, Retention, Verdict, Vm
from advisor.options import OPTIONS
from advisor.options.case import Case
from advisor.options.snapshots.option import SNAPSHOTS
from advisor.stated_sizes import StatedSizes
from tests.strategies import RETENTIONS, a_case, churns, vms

slow = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
HOURS = st.sampled_from((1, 2, 4, 6, 12, 24, 36, 168))
PLACES = st.sampled_from((None, None, "northeurope", "norwayeast", "uksouth", "eastus", "zone:2"))


@st.composite
def event_needs(draw: st.DrawFn) -> EventNeed | None:
    hours = draw(st.one_of(st.none(), HOURS))
    return None if hours is None else EventNeed(rpo=timedelta(hours=hours))


@st.composite
def needs(draw: st.DrawFn) -> Need:
    return Need(
        deletion=draw(event_needs()),
        zone=draw(event_needs()),
        region=draw(event_needs()),
        retention=draw(st.one_of(st.just(Retention()), RETENTIONS)),
        isolated=draw(st.booleans()),
        consistency=draw(st.sampled_from(list(Consistency))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any VM, need and target, and a disk that need not be held now and then."""
    vm: Vm = draw(vms(5))
    changes = draw(churns())
    keys = [disk.key for disk in vm.disks if not disk.is_os]
    absent = draw(st.sampled_from((frozenset(), frozenset(), frozenset(keys[:1]))))
    sizes = StatedSizes(**changes)
    return a_case(vm, sizes, draw(needs()), draw(PLACES), leave_out=absent)


def configured(case: Case) -> list[tuple[Any, list[Any]]]:
    """Every option with all its configurations, those beside another option too."""
    some = frozenset(size.disk.key for size in case.stored_disks[1:2])
    return [
        (option, [*option.configurations(case), *option.complements(case, some)])
        for option in OPTIONS
    ]


@slow
@given(cases())
def test_a_shared_bill_is_the_configurations_own(case: Case) -> None:
    for option, chosen in configured(case):
        for proposal in option.propose(case, chosen):
            alone = option.usages(replace(case), proposal.chosen)
            assert proposal.usages == alone, proposal.configuration


@slow
@given(cases())
def test_shared_tiers_reasons_and_notes_are_the_configurations_own(case: Case) -> None:
    for option, chosen in configured(case):
        for proposal in option.propose(case, chosen):
            [alone] = option.propose(replace(case), [proposal.chosen])  # nothing is kept of it yet
            assert proposal == alone


@slow
@given(cases())
def test_the_flags_of_a_configuration_say_it_again(case: Case) -> None:
    """What is shown as a command is the configuration that was priced, where it is allowed."""
    for option, chosen in configured(case):
        for each in chosen:
            [proposal] = option.propose(case, [each])
            nowhere = option.name == "site-recovery" and not proposal.configuration["to"]
            if proposal.verdict is Verdict.NO or nowhere:  # an unknown region has no known target
                continue
            flags = {flag.key: flag for flag in option.flags}
            said = {key: value for key, value in proposal.configuration.items() if value}
            assert said.keys() <= flags.keys()
            try:
                again = option.said_configuration(case, said)
            except UsageError as error:
                raise AssertionError(f"{option.name} {said}: {error}") from error
            assert option.propose(case, [again])[0].configuration == proposal.configuration


@slow
@given(cases(), HOURS)
def test_every_line_lies_where_the_vm_is_or_where_it_is_copied_to(case: Case, hours: int) -> None:
    """Stored here or there; what crosses leaves from the VM's region for the target's."""
    for chosen in SNAPSHOTS.configurations(case):
        often = replace(chosen, every=timedelta(hours=hours))
        home, to = case.vm.region, chosen.to
        for line in SNAPSHOTS.usages(case, often):
            if line.meter.service == "Bandwidth":
                assert (line.meter.region, line.meter.to_region) == (home, to)
            else:
                assert (line.meter.region == to) == line.name.endswith("copied") or to == home
                assert line.meter.region in (home, to)


@slow
@given(cases())
def test_a_bill_of_some_disks_is_a_part_of_the_bill_of_all(case: Case) -> None:
    """The disks of a complement and the other disks together hold what all disks hold."""
    some = frozenset(size.disk.key for size in case.stored_disks[1:2])
    rest = frozenset(size.disk.key for size in case.stored_disks) - some
    if not some or not rest:
        return
    pairs = zip(SNAPSHOTS.complements(case, some), SNAPSHOTS.complements(case, rest), strict=False)
    for one, other in pairs:
        if (one.every, one.redundancy, one.to, one.by) != (
            other.every, other.redundancy, other.to, other.by,
        ):  # fmt: skip
            continue
        whole = replace(one, only=None)
        amounts = [
            sum(line.quantity.likely for line in SNAPSHOTS.usages(case, each) if line.quantity)
            for each in (one, other, whole)
        ]
        assert abs(amounts[0] + amounts[1] - amounts[2]) <= 1
