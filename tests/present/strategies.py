"""Hypothesis strategies for advice: every field that may be absent is, now and then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from advisor.model import (
    Advice,
    Assessment,
    Consistency,
    Disk,
    Estimated,
    Event,
    EventNeed,
    InPlace,
    KnownVm,
    Line,
    LineKind,
    MonthOfBill,
    Need,
    Plan,
    PointTier,
    PriceOrigin,
    Protection,
    ProtectionKind,
    ProtectionState,
    Range,
    Reason,
    Retention,
    Rto,
    Vault,
    Verdict,
)
from tests.present import factories, scenes
from tests.present.scenes import HOSTILE

#: Any text, and often the nastiest one.
words = st.one_of(
    st.just(HOSTILE),
    st.text(max_size=40),
    st.sampled_from(["web-01", "The disk is too large.", "[/red]", "| a | b |", "1. x", "x" * 200]),
)
sentences = st.lists(words.filter(str.strip), max_size=3).map(tuple)
amounts = st.decimals(min_value=0, max_value=10**7, places=4)
durations = st.timedeltas(timedelta(0), timedelta(days=400)).map(
    lambda value: timedelta(seconds=int(value.total_seconds()))
)
verdicts = st.sampled_from(Verdict)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, likely, high = sorted(draw(st.lists(amounts, min_size=3, max_size=3)))
    return Range(low, likely, high)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    return factories.line(
        draw(words),
        factories.VAULT,
        draw(st.none() | ranges()),
        draw(st.sampled_from([None, "0.0569", "1E+1", "0.000128"])),
        unit=draw(st.sampled_from(["1 GB/Month", "1/Month", "1/Hour", "10K/Month"])),
        kind=draw(st.sampled_from(LineKind)),
        basis=draw(words),
        optional=draw(st.booleans()),
        origin=draw(st.sampled_from(PriceOrigin)),
        why=draw(words),
        missing=draw(words),
        to_region=draw(st.sampled_from(["", "northeurope"])),
    )


@st.composite
def rtos(draw: st.DrawFn) -> Rto:
    low, likely, high = sorted(draw(st.lists(durations, min_size=3, max_size=3)))
    return Rto(low, likely, high, draw(st.sampled_from(["documented", "assumed"])))


tiers = st.builds(
    PointTier,
    name=st.sampled_from(["vault", "instant-restore", "replica"]),
    events=st.lists(st.sampled_from(Event), unique=True).map(tuple),
    rpo=durations,
    rto=rtos(),
    retention_days=st.integers(0, 4000),
    consistency=st.sampled_from(Consistency),
    isolated=st.booleans(),
    note=words,
)
reasons = st.builds(
    Reason,
    rule=st.just("a-rule"),
    verdict=verdicts,
    text=words,
    source=words,
    blocking=st.booleans(),
    not_supplied=st.booleans(),
)
configurations = st.sampled_from(
    [
        ("azure-backup", factories.ENHANCED),
        ("azure-backup", {**factories.ENHANCED, "policy": "standard", "archive": True}),
        ("site-recovery", factories.REPLICATED),
        ("site-recovery", {"to": "zone:2", "churn_mode": "high", "recovery_points": "72h"}),
        ("snapshots", factories.SNAPPED),
        ("snapshots", {"every": "6h", "count": 12, "full": True, "consistent": "crash"}),
        ("snapshots", {}),
    ]
)


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    option, configuration = draw(configurations)
    unmet = draw(sentences)
    return factories.assessment(
        option,
        dict(configuration),
        tuple(draw(st.lists(lines(), max_size=4))),
        tuple(draw(st.lists(tiers, max_size=3))),
        verdict=draw(verdicts),
        reasons=tuple(draw(st.lists(reasons, max_size=3))),
        met=frozenset(draw(st.lists(st.sampled_from(Event)))),
        unmet=unmet,
        notes=draw(sentences),
        in_place=draw(st.booleans()),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    parts = draw(st.lists(assessments(), min_size=1, max_size=2))
    return factories.plan(*parts, unmet=draw(sentences), in_place=draw(st.booleans()))


event_needs = st.builds(EventNeed, rpo=durations, rto=st.none() | durations)
needs = st.builds(
    Need,
    deletion=st.none() | event_needs,
    zone=st.none() | event_needs,
    region=st.none() | event_needs,
    retention=st.builds(Retention, daily=st.integers(0, 9999), yearly=st.integers(0, 99)),
    isolated=st.booleans(),
    consistency=st.sampled_from(Consistency),
    tier=words,
    origin=st.dictionaries(st.sampled_from(["deletion", "region", "retention"]), words),
)
protections = st.builds(
    Protection,
    kind=st.sampled_from(ProtectionKind),
    state=st.sampled_from(ProtectionState),
    last_point=st.none() | st.just(datetime(2026, 8, 21, 2, 10, tzinfo=UTC)),
    vault=st.none() | st.builds(Vault, id=words, name=words, redundancy=st.none() | words),
    target=st.none() | words,
    count=st.integers(0, 500),
)
found = st.builds(
    InPlace,
    protection=protections,
    age=st.none() | durations,
    assessment=st.none() | assessments(),
    sentence=words,
)
months = st.lists(ranges(), max_size=4).map(
    lambda amounts: tuple(
        MonthOfBill(month=month, amount=amount) for month, amount in enumerate(amounts, 1)
    )
)


@st.composite
def disks(draw: st.DrawFn) -> Disk:
    return factories.disk(draw(words), draw(st.none() | st.integers(1, 65536)))


@st.composite
def advices(draw: st.DrawFn) -> Advice:
    machine = factories.vm(
        draw(words),
        resource_group=draw(words),
        size=draw(st.none() | words),
        disks=tuple(draw(st.lists(disks(), max_size=3))),
        tags=draw(st.dictionaries(words, words, max_size=2)),
        power_state=draw(st.none() | words),
    )
    sizing = factories.sizing(machine.disks, draw(ranges()), draw(ranges()), draw(ranges()))
    chosen, near = draw(st.none() | plans()), tuple(draw(st.lists(plans(), max_size=1)))
    return Advice(
        decision=factories.decision(chosen, next(iter(near), None)),
        known=KnownVm(vm=machine),
        need=draw(needs),
        sizing=replace(sizing, not_known=draw(sentences)),
        in_place=tuple(draw(st.lists(found, max_size=2))),
        unprotected=draw(words),
        not_read=draw(sentences),
        recommended=chosen,
        reasons=draw(sentences),
        not_covered=draw(sentences),
        changes=draw(sentences),
        nearest=near,
        assessments=tuple(draw(st.lists(assessments(), max_size=3))),
        break_evens=draw(sentences),
        drives_spread=draw(words),
        by_month=draw(months),
        warnings=draw(sentences),
        currency="USD",
        prices_as_of="2026-08-22",
    )


@st.composite
def estimates(draw: st.DrawFn) -> Estimated:
    sizing = factories.sizing((), draw(ranges()), draw(ranges()), draw(ranges()))
    return Estimated(
        sizing=sizing,
        assessment=draw(assessments()),
        by_month=draw(months),
        drives_spread=draw(words),
        prices_as_of="2026-08-22",
        savings=draw(st.sampled_from(((), scenes.estimated().savings))),
    )
