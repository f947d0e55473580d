"""A decision made by hand, as JSON and in words: each of its parts by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from advisor.model import (
    Advice,
    Alternative,
    Assessment,
    Consistency,
    Course,
    Decision,
    Event,
    Gap,
    Line,
    LineKind,
    Meets,
    Meter,
    Monthly,
    Plan,
    PointTier,
    PriceOrigin,
    Proposal,
    Protection,
    ProtectionKind,
    ProtectionState,
    Range,
    Reason,
    Recovery,
    Rto,
    Source,
    Usage,
    Verdict,
)
from advisor.present.as_json import assessment_to_dict
from advisor.present.comparison import Column, best_recovery, columns, comparison, of_assessment
from advisor.present.decision_as_json import decision_to_dict
from advisor.present.decision_words import left_out, undecided, what_to_do
from advisor.present.document import advice_document, worth_knowing
from advisor.present.json_values import moment
from tests.strategies import a_vm, advise, known

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = Rto(HOUR, 2 * HOUR, 4 * HOUR, "documented")


def usd(amount: str) -> Monthly:
    value = Decimal(amount)
    return Monthly("USD", value, value, value)


def a_line(**changes: Any) -> Line:
    usage = Usage(
        name="Cache storage",
        kind=LineKind.RECURRING,
        meter=Meter("Storage", "General Block Blob v2", "Hot LRS", "Hot LRS Data Stored", "here"),
        unit="1 GB/Month",
        quantity=Range.exactly(Decimal(1)),
        source=Source.STATED,
        basis="said",
        optional=changes.pop("optional", False),
    )
    return Line(usage, Decimal(1), Range.exactly(Decimal(1)), **changes)


def an_option(
    option: str = "azure-backup", *, reasons: tuple[Reason, ...] = (), rpo: timedelta = DAY,
    verdict: Verdict = Verdict.YES, lines: tuple[Line, ...] = (), **changes: Any,
) -> Assessment:  # fmt: skip
    """One that serves deletion, for 20 USD a month."""
    tier = PointTier("vault", (Event.DELETION,), rpo, SOON, 30, Consistency.CRASH, isolated=True)
    proposal = Proposal(option, {}, verdict, reasons, (tier,), ())
    given = dict.fromkeys(Event) | {
        Event.DELETION: Recovery(rpo, changes.pop("rto", SOON), "vault")
    }
    facts = {"met": frozenset({Event.DELETION}), "meets_need": True, "unmet": (), **changes}
    return Assessment(
        proposal=proposal, lines=lines, monthly=usd("20"), recovery=given, **facts
    )  # fmt: skip


def a_plan(*parts: Assessment, amount: str = "20", **changes: Any) -> Plan:
    facts: dict[str, Any] = {"met": frozenset({Event.DELETION}), **changes}
    return Plan(parts=parts or (an_option(),), monthly=usd(amount), **facts)


def a_decision(**changes: Any) -> Decision:
    facts: dict[str, Any] = {
        "courses": (Course.KEEP,),
        "plan": a_plan(),
        "meets": Meets.YES,
        "conditions": (),
        "today": usd("15"),
        "difference": Decimal(5),
        "gaps": (),
        "unmet": (),
        "alternatives": (),
        "irreversible": (),
        "sentence": "Keep it.",
        **changes,
    }
    return Decision(**facts)


# --- as JSON ---------------------------------------------------------------------------------


def test_two_courses_are_one_action() -> None:
    written = decision_to_dict(a_decision(courses=(Course.ADJUST, Course.WAIT)))
    assert written["action"] == "adjust and wait"


def test_what_is_paid_today_stands_beside_what_is_paid_afterwards() -> None:
    written = decision_to_dict(a_decision())
    assert written["monthly"]["likely"] == "20"
    assert written["today"]["likely"] == "15"
    assert written["difference"] == "5"


def test_what_is_not_known_is_null_and_never_empty() -> None:
    unknown = a_decision(plan=None, today=None, difference=None, meets=Meets.NO)
    written = decision_to_dict(unknown)
    for key in ("condition", "monthly", "today", "difference", "missing_price"):
        assert written[key] is None, key
    assert written["options"] == []


def test_what_it_rests_on_and_up_to_which_price_it_holds_are_in_it() -> None:
    if_so = a_decision(meets=Meets.IF, conditions=("it rains", "it snows"), bound="Unless dearer.")
    written = decision_to_dict(if_so)
    assert (written["meets"], written["condition"]) == ("if", "it rains; it snows")
    assert written["missing_price"] == "Unless dearer."


def test_an_alternative_says_itself_how_well_it_meets_the_need() -> None:
    plans = (
        a_plan(unmet=("the loss of its region is not covered",), amount="7"),
        a_plan(met_if={Event.DELETION: ("it rains",)}, amount="8"),
        None,
    )
    others = tuple(Alternative("saving", plan, "For less.") for plan in plans)
    written = decision_to_dict(a_decision(alternatives=others))["alternatives"]
    assert [each["meets"] for each in written] == ["no", "if", None]
    assert [each["monthly"] and each["monthly"]["likely"] for each in written] == ["7", "8", None]


@pytest.mark.parametrize("value", [True, False])
def test_every_mark_of_an_assessment_is_in_its_json(value: bool) -> None:
    origin = PriceOrigin.CARRIED if value else PriceOrigin.WORKED_OUT
    line = a_line(optional=value, origin=origin, why="It is so everywhere.")
    written = assessment_to_dict(an_option(lines=(line,), in_place=value))
    assert written["in_place"] is value
    [shown] = written["lines"]
    assert (shown["optional"], shown["price_origin"]) == (value, origin.value)
    assert shown["price_why"] == "It is so everywhere."


def test_a_line_without_a_price_has_no_origin_of_it() -> None:
    line = a_line()._replace(unit_price=None, monthly=None, missing="There is no price.")
    [shown] = assessment_to_dict(an_option(lines=(line,)))["lines"]
    assert (shown["price_origin"], shown["price_why"]) == (None, None)


def test_a_moment_of_any_zone_is_written_in_utc() -> None:
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert moment(noon) == "2026-11-22T06:30:00Z"
    assert moment(noon.astimezone(UTC)) == moment(noon)


# --- in words --------------------------------------------------------------------------------


def test_a_gap_is_one_of_its_events_and_of_no_other() -> None:
    gaps = (Gap("data", 512, (Event.REGION,)), Gap("log", None, (Event.DELETION, Event.ZONE)))
    assert left_out(a_decision(gaps=gaps)) == (
        "No recovery point holds data (512 GB): region.",
        "No recovery point holds log (size not known): deletion and zone.",
    )


def test_the_price_up_to_which_a_decision_holds_is_the_last_thing_to_know() -> None:
    steps = what_to_do(a_decision(todo=("set it up",), bound="it is unless storage is dearer"))
    assert steps == ("Set it up.", "It is unless storage is dearer.")
    assert what_to_do(a_decision()) == ()


def rule(verdict: Verdict, *, blocking: bool = True, not_supplied: bool = False) -> Reason:
    text = f"A rule says {verdict.value}, {blocking}, {not_supplied}."
    return Reason("rule", verdict, text, "article", blocking, not_supplied)


EVERY_RULE = tuple(
    rule(verdict, blocking=blocking) for verdict in Verdict for blocking in (True, False)
)


def deciding(*parts: Assessment) -> Advice:
    """A real advice with a decision of ours."""
    return replace(advise(a_vm()), decision=a_decision(plan=a_plan(*parts)))


def test_only_an_open_rule_that_decides_is_told_as_undecided() -> None:
    told = undecided(deciding(an_option(reasons=EVERY_RULE)))
    assert told == ("Azure Backup: A rule says unknown, True, False.",)


def test_what_limits_an_option_without_forbidding_it_is_told_apart_from_what_forbids_it() -> None:
    limited = an_option(reasons=EVERY_RULE, verdict=Verdict.NO, meets_need=False)
    advice = replace(advise(a_vm()), assessments=(limited,), recommended=None)
    blocks = {getattr(each, "title", ""): each for each in advice_document(advice).blocks}
    assert blocks["Not allowed"].items == (  # type: ignore[union-attr]
        "Azure Backup: A rule says no, True, False. (article)",
    )
    allowed = limited._replace(proposal=limited.proposal._replace(verdict=Verdict.YES))
    assert list(worth_knowing(allowed, articles=False)) == [
        "A rule says no, False, False.",
        "A rule says unknown, True, False.",
        "A rule says unknown, False, False.",
    ]


@pytest.mark.parametrize(
    ("meets", "said"),
    [(True, "It meets the need."), (False, "Alone it does not meet the need."), (None, "")],
)
def test_what_is_in_place_says_whether_it_meets_the_need_alone(
    meets: bool | None, said: str
) -> None:
    advice = advise(known(a_vm(), protections=(stopped(),)))
    [found] = advice.in_place
    mine = replace(found, sentence="It is there.", assessment=an_option(meets_need=meets))
    blocks = advice_document(replace(advice, in_place=(mine,))).blocks
    [block] = [each for each in blocks if getattr(each, "title", "") == "In place today"]
    assert block.items[0] == f"It is there. {said}".strip()  # type: ignore[union-attr]


# --- side by side ----------------------------------------------------------------------------


def stopped(state: ProtectionState = ProtectionState.STOPPED) -> Protection:
    return Protection(kind=ProtectionKind.BACKUP, state=state)


def test_a_plan_is_allowed_only_where_all_of_its_parts_are() -> None:
    parts = {verdict: an_option(verdict=verdict) for verdict in Verdict}

    def allowed(*verdicts: Verdict) -> Verdict:
        column = of_assessment(parts[verdicts[0]])
        return column._replace(parts=tuple(parts[each] for each in verdicts)).allowed

    assert allowed(Verdict.YES, Verdict.NO) is Verdict.NO
    assert allowed(Verdict.YES, Verdict.UNKNOWN) is Verdict.UNKNOWN
    assert allowed(Verdict.UNKNOWN, Verdict.NO) is Verdict.NO
    assert allowed(Verdict.YES, Verdict.YES) is Verdict.YES


def cells(advice: Advice, label: str) -> tuple[tuple[str, ...], ...]:
    [row] = [each for each in comparison(advice).rows if each.cells[0] == (label,)]
    return tuple(row.cells[1:])


def shown(*assessments: Assessment) -> Advice:
    return replace(advise(a_vm()), assessments=assessments, recommended=None, in_place=())


def test_an_option_that_is_not_allowed_does_not_meet_the_need_and_gives_nothing() -> None:
    forbidden = shown(an_option(verdict=Verdict.NO, meets_need=True))
    assert cells(forbidden, "Meets need") == (("no",),)
    assert cells(forbidden, "Deletion") == (("-",),)
    assert cells(shown(an_option()), "Meets need") == (("yes",),)


@pytest.mark.parametrize(("source", "rto"), [("documented", "RTO 2 h"), ("assumed", "RTO ~2 h")])
def test_an_assumed_time_has_its_sign(source: str, rto: str) -> None:
    one = an_option(rto=SOON._replace(source=source))
    [(_, shown_rto)] = cells(shown(one), "Deletion")
    assert shown_rto == rto
    assert bool(comparison(shown(one)).notes) is (source == "assumed")


def test_of_two_parts_the_better_recovery_is_what_a_plan_gives() -> None:
    often, seldom = an_option(rpo=HOUR), an_option(rpo=DAY)
    for parts in ((often, seldom), (seldom, often)):
        best = best_recovery(parts, Event.DELETION)
        assert best is not None
        assert best.rpo == HOUR
        assert best_recovery(parts, Event.REGION) is None


def test_parts_that_hold_the_disks_together_give_what_the_last_of_them_gives() -> None:
    one, other = (
        part._replace(proposal=part.proposal._replace(tiers=(tier._replace(left_out=left_out),)))
        for part, left_out in (
            (an_option(rpo=HOUR), frozenset({"data"})),
            (an_option("snapshots", rpo=DAY), frozenset({"os"})),
        )
        for tier in part.proposal.tiers
    )
    together = best_recovery((one, other), Event.DELETION)
    assert together is not None
    assert together.rpo == DAY
    alone = best_recovery((one,), Event.DELETION)
    assert alone is not None
    assert alone.rpo == HOUR


@pytest.mark.parametrize("state", list(ProtectionState))
def test_only_what_runs_stands_beside_what_is_recommended(state: ProtectionState) -> None:
    advice = advise(known(a_vm(), protections=(stopped(),)))
    [found] = advice.in_place
    proposal = an_option().proposal._replace(configuration={"policy": "standard"})
    mine = replace(
        found,
        protection=stopped(state),
        assessment=an_option()._replace(proposal=proposal),
    )
    marks = [
        each.mark
        for each in columns(replace(advice, in_place=(mine,), recommended=None))
        if isinstance(each, Column)
    ]
    assert ("in place" in marks) is (state is ProtectionState.ACTIVE)
