"""Advice to build messages from: a plausible one, and Hypothesis strategies for wild ones."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from advisor.model import (
    Advice,
    Assessment,
    Consistency,
    Disk,
    Estimate,
    Event,
    EventNeed,
    InPlace,
    KnownVm,
    Line,
    LineKind,
    Meter,
    Monthly,
    Need,
    Plan,
    PointTier,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionNow,
    ProtectionState,
    Range,
    Reading,
    Reason,
    Recovery,
    Retention,
    Rto,
    Sizing,
    Source,
    StateNow,
    Usage,
    Verdict,
    Vm,
)
from tests.present.factories import decision

HOUR = timedelta(hours=1)
HOURS_4 = Rto(HOUR, 4 * HOUR, 12 * HOUR, "assumed")


def a_vm(name: str = "web-01", disks: int = 2, **more: Any) -> Vm:
    place = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/rg-shop"
    given: dict[str, Any] = {
        "id": f"{place}/providers/Microsoft.Compute/virtualMachines/{name}",
        "name": name,
        "resource_group": "rg-shop",
        "subscription_id": "0b1f6471-1bf0-4dda-aec3-111122223333",
        "region": "westeurope",
        "size": "Standard_D2s_v3",
        "disks": tuple(
            Disk(name=f"{name}-{n}", is_os=n == 0, reading=Reading.READ) for n in range(disks)
        ),
    }
    return Vm(**(given | more))


def a_line(name: str, amount: str = "", missing: str = "") -> Line:
    meter = Meter("Backup", "Backup", "Standard", "Instance", "westeurope")
    usage = Usage(
        name=name,
        kind=LineKind.RECURRING,
        meter=meter,
        unit="1/Month",
        quantity=Range.exactly(Decimal(1)),
        source=Source.STATED,
        basis="one instance",
    )
    if missing:
        return Line(usage=usage, unit_price=None, monthly=None, missing=missing)
    money = Decimal(amount)
    return Line(usage=usage, unit_price=money, monthly=Range.exactly(money))


def monthly(low: str, likely: str, high: str) -> Monthly:
    return Monthly("USD", Decimal(low), Decimal(likely), Decimal(high))


def an_assessment(option: str = "azure-backup", **more: Any) -> Assessment:
    """One option; `verdict`, `configuration` and `reasons` go to its proposal."""
    proposal = Proposal(
        option=option,
        configuration=more.pop("configuration", {}),
        verdict=more.pop("verdict", Verdict.YES),
        reasons=more.pop("reasons", ()),
        tiers=(
            PointTier(
                name="vault",
                events=(Event.DELETION,),
                rpo=4 * HOUR,
                rto=HOURS_4,
                retention_days=30,
                consistency=Consistency.FILE_SYSTEM,
                isolated=True,
            ),
        ),
        usages=(),
    )
    given: dict[str, Any] = {
        "lines": (a_line("Instance", "10"),),
        "monthly": monthly("24.90", "31.20", "44.10"),
        "recovery": {Event.DELETION: Recovery(4 * HOUR, HOURS_4, "vault")},
        "met": frozenset(),
        "meets_need": True,
        "unmet": (),
    }
    return Assessment(proposal=proposal, **(given | more))


BACKUP = an_assessment(
    configuration={"policy": "enhanced", "every": "4h", "redundancy": "grs-crr"},
    recovery={
        Event.DELETION: Recovery(4 * HOUR, HOURS_4, "instant restore"),
        Event.ZONE: None,
        Event.REGION: Recovery(36 * HOUR, HOURS_4, "vault, secondary region"),
    },
)
SITE_RECOVERY = an_assessment(
    "site-recovery",
    configuration={"to": "northeurope", "recovery_points": "24h"},
    verdict=Verdict.NO,
    reasons=(
        Reason("nvme-controller", Verdict.NO, "Its disk controller is NVMe.", "asr-support-matrix"),
    ),
    lines=(a_line("Instance", "41"), a_line("Geo traffic", missing="The book lacks it.")),
    monthly=Monthly("USD", Decimal("41.00"), None, None, ("Geo traffic",)),
    recovery={Event.DELETION: None, Event.REGION: Recovery(HOUR / 4, HOURS_4, "replica")},
    meets_need=False,
    unmet=("nothing survives a deletion",),
)
SNAPSHOTS = an_assessment(
    "snapshots",
    configuration={"full": False, "every": "24h", "count": 7},
    monthly=monthly("3.10", "4.05", "6.20"),
    recovery={Event.DELETION: Recovery(24 * HOUR, HOURS_4, "snapshots")},
    met=frozenset({Event.DELETION}),
    meets_need=False,
    unmet=("its points are not isolated", "nothing survives the loss of the region"),
)


def a_size(likely: str, source: Source = Source.ASSUMED) -> Estimate:
    value = Decimal(likely)
    return Estimate(Range(value / 2, value, value * 2), source, "a habit")


def an_advice(**more: Any) -> Advice:
    given: dict[str, Any] = {
        "known": KnownVm(vm=a_vm()),
        "need": Need(
            deletion=EventNeed(rpo=24 * HOUR),
            region=EventNeed(rpo=36 * HOUR, rto=24 * HOUR),
            retention=Retention(daily=30, weekly=12),
            isolated=True,
            tier="production",
            origin={"deletion": "tier production", "region": "flag"},
        ),
        "sizing": Sizing(
            disks=(),
            used_gib=a_size("158", Source.STATED),
            changed_gib_per_day=a_size("3.2"),
            written_gib_per_day=a_size("9.6"),
            peak_write_mb_per_s=None,
        ),
        "in_place": (),
        "unprotected": "unprotected",
        "not_read": ("the restore points: not supplied",),
        "recommended": Plan(
            parts=(BACKUP,), monthly=BACKUP.monthly, met=frozenset({Event.DELETION, Event.REGION})
        ),
        "reasons": ("It is the cheapest that keeps an isolated copy in another region.",),
        "not_covered": ("Losing less than 36h of data when the region is lost.",),
        "changes": (),
        "nearest": (),
        "assessments": (BACKUP, SNAPSHOTS, SITE_RECOVERY),
        "break_evens": ("Snapshots are cheaper below 9 days of retention.",),
        "drives_spread": "How much changes a day is assumed; --churn states it.",
        "by_month": (),
        "warnings": (),
        "currency": "USD",
        "prices_as_of": "2026-10-01",
        "now": ProtectionNow(StateNow.UNPROTECTED),
        "prices_age_days": 10,
    }
    given |= more
    near = next(iter(given["nearest"]), None)
    return Advice(**{"decision": decision(given["recommended"], near), **given})


def is_in_place(sentence: str) -> InPlace:
    protection = Protection(kind=ProtectionKind.BACKUP, state=ProtectionState.ACTIVE)
    return InPlace(protection=protection, age=None, assessment=None, sentence=sentence)


# --- wild ones ------------------------------------------------------------------------------

MARKUP = ("<!here>", "<@U1|x>", "*b*", "_i_", "`c`", "~s~", "&amp;", ":tada:", "\u202e", "\n", "|")
wild_text = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(MARKUP), max_size=40).map("".join),
    st.builds(lambda text, times: text * times, st.text(max_size=30), st.integers(0, 300)),
    st.sampled_from(("&" * 3000, "😀" * 3000, "x" * 20_000, "\ud800", "")),
)
sentences = st.lists(wild_text, max_size=12).map(tuple)
amounts = st.decimals(0, 10**9, places=4)
durations = st.timedeltas(timedelta(0), timedelta(days=5000))


@st.composite
def wild_monthly(draw: st.DrawFn) -> Monthly:
    low, likely, high = sorted(draw(st.tuples(amounts, amounts, amounts)))
    missing = draw(st.lists(wild_text, max_size=5).map(tuple))
    currency = draw(st.sampled_from(("USD", "EUR")))
    if missing:
        return Monthly(currency, low, None, None, missing)
    return Monthly(currency, low, likely, high)


@st.composite
def wild_recovery(draw: st.DrawFn) -> Recovery:
    low, likely, high = sorted(draw(st.tuples(durations, durations, durations)))
    return Recovery(draw(durations), Rto(low, likely, high, draw(wild_text)), draw(wild_text))


settings_of_options = st.dictionaries(
    st.sampled_from(("policy", "every", "redundancy", "to", "full", "count", "keep", "new_key")),
    st.one_of(wild_text, st.booleans(), st.integers(), durations, st.none()),
)
wild_reason = st.builds(Reason, wild_text, st.sampled_from(Verdict), wild_text, wild_text)
option_names = st.one_of(
    st.sampled_from(("azure-backup", "site-recovery", "snapshots")), wild_text.filter(bool)
)


@st.composite
def wild_assessment(draw: st.DrawFn) -> Assessment:
    return an_assessment(
        draw(option_names),
        configuration=draw(settings_of_options),
        verdict=draw(st.sampled_from(Verdict)),
        reasons=draw(st.lists(wild_reason, max_size=4).map(tuple)),
        monthly=draw(wild_monthly()),
        recovery=draw(
            st.dictionaries(st.sampled_from(Event), st.one_of(st.none(), wild_recovery()))
        ),
        meets_need=draw(st.one_of(st.none(), st.booleans())),
        unmet=draw(sentences),
    )


@st.composite
def wild_plan(draw: st.DrawFn) -> Plan:
    return Plan(
        parts=draw(st.lists(wild_assessment(), min_size=1, max_size=2).map(tuple)),
        monthly=draw(wild_monthly()),
        met=frozenset(),
        unmet=draw(sentences),
        in_place=draw(st.booleans()),
    )


@st.composite
def wild_advice(draw: st.DrawFn) -> Advice:
    vm = a_vm(draw(wild_text), draw(st.integers(0, 64)), size=draw(st.one_of(st.none(), wild_text)))
    need = Need(
        deletion=EventNeed(rpo=draw(durations)),
        tier=draw(wild_text),
        origin=draw(st.dictionaries(wild_text, wild_text, max_size=4)),
    )
    return an_advice(
        known=KnownVm(vm=vm),
        need=need,
        in_place=draw(st.lists(wild_text.map(is_in_place), max_size=6).map(tuple)),
        unprotected=draw(wild_text),
        not_read=draw(sentences),
        recommended=draw(st.one_of(st.none(), wild_plan())),
        reasons=draw(sentences),
        not_covered=draw(sentences),
        changes=draw(sentences),
        nearest=draw(st.lists(wild_plan(), max_size=3).map(tuple)),
        assessments=draw(st.lists(wild_assessment(), max_size=8).map(tuple)),
        break_evens=draw(sentences),
        drives_spread=draw(wild_text),
        warnings=draw(sentences),
        prices_as_of=draw(wild_text),
        now=ProtectionNow(draw(st.sampled_from(StateNow)), draw(wild_text)),
    )


def the_largest_advice() -> Advice:
    """Everything as long as it gets, in the characters that count most."""
    long = ("&" * 5000,) * 30
    part = an_assessment(
        "o" * 500,
        configuration={"new_key": "&" * 500},
        verdict=Verdict.UNKNOWN,
        reasons=(Reason("r", Verdict.UNKNOWN, "&" * 5000, "s"),),
        monthly=Monthly("USD", Decimal(10**12), None, None, long),
        meets_need=False,
        unmet=long,
    )
    many = tuple(an_assessment(f"{n}" + "&" * 500, meets_need=False, unmet=long) for n in range(99))
    plan = Plan(parts=(part, part), monthly=part.monthly, met=frozenset(), unmet=long)
    return an_advice(
        known=KnownVm(vm=a_vm("&" * 5000, 64)),
        recommended=plan,
        nearest=(plan,) * 30,
        assessments=many,
        in_place=tuple(is_in_place(text) for text in long),
        drives_spread=long[0],
        need=Need(origin=dict.fromkeys(map(str, range(30)), long[0])),
        prices_as_of=long[0],
        **dict.fromkeys(
            ("not_read", "reasons", "not_covered", "changes", "break_evens", "warnings"), long
        ),
        now=ProtectionNow(StateNow.PARTLY, long[0]),
    )
