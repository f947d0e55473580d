"""The forms of a fleet's report say the same, and a stranger's text stays a text in each."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from advisor.errors import UsageError
from advisor.fleet.cores import Work, advised
from advisor.fleet.report import fleet_report, fleet_rows
from advisor.fleet.rows import fleet_row
from advisor.fleet.sums import NO_TAG, grouping
from advisor.fleet.top import bought_for
from advisor.inventory.estate import Estate, InventoryRead
from advisor.inventory.find import Fleet
from advisor.inventory.joining import Resources
from advisor.model import Course, KnownVm, StateNow
from advisor.model.fleet import FindingKind, FleetReport, FleetRow
from advisor.needs import Tiers
from advisor.present.fleet_csv import csv_findings, csv_header, csv_rows, safe_cell
from advisor.present.fleet_json import json_end, json_rows, json_start
from advisor.present.fleet_text import fleet_text
from advisor.present.schema import schema
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from tests.bench.fleet import NOW, fleet

VMS = fleet(60)
FLEET = Draft202012Validator(schema("fleet"))


def _estate(vms: list[KnownVm]) -> Estate:
    return Estate(Fleet(tuple(vms)), Resources(), InventoryRead())


def _rows(vms: list[KnownVm]) -> list[FleetRow]:
    pricer = Pricer(shipped_book(), "USD", NOW.date())
    return list(fleet_rows(vms, "USD", Tiers(), pricer, NOW))


def _report(rows: list[FleetRow], vms: list[KnownVm]) -> FleetReport:
    pricer = Pricer(shipped_book(), "USD", NOW.date())
    return fleet_report(rows, _estate(vms), pricer, NOW, grouping("region"))


def test_json_csv_and_text_say_the_same() -> None:
    rows = _rows(VMS)
    report = _report(rows, VMS)
    parts = [json_start()]
    list(json_rows(rows, parts.append, ascii_only=True))
    parts.append(json_end(report, bought_for(rows, Decimal(500)), ascii_only=True))
    document = json.loads("".join(parts))
    FLEET.validate(document)
    lines = [csv_header()]
    list(csv_rows(rows, lines.append, "USD"))
    lines.extend(csv_findings(report))
    table = list(csv.DictReader(io.StringIO("".join(lines))))
    vms = [line for line in table if line["what"] == "vm"]
    assert [line["id"] for line in vms] == [vm["id"] for vm in document["vms"]]
    assert [line["state"] for line in vms] == [vm["state"] for vm in document["vms"]]
    assert [line["said"] for line in vms] == [vm["todo"] for vm in document["vms"]]
    today = sum(Decimal(line["today"]) for line in vms if line["today"])
    assert today == Decimal(document["sums"]["today"]) == report.sums.today
    found = [line for line in table if line["what"] != "vm"]
    assert [line["said"] for line in found] == [each["said"] for each in document["findings"]]
    counted = [line for line in found if line["counted"] == "yes"]
    saved = sum(Decimal(line["saves_least"]) for line in counted)
    assert saved == Decimal(document["saves"]["least"]) == report.saves.least
    text = fleet_text(report)
    for state, count in document["sums"]["by_state"].items():
        assert f"{count} {state}" in text


def test_a_row_says_what_the_advice_on_its_vm_says() -> None:
    from advisor.advising import advise_known
    from advisor.asked import AdviceAsked

    for known, row in zip(VMS, _rows(VMS), strict=True):
        asked = AdviceAsked(vm=known.vm.id)
        whole = advise_known(known, asked, Tiers(), shipped_book(), NOW)
        assert row.courses == whole.decision.courses
        assert row.after == (whole.decision.plan.monthly if whole.decision.plan else None)
        assert row._replace(todo="") == fleet_row(whole)._replace(todo="")


def test_several_cores_give_the_same_rows_in_the_same_order() -> None:
    vms = fleet(1_200)
    work = Work("USD", Tiers(), shipped_book(), NOW)
    assert list(advised(vms, work, cores=2)) == list(advised(vms, work, cores=1))


def test_a_tag_that_cannot_be_read_costs_only_its_own_vm() -> None:
    bad = replace(VMS[0], vm=replace(VMS[0].vm, tags={"vmbackup-churn": "much"}))
    rows = _rows([bad, *VMS[1:3]])
    assert rows[0].state is StateNow.UNKNOWN
    assert "vmbackup-churn" in rows[0].state_words
    assert rows[0].today is None
    assert rows[1:] == _rows(VMS[1:3])
    assert _report(rows, VMS[:3]).sums.today_without_price >= 1


@given(st.text(max_size=30))
def test_no_cell_is_a_formula(text: str) -> None:
    cell = safe_cell(text)
    number = cell.removeprefix("-").replace(".", "", 1).isdecimal()
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or number
    assert cell.endswith(text)


def test_names_of_strangers_move_no_cursor() -> None:
    evil = replace(VMS[0], vm=replace(VMS[0].vm, name="web\x1b[2J\n=cmd|' /C calc'!A0"))
    report = _report(_rows([evil]), [evil])
    assert "\x1b" not in fleet_text(report)


@pytest.mark.parametrize("text", ["", "owner", "tag:", "Tag:owner", "subscriptions"])
def test_what_cannot_be_grouped_by_is_told_with_what_can(text: str) -> None:
    with pytest.raises(UsageError, match=r"subscription, region, tier or tag:NAME"):
        grouping(text)


def test_a_tag_groups_in_any_case_and_its_absence_is_a_group() -> None:
    rows = _rows(VMS)
    group_of = grouping("tag:ENVIRONMENT")
    names = {group_of(row) for row in rows}
    assert {"production", NO_TAG} <= names


@given(st.integers(1, 5_000))
def test_a_budget_is_never_exceeded_and_a_larger_one_buys_no_less(budget: int) -> None:
    rows = _ROWS
    bought = bought_for(rows, Decimal(budget))
    assert sum(each.costs for each in bought) <= budget
    assert [each.running for each in bought] == sorted(each.running for each in bought) or any(
        each.costs < 0 for each in bought
    )
    assert len(bought_for(rows, Decimal(budget * 2))) >= len(bought)


_ROWS = _rows(VMS)


def test_the_schema_knows_every_state_action_and_kind_of_finding() -> None:
    shape = schema("fleet")
    vm = shape["properties"]["vms"]["items"]["properties"]
    assert vm["state"]["enum"] == [state.value for state in StateNow]
    assert vm["action"]["items"]["enum"] == [course.value for course in Course]
    assert shape["$defs"]["kind"]["enum"] == [kind.value for kind in FindingKind]
